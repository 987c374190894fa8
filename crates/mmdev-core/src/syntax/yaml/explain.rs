//! The parser's errors in the words of a person who writes specs.

use granit_parser::{ErrorKind, ScanError};

use super::scan::is_key;
use super::{codes, indent};
use crate::diagnostic::{Applicability, Diagnostic};
use crate::text::{Edit, Span};

/// What is said of a line that a template engine was to fill in.
pub(crate) const TEMPLATE: &str =
    "this is a template, not YAML: `{{ … }}` or `{% … %}` stands here";

/// What to do about a template.
pub(crate) const RENDER_FIRST: &str =
    "Render the template first, and name the file that comes out of it";

/// The diagnostic for `error`, which the parser met at `place` and the line `guilty` is to blame for.
pub(super) fn syntax_error(
    text: &str,
    guilty: Span,
    place: usize,
    error: &ScanError,
) -> Diagnostic {
    let line = &text[guilty.range()];
    if let Some(diagnostic) = foreign_character(line, guilty.start) {
        return diagnostic;
    }
    let trimmed = line.trim();
    let start = guilty.start + (line.len() - line.trim_start().len());
    let content = Span::new(start, start + trimmed.len());
    let place = text.floor_char_boundary(place);
    let (message, hint) = explain(trimmed, error);
    let span = if content.start < place && place < content.end && !is_about_line(trimmed, error) {
        Span::new(place, content.end)
    } else {
        content
    };
    let found = Diagnostic::error(codes::SYNTAX, span, message).with_hint(hint);
    match indent::repair(text, guilty).filter(|_| is_structural(error)) {
        Some((what, fix)) => Diagnostic {
            message: what.map_or(found.message, str::to_owned),
            hint: what.map_or(found.hint, |_| None),
            fix: Some(fix),
            ..found
        },
        None => found,
    }
}

/// A character on a broken line that YAML cannot hold, or that looks like a space and is none: it explains the error.
fn foreign_character(line: &str, line_start: usize) -> Option<Diagnostic> {
    let is_space = |char: char| {
        char.is_whitespace() && !char.is_ascii() || matches!(char, '\u{200b}' | '\u{feff}')
    };
    let is_control = |char: char| char.is_control() && !matches!(char, '\t' | '\r' | '\u{85}');
    let (index, char) = line
        .char_indices()
        .find(|&(_, char)| is_space(char) || is_control(char))?;
    let start = line_start + index;
    let span = Span::new(start, start + char.len_utf8());
    let number = u32::from(char);
    Some(if is_space(char) {
        Diagnostic::error(
            codes::SYNTAX,
            span,
            format!("not YAML: the character U+{number:04X} stands where only a space can"),
        )
        .with_fix(
            "Write a space instead",
            vec![Edit::replace(span, " ")],
            Applicability::Safe,
        )
    } else {
        Diagnostic::error(
            codes::SYNTAX,
            span,
            format!("not YAML: the control character U+{number:04X} stands here"),
        )
        .with_hint("Remove it")
    })
}

/// Whether the error may be only that a line above is gone.
pub(super) fn is_structural(error: &ScanError) -> bool {
    matches!(
        error.kind(),
        ErrorKind::MappingValueNotAllowed
            | ErrorKind::MappingKeyNotAllowed
            | ErrorKind::ExpectedBlockMappingKey
            | ErrorKind::ExpectedBlockSequenceEntry
            | ErrorKind::BlockSequenceEntryNotAllowed
            | ErrorKind::InvalidIndentation
            | ErrorKind::SimpleKeyExpected
            | ErrorKind::InvalidSimpleKey
            | ErrorKind::ExpectedFlowSequenceSeparator
            | ErrorKind::ExpectedFlowMappingSeparator
            | ErrorKind::MisplacedFlowCollectionEnd
            | ErrorKind::ExpectedDocumentStart
    )
}

/// Whether the whole line is wrong, wherever in it the parser noticed.
fn is_about_line(line: &str, error: &ScanError) -> bool {
    is_template(line) || is_structural(error)
}

/// Whether a template engine's marks are on the line.
fn is_template(line: &str) -> bool {
    line.contains("{{") || line.contains("{%")
}

fn explain(line: &str, error: &ScanError) -> (String, &'static str) {
    if let Some(explained) = explain_line(line, error) {
        return explained;
    }
    let (message, hint) = match error.kind() {
        ErrorKind::UnclosedQuotedScalar => ("a quote is not closed", "Close the quote"),
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping => {
            ("a bracket is not closed", "Close the bracket")
        }
        ErrorKind::MisplacedFlowCollectionEnd => (
            "a bracket closes here that was never opened",
            "Remove the bracket, or open it",
        ),
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => (
            "a `:` stands where no key can be",
            "Quote the text if the `:` belongs to it, and look at the line above",
        ),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => (
            "this line has neither `- ` before it nor `: ` in it",
            "Put `: ` behind a key, or `- ` before an entry of a list",
        ),
        ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::ExpectedDocumentStart
        | ErrorKind::MappingKeyNotAllowed
        | ErrorKind::InvalidIndentation => (
            "the indentation of this line fits nothing above it",
            "Give all entries of a list the same indentation, and top-level keys none",
        ),
        ErrorKind::BlockSequenceEntryNotAllowed | ErrorKind::BlockEntryInFlowCollection => (
            "an entry with `- ` stands where none can be",
            "Put the first entry on the line below its key",
        ),
        ErrorKind::UnknownQuotedScalarEscape
        | ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidUnicodeEscape => (
            "a `\\` in double quotes begins an escape, and this is none that YAML has",
            "Write `\\\\` for one backslash, or use single quotes",
        ),
        ErrorKind::CommentInterceptedScalar => (
            "a comment stands inside a text of several lines",
            "Give each entry its own `- `, or move the comment",
        ),
        kind => {
            return (
                format!("not YAML: {kind}"),
                "Mend this line, then look at the one above it",
            );
        }
    };
    (format!("not YAML: {message}"), hint)
}

/// What a line's own text says better than the parser.
fn explain_line(line: &str, error: &ScanError) -> Option<(String, &'static str)> {
    if is_template(line) {
        return Some((TEMPLATE.to_owned(), RENDER_FIRST));
    }
    if line.starts_with("pip:") && matches!(error.kind(), ErrorKind::ExpectedBlockSequenceEntry) {
        return Some((
            "`pip:` stands inside a list without `- ` before it".to_owned(),
            "Write `- pip:` with the indentation of the other dependencies",
        ));
    }
    let lacks_space = line.split_once(':').is_some_and(|(key, value)| {
        is_key(key) && value.starts_with(|char: char| char.is_alphanumeric())
    });
    if lacks_space {
        return Some((
            "not YAML: a space is missing behind `:`".to_owned(),
            "Write `key: value`",
        ));
    }
    if line.starts_with("- ") && matches!(error.kind(), ErrorKind::MappingValueNotAllowed) {
        return Some((
            "not YAML: this line is indented deeper than the entry above it, and read as its rest"
                .to_owned(),
            "Give it the indentation of the other entries",
        ));
    }
    let first = line.trim_start_matches("- ").chars().next()?;
    if !is_structural(error) && ">|*&%@`!".contains(first) {
        return Some((
            format!("not YAML: a text that begins with `{first}` needs quotes"),
            "Quote the text",
        ));
    }
    if is_key(line) {
        return Some((
            format!("not YAML: `{line}` has neither `- ` before it nor `:` behind it"),
            "Put `:` behind a key, or `- ` before an entry of a list",
        ));
    }
    let opens = line.matches(['[', '{']).count() > line.matches([']', '}']).count();
    opens.then(|| {
        (
            "not YAML: a bracket is not closed".to_owned(),
            "Close the bracket",
        )
    })
}
