//! A channel's server that misbehaves on request.

#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "it is a part of tests"
)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

/// What is done with one request.
#[derive(Debug, Clone)]
pub enum Action {
    /// The file is sent, or 404.
    Serve,
    /// This status without a body, and without any header but the one that a 401 asks for name and password with.
    Status(u16),
    /// These bytes in place of the file.
    Bytes(Vec<u8>),
    /// The file, byte by byte, one in this time.
    Drip(Duration),
    /// So many bytes of the file, after all of it was promised.
    Break(usize),
    /// A redirect to this URL.
    Moved(String),
    /// Nothing, until [`FaultyServer::open`]; then the file.
    Wait,
}

/// One request.
#[derive(Debug)]
pub struct Request {
    /// What is asked for.
    pub path: String,
    /// The headers, their names in lower case.
    pub headers: BTreeMap<String, String>,
}

type Rule = Box<dyn FnMut(&Request) -> Action + Send>;

struct Shared {
    folder: PathBuf,
    rule: Mutex<Rule>,
    requests: Mutex<Vec<Request>>,
    asked: Condvar,
    /// The bytes of bodies that were sent.
    sent: Mutex<u64>,
    sending: Condvar,
    gate: (Mutex<bool>, Condvar),
}

/// Serves a folder on a port of its own until the test's end.
pub struct FaultyServer {
    shared: Arc<Shared>,
    port: u16,
}

impl FaultyServer {
    /// Serves `folder`.
    pub fn start(folder: PathBuf) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            folder,
            rule: Mutex::new(Box::new(|_| Action::Serve)),
            requests: Mutex::default(),
            asked: Condvar::new(),
            sent: Mutex::default(),
            sending: Condvar::new(),
            gate: Default::default(),
        });
        let server = FaultyServer {
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
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// From now on each request is done with as `rule` says.
    pub fn rule(&self, rule: impl FnMut(&Request) -> Action + Send + 'static) {
        *self.shared.rule.lock().unwrap() = Box::new(rule);
    }

    /// Lets those go on that were told to wait, and all later ones.
    pub fn open(&self) {
        *self.shared.gate.0.lock().unwrap() = true;
        self.shared.gate.1.notify_all();
    }

    /// What was asked for so far, `count` requests or more, in the order of the paths; the list begins anew.
    pub fn requests(&self, count: usize) -> Vec<Request> {
        let requests = self.shared.requests.lock().unwrap();
        let too_few = |requests: &mut Vec<Request>| requests.len() < count;
        let mut requests = self.shared.asked.wait_while(requests, too_few).unwrap();
        let mut requests = std::mem::take(&mut *requests);
        requests.sort_by(|left, right| left.path.cmp(&right.path));
        requests
    }

    /// Waits until so many bytes of bodies were sent since the last time, or `patience` is over; the count begins
    /// anew.
    pub fn sent(&self, count: u64, patience: Duration) -> u64 {
        let sent = self.shared.sent.lock().unwrap();
        let too_few = |sent: &mut u64| *sent < count;
        let waited = self
            .shared
            .sending
            .wait_timeout_while(sent, patience, too_few);
        std::mem::take(&mut *waited.unwrap().0)
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
        let path = request.path.split('?').next().unwrap_or_default();
        let file = self.folder.join(path.trim_start_matches('/'));
        let range = request.headers.get("range").and_then(|range| {
            let from = range.strip_prefix("bytes=")?.strip_suffix('-')?;
            from.parse::<usize>().ok()
        });
        self.requests.lock().unwrap().push(request);
        self.asked.notify_all();
        let (body, pace, most) = match action {
            Action::Status(status) => {
                // A client looks at the number alone.
                let challenge = match status {
                    401 => "WWW-Authenticate: Basic realm=\"here\"\r\n",
                    _ => "",
                };
                return write!(
                    &*stream,
                    "HTTP/1.1 {status} Said So\r\n{challenge}Content-Length: 0\r\nConnection: close\r\n\r\n"
                );
            }
            Action::Moved(to) => {
                return write!(
                    &*stream,
                    "HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                );
            }
            Action::Serve => (std::fs::read(file).ok(), None, usize::MAX),
            Action::Bytes(bytes) => (Some(bytes), None, usize::MAX),
            Action::Drip(pace) => (std::fs::read(file).ok(), Some(pace), usize::MAX),
            Action::Break(most) => (std::fs::read(file).ok(), None, most),
            Action::Wait => {
                let closed = self.gate.0.lock().unwrap();
                drop(self.gate.1.wait_while(closed, |open| !*open).unwrap());
                (std::fs::read(file).ok(), None, usize::MAX)
            }
        };
        let mut stream = stream;
        let Some(body) = body else {
            return stream.write_all(
                b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            );
        };
        let all = body.len();
        let from = range.filter(|from| *from < all);
        let body = &body[from.unwrap_or_default()..];
        match from {
            Some(from) => write!(
                stream,
                "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {from}-{}/{all}\r\n",
                all - 1
            )?,
            None => write!(stream, "HTTP/1.1 200 OK\r\n")?,
        }
        // A validator, and no word on how long it stays true.
        write!(
            stream,
            "Content-Length: {}\r\nETag: \"{all}\"\r\nCache-Control: max-age=0\r\nConnection: close\r\n\r\n",
            body.len(),
        )?;
        let body = &body[..most.min(body.len())];
        let part = if pace.is_some() { 1 } else { 1 << 14 };
        for part in body.chunks(part) {
            stream.write_all(part)?;
            *self.sent.lock().unwrap() += part.len() as u64;
            self.sending.notify_all();
            if let Some(pace) = pace {
                // This is what the server is slow by; nothing is waited for.
                thread::sleep(pace);
            }
        }
        Ok(())
    }
}
