//! Where the bytes of an image are: by the step that made them, by package, by file.
//!
//! Sources: the `files` of the records in `conda-meta/` (docs.conda.io, "Package metadata"), and RECORD of installed
//! wheels (packaging.python.org, "Recording installed projects").

mod step;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use crate::artifact::dropped;
use crate::lock::Manager;

pub use step::step;

/// One file of an image, as its layers together show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageFile {
    /// Its path from the image's root, without a slash in front.
    pub path: String,
    /// Its bytes; 0 for a link.
    pub bytes: u64,
    /// Its text, of those for which [`is_read`] says so.
    pub text: Option<String>,
}

/// Whether the text of a file says which files a package has.
pub fn is_read(path: &str) -> bool {
    record(path).is_some() || wheel(path).is_some()
}

/// What of an image a package takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageSize {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Who installed it.
    pub manager: Manager,
    /// The folder of its environment, from the image's root; empty for a wheel that is in none.
    pub prefix: String,
    /// The bytes of its files. Files that several names share count where their first name is.
    pub bytes: u64,
    /// How many files it has there.
    pub files: usize,
}

/// A file, and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileSize<'a> {
    /// Its path from the image's root.
    pub path: &'a str,
    /// Its bytes.
    pub bytes: u64,
    /// Its package, by its place in [`Sizes::packages`].
    pub package: Option<usize>,
}

/// Where the bytes of an image are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sizes<'a> {
    /// The packages, the largest first.
    pub packages: Vec<PackageSize>,
    /// All files, the largest first.
    pub files: Vec<FileSize<'a>>,
    /// What of the environments a runtime image leaves out, with its bytes and how many files it is.
    pub left_out: BTreeMap<&'static str, (u64, usize)>,
    /// The bytes in environments that no package has.
    pub unowned: u64,
    /// The bytes outside of environments that no package has.
    pub system: u64,
}

impl<'a> Sizes<'a> {
    /// Counts the files of an image.
    pub fn of(files: &'a [ImageFile]) -> Self {
        let prefixes: BTreeSet<&str> = files.iter().filter_map(|file| record(&file.path)).collect();
        let (mut packages, owners) = packages(files, &prefixes);
        let (mut unowned, mut system, mut left_out) = (0, 0, BTreeMap::new());
        let mut sizes = Vec::with_capacity(files.len());
        for file in files {
            let inside = around(&prefixes, &file.path);
            let what = inside.and_then(|prefix| {
                let path = &file.path[prefix.len()..];
                dropped(path.trim_start_matches('/'))
            });
            if let Some(what) = what {
                let (bytes, count) = left_out.entry(what).or_insert((0, 0));
                *bytes += file.bytes;
                *count += 1;
            }
            let owner = owners.get(file.path.as_str());
            let owner = owner.or_else(|| owners.get(source(&file.path)?.as_str()));
            let package = owner.copied();
            match package.and_then(|package| packages.get_mut(package)) {
                Some(package) => {
                    package.bytes += file.bytes;
                    package.files += 1;
                }
                None if inside.is_some() => unowned += file.bytes,
                None => system += file.bytes,
            }
            sizes.push(FileSize {
                path: &file.path,
                bytes: file.bytes,
                package,
            });
        }
        let mut order: Vec<usize> = (0..packages.len()).collect();
        order.sort_by_key(|&at| std::cmp::Reverse(packages[at].bytes));
        let mut place = vec![0; order.len()];
        for (now, &before) in order.iter().enumerate() {
            place[before] = now;
        }
        for size in &mut sizes {
            size.package = size.package.map(|package| place[package]);
        }
        sizes.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.path.cmp(b.path)));
        Sizes {
            packages: order.into_iter().map(|at| packages[at].clone()).collect(),
            files: sizes,
            left_out,
            unowned,
            system,
        }
    }

    /// The bytes of all packages of a manager, and how many packages these are.
    pub fn total(&self, manager: Manager) -> (u64, usize) {
        let packages = self.packages.iter();
        let bytes = packages.filter(|package| package.manager == manager);
        bytes.fold((0, 0), |(sum, count), package| {
            (sum + package.bytes, count + 1)
        })
    }
}

/// The packages that an image has, in no order of meaning, and whose each path is.
fn packages<'a>(
    files: &'a [ImageFile],
    prefixes: &BTreeSet<&str>,
) -> (Vec<PackageSize>, HashMap<String, usize>) {
    let mut packages = Vec::new();
    let mut owners = HashMap::new();
    let texts = |file: &'a ImageFile| Some((record(&file.path)?, file.text.as_deref()?));
    for (file, (prefix, text)) in files.iter().filter_map(|file| Some((file, texts(file)?))) {
        let Ok(record) = serde_json::from_str::<Value>(text) else {
            continue;
        };
        let package = packages.len();
        packages.push(package_size(&record, prefix));
        // The record itself is a file of the package that it does not name.
        owners.insert(file.path.clone(), package);
        for path in record["files"].as_array().into_iter().flatten() {
            if let Some(path) = path.as_str() {
                owners.insert(inside(prefix) + path, package);
            }
        }
    }
    for file in files {
        let Some(((folder, name, version), text)) = wheel(&file.path).zip(file.text.as_deref())
        else {
            continue;
        };
        // A conda package of Python has such a list, too, and it is among its own files.
        if owners.contains_key(&file.path) {
            continue;
        }
        let package = packages.len();
        packages.push(PackageSize {
            name: name.to_owned(),
            version: version.to_owned(),
            manager: Manager::Pip,
            prefix: around(prefixes, &file.path).unwrap_or_default().to_owned(),
            bytes: 0,
            files: 0,
        });
        owners.insert(file.path.clone(), package);
        for line in text.lines() {
            owners.entry(recorded(folder, line)).or_insert(package);
        }
    }
    (packages, owners)
}

fn package_size(record: &Value, prefix: &str) -> PackageSize {
    let text = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
    PackageSize {
        name: text("name"),
        version: text("version"),
        manager: Manager::Conda,
        prefix: prefix.to_owned(),
        bytes: 0,
        files: 0,
    }
}

/// The prefix of which a path is a record.
fn record(path: &str) -> Option<&str> {
    let (folder, _) = path.strip_suffix(".json")?.rsplit_once('/')?;
    match folder {
        "conda-meta" => Some(""),
        _ => folder.strip_suffix("/conda-meta"),
    }
}

/// The folder of the wheel whose RECORD a path is, the wheel's name, and its version.
fn wheel(path: &str) -> Option<(&str, &str, &str)> {
    let (folder, name) = path.strip_suffix(".dist-info/RECORD")?.rsplit_once('/')?;
    let (name, version) = name.split_once('-')?;
    Some((folder, name, version))
}

/// The innermost of the folders that a path is in: of two of which one is in the other, that one comes later.
fn around<'a>(folders: &BTreeSet<&'a str>, path: &str) -> Option<&'a str> {
    let mut folders = folders.iter().rev();
    folders.find(|folder| is_in(folder, path)).copied()
}

/// Whether a path is in a folder.
fn is_in(folder: &str, path: &str) -> bool {
    let rest = path.strip_prefix(folder);
    folder.is_empty() || rest.is_some_and(|rest| rest.starts_with('/'))
}

/// What the paths in a folder begin with.
fn inside(folder: &str) -> String {
    match folder {
        "" => String::new(),
        _ => format!("{folder}/"),
    }
}

/// The path in a line of RECORD, which is CSV, from the image's root.
fn recorded(folder: &str, line: &str) -> String {
    let written = match line.strip_prefix('"') {
        Some(quoted) => {
            let end = quoted.find("\",").unwrap_or(quoted.len());
            quoted[..end].replace("\"\"", "\"")
        }
        None => line.split(',').next().unwrap_or_default().to_owned(),
    };
    let mut parts: Vec<&str> = match written.starts_with('/') {
        true => Vec::new(),
        false => folder.split('/').collect(),
    };
    for part in written.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The source of a compiled file of Python's: packages do not list those that were compiled later.
fn source(path: &str) -> Option<String> {
    let (folder, name) = path.strip_suffix(".pyc")?.rsplit_once('/')?;
    let (module, _) = name.split_once('.')?;
    Some(inside(folder.strip_suffix("__pycache__")?.trim_end_matches('/')) + module + ".py")
}
