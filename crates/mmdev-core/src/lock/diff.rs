//! What two locks differ in.

use std::collections::BTreeMap;

use super::{Lock, Manager, Package};

/// The changes from one lock to another on one platform, by name, conda packages first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diff<'lock> {
    /// What only the newer one has.
    pub added: Vec<&'lock Package>,
    /// What only the older one has.
    pub removed: Vec<&'lock Package>,
    /// What both have, in another version, build or file.
    pub changed: Vec<Change<'lock>>,
}

/// A package that both locks have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change<'lock> {
    /// The record of the older lock.
    pub from: &'lock Package,
    /// The record of the newer lock.
    pub to: &'lock Package,
}

impl Diff<'_> {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

/// What `new` has other than `old`, by platform; platforms without a difference are left out.
pub fn diff<'lock>(old: &'lock Lock, new: &'lock Lock) -> BTreeMap<&'lock str, Diff<'lock>> {
    let before = by_key(old);
    let after = by_key(new);
    let mut diffs = BTreeMap::<&str, Diff<'_>>::new();
    for (key, from) in &before {
        match after.get(key) {
            None => diffs.entry(key.2).or_default().removed.push(from),
            Some(to) if !is_same(from, to) => {
                let change = Change { from, to };
                diffs.entry(key.2).or_default().changed.push(change);
            }
            Some(_) => {}
        }
    }
    for (key, to) in &after {
        if !before.contains_key(key) {
            diffs.entry(key.2).or_default().added.push(to);
        }
    }
    diffs
}

/// A package of several categories is one.
fn by_key(lock: &Lock) -> BTreeMap<(Manager, &str, &str), &Package> {
    let packages = lock.packages.iter();
    packages
        .map(|package| {
            let (manager, name, platform, _) = package.key();
            ((manager, name, platform), package)
        })
        .collect()
}

/// Whether two records install the same files and say the same of them.
pub(super) fn is_same(left: &Package, right: &Package) -> bool {
    let is_file = match (&left.hash.sha256, &right.hash.sha256) {
        (Some(left), Some(right)) => left == right,
        _ => left.url == right.url && left.hash.md5 == right.hash.md5,
    };
    is_file
        && left.version == right.version
        && left.build == right.build
        && left.dependencies == right.dependencies
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{lock, package};
    use super::*;

    #[test]
    fn each_platform_has_its_own_changes() {
        let old = lock(&[
            "python 3.12.1 h_0",
            "a 1.0 h_0",
            "b 1.0 h_0",
            "pip:c 1.0",
            "linux-aarch64:a 1.0 h_0",
        ]);
        let new = lock(&[
            "python 3.12.1 h_0",
            "a 1.1 h_0",
            "b 1.0 h_1",
            "c 1.0 h_0",
            "linux-aarch64:a 1.0 h_0",
        ]);
        let diffs = diff(&old, &new);
        assert_eq!(diffs.keys().copied().collect::<Vec<_>>(), ["linux-64"]);
        let names = |packages: &[&Package]| -> Vec<String> {
            packages
                .iter()
                .map(|package| format!("{:?} {}", package.manager, package.name))
                .collect()
        };
        let diff = &diffs["linux-64"];
        assert_eq!(names(&diff.added), ["Conda c"]);
        assert_eq!(names(&diff.removed), ["Pip c"]);
        let changed: Vec<_> = diff
            .changed
            .iter()
            .map(|change| (change.from.version.as_str(), change.to.version.as_str()))
            .collect();
        assert_eq!(changed, [("1.0", "1.1"), ("1.0", "1.0")]);
    }

    #[test]
    fn a_file_from_a_mirror_is_the_same() {
        let one = package("a 1.0 h_0");
        let mirrored = Package {
            url: one.url.replace("conda.anaconda.org", "mirror.example"),
            ..one.clone()
        };
        assert!(is_same(&one, &mirrored));
        let mut patched = one.clone();
        patched.dependencies.insert("x".to_owned(), "<2".to_owned());
        assert!(!is_same(&one, &patched));
    }
}
