//! From a project to the bytes of its files.
//!
//! All that the image build reads is generated into one folder, [`FOLDER`], which is the whole build context. Same
//! project, same bytes: nothing here knows a time, a host, a user or an absolute path of a machine.

mod desired;
pub mod devcontainer;
mod dockerfile;
mod env_yaml;
mod quote;
mod runtime;
pub use crate::stamp;

use sha2::{Digest, Sha256};

use crate::diagnostic::Code;
use crate::hash::{hex, sha256};
use crate::lock::{Installed, Layout};
use crate::project::{Environment, Locked, Project};
use crate::subdir::machine;

pub use desired::desired;
pub use devcontainer::FOLDER;
pub use dockerfile::{FREED, cache_cleaner};
pub use runtime::{ACTIVATED, Activated, RUNTIME_FOLDER, Runtime, dropped, runtime};

/// The activation script for sh, bash and zsh; `@…@` are filled in.
const ACTIVATE_SH: &str = include_str!("activate.sh");

/// The activation script for fish.
const ACTIVATE_FISH: &str = include_str!("activate.fish");

/// The slices of a lock. micromamba takes files that end so as locks.
const BASE_LOCK: &str = "base-lock.yml";
const DELTA_LOCK: &str = "delta-lock.yml";

/// The variables of an environment that is not the active one, as micromamba keeps them in `conda-meta/state`.
const VARIABLES: &str = "variables.json";

/// What installs the second slice.
const DELTA_SH: &str = "delta.sh";

/// What a terminal runs when it opens.
const CHECK_SH: &str = "check.sh";

/// The build argument with the hash of the locks.
const LOCK_ARGUMENT: &str = "MMDEV_LOCK";

/// The script among [`sync_files`].
pub const SYNC: &str = "sync.sh";

/// How [`SYNC`] ends where the prefix has changed since it was listed: nothing was done.
pub const SYNC_OVERTAKEN: i64 = 75;

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
    let mut read = vec![
        file("activate.sh", fill(ACTIVATE_SH, project)),
        file("activate.fish", fill(ACTIVATE_FISH, project)),
        file("shells.sh", include_str!("shells.sh").to_owned()),
    ];
    let mut environments = project.environments.iter();
    if environments.any(Environment::has_delta) {
        read.push(file(DELTA_SH, include_str!("delta.sh").to_owned()));
    }
    if project.active_environment().locked.is_some() {
        read.push(file(CHECK_SH, fill(include_str!("check.sh"), project)));
    }
    read.extend(spec_files(project));
    let mut files = vec![
        file("Dockerfile", dockerfile::render(project, &read)),
        file(
            ".gitattributes",
            "* text eol=lf linguist-generated\n".to_owned(),
        ),
        ignored(),
    ];
    files.extend(read);
    files
}

/// The file that keeps [`STATE_FILE`] out of git; it is the same in every project.
pub fn ignored() -> File {
    file(".gitignore", format!("{STATE_FILE}\n"))
}

/// What tells a terminal whether the specs are those that were locked, which it cannot parse: the hash of their
/// [`outline`]s. No build reads it. `specs` are the texts of the active environment's specs by their paths; `None` where
/// that has no lock.
pub fn specs_file(project: &Project, specs: &[(&str, &str)]) -> Option<File> {
    project.active_environment().locked.as_ref()?;
    let mut text = "# What check.sh knows the specs by: see there.\n".to_owned();
    for (path, spec) in specs {
        // A path that the script would read otherwise is left out.
        if path.trim() == *path && !path.contains(['\n', '\\']) {
            text.push_str(&format!("{} {path}\n", outline(spec)));
        }
    }
    Some(file("specs.txt", text))
}

/// A short hash of a spec's lines without comments and in no order, as `check.sh` makes it, too.
fn outline(spec: &str) -> String {
    let blank = [' ', '\t'];
    let mut lines: Vec<&str> = spec
        .strip_prefix('\u{feff}')
        .unwrap_or(spec)
        .split('\n')
        .map(|line| {
            let line = line.strip_suffix('\r').unwrap_or(line);
            let comment = line.match_indices('#').map(|(at, _)| at).find(|at| {
                line[..*at].trim_matches(blank).is_empty() || line[..*at].ends_with(blank)
            });
            line[..comment.unwrap_or(line.len())].trim_matches(blank)
        })
        .filter(|line| !line.is_empty())
        .collect();
    lines.sort_unstable();
    let text: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
    sha256(text)[..16].to_owned()
}

/// What is installed: the slices of the locks, and the normalised specs where there is none; with the requirements and
/// constraints of pip sections.
fn spec_files(project: &Project) -> Vec<File> {
    let mut files = Vec::new();
    for environment in &project.environments {
        let pip = environment.unlocked_pip();
        let takes_constraints = environment.locked.is_none() || !pip.is_empty();
        match &environment.locked {
            Some(locked) => files.extend(slices(project, environment, locked)),
            None => files.extend(specs(project, environment)),
        }
        for (platform, lines) in pip {
            let constraints =
                (!environment.constraints.is_empty()).then(|| "-c constraints.txt".to_owned());
            let lines: Vec<String> = constraints.into_iter().chain(lines).collect();
            files.push(file(
                &requirements_file(project, environment, platform),
                lines.join("\n") + "\n",
            ));
        }
        if takes_constraints && !environment.constraints.is_empty() {
            files.push(file(
                &constraints_file(project, environment),
                environment.constraints.join("\n") + "\n",
            ));
        }
    }
    files
}

/// The normalised spec of an environment without a lock, for each platform where they differ.
fn specs(project: &Project, environment: &Environment) -> Vec<File> {
    let variables = own_variables(project, environment);
    let lists = environment.packages.lists().into_iter();
    lists
        .map(|(platform, list)| {
            file(
                &spec_file(project, environment, platform),
                env_yaml::render(environment, list, variables),
            )
        })
        .collect()
}

/// The slices of an environment's lock, and its variables, for which a lock has no place.
fn slices(project: &Project, environment: &Environment, locked: &Locked) -> Vec<File> {
    let source = environment.lock_path.rsplit('/').next().unwrap_or_default();
    let base = locked.layout.base_lock(source);
    let delta = locked.layout.delta_lock(source);
    let variables = own_variables(project, environment);
    let state = (!variables.is_empty()).then(|| env_yaml::state(variables));
    let named = [
        (BASE_LOCK, Some(base)),
        (DELTA_LOCK, delta),
        (VARIABLES, state),
    ];
    named
        .into_iter()
        .filter_map(|(name, text)| Some(file(&file_of(project, environment, name), text?)))
        .collect()
}

/// The files that bring a prefix of a running container in line with `layout` ([`Layout::for_prefix`]), by their names in
/// one folder, which is this sync's alone. [`SYNC`] is the one that sh runs, with the prefix as its argument; it removes
/// the folder in the end. `listing` is what the layout was made for, as [`Installed::LIST`] has printed it.
pub fn sync_files(layout: &Layout, listing: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    const SOURCE: &str = "the lock";
    let delta = layout.delta_lock(SOURCE).map(String::into_bytes);
    let files = [
        (SYNC, Some(include_bytes!("sync.sh").to_vec())),
        ("list.sh", Some(Installed::LIST.into())),
        ("listing", Some(listing.to_vec())),
        (DELTA_SH, Some(include_bytes!("delta.sh").to_vec())),
        (BASE_LOCK, Some(layout.base_lock(SOURCE).into())),
        (DELTA_LOCK, delta),
    ];
    let files = files.into_iter();
    files
        .filter_map(|(name, bytes)| Some((name, bytes?)))
        .collect()
}

/// The paths of the files that hold the slices of an environment's lock, there or not: the first's, the second's.
pub fn slice_paths(project: &Project, environment: &Environment) -> [String; 2] {
    [BASE_LOCK, DELTA_LOCK].map(|name| format!("{FOLDER}/{}", file_of(project, environment, name)))
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
    let active = project.active_environment();
    script
        .replace("@ENV_NAME@", &active.name)
        .replace("@FOLDER@", FOLDER)
        .replace("@FILES@", &file_of(project, active, ""))
        .replace("@LOCK@", &active.lock_path)
}

/// The variables of an environment that are not the image's: micromamba sets them when it activates.
fn own_variables<'a>(project: &Project, environment: &'a Environment) -> &'a [(String, String)] {
    match environment.name == project.active_environment().name {
        true => &[],
        false => &environment.variables,
    }
}

/// The name of a normalised spec in [`FOLDER`]: `env.yaml`, `NAME.env.yaml`, `env-aarch64.yaml`.
fn spec_file(project: &Project, environment: &Environment, platform: Option<&str>) -> String {
    let prefix = file_prefix(project, environment);
    format!("{prefix}env{}.yaml", machine_suffix(platform))
}

fn requirements_file(
    project: &Project,
    environment: &Environment,
    platform: Option<&str>,
) -> String {
    let prefix = file_prefix(project, environment);
    format!("{prefix}requirements{}.txt", machine_suffix(platform))
}

/// What stands in the name of a file for one platform.
fn machine_suffix(platform: Option<&str>) -> String {
    let machine = platform.and_then(machine);
    machine.map_or(String::new(), |machine| format!("-{machine}"))
}

/// The name of a file of one environment in [`FOLDER`]: `base-lock.yml`, `NAME.base-lock.yml`.
fn file_of(project: &Project, environment: &Environment, name: &str) -> String {
    format!("{}{name}", file_prefix(project, environment))
}

fn constraints_file(project: &Project, environment: &Environment) -> String {
    file_of(project, environment, "constraints.txt")
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
