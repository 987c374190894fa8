//! What a dependency becomes when it is added once more: what the new text does not say stays as it was said.

use super::{Listed, Section};
use crate::match_spec;
use crate::spec::PipLine;
use crate::spec::pip::{parse_line, split_marker};

/// The text that `there` gets from `new`, which is for the same package. `None` where a person has to do it.
pub(super) fn merged(there: &Listed<'_>, new: &str) -> Option<String> {
    let (old, new) = (there.text.value.trim(), new.trim());
    match there.section {
        Section::Conda => conda(old, new),
        Section::Pip => Some(pip(old, new)),
    }
}

/// Channel and constraint of a MatchSpec, each with all that belongs to it.
struct Conda<'text> {
    /// With `::`.
    channel: &'text str,
    name: &'text str,
    constraint: &'text str,
    /// Whether a channel stands in brackets.
    is_channel_inside: bool,
}

impl<'text> Conda<'text> {
    /// `None` for what is not written as channel, name and constraint.
    fn read(text: &'text str) -> Option<Self> {
        let spec = match_spec::parse(text).spec?;
        let name = spec.name.span;
        let channel = text[..name.start].trim();
        let is_plain = channel.is_empty() || channel.ends_with("::");
        (is_plain && spec.attribute("url").is_none()).then(|| Conda {
            channel,
            name: &text[name.range()],
            constraint: &text[name.end..],
            is_channel_inside: spec
                .channel
                .is_some_and(|channel| channel.span.start > name.start),
        })
    }
}

fn conda(old: &str, new: &str) -> Option<String> {
    let (Some(before), Some(after)) = (Conda::read(old), Conda::read(new)) else {
        return Some(new.to_owned());
    };
    let names_channel = !after.channel.is_empty() || after.is_channel_inside;
    let names_constraint = !after.constraint.trim().is_empty();
    if !names_channel && !names_constraint {
        return Some(old.to_owned());
    }
    // Two channels would contradict each other.
    if names_channel && !names_constraint && before.is_channel_inside {
        return None;
    }
    let channel = if names_channel {
        after.channel
    } else {
        before.channel
    };
    let constraint = if names_constraint {
        after.constraint
    } else {
        before.constraint
    };
    Some(format!("{channel}{}{constraint}", after.name))
}

/// A requirement for pip.
struct Pip<'text> {
    name: &'text str,
    /// With their brackets.
    extras: &'text str,
    /// Comparisons or a URL, the marker, and options.
    rest: &'text str,
}

impl<'text> Pip<'text> {
    /// `None` for what has no name.
    fn read(text: &'text str) -> Option<Self> {
        if !matches!(parse_line(text).0, PipLine::Package { .. }) {
            return None;
        }
        let is_name = |char: char| char.is_ascii_alphanumeric() || "._-".contains(char);
        let (name, rest) = text.split_at(text.find(|char| !is_name(char)).unwrap_or(text.len()));
        let inner = rest.trim_start();
        let end = match inner.starts_with('[') {
            true => inner.find(']')? + 1,
            false => 0,
        };
        let (extras, behind) = inner.split_at(end);
        let rest = if extras.is_empty() { rest } else { behind };
        Some(Pip { name, extras, rest })
    }

    /// Whether it says which versions. Of two that are compared the markers are the same.
    fn has_constraint(&self) -> bool {
        !split_marker(self.rest).0.trim().is_empty()
    }
}

fn pip(old: &str, new: &str) -> String {
    let (Some(before), Some(after)) = (Pip::read(old), Pip::read(new)) else {
        return new.to_owned();
    };
    if after.extras.is_empty() && !after.has_constraint() {
        return old.to_owned();
    }
    let extras = match after.extras {
        "" => before.extras,
        extras => extras,
    };
    let rest = match after.has_constraint() {
        true => after.rest,
        false => before.rest,
    };
    format!("{}{extras}{rest}", after.name)
}
