//! The real devcontainer CLI opens what mmdev generates, and both use one container.

mod adopted;
mod hand_over;
mod ids;
mod interchange;
mod places;
mod quickstart;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use mmdev_testkit::{Finished, Project, docker, world};
use serde_json::Value;

/// A project of an ordinary user of the host, the programs that open it, and
/// the removal of every container and image that they make for it.
pub(crate) struct Folder {
    pub(crate) project: Project,
    pub(crate) base: String,
    /// The images of the containers that were seen.
    images: RefCell<BTreeSet<String>>,
}

impl Folder {
    /// The quickstart example as it is, with more files.
    fn quickstart(files: &[(&str, &str)]) -> Self {
        let example = repository().join("docs/examples/quickstart");
        let read = |name: &str| std::fs::read_to_string(example.join(name)).unwrap();
        let (spec, status) = (read("env.yaml"), read("status.py"));
        let mut all = vec![("env.yaml", spec.as_str()), ("status.py", status.as_str())];
        all.extend(files);
        Self::new(&all)
    }

    /// A project with these files.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        Self::of(project(files).of_ordinary_user())
    }

    fn of(project: Project) -> Self {
        Self {
            project,
            base: world().conda_forge_base(),
            images: RefCell::default(),
        }
    }

    pub(crate) fn root(&self) -> String {
        self.project.root().display().to_string()
    }

    /// `mmdev ARGUMENTS…`, with the world's base image and without the devcontainer CLI.
    pub(crate) fn mmdev_command(&self, arguments: &[&str]) -> Command {
        let mut command = self.project.command(env!("CARGO_BIN_EXE_mmdev"), arguments);
        command.env("MMDEV_BASE", &self.base);
        command
    }

    pub(crate) fn mmdev(&self, arguments: &[&str]) -> Finished {
        self.project.run(&mut self.mmdev_command(arguments))
    }

    /// `devcontainer SUBCOMMAND --workspace-folder ROOT ARGUMENTS…` which finds no mmdev on PATH.
    pub(crate) fn devcontainer(&self, subcommand: &str, arguments: &[&str]) -> Finished {
        let modules = repository().join("tests/containers");
        let mut command = self.project.devcontainer(&modules, [subcommand]);
        command.args(["--workspace-folder", &self.root()]);
        command.args(arguments);
        without_mmdev(&mut command);
        self.project.run(&mut command)
    }

    /// What the devcontainer CLI answers, which it writes as JSON in the last line.
    pub(crate) fn answer(&self, subcommand: &str, arguments: &[&str]) -> Value {
        let finished = self.devcontainer(subcommand, arguments).success();
        let last = finished.stdout.trim().lines().last().unwrap_or_default();
        serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {finished:?}"))
    }

    /// What a program prints that `devcontainer exec` runs.
    #[track_caller]
    pub(crate) fn exec(&self, program: &[&str]) -> String {
        let finished = self.devcontainer("exec", program).success();
        finished.stdout.trim().to_owned()
    }

    /// Changes a file as a person does in an editor.
    pub(crate) fn edit(&self, path: &str, change: impl FnOnce(&str) -> String) {
        let before = self.project.read(path);
        let after = change(&before);
        assert_ne!(before, after, "{path}");
        self.project.write(path, &after);
    }

    pub(crate) fn remove(&self, path: &str) {
        std::fs::remove_file(self.project.root().join(path)).unwrap();
    }

    /// The containers of this folder, running or not.
    pub(crate) fn containers(&self) -> Vec<String> {
        let filter = format!("label=devcontainer.local_folder={}", self.root());
        let format = "{{.ID}} {{.Image}}";
        let listed = docker(&[
            "ps",
            "-a",
            "--no-trunc",
            "--format",
            format,
            "--filter",
            &filter,
        ]);
        let mut ids = Vec::new();
        for (id, image) in listed.lines().filter_map(|line| line.split_once(' ')) {
            ids.push(id.to_owned());
            self.images.borrow_mut().insert(image.to_owned());
        }
        ids
    }

    /// The container of this folder.
    #[track_caller]
    pub(crate) fn container(&self) -> String {
        let containers = self.containers();
        assert_eq!(containers.len(), 1, "{containers:?}");
        containers[0].clone()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        for id in self.containers() {
            quietly(&["rm", "--force", "--volumes", &id]);
        }
        for image in self.images.borrow().iter() {
            remove_images(image);
        }
    }
}

fn project(files: &[(&str, &str)]) -> Project {
    let add = |project: Project, (path, text): &(&str, &str)| project.file(path, text);
    files.iter().fold(Project::new(), add)
}

/// Removes an image of either tool, with the tags that it was derived from.
fn remove_images(image: &str) {
    let repository = image.rsplit_once(':').map_or(image, |(before, _)| before);
    let repository = repository.trim_end_matches("-uid");
    for name in [repository.to_owned(), format!("{repository}-uid")] {
        let tags = docker(&["images", "--format", "{{.Repository}}:{{.Tag}}", &name]);
        for tag in tags.lines() {
            quietly(&["rmi", tag]);
        }
    }
}

fn quietly(arguments: &[&str]) {
    let _ = Command::new("docker").args(arguments).output();
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Takes the folders that have an mmdev from a command's PATH.
fn without_mmdev(command: &mut Command) {
    let path = command
        .get_envs()
        .find_map(|(name, value)| value.filter(|_| name == "PATH"))
        .unwrap_or_default();
    let folders = std::env::split_paths(path).filter(|folder| !folder.join("mmdev").exists());
    let path = std::env::join_paths(folders).unwrap();
    command.env("PATH", path);
}
