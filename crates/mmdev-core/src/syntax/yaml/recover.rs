//! Reading on after a mistake: blank the guilty line, read again; where that leaves little, scan lines.

use granit_parser::{ErrorKind, ScanError};

use super::build::build;
use super::scan::is_key;
use super::{Kind, Node, Parsed, codes, explain, scan, tabs};
use crate::diagnostic::Diagnostic;
use crate::text::Span;

/// How many guilty lines are blanked before the rest is given up. It bounds the work on a file that is no YAML at all.
const MAXIMUM_ROUNDS: usize = 24;

/// Reads `text`; see [`super::parse`].
pub(super) fn parse(text: &str) -> Parsed {
    if let Some(place) = text.find('\0') {
        return not_text(place);
    }
    let mut diagnostics = Vec::new();
    let mut working = blank_conflict_markers(text, &mut diagnostics);
    let conflicted = !diagnostics.is_empty();
    let mut last_guilty: Option<Span> = None;
    let (mut parsed, gave_up) = 'rounds: {
        for _ in 0..MAXIMUM_ROUNDS {
            let (parsed, error) = build(&working, text);
            let Some(error) = error else {
                break 'rounds (parsed, false);
            };
            let place = place(&working, &error);
            let guilty = guilty_line(&working, &error, place);
            if let Some(without_tabs) = tabs::replace(&working, guilty, &error) {
                diagnostics.push(tabs::indenting(text, &working));
                working = without_tabs;
                continue;
            }
            // The line below a blanked one often complains only because that one is gone.
            let follows = explain::is_structural(&error)
                && last_guilty.is_some_and(|last| {
                    working[last.end.min(guilty.start)..guilty.start]
                        .trim()
                        .is_empty()
                });
            if !follows {
                diagnostics.push(explain::syntax_error(text, guilty, place, &error));
            }
            if working[guilty.range()].trim().is_empty() {
                break 'rounds (parsed, true);
            }
            blank(&mut working, guilty);
            last_guilty = Some(guilty);
        }
        (build(&working, text).0, true)
    };
    if last_guilty.is_some() || gave_up {
        rescue(text, &mut parsed, gave_up);
    }
    if conflicted {
        // Both sides are read, so that everything below is seen; what stands in both is no second mistake.
        parsed
            .diagnostics
            .retain(|diagnostic| diagnostic.code != codes::DUPLICATE_KEY);
    }
    if diagnostics.is_empty() {
        diagnostics.extend(tabs::stray(text, &parsed));
    }
    diagnostics.append(&mut parsed.diagnostics);
    let is_empty = parsed
        .root
        .as_ref()
        .is_none_or(|root| root.kind == Kind::Null);
    if is_empty && diagnostics.is_empty() {
        diagnostics.push(
            Diagnostic::error(codes::EMPTY, Span::empty(0), "the file is empty")
                .with_hint("Add `dependencies:` and a list of packages"),
        );
    }
    diagnostics.sort_by_key(|diagnostic| (diagnostic.span, diagnostic.code));
    diagnostics.dedup();
    parsed.diagnostics = diagnostics;
    parsed
}

/// No editor writes a zero byte into text: all that follows would be said about noise.
fn not_text(place: usize) -> Parsed {
    let diagnostic = Diagnostic::error(
        codes::SYNTAX,
        Span::new(place, place + 1),
        "this is not text: a zero byte stands here, as in UTF-16 or in a program",
    )
    .with_hint("Save the file as UTF-8");
    Parsed {
        diagnostics: vec![diagnostic],
        ..Parsed::default()
    }
}

/// Takes the line scanner's tree where it understood more.
fn rescue(text: &str, parsed: &mut Parsed, gave_up: bool) {
    let scanned = scan::scan(text);
    let blanked = parsed.root.as_ref().map_or(0, leaves);
    if scanned.as_ref().map_or(0, leaves) > blanked && (gave_up || has_dependencies(&scanned)) {
        parsed.root = scanned;
        parsed.diagnostics.clear();
    }
}

fn has_dependencies(root: &Option<Node>) -> bool {
    matches!(root, Some(Node { kind: Kind::Mapping(entries), .. })
        if entries.iter().any(|entry| entry.name() == Some("dependencies")))
}

fn leaves(node: &Node) -> usize {
    match &node.kind {
        Kind::Null => 0,
        Kind::Scalar(_) => 1,
        Kind::Sequence(items) => items.iter().map(leaves).sum(),
        Kind::Mapping(entries) => entries.iter().map(|entry| 1 + leaves(&entry.value)).sum(),
    }
}

/// The byte that the parser points at.
fn place(working: &str, error: &ScanError) -> usize {
    let offset = error.marker().byte_offset().unwrap_or(working.len());
    working.floor_char_boundary(offset.min(working.len()))
}

/// The line to blame: the one that the parser points at, or one before it that made the parser stumble there.
fn guilty_line(working: &str, error: &ScanError, place: usize) -> Span {
    let line = line_at(working, place);
    let Some(before) = working[..line.start]
        .rfind(|char: char| !char.is_whitespace())
        .map(|last| line_at(working, last))
    else {
        return line;
    };
    let text_before = working[before.range()].trim();
    // `name:x` above `dependencies:` is a scalar of two lines; `[a, b` above it is a list that goes on.
    let spaceless = matches!(error.kind(), ErrorKind::MappingValueNotAllowed)
        && text_before.split_once(':').is_some_and(|(key, value)| {
            is_key(key) && !value.is_empty() && !value.starts_with(' ')
        });
    let unclosed = matches!(
        error.kind(),
        ErrorKind::InvalidColonPlacement
            | ErrorKind::ExpectedFlowSequenceSeparator
            | ErrorKind::ExpectedFlowMappingSeparator
            | ErrorKind::BlockEntryInFlowCollection
            | ErrorKind::PlainScalarStartsWithDashFlowIndicator
    ) && text_before.matches(['[', '{']).count()
        > text_before.matches([']', '}']).count();
    if working[line.range()].trim().is_empty() || spaceless || unclosed {
        before
    } else {
        line
    }
}

/// The line that holds the byte at `offset`, without its line break.
fn line_at(text: &str, offset: usize) -> Span {
    let start = text[..offset].rfind('\n').map_or(0, |index| index + 1);
    let end = text[offset..]
        .find('\n')
        .map_or(text.len(), |index| offset + index);
    let end = if end > start && text.as_bytes()[end - 1] == b'\r' {
        end - 1
    } else {
        end
    };
    Span::new(start, end)
}

fn blank(working: &mut String, line: Span) {
    working.replace_range(line.range(), &" ".repeat(line.len()));
}

fn blank_conflict_markers(text: &str, diagnostics: &mut Vec<Diagnostic>) -> String {
    let mut working = text.to_owned();
    if !["<<<<<<< ", ">>>>>>> "]
        .iter()
        .any(|marker| text.starts_with(marker) || text.contains(&format!("\n{marker}")))
    {
        return working;
    }
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        let is_marker = ["<<<<<<< ", "||||||| ", ">>>>>>> "]
            .iter()
            .any(|marker| content.starts_with(marker))
            || content == "=======";
        if is_marker {
            let span = Span::new(start, start + content.len());
            if content.starts_with('<') || content.starts_with('>') {
                diagnostics.push(
                    Diagnostic::error(
                        codes::CONFLICT_MARKER,
                        span,
                        "a merge conflict that git left here is not resolved",
                    )
                    .with_hint("Keep one side, and remove the lines that begin with `<<<<<<<`, `=======` and `>>>>>>>`"),
                );
            }
            blank(&mut working, span);
        }
        start += line.len();
    }
    working
}
