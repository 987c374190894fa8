//! Tabs: YAML forbids them as indentation, conda's and conda-lock's readers everywhere between and in plain scalars.

use granit_parser::{ErrorKind, ScanError};

use super::{Kind, Node, Parsed, Style, codes};
use crate::diagnostic::{Applicability, Diagnostic};
use crate::text::{Edit, Span};

/// `working` with a space for every tab that indents, where a tab is what the parser stumbled over.
pub(super) fn replace(working: &str, guilty: Span, error: &ScanError) -> Option<String> {
    let is_tab_error = matches!(
        error.kind(),
        ErrorKind::TabInIndentation
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabNotAllowed
            | ErrorKind::TabAtBlockScalarStart
            | ErrorKind::TabInPlainScalar
    );
    let line = &working[guilty.range()];
    let indent = &line[..line.len() - line.trim_start_matches([' ', '\t', '-']).len()];
    if !is_tab_error && !indent.contains('\t') {
        return None;
    }
    let replaced = replace_indenting(working, " ");
    if replaced != working {
        return Some(replaced);
    }
    // The tab stands inside the line.
    let replaced = line.replace('\t', " ");
    (replaced != line).then(|| {
        format!(
            "{}{replaced}{}",
            &working[..guilty.start],
            &working[guilty.end..]
        )
    })
}

/// `text` with every tab before a line's first word replaced.
fn replace_indenting(text: &str, by: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let content = line.trim_start_matches([' ', '\t', '-']);
        result.push_str(&line[..line.len() - content.len()].replace('\t', by));
        result.push_str(content);
    }
    result
}

/// One diagnostic for all the tabs of a file, at the first of them.
pub(super) fn indenting(text: &str, working: &str) -> Diagnostic {
    let mut edits = Vec::new();
    let mut start = 0;
    for line in working.split_inclusive('\n') {
        let content = line.trim_start_matches([' ', '\t', '-']);
        for (index, _) in line[..line.len() - content.len()].match_indices('\t') {
            let at = start + index;
            let by = if text[..at].ends_with('-') { " " } else { "  " };
            edits.push(Edit::replace(Span::new(at, at + 1), by));
        }
        start += line.len();
    }
    let first = edits.first().map_or_else(
        || {
            working
                .find('\t')
                .map_or(Span::empty(0), |at| Span::new(at, at + 1))
        },
        |edit| edit.span,
    );
    let diagnostic = Diagnostic::error(
        codes::TAB,
        first,
        "a tab indents this line, where YAML takes only spaces",
    )
    .with_hint("Indent with spaces, and set your editor to insert them for .yaml files");
    if edits.is_empty() {
        diagnostic
    } else {
        diagnostic.with_fix("Replace each tab by spaces", edits, Applicability::Unsafe)
    }
}

/// The tabs that the parser takes and PyYAML and ruamel refuse: all outside quotes, block scalars and comments.
pub(super) fn stray(text: &str, parsed: &Parsed) -> Option<Diagnostic> {
    if !text.contains('\t') {
        return None;
    }
    let mut harmless: Vec<Span> = parsed.comments.iter().map(|comment| comment.span).collect();
    if let Some(root) = &parsed.root {
        collect_unplain(root, &mut harmless);
    }
    harmless.sort();
    let edits: Vec<Edit> = text
        .match_indices('\t')
        .map(|(at, _)| at)
        .filter(|&at| {
            let behind = harmless.partition_point(|span| span.start <= at);
            harmless[..behind].last().is_none_or(|span| span.end <= at)
        })
        .map(|at| Edit::replace(Span::new(at, at + 1), " "))
        .collect();
    let first = edits.first()?.span;
    Some(
        Diagnostic::error(
            codes::TAB,
            first,
            "a tab stands here, which conda takes only inside quotes",
        )
        .with_hint("Write a space instead")
        .with_fix("Replace each tab by a space", edits, Applicability::Unsafe),
    )
}

fn collect_unplain(node: &Node, spans: &mut Vec<Span>) {
    match &node.kind {
        Kind::Scalar(scalar) if scalar.style != Style::Plain => spans.push(node.span),
        Kind::Scalar(_) | Kind::Null => {}
        Kind::Sequence(items) => {
            for item in items {
                collect_unplain(item, spans);
            }
        }
        Kind::Mapping(entries) => {
            for entry in entries {
                collect_unplain(&entry.key, spans);
                collect_unplain(&entry.value, spans);
            }
        }
    }
}
