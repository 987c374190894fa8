//! The lock in the two slices that an image installs: the big one as it was when it was last laid out, and what
//! changed since. So a rebuild costs what changed, and the big layer is everybody's.

mod slices;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::{Lock, MAIN, Manager, Package};

pub use slices::requested;

/// How the packages of every platform of the image are laid into layers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layout {
    /// The slices of each platform. All are laid out at once: their text is one, and so is the layer's key.
    pub platforms: BTreeMap<String, Slice>,
}

/// The packages of one platform. `base`, without `remove`, with `add`, is the lock.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Slice {
    /// What the first layer installs.
    pub base: Vec<Package>,
    /// What the second layer removes before it installs: packages of the base that are gone or replaced.
    pub remove: Vec<(Manager, String)>,
    /// What the second layer installs.
    pub add: Vec<Package>,
}

impl Slice {
    /// The packages that are there in the end, in the order of a lock.
    pub fn result(&self) -> Vec<&Package> {
        let removed = self.removed();
        let kept = self
            .base
            .iter()
            .filter(|package| !removed.contains(&name(package)));
        let mut result: Vec<&Package> = kept.chain(&self.add).collect();
        result.sort_by(|left, right| left.key().cmp(&right.key()));
        result
    }

    /// The packages of the base that the second layer removes.
    fn replaced(&self) -> impl Iterator<Item = &Package> {
        let removed = self.removed();
        self.base
            .iter()
            .filter(move |package| removed.contains(&name(package)))
    }

    fn removed(&self) -> BTreeSet<(Manager, &str)> {
        let removed = self.remove.iter();
        removed
            .map(|(manager, name)| (*manager, name.as_str()))
            .collect()
    }
}

/// What a package is found by in a prefix.
fn name(package: &Package) -> (Manager, &str) {
    (package.manager, &package.name)
}

/// What is known of the files of packages, by their URLs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// How many bytes a package adds to a prefix. What is not there counts nothing.
    pub sizes: BTreeMap<String, u64>,
    /// Packages that have a path which another one of the environment has, too. `micromamba remove --force` deletes
    /// it, and the other package is broken.
    pub shared: BTreeSet<String>,
}

/// Why packages are laid out as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Nothing changed.
    Kept,
    /// The second layer holds what changed.
    Appended,
    /// There was no layout, or one for other platforms.
    New,
    /// Another minor version of python has its packages in another folder.
    OtherPython,
    /// This package would take a path of another one with it.
    SharedPath(String),
    /// So many hundredths of the environment were replaced, or would be installed again by every further change.
    Waste(u64),
}

/// The layout of `new` for `platforms`: what changed is added to `previous`, or everything is laid out anew where that
/// is wrong, or where more than `share` hundredths of the bytes would be wasted.
///
/// Wasted are the packages of the first layer that the second replaces, and those of the second that did not change:
/// every change installs them once more. Without `previous` everything is laid out anew.
pub fn layout(
    previous: Option<&Layout>,
    new: &Lock,
    platforms: &[&str],
    facts: &Facts,
    share: u64,
) -> (Layout, Decision) {
    let anew = || Layout {
        platforms: platforms
            .iter()
            .map(|&platform| {
                let base = installed(new, platform).into_iter().cloned().collect();
                let slice = Slice {
                    base,
                    ..Slice::default()
                };
                (platform.to_owned(), slice)
            })
            .collect(),
    };
    let wanted: BTreeSet<&str> = platforms.iter().copied().collect();
    let previous = match previous {
        Some(previous) if previous.platforms.keys().map(String::as_str).eq(wanted) => previous,
        _ => return (anew(), Decision::New),
    };
    let is_kept = previous
        .platforms
        .iter()
        .all(|(platform, slice)| slice.result() == installed(new, platform));
    if is_kept {
        return (previous.clone(), Decision::Kept);
    }
    let mut appended = Layout::default();
    let (mut waste, mut total) = (0, 0);
    for (platform, before) in &previous.platforms {
        let packages = installed(new, platform);
        if python(before.base.iter()) != python(packages.iter().copied()) {
            return (anew(), Decision::OtherPython);
        }
        let slice = append(&before.base, &packages);
        for package in slice.replaced() {
            if package.manager == Manager::Conda && facts.shared.contains(&package.url) {
                return (anew(), Decision::SharedPath(package.name.clone()));
            }
        }
        let size = |package: &Package| facts.sizes.get(&package.url).copied().unwrap_or_default();
        let again = slice.add.iter().filter(|added| before.add.contains(added));
        waste += slice.replaced().chain(again).map(size).sum::<u64>();
        total += packages.iter().copied().map(size).sum::<u64>();
        appended.platforms.insert(platform.clone(), slice);
    }
    if waste.saturating_mul(100) > total.saturating_mul(share) {
        let hundredths = waste.saturating_mul(100) / total.max(1);
        return (anew(), Decision::Waste(hundredths));
    }
    (appended, Decision::Appended)
}

/// What an image installs, in the order of a lock: other categories are for those who ask for them.
fn installed<'lock>(lock: &'lock Lock, platform: &'lock str) -> Vec<&'lock Package> {
    let mut packages: Vec<&Package> = lock
        .of(platform)
        .filter(|package| package.category == MAIN)
        .collect();
    packages.sort_by(|left, right| left.key().cmp(&right.key()));
    packages
}

/// The second slice that makes `packages` of `base`.
fn append(base: &[Package], packages: &[&Package]) -> Slice {
    let wanted: BTreeMap<_, &Package> = packages
        .iter()
        .map(|package| (name(package), *package))
        .collect();
    let there: BTreeMap<_, &Package> = base
        .iter()
        .map(|package| (name(package), package))
        .collect();
    let remove = there
        .iter()
        .filter(|(key, package)| wanted.get(key) != Some(package))
        .map(|((manager, name), _)| (*manager, (*name).to_owned()));
    let add = packages
        .iter()
        .filter(|package| there.get(&name(package)) != Some(package));
    Slice {
        remove: remove.collect(),
        add: add.map(|package| (*package).clone()).collect(),
        base: base.to_vec(),
    }
}

/// The minor version of python among `packages`.
fn python<'lock>(packages: impl IntoIterator<Item = &'lock Package>) -> Option<&'lock str> {
    let mut packages = packages.into_iter();
    let is_python =
        |package: &&Package| package.manager == Manager::Conda && package.name == "python";
    let version = packages.find(is_python)?.version.as_str();
    let end = version.match_indices('.').nth(1).map(|(at, _)| at);
    Some(&version[..end.unwrap_or(version.len())])
}
