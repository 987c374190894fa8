//! What fixes must leave of a spec. The tests over real and over mutated specs and a fuzz target hold them to it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use mmdev_core::diagnostic::{Applicability, Code, Diagnostic, Severity};
use mmdev_core::lint::{self, Date, Fixed, Selection, SpecFile, Surroundings};
use mmdev_core::spec::{self, EnvSpec, PLATFORMS, PipLine, ReadSpec, Selector};
use mmdev_core::syntax::yaml;
use mmdev_core::text::{Spanned, apply};

/// Rules whose safe fix gives a spec a meaning that no tool saw in it before, and the author did.
///
/// A key that every tool passes over is read once it is spelt right (MM101); conda adds pip to a spec with a pip
/// section by itself (MM116).
const COMPLETING: [&str; 2] = ["MM101", "MM116"];

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
        let (was, is) = (meaning(&before.read.spec), meaning(&after.read.spec));
        for piece in was.difference(&is) {
            broken.push(format!("`{piece}` is lost"));
        }
        let completes = before
            .diagnostics
            .iter()
            .any(|found| found.severity == Severity::Error || COMPLETING.contains(&found.code.0));
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

/// What a spec means, in pieces: without places, spelling, order of packages, and entries that are not understood.
fn meaning(spec: &EnvSpec) -> BTreeSet<String> {
    let mut pieces = BTreeSet::new();
    let mut say = |what: &str, value: &dyn Debug| {
        pieces.insert(format!("{what} {value:?}"));
    };
    let values = |values: &[Spanned<String>]| -> Vec<String> {
        values.iter().map(|value| value.value.clone()).collect()
    };
    let text = |value: &Option<Spanned<String>>| value.as_ref().map(|value| value.value.clone());
    for (what, value) in [
        ("name", &spec.name),
        ("prefix", &spec.prefix),
        ("category", &spec.category),
    ] {
        if let Some(value) = value {
            say(what, &value.value);
        }
    }
    if let Some(channels) = &spec.channels {
        let mut channels = values(channels);
        channels.dedup();
        say("channels", &channels);
    }
    for platform in &spec.platforms {
        say("platform", &platform.value);
    }
    for variable in &spec.variables {
        say("variable", &(&variable.name.value, &variable.value.value));
    }
    for dependency in &spec.dependencies {
        let Some(wanted) = &dependency.match_spec else {
            continue;
        };
        let attributes: Vec<(&str, &str)> = wanted
            .attributes
            .iter()
            .map(|(key, value)| (key.value.as_str(), value.value.as_str()))
            .collect();
        let wanted = (
            &wanted.name.value,
            (text(&wanted.channel), text(&wanted.subdir)),
            (&wanted.constraint, text(&wanted.build), attributes),
        );
        for platform in platforms(dependency.selector.as_ref()) {
            say(platform, &wanted);
        }
    }
    for entry in &spec.pip {
        if entry.line != PipLine::Malformed {
            for platform in platforms(entry.selector.as_ref()) {
                say(platform, &(&entry.line, &entry.text.value));
            }
        }
    }
    pieces
}

/// The subdirs that an entry is for; none where nobody knows.
fn platforms(selector: Option<&Selector>) -> Vec<&'static str> {
    let Some(selector) = selector else {
        return vec!["everywhere"];
    };
    let mut platforms = PLATFORMS.to_vec();
    platforms.retain(|platform| selector.applies_to(platform) == Some(true));
    platforms
}

/// The lines between the first and the last that differ.
fn difference(before: &str, after: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (
        before.split_inclusive('\n').collect(),
        after.split_inclusive('\n').collect(),
    );
    let alike = |(left, right): &(&&str, &&str)| left == right;
    let first = old.iter().zip(&new).take_while(alike).count();
    let (old, new) = (&old[first..], &new[first..]);
    let last = old.iter().rev().zip(new.iter().rev()).take_while(alike);
    let last = last.count();
    let side = |sign: &str, lines: &[&str]| -> String {
        let lines = lines[..lines.len() - last].iter();
        lines.map(|line| format!("{sign}{line:?}\n")).collect()
    };
    side("- ", old) + &side("+ ", new)
}
