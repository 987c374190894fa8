//! A project in a temporary folder, and the binary in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use expect_test::Expect;

/// A temporary folder with files, a home and a PATH of its own.
pub(crate) struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    /// An empty one.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["project", "home", "bin"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        Project { folder }
    }

    /// The same with one more file; its folders are made.
    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        self.write(path, text);
        self
    }

    /// The same with a program on PATH.
    #[cfg(unix)]
    pub(crate) fn program(self, name: &str, script: &str) -> Self {
        use std::os::unix::fs::PermissionsExt;
        let path = self.folder.path().join("bin").join(name);
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    /// The project's root.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    /// The home of whoever runs the binary.
    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Writes a file of the project.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// The text of a file of the project.
    pub(crate) fn read(&self, path: &str) -> String {
        let path = self.root().join(path);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The paths of all files of the project, sorted, one a line.
    pub(crate) fn tree(&self) -> String {
        fn walk(folder: &Path, root: &Path, paths: &mut Vec<String>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(&path, root, paths);
                } else {
                    paths.push(path.strip_prefix(root).unwrap().display().to_string());
                }
            }
        }
        let mut paths = Vec::new();
        walk(&self.root(), &self.root(), &mut paths);
        paths.sort();
        paths.iter().map(|path| format!("{path}\n")).collect()
    }

    /// The binary, to be run at the project's root with nothing of this process's environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mmdev"));
        command
            .args(arguments)
            .current_dir(self.root())
            .env_clear()
            .env("HOME", self.folder.path().join("home"))
            .env("PATH", self.folder.path().join("bin"))
            // Most tests are of something else, and no channel may be asked by chance.
            .env("MMDEV_AUTO_LOCK", "false")
            // No test of this binary may find a daemon by chance.
            .env("DOCKER_HOST", "unix:///nonexistent/docker.sock")
            .stdin(std::process::Stdio::null());
        command
    }

    /// Runs the binary and compares its exit code and all that it printed.
    #[track_caller]
    pub(crate) fn check(&self, arguments: &[&str], expected: Expect) {
        expected.assert_eq(&self.shown(self.command(arguments).output().unwrap()));
    }

    /// An output as tests compare it.
    pub(crate) fn shown(&self, output: Output) -> String {
        let mut shown = match output.status.code() {
            Some(code) => format!("exit code: {code}\n"),
            None => format!("{}\n", output.status),
        };
        for (name, bytes) in [("stdout", output.stdout), ("stderr", output.stderr)] {
            if !bytes.is_empty() {
                let text = String::from_utf8(bytes).unwrap();
                shown.push_str(&format!("----- {name}\n{}", self.filtered(&text)));
            }
        }
        shown
    }

    /// `text` without what differs from run to run.
    pub(crate) fn filtered(&self, text: &str) -> String {
        let folder = self.folder.path().canonicalize().unwrap();
        text.replace(&folder.display().to_string(), "[FOLDER]")
            .replace(&self.folder.path().display().to_string(), "[FOLDER]")
            .replace(env!("CARGO_PKG_VERSION"), "[VERSION]")
    }
}
