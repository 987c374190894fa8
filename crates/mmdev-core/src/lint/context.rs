//! What a rule's check may look at.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Locked, Selection};
use crate::index::PackageIndex;
use crate::project::DEFAULT_PLATFORMS;
use crate::spec::{EnvSpec, PLATFORMS, PipLine, ReadSpec, Selector};
use crate::syntax::yaml::{self, Entry, Kind};

/// One spec file, read.
#[derive(Debug, Clone, Copy)]
pub struct SpecFile<'a> {
    /// Its path from the project's root, or its name.
    pub path: &'a str,
    /// Its text, which spans are in.
    pub text: &'a str,
    /// The tree of the text.
    pub tree: &'a yaml::Parsed,
    /// What was read out of the tree.
    pub read: &'a ReadSpec,
}

/// What is known of the world around a spec. The default knows nothing, and then nothing is said that would need it.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// Which rules are to speak.
    pub selection: Selection,
    /// The other specs that are merged with this one into one environment, by path.
    pub merged_with: Vec<(String, EnvSpec)>,
    /// The conda subdirs that the container is made for, where settings name them.
    pub platforms: Vec<String>,
    /// A notebook of the project, by its path, where it has one.
    pub notebook: Option<String>,
    /// Those of [`paths_of`] the spec that are not there, as written.
    pub missing_paths: BTreeSet<String>,
    /// Conda names by PyPI names, from the public mapping, where it is known.
    pub conda_names: Arc<BTreeMap<String, String>>,
    /// The day on which it is checked.
    pub today: Option<Date>,
    /// The lock of the environment that the spec is of.
    pub lock: Locked,
}

/// The files and folders that the pip section of `spec` installs from, as written: relative to the spec's folder. What
/// stands behind `-r` and `-c` is no part of it, because those files are read; nor is a path of one machine.
pub fn paths_of(spec: &EnvSpec) -> Vec<String> {
    let paths = spec.pip.iter().filter_map(|entry| match &entry.line {
        PipLine::Path { path, .. } if !path.starts_with(['/', '~', '\\', '$']) => Some(path),
        _ => None,
    });
    let mut paths: Vec<String> = paths
        .filter(|path| path.as_bytes().get(1) != Some(&b':'))
        .cloned()
        .collect();
    paths.sort();
    paths.dedup();
    paths
}

impl Surroundings {
    /// The conda subdirs that the environment of `spec` is made for.
    pub(crate) fn platforms_of<'a>(&'a self, spec: &'a EnvSpec) -> Vec<&'a str> {
        let settings = self.platforms.iter().map(String::as_str);
        let known = spec.platforms.iter();
        let known = known
            .map(|platform| platform.value.as_str())
            .filter(|platform| PLATFORMS.contains(platform));
        let mut platforms: Vec<&str> = settings.collect();
        if platforms.is_empty() {
            platforms = known.collect();
        }
        if platforms.is_empty() {
            platforms = DEFAULT_PLATFORMS.to_vec();
        }
        platforms
    }
}

/// A day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// The year.
    pub year: u16,
    /// The month, from 1.
    pub month: u8,
    /// The day, from 1.
    pub day: u8,
}

/// What a rule's check may look at.
pub(crate) struct Context<'a> {
    pub(crate) file: SpecFile<'a>,
    pub(crate) around: &'a Surroundings,
    pub(crate) index: Option<&'a dyn PackageIndex>,
}

impl Context<'_> {
    pub(crate) fn spec(&self) -> &EnvSpec {
        &self.file.read.spec
    }

    /// The entry of a top-level key.
    pub(crate) fn top_level(&self, key: &str) -> Option<&Entry> {
        let Kind::Mapping(entries) = &self.file.tree.root.as_ref()?.kind else {
            return None;
        };
        entries.iter().find(|entry| entry.name() == Some(key))
    }

    /// Whether there is a platform of the environment on which two entries with these selectors are both installed. One
    /// that is not understood has its own diagnostic, and is read as none.
    pub(crate) fn meet(&self, left: Option<&Selector>, right: Option<&Selector>) -> bool {
        let applies = |selector: Option<&Selector>, platform: &str| {
            selector.is_none_or(|selector| selector.applies_to(platform).unwrap_or(true))
        };
        let both = |platform: &str| applies(left, platform) && applies(right, platform);
        left.is_none() && right.is_none() || self.platforms().into_iter().any(both)
    }

    /// The conda subdirs that the environment is made for: the settings', else the spec's, else the usual ones.
    pub(crate) fn platforms(&self) -> Vec<&str> {
        self.around.platforms_of(self.spec())
    }
}

#[cfg(test)]
mod tests {
    use super::paths_of;
    use crate::spec::read;

    #[test]
    fn paths_are_those_that_pip_installs_from_the_project() {
        let text = "dependencies:\n  - pip:\n    - -e .[dev]\n    - ./a b\n    - x.whl\n    - /abs/x\n    - ~/x\n    - C:\\x\\y\n    - -e git+https://a/b\n    - -r r.txt\n    - -c c.txt\n    - x\n";
        assert_eq!(
            paths_of(&read("env.yaml", text).spec),
            [".", "./a", "x.whl"]
        );
    }
}
