//! One line of a pip section, as pip reads a line of a requirements file (pip's "Requirements File Format").
//!
//! conda and micromamba write the entries into such a file, one a line, and start `pip install -r`.

mod marker;
mod repair;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use pep508_rs::{Pep508Url, Requirement, VerbatimUrl};

use super::PipLine;
use crate::diagnostic::{Applicability, Code, Severity};
use crate::match_spec::Problem;
use crate::text::Span;

pub use marker::{split_marker, with_marker};

/// The codes of what is wrong with a line of a pip section.
pub mod codes {
    use crate::diagnostic::Code;

    /// A requirement that pip cannot read.
    pub const REQUIREMENT: Code = Code("MM401");
    /// An option that pip does not take in a requirements file.
    pub const OPTION: Code = Code("MM402");
    /// An option without its value.
    pub const OPTION_VALUE: Code = Code("MM403");
    /// Text that pip passes over.
    pub const IGNORED_TEXT: Code = Code("MM404");
    /// A requirement in conda's language (`numpy=1.26`).
    pub const CONDA_SYNTAX: Code = Code("MM405");
    /// One entry of several lines.
    pub const SEVERAL_LINES: Code = Code("MM406");
}

/// The options of a requirements file: long name, short name, whether a value follows, whether they may stand behind
/// a requirement.
const OPTIONS: &[(&str, &str, bool, bool)] = &[
    ("--index-url", "-i", true, false),
    ("--pypi-url", "", true, false),
    ("--extra-index-url", "", true, false),
    ("--no-index", "", false, false),
    ("--find-links", "-f", true, false),
    ("--constraint", "-c", true, false),
    ("--requirement", "-r", true, false),
    ("--editable", "-e", true, false),
    ("--no-binary", "", true, false),
    ("--only-binary", "", true, false),
    ("--prefer-binary", "", false, false),
    ("--require-hashes", "", false, false),
    ("--pre", "", false, false),
    ("--trusted-host", "", true, false),
    ("--use-feature", "", true, false),
    ("--hash", "", true, true),
    ("--global-option", "", true, true),
    ("--config-settings", "-C", true, true),
    ("--config-setting", "", true, true),
];

/// Files that pip installs.
const ARCHIVES: &[&str] = &[
    ".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tar.xz", ".txz", ".tar",
];

/// A package's name in the form in which PEP 503 compares names, whatever it is.
pub fn normalized(name: &str) -> String {
    let mut normalized = String::with_capacity(name.len());
    for char in name.chars() {
        match char {
            '-' | '_' | '.' if normalized.ends_with('-') => {}
            '-' | '_' | '.' => normalized.push('-'),
            _ => normalized.push(char.to_ascii_lowercase()),
        }
    }
    normalized
}

/// What one entry is, and what is wrong with it. Spans are bytes of `text`.
pub fn parse_line(text: &str) -> (PipLine, Vec<Problem>) {
    // A continuation becomes as many spaces, so that every place stays.
    let joined = text.replace("\\\r\n", "   ").replace("\\\n", "  ");
    let mut line = Line {
        text: &joined,
        problems: Vec::new(),
    };
    let kind = line.read();
    (kind, line.problems)
}

struct Line<'text> {
    text: &'text str,
    problems: Vec<Problem>,
}

impl<'text> Line<'text> {
    fn read(&mut self) -> PipLine {
        let text = self.text;
        let whole = Span::new(0, text.len());
        let content = text.trim();
        if content.contains(['\n', '\r']) {
            self.report(
                Severity::Error,
                codes::SEVERAL_LINES,
                whole,
                "one entry holds several lines",
            );
            self.hint("Write one entry for each line");
            return PipLine::Malformed;
        }
        let words = words(text);
        let Some(first) = words.first() else {
            self.report(
                Severity::Warning,
                codes::IGNORED_TEXT,
                whole,
                "the entry holds no requirement; pip passes over it",
            );
            return PipLine::Malformed;
        };
        let options = words
            .iter()
            .position(|word| text[word.range()].starts_with('-'))
            .unwrap_or(words.len());
        if options == 0 {
            return self.options(&words, true);
        }
        let requirement = Span::new(first.start, words[options - 1].end);
        let kind = self.requirement(requirement);
        self.options(&words[options..], false);
        kind
    }

    fn report(&mut self, severity: Severity, code: Code, span: Span, message: impl Into<String>) {
        self.problems.push(Problem {
            code,
            severity,
            span,
            message: message.into(),
            hint: None,
            repair: None,
            applicability: Applicability::Unsafe,
        });
    }

    /// Adds what to do to the last problem.
    fn hint(&mut self, hint: &str) {
        if let Some(problem) = self.problems.last_mut() {
            problem.hint = Some(hint.to_owned());
        }
    }

    /// A line of options, or the options behind a requirement.
    fn options(&mut self, words: &[Span], alone: bool) -> PipLine {
        let mut kind = PipLine::Option;
        let mut words = words.iter().copied();
        while let Some(word) = words.next() {
            let written = &self.text[word.range()];
            if !written.starts_with('-') || written == "-" {
                let message = format!("pip passes over `{written}`");
                self.report(Severity::Warning, codes::IGNORED_TEXT, word, message);
                continue;
            }
            let Some((option, value)) = find_option(written) else {
                self.unknown_option(word);
                continue;
            };
            let (long, _, takes_value, behind_requirement) = *option;
            let value = value.map(|length| Span::new(word.end - length, word.end));
            let value = match value.or_else(|| takes_value.then(|| words.next()).flatten()) {
                _ if !takes_value => None,
                Some(value) => Some(value),
                None => {
                    let message = format!("`{written}` has no value; pip refuses it");
                    self.report(Severity::Error, codes::OPTION_VALUE, word, message);
                    continue;
                }
            };
            if !alone && !behind_requirement {
                let message =
                    format!("`{long}` behind a requirement has no effect; pip passes over it");
                self.report(Severity::Warning, codes::IGNORED_TEXT, word, message);
                self.hint("Give the option an entry of its own");
                continue;
            }
            let Some(value) = value else { continue };
            let path = unquoted(&self.text[value.range()]).to_owned();
            match long {
                "--editable" => kind = self.editable(value, &path),
                "--requirement" => kind = PipLine::RequirementsFile { path },
                "--constraint" => kind = PipLine::ConstraintsFile { path },
                _ => {}
            }
        }
        kind
    }

    fn unknown_option(&mut self, word: Span) {
        let written = &self.text[word.range()];
        let name = written.split('=').next().unwrap_or(written);
        let message = format!("pip does not take `{name}` in a requirements file");
        self.report(Severity::Error, codes::OPTION, word, message);
        self.hint(
            "Only options of pip's requirements file format have an effect here; remove the others",
        );
    }

    fn editable(&mut self, span: Span, value: &str) -> PipLine {
        if is_url(value) || value.starts_with("git@") {
            return self.url(span);
        }
        PipLine::Path {
            path: without_extras(value).to_owned(),
            editable: true,
        }
    }

    fn requirement(&mut self, span: Span) -> PipLine {
        let text = &self.text[span.range()];
        if is_url(text) {
            return self.url(span);
        }
        if text.starts_with("git@") {
            self.report(
                Severity::Error,
                codes::REQUIREMENT,
                span,
                format!("`{text}` is no requirement; pip refuses it"),
            );
            self.hint("Write `git+ssh://git@host/owner/name.git`");
            if let Some(repair) = repair::from_ssh(text) {
                self.repair(span, &repair);
            }
            return PipLine::Malformed;
        }
        if let Some(rest) = text.strip_prefix("git://") {
            self.report(
                Severity::Error,
                codes::REQUIREMENT,
                span,
                format!("`{text}` is no URL that pip knows: it lacks `git+`; pip refuses it"),
            );
            self.repair(span, &format!("git+https://{rest}"));
            return PipLine::Malformed;
        }
        let is_explicit_path = text.starts_with(['.', '/', '~']);
        if !is_explicit_path && let Ok(name) = package_name(text) {
            return PipLine::Package { name };
        }
        let target = text.split([';', ' ']).next().unwrap_or(text);
        let is_archive = ARCHIVES.iter().any(|extension| target.ends_with(extension));
        let is_path = target.contains(['/', '\\']) || is_archive;
        if is_explicit_path || (is_path && !text.contains(" @ ")) {
            return PipLine::Path {
                path: without_extras(target).to_owned(),
                editable: false,
            };
        }
        self.malformed(span);
        PipLine::Malformed
    }

    /// A URL, or a repository of a version control system.
    fn url(&mut self, span: Span) -> PipLine {
        let text = &self.text[span.range()];
        if text.starts_with("file:") || text.contains("://") {
            return PipLine::Url;
        }
        self.report(
            Severity::Error,
            codes::REQUIREMENT,
            span,
            format!("`{text}` is no URL: it lacks `://`; pip refuses it"),
        );
        self.hint("Write `git+ssh://git@host/owner/name.git` or `git+https://host/owner/name.git`");
        if let Some(repair) = repair::from_ssh(text) {
            self.repair(span, &repair);
        }
        PipLine::Malformed
    }

    /// Says why a requirement is none, and how it is written for pip where it is in conda's language.
    fn malformed(&mut self, span: Span) {
        let text = &self.text[span.range()];
        let Err((reason, place)) = package_name(text) else {
            return;
        };
        if let Some(repair) = repair::from_conda(text) {
            let message = format!("`{text}` is in conda's language, which pip refuses");
            self.report(Severity::Error, codes::CONDA_SYNTAX, span, message);
            self.hint("pip writes `==` for a version, joins comparisons with commas, and knows no build strings or channels");
            self.repair(span, &repair);
            return;
        }
        let place = place.map_or(span, |place| place.shifted(span.start));
        let message = format!("`{text}` is no requirement: {reason}; pip refuses it");
        self.report(Severity::Error, codes::REQUIREMENT, place, message);
        if let Some(repair) = repair::from_slips(text) {
            self.repair(span, &repair);
        }
    }

    /// Adds to the last problem that `repair` may stand at `span`.
    fn repair(&mut self, span: Span, repair: &str) {
        let (before, after) = (&self.text[..span.start], &self.text[span.end..]);
        if let Some(problem) = self.problems.last_mut() {
            problem.repair = Some(format!("{before}{repair}{after}"));
        }
    }
}

/// The options of a line, or behind its requirement, by their long names; the value is empty where none is taken.
pub(crate) fn options(text: &str) -> Vec<(&'static str, String)> {
    let spans = words(text);
    let mut words = spans.iter().map(|span| &text[span.range()]);
    let mut found = Vec::new();
    while let Some(word) = words.next() {
        let Some((option, length)) = word.starts_with('-').then(|| find_option(word)).flatten()
        else {
            continue;
        };
        let value = match (option.2, length) {
            (false, _) => "",
            (true, Some(length)) => &word[word.len() - length..],
            (true, None) => words.next().unwrap_or_default(),
        };
        found.push((option.0, unquoted(value).to_owned()));
    }
    found
}

/// The places of the words before a comment (`#` at the start or after a space).
fn words(text: &str) -> Vec<Span> {
    let mut words = Vec::new();
    let mut start = None;
    for (index, char) in text.char_indices() {
        match (char.is_whitespace(), start) {
            (true, Some(from)) => {
                words.push(Span::new(from, index));
                start = None;
            }
            (false, None) if char == '#' => return words,
            (false, None) => start = Some(index),
            _ => {}
        }
    }
    words.extend(start.map(|from| Span::new(from, text.len())));
    words
}

type PipOption = (&'static str, &'static str, bool, bool);

/// The option that a word starts, and the length of the value in the same word. Long names may be cut short.
fn find_option(word: &str) -> Option<(&'static PipOption, Option<usize>)> {
    if let Some(long) = word.strip_prefix("--") {
        let (name, value) = match long.split_once('=') {
            Some((name, value)) => (name, Some(value.len())),
            None => (long, None),
        };
        let name = format!("--{name}");
        let exact = OPTIONS.iter().find(|option| option.0 == name);
        let mut starting = OPTIONS.iter().filter(|option| option.0.starts_with(&name));
        let option = match (exact, starting.next(), starting.next()) {
            (Some(option), ..) => option,
            (None, Some(option), None) if name.len() > 2 => option,
            _ => return None,
        };
        return (option.2 || value.is_none()).then_some((option, value));
    }
    let option = OPTIONS
        .iter()
        .find(|option| !option.1.is_empty() && word.starts_with(option.1))?;
    let rest = word.len() - option.1.len();
    Some((option, (rest > 0).then_some(rest)))
}

fn unquoted(text: &str) -> &str {
    ['"', '\'']
        .into_iter()
        .find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(text)
}

/// `path[extra]` without the extras.
fn without_extras(text: &str) -> &str {
    match text.find('[') {
        Some(start) if text.ends_with(']') => &text[..start],
        _ => text,
    }
}

/// Whether the text is a URL or names a version control system, with or without a right rest.
fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return text.starts_with("git+");
    };
    let is_scheme = |scheme: &str| {
        matches!(
            scheme.to_ascii_lowercase().as_str(),
            "http" | "https" | "ftp" | "file" | "s3" | "ssh"
        )
    };
    match scheme.split_once('+') {
        Some((system, _)) => matches!(system, "git" | "hg" | "svn" | "bzr"),
        None => is_scheme(scheme) && !rest.starts_with(':'),
    }
}

/// What a requirement says as PEP 508 writes it; `None` where it is none, or has a comma behind its last comparison.
pub(crate) fn requirement(text: &str) -> Option<Requirement<AnyUrl>> {
    match unended_name(text) {
        Some(_) => None,
        None => Requirement::from_str(&with_narrow_marker(text)).ok(),
    }
}

/// `text` with `?` for each byte of what is no ASCII in its marker: pep508_rs takes characters for bytes there, and
/// panics.
fn with_narrow_marker(text: &str) -> String {
    let (comparisons, marker) = text.split_at(text.find(';').unwrap_or(text.len()));
    let mut narrow = comparisons.to_owned();
    for char in marker.chars() {
        match char.is_ascii() {
            true => narrow.push(char),
            false => narrow.extend(std::iter::repeat_n('?', char.len_utf8())),
        }
    }
    narrow
}

/// The name or extra in a requirement that ends in a separator. pep508_rs panics on one with more text behind it.
fn unended_name(text: &str) -> Option<&str> {
    let is_name = |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '_' | '-');
    let text = text.trim_start();
    let end = text.find(|char| !is_name(char)).unwrap_or(text.len());
    let extras = text[end..].split(['[', ']']).nth(1).unwrap_or_default();
    let mut names = std::iter::once(&text[..end]).chain(extras.split(|char| !is_name(char)));
    names.find(|name| name.ends_with(['.', '_', '-']))
}

/// The normalised name of a requirement as PEP 508 writes it, or why and where it is none.
fn package_name(text: &str) -> Result<String, (String, Option<Span>)> {
    if let Some(name) = unended_name(text) {
        return Err((
            format!("the name `{name}` does not end in a letter or digit"),
            None,
        ));
    }
    // pip takes a comma after the last comparison, pep508_rs does not.
    let (comparisons, marker) = text.split_at(text.find(';').unwrap_or(text.len()));
    let text = match comparisons.trim_end().strip_suffix(',') {
        Some(shorter) => format!("{shorter} {marker}"),
        None => text.to_owned(),
    };
    let error = match Requirement::<AnyUrl>::from_str(&with_narrow_marker(&text)) {
        Ok(requirement) => return Ok(requirement.name.to_string()),
        Err(error) => error,
    };
    let message = error.message.to_string();
    let reason = message.lines().next().unwrap_or_default();
    let mut reason = reason.trim_end_matches(['.', ':']).to_owned();
    if let Some(first) = reason.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    let at = |offset: usize| text.floor_char_boundary(offset.min(text.len()));
    let (start, end) = (at(error.start), at(error.start.saturating_add(error.len)));
    Err((reason, (start < end).then(|| Span::new(start, end))))
}

/// A URL behind `name @`, checked and not kept: pep508_rs's own type reads environment variables.
#[derive(Debug)]
pub(crate) struct AnyUrl;

impl fmt::Display for AnyUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a URL")
    }
}

/// Why a text is no URL.
#[derive(Debug)]
pub(crate) struct NoUrl(String);

impl fmt::Display for NoUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` is no URL", self.0)
    }
}

impl std::error::Error for NoUrl {}

impl Pep508Url for AnyUrl {
    type Err = NoUrl;

    fn parse_url(url: &str, _working_dir: Option<&Path>) -> Result<Self, Self::Err> {
        let has_variable = url.contains("${");
        let is_absolute = url.contains("://") || url.starts_with("file:");
        if is_absolute && (has_variable || VerbatimUrl::parse_url(url).is_ok()) {
            Ok(AnyUrl)
        } else {
            Err(NoUrl(url.to_owned()))
        }
    }
}
