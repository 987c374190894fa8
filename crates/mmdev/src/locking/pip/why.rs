//! Why a pip section cannot be resolved, in words, with the entries that it comes from.

use std::collections::BTreeSet;

use mmdev_core::lock::uv::{self, Failure, Question};

use crate::error::Error;
use crate::locking::Target;

/// Why a pip section cannot be resolved.
pub(crate) enum Why {
    /// uv's reason, and what it was asked.
    Uv(Failure, Box<Question>),
    /// No wheel of a version has a hash that the section allows.
    Hash {
        /// The package's name.
        name: String,
        /// Its version.
        version: String,
    },
}

/// An entry with its place.
pub(super) fn shown(target: &Target, line: &str) -> String {
    let entries = target.pip_entries();
    match entries.iter().find(|entry| entry.text == line) {
        Some(entry) => format!("`{line}` ({})", target.place(entry)),
        None => format!("`{line}`"),
    }
}

/// The variables that a question names and nobody has set.
pub(super) fn unset(question: &Question) -> impl Iterator<Item = &str> {
    let lines = question.lines.iter().chain(&question.constraints);
    let names = uv::variables(lines).into_iter();
    names.filter(|name| !question.variables.contains_key(*name))
}

/// The error for one platform.
pub(crate) fn error(target: &Target, platform: &str, why: &Why) -> Error {
    let mut error = Error::problem(reason(target, platform, why));
    let lines = match why {
        Why::Uv(Failure::Unsolvable { why }, _) => why.as_slice(),
        Why::Uv(Failure::NoWheel { name, .. }, _) | Why::Hash { name, .. } => {
            std::slice::from_ref(name)
        }
        Why::Uv(..) => &[],
    };
    let is_outside = |char: char| !(char.is_ascii_alphanumeric() || "-_.".contains(char));
    let words = lines.iter().flat_map(|line| line.split(is_outside));
    let words: BTreeSet<String> = words
        .map(|word| uv::normalized(word.trim_end_matches('.')))
        .collect();
    let entries = target.pip_entries();
    let involved = entries.iter().filter(|entry| {
        let name = entry.text.split(is_outside).next().unwrap_or_default();
        !name.starts_with('-') && words.contains(&uv::normalized(name))
    });
    for entry in involved {
        let (place, line) = (target.place(entry), target.line(entry));
        error.log.push(format!("{place} | {line}"));
    }
    match why {
        Why::Uv(Failure::Unsolvable { why }, question) => {
            let text = why.join(" ");
            error.log.extend(why.iter().cloned());
            if text.contains("(conda's)") {
                error = error.with_hint("conda's packages are chosen first: change them in `dependencies:`, or what pip asks for");
            }
            if text.contains("not found in the package registry") {
                // A server may say to strangers that it has nothing.
                let set = question.variables.keys().map(|name| format!("mend {name}"));
                let unset = unset(question).map(|name| format!("set {name}"));
                for what in unset.chain(set) {
                    error = error.with_hint(format!("{what}, if that index asks who you are"));
                }
                error = error.with_hint(
                    "mend its name, or name the index that has it (`--extra-index-url`)",
                );
            }
            if text.contains("not found in the cache") {
                error = error.with_hint("run it once without --offline");
            }
            error
        }
        Why::Hash { .. } => error.with_hint(
            "add the hash of a wheel that fits, or leave the hashes out: the lock has its own",
        ),
        Why::Uv(..) => error.with_hint(
            "ask for another version, or name the platforms that it has in `platforms:`",
        ),
    }
}

/// What stands in the way, in half a sentence.
pub(crate) fn reason(target: &Target, platform: &str, why: &Why) -> String {
    match why {
        Why::Uv(Failure::NoWheel { name, version }, question) => {
            format!(
                "`{name} {version}` of the pip section has no wheel for {platform} and python {}",
                question.python
            )
        }
        Why::Hash { name, version } => {
            format!(
                "no wheel of `{name} {version}` for {platform} has a hash that the pip section allows"
            )
        }
        Why::Uv(..) => {
            format!(
                "the pip section of {} cannot be resolved on {platform}",
                target.names()
            )
        }
    }
}
