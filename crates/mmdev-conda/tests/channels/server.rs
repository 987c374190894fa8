//! A channel's server that misbehaves on request.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

/// What is done with one request.
pub(crate) enum Action {
    /// The file is sent, or 404.
    Serve,
    /// This status without a body and without any other header.
    Status(u16),
    /// Nothing, until [`Server::open`]; then the file.
    Wait,
}

/// One request.
pub(crate) struct Request {
    pub(crate) path: String,
    /// The headers, their names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
}

type Rule = Box<dyn FnMut(&Request) -> Action + Send>;

struct Shared {
    folder: PathBuf,
    rule: Mutex<Rule>,
    requests: Mutex<Vec<Request>>,
    asked: Condvar,
    gate: (Mutex<bool>, Condvar),
}

/// Serves a folder on a port of its own until the test's end.
pub(crate) struct Server {
    shared: Arc<Shared>,
    port: u16,
}

impl Server {
    pub(crate) fn start(folder: PathBuf) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            folder,
            rule: Mutex::new(Box::new(|_| Action::Serve)),
            requests: Mutex::default(),
            asked: Condvar::new(),
            gate: Default::default(),
        });
        let server = Server {
            shared: Arc::clone(&shared),
            port,
        };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                // A client that goes away in the middle is its own business.
                thread::spawn(move || shared.answer(&stream).ok());
            }
        });
        server
    }

    /// The URL of the served folder, without a slash at its end.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// From now on each request is done with as `rule` says.
    pub(crate) fn rule(&self, rule: impl FnMut(&Request) -> Action + Send + 'static) {
        *self.shared.rule.lock().unwrap() = Box::new(rule);
    }

    /// Lets those go on that were told to wait, and all later ones.
    pub(crate) fn open(&self) {
        *self.shared.gate.0.lock().unwrap() = true;
        self.shared.gate.1.notify_all();
    }

    /// What was asked for so far, `count` requests or more, in the order of the paths; the list begins anew.
    pub(crate) fn requests(&self, count: usize) -> Vec<Request> {
        let requests = self.shared.requests.lock().unwrap();
        let too_few = |requests: &mut Vec<Request>| requests.len() < count;
        let mut requests = self.shared.asked.wait_while(requests, too_few).unwrap();
        let mut requests = std::mem::take(&mut *requests);
        requests.sort_by(|left, right| left.path.cmp(&right.path));
        requests
    }
}

impl Shared {
    fn answer(&self, stream: &TcpStream) -> std::io::Result<()> {
        let mut lines = BufReader::new(stream).lines();
        let first = lines.next().transpose()?.unwrap_or_default();
        let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
        let headers = lines
            .map_while(Result::ok)
            .take_while(|line| !line.is_empty())
            .filter_map(|line| {
                let (name, value) = line.split_once(':')?;
                Some((name.to_ascii_lowercase(), value.trim().to_owned()))
            })
            .collect();
        let request = Request { path, headers };
        let action = (self.rule.lock().unwrap())(&request);
        let file = self.folder.join(request.path.trim_start_matches('/'));
        self.requests.lock().unwrap().push(request);
        self.asked.notify_all();
        let (status, body) = match action {
            Action::Status(status) => (status, None),
            Action::Serve => (200, std::fs::read(file).ok()),
            Action::Wait => {
                let closed = self.gate.0.lock().unwrap();
                drop(self.gate.1.wait_while(closed, |open| !*open).unwrap());
                (200, std::fs::read(file).ok())
            }
        };
        let mut stream = stream;
        match body {
            None if status == 200 => {
                stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n")?;
            }
            None => write!(stream, "HTTP/1.1 {status} Said So\r\nContent-Length: 0\r\n")?,
            Some(body) => {
                // A validator, and no word on how long it stays true.
                write!(
                    stream,
                    "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nETag: \"{}\"\r\nCache-Control: max-age=0\r\n",
                    body.len(),
                    body.len()
                )?;
                stream.write_all(b"Connection: close\r\n\r\n")?;
                return stream.write_all(&body);
            }
        }
        stream.write_all(b"Connection: close\r\n\r\n")
    }
}
