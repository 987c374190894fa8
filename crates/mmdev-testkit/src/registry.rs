//! An image registry on loopback, for tests in which a pull or a digest matters.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Debian's docker-registry with a storage of its own; stopped when dropped.
pub struct Registry {
    process: Child,
    address: String,
    storage: tempfile::TempDir,
}

/// Who may use a [`Registry::with_login`], and the password.
pub const LOGIN: (&str, &str) = ("tester", "s3cret-word");

/// The same in the one form that the registry reads: bcrypt, made once by libcrypt.
const HTPASSWD: &str = "tester:$2b$04$abcdefghijklmnopqrstuuzQDw2v3CQSMowG.sq3X.nH1lfmlmQMW\n";

impl Registry {
    /// Starts one on a free port.
    ///
    /// # Panics
    /// If it does not start: a test can do nothing without it.
    pub fn start() -> Self {
        Self::of("")
    }

    /// The same for those only who know [`LOGIN`].
    ///
    /// # Panics
    /// As [`Registry::start`].
    pub fn with_login() -> Self {
        Self::of("auth: {htpasswd: {realm: test, path: htpasswd}}\n")
    }

    fn of(more: &str) -> Self {
        let storage = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
        // The port is free between here and the registry's own bind; nobody
        // else on a test machine asks for one by number there.
        let address = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .unwrap_or_else(|error| panic!("no free port: {error}"))
            .to_string();
        let images = storage.path().join("images");
        fs::write(storage.path().join("htpasswd"), HTPASSWD)
            .unwrap_or_else(|error| panic!("{error}"));
        fs::write(
            storage.path().join("config.yml"),
            format!(
                "version: 0.1\nlog: {{level: error}}\n\
                 storage: {{filesystem: {{rootdirectory: {}}}, delete: {{enabled: true}}}}\n\
                 http: {{addr: \"{address}\"}}\n{more}",
                images.display()
            ),
        )
        .unwrap_or_else(|error| panic!("{error}"));
        let mut process = serve(Command::new("docker-registry"), storage.path());
        let deadline = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(&address).is_err() {
            let ended = process.try_wait().ok().flatten();
            assert!(
                ended.is_none() && Instant::now() < deadline,
                "docker-registry does not listen on {address} ({ended:?})"
            );
            sleep(Duration::from_millis(50));
        }
        Self {
            process,
            address,
            storage,
        }
    }

    /// Serves the same at the same address by another program that runs docker-registry: in another network.
    pub(crate) fn serve_by(&self, program: Command) -> Child {
        serve(program, self.storage.path())
    }

    /// `HOST:PORT`, with which names of its images begin. Docker takes a
    /// registry on loopback without TLS.
    pub fn address(&self) -> &str {
        &self.address
    }
}

fn serve(mut program: Command, storage: &Path) -> Child {
    program
        .arg("serve")
        .arg("config.yml")
        .current_dir(storage)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| {
            panic!("cannot run docker-registry: {error}; hint: `cargo xtask test` installs it")
        })
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
