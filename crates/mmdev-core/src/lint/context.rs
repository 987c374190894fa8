//! What a rule's check may look at.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::Selection;
use crate::index::PackageIndex;
use crate::project::DEFAULT_PLATFORMS;
use crate::spec::{EnvSpec, PLATFORMS, ReadSpec};
use crate::syntax::yaml;

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
    /// The paths that the spec's pip section names, as written, and that are not there.
    pub missing_paths: BTreeSet<String>,
    /// Conda names by PyPI names, from the public mapping, where it is known.
    pub conda_names: Arc<BTreeMap<String, String>>,
    /// The day on which it is checked.
    pub today: Option<Date>,
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

    /// The conda subdirs that the environment is made for: the settings', else the spec's, else the usual ones.
    pub(crate) fn platforms(&self) -> Vec<&str> {
        self.around.platforms_of(self.spec())
    }
}
