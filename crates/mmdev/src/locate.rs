//! Where the project is, and which files at its root are specs or look like one.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

pub(crate) use mmdev_core::spec::COMMON_NAMES as SPEC_NAMES;

/// What makes a folder a project, besides a spec.
const MARKERS: [&str; 3] = [".devcontainer", ".devcontainer.json", "mmdev.toml"];

/// The folder from which everything is looked for.
pub(crate) fn current_folder() -> Result<PathBuf> {
    std::env::current_dir().map_err(|error| {
        Error::world(anyhow::Error::new(error).context("cannot tell the current folder"))
    })
}

/// The project's root: the nearest folder, from `start` upwards, that has a spec, a dev container or mmdev's
/// settings. It is looked for up to the root of the Git work tree and no further, and outside of one in `start`
/// alone: a stray env.yaml in a home folder does not make everything below it a project. `start` where there is none.
pub(crate) fn root(start: &Path) -> PathBuf {
    nearest(start, |folder| has_settings(folder) || has_spec(folder))
        .unwrap_or(start)
        .to_owned()
}

/// What a folder and those above it say of the project whose settings count for the specs in it: a spec in a folder of
/// docs has none of its own, and makes no project where one is around it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Place {
    is_in_work_tree: bool,
    /// The nearest folder in the work tree that has settings.
    settings: Option<PathBuf>,
    /// The nearest one that has a spec.
    spec: Option<PathBuf>,
}

impl Place {
    /// That of `folder`, of which only itself is looked at: the rest is its parent's.
    pub(crate) fn new(folder: &Path, parent: Option<&Place>) -> Self {
        let mut place = match parent {
            _ if folder.join(".git").exists() => Place {
                is_in_work_tree: true,
                ..Place::default()
            },
            Some(parent) => parent.clone(),
            None => Place::default(),
        };
        if place.is_in_work_tree && has_settings(folder) {
            place.settings = Some(folder.to_owned());
        } else if place.is_in_work_tree && place.settings.is_none() && has_spec(folder) {
            place.spec = Some(folder.to_owned());
        }
        place
    }

    /// The project's root, where there is one around `folder`, whose place this is.
    pub(crate) fn settings_root<'a>(&'a self, folder: &'a Path) -> &'a Path {
        let root = self.settings.as_deref().or(self.spec.as_deref());
        root.unwrap_or(folder)
    }
}

fn nearest(start: &Path, is_wanted: impl Fn(&Path) -> bool) -> Option<&Path> {
    let work_tree = work_tree(start)?;
    start
        .ancestors()
        .take_while(|folder| folder.starts_with(work_tree))
        .find(|folder| is_wanted(folder))
}

/// The root of the Git work tree that a folder is in.
pub(crate) fn work_tree(start: &Path) -> Option<&Path> {
    start
        .ancestors()
        .find(|folder| folder.join(".git").exists())
}

fn has_spec(folder: &Path) -> bool {
    SPEC_NAMES.iter().any(|name| folder.join(name).is_file())
}

/// Whether a folder has a dev container or mmdev's settings.
fn has_settings(folder: &Path) -> bool {
    MARKERS.iter().any(|name| folder.join(name).exists())
        || std::fs::read_to_string(folder.join("pyproject.toml")).is_ok_and(|text| {
            text.lines()
                .any(|line| line.trim().starts_with("[tool.mmdev"))
        })
}

/// The files at the root that have a spec's name.
pub(crate) fn named_specs(root: &Path) -> Vec<&'static str> {
    SPEC_NAMES
        .into_iter()
        .filter(|name| root.join(name).is_file())
        .collect()
}

/// Other YAML files with `env` in the name, at the root and one folder below: what a person may have meant.
pub(crate) fn lookalikes(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    collect_lookalikes(root, "", &mut found);
    for folder in entries(root) {
        let hidden = folder.name.starts_with('.') && folder.name != ".binder";
        if folder.is_dir && !hidden {
            let prefix = format!("{}/", folder.name);
            collect_lookalikes(&root.join(&folder.name), &prefix, &mut found);
        }
    }
    found.sort();
    found.truncate(LOOKALIKES);
    found
}

/// More would hide the message that they are part of.
const LOOKALIKES: usize = 8;

fn collect_lookalikes(folder: &Path, prefix: &str, found: &mut Vec<String>) {
    for entry in entries(folder) {
        let name = entry.name.to_lowercase();
        let is_yaml = name.ends_with(".yaml") || name.ends_with(".yml");
        if !entry.is_dir && is_yaml && name.contains("env") {
            found.push(format!("{prefix}{}", entry.name));
        }
    }
}

/// The names of the files in a folder, sorted; none where there is no such folder.
pub(crate) fn file_names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = entries(folder)
        .into_iter()
        .filter(|entry| !entry.is_dir)
        .map(|entry| entry.name)
        .collect();
    names.sort();
    names
}

struct Entry {
    name: String,
    is_dir: bool,
}

/// What a folder holds; a folder that cannot be read holds nothing.
fn entries(folder: &Path) -> Vec<Entry> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| {
            Some(Entry {
                name: entry.file_name().into_string().ok()?,
                is_dir: entry.path().is_dir(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[&str], start: &str, expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, "[tool.mmdev]\n").unwrap();
        }
        let start = folder.path().join(start);
        std::fs::create_dir_all(&start).unwrap();
        assert_eq!(
            root(&start).strip_prefix(folder.path()),
            Ok(Path::new(expected))
        );
    }

    #[test]
    fn the_root_is_looked_for_in_the_work_tree() {
        check(&["r/.git/HEAD", "r/env.yaml"], "r/a/b", "r");
        check(
            &["r/.git/HEAD", "r/env.yaml", "r/a/env.yml"],
            "r/a/b",
            "r/a",
        );
        check(&["r/.git/HEAD", "env.yaml"], "r/a", "r/a");
        check(&["r/.git", "r/.devcontainer/x"], "r/a", "r");
        check(&["r/.git/HEAD", "r/pyproject.toml"], "r/a", "r");
        check(&["r/env.yaml"], "r/a", "r/a");
        check(&["r/env.yaml"], "r", "r");
    }

    #[test]
    fn the_settings_of_a_folder_are_those_of_the_project_around_it() {
        fn place(folder: &Path) -> Place {
            Place::new(folder, folder.parent().map(place).as_ref())
        }
        let check = |files: &[&str], folder: &str, expected: &str| {
            let base = tempfile::tempdir().unwrap();
            for file in files {
                let path = base.path().join(file);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(&path, "[tool.mmdev]\n").unwrap();
            }
            let folder = base.path().join(folder);
            assert_eq!(
                place(&folder).settings_root(&folder),
                base.path().join(expected)
            );
        };
        check(&["r/.git", "r/mmdev.toml", "r/a/env.yml"], "r/a/b", "r");
        check(
            &["r/.git", "r/mmdev.toml", "r/a/pyproject.toml"],
            "r/a/b",
            "r/a",
        );
        check(&["r/.git", "r/env.yml", "r/a/env.yml"], "r/a/b", "r/a");
        check(&["r/.git", "r/env.yml"], "r/a/b", "r");
        check(&["r/.git", "mmdev.toml"], "r/a", "r/a");
        check(&["r/.git", "r/mmdev.toml", "r/a/.git"], "r/a/b", "r/a/b");
        check(&["r/mmdev.toml", "r/env.yml"], "r/a", "r/a");
    }

    #[test]
    fn lookalikes_are_near() {
        let folder = tempfile::tempdir().unwrap();
        for file in [
            "ci/env-dev.yaml",
            "a/b/env.yaml",
            "requirements.yml",
            "Environment.YML",
            ".hidden/env.yml",
            ".binder/environment.yml",
        ] {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, "").unwrap();
        }
        assert_eq!(
            lookalikes(folder.path()),
            [
                ".binder/environment.yml",
                "Environment.YML",
                "ci/env-dev.yaml"
            ]
        );
    }
}
