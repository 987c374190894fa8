//! What is known of the channels of one spec at one moment.

use std::collections::HashMap;
use std::sync::Arc;

use mmdev_core::index::{Answer, Candidate, PackageIndex};

/// The files of one package, newest version first.
#[derive(Debug, Clone)]
pub(crate) struct NamedFiles {
    /// Those that can be installed.
    pub(crate) candidates: Arc<[Candidate]>,
    /// Those that were taken back.
    pub(crate) removed: Arc<[Candidate]>,
}

/// An immutable answer to everything that may be asked of one scope.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    /// `None` until the list of every channel is known.
    pub(crate) names: Option<Arc<[String]>>,
    /// The wanted names that the lists have, as far as all their files are known.
    pub(crate) files: HashMap<String, NamedFiles>,
    /// The platforms of the scope.
    pub(crate) platforms: Vec<String>,
}

impl PackageIndex for Snapshot {
    fn names(&self) -> Answer<&[String]> {
        match &self.names {
            Some(names) => Answer::Known(names),
            None => Answer::Unknown,
        }
    }

    fn candidates(&self, name: &str) -> Answer<&[Candidate]> {
        let Some(names) = &self.names else {
            return Answer::Unknown;
        };
        if names
            .binary_search_by(|other| other.as_str().cmp(name))
            .is_err()
        {
            return Answer::Absent;
        }
        match self.files.get(name) {
            // A list may keep a name whose last file was taken back.
            Some(files) if files.candidates.is_empty() => Answer::Absent,
            Some(files) => Answer::Known(&files.candidates),
            None => Answer::Unknown,
        }
    }

    fn removed(&self, name: &str) -> &[Candidate] {
        self.files.get(name).map_or(&[], |files| &files.removed)
    }

    fn platforms(&self) -> &[String] {
        &self.platforms
    }
}
