//! A socket before Docker's that counts the requests that pass.

use std::fs;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result};

/// Where the daemon listens that benchmarks measure with.
const DAEMON: &str = "/var/run/docker.sock";

/// What ends the first line of a request.
const FIRST_LINE_END: &[u8] = b" HTTP/1.1\r\n";

/// A proxy; it serves as long as this process lives.
pub(super) struct Proxy {
    socket: PathBuf,
    requests: Arc<AtomicUsize>,
}

impl Proxy {
    /// Listens at `socket`.
    pub(super) fn start(socket: &Path) -> Result<Self> {
        if socket.exists() {
            fs::remove_file(socket)?;
        }
        let listener = UnixListener::bind(socket)
            .with_context(|| format!("cannot listen at {}", socket.display()))?;
        let requests = Arc::new(AtomicUsize::new(0));
        let counter = requests.clone();
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                // A client whose daemon is gone sees its connection end.
                let _ = serve(client, counter.clone());
            }
        });
        Ok(Self {
            socket: socket.to_owned(),
            requests,
        })
    }

    /// The value of `DOCKER_HOST` that leads through it.
    pub(super) fn host(&self) -> String {
        format!("unix://{}", self.socket.display())
    }

    /// How many requests it has passed on.
    pub(super) fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}

/// Passes on both ways in threads of their own.
fn serve(client: UnixStream, requests: Arc<AtomicUsize>) -> std::io::Result<()> {
    let daemon = UnixStream::connect(DAEMON)?;
    let (back, from) = (client.try_clone()?, daemon.try_clone()?);
    thread::spawn(move || {
        let mut counter = Counter::default();
        pass_on(client, daemon, |bytes| {
            requests.fetch_add(counter.count(bytes), Ordering::Relaxed);
        });
    });
    thread::spawn(move || pass_on(from, back, |_| ()));
    Ok(())
}

fn pass_on(mut from: UnixStream, mut to: UnixStream, mut look: impl FnMut(&[u8])) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        look(&buffer[..length]);
        if to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    // The other side may have closed it already.
    let _ = to.shutdown(Shutdown::Write);
}

/// Counts requests in a stream that comes in pieces.
#[derive(Default)]
struct Counter {
    /// How many bytes of [`FIRST_LINE_END`] the stream ended with.
    seen: usize,
}

impl Counter {
    fn count(&mut self, bytes: &[u8]) -> usize {
        let mut found = 0;
        for &byte in bytes {
            // A mismatch can be the beginning of another match: the end of a
            // first line begins with the only blank in it.
            if byte != FIRST_LINE_END[self.seen] {
                self.seen = 0;
            }
            if byte == FIRST_LINE_END[self.seen] {
                self.seen += 1;
            }
            if self.seen == FIRST_LINE_END.len() {
                found += 1;
                self.seen = 0;
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_across_pieces() {
        let mut counter = Counter::default();
        let text =
            b"GET /_ping HTTP/1.1\r\nHost: x\r\n\r\nPOST /build?a=  HTTP/1.1\r\n\r\n HTTP/1.0\r\n";
        let found: usize = text.chunks(3).map(|piece| counter.count(piece)).sum();
        assert_eq!(found, 2);
    }
}
