//! Which files are checked: those that are named, those in folders that are named, or the project and every spec in it.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use ignore::{DirEntry, WalkBuilder, WalkState};
use mmdev_core::spec::has_spec_name;

use crate::error::{Error, Result};
use crate::load::{self, Sources};
use crate::locate;
use crate::settings::{Request, normalised};

/// Folders in which nobody's own specs are: what version control, package managers and snakemake keep.
const LEFT_OUT: [&str; 5] = [".git", ".hg", ".svn", ".snakemake", "node_modules"];
/// What tells a folder that holds an installed environment.
const INSTALLED: [&str; 2] = ["conda-meta", "pyvenv.cfg"];
/// Files whose settings count as soon as they are there.
const SETTINGS: [&str; 2] = ["mmdev.toml", "pyproject.toml"];

/// What is to be checked.
#[derive(Debug)]
pub(crate) struct Scope {
    /// The folder from which files are named.
    pub(crate) base: PathBuf,
    /// The project, where it is one that is meant.
    pub(crate) project: Option<Project>,
    /// The other files.
    pub(crate) targets: Vec<Target>,
    /// What could not be looked into, in words.
    pub(crate) failures: Vec<String>,
}

/// A project and its specs.
#[derive(Debug)]
pub(crate) struct Project {
    /// Its root.
    pub(crate) root: PathBuf,
    /// Its files with settings.
    pub(crate) sources: Sources,
    /// Its specs' paths from the root; `None` where no one file is its spec.
    pub(crate) specs: Option<Vec<String>>,
}

/// One file.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// Its name as people know it, with `/`.
    pub(crate) file: String,
    /// Where it is; for stdin, what it is the text of.
    pub(crate) path: PathBuf,
    /// How it came here.
    pub(crate) origin: Origin,
}

/// How a file came to be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Somebody named it: it is said if it is no spec.
    Named,
    /// It was found, and has a spec's name.
    Found,
    /// It was found, and its content alone can tell.
    Guessed,
    /// It is read from stdin.
    Stdin,
}

impl Scope {
    /// What the request and the paths mean: the project without paths, with all of its specs where none is asked for.
    pub(crate) fn new(request: &Request, paths: &[PathBuf], stdin: Option<&Path>) -> Result<Self> {
        let current = locate::current_folder()?;
        if paths.is_empty() {
            return Scope::of_project(request, &current);
        }
        let mut scope = Scope {
            base: current,
            project: None,
            targets: Vec::new(),
            failures: Vec::new(),
        };
        for path in paths {
            scope.add(path, stdin)?;
        }
        scope.distinct();
        Ok(scope)
    }

    /// Where everything in it is, and what would change what is in it.
    pub(crate) fn paths(&self) -> BTreeSet<PathBuf> {
        let targets = self.targets.iter().map(|target| target.path.clone());
        let mut paths: BTreeSet<PathBuf> = targets.collect();
        if let Some(project) = &self.project {
            let specs = project.specs.iter().flatten().map(String::as_str);
            let settings = project.sources.findings.iter();
            let names = specs
                .chain(settings.map(|findings| findings.file.as_str()))
                .chain(SETTINGS)
                .chain(locate::SPEC_NAMES);
            paths.extend(names.map(|name| project.root.join(name)));
        }
        paths
    }

    fn of_project(request: &Request, current: &Path) -> Result<Self> {
        let root = locate::root(current);
        let sources = Sources::read(&root, current, request)?;
        let specs = match sources.named_specs() {
            Some(specs) => Some(specs),
            None => Some(load::specs_at(&root)?).filter(|specs| specs.len() == 1),
        };
        let mut scope = Scope {
            base: root.clone(),
            project: None,
            targets: Vec::new(),
            failures: Vec::new(),
        };
        let is_asked = !request.files.is_empty() || !request.environments.is_empty();
        if !is_asked {
            scope.walk(&root, Path::new(""));
            let own = specs.as_deref().unwrap_or_default();
            scope.targets.retain(|target| !own.contains(&target.file));
        }
        scope.project = Some(Project {
            root,
            sources,
            specs,
        });
        Ok(scope)
    }

    fn add(&mut self, path: &Path, stdin: Option<&Path>) -> Result<()> {
        if path.as_os_str() == "-" {
            self.targets.push(Target {
                file: stdin.map_or_else(|| "stdin".to_owned(), shown),
                path: self.base.join(stdin.unwrap_or(Path::new("stdin"))),
                origin: Origin::Stdin,
            });
            return Ok(());
        }
        let found = self.base.join(path);
        // A link that leads nowhere is there, and cannot be read: that is said later.
        if found.symlink_metadata().is_err_and(|error| {
            matches!(
                error.kind(),
                std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
            )
        }) {
            return Err(Error::invocation(format!("there is no {}", path.display())));
        }
        if found.is_dir() {
            self.walk(&found, path);
        } else {
            self.targets.push(Target {
                file: shown(path),
                path: found,
                origin: Origin::Named,
            });
        }
        Ok(())
    }

    /// Adds what may be a spec in a folder that people know as `name`, in the order of the paths.
    fn walk(&mut self, folder: &Path, name: &Path) {
        // A .gitignore counts where git reads it: up to the root of the work tree, and no further.
        let is_in_work_tree = locate::work_tree(folder).is_some();
        // With a separator behind it, a link to a folder is that folder.
        let walk = WalkBuilder::new(folder.join(""))
            // `.binder` and `.github` hold specs.
            .hidden(false)
            .ignore(false)
            .require_git(is_in_work_tree)
            .parents(is_in_work_tree)
            .filter_entry(|entry| entry.depth() == 0 || !is_left_out(entry))
            .build_parallel();
        let (sender, found) = mpsc::channel();
        walk.run(|| {
            let sender = sender.clone();
            Box::new(move |entry| {
                let target = entry.map(|entry| target(&entry, folder, name));
                // The receiver is there for as long as the walk.
                let _ = sender.send(target);
                WalkState::Continue
            })
        });
        drop(sender);
        let (mut targets, mut failures) = (Vec::new(), Vec::new());
        for found in found {
            match found {
                Ok(target) => targets.extend(target),
                Err(error) => failures.push(error.to_string()),
            }
        }
        // Several threads walked, each in its own time.
        targets.sort_by(|left, right| left.path.cmp(&right.path));
        failures.sort();
        self.targets.append(&mut targets);
        self.failures.append(&mut failures);
    }

    /// Leaves each file once, where it was named first.
    fn distinct(&mut self) {
        let mut seen = HashSet::new();
        self.targets
            .retain(|target| seen.insert(normalised(&target.path)));
    }
}

/// What may be a spec, found in a folder that people know as `name`.
fn target(entry: &DirEntry, folder: &Path, name: &Path) -> Option<Target> {
    let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
    if !is_file || !is_yaml(entry.path()) {
        return None;
    }
    let inside = entry.path().strip_prefix(folder).unwrap_or(entry.path());
    let file = shown(&name.join(inside));
    let file_name = entry.file_name().to_string_lossy().to_lowercase();
    let origin = match has_spec_name(&file) || file_name.starts_with("env") {
        true => Origin::Found,
        false => Origin::Guessed,
    };
    Some(Target {
        file,
        path: entry.path().to_owned(),
        origin,
    })
}

/// A path as it is shown and written into reports.
fn shown(path: &Path) -> String {
    let path = path.strip_prefix(".").unwrap_or(path);
    let text = path.display().to_string();
    match std::path::MAIN_SEPARATOR {
        '/' => text,
        separator => text.replace(separator, "/"),
    }
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|ending| {
        ending.eq_ignore_ascii_case("yaml") || ending.eq_ignore_ascii_case("yml")
    })
}

fn is_left_out(entry: &DirEntry) -> bool {
    if !entry.file_type().is_some_and(|kind| kind.is_dir()) {
        return false;
    }
    let path = entry.path();
    LEFT_OUT.iter().any(|name| entry.file_name() == *name)
        // What mmdev wrote itself is no work of a person's.
        || path.ends_with(".devcontainer/mmdev")
        || INSTALLED.iter().any(|name| path.join(name).exists())
}
