//! What each tool understands by a MatchSpec that all three take, so that it can be said where they differ.

use rattler_conda_version::version_spec::EqualityOperator;
use rattler_conda_version::{ParseStrictness, VersionSpec};

use super::{MatchSpec, Reading, Verdicts};

/// What one tool understands by a MatchSpec, as far as the three may differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Understanding {
    /// The versions that it takes.
    version: Versions,
    /// The build string, in lower case; `None` is any.
    build: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Versions {
    /// What can be said in rattler's language.
    Of(VersionSpec),
    /// What only this tool understands, as it sees it.
    Other(String),
    /// The same with a `*` that is a character of the version to it.
    Literal(String),
}

impl Understanding {
    fn new(version: Versions, build: &str) -> Self {
        let build = build.trim();
        Understanding {
            version,
            build: (!build.is_empty() && build != "*").then(|| build.to_owned()),
        }
    }

    /// Whether both take the same builds, this one of every version that begins so, the other of one version.
    fn is_wider_than(&self, other: &Understanding) -> bool {
        let (Versions::Of(wide), Versions::Of(VersionSpec::Exact(EqualityOperator::Equals, one))) =
            (&self.version, &other.version)
        else {
            return false;
        };
        self.build == other.build && wide.to_string() == format!("{one}.*")
    }
}

impl std::fmt::Display for Understanding {
    /// In words that can follow "takes": "version `1.2.*` with the build `*cuda*`".
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.version {
            Versions::Of(VersionSpec::Any) => formatter.write_str("any version")?,
            Versions::Of(spec) => write!(formatter, "version `{spec}`")?,
            Versions::Other(text) => write!(formatter, "version `{text}`")?,
            Versions::Literal(text) => write!(formatter, "version `{text}` with a literal `*`")?,
        }
        match &self.build {
            Some(build) => write!(formatter, " with the build `{build}`"),
            None => Ok(()),
        }
    }
}

/// A MatchSpec that all three tools take and understand differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Differently {
    /// What is odd about it, where that is known.
    pub(crate) what: Option<String>,
    /// Who takes it as what: "conda and rattler take …, micromamba takes …".
    pub(crate) who: String,
    /// The text in a spelling that all three understand alike, where one is known.
    pub(crate) portable: Option<String>,
    /// Whether it is `name=version=build` with one build, where micromamba alone takes longer versions as well: what
    /// every export is made of.
    pub(crate) is_export: bool,
}

/// How `text`, which is read as `spec`, is understood differently; `None` where all three understand the same.
pub(crate) fn differently(text: &str, spec: &MatchSpec) -> Option<Differently> {
    // Only these have been seen to differ; most MatchSpecs have none of them.
    let may_differ = spec.build.is_some()
        || text.contains(['*', '[', ';'])
        || [". ", " if ", "#"].iter().any(|odd| text.contains(odd));
    if !may_differ && !text.trim_end().ends_with('.') {
        return None;
    }
    let understandings = understandings(text)?;
    if are_alike(&understandings) {
        return None;
    }
    let is_export = is_export(&understandings);
    let [conda, ..] = &understandings;
    // Every entry of an export comes here: there is nothing odd to look for, which takes time.
    let (what, mended) = match is_export {
        true => (None, None),
        false => super::diagnose::explained(text, are_all_alike),
    };
    Some(Differently {
        what,
        who: who(&understandings),
        portable: mended.or_else(|| {
            let mut candidates = candidates(text, spec, conda, is_export).into_iter();
            candidates.find(|text| are_all_alike(text))
        }),
        is_export,
    })
}

/// Whether all three tools take `text` as much the same: exactly, or but for what exports are made of.
pub(super) fn is_portable(text: &str) -> bool {
    let found = understandings(text);
    found.is_some_and(|found| are_alike(&found) || is_export(&found))
}

fn is_export([conda, micromamba, rattler]: &[Understanding; 3]) -> bool {
    let is_pattern = |build: &String| build.contains('*') || build.starts_with('^');
    let is_one = !conda.build.as_ref().is_some_and(is_pattern);
    conda == rattler && micromamba.is_wider_than(conda) && is_one
}

fn are_all_alike(text: &str) -> bool {
    understandings(text).is_some_and(|found| are_alike(&found))
}

fn are_alike(understandings: &[Understanding; 3]) -> bool {
    let [conda, micromamba, rattler] = understandings;
    conda == micromamba && micromamba == rattler
}

/// "conda and rattler take …, micromamba takes …".
fn who([conda, micromamba, rattler]: &[Understanding; 3]) -> String {
    let clauses = if conda == rattler {
        vec![
            format!("conda and rattler take {conda}"),
            format!("micromamba takes {micromamba}"),
        ]
    } else if conda == micromamba {
        vec![
            format!("conda and micromamba take {conda}"),
            format!("rattler takes {rattler}"),
        ]
    } else if micromamba == rattler {
        vec![
            format!("conda takes {conda}"),
            format!("micromamba and rattler take {rattler}"),
        ]
    } else {
        vec![
            format!("conda takes {conda}"),
            format!("micromamba takes {micromamba}"),
            format!("rattler takes {rattler}"),
        ]
    };
    clauses.join(", ")
}

/// Spellings that may be portable, the likeliest first.
fn candidates(text: &str, spec: &MatchSpec, conda: &Understanding, is_export: bool) -> Vec<String> {
    let mut candidates = Vec::new();
    let Some(version) = &spec.version else {
        return candidates;
    };
    if !version.value.contains(|char: char| char.is_ascii_digit()) {
        return candidates;
    }
    let (before, after) = (&text[..version.span.start], &text[version.span.end..]);
    if let Some(bare) = version.value.strip_prefix('=') {
        let bare = bare.trim_start_matches('=').trim();
        let beginning = bare.trim_end_matches('*').trim_end_matches('.');
        // With one build it is one version that is meant; with a pattern, all that begin so, as without a build.
        candidates.push(match is_export {
            true => format!("{before}=={bare}{after}"),
            false => format!("{before}={beginning}.*{after}"),
        });
    }
    if let Versions::Of(understood) = &conda.version {
        let understood = understood.to_string();
        let is_behind_name = version.span.start == spec.name.span.end;
        let gap = match is_behind_name && understood.starts_with(|char: char| char.is_ascii_digit())
        {
            true => " ",
            false => "",
        };
        candidates.push(format!("{before}{gap}{understood}{after}"));
    }
    candidates
}

/// What conda, micromamba and rattler understand by `text`; `None` where one of them refuses it.
pub(super) fn understandings(text: &str) -> Option<[Understanding; 3]> {
    let verdicts = Verdicts::of(text);
    let (conda, micromamba, rattler) = (
        verdicts.conda.ok()?,
        verdicts.micromamba.ok()?,
        verdicts.rattler.ok()?,
    );
    let build = rattler.build.as_ref().map(|build| build.value.as_str());
    let version = Versions::Of(rattler.constraint.unwrap_or(VersionSpec::Any));
    let of = |reading: &Reading, comparison: fn(&str) -> Option<String>| {
        Understanding::new(versions(&reading.version, comparison), &reading.build)
    };
    Some([
        of(&conda, conda_comparison),
        literal(of(&micromamba, micromamba_comparison)),
        Understanding::new(version, build.unwrap_or_default()),
    ])
}

/// micromamba knows patterns of versions only without an operator; behind one a `*` is a character.
fn literal(understanding: Understanding) -> Understanding {
    let version = match understanding.version {
        Versions::Other(text)
            if text.starts_with(['=', '<', '>', '!', '~']) && text.contains('*') =>
        {
            Versions::Literal(text)
        }
        version => version,
    };
    Understanding {
        version,
        ..understanding
    }
}

/// A tool's version constraint in rattler's language: each comparison as `comparison` says it there.
fn versions(text: &str, comparison: fn(&str) -> Option<String>) -> Versions {
    let is_joint = |char: char| matches!(char, ',' | '|' | '(' | ')');
    let mut translated = String::with_capacity(text.len());
    for piece in text.split_inclusive(is_joint) {
        let leaf = piece.trim_end_matches(is_joint);
        // Nothing stands between a comma and a parenthesis.
        if !leaf.trim().is_empty() {
            match comparison(leaf.trim()) {
                Some(leaf) => translated.push_str(&leaf),
                None => return Versions::Other(text.to_owned()),
            }
        }
        translated.push_str(&piece[leaf.len()..]);
    }
    if translated.is_empty() {
        return Versions::Of(VersionSpec::Any);
    }
    match VersionSpec::from_str(&translated, ParseStrictness::Lenient) {
        Ok(spec) => Versions::Of(spec),
        Err(_) => Versions::Other(text.to_owned()),
    }
}

/// What conda means by one comparison (`VersionSpec.get_matcher`).
fn conda_comparison(text: &str) -> Option<String> {
    let version = text.trim_start_matches(['=', '<', '>', '!', '~']);
    let operator = &text[..text.len() - version.len()];
    let (bare, is_glob) = match version.strip_suffix(".*") {
        Some(bare) => (bare, true),
        None => (version, false),
    };
    match operator {
        "" => without_operator(text),
        "=" => beginning(bare),
        "!=" if is_glob => plain(bare).map(|bare| format!("!={bare}.*")),
        // Behind another operator conda leaves out the `.*`.
        operator => plain(bare).map(|bare| format!("{operator}{bare}")),
    }
}

/// What micromamba means by one comparison (libmamba's `VersionSpec`).
fn micromamba_comparison(text: &str) -> Option<String> {
    let text = text.strip_suffix('.').unwrap_or(text);
    let version = text.trim_start_matches(['=', '<', '>', '!', '~']);
    let operator = &text[..text.len() - version.len()];
    let (bare, is_glob) = match version.strip_suffix(".*") {
        Some(bare) => (bare, true),
        None => (version, false),
    };
    match operator {
        "" => without_operator(text),
        _ if matches!(version, "" | "*") && operator.starts_with('=') => Some("*".to_owned()),
        "=" => beginning(bare),
        "==" if is_glob => beginning(bare),
        "!=" if is_glob => plain(bare).map(|bare| format!("!={bare}.*")),
        // The `*` stands for a part that is less than any other: `>=1.2.*` and `<1.2.*` are `>=1.2` and `<1.2`, but
        // for the first of its pre-releases.
        ">=" | "<" if is_glob => plain(bare).map(|bare| format!("{operator}{bare}")),
        operator => plain(version).map(|version| format!("{operator}{version}")),
    }
}

/// `1.2`, `1.2.*`, `1.2*` and `*`, which both read alike.
fn without_operator(text: &str) -> Option<String> {
    if text.chars().all(|char| matches!(char, '*' | '.')) {
        return Some("*".to_owned());
    }
    match text.strip_suffix('*') {
        Some(_) => beginning(text.trim_end_matches('*').trim_end_matches('.')),
        None => plain(text).map(|text| format!("=={text}")),
    }
}

fn beginning(version: &str) -> Option<String> {
    plain(version).map(|version| format!("{version}.*"))
}

/// A version without a pattern in it.
fn plain(version: &str) -> Option<&str> {
    let version = version.trim();
    let is_pattern = |char: char| "*=<>!~;@^$ ".contains(char);
    let epoch = version
        .split_once('!')
        .filter(|(epoch, _)| !epoch.is_empty() && epoch.bytes().all(|byte| byte.is_ascii_digit()));
    let rest = epoch.map_or(version, |(_, rest)| rest);
    (!rest.contains(is_pattern)).then_some(version)
}
