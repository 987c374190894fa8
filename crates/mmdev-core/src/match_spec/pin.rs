//! Whether package files fit a pin.

use std::cmp::Ordering;
use std::str::FromStr;

use rattler_conda_version::Version;

use super::{MatchSpec, VersionSpec};
use crate::index::Candidate;

/// What one entry asks of a package file.
pub(crate) struct Pin<'spec> {
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
    pub(crate) fn of(spec: &'spec MatchSpec) -> Option<Self> {
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

    /// Whether it asks for more than a version.
    pub(crate) fn has_build(&self) -> bool {
        self.build.is_some() || self.build_number.is_some()
    }

    /// Whether it asks for a build number.
    pub(crate) fn has_build_number(&self) -> bool {
        self.build_number.is_some()
    }

    /// Whether one of `candidates` is what it asks for.
    pub(crate) fn fits_any(&self, candidates: &[&Candidate]) -> bool {
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
    pub(crate) fn fits_version(&self, text: &str) -> bool {
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
