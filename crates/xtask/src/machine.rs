//! What tests need from the machine: Debian packages, a Docker daemon, Node packages.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::shell::{as_root, is_root, read, run, say, step, succeeds, which, workspace};

/// A Debian package that the tests need: the program by which its presence is
/// seen, the package, and why it is wanted.
struct Needed(&'static str, &'static str, &'static str);

const NEEDED: &[Needed] = &[
    Needed("dockerd", "docker.io", "runs the containers under test"),
    Needed(
        "docker",
        "docker-cli",
        "used by the devcontainer CLI and the engine's tests",
    ),
    Needed(
        "mmdebstrap",
        "mmdebstrap",
        "makes the Debian root file system and unpacks Python",
    ),
    Needed("patchelf", "patchelf", "makes Debian's Python relocatable"),
    Needed("gcc", "gcc", "compiles a test package"),
    Needed("pip3", "python3-pip", "downloads wheels from PyPI"),
    Needed(
        "docker-registry",
        "docker-registry",
        "serves images where a pull or a digest matters",
    ),
    Needed("npm", "npm", "installs the devcontainer CLI and VS Code"),
    Needed("g++", "g++", "compiles parts of VS Code"),
    Needed("make", "make", "compiles parts of VS Code"),
    Needed(
        "chromium",
        "chromium",
        "shows VS Code to the extension's tests",
    ),
    Needed("git", "git", "used by tests of worktrees and identities"),
    Needed("zsh", "zsh", "a shell in which environments are activated"),
    Needed(
        "fish",
        "fish",
        "a shell in which environments are activated",
    ),
    Needed(
        "nvim",
        "neovim",
        "an editor that the language server serves",
    ),
    Needed(
        "busybox",
        "busybox-static",
        "makes the small images of the engine's tests",
    ),
];

/// Installs what is missing, saying out loud what and why.
pub(crate) fn install() -> Result<()> {
    let missing: Vec<_> = NEEDED
        .iter()
        .filter(|Needed(program, ..)| which(program).is_none())
        .collect();
    if missing.is_empty() {
        say("every Debian package that tests need is there");
        return Ok(());
    }
    for Needed(_, package, why) in &missing {
        say(format!("{package} is missing ({why}): to be installed"));
    }
    let names: Vec<_> = missing
        .iter()
        .map(|Needed(_, package, _)| *package)
        .collect();
    if which("apt-get").is_none() {
        bail!(
            "this is not Debian; install these with your own package manager: {}",
            names.join(", ")
        );
    }
    if !is_root() && which("sudo").is_none() {
        bail!(
            "run this as root, or install sudo: apt-get must install {}",
            names.join(", ")
        );
    }
    step("apt-get update", || {
        run(as_root("apt-get").args(["update", "-qq"]))
    })?;
    // Debian 12 has docker-cli's program inside docker.io.
    let names: Vec<_> = names.into_iter().filter(|name| has_package(name)).collect();
    apt_install(&names)
}

/// Installs packages; dpkg's thousand lines are shown only if it fails.
fn apt_install(names: &[&str]) -> Result<()> {
    step(&format!("apt-get install {}", names.join(" ")), || {
        read(
            as_root("env")
                .args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "install"])
                .args(["-qq", "-y", "--no-install-recommends"])
                .args(names),
        )?;
        Ok(())
    })
}

fn has_package(name: &str) -> bool {
    read(Command::new("apt-cache").args(["show", name])).is_ok_and(|text| !text.is_empty())
}

/// The Debian mirror of this machine's apt, so that a local mirror is used by
/// whatever is made here; `MMDEV_DEBIAN_MIRROR` names another.
pub(crate) fn debian_mirror() -> String {
    if let Ok(mirror) = std::env::var("MMDEV_DEBIAN_MIRROR") {
        return mirror;
    }
    let targets = read(Command::new("apt-get").args([
        "indextargets",
        "--format",
        "$(LABEL) $(REPO_URI)",
        "Created-By: Packages",
    ]))
    .unwrap_or_default();
    targets
        .lines()
        .find_map(|line| line.strip_prefix("Debian "))
        .map_or("http://deb.debian.org/debian", |uri| {
            uri.trim_end_matches('/')
        })
        .to_owned()
}

/// The proxy that apt uses here, if any.
pub(crate) fn apt_proxy() -> Option<String> {
    let text = read(Command::new("apt-config").args(["dump", "Acquire::http::Proxy"])).ok()?;
    let (_, value) = text.split_once('"')?;
    value
        .split('"')
        .next()
        .filter(|proxy| !proxy.is_empty())
        .map(str::to_owned)
}

/// Makes `docker buildx` work, which the devcontainer CLI asks for. Debian 12
/// has no package; the program in Debian 13's runs there as a CLI plugin. Its
/// package is fetched with apt's own checks, but with private sources and
/// state: the machine's are not touched.
pub(crate) fn install_buildx(cache: &Path) -> Result<()> {
    if succeeds(Command::new("docker").args(["buildx", "version"])) {
        return Ok(());
    }
    if has_package("docker-buildx") {
        say("docker-buildx is missing (the devcontainer CLI builds with it): to be installed");
        return apt_install(&["docker-buildx"]);
    }
    say("docker buildx is missing: Debian 13's docker-buildx goes into ~/.docker/cli-plugins");
    step("fetch docker-buildx from Debian 13", || {
        let folder = cache.join("docker-buildx");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        for part in ["state/lists/partial", "cache/archives/partial", "unpacked"] {
            fs::create_dir_all(folder.join(part))?;
        }
        let sources = folder.join("sources.list");
        let keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
        fs::write(
            &sources,
            format!(
                "deb [signed-by={keyring}] {} trixie main\n",
                debian_mirror()
            ),
        )?;
        let apt = || {
            let mut command = Command::new("apt-get");
            command
                .current_dir(&folder)
                .arg("-q")
                .args(["-o", &format!("Dir::Etc::SourceList={}", sources.display())])
                .args(["-o", "Dir::Etc::SourceParts=/dev/null"])
                .args(["-o", &format!("Dir::State={}/state", folder.display())])
                .args(["-o", "Dir::State::Status=/dev/null"])
                .args(["-o", &format!("Dir::Cache={}/cache", folder.display())])
                .args(["-o", "Acquire::Languages=none"])
                // Hooks of the machine's apt (caches of desktops) do not concern us.
                .args(["-o", "APT::Sandbox::User=root"]);
            command
        };
        run(apt().arg("update"))?;
        run(apt().args(["download", "docker-buildx"]))?;
        let package = fs::read_dir(&folder)?
            .filter_map(Result::ok)
            .map(|entry| entry.path())
            .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
            .context("apt-get downloaded nothing")?;
        run(Command::new("dpkg-deb")
            .arg("-x")
            .arg(package)
            .arg(folder.join("unpacked")))?;
        let plugins = PathBuf::from(std::env::var_os("HOME").context("HOME is not set")?)
            .join(".docker/cli-plugins");
        fs::create_dir_all(&plugins)?;
        fs::copy(
            folder.join("unpacked/usr/libexec/docker/cli-plugins/docker-buildx"),
            plugins.join("docker-buildx"),
        )?;
        run(Command::new("docker").args(["buildx", "version"]))
    })
}

/// Installs the devcontainer CLI, as pinned beside the container tests.
pub(crate) fn install_node_packages() -> Result<()> {
    let mut npm = Command::new("npm");
    npm.arg("ci")
        .current_dir(workspace().join("tests/containers"));
    npm_ci(
        npm,
        "@devcontainers/cli, with which tests open what mmdev generates",
    )
}

/// Runs `npm ci`, as it is given with its folder, unless the folder has what its lock file says.
pub(crate) fn npm_ci(mut npm: Command, what: &str) -> Result<()> {
    let folder = npm.get_current_dir().unwrap_or(workspace()).to_owned();
    let lock = fs::read(folder.join("package-lock.json"))?;
    let installed = folder.join("node_modules/.installed-lock");
    if fs::read(&installed).is_ok_and(|was| was == lock) {
        return Ok(());
    }
    say(format!("{what}: missing, to be installed from npm"));
    step("npm ci", || {
        run(npm.args(["--no-audit", "--no-fund"]))?;
        fs::write(&installed, &lock)?;
        Ok(())
    })
}

/// A Docker daemon that we started; it is stopped when dropped.
pub(crate) struct Daemon {
    process: Child,
}

/// Makes sure that a daemon answers. Gives one only if it had to be started.
pub(crate) fn start_daemon(log: &Path) -> Result<Option<Daemon>> {
    if daemon_answers() {
        return Ok(None);
    }
    if std::env::var_os("DOCKER_HOST").is_some() {
        bail!(
            "the Docker daemon that DOCKER_HOST names does not answer; unset it, or start the daemon"
        );
    }
    if Path::new("/var/run/docker.sock").exists() && succeeds(as_root("docker").arg("version")) {
        bail!(
            "a Docker daemon runs, but not for this user; add yourself to its group: \
             sudo usermod -aG docker $USER, and log in again"
        );
    }
    let Some(dockerd) = which("dockerd") else {
        bail!("dockerd is not installed");
    };
    step("start dockerd", || {
        remove_stale_pid_file(Path::new("/var/run/docker.pid"))?;
        remove_stale_pid_file(Path::new("/var/run/docker/containerd/containerd.pid"))?;
        let file = File::create(log)?;
        say(format!("dockerd writes to {}", log.display()));
        let mut command = as_root(dockerd);
        if !is_root() {
            // The socket is made for the group of whoever runs the tests.
            command.args(["--group", &read(Command::new("id").arg("-gn"))?]);
        }
        let process = command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .context("cannot start dockerd")?;
        let mut daemon = Daemon { process };
        let deadline = Instant::now() + Duration::from_secs(90);
        while !daemon_answers() {
            if let Some(status) = daemon.process.try_wait()? {
                bail!("dockerd ended with {status}:\n{}", tail(log));
            }
            if Instant::now() > deadline {
                bail!("dockerd does not answer after 90 s:\n{}", tail(log));
            }
            sleep(Duration::from_millis(200));
        }
        Ok(Some(daemon))
    })
}

fn daemon_answers() -> bool {
    succeeds(Command::new("docker").args(["version", "--format", "{{.Server.Version}}"]))
}

fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

/// A machine that was switched off leaves the file; dockerd refuses to start
/// when any process has that id now.
fn remove_stale_pid_file(file: &Path) -> Result<()> {
    let Ok(text) = fs::read_to_string(file) else {
        return Ok(());
    };
    let name = fs::read_to_string(format!("/proc/{}/comm", text.trim())).unwrap_or_default();
    if matches!(name.trim(), "dockerd" | "containerd") {
        return Ok(());
    }
    say(format!("{} is an old one: removed", file.display()));
    run(as_root("rm").arg("-f").arg(file))
}

impl Drop for Daemon {
    fn drop(&mut self) {
        say("stop dockerd");
        // SIGTERM lets it stop its containers; sudo passes it on.
        let id = self.process.id().to_string();
        if run(as_root("kill").arg(id)).is_ok() {
            let _ = self.process.wait();
        }
    }
}
