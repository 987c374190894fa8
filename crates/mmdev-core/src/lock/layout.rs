//! The lock in the two slices that an image installs: the big one as it was when it was last laid out, and what
//! changed since. So a rebuild costs what changed, and the big layer is everybody's.
//!
//! That a replaced package has a path which another one has, too, is no reason to lay out anew: the image knows that
//! exactly when it removes the package, and links the other one again. Here it could only be known by fetching the
//! file lists of all packages whenever a spec is locked.

mod slices;
mod sync;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::diff::is_same;
use super::{Lock, MAIN, Manager, Package};

pub use slices::requested;
pub use sync::Installed;

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
    /// The MatchSpecs that the spec named when that was laid out, as [`requested`] gives them.
    pub base_requested: Vec<String>,
    /// What the second layer removes before it installs: packages of the base that are gone or replaced.
    pub remove: Vec<(Manager, String)>,
    /// What the second layer installs.
    pub add: Vec<Package>,
    /// The MatchSpecs that the spec names.
    pub requested: Vec<String>,
}

impl Layout {
    /// Whether there is a second layer.
    pub fn has_delta(&self) -> bool {
        let mut slices = self.platforms.values();
        slices.any(|slice| {
            !slice.remove.is_empty()
                || !slice.add.is_empty()
                || slice.requested != slice.base_requested
        })
    }

    /// How many packages the second layer removes, and how many it installs, on all platforms.
    pub fn delta_counts(&self) -> (usize, usize) {
        let slices = self.platforms.values();
        slices.fold((0, 0), |(removed, added), slice| {
            (removed + slice.remove.len(), added + slice.add.len())
        })
    }
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

/// Why packages are laid out as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Nothing changed.
    Kept,
    /// The second layer holds what changed.
    Appended,
    /// There was no layout, or one for other platforms.
    New,
    /// Another minor version of python, or one without the global lock, has its packages in another folder.
    OtherPython,
    /// So many hundredths of the environment were replaced, or would be installed again by every further change.
    Waste(u64),
}

/// The layout of `new` for the platforms that `requested` has, with what the spec names on each: what changed is added
/// to `previous`, or everything is laid out anew where that is wrong, or where more than `share` hundredths of the bytes
/// would be wasted.
///
/// Wasted are the packages of the first layer that the second replaces, and those of the second that did not change:
/// every change installs them once more. Without `previous` everything is laid out anew.
pub fn layout(
    previous: Option<&Layout>,
    new: &Lock,
    requested: &BTreeMap<String, Vec<String>>,
    share: u64,
) -> (Layout, Decision) {
    let anew = || Layout {
        platforms: requested
            .iter()
            .map(|(platform, requested)| {
                let slice = Slice {
                    base: installed(new, platform).into_iter().cloned().collect(),
                    base_requested: requested.clone(),
                    requested: requested.clone(),
                    ..Slice::default()
                };
                (platform.clone(), slice)
            })
            .collect(),
    };
    let previous = match previous {
        Some(previous) if previous.platforms.keys().eq(requested.keys()) => previous,
        _ => return (anew(), Decision::New),
    };
    let is_kept = previous.platforms.iter().all(|(platform, slice)| {
        let (before, now) = (slice.result(), installed(new, platform));
        before.len() == now.len()
            && before
                .iter()
                .zip(now)
                .all(|(before, now)| name(before) == name(now) && is_same(before, now))
            && slice.requested == requested[platform]
    });
    if is_kept {
        return (previous.clone(), Decision::Kept);
    }
    let mut appended = Layout::default();
    let mut bytes = Waste::default();
    for (platform, before) in &previous.platforms {
        let packages = installed(new, platform);
        if python(before.base.iter()) != python(packages.iter().copied()) {
            return (anew(), Decision::OtherPython);
        }
        let slice = append(before, &packages, &requested[platform]);
        let again = slice.add.iter().filter(|added| {
            let mut installed = before.add.iter();
            installed.any(|before| name(before) == name(added) && is_same(before, added))
        });
        bytes
            .wasted
            .extend(slice.replaced().chain(again).map(|package| package.size));
        bytes
            .all
            .extend(packages.iter().map(|package| package.size));
        appended.platforms.insert(platform.clone(), slice);
    }
    let hundredths = bytes.hundredths();
    if hundredths > share {
        return (anew(), Decision::Waste(hundredths));
    }
    (appended, Decision::Appended)
}

/// The sizes of what is wasted, and of all that is there, as far as they are known.
#[derive(Default)]
struct Waste {
    wasted: Vec<Option<u64>>,
    all: Vec<Option<u64>>,
}

impl Waste {
    /// How many hundredths of all are wasted, rounded up. A package of unknown size is as big as the others are on
    /// average; a lock that conda-lock made knows no size, so that packages are counted.
    fn hundredths(&self) -> u64 {
        let known: Vec<u64> = self.all.iter().copied().flatten().collect();
        let mean = (known.iter().sum::<u64>() / known.len().max(1) as u64).max(1);
        let sum =
            |sizes: &[Option<u64>]| -> u64 { sizes.iter().map(|size| size.unwrap_or(mean)).sum() };
        let all = sum(&self.all).max(1);
        sum(&self.wasted).saturating_mul(100).div_ceil(all)
    }
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

/// The slice with the base of `before` that has `packages` in the end.
fn append(before: &Slice, packages: &[&Package], requested: &[String]) -> Slice {
    let wanted: BTreeMap<_, &Package> = packages
        .iter()
        .map(|package| (name(package), *package))
        .collect();
    let there: BTreeMap<_, &Package> = before
        .base
        .iter()
        .map(|package| (name(package), package))
        .collect();
    let is_kept = |key: &(Manager, &str)| match (wanted.get(key), there.get(key)) {
        (Some(wanted), Some(there)) => is_same(wanted, there),
        _ => false,
    };
    let remove = there
        .keys()
        .filter(|key| !is_kept(key))
        .map(|(manager, name)| (*manager, (*name).to_owned()));
    let add = packages.iter().filter(|package| !is_kept(&name(package)));
    Slice {
        remove: remove.collect(),
        add: add.map(|package| (*package).clone()).collect(),
        base: before.base.clone(),
        base_requested: before.base_requested.clone(),
        requested: requested.to_vec(),
    }
}

/// The folder below `lib` of the Python among `packages`.
fn python<'lock>(packages: impl IntoIterator<Item = &'lock Package>) -> Option<String> {
    let mut packages = packages.into_iter();
    let python = packages.find(|package| name(package) == (Manager::Conda, "python"))?;
    let build = python.build.as_deref().unwrap_or_default();
    Some(python_folder(&python.version, build))
}

/// That of a conda package of Python: `python3.13`, and `python3.13t` without the global lock, which its build names
/// as `cp313t`.
fn python_folder(version: &str, build: &str) -> String {
    let end = version.match_indices('.').nth(1).map(|(at, _)| at);
    let minor = &version[..end.unwrap_or(version.len())];
    let tag = build.rsplit('_').next().unwrap_or_default();
    let is_free_threaded = tag.starts_with("cp") && tag.ends_with('t');
    format!("python{minor}{}", if is_free_threaded { "t" } else { "" })
}
