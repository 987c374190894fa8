//! Whether a lock still is the lock of its spec, and if not, why.

mod needed;
mod pip;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{Channel, Lock, MEANING, Manager, Package};
use crate::index::Candidate;
use crate::match_spec::{MatchSpec, Pin};
use crate::spec::pip::normalized;
use crate::spec::{Dependency, EnvSpec, Selector};

/// The key of [`super::Metadata::custom`] with the lines of the pip section that pip resolves when the image is built,
/// one below the other ([`Lock::unlocked_pip`]).
pub const PIP_UNLOCKED: &str = "mmdev-pip-unlocked";

impl Lock {
    /// The lines of the pip section that are not locked: what only foreign code can resolve, or all where there was
    /// no resolver. A line that is for other platforms stands here as well.
    pub fn unlocked_pip(&self) -> impl Iterator<Item = &str> {
        let lines = self.metadata.custom.get(PIP_UNLOCKED);
        lines.into_iter().flat_map(|lines| lines.lines())
    }
}

/// How a lock stands to a spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It is the spec's.
    Fresh,
    /// It has to be made again.
    Changed(Changes),
}

/// Why a lock is not the spec's. Where all lists are empty, something else changed that a solution depends on: the
/// channels, the options of the pip section, what the container has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// Platforms that it does not have.
    pub missing_platforms: Vec<String>,
    /// Entries of the spec that what it has does not satisfy, in the order of the spec.
    pub unsatisfied: Vec<Unsatisfied>,
    /// Packages that nothing asks for any more, without those that only they need.
    pub unneeded: Vec<String>,
}

/// An entry that a lock does not satisfy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsatisfied {
    /// The entry.
    pub entry: Entry,
    /// The platforms on which it is not satisfied.
    pub platforms: Vec<String>,
    /// The version that is locked on the first of them; `None` where the package is not there.
    pub locked: Option<String>,
}

/// An entry of a spec, by its place in the spec's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entry {
    /// Of [`EnvSpec::dependencies`].
    Dependency(usize),
    /// Of [`EnvSpec::pip`].
    Pip(usize),
}

/// How `lock` stands to `spec` of that [`meaning`](super::meaning), for `platforms`.
///
/// A lock that conda-lock made says nothing of our meaning: it is the spec's where it satisfies every entry, holds
/// nothing else, and has the same channels.
pub fn state(lock: &Lock, spec: &EnvSpec, meaning: &str, platforms: &[String]) -> State {
    let (there, missing): (Vec<&String>, Vec<&String>) = platforms
        .iter()
        .partition(|platform| lock.metadata.platforms.contains(platform));
    let known = lock.metadata.custom.get(MEANING);
    let is_known = known.is_some_and(|known| known == meaning);
    let mut unsatisfied: Vec<Unsatisfied> = Vec::new();
    for platform in there {
        let locked = Locked::of(lock, platform);
        for (entry, version) in locked.unsatisfied(spec) {
            // What it was made from has not changed: conda has it by another name, or a marker is about what only
            // the resolver knows.
            if is_known && version.is_none() && matches!(entry, Entry::Pip(_)) {
                continue;
            }
            match unsatisfied.iter_mut().find(|other| other.entry == entry) {
                Some(other) => other.platforms.push(platform.clone()),
                None => unsatisfied.push(Unsatisfied {
                    entry,
                    platforms: vec![platform.clone()],
                    locked: version.map(str::to_owned),
                }),
            }
        }
    }
    unsatisfied.sort_by_key(|unsatisfied| unsatisfied.entry);
    let unneeded: BTreeSet<&str> = match is_known {
        true => BTreeSet::new(),
        false => lock
            .metadata
            .platforms
            .iter()
            .flat_map(|platform| needed::unneeded(&Locked::of(lock, platform), spec))
            .collect(),
    };
    let is_same = match known {
        Some(known) => known == meaning,
        None => unneeded.is_empty() && has_channels(lock, spec),
    };
    if is_same && missing.is_empty() && unsatisfied.is_empty() {
        return State::Fresh;
    }
    State::Changed(Changes {
        missing_platforms: missing.into_iter().cloned().collect(),
        unsatisfied,
        unneeded: unneeded.into_iter().map(str::to_owned).collect(),
    })
}

fn has_channels(lock: &Lock, spec: &EnvSpec) -> bool {
    let Some(channels) = &spec.channels else {
        return true;
    };
    let wanted = channels
        .iter()
        .filter(|channel| channel.value != "nodefaults");
    wanted
        .map(|channel| Channel::of(&channel.value))
        .eq(lock.metadata.channels.iter().cloned())
}

/// What a lock has for one platform, by name.
struct Locked<'lock> {
    platform: &'lock str,
    conda: HashMap<&'lock str, &'lock Package>,
    /// By normalised name.
    pip: HashMap<String, &'lock Package>,
    unlocked_pip: HashSet<&'lock str>,
}

impl<'lock> Locked<'lock> {
    fn of(lock: &'lock Lock, platform: &'lock str) -> Self {
        let mut locked = Locked {
            platform,
            conda: HashMap::new(),
            pip: HashMap::new(),
            unlocked_pip: lock.unlocked_pip().collect(),
        };
        for package in lock.of(platform) {
            match package.manager {
                Manager::Conda => locked.conda.insert(&package.name, package),
                Manager::Pip => locked.pip.insert(normalized(&package.name), package),
            };
        }
        locked
    }

    /// Whether an entry with `selector` is for this platform. conda takes one whose selector nobody understands.
    fn is_chosen(&self, selector: Option<&Selector>) -> bool {
        selector.is_none_or(|selector| selector.applies_to(self.platform).unwrap_or(true))
    }

    /// The entries that are not satisfied, and the version that is there instead.
    fn unsatisfied(&self, spec: &EnvSpec) -> Vec<(Entry, Option<&'lock str>)> {
        let mut found = Vec::new();
        for (index, dependency) in spec.dependencies.iter().enumerate() {
            if let Some((name, match_spec)) = self.asked(dependency) {
                let package = self.conda.get(name);
                if !package.is_some_and(|package| satisfies(package, match_spec)) {
                    let version = package.map(|package| package.version.as_str());
                    found.push((Entry::Dependency(index), version));
                }
            }
        }
        let environment = pip::environment(self);
        for (index, entry) in spec.pip.iter().enumerate() {
            if self.is_chosen(entry.selector.as_ref())
                && !self.unlocked_pip.contains(entry.text.value.trim())
                && let Err(version) = pip::check(self, entry, environment.as_ref())
            {
                found.push((Entry::Pip(index), version));
            }
        }
        found
    }

    /// The package that an entry asks for here; `None` where it is for other platforms, malformed, or about the
    /// container itself.
    fn asked<'spec>(
        &self,
        dependency: &'spec Dependency,
    ) -> Option<(&'spec str, &'spec MatchSpec)> {
        let match_spec = dependency.match_spec.as_ref()?;
        let name = match_spec.name.value.as_str();
        let is_real = !name.starts_with("__");
        (is_real && self.is_chosen(dependency.selector.as_ref())).then_some((name, match_spec))
    }
}

/// Whether a locked package is one that a MatchSpec asks for, as far as a lock can tell.
fn satisfies(package: &Package, asked: &MatchSpec) -> bool {
    let is_digest = |key: &str, digest: &Option<String>| {
        asked.attribute(key).is_none_or(|asked| {
            digest
                .as_ref()
                .is_none_or(|digest| digest.eq_ignore_ascii_case(&asked.value))
        })
    };
    let url = asked
        .attribute("url")
        .filter(|url| url.value.contains("://"));
    let build = package.build.clone().unwrap_or_default();
    let candidate = Candidate {
        version: package.version.clone(),
        build_number: build_number(&build),
        build,
        channel: String::new(),
        subdir: package.platform.clone(),
    };
    is_from(&package.url, asked)
        && is_digest("md5", &package.hash.md5)
        && is_digest("sha256", &package.hash.sha256)
        && url.is_none_or(|url| url.value.split('#').next() == package.url.split('#').next())
        && Pin::of(asked).is_none_or(|pin| pin.fits_any(&[&candidate]))
}

/// The build number that conda-build writes at a build string's end.
fn build_number(build: &str) -> u64 {
    let last = build.rsplit('_').next().unwrap_or_default();
    last.parse().unwrap_or_default()
}

/// Whether a package's URL may be one of the channel that is asked for. Mirrors keep a channel's name.
fn is_from(url: &str, asked: &MatchSpec) -> bool {
    let Some(channel) = asked.channel.as_ref().map(|channel| &channel.value) else {
        return true;
    };
    let name = match channel.split_once("://") {
        // A URL with credentials stands in the lock with variables in it.
        Some((_, rest)) => rest.trim_end_matches('/').rsplit('/').next(),
        None => Some(channel.as_str()),
    };
    match name {
        // One name for several channels.
        None | Some("defaults" | "local" | "") => true,
        Some(name) => url.contains(&format!("/{name}/")),
    }
}
