//! What fixes must leave of a spec. The tests over real and over mutated specs and a fuzz target hold them to it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use mmdev_core::diagnostic::{Applicability, Code, Diagnostic, Severity};
use mmdev_core::lint::{self, Date, Fixed, Selection, SpecFile, Surroundings};
use mmdev_core::match_spec::MatchSpec;
use mmdev_core::spec::{self, EnvSpec, PLATFORMS, PipLine, ReadSpec, Selector, Variable};
use mmdev_core::syntax::yaml;
use mmdev_core::text::{Span, Spanned, apply};

/// Rules whose safe fix gives a spec a meaning that no tool saw in it before, and the author did.
///
/// A key that every tool passes over is read once it is spelt right (MM101); conda adds pip to a spec with a pip
/// section by itself (MM116); a dash that only looks like one is another name to all of them (MM202); the web page of a channel
/// is not the channel (MM306).
const CORRECTING: [&str; 4] = ["MM101", "MM116", "MM202", "MM306"];

/// Surroundings in which every rule speaks that can without an index.
fn surroundings() -> Surroundings {
    let everything = Selection::new(&["ALL".to_owned()], &[]).unwrap_or_default();
    Surroundings {
        selection: everything,
        notebook: Some("analysis.ipynb".to_owned()),
        today: Some(Date {
            year: 2026,
            month: 11,
            day: 25,
        }),
        ..Surroundings::default()
    }
}

/// Applies the fixes of a spec.
///
/// # Errors
/// What they break, the rules that do so, and what changed.
pub(crate) fn fixed(path: &str, text: &str, least: Applicability) -> Result<Fixed, String> {
    let around = surroundings();
    let fixed = lint::fix(path, text, &around, None, least);
    let again = lint::fix(path, &fixed.text, &around, None, least);
    let mut broken = broken(path, text, &fixed.text, least);
    if again.text != fixed.text {
        broken.push(format!(
            "a second time changes the text again ({:?}):\n{}",
            codes(&again.applied),
            difference(&fixed.text, &again.text)
        ));
    }
    if broken.is_empty() {
        return Ok(fixed);
    }
    let mut report = format!("{path}, {least:?} fixes: {}\n", broken.join("; "));
    report += &format!("applied: {:?}\n", codes(&fixed.applied));
    for diagnostic in Look::at(path, text).diagnostics {
        let Some(fix) = &diagnostic.fix else { continue };
        let alone = apply(text, &fix.edits);
        let broken = self::broken(path, text, &alone, least);
        if fix.applicability >= least && !broken.is_empty() {
            report += &format!("{} alone: {}\n", diagnostic.code, broken.join("; "));
        }
    }
    Err(report + &difference(text, &fixed.text))
}

fn codes(codes: &[Code]) -> BTreeSet<&str> {
    codes.iter().map(|code| code.0).collect()
}

/// What the text `after` lacks, or has too much, beside the text `before`.
fn broken(path: &str, before: &str, after: &str, least: Applicability) -> Vec<String> {
    let (before, after) = (Look::at(path, before), Look::at(path, after));
    let mut broken = Vec::new();
    if before.read.kind != after.read.kind {
        broken.push("it is no spec any more".to_owned());
    }
    if after.syntax_errors > before.syntax_errors {
        broken.push("it has more syntax errors".to_owned());
    }
    for comment in missing(&before.comments, &after.comments) {
        broken.push(format!("the comment {comment:?} is gone"));
    }
    // What no tool can read means nothing.
    if least == Applicability::Safe && before.syntax_errors == 0 {
        let is = after.pieces(&[]);
        for piece in before.pieces(&before.errors()).difference(&is) {
            broken.push(format!("`{piece}` is lost"));
        }
        let completes = !before.errors().is_empty();
        let was = before.pieces(&[]);
        for piece in is.difference(&was).filter(|_| !completes) {
            broken.push(format!("`{piece}` is new"));
        }
    }
    broken
}

/// A spec with all that is found in it.
pub(crate) struct Look {
    read: ReadSpec,
    syntax_errors: usize,
    comments: BTreeMap<String, usize>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl Look {
    pub(crate) fn at(path: &str, text: &str) -> Self {
        let tree = yaml::parse(text);
        let read = spec::read_parsed(path, text, &tree);
        let file = SpecFile {
            path,
            text,
            tree: &tree,
            read: &read,
        };
        let diagnostics = lint::spec(&file, &surroundings(), None);
        let errors = tree.diagnostics.iter();
        let errors = errors.filter(|found| found.severity == Severity::Error);
        Look {
            syntax_errors: errors.count(),
            comments: count(
                tree.comments
                    .iter()
                    .map(|comment| comment.text.trim().to_owned()),
            ),
            diagnostics,
            read,
        }
    }
}

/// Texts, and how often each comes.
pub(crate) fn count(texts: impl Iterator<Item = String>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for text in texts {
        *counts.entry(text).or_default() += 1;
    }
    counts
}

/// What stands more often in `all` than in `of`.
pub(crate) fn missing(all: &BTreeMap<String, usize>, of: &BTreeMap<String, usize>) -> Vec<String> {
    let is_missing = |(text, count): &(&String, &usize)| of.get(*text) < Some(*count);
    all.iter()
        .filter(is_missing)
        .map(|(text, _)| text.clone())
        .collect()
}

impl Look {
    /// Where no tool sees what the author meant.
    fn errors(&self) -> Vec<Span> {
        let is_error = |found: &&Diagnostic| {
            found.severity == Severity::Error || CORRECTING.contains(&found.code.0)
        };
        let errors = self.diagnostics.iter().filter(is_error);
        errors.map(|found| found.span).collect()
    }

    /// What a spec means, in pieces: without places, spelling and order of packages, and without what touches one of
    /// `errors`.
    fn pieces(&self, errors: &[Span]) -> BTreeSet<String> {
        let touches = |span: Span, error: &Span| error.start < span.end && span.start < error.end;
        let mut pieces = BTreeSet::new();
        let mut say = |span: Span, what: &str, value: &dyn Debug| {
            if !errors.iter().any(|error| touches(span, error)) {
                pieces.insert(format!("{what} {value:?}"));
            }
        };
        let EnvSpec {
            name,
            channels,
            dependencies,
            pip,
            variables,
            platforms,
            category,
            // It is of one machine, and no tool goes by it.
            prefix: _,
        } = &self.read.spec;
        for (what, value) in [("name", name), ("category", category)] {
            if let Some(value) = value {
                say(value.span, what, &value.value);
            }
        }
        if let Some(channels) = channels {
            let span = channels.iter().map(|channel| channel.span);
            let span = span.reduce(Span::cover).unwrap_or(Span::empty(0));
            let mut channels: Vec<&str> = channels
                .iter()
                .map(|channel| channel.value.as_str())
                .collect();
            channels.dedup();
            say(span, "channels", &channels);
        }
        for platform in platforms {
            say(platform.span, "platform", &platform.value);
        }
        for Variable { name, value } in variables {
            say(name.span, "variable", &(&name.value, &value.value));
        }
        for dependency in dependencies {
            let Some(wanted) = &dependency.match_spec else {
                continue;
            };
            // Whoever asks for a version asks for the package.
            for platform in subdirs(dependency.selector.as_ref()) {
                say(dependency.text.span, platform, &wanted.name.value);
                if let Some(conditions) = conditions(wanted) {
                    say(dependency.text.span, platform, &conditions);
                }
            }
        }
        for entry in pip.iter().filter(|entry| entry.line != PipLine::Malformed) {
            for platform in subdirs(entry.selector.as_ref()) {
                say(entry.text.span, platform, &(&entry.line, &entry.text.value));
            }
        }
        pieces
    }
}

/// What a package must fulfil besides its name, without places and spelling; `None` where that is nothing.
fn conditions(wanted: &MatchSpec) -> Option<impl Debug> {
    let text = |value: &Option<Spanned<String>>| value.as_ref().map(|value| value.value.clone());
    let attributes: Vec<(&str, &str)> = wanted
        .attributes
        .iter()
        .map(|(key, value)| (key.value.as_str(), value.value.as_str()))
        .collect();
    let from = (text(&wanted.channel), text(&wanted.subdir));
    let what = (&wanted.constraint, text(&wanted.build), attributes);
    let is_any = from == (None, None) && what == (&None, None, Vec::new());
    (!is_any).then_some((&wanted.name.value, from, what))
}

/// The subdirs that an entry is for; none where nobody knows.
fn subdirs(selector: Option<&Selector>) -> Vec<&'static str> {
    let Some(selector) = selector else {
        return vec!["everywhere"];
    };
    let mut platforms = PLATFORMS.to_vec();
    platforms.retain(|platform| selector.applies_to(platform) == Some(true));
    platforms
}

/// The lines that stand more often in one text than in the other.
fn difference(before: &str, after: &str) -> String {
    let lines = |text: &str| count(text.split_inclusive('\n').map(str::to_owned));
    let (old, new) = (lines(before), lines(after));
    let side = |sign: &str, lines: Vec<String>| -> String {
        let lines = lines.iter();
        lines.map(|line| format!("{sign} {line:?}\n")).collect()
    };
    side("-", missing(&old, &new)) + &side("+", missing(&new, &old))
}
