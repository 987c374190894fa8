//! What to write instead of a pin: the versions near it, and the text with one of them.

use std::str::FromStr;

use rattler_conda_version::Version;

use crate::index::Candidate;
use crate::match_spec::MatchSpec;
use crate::text::Span;

/// The versions of files that stand newest first, each once.
pub(super) fn versions<'index>(candidates: &[&'index Candidate]) -> Vec<&'index str> {
    let mut versions: Vec<&str> = candidates
        .iter()
        .map(|candidate| candidate.version.as_str())
        .collect();
    versions.dedup();
    versions
}

/// The range of the MatchSpec's text that asks for more than a name.
pub(super) fn asked(spec: &MatchSpec) -> Option<Span> {
    let parts = [spec.version.as_ref(), spec.build.as_ref()];
    let attributes = spec.attributes.iter();
    parts
        .into_iter()
        .flatten()
        .map(|part| part.span)
        .chain(attributes.map(|(key, value)| key.span.cover(value.span)))
        .reduce(Span::cover)
}

/// The versions around the one that a pin names first.
#[derive(Default)]
pub(super) struct Near<'index> {
    /// The newest of all.
    newest: &'index str,
    /// The newest below the named one.
    below: Option<&'index str>,
    /// The oldest above the named one.
    above: Option<&'index str>,
    /// The one that was probably meant: of those that share most leading parts with the named one the oldest above
    /// it, else the newest.
    pub(super) best: Option<&'index str>,
}

impl<'index> Near<'index> {
    /// `versions` stand newest first; there is at least one.
    pub(super) fn of(spec: &MatchSpec, versions: &[&'index str]) -> Self {
        let newest = versions.first().copied().unwrap_or_default();
        let first = spec.version.as_ref().and_then(|written| {
            let first = written.value.split([',', '|']).next()?;
            let (_, version, _) = single(first)?;
            Some((version, Version::from_str(version).ok()?))
        });
        let Some((text, named)) = first else {
            return Near {
                newest,
                ..Near::default()
            };
        };
        let is_above =
            |version: &str| Version::from_str(version).is_ok_and(|version| version >= named);
        let end = versions
            .iter()
            .take_while(|version| is_above(version))
            .count();
        let (above, below) = versions.split_at(end);
        let shared = |other: &str| {
            let parts = text.split('.').zip(other.split('.'));
            parts.take_while(|(left, right)| left == right).count()
        };
        let most = versions.iter().map(|version| shared(version)).max();
        let is_alike = |version: &&&str| Some(shared(version)) == most;
        let best = above.iter().rev().find(is_alike);
        let best = best.or_else(|| below.iter().find(is_alike));
        Near {
            newest,
            below: below.first().copied(),
            above: above.last().copied(),
            best: best.copied(),
        }
    }

    pub(super) fn hint(&self) -> String {
        let near: Vec<String> = [self.below, self.above]
            .into_iter()
            .flatten()
            .filter(|version| *version != self.newest)
            .map(|version| format!("`{version}`"))
            .collect();
        match near.as_slice() {
            [] => format!("The newest is `{}`", self.newest),
            near => format!(
                "Near it: {}; the newest is `{}`",
                near.join(" and "),
                self.newest
            ),
        }
    }
}

/// The version in a pin that has just one (`>=1.2`, `1.2.*`): its operator, the version, what follows.
fn single(pin: &str) -> Option<(&str, &str, &str)> {
    let pin = pin.trim();
    let version = pin.trim_start_matches(['=', '<', '>', '!', '~', ' ']);
    let operator = &pin[..pin.len() - version.len()];
    let bare = version.trim_end_matches('*').trim_end_matches('.');
    let is_one = !bare.is_empty() && !bare.contains([',', '|', ' ', '(', ')', '*', '=']);
    is_one.then_some((operator, bare, &version[bare.len()..]))
}

/// The MatchSpec's text with `near` in place of the version that it names.
pub(super) fn with_version(spec: &MatchSpec, text: &str, near: &str) -> Option<String> {
    let written = spec.version.as_ref()?;
    let (operator, version, rest) = single(&written.value)?;
    if spec.build.is_some() {
        return None;
    }
    let version = match operator.trim() {
        "==" => near.to_owned(),
        "" | "=" | ">=" | "~=" => {
            let parts: Vec<&str> = near.split('.').take(version.split('.').count()).collect();
            parts.join(".")
        }
        _ => return None,
    };
    let range = written.span.range();
    let (before, after) = (text.get(..range.start)?, text.get(range.end..)?);
    Some(format!("{before}{operator}{version}{rest}{after}"))
}

/// The MatchSpec's text without its build, where that stands last.
pub(super) fn without_build(spec: &MatchSpec, text: &str) -> Option<String> {
    let (version, build) = (spec.version.as_ref()?, spec.build.as_ref()?);
    let between = text.get(version.span.end..build.span.start)?;
    let is_last = build.span.end == text.len();
    let is_behind = between.bytes().all(|byte| matches!(byte, b'=' | b' '));
    (is_last && is_behind).then(|| text[..version.span.end].to_owned())
}

/// Some of `builds` in words.
pub(super) fn listed<'index>(builds: impl Iterator<Item = &'index str>) -> String {
    let mut all: Vec<&str> = builds.collect();
    all.dedup();
    match all.as_slice() {
        [one] => format!("the build `{one}`"),
        [one, two] => format!("the builds `{one}` and `{two}`"),
        [one, two, rest @ ..] => {
            format!("the builds `{one}`, `{two}` and {} more", rest.len())
        }
        [] => "no build".to_owned(),
    }
}
