//! Whether package files fit a pin, and what to say when none does.

use std::cmp::Ordering;
use std::str::FromStr;

use rattler_conda_version::Version;

use super::NO_VERSION;
use crate::diagnostic::{Applicability, Diagnostic};
use crate::index::Candidate;
use crate::match_spec::{self, MatchSpec, VersionSpec};
use crate::spec::Dependency;
use crate::text::{Edit, Span};

/// What one entry asks of a package file.
pub(super) struct Pin<'spec> {
    version: Option<&'spec VersionSpec>,
    build: Option<&'spec str>,
    build_number: Option<(Comparison, u64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl<'spec> Pin<'spec> {
    /// What can be judged; `None` where the entry asks for something else besides (`md5`, a regular expression).
    pub(super) fn of(spec: &'spec MatchSpec) -> Option<Self> {
        let mut pin = Pin {
            version: spec.constraint.as_ref(),
            build: spec.build.as_ref().map(|build| build.value.as_str()),
            build_number: None,
        };
        for (key, value) in &spec.attributes {
            match key.value.as_str() {
                "build_number" => pin.build_number = Some(comparison(&value.value)?),
                _ => return None,
            }
        }
        let is_plain = pin.build.is_none_or(|build| !build.starts_with('^'));
        is_plain.then_some(pin)
    }

    pub(super) fn fits_any(&self, candidates: &[&Candidate]) -> bool {
        // Files of one version stand together, and a version is dear to read.
        let mut last: Option<(&str, bool)> = None;
        candidates.iter().any(|candidate| {
            if !self.fits_build(candidate) {
                return false;
            }
            let text = candidate.version.as_str();
            let fits = match last {
                Some((version, fits)) if version == text => fits,
                _ => self.fits_version(text),
            };
            last = Some((text, fits));
            fits
        })
    }

    /// A version that cannot be read is not held against the pin.
    fn fits_version(&self, text: &str) -> bool {
        let (Some(constraint), Ok(version)) = (self.version, Version::from_str(text)) else {
            return true;
        };
        constraint.matches(&version)
    }

    fn fits_build(&self, candidate: &Candidate) -> bool {
        let number = candidate.build_number;
        self.build
            .is_none_or(|glob| matches(glob, &candidate.build))
            && self
                .build_number
                .is_none_or(|(comparison, limit)| comparison.holds(number.cmp(&limit)))
    }

    /// That none of `candidates`, of which there is at least one, fits.
    pub(super) fn diagnostic(
        &self,
        dependency: &Dependency,
        spec: &MatchSpec,
        candidates: &[&Candidate],
    ) -> Diagnostic {
        let name = &spec.name.value;
        let versions = versions(candidates);
        let text = dependency.text.value.trim_end();
        let (start, end) = asked(spec).unwrap_or((0, text.len()));
        let place = dependency
            .place(Span::new(start, end))
            .unwrap_or(dependency.text.span);
        let asked = text.get(start..end).unwrap_or(text);
        let fitting = versions.iter().find(|version| self.fits_version(version));
        if let Some(newest) = fitting {
            let message = format!("no build of `{name}` fits `{asked}`");
            let of_version = candidates
                .iter()
                .filter(|candidate| candidate.version == *newest);
            let builds = listed(of_version.map(|candidate| candidate.build.as_str()));
            let hint = format!("Version `{newest}` has {builds}");
            let diagnostic = Diagnostic::error(NO_VERSION, place, message).with_hint(hint);
            return with_fix(
                diagnostic,
                dependency,
                without_build(spec, text),
                candidates,
            );
        }
        let message = format!("no version of `{name}` fits `{asked}`");
        let near = Near::of(spec, &versions);
        let diagnostic = Diagnostic::error(NO_VERSION, place, message).with_hint(near.hint());
        let repaired = near.best.and_then(|best| with_version(spec, text, best));
        with_fix(diagnostic, dependency, repaired, candidates)
    }
}

/// The versions of files that stand newest first, each once.
fn versions<'index>(candidates: &[&'index Candidate]) -> Vec<&'index str> {
    let mut versions: Vec<&str> = candidates
        .iter()
        .map(|candidate| candidate.version.as_str())
        .collect();
    versions.dedup();
    versions
}

/// The diagnostic with a fix, where `repaired` is a MatchSpec that files of the channels fit.
fn with_fix(
    diagnostic: Diagnostic,
    dependency: &Dependency,
    repaired: Option<String>,
    candidates: &[&Candidate],
) -> Diagnostic {
    let whole = Span::new(0, dependency.text.value.trim_end().len());
    let (Some(repaired), Some(place)) = (repaired, dependency.place(whole)) else {
        return diagnostic;
    };
    let parsed = match_spec::parse(&repaired).spec;
    let pin = parsed.as_ref().and_then(Pin::of);
    if !pin.is_some_and(|pin| pin.fits_any(candidates)) {
        return diagnostic;
    }
    // The channel stays as it is, and its URL may hold a token.
    let shown = repaired.rsplit("::").next().unwrap_or(&repaired);
    diagnostic.with_fix(
        format!("Write `{shown}`"),
        vec![Edit::replace(place, repaired)],
        Applicability::Unsafe,
    )
}

/// The range of the MatchSpec's text that asks for more than a name.
fn asked(spec: &MatchSpec) -> Option<(usize, usize)> {
    let parts = [spec.version.as_ref(), spec.build.as_ref()];
    let attributes = spec.attributes.iter();
    parts
        .into_iter()
        .flatten()
        .map(|part| part.span)
        .chain(attributes.map(|(key, value)| key.span.cover(value.span)))
        .reduce(Span::cover)
        .map(|span| (span.start, span.end))
}

/// The versions around the one that a pin names first.
#[derive(Default)]
struct Near<'index> {
    /// The newest of all.
    newest: &'index str,
    /// The newest below the named one.
    below: Option<&'index str>,
    /// The oldest above the named one.
    above: Option<&'index str>,
    /// The one that was probably meant: of those that share most leading parts with the named one the oldest above
    /// it, else the newest.
    best: Option<&'index str>,
}

impl<'index> Near<'index> {
    /// `versions` stand newest first; there is at least one.
    fn of(spec: &MatchSpec, versions: &[&'index str]) -> Self {
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

    fn hint(&self) -> String {
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
fn with_version(spec: &MatchSpec, text: &str, near: &str) -> Option<String> {
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
fn without_build(spec: &MatchSpec, text: &str) -> Option<String> {
    let (version, build) = (spec.version.as_ref()?, spec.build.as_ref()?);
    let between = text.get(version.span.end..build.span.start)?;
    let is_last = build.span.end == text.len();
    let is_behind = between.bytes().all(|byte| matches!(byte, b'=' | b' '));
    (is_last && is_behind).then(|| text[..version.span.end].to_owned())
}

/// Some of `builds` in words.
fn listed<'index>(builds: impl Iterator<Item = &'index str>) -> String {
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

/// Whether `text` fits `glob`, in which each `*` stands for any characters.
fn matches(glob: &str, text: &str) -> bool {
    let mut parts = glob.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// `>=2`, as rattler reads a build number's constraint; `None` where it is another.
fn comparison(text: &str) -> Option<(Comparison, u64)> {
    let text = text.trim();
    let number = text.trim_start_matches(['=', '<', '>', '!']);
    let comparison = match &text[..text.len() - number.len()] {
        "" | "=" | "==" => Comparison::Equal,
        "!=" => Comparison::Unequal,
        "<" => Comparison::Less,
        "<=" => Comparison::LessOrEqual,
        ">" => Comparison::Greater,
        ">=" => Comparison::GreaterOrEqual,
        _ => return None,
    };
    Some((comparison, number.trim().parse().ok()?))
}

impl Comparison {
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Comparison::Equal => ordering.is_eq(),
            Comparison::Unequal => ordering.is_ne(),
            Comparison::Less => ordering.is_lt(),
            Comparison::LessOrEqual => ordering.is_le(),
            Comparison::Greater => ordering.is_gt(),
            Comparison::GreaterOrEqual => ordering.is_ge(),
        }
    }
}
