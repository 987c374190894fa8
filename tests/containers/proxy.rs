//! The daemon behind a socket of a test's own: what goes through is counted, and it can be cut as if the daemon ended.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// A socket that leads to the daemon.
pub(crate) struct Proxy {
    folder: tempfile::TempDir,
    asked: Arc<AtomicU64>,
    open: Arc<Mutex<Vec<UnixStream>>>,
}

impl Proxy {
    pub(crate) fn start() -> Self {
        let proxy = Proxy {
            folder: tempfile::tempdir().unwrap(),
            asked: Arc::default(),
            open: Arc::default(),
        };
        proxy.restore();
        proxy
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("docker.sock")
    }

    /// The address, as DOCKER_HOST has it.
    pub(crate) fn address(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    /// How many bytes were sent to the daemon.
    pub(crate) fn asked(&self) -> u64 {
        self.asked.load(Ordering::SeqCst)
    }

    /// The daemon is gone: every connection ends, and no new one is taken.
    pub(crate) fn cut(&self) {
        std::fs::remove_file(self.socket()).unwrap();
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// It is back.
    pub(crate) fn restore(&self) {
        let listener = UnixListener::bind(self.socket()).unwrap();
        let (asked, open) = (self.asked.clone(), self.open.clone());
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let daemon = UnixStream::connect("/var/run/docker.sock").unwrap();
                for stream in [&client, &daemon] {
                    open.lock().unwrap().push(stream.try_clone().unwrap());
                }
                let (from, to) = (client.try_clone().unwrap(), daemon.try_clone().unwrap());
                let asked = asked.clone();
                std::thread::spawn(move || pass(from, to, Some(asked)));
                std::thread::spawn(move || pass(daemon, client, None));
            }
        });
    }
}

fn pass(mut from: UnixStream, mut to: UnixStream, count: Option<Arc<AtomicU64>>) -> io::Result<()> {
    let mut buffer = [0; 64 * 1024];
    loop {
        let length = from.read(&mut buffer)?;
        if length == 0 {
            return to.shutdown(Shutdown::Write);
        }
        if let Some(count) = &count {
            count.fetch_add(length as u64, Ordering::SeqCst);
        }
        to.write_all(&buffer[..length])?;
    }
}
