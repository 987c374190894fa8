//! What the channels of a spec say about its entries: packages that they do not have, not any more, not for every
//! platform, or newer; and what the pip section takes although a channel has it.
//!
//! What the channels have comes in as a [`PackageIndex`](crate::index::PackageIndex). Where it is unknown, nothing is
//! said.

mod judge;
mod near;
mod pip;
mod repair;

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic};
use crate::index::{Answer, Candidate, Scope};
use crate::lint::Surroundings;
use crate::lint::context::Context;
use crate::match_spec::{MatchSpec, Pin};
use crate::project::DEFAULT_CHANNEL;
use crate::spec::{EnvSpec, is_same_channel};

/// A package that no channel of the spec has.
pub(super) const UNKNOWN_PACKAGE: Code = Code("MM701");
/// A pin that no package file fits.
pub(super) const NO_VERSION: Code = Code("MM702");
/// A package or a version that some platforms do not have.
pub(super) const NO_BUILD_FOR_PLATFORM: Code = Code("MM703");
/// A package file that its channel has taken back or calls broken.
pub(super) const REMOVED_OR_BROKEN: Code = Code("MM704");
/// A pin that keeps the newest version out.
pub(super) const NEWER_EXISTS: Code = Code("MM705");
/// A package of the pip section that a channel has.
pub(super) const PIP_HAS_CONDA_PACKAGE: Code = Code("MM706");

/// What an index must be about, so that [`check`] can judge `spec`.
pub fn scope(spec: &EnvSpec, around: &Surroundings) -> Scope {
    let sources = Sources::of(spec, around);
    let mut channels: Vec<String> = sources.specs.iter().map(|&name| name.to_owned()).collect();
    for channel in &sources.entries {
        if !channels.iter().any(|other| is_same_channel(other, channel)) {
            channels.push((*channel).to_owned());
        }
    }
    let mut names: Vec<String> = Vec::new();
    let of_entries = match_specs(spec).map(|match_spec| match_spec.name.value.as_str());
    for name in of_entries.chain(pip::conda_names(spec, around)) {
        if !is_virtual(name) && !names.iter().any(|other| other == name) {
            names.push(name.to_owned());
        }
    }
    let platforms = around.platforms_of(spec);
    Scope {
        channels,
        platforms: platforms.iter().map(|&name| name.to_owned()).collect(),
        names,
    }
}

/// What the channels say of the entries; nothing without an index. It is one for [`scope`], and may hold more.
pub(super) fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let Some(index) = context.index else {
        return Vec::new();
    };
    // Once, and not for each of the many files of each entry.
    let sources = Sources::of(context.spec(), context.around);
    let mut found = judge::check(context, &sources, index);
    found.extend(pip::check(context, &sources, index));
    found
}

/// Whether the rule of that code knows enough to find something.
pub(super) fn can_speak(code: Code, context: &Context<'_>) -> bool {
    let names = context.index.map(|index| index.names());
    let knows_pypi = code != PIP_HAS_CONDA_PACKAGE || !context.around.conda_names.is_empty();
    matches!(names, Some(Answer::Known(_))) && knows_pypi
}

/// Whether a package file is one that a MatchSpec asks for, as far as that can be told without the file.
pub fn fits(spec: &MatchSpec, candidate: &Candidate) -> bool {
    let is_from = spec
        .channel
        .as_ref()
        .is_none_or(|channel| is_same_channel(&candidate.channel, &channel.value));
    is_from && Pin::of(spec).is_some_and(|pin| pin.fits_any(&[candidate]))
}

/// The most likely of `names` (sorted, in lower case) that `name` was meant to be, best first; none where nothing is
/// near.
pub fn nearest<'names>(name: &str, names: &'names [String]) -> Vec<&'names str> {
    near::names(&name.to_ascii_lowercase(), names, &BTreeMap::new())
}

/// The channels that packages may come from.
struct Sources<'a> {
    /// Those of the spec, and of the specs that it is merged with.
    specs: Vec<&'a str>,
    /// Those that entries name (`bioconda::samtools`).
    entries: Vec<&'a str>,
}

impl<'a> Sources<'a> {
    fn of(spec: &'a EnvSpec, around: &'a Surroundings) -> Self {
        let others = around.merged_with.iter().map(|(_, other)| other);
        let lists: Vec<_> = std::iter::once(spec)
            .chain(others)
            .filter_map(|spec| spec.channels.as_ref())
            .collect();
        let mut specs: Vec<&str> = Vec::new();
        for channel in lists.iter().copied().flatten() {
            if !specs.contains(&channel.value.as_str()) {
                specs.push(&channel.value);
            }
        }
        if lists.is_empty() {
            specs.push(DEFAULT_CHANNEL);
        }
        let entries = match_specs(spec)
            .filter_map(|match_spec| match_spec.channel.as_ref())
            .map(|channel| channel.value.as_str())
            .collect();
        Sources { specs, entries }
    }

    fn are_specs(&self, channel: &str) -> bool {
        let mut specs = self.specs.iter();
        specs.any(|other| is_same_channel(other, channel))
    }

    /// Whether a file may be what an entry without a channel gets: a channel that only other entries name gives it
    /// nothing.
    fn serve_all(&self, candidate: &Candidate) -> bool {
        let mut entries = self.entries.iter();
        !entries.any(|channel| is_same_channel(channel, &candidate.channel))
            || self.are_specs(&candidate.channel)
    }
}

fn match_specs(spec: &EnvSpec) -> impl Iterator<Item = &MatchSpec> {
    spec.dependencies
        .iter()
        .filter_map(|dependency| dependency.match_spec.as_deref())
}

/// Virtual packages (`__cuda`) stand for the machine; no channel has them.
fn is_virtual(name: &str) -> bool {
    name.starts_with("__")
}

/// Whether a channel is the label to which conda-forge and others move what does not work.
fn is_broken(channel: &str) -> bool {
    channel.trim_end_matches('/').ends_with("/label/broken")
}

/// A channel for a message. A URL may hold a token, and its last part says as much to a person.
fn shown(channel: &str) -> &str {
    let channel = channel.trim_end_matches('/');
    match channel.contains("://") {
        true => channel.rsplit('/').next().unwrap_or(channel),
        false => channel,
    }
}

/// Whether a file of `subdir` is for `platform`.
fn is_for(subdir: &str, platform: &str) -> bool {
    subdir == platform || subdir == "noarch"
}

/// `a`, `a and b`, `a, b and c`.
fn all_of(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests;
