//! A second Docker daemon, with nothing in it: a teammate's machine.

use std::fs::File;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::registry::Registry;

/// Brings up loopback, which is all that the network has, and becomes the daemon.
const SCRIPT: &str = r#"busybox ip link set lo up && exec dockerd "$@""#;

/// A daemon with a network, a storage and a socket of its own; all goes when this is dropped.
///
/// In its network there are only registries, at the addresses that they have in this machine's. (On this machine's network a
/// second daemon without a bridge would remove the first one's.)
pub struct FreshDaemon {
    daemon: Child,
    registries: Vec<Child>,
    folder: tempfile::TempDir,
}

#[allow(clippy::unwrap_used)]
impl FreshDaemon {
    /// Starts one.
    ///
    /// # Panics
    /// If it does not start, with its log; it takes root, or sudo.
    pub fn start(registries: &[&Registry]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        std::fs::write(path("daemon.json"), "{}").unwrap();
        let log = File::create(path("log")).unwrap();
        let group = rustix::process::getgid().as_raw().to_string();
        let mut command = as_root("unshare");
        command
            .args(["--net", "sh", "-c", SCRIPT, "dockerd"])
            .args(["--config-file", &path("daemon.json")])
            .args(["--data-root", &path("data"), "--exec-root", &path("exec")])
            .args(["--pidfile", &path("pid"), "--group", &group])
            .args(["--host", &format!("unix://{}", path("socket"))])
            .args(["--containerd-namespace", "mmdev-fresh"])
            .args(["--containerd-plugins-namespace", "mmdev-fresh-plugins"])
            .args(["--bridge=none", "--iptables=false", "--ip6tables=false"])
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        let mut daemon = command
            .spawn()
            .unwrap_or_else(|error| panic!("cannot run unshare: {error}"));
        let deadline = Instant::now() + Duration::from_secs(90);
        let answers = || {
            let mut version = Command::new("docker");
            version.args(["--host", &format!("unix://{}", path("socket")), "version"]);
            version.output().is_ok_and(|output| output.status.success())
        };
        while !answers() {
            let ended = daemon.try_wait().unwrap();
            assert!(
                ended.is_none() && Instant::now() < deadline,
                "the second dockerd does not answer ({ended:?}): {}",
                std::fs::read_to_string(path("log")).unwrap_or_default()
            );
            sleep(Duration::from_millis(100));
        }
        let id = std::fs::read_to_string(path("pid")).unwrap();
        let sockets = format!("/proc/{}/net/tcp", id.trim());
        let serve = |registry: &&Registry| {
            let mut inside = as_root("nsenter");
            inside.args(["--target", id.trim(), "--net", "docker-registry"]);
            let process = registry.serve_by(inside);
            let (_, port) = registry.address().split_once(':').unwrap();
            let port: u16 = port.parse().unwrap();
            // As the kernel lists a socket of that network that listens.
            let listens = format!(":{port:04X} 00000000:0000 0A");
            while !std::fs::read_to_string(&sockets)
                .unwrap()
                .contains(&listens)
            {
                assert!(Instant::now() < deadline, "no registry beside the daemon");
                sleep(Duration::from_millis(50));
            }
            process
        };
        Self {
            daemon,
            registries: registries.iter().map(serve).collect(),
            folder,
        }
    }

    /// What DOCKER_HOST is for it.
    pub fn host(&self) -> String {
        format!("unix://{}", self.folder.path().join("socket").display())
    }
}

/// `program` as root.
fn as_root(program: &str) -> Command {
    if rustix::process::getuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.args(["--non-interactive", program]);
    command
}

impl Drop for FreshDaemon {
    fn drop(&mut self) {
        // sudo passes SIGTERM on.
        for process in self.registries.iter_mut().chain([&mut self.daemon]) {
            let id = process.id().to_string();
            let _ = as_root("kill").arg(id).status();
            let _ = process.wait();
        }
        // What is in it is root's.
        let _ = as_root("rm").arg("-rf").arg(self.folder.path()).status();
    }
}
