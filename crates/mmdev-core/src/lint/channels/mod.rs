//! Dependencies that no channel of the spec can give: unknown packages, and pins that no version fits.
//!
//! What the channels have comes in as a [`PackageIndex`]. Where it is unknown, nothing is said.

mod near;
mod pin;

use crate::diagnostic::{Applicability, Code, Diagnostic};
use crate::index::{Answer, Candidate, PackageIndex, Scope};
use crate::match_spec::MatchSpec;
use crate::project::DEFAULT_CHANNEL;
use crate::spec::{Dependency, EnvSpec};
use crate::text::{Edit, Span};

/// A package that no channel of the spec has.
pub(super) const UNKNOWN_PACKAGE: Code = Code("MM701");
/// A pin that no package file fits.
pub(super) const NO_VERSION: Code = Code("MM702");

/// What an index must be about, so that [`check`] can judge `spec` for `platforms` (conda subdirs).
pub fn scope(spec: &EnvSpec, platforms: &[String]) -> Scope {
    let mut channels: Vec<String> = match &spec.channels {
        None => vec![DEFAULT_CHANNEL.to_owned()],
        Some(channels) => channels
            .iter()
            .map(|channel| channel.value.clone())
            .collect(),
    };
    let mut names = Vec::new();
    for match_spec in match_specs(spec) {
        if let Some(channel) = &match_spec.channel
            && !channels
                .iter()
                .any(|other| is_same_channel(other, &channel.value))
        {
            channels.push(channel.value.clone());
        }
        let name = &match_spec.name.value;
        if !is_virtual(name) && !names.contains(name) {
            names.push(name.clone());
        }
    }
    Scope {
        channels,
        platforms: platforms.to_vec(),
        names,
    }
}

/// What the channels cannot give, in the order of the spec. `index` is one for [`scope`]; it may hold more.
pub fn check(spec: &EnvSpec, index: &dyn PackageIndex) -> Vec<Diagnostic> {
    // Once, and not for each of the many files of each entry.
    let entries_channels: Vec<&str> = match_specs(spec)
        .filter_map(|match_spec| match_spec.channel.as_ref())
        .map(|channel| channel.value.as_str())
        .collect();
    spec.dependencies
        .iter()
        .filter_map(|dependency| {
            let match_spec = dependency.match_spec.as_ref()?;
            Judge {
                spec,
                dependency,
                match_spec,
                index,
                entries_channels: &entries_channels,
            }
            .judge()
        })
        .collect()
}

/// Whether a package file is one that a MatchSpec asks for, as far as that can be told without the file.
pub fn fits(spec: &MatchSpec, candidate: &Candidate) -> bool {
    let is_from = spec
        .channel
        .as_ref()
        .is_none_or(|channel| is_same_channel(&candidate.channel, &channel.value));
    is_from && pin::Pin::of(spec).is_some_and(|pin| pin.fits_any(&[candidate]))
}

fn match_specs(spec: &EnvSpec) -> impl Iterator<Item = &MatchSpec> {
    spec.dependencies
        .iter()
        .filter_map(|dependency| dependency.match_spec.as_ref())
}

/// Virtual packages (`__cuda`) stand for the machine; no channel has them.
fn is_virtual(name: &str) -> bool {
    name.starts_with("__")
}

/// Whether two texts name one channel, as far as their letters tell.
fn is_same_channel(left: &str, right: &str) -> bool {
    fn bare(channel: &str) -> &str {
        let channel = channel.trim_end_matches('/');
        channel
            .strip_prefix("https://conda.anaconda.org/")
            .unwrap_or(channel)
    }
    bare(left) == bare(right)
}

/// A channel for a message. A URL may hold a token, and its last part says as much to a person.
fn shown(channel: &str) -> &str {
    let channel = channel.trim_end_matches('/');
    match channel.contains("://") {
        true => channel.rsplit('/').next().unwrap_or(channel),
        false => channel,
    }
}

/// One dependency before an index.
struct Judge<'a> {
    spec: &'a EnvSpec,
    dependency: &'a Dependency,
    match_spec: &'a MatchSpec,
    index: &'a dyn PackageIndex,
    /// The channels that entries name.
    entries_channels: &'a [&'a str],
}

impl Judge<'_> {
    fn judge(&self) -> Option<Diagnostic> {
        if !self.is_for_a_channel() || !self.is_for_a_platform() {
            return None;
        }
        let all = match self.index.candidates(&self.match_spec.name.value) {
            Answer::Known(candidates) => candidates,
            Answer::Absent => &[],
            Answer::Unknown => return None,
        };
        if let Some(channel) = &self.match_spec.channel
            && !self.spec_names(&channel.value)
            && !all
                .iter()
                .any(|candidate| is_same_channel(&candidate.channel, &channel.value))
        {
            // Whether the index was asked about that channel at all cannot be seen.
            return None;
        }
        let candidates: Vec<&Candidate> = all
            .iter()
            .filter(|candidate| self.may_come_from(candidate))
            .collect();
        if candidates.is_empty() {
            return Some(self.unknown_package(all.first()));
        }
        self.no_version(&candidates)
    }

    /// Whether it asks a channel for a package by name, and nothing that only the file itself tells.
    fn is_for_a_channel(&self) -> bool {
        let asks_otherwise = ["url", "fn", "namespace"]
            .iter()
            .any(|key| self.match_spec.attribute(key).is_some());
        !is_virtual(&self.match_spec.name.value)
            && !asks_otherwise
            && self.match_spec.subdir.is_none()
    }

    /// An entry for Windows is not judged by what Linux has.
    fn is_for_a_platform(&self) -> bool {
        self.dependency.selector.as_ref().is_none_or(|selector| {
            let mut platforms = self.index.platforms().iter();
            platforms.any(|platform| selector.applies_to(platform) == Some(true))
        })
    }

    fn spec_names(&self, channel: &str) -> bool {
        match &self.spec.channels {
            None => is_same_channel(channel, DEFAULT_CHANNEL),
            Some(channels) => channels
                .iter()
                .any(|other| is_same_channel(&other.value, channel)),
        }
    }

    /// A channel that only other entries name (`bioconda::samtools`) gives nothing to this one.
    fn may_come_from(&self, candidate: &Candidate) -> bool {
        if let Some(channel) = &self.match_spec.channel {
            return is_same_channel(&candidate.channel, &channel.value);
        }
        let is_another_entrys = self
            .entries_channels
            .iter()
            .any(|channel| is_same_channel(channel, &candidate.channel));
        !is_another_entrys || self.spec_names(&candidate.channel)
    }

    /// Where a part of the entry stands; the whole entry where that cannot be told.
    fn place(&self, inner: Span) -> Span {
        self.dependency
            .place(inner)
            .unwrap_or(self.dependency.text.span)
    }

    /// `elsewhere` is a file of that name on a channel that the entry does not ask.
    fn unknown_package(&self, elsewhere: Option<&Candidate>) -> Diagnostic {
        let name = &self.match_spec.name;
        let platforms = self.index.platforms().join(" or ");
        let of = match platforms.is_empty() {
            true => String::new(),
            false => format!(" for {platforms}"),
        };
        let message = match &self.match_spec.channel {
            Some(channel) => format!(
                "the channel `{}` has no package `{}`{of}",
                shown(&channel.value),
                name.value
            ),
            None => format!("no channel of this spec has a package `{}`{of}", name.value),
        };
        let diagnostic = Diagnostic::error(UNKNOWN_PACKAGE, self.place(name.span), message);
        if let Some(elsewhere) = elsewhere {
            let channel = shown(&elsewhere.channel);
            return diagnostic.with_hint(format!("The channel `{channel}` has it"));
        }
        let near = match self.index.names() {
            Answer::Known(names) => near::names(&name.value, names),
            Answer::Absent | Answer::Unknown => Vec::new(),
        };
        let Some(best) = near.first() else {
            return diagnostic.with_hint(
                "Add the channel that has it, or put it below `pip:` when it is on PyPI only",
            );
        };
        let diagnostic = diagnostic.with_hint(format!("Did you mean `{}`?", near.join("` or `")));
        match self.dependency.place(name.span) {
            Some(place) => diagnostic.with_fix(
                format!("Replace `{}` by `{best}`", name.value),
                vec![Edit::replace(place, *best)],
                Applicability::Unsafe,
            ),
            None => diagnostic,
        }
    }

    fn no_version(&self, candidates: &[&Candidate]) -> Option<Diagnostic> {
        let for_these: Vec<&Candidate> = candidates
            .iter()
            .copied()
            .filter(|candidate| self.is_for(&candidate.subdir))
            .collect();
        let pin = pin::Pin::of(self.match_spec)?;
        if for_these.is_empty() || pin.fits_any(&for_these) {
            return None;
        }
        Some(pin.diagnostic(self.dependency, self.match_spec, &for_these))
    }

    /// Whether the entry's selector lets it be taken from `subdir`.
    fn is_for(&self, subdir: &str) -> bool {
        let selector = self.dependency.selector.as_ref();
        subdir == "noarch"
            || selector.is_none_or(|selector| selector.applies_to(subdir) != Some(false))
    }
}

#[cfg(test)]
mod tests;
