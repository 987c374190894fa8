//! A small HTTP server for the files of the test world, or of one test.

use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::Path;
use std::thread;

use axum::Router;
use tokio::sync::oneshot;
use tower_http::services::ServeDir;

/// Serves a folder over HTTP until it is dropped.
pub struct HttpServer {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl HttpServer {
    /// Serves `folder` on a free port of the loopback interface.
    ///
    /// # Panics
    /// If the address cannot be bound: a test can do nothing without it.
    pub fn start(folder: &Path) -> Self {
        Self::bind(folder, IpAddr::from([127, 0, 0, 1]), 0)
            .unwrap_or_else(|error| panic!("cannot serve {}: {error}", folder.display()))
    }

    /// Serves `folder` on `address`; port 0 takes any free one.
    ///
    /// # Errors
    /// If the address is taken or not this machine's.
    pub fn bind(folder: &Path, address: IpAddr, port: u16) -> std::io::Result<Self> {
        let listener = TcpListener::bind((address, port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let routes = Router::new().fallback_service(ServeDir::new(folder));
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = thread::spawn(move || {
            runtime.block_on(async move {
                let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
                    return;
                };
                let serving = axum::serve(listener, routes);
                tokio::select! {
                    _ = serving => (),
                    _ = stopped => (),
                }
            });
        });
        Ok(Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// The server's URL, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The other end is gone when serving has failed already.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;

    use super::*;

    fn get(server: &HttpServer, path: &str) -> String {
        let mut stream = TcpStream::connect(server.address).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn it_serves_files_and_folders_with_an_index_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("served")).unwrap();
        std::fs::write(folder.path().join("secret"), "secret").unwrap();
        std::fs::write(folder.path().join("served/index.html"), "index").unwrap();
        let server = HttpServer::start(&folder.path().join("served"));

        assert!(get(&server, "/").ends_with("\r\n\r\nindex"));
        assert!(get(&server, "/absent").starts_with("HTTP/1.1 404"));
        for path in ["/../secret", "/%2e%2e/secret", "/%2e%2e%2fsecret"] {
            let answer = get(&server, path);
            assert!(!answer.contains("\r\n\r\nsecret"), "{path}: {answer}");
        }
    }
}
