//! From a project to the bytes of its files.
//!
//! All that the image build reads is generated into one folder, [`FOLDER`], which is the whole build context. Same
//! project, same bytes: nothing here knows a time, a host, a user or an absolute path of a machine.

mod desired;
pub mod devcontainer;
mod dockerfile;
mod env_yaml;
mod quote;
pub use crate::stamp;

use sha2::{Digest, Sha256};

use crate::diagnostic::Code;
use crate::hash::hex;
use crate::project::{Environment, Project};
use crate::subdir::machine;

pub use desired::desired;
pub use devcontainer::FOLDER;
pub use dockerfile::{FREED, cache_cleaner};

/// The activation script for sh, bash and zsh; `@…@` are filled in.
const ACTIVATE_SH: &str = include_str!("activate.sh");

/// The activation script for fish.
const ACTIVATE_FISH: &str = include_str!("activate.fish");

/// The file of [`FOLDER`] in which a detached `mmdev watch` says how it stands. git ignores it.
pub const STATE_FILE: &str = "state.json";

/// A generated file is not as the spec says.
pub const OUT_OF_DATE: Code = Code("MM618");

/// One generated file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where it stands, relative to the project's root, `/` between folders.
    pub path: String,
    /// All of it, its stamp included ([`stamp`]); lines end in `\n`.
    pub text: String,
}

/// The files of [`FOLDER`], in a fixed order.
pub fn files(project: &Project) -> Vec<File> {
    let mut files = vec![
        file("Dockerfile", dockerfile::render(project)),
        file(
            ".gitattributes",
            "* text eol=lf linguist-generated\n".to_owned(),
        ),
        ignored(),
        file("activate.sh", fill(ACTIVATE_SH, project)),
        file("activate.fish", fill(ACTIVATE_FISH, project)),
        file("shells.sh", include_str!("shells.sh").to_owned()),
    ];
    files.extend(spec_files(project));
    files
}

/// The file that keeps [`STATE_FILE`] out of git; it is the same in every project.
pub fn ignored() -> File {
    file(".gitignore", format!("{STATE_FILE}\n"))
}

/// The normalised specs, and the constraints of their pip sections.
fn spec_files(project: &Project) -> Vec<File> {
    let mut files = Vec::new();
    for environment in &project.environments {
        let variables = is_inactive(project, environment).then_some(&*environment.variables);
        for (platform, list) in environment.packages.lists() {
            files.push(file(
                &spec_file(project, environment, platform),
                env_yaml::render(environment, list, variables.unwrap_or_default()),
            ));
        }
        if !environment.constraints.is_empty() {
            files.push(file(
                &constraints_file(project, environment),
                environment.constraints.join("\n") + "\n",
            ));
        }
    }
    files
}

/// A short hash of everything that the image depends on: two projects with one hash have the same image, wherever
/// they are built. Images and containers carry it as the label `dev.mmdev.plan`.
pub fn plan_hash(project: &Project) -> String {
    // What git does with the files changes no image.
    let read_by_build = |file: &File| !file.path.contains("/.git");
    hash_files(files(project).iter().filter(|file| read_by_build(file)))
}

/// A short hash of the normalised specs alone: what is installed into the prefixes. Images and containers carry it as
/// the label `dev.mmdev.spec`.
pub fn spec_hash(project: &Project) -> String {
    hash_files(spec_files(project).iter())
}

fn hash_files<'a>(files: impl Iterator<Item = &'a File>) -> String {
    let mut hasher = Sha256::new();
    for file in files {
        hasher.update(file.path.as_bytes());
        hasher.update([0]);
        hasher.update(file.text.as_bytes());
        hasher.update([0]);
    }
    hex(&hasher.finalize())[..12].to_owned()
}

fn file(name: &str, content: String) -> File {
    File {
        path: format!("{FOLDER}/{name}"),
        text: stamp::sign(&content),
    }
}

fn fill(script: &str, project: &Project) -> String {
    script.replace("@ENV_NAME@", &project.active_environment().name)
}

/// Whether the variables of an environment are not the image's: then micromamba sets them when it activates.
fn is_inactive(project: &Project, environment: &Environment) -> bool {
    environment.name != project.active_environment().name
}

/// The name of a normalised spec in [`FOLDER`]: `env.yaml`, `NAME.env.yaml`, `env-aarch64.yaml`.
fn spec_file(project: &Project, environment: &Environment, platform: Option<&str>) -> String {
    let machine = platform.and_then(machine);
    let suffix = machine.map_or(String::new(), |machine| format!("-{machine}"));
    format!("{}env{suffix}.yaml", file_prefix(project, environment))
}

fn constraints_file(project: &Project, environment: &Environment) -> String {
    format!("{}constraints.txt", file_prefix(project, environment))
}

fn file_prefix(project: &Project, environment: &Environment) -> String {
    if project.environments.len() == 1 {
        String::new()
    } else {
        format!("{}.", environment.name)
    }
}

#[cfg(test)]
mod tests;
