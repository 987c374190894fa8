//! The lock beside a spec.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use mmdev_core::diagnostic::Severity;
use mmdev_core::lint::{Locked, SpecLock};
use mmdev_core::lock::{self, Lock};
use mmdev_core::spec::EnvSpec;

use super::{Everywhere, Read, look_of, read_spec};
use crate::files;
use crate::meaning;
use crate::requirements::requirements;
use crate::settings::normalised;

/// The locks that were asked about, by their paths.
#[derive(Debug, Default)]
pub(super) struct Locks {
    known: Mutex<HashMap<PathBuf, Read<Found>>>,
}

#[derive(Debug, Clone)]
enum Found {
    Nothing,
    /// A file that is not to be understood, of which `lint::lock` says why.
    Broken,
    Lock(Arc<Lock>),
}

impl Locks {
    /// The lock of the spec at `path` in the project at `root`.
    pub(super) fn of(&self, path: &Path, root: &Path, project: &Everywhere) -> Locked {
        let Some(lock_path) = lock_path(path, root, project) else {
            return Locked::Unknown;
        };
        let file = root.join(&lock_path);
        let lock = match self.read(&file) {
            Found::Nothing => return Locked::Missing(lock_path),
            Found::Broken => return Locked::Unknown,
            Found::Lock(lock) => lock,
        };
        let folder = file.parent().unwrap_or(root);
        let sources: Vec<PathBuf> = lock
            .metadata
            .sources
            .iter()
            .map(|source| normalised(&folder.join(source)))
            .collect();
        if !sources.iter().any(|source| source == path) {
            return Locked::Unknown;
        }
        let merged = project.merged_with(path, root);
        let paths: Vec<PathBuf> = match &merged {
            Some((specs, _)) => specs
                .iter()
                .map(|(other, _)| normalised(&root.join(other)))
                .collect(),
            None => vec![path.to_owned()],
        };
        let is_whole = sources.iter().all(|source| paths.contains(source))
            && paths.iter().all(|path| sources.contains(path));
        Locked::There(SpecLock {
            path: lock_path,
            lock,
            is_whole,
            others: match is_whole {
                true => others(path, root, project),
                false => BTreeMap::new(),
            },
            before: merged.map_or(0, |(_, before)| before),
        })
    }

    /// Whether a lock is another one than was said. It is asked for anew then.
    pub(super) fn forget_changed(&self) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known.len();
        known.retain(|_, read| read.holds());
        known.len() < before
    }

    fn read(&self, file: &Path) -> Found {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(read) = known().get(file).filter(|read| read.holds()) {
            return read.value.clone();
        }
        // Before it is read, so that a change in between is seen.
        let from = vec![(file.to_owned(), look_of(file))];
        let value = match from[0].1.is_some().then(|| files::read(file)) {
            None | Some(Ok(None)) => Found::Nothing,
            Some(Err(_)) => Found::Broken,
            Some(Ok(Some(text))) => {
                let read = lock::read(&text);
                let is_error = |severity| severity == Severity::Error;
                match read
                    .diagnostics
                    .iter()
                    .any(|found| is_error(found.severity))
                {
                    true => Found::Broken,
                    false => Found::Lock(Arc::new(read.lock)),
                }
            }
        };
        let read = Read {
            value: value.clone(),
            from,
        };
        known().insert(file.to_owned(), read);
        value
    }
}

/// Where the lock of a spec stands, from the root: where the project's settings say so, else beside it.
fn lock_path(path: &Path, root: &Path, everywhere: &Everywhere) -> Option<String> {
    let mut of_settings = everywhere.lock_paths.iter();
    let named = of_settings.find(|(spec, _)| normalised(&root.join(spec)) == path);
    if let Some((_, lock_path)) = named {
        return Some(lock_path.clone());
    }
    Some(lock::path_of(&relative(path, root)?))
}

/// The path of a spec from the root, with `/`.
fn relative(path: &Path, root: &Path) -> Option<String> {
    let inside = path.strip_prefix(root).ok()?;
    let parts: Option<Vec<&str>> = inside.iter().map(OsStr::to_str).collect();
    Some(parts?.join("/"))
}

/// What a solution depends on besides the specs.
fn others(path: &Path, root: &Path, project: &Everywhere) -> BTreeMap<String, String> {
    let names_files = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        ["-r", "-c", "requirement", "constraint"]
            .iter()
            .any(|option| text.contains(option))
    };
    let specs: Vec<(String, EnvSpec)> = match project.merged_with(path, root) {
        Some((specs, _)) => specs.to_vec(),
        None => {
            let spec = relative(path, root).zip(read_spec(path, names_files));
            spec.into_iter().collect()
        }
    };
    let requirements = requirements(root, &specs);
    let texts = requirements.map(|(texts, _)| texts).unwrap_or_default();
    meaning::others(&project.machine, &texts)
}
