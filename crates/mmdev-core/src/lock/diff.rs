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

/// What is so on these platforms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Common<'lock> {
    /// The platforms.
    pub platforms: Vec<&'lock str>,
    /// The differences, by name.
    pub differences: Vec<Difference<'lock>>,
}

/// One package that differs in the same way on several platforms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference<'lock> {
    /// The records of the older lock, one a platform; none where it is new.
    pub from: Vec<&'lock Package>,
    /// The records of the newer lock, one a platform; none where it is gone.
    pub to: Vec<&'lock Package>,
}

/// What tells a reader two differences apart: that a build string differs between platforms is nothing to tell where
/// the version says it all.
type Told<'lock> = (
    &'lock str,
    Manager,
    Option<(&'lock str, Option<&'lock str>)>,
    Option<(&'lock str, Option<&'lock str>)>,
);

fn told<'lock>(from: Option<&'lock Package>, to: Option<&'lock Package>) -> Option<Told<'lock>> {
    let package = to.or(from)?;
    let is_same_version = from
        .zip(to)
        .is_some_and(|(from, to)| from.version == to.version);
    let side = |package: &'lock Package| {
        let build = package.build.as_deref().filter(|_| is_same_version);
        (package.version.as_str(), build)
    };
    Some((&package.name, package.manager, from.map(side), to.map(side)))
}

/// The differences of a [`diff`], each once: those that most platforms have in common first.
pub fn common<'lock>(diffs: &BTreeMap<&'lock str, Diff<'lock>>) -> Vec<Common<'lock>> {
    let mut all = BTreeMap::<Told<'_>, (Vec<&str>, Difference<'_>)>::new();
    for (platform, diff) in diffs {
        let removed = diff.removed.iter().map(|from| (Some(*from), None));
        let changed = diff.changed.iter();
        let changed = changed.map(|change| (Some(change.from), Some(change.to)));
        let added = diff.added.iter().map(|to| (None, Some(*to)));
        for (from, to) in removed.chain(changed).chain(added) {
            let Some(told) = told(from, to) else { continue };
            let (platforms, difference) = all.entry(told).or_insert_with(|| {
                let difference = Difference {
                    from: Vec::new(),
                    to: Vec::new(),
                };
                (Vec::new(), difference)
            });
            platforms.push(platform);
            difference.from.extend(from);
            difference.to.extend(to);
        }
    }
    let mut groups: Vec<Common<'_>> = Vec::new();
    for (platforms, difference) in all.into_values() {
        match groups.iter_mut().find(|group| group.platforms == platforms) {
            Some(group) => group.differences.push(difference),
            None => groups.push(Common {
                platforms,
                differences: vec![difference],
            }),
        }
    }
    groups.sort_by_key(|group| {
        (
            std::cmp::Reverse(group.platforms.len()),
            group.platforms.clone(),
        )
    });
    groups
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
    use expect_test::expect;

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
    fn what_platforms_have_in_common_is_told_once() {
        let on_all = |texts: &[&str]| -> Lock {
            let texts = texts.iter();
            let texts: Vec<String> = texts
                .flat_map(|text| [format!("linux-64:{text}"), format!("osx-arm64:{text}")])
                .collect();
            lock(&texts.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let mut old = on_all(&["python 3.12.1 h_0", "a 1.0 h_0", "b 1.0 h_0"]);
        let mut new = on_all(&["python 3.13.0 h_0", "a 1.0 h_1", "c 1.0 h_0", "pip:d 2.0"]);
        old.packages.push(package("linux-64:mkl 1 h_0"));
        // Builds differ between platforms.
        new.packages
            .iter_mut()
            .filter(|package| package.platform == "linux-64" && package.name != "d")
            .for_each(|package| package.build = Some("x_1".to_owned()));
        let diffs = diff(&old, &new);
        let shown: Vec<String> = common(&diffs)
            .iter()
            .map(|group| {
                let lines = group.differences.iter().map(|difference| {
                    let side = |packages: &[&Package]| {
                        let shown = packages.iter().map(|package| {
                            let build = package.build.as_deref().unwrap_or("-");
                            format!("{}={build}", package.version)
                        });
                        shown.collect::<Vec<_>>().join("|")
                    };
                    let name = &difference
                        .from
                        .first()
                        .or(difference.to.first())
                        .unwrap()
                        .name;
                    format!(
                        "\n  {name} {} -> {}",
                        side(&difference.from),
                        side(&difference.to)
                    )
                });
                format!(
                    "{}:{}",
                    group.platforms.join(", "),
                    lines.collect::<String>()
                )
            })
            .collect();
        expect![[r#"
            linux-64, osx-arm64:
              b 1.0=h_0|1.0=h_0 -> 
              c  -> 1.0=x_1|1.0=h_0
              d  -> 2.0=-|2.0=-
              python 3.12.1=h_0|3.12.1=h_0 -> 3.13.0=x_1|3.13.0=h_0
            linux-64:
              a 1.0=h_0 -> 1.0=x_1
              mkl 1=h_0 -> 
            osx-arm64:
              a 1.0=h_0 -> 1.0=h_1"#]]
        .assert_eq(&shown.join("\n"));
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
