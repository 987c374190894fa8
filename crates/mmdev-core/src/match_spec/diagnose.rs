//! What is wrong with a MatchSpec in a person's words: the kind of mistake, its place, who refuses it, the repair.
//!
//! The verdicts decide whether there is an error. The detectors here only explain it: the first one that sees its
//! mistake speaks, and a repair is offered only when all three tools take the repaired text.

mod structure;
mod version;

use structure::{
    attribute, blank, environment_marker, extras, leading_space, line_break, look_alike,
    package_name, package_url, pip_option, stray_quote, unbalanced,
};
use version::{
    empty_part, foreign_operator, inner_glob, malformed_build, malformed_version, missing_comma,
    missing_version, spaced_equals, stray_separator, unknown_operator,
};

use super::problem::applicability;
use super::tokens::{Layout, tokens};
use super::understanding::is_portable;
use super::{MatchSpec, Problem, Verdicts, codes, is_beyond_limits};
use crate::diagnostic::{Applicability, Code, Severity};
use crate::text::Span;

/// One mistake that was seen.
struct Finding {
    code: Code,
    span: Span,
    /// What is wrong, without who says so.
    what: String,
    hint: Option<&'static str>,
    /// The text without this mistake. Another one may be left in it.
    repair: Option<String>,
    /// Whether the repair is what the author meant.
    applicability: Applicability,
    /// How the tools that take it read it, after "takes it".
    taken_as: &'static str,
}

impl Finding {
    fn new(code: Code, span: Span, what: impl Into<String>) -> Self {
        Finding {
            code,
            span,
            what: what.into(),
            hint: None,
            repair: None,
            applicability: applicability(code),
            taken_as: "",
        }
    }

    fn hint(self, hint: &'static str) -> Self {
        Finding {
            hint: Some(hint),
            ..self
        }
    }

    /// Its repair is a guess, which a person should look at.
    fn guessed(self) -> Self {
        Finding {
            applicability: Applicability::Unsafe,
            ..self
        }
    }

    fn repair(self, repair: impl Into<String>) -> Self {
        Finding {
            repair: Some(repair.into()),
            ..self
        }
    }
}

/// All that is worth saying about `text`.
pub(super) fn problems(text: &str, verdicts: &Verdicts) -> Vec<Problem> {
    if verdicts.are_all_taken() {
        return match &verdicts.rattler {
            Ok(spec) => advice(text, spec),
            Err(_) => Vec::new(),
        };
    }
    let (found, repair) = if is_beyond_limits(text) {
        (None, None)
    } else {
        (find(text), repaired(text))
    };
    let finding = found.unwrap_or_else(|| refused(text, verdicts));
    vec![Problem {
        code: finding.code,
        severity: Severity::Error,
        span: finding.span,
        message: format!("{}; {}", finding.what, who(verdicts, finding.taken_as)),
        hint: finding.hint.map(str::to_owned),
        repair,
        applicability: finding.applicability,
    }]
}

/// The first mistake in `text`. Those that make later ones appear come first.
fn find(text: &str) -> Option<Finding> {
    let layout = Layout::of(text);
    let tokens = tokens(text, layout.rest);
    blank(text)
        .or_else(|| line_break(text))
        .or_else(|| pip_option(text))
        .or_else(|| look_alike(text))
        .or_else(|| leading_space(text))
        .or_else(|| package_url(text))
        .or_else(|| environment_marker(text))
        .or_else(|| stray_quote(text, &layout))
        .or_else(|| unbalanced(text))
        .or_else(|| extras(text, &layout))
        .or_else(|| attribute(text, &layout))
        .or_else(|| foreign_operator(text, &layout))
        .or_else(|| package_name(text, &layout))
        .or_else(|| missing_version(text, &tokens))
        .or_else(|| unknown_operator(text, &tokens))
        .or_else(|| stray_separator(text, &tokens))
        .or_else(|| spaced_equals(text, &tokens))
        .or_else(|| missing_comma(text, &tokens))
        .or_else(|| empty_part(text, &tokens))
        .or_else(|| inner_glob(text, &tokens))
        .or_else(|| malformed_version(text, &tokens))
        .or_else(|| malformed_build(text, &tokens))
}

/// `text` with one repair after the other, when that ends in what all three tools take, and none of them is less
/// safe than the first, whose problem it is shown with.
fn repaired(text: &str) -> Option<String> {
    repaired_until(text, is_portable)
}

fn repaired_until(text: &str, is_good: impl Fn(&str) -> bool) -> Option<String> {
    const MISTAKES: usize = 8;
    let mut candidate = text.to_owned();
    let mut first = None;
    for _ in 0..MISTAKES {
        let finding = find(&candidate)?;
        let safety = finding.applicability;
        if safety < *first.get_or_insert(safety) {
            return None;
        }
        candidate = finding.repair?;
        if is_good(&candidate) {
            return Some(candidate);
        }
    }
    None
}

/// What is odd about a text that every tool takes, and the text without it, once that `is_good`. What stands in the
/// place of a build string is one then.
pub(super) fn explained(
    text: &str,
    is_good: impl Fn(&str) -> bool,
) -> (Option<String>, Option<String>) {
    match find(text) {
        Some(finding) if finding.code != codes::MALFORMED_BUILD => {
            (Some(finding.what), repaired_until(text, is_good))
        }
        _ => (None, None),
    }
}

/// "conda and rattler refuse it, micromamba takes it".
fn who(verdicts: &Verdicts, taken_as: &str) -> String {
    let taken = [
        ("conda", verdicts.conda.is_ok()),
        ("micromamba", verdicts.micromamba.is_ok()),
        ("rattler", verdicts.rattler.is_ok()),
    ];
    let names = |wanted: bool| -> Vec<&str> {
        let tools = taken.iter().filter(|(_, is_ok)| *is_ok == wanted);
        tools.map(|(name, _)| *name).collect()
    };
    let clause = |names: &[&str], verb: &str| match names {
        [one] => format!("{one} {verb}s it"),
        [one, two] => format!("{one} and {two} {verb} it"),
        _ => format!("conda, micromamba and rattler {verb} it"),
    };
    let (refusing, taking) = (names(false), names(true));
    if taking.is_empty() {
        clause(&refusing, "refuse")
    } else {
        format!(
            "{}, {}{taken_as}",
            clause(&refusing, "refuse"),
            clause(&taking, "take")
        )
    }
}

/// Nothing that we know of: a tool's own reason.
fn refused(text: &str, verdicts: &Verdicts) -> Finding {
    let reasons = [
        verdicts.conda.as_ref().err(),
        verdicts.rattler.as_ref().err(),
        verdicts.micromamba.as_ref().err(),
    ];
    let reason = reasons.into_iter().flatten().next();
    let what = match reason {
        Some(reason) => format!("`{text}` is no MatchSpec: {reason}"),
        None => format!("`{text}` is no MatchSpec"),
    };
    Finding::new(codes::REFUSED, Span::new(0, text.len()), what)
}

/// What is worth a word though every tool takes it.
fn advice(text: &str, spec: &MatchSpec) -> Vec<Problem> {
    let name = spec.name.span;
    let problem = |code, severity, span, message: String| Problem {
        code,
        severity,
        span,
        message,
        hint: None,
        repair: None,
        applicability: applicability(code),
    };
    let mut problems = Vec::new();
    // Quotes in an environment marker belong to that.
    let quote =
        || stray_quote(text, &Layout::of(text)).filter(|_| environment_marker(text).is_none());
    if let Some(finding) = look_alike(text).or_else(quote) {
        problems.push(Problem {
            repair: repaired_once(&finding),
            ..problem(finding.code, Severity::Warning, finding.span, finding.what)
        });
    }
    let before = text[..name.start].trim_end();
    if let Some(wrong) = before.strip_suffix(':')
        && !wrong.ends_with(':')
    {
        let message = format!(
            "`{}` asks for a package named `{}`: what stands before a single `:` is passed over",
            text.trim(),
            spec.name.value
        );
        let rest = &text[name.start..];
        let is_version = rest.starts_with(|char: char| char.is_ascii_digit());
        let joint = if is_version { "=" } else { "::" };
        let candidate = format!("{wrong}{joint}{rest}");
        let is_taken = Verdicts::of(&candidate).are_all_taken();
        problems.push(Problem {
            hint: Some("Write `name=version`, or `channel::name`".into()),
            repair: is_taken.then_some(candidate),
            ..problem(
                codes::COLON,
                Severity::Warning,
                Span::new(0, name.end),
                message,
            )
        });
    }
    let written = &text[name.range()];
    if written.bytes().any(|byte| byte.is_ascii_uppercase()) {
        let message = format!(
            "package names are in lower case; `{written}` is read as `{}`",
            spec.name.value
        );
        let candidate = replaced(text, name, &spec.name.value);
        let is_taken = Verdicts::of(&candidate).are_all_taken();
        problems.push(Problem {
            repair: is_taken.then_some(candidate),
            ..problem(codes::UPPER_CASE_NAME, Severity::Information, name, message)
        });
    }
    problems
}

fn repaired_once(finding: &Finding) -> Option<String> {
    finding.repair.clone().filter(|repair| is_portable(repair))
}

/// `text` with `with` in the place of `span`.
fn replaced(text: &str, span: Span, with: &str) -> String {
    format!("{}{with}{}", &text[..span.start], &text[span.end..])
}

/// The place of the character at `index`.
fn char_span(text: &str, index: usize) -> Span {
    let length = text[index..].chars().next().map_or(0, char::len_utf8);
    Span::new(index, index + length)
}
