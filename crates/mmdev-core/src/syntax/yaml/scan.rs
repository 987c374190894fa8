//! The last resort for a text that no YAML parser reads: lines in the shape that every spec has.

use super::{Entry, Kind, Node, Scalar, Style, loaded};
use crate::text::Span;

/// One line: its indentation in bytes, and what stands on it without its comment.
struct Line<'text> {
    indent: usize,
    start: usize,
    content: &'text str,
}

/// Reads top-level keys, entries that begin with `- `, and the entries of `- pip:`; `None` where there is no key.
pub(super) fn scan(text: &str) -> Option<Node> {
    let mut entries: Vec<Entry> = Vec::new();
    // The indentation of the `- pip:` whose entries are being read.
    let mut section: Option<usize> = None;
    for line in lines(text) {
        if let Some(item) = line.content.strip_prefix("- ") {
            let Some(entry) = entries.last_mut() else {
                continue;
            };
            let start = line.start + (line.content.len() - item.trim_start().len());
            let item = item.trim();
            let span = Span::new(start, start + item.len());
            let items = items_of(&mut entry.value, span);
            if section.is_some_and(|indent| line.indent <= indent) {
                section = None;
            }
            match (section, items.last_mut().map(|last| &mut last.kind)) {
                (Some(_), Some(Kind::Mapping(pairs))) => {
                    if let Some(pair) = pairs.last_mut() {
                        items_of(&mut pair.value, span).push(scalar(item, start));
                    }
                }
                _ => match item.strip_suffix(':') {
                    Some(key) => {
                        section = Some(line.indent);
                        items.push(mapping(key, start));
                    }
                    None => items.push(scalar(item, start)),
                },
            }
        } else if line.indent > 0
            && let Some(key) = line.content.strip_suffix(':').filter(|key| is_key(key))
            && let Some(entry) = entries.last_mut()
        {
            // A section whose `- ` is missing.
            section = Some(line.indent);
            let node = mapping(key, line.start);
            items_of(&mut entry.value, node.span).push(node);
        } else if line.indent == 0
            && let (key, value) = line.content.split_once(':').unwrap_or((line.content, ""))
            && is_key(key)
        {
            section = None;
            let value_start = line.start + key.len() + 1 + (value.len() - value.trim_start().len());
            entries.push(Entry {
                key: scalar(key, line.start),
                value: value_of(value.trim(), value_start.min(text.len())),
            });
        }
    }
    let start = entries.first()?.key.span.start;
    let last = entries.last()?;
    let end = last.value.span.end.max(last.key.span.end);
    Some(Node::new(Span::new(start, end), Kind::Mapping(entries)))
}

/// Whether `text` can be a top-level key of a spec.
pub(super) fn is_key(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        && !text.starts_with('-')
}

/// What stands behind a key on its own line; a flow list, closed or not, is split at its commas.
fn value_of(raw: &str, start: usize) -> Node {
    let Some(inner) = raw.strip_prefix('[') else {
        let mut node = scalar(raw, start);
        if let Some(item) = raw.strip_prefix("- ") {
            let item = scalar(
                item.trim_start(),
                start + raw.len() - item.trim_start().len(),
            );
            items_of(&mut node, item.span).push(item);
        }
        return node;
    };
    let inner = inner.strip_suffix(']').unwrap_or(inner);
    let mut items = Vec::new();
    let mut next = start + 1;
    for part in inner.split(',') {
        let part_start = next + (part.len() - part.trim_start().len());
        next += part.len() + 1;
        if !part.trim().is_empty() {
            items.push(scalar(part.trim(), part_start));
        }
    }
    let span = Span::new(start, start + raw.len());
    Node::new(span, Kind::Sequence(items))
}

fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut next = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let line_start = next;
        next += line.len();
        let line = line.strip_prefix('\u{feff}').unwrap_or(line);
        let without_comment = if line.trim_start().starts_with('#') {
            ""
        } else {
            line.split_once(" #").map_or(line, |(before, _)| before)
        };
        let content = without_comment.trim();
        let indent = without_comment.len() - without_comment.trim_start().len();
        (!content.is_empty())
            .then_some(Line {
                indent,
                start: next - line.len() + indent,
                content,
            })
            .filter(|_| line_start < next)
    })
}

/// The list that `node` is, made one if it is none yet, for an item at `item` to be put in.
fn items_of(node: &mut Node, item: Span) -> &mut Vec<Node> {
    if !matches!(node.kind, Kind::Sequence(_)) {
        *node = Node::new(item, Kind::Sequence(Vec::new()));
    }
    node.span = node.span.cover(item);
    match &mut node.kind {
        Kind::Sequence(items) => items,
        _ => unreachable!("it was made a list above"),
    }
}

fn mapping(key: &str, start: usize) -> Node {
    let span = Span::new(start, start + key.len());
    let entry = Entry {
        key: scalar(key, start),
        value: Node::new(Span::empty(span.end), Kind::Null),
    };
    Node::new(span, Kind::Mapping(vec![entry]))
}

fn scalar(raw: &str, start: usize) -> Node {
    let span = Span::new(start, start + raw.len());
    let quoted = |quote: char| {
        raw.strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote))
    };
    let (value, style) = match (quoted('"'), quoted('\'')) {
        (Some(value), _) => (value, Style::DoubleQuoted),
        (_, Some(value)) => (value, Style::SingleQuoted),
        _ => (raw, Style::Plain),
    };
    let kind = if style == Style::Plain && loaded::is_null(raw) {
        Kind::Null
    } else {
        Kind::Scalar(Scalar {
            value: value.to_owned(),
            style,
            in_flow: false,
            tagged_string: false,
        })
    };
    Node::new(span, kind)
}
