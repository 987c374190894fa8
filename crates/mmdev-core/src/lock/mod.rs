//! The lock: conda-lock's unified format, version 1, read, written and compared.
//!
//! `conda-lock.yml` holds the exact records of every platform. conda-lock, micromamba and mamba read it as it is.

mod channel;
pub(crate) mod codes;
mod conflict;
mod content_hash;
mod depends;
mod diff;
mod export;
mod fixed;
#[cfg(test)]
pub(crate) mod fixture;
pub mod git;
mod graph;
mod layout;
mod meaning;
mod newer;
mod read;
mod sbom;
mod scalar;
mod state;
#[cfg(test)]
mod tests;
pub mod uv;
mod write;

pub use channel::{Channel, without_secrets};
pub use conflict::both_sides;
pub use content_hash::{content_hash, default_virtual_packages};
pub use depends::dependencies;
pub use diff::{Change, Common, Diff, Difference, common, diff};
pub use export::{exact_spec, explicit, pin_path};
pub use fixed::{PIP_FIXED, fixed_line, line_name, short_fix};
pub use git::GitLine;
pub use graph::{Branch, Direct, Direction, Graph, Step};
pub use layout::{Decision, Installed, Layout, layout, requested};
pub use meaning::{MEANING, meaning};
pub use newer::compare_versions;
pub use read::{ReadLock, read};
pub use sbom::{About, License, sbom};
pub use state::{Changes, Entry, PIP_UNLOCKED, State, Unsatisfied, state};
pub use write::write;

use std::collections::BTreeMap;

/// The name of a lock; that of a project's second environment has its name in front, as has that of a spec which is not
/// called as the one of a project ([`path_of`]).
pub const FILE_NAME: &str = "conda-lock.yml";

/// Where the lock of a spec is: beside it. A project has one spec, by one of a few names; of others many may stand in one
/// folder, as in `envs` of a workflow, and each one's lock has its name in front: `envs/dev.conda-lock.yml`.
pub fn path_of(spec: &str) -> String {
    let name = spec.rfind('/').map_or(0, |slash| slash + 1);
    let (folder, name) = spec.split_at(name);
    if crate::spec::COMMON_NAMES.contains(&name) {
        return format!("{folder}{FILE_NAME}");
    }
    let stem = match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    };
    format!("{folder}{stem}.{FILE_NAME}")
}

/// Whether people give this name to a lock: `conda-lock.yml`, or of another environment `NAME.conda-lock.yml`.
pub fn has_lock_name(path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let before = name.strip_suffix(FILE_NAME);
    before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// The exact records of every platform of one environment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lock {
    /// What it was made from.
    pub metadata: Metadata,
    /// The records of all platforms. [`Lock::sort`] gives the order in which they are written.
    pub packages: Vec<Package>,
}

impl Lock {
    /// Puts the packages into conda-lock's order: by manager, name, platform and category.
    pub fn sort(&mut self) {
        self.packages
            .sort_by(|left, right| left.key().cmp(&right.key()));
    }

    /// The packages of one platform, in the order of the lock.
    pub fn of<'lock>(&'lock self, platform: &'lock str) -> impl Iterator<Item = &'lock Package> {
        self.packages
            .iter()
            .filter(move |package| package.platform == platform)
    }
}

/// What a lock was made from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    /// conda-lock's hash of the dependencies, for each platform.
    pub content_hash: BTreeMap<String, String>,
    /// The channels, first the most important.
    pub channels: Vec<Channel>,
    /// The platforms.
    pub platforms: Vec<String>,
    /// The spec files, relative to the lock's folder.
    pub sources: Vec<String>,
    /// `custom_metadata`: what other programs keep here, mmdev among them.
    pub custom: BTreeMap<String, String>,
}

/// Who installs a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Manager {
    /// conda and those that read its channels.
    Conda,
    /// pip.
    Pip,
}

impl Manager {
    /// The word that stands in the lock.
    pub fn name(self) -> &'static str {
        match self {
            Manager::Conda => "conda",
            Manager::Pip => "pip",
        }
    }
}

/// One record for one platform. A package of several categories stands there once for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The name, as its manager writes it.
    pub name: String,
    /// The version.
    pub version: String,
    /// The build string of a conda package.
    pub build: Option<String>,
    /// Who installs it.
    pub manager: Manager,
    /// The subdir of the container, which a `noarch` package has too.
    pub platform: String,
    /// The names of what it needs, and the rest of each one's MatchSpec: `>=3.11,<3.12.0a0 *_cpython`. Empty where
    /// any will do. [`dependencies`] makes it from a record's `depends`.
    pub dependencies: BTreeMap<String, String>,
    /// Where the file is; credentials as in [`Channel::url`].
    pub url: String,
    /// The file's hashes.
    pub hash: Hashes,
    /// Where a pip package comes from that is no file of an index: a URL or a repository with its commit.
    pub source: Option<String>,
    /// The category of the dependencies that it serves: [`MAIN`], `dev` and so on.
    pub category: String,
    /// Whether it is installed only where its category is asked for.
    pub optional: bool,
    /// The bytes of its file. The format has no place for them: they stand in `custom_metadata`.
    pub size: Option<u64>,
}

/// What the keys of `custom_metadata` begin with that hold the sizes of packages.
const SIZE: &str = "mmdev-size/";

/// The category that is always installed.
pub const MAIN: &str = "main";

impl Package {
    /// What a lock holds once, in the order in which it holds it.
    pub fn key(&self) -> (Manager, &str, &str, &str) {
        (self.manager, &self.name, &self.platform, &self.category)
    }

    /// The key of `custom_metadata` that holds its size.
    fn size_key(&self) -> String {
        let manager = match self.manager {
            Manager::Conda => "",
            Manager::Pip => "pip/",
        };
        format!("{SIZE}{}/{manager}{}", self.platform, self.name)
    }
}

/// The hashes of a file, in hexadecimal digits. conda-lock wants an MD5 of every conda package.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hashes {
    /// MD5.
    pub md5: Option<String>,
    /// SHA-256.
    pub sha256: Option<String>,
}

/// Name, version and build string in the file name of a conda package's URL.
fn file_name_parts(url: &str) -> Option<(&str, &str, &str)> {
    let path = url.split(['#', '?']).next()?;
    let file = path.rsplit('/').next()?;
    let stem = file
        .strip_suffix(".conda")
        .or_else(|| file.strip_suffix(".tar.bz2"))?;
    let (rest, build) = stem.rsplit_once('-')?;
    let (name, version) = rest.rsplit_once('-')?;
    Some((name, version, build))
}
