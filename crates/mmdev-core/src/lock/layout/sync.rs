//! From what a running container has to the lock: the second slice for a prefix that is as it is.

use std::collections::{BTreeMap, BTreeSet};

use super::{Layout, Slice, name};
use crate::lock::read::is_name;
use crate::lock::{Manager, Package};
use crate::spec::pip::normalized;
use crate::subdir::machine;

/// What a prefix holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Installed {
    /// What `uname -m` says beside it.
    machine: String,
    /// Version and build string of the conda packages, by name.
    conda: BTreeMap<String, (String, String)>,
    /// Normalised names and versions of Python's packages, of conda's too.
    python: BTreeSet<(String, String)>,
}

impl Installed {
    /// The script of sh that lists a prefix, its argument, as [`Installed::read`] reads it.
    pub const LIST: &str = r#"uname -m; cd "$1" && ls conda-meta && ls -d lib/python*/site-packages/*.dist-info 2> /dev/null; true"#;

    /// Reads what [`Installed::LIST`] has printed.
    pub fn read(listing: &str) -> Self {
        let mut lines = listing.lines();
        let mut installed = Installed {
            machine: lines.next().unwrap_or_default().to_owned(),
            ..Installed::default()
        };
        for line in lines {
            let file = line.rsplit('/').next().unwrap_or_default();
            if let Some((name, build)) = file
                .strip_suffix(".json")
                .and_then(|stem| stem.rsplit_once('-'))
                && let Some((name, version)) = name.rsplit_once('-')
                && is_name(name)
            {
                let rest = (version.to_owned(), build.to_owned());
                installed.conda.insert(name.to_owned(), rest);
            }
            let python = file.strip_suffix(".dist-info");
            if let Some((name, version)) = python.and_then(|stem| stem.rsplit_once('-')) {
                let found = (normalized(name), version.to_owned());
                installed.python.insert(found);
            }
        }
        installed
    }

    fn has(&self, package: &Package) -> bool {
        match package.manager {
            Manager::Conda => self
                .conda
                .get(&package.name)
                .is_some_and(|(version, build)| {
                    *version == package.version && Some(build) == package.build.as_ref()
                }),
            Manager::Pip => {
                let found = (normalized(&package.name), package.version.clone());
                self.python.contains(&found)
            }
        }
    }
}

impl Layout {
    /// What brings a prefix to what this layout has in the end; its base is that end. `None` where nothing is to be done,
    /// or the prefix is on a machine that this layout has no packages for.
    ///
    /// Conda packages that are not in the lock go, whoever installed them. What pip installed is left, because nothing
    /// tells what a person did with it.
    pub fn for_prefix(&self, installed: &Installed) -> Option<Layout> {
        let ours = |platform: &&String| machine(platform) == Some(installed.machine.as_str());
        let platform = self.platforms.keys().find(ours)?;
        let slice = &self.platforms[platform];
        let wanted: Vec<Package> = slice.result().into_iter().cloned().collect();
        let is_kept = |there: &str| {
            let mut wanted = wanted.iter();
            wanted.any(|package| name(package) == (Manager::Conda, there) && installed.has(package))
        };
        let remove = installed.conda.keys().filter(|name| !is_kept(name));
        let found = Slice {
            remove: remove.map(|name| (Manager::Conda, name.clone())).collect(),
            add: wanted
                .iter()
                .filter(|package| !installed.has(package))
                .cloned()
                .collect(),
            base_requested: slice.requested.clone(),
            requested: slice.requested.clone(),
            base: wanted,
        };
        let is_nothing = found.remove.is_empty() && found.add.is_empty();
        (!is_nothing).then(|| Layout {
            platforms: [(platform.clone(), found)].into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::layout;
    use super::*;
    use crate::lock::fixture::lock;

    #[track_caller]
    fn check(listing: &str, remove: &[&str], add: &[&str]) {
        let lock = lock(&["a 1 h_0", "b-c 2 h_1", "pip:My.Tool 3"]);
        let requested = [("linux-64".to_owned(), Vec::new())].into();
        let (found, _) = layout(None, &lock, &requested, 10);
        let Some(sync) = found.for_prefix(&Installed::read(listing)) else {
            assert_eq!((remove, add), (&[][..], &[][..]));
            return;
        };
        let slice = &sync.platforms["linux-64"];
        let removed: Vec<&str> = slice.remove.iter().map(|(_, name)| name.as_str()).collect();
        let added: Vec<&str> = slice
            .add
            .iter()
            .map(|package| package.name.as_str())
            .collect();
        assert_eq!((removed, added), (remove.to_vec(), add.to_vec()));
        assert_eq!(slice.base.len(), 3);
    }

    #[test]
    fn what_differs_is_changed() {
        const TOOL: &str = "lib/python3.11/site-packages/my_tool-3.dist-info\n";
        let same = format!("x86_64\na-1-h_0.json\nb-c-2-h_1.json\nhistory\n{TOOL}");
        check(&same, &[], &[]);
        check(&same.replace("x86_64", "riscv64"), &[], &[]);
        check(&same.replace("b-c-2-h_1", "b-c-2-h_0"), &["b-c"], &["b-c"]);
        check(
            &same.replace("a-1-h_0.json", "z-1-h_0.json"),
            &["z"],
            &["a"],
        );
        check(&same.replace("my_tool-3", "my_tool-2"), &[], &["My.Tool"]);
        check("x86_64\n", &[], &["a", "b-c", "My.Tool"]);
        check("", &[], &[]);
    }
}
