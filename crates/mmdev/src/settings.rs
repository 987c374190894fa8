//! From the command line, the environment and the project's files to one set of settings. A source earlier in that
//! order goes before a later one.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use mmdev_core::lint::Selection;
use mmdev_core::settings::{Settings, is_project_file};

use crate::channels::Asker;
use crate::cli::Global;
use crate::environment;
use crate::error::{Error, Result};

/// What was asked for, before any file is read. Paths are as they were typed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    /// `-f`, else MMDEV_FILES.
    pub(crate) files: Vec<PathBuf>,
    /// `--env NAME=FILE`.
    pub(crate) environments: Vec<(String, PathBuf)>,
    /// `--env NAME`.
    pub(crate) active_environment: Option<String>,
    /// `--base`, else MMDEV_BASE.
    pub(crate) base_image: Option<String>,
    /// MMDEV_FORWARD_CREDENTIALS.
    pub(crate) forward_credentials: Option<bool>,
    /// MMDEV_AUTO_LOCK.
    pub(crate) auto_lock: Option<bool>,
    /// `--offline`, else MMDEV_OFFLINE.
    pub(crate) offline: bool,
    /// `--locked`: no lock may change.
    pub(crate) locked: bool,
    /// `--compact`: all packages are laid out anew.
    pub(crate) compact: bool,
    /// `--beside`: a second devcontainer.json is meant.
    pub(crate) beside: bool,
    /// `--select` and `--ignore`: which rules are to speak.
    pub(crate) selection: Selection,
    /// `--channels`: who asks the channels, where they are to be asked.
    pub(crate) asker: Option<Arc<Asker>>,
    /// The command's name, for hints that say what to type.
    pub(crate) command: String,
    /// Texts of specs, by path from the root, that count instead of those on the disk.
    pub(crate) overlay: BTreeMap<String, String>,
}

impl Request {
    /// Reads what was typed, and the environment where nothing was.
    pub(crate) fn new(global: &Global, command: &str) -> Result<Self> {
        let mut environments = Vec::new();
        let mut active_environment = None;
        for argument in &global.environments {
            match &argument.file {
                Some(file) => environments.push((argument.name.clone(), file.clone())),
                None if active_environment.is_some() => {
                    return Err(Error::invocation("one environment only can be active")
                        .with_hint("give --env NAME once; --env NAME=FILE adds an environment"));
                }
                None => active_environment = Some(argument.name.clone()),
            }
        }
        if !environments.is_empty() && !global.files.is_empty() {
            return Err(
                Error::invocation("-f and --env NAME=FILE cannot be used together")
                    .with_hint("-f merges files into one environment, --env makes one of each"),
            );
        }
        let mut files = global.files.clone();
        if files.is_empty() && environments.is_empty() {
            files = environment::paths(environment::FILES);
        }
        Ok(Request {
            files,
            environments,
            active_environment,
            base_image: global.base.clone(),
            forward_credentials: environment::flag(environment::FORWARD_CREDENTIALS)?,
            auto_lock: environment::flag(environment::AUTO_LOCK)?,
            offline: global.offline || global.frozen,
            locked: global.locked || global.frozen,
            compact: false,
            beside: false,
            selection: Selection::default(),
            asker: None,
            command: command.to_owned(),
            overlay: BTreeMap::new(),
        })
    }

    /// The command line by which another process of this program is asked for the same, from the same folder.
    pub(crate) fn arguments(&self) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = Vec::new();
        for file in &self.files {
            arguments.extend(["--file".into(), file.into()]);
        }
        for (name, file) in &self.environments {
            let mut value = OsString::from(format!("{name}="));
            value.push(file);
            arguments.extend(["--env".into(), value]);
        }
        let active = self.active_environment.iter();
        arguments.extend(active.flat_map(|name| ["--env".into(), name.into()]));
        let base = self.base_image.iter();
        arguments.extend(base.flat_map(|image| ["--base".into(), image.into()]));
        arguments.extend(self.offline.then(|| "--offline".into()));
        arguments.extend(self.locked.then(|| "--locked".into()));
        arguments
    }

    /// What was asked for as settings of the project at `root`, with paths from there.
    pub(crate) fn settings(&self, root: &Path, current: &Path) -> Result<Settings> {
        let relative = |path: &PathBuf| relative(root, current, path);
        let files = self
            .files
            .iter()
            .map(relative)
            .collect::<Result<Vec<_>>>()?;
        let environments = self
            .environments
            .iter()
            .map(|(name, path)| Ok((name.clone(), relative(path)?)))
            .collect::<Result<Vec<_>>>()?;
        Ok(Settings {
            files: (!files.is_empty()).then_some(files),
            environments: (!environments.is_empty()).then_some(environments),
            active_environment: self.active_environment.clone(),
            base_image: self.base_image.clone(),
            forward_credentials: self.forward_credentials,
            auto_lock: self.auto_lock,
            ..Settings::default()
        })
    }
}

/// `upper` where it says something, else `lower`. Files and environments are two ways to say one thing, and so is an
/// image with its digest: who says either hides both.
pub(crate) fn overlay(upper: Settings, mut lower: Settings) -> Settings {
    if upper.files.is_some() || upper.environments.is_some() {
        lower.files = None;
        lower.environments = None;
    }
    if upper.base_image.is_some() && upper.base_image != lower.base_image {
        lower.base_image_digest = None;
    }
    upper.or(lower)
}

/// `path`, typed in the folder `current`, from the project's root, with `/` between folders: as settings name it.
pub(crate) fn relative(root: &Path, current: &Path, path: &Path) -> Result<String> {
    let path = normalised(&current.join(path));
    if path.is_dir() {
        let message = format!("{} is a folder, not a spec", path.display());
        return Err(Error::invocation(message).with_hint("name a file"));
    }
    let Ok(inside) = path.strip_prefix(normalised(root)) else {
        return Err(Error::invocation(format!(
            "{} is outside of the project {}",
            path.display(),
            root.display()
        ))
        .with_hint("name the project's folder with -C, and the file from there"));
    };
    let mut names = Vec::new();
    for component in inside.components() {
        let Some(name) = component.as_os_str().to_str() else {
            return Err(Error::invocation(format!(
                "the name of {} is not Unicode",
                path.display()
            ))
            .with_hint("rename the file"));
        };
        names.push(name);
    }
    let relative = names.join("/");
    // What is written into the settings is read from there the next time.
    if !is_project_file(&relative) {
        return Err(Error::invocation(format!(
            "the path {relative:?} cannot stand in the settings"
        ))
        .with_hint(
            "rename the file: no control characters, no backslash, no drive letter at the beginning",
        ));
    }
    Ok(relative)
}

/// The path without `.` and `..`, by its text alone: a symbolic link on the way is taken as a folder.
pub(crate) fn normalised(path: &Path) -> PathBuf {
    let mut result = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                result.pop();
            }
            other => result.push(other),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(root: &str, current: &str, path: &str, expected: Option<&str>) {
        let relative = relative(Path::new(root), Path::new(current), Path::new(path));
        assert_eq!(relative.ok().as_deref(), expected, "{path}");
    }

    #[cfg(unix)]
    #[test]
    fn paths_are_from_the_root() {
        check("/p", "/p", "env.yaml", Some("env.yaml"));
        check("/p", "/p/a/b", "../env.yaml", Some("a/env.yaml"));
        check("/p", "/p", "./a//b/../c.yaml", Some("a/c.yaml"));
        check("/p", "/x", "/p/c.yaml", Some("c.yaml"));
        check("/p", "/p", "a\nb.yaml", None);
        check("/p", "/p", "../q/env.yaml", None);
        check("/p", "/p", "/pq/env.yaml", None);
    }

    #[test]
    fn who_names_files_hides_environments() {
        let upper = Settings {
            files: Some(vec!["a".to_owned()]),
            base_image: Some("x".to_owned()),
            ..Settings::default()
        };
        let lower = Settings {
            environments: Some(vec![("n".to_owned(), "f".to_owned())]),
            base_image: Some("y".to_owned()),
            base_image_digest: Some("sha256:y".to_owned()),
            extensions: Some(vec!["e".to_owned()]),
            ..Settings::default()
        };
        let merged = overlay(upper.clone(), lower.clone());
        assert_eq!(merged.environments, None);
        assert_eq!(merged.base_image_digest, None);
        assert_eq!(merged.extensions, lower.extensions);
        assert_eq!(overlay(Settings::default(), lower.clone()), lower);
    }
}
