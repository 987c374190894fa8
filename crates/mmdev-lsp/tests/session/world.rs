//! A host with an index that a test fills.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use mmdev_core::index::{Answer, Candidate, PackageIndex, Scope};
use mmdev_core::lint::{Locked, SpecLock, Surroundings};
use mmdev_lsp::Host;
use tokio::sync::watch;

/// The host, and what it was asked.
pub(crate) struct World {
    packages: Mutex<Arc<Packages>>,
    asked: Mutex<Vec<Scope>>,
    surroundings: Mutex<Arc<Surroundings>>,
    changes: watch::Sender<u64>,
}

/// What is known: nothing until there are names.
#[derive(Default)]
struct Packages {
    names: Option<Vec<String>>,
    versions: Vec<(String, Vec<Candidate>)>,
    panics: bool,
}

impl World {
    /// A world that knows nothing yet.
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(World {
            packages: Mutex::default(),
            asked: Mutex::default(),
            surroundings: Mutex::default(),
            changes: watch::Sender::new(0),
        })
    }

    /// A world with these packages and versions, newest first.
    pub(crate) fn with(packages: &[(&str, &[&str])]) -> Arc<Self> {
        let world = World::new();
        world.learn(packages);
        world
    }

    /// It knows these packages from now on, and says so.
    pub(crate) fn learn(&self, packages: &[(&str, &[&str])]) {
        let candidate = |version: &&str| Candidate {
            version: (*version).to_owned(),
            build: "h1_0".to_owned(),
            build_number: 0,
            channel: "conda-forge".to_owned(),
            subdir: "linux-64".to_owned(),
        };
        let versions = packages.iter().map(|(name, versions)| {
            let versions = versions.iter().map(candidate).collect();
            ((*name).to_owned(), versions)
        });
        self.set(Packages {
            names: Some(
                packages
                    .iter()
                    .map(|(name, _)| (*name).to_owned())
                    .collect(),
            ),
            versions: versions.collect(),
            panics: false,
        });
    }

    /// It knows that these names exist, and nothing more of them.
    pub(crate) fn learn_names(&self, names: Vec<String>) {
        self.set(Packages {
            names: Some(names),
            ..Packages::default()
        });
    }

    /// The spec has this lock from now on.
    pub(crate) fn lock(&self, text: &str) {
        let lock = SpecLock {
            path: "conda-lock.yml".to_owned(),
            lock: Arc::new(mmdev_core::lock::read(text).lock),
            is_whole: true,
            others: BTreeMap::new(),
            before: 0,
        };
        let around = Surroundings {
            lock: Locked::There(lock),
            ..Surroundings::default()
        };
        *self.surroundings.lock().unwrap() = Arc::new(around);
        self.changes.send_modify(|count| *count += 1);
    }

    /// Every question panics from now on.
    pub(crate) fn break_down(&self) {
        self.set(Packages {
            panics: true,
            ..Packages::default()
        });
    }

    fn set(&self, packages: Packages) {
        *self.packages.lock().unwrap() = Arc::new(packages);
        self.changes.send_modify(|count| *count += 1);
    }

    /// The names that it was asked about since the last call, a list for each question.
    pub(crate) fn take_asked(&self) -> Vec<Vec<String>> {
        let asked = std::mem::take(&mut *self.asked.lock().unwrap());
        asked.into_iter().map(|scope| scope.names).collect()
    }
}

impl Host for World {
    fn index(&self, scope: &Scope) -> Arc<dyn PackageIndex> {
        self.asked.lock().unwrap().push(scope.clone());
        self.packages.lock().unwrap().clone()
    }

    fn surroundings(&self, _path: &str) -> Arc<Surroundings> {
        self.surroundings.lock().unwrap().clone()
    }

    fn index_changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

impl PackageIndex for Packages {
    fn names(&self) -> Answer<&[String]> {
        assert!(!self.panics, "a test makes the index panic");
        match &self.names {
            Some(names) => Answer::Known(names),
            None => Answer::Unknown,
        }
    }

    fn candidates(&self, name: &str) -> Answer<&[Candidate]> {
        assert!(!self.panics, "a test makes the index panic");
        let Some(names) = &self.names else {
            return Answer::Unknown;
        };
        match self.versions.iter().find(|(own, _)| own == name) {
            Some((_, candidates)) => Answer::Known(candidates),
            None if names.iter().any(|own| own == name) => Answer::Unknown,
            None => Answer::Absent,
        }
    }
}
