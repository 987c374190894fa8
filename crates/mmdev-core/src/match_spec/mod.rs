//! The one meaning of a MatchSpec: its structure is read by a tokenizer with spans, its version by
//! `rattler_conda_version`. A MatchSpec is valid when conda, micromamba and rattler all take it.
//!
//! `conda`, `micromamba` and `rattler` each say whether that tool takes a text, as its own parser decides it;
//! rattler's reading is the meaning. `diagnose` says in a person's words what is wrong where one of them refuses.

mod chars;
mod conda;
#[cfg(test)]
mod corpus;
mod diagnose;
mod display;
#[cfg(test)]
mod grammar;
mod micromamba;
mod pin;
mod problem;
mod rattler;
#[cfg(test)]
mod tests;
mod tokens;
mod understanding;

pub(crate) use pin::Pin;
pub use problem::{Problem, codes};
pub(crate) use rattler::without_equals;
pub use rattler_conda_version::VersionSpec;
pub(crate) use understanding::Differently;
#[cfg(test)]
use understanding::differently;

use std::collections::HashMap;
use std::sync::Arc;

use crate::text::Spanned;

/// A dependency's text in conda's language, understood. Spans are bytes of the MatchSpec's own text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchSpec {
    /// The channel before `::` or in `[channel=…]`, without its subdir.
    pub channel: Option<Spanned<String>>,
    /// The subdir of the channel (`conda-forge/linux-64::…` or `[subdir=…]`).
    pub subdir: Option<Spanned<String>>,
    /// The package's name, in lower case.
    pub name: Spanned<String>,
    /// The version constraint as written, with its operator (`>=1.2,<2`, `=1.26`, `1.26.*`).
    pub version: Option<Spanned<String>>,
    /// What the version constraint means: `=1.26` alone is `1.26.*`, with a build string it is `==1.26`.
    pub constraint: Option<VersionSpec>,
    /// The build string, exact or with `*`.
    pub build: Option<Spanned<String>>,
    /// What stood in brackets besides version, build, channel and subdir (`build_number`, `md5`, `url` …), each key
    /// once. The span of a key that was not written (`url` of a bare URL, `namespace` before `:`) is empty.
    pub attributes: Vec<(Spanned<String>, Spanned<String>)>,
}

impl MatchSpec {
    /// The value of an attribute by its key.
    pub fn attribute(&self, key: &str) -> Option<&Spanned<String>> {
        self.attributes
            .iter()
            .find(|(name, _)| name.value == key)
            .map(|(_, value)| value)
    }
}

/// A MatchSpec's text, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// What it means; `None` where a tool refuses it, which an error among the problems says.
    pub spec: Option<MatchSpec>,
    /// What is wrong with it. It is valid when none of them is an error.
    pub problems: Vec<Problem>,
}

/// Reads `text` as conda, micromamba and rattler do. It never fails: what is wrong is in the problems.
pub fn parse(text: &str) -> Parsed {
    let verdicts = Verdicts::of(text);
    let problems = diagnose::problems(text, &verdicts);
    Parsed {
        spec: verdicts
            .are_all_taken()
            .then(|| verdicts.rattler.ok())
            .flatten(),
        problems,
    }
}

/// The texts that were read, each once: whoever reads thousands of specs meets the same ones again and again.
#[derive(Debug, Default)]
pub(crate) struct Memory(HashMap<String, Known>);

/// What is known of a text wherever it stands.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    /// What it means; `None` where a tool refuses it.
    pub(crate) spec: Option<Arc<MatchSpec>>,
    /// What is wrong with it.
    pub(crate) problems: Arc<[Problem]>,
    /// How the three tools understand it, where that is not the same.
    pub(crate) differently: Option<Arc<Differently>>,
}

impl Memory {
    /// What [`parse`] says of `text`, and how it is understood differently.
    pub(crate) fn parse(&mut self, text: &str) -> Known {
        if let Some(known) = self.0.get(text) {
            return known.clone();
        }
        let Parsed { spec, problems } = parse(text);
        let differently = spec
            .as_ref()
            .and_then(|spec| understanding::differently(text, spec));
        let known = Known {
            spec: spec.map(Arc::new),
            problems: problems.into(),
            differently: differently.map(Arc::new),
        };
        self.0.insert(text.to_owned(), known.clone());
        known
    }
}

/// The package's name in `text` in lower case, however malformed the rest is; `None` where no name can be seen.
pub fn normalized_name(text: &str) -> Option<String> {
    let name = tokens::Layout::of(text).name.range();
    let name = text[name].to_ascii_lowercase();
    let is_name = |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '_' | '-');
    (!name.is_empty() && name.chars().all(is_name)).then_some(name)
}

/// The longest text that is read, in bytes. Nobody writes one of a tenth of it, and reading takes quadratic time.
const MAX_LENGTH: usize = 4096;

/// How many parentheses are read: rattler's parser and this one go down the stack with each.
const MAX_PARENTHESES: usize = 32;

fn is_beyond_limits(text: &str) -> bool {
    text.len() > MAX_LENGTH || text.matches('(').count() > MAX_PARENTHESES
}

/// The parts of a text in which one tool may see something else than another: empty where it sees none.
#[derive(Debug, Default, PartialEq, Eq)]
struct Reading {
    version: String,
    build: String,
}

/// What each tool says to one text: its reason where it refuses.
struct Verdicts {
    conda: Result<Reading, String>,
    micromamba: Result<Reading, String>,
    rattler: Result<MatchSpec, String>,
}

impl Verdicts {
    fn of(text: &str) -> Self {
        if is_beyond_limits(text) {
            let reason = "it is too long or nested too deeply".to_owned();
            return Verdicts {
                conda: Err(reason.clone()),
                micromamba: Err(reason.clone()),
                rattler: Err(reason),
            };
        }
        Verdicts {
            conda: conda::read(text),
            micromamba: micromamba::read(text),
            rattler: rattler::read(text),
        }
    }

    fn are_all_taken(&self) -> bool {
        self.conda.is_ok() && self.micromamba.is_ok() && self.rattler.is_ok()
    }
}
