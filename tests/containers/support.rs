//! Projects in which mmdev runs against the real daemon, on the world's base image.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mmdev_core::container::identity::{HostSystem, Identity};
use mmdev_testkit::{Finished, Project, docker, world};

/// The settings of a project that needs no packages of Debian in its image.
pub(crate) const LEAN: &str = "development-packages = []\n";

/// A project that is told to build on the world's base image. Its containers and images go with it.
pub(crate) struct Place {
    pub(crate) project: Project,
    base: String,
}

impl Place {
    pub(crate) fn new(project: Project) -> Self {
        Place {
            project,
            base: world().conda_forge_base(),
        }
    }

    /// The same with another base image.
    pub(crate) fn on(project: Project, base: &str) -> Self {
        Place {
            project,
            base: base.to_owned(),
        }
    }

    /// `mmdev ARGUMENTS…` at the project's root.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.project.command(env!("CARGO_BIN_EXE_mmdev"), arguments);
        command.env("MMDEV_BASE", &self.base);
        command
    }

    /// Runs it to its end, however that is.
    pub(crate) fn mmdev(&self, arguments: &[&str]) -> Finished {
        self.project.run(&mut self.command(arguments))
    }

    /// What a program prints that `mmdev run` runs; it has to end well.
    #[track_caller]
    pub(crate) fn printed(&self, command: &[&str]) -> String {
        let arguments = [&["run", "--quiet", "--"], command].concat();
        self.mmdev(&arguments).success().stdout
    }

    /// Who the project is in the engine.
    pub(crate) fn identity(&self) -> Identity {
        let root = self.project.root();
        let file = root.join(".devcontainer/devcontainer.json");
        let text = |path: &std::path::Path| path.to_str().unwrap().to_owned();
        Identity::new(HostSystem::Linux, &text(&root), &text(&file))
    }

    /// The ids of the project's containers.
    pub(crate) fn containers(&self) -> Vec<String> {
        listed(&[
            "ps",
            "--all",
            "--quiet",
            "--no-trunc",
            "--filter",
            &format!(
                "label=devcontainer.local_folder={}",
                self.identity().local_folder
            ),
        ])
    }

    /// The names of the project's images, sorted.
    pub(crate) fn images(&self) -> Vec<String> {
        let mut names = listed(&[
            "images",
            "--format",
            "{{.Repository}}:{{.Tag}}",
            "--filter",
            &format!("label=dev.mmdev.project={}", self.identity().project),
        ]);
        names.sort();
        names
    }

    /// The name of the image that `mmdev build` made.
    #[track_caller]
    pub(crate) fn image(&self) -> String {
        let images = self.images();
        let mut own = images.iter().filter(|name| !name.contains("-uid-"));
        let image = own
            .next()
            .unwrap_or_else(|| panic!("no image in {images:?}"));
        assert_eq!(own.next(), None, "{images:?}");
        image.clone()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let remove = |what: &[&str], names: Vec<String>| {
            if !names.is_empty() {
                let _ = Command::new("docker").args(what).args(names).output();
            }
        };
        remove(&["rm", "--force", "--volumes"], self.containers());
        remove(&["rmi", "--force"], self.images());
    }
}

fn listed(arguments: &[&str]) -> Vec<String> {
    docker(arguments).lines().map(str::to_owned).collect()
}

/// A program that runs besides; it is killed when the test ends before it.
pub(crate) struct Running(pub(crate) Child);

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Running(command.spawn().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until `is_true`.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut is_true: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_true() {
        assert!(
            Instant::now() < deadline,
            "a minute has passed without: {what}"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Whether a process with this argument runs on this machine, in a container or not.
pub(crate) fn runs_with(argument: &str) -> bool {
    let Ok(folders) = std::fs::read_dir("/proc") else {
        return false;
    };
    folders.flatten().any(|folder| {
        let line = std::fs::read(folder.path().join("cmdline")).unwrap_or_default();
        line.split(|byte| *byte == 0)
            .any(|word| word == argument.as_bytes())
    })
}
