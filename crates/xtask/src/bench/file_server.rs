//! Python's server of plain files: the testkit's is also on Docker's bridge, and asks for a daemon.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Result, bail};

const PORT: u16 = 47841;

/// The server. It ends when dropped.
pub(super) struct FileServer {
    process: Child,
    url: String,
}

impl FileServer {
    /// Serves `folder`.
    pub(super) fn start(python: &Path, folder: &Path) -> Result<Self> {
        let process = Command::new(python)
            .args(["-m", "http.server", &PORT.to_string()])
            .args(["--bind", "127.0.0.1", "--directory"])
            .arg(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let server = FileServer {
            process,
            url: format!("http://127.0.0.1:{PORT}"),
        };
        for _ in 0..100 {
            if TcpStream::connect(("127.0.0.1", PORT)).is_ok() {
                return Ok(server);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        bail!("nothing listens on port {PORT}")
    }

    /// What the URLs of its files begin with.
    pub(super) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for FileServer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
