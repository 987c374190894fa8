//! From the parser's events to a tree: anchors, aliases and merge keys resolved, duplicate keys found.

use std::collections::{HashMap, HashSet};

use granit_parser::{Event, Parser, ScalarStyle, ScanError, StructureStyle, Tag};

use super::explain::{RENDER_FIRST, TEMPLATE};
use super::{Comment, Entry, Kind, Node, Parsed, Scalar, Style, codes, loaded};
use crate::diagnostic::Diagnostic;
use crate::text::Span;

/// How many nodes the aliases of one file may add together. A real spec has a handful; a "billion laughs" file stops
/// here.
const MAXIMUM_ALIAS_NODES: usize = 100_000;

/// How deep aliases may nest a value. It keeps every walk over a tree within the stack.
const MAXIMUM_ALIAS_DEPTH: usize = 256;

/// Reads `text` up to the first place where it is not YAML, which is given with what was read until there. `original`
/// is the text before lines in it were blanked: every span holds whole characters of it.
pub(super) fn build(text: &str, original: &str) -> (Parsed, Option<ScanError>) {
    let options = granit_parser::options! {
        // A file may begin with a licence of any length.
        max_buffered_comment_events: usize::MAX,
        emit_unresolved_aliases: true,
        // PyYAML and ruamel take it for content too.
        bom_inside_document_as_content: true,
    };
    let mut builder = Builder::new(text, original);
    for next in Parser::new_from_str_with_options(text, options) {
        match next {
            Ok((event, span)) => builder.take(event, span),
            Err(error) => return (builder.finish(), Some(error)),
        }
    }
    (builder.finish(), None)
}

struct Builder<'text> {
    text: &'text str,
    original: &'text str,
    parsed: Parsed,
    open: Vec<Open>,
    anchors: HashMap<usize, Anchored>,
    alias_nodes: usize,
    documents: usize,
}

/// A collection whose end has not come yet.
struct Open {
    start: usize,
    anchor: usize,
    in_flow: bool,
    size: usize,
    depth: usize,
    content: Content,
}

enum Content {
    Sequence(Vec<Node>),
    Mapping(Vec<Entry>, Option<Node>),
}

struct Anchored {
    node: Node,
    size: usize,
    depth: usize,
}

impl<'text> Builder<'text> {
    fn new(text: &'text str, original: &'text str) -> Self {
        Builder {
            text,
            original,
            parsed: Parsed::default(),
            open: Vec::new(),
            anchors: HashMap::new(),
            alias_nodes: 0,
            documents: 0,
        }
    }

    fn take(&mut self, event: Event<'_>, source: granit_parser::Span) {
        let span = self.bytes(&source);
        let tag_span = source.tag_span().map_or(span, |tag| self.bytes(&tag));
        match event {
            Event::DocumentStart(..) => self.start_document(span),
            Event::Comment(text, _) => self.parsed.comments.push(Comment {
                span,
                text: text.into_owned(),
            }),
            Event::Scalar(value, style, anchor, tag) => {
                self.check_tag(tag.as_deref(), tag_span);
                let node = self.scalar(value.into_owned(), style, tag.as_deref(), span);
                self.complete(node, anchor, 1, 1);
            }
            Event::Alias(id) => self.alias(id, span),
            Event::UnresolvedAlias(name) => {
                self.report(
                    Diagnostic::error(
                        codes::ALIAS,
                        span,
                        format!("the alias `*{name}` has no anchor before it"),
                    )
                    .with_hint(format!(
                        "Put `&{name}` before the value that it stands for, or quote the text"
                    )),
                );
                self.complete(null(span), 0, 1, 1);
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.check_tag(tag.as_deref(), tag_span);
                self.start(style, anchor, span, Content::Sequence(Vec::new()));
            }
            Event::MappingStart(style, anchor, tag) => {
                self.check_tag(tag.as_deref(), tag_span);
                self.start(style, anchor, span, Content::Mapping(Vec::new(), None));
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(Some(span)),
            _ => {}
        }
    }

    /// What was read, collections that were never closed included.
    fn finish(mut self) -> Parsed {
        while !self.open.is_empty() {
            self.close(None);
        }
        self.parsed
    }

    fn bytes(&self, span: &granit_parser::Span) -> Span {
        let length = self.original.len();
        let range = span.byte_range().unwrap_or(length..length);
        let start = self.original.floor_char_boundary(range.start);
        let end = self.original.ceil_char_boundary(range.end);
        Span::new(start, end.max(start))
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.parsed.diagnostics.push(diagnostic);
    }

    fn start_document(&mut self, span: Span) {
        self.documents += 1;
        self.anchors.clear();
        if self.documents == 2 {
            self.report(
                Diagnostic::error(
                    codes::SEVERAL_DOCUMENTS,
                    span,
                    "a second YAML document starts here",
                )
                .with_hint("Keep one document in a file: remove this `---` and what does not belong below it"),
            );
        }
    }

    fn in_flow(&self) -> bool {
        self.open.last().is_some_and(|open| open.in_flow)
    }

    fn start(&mut self, style: StructureStyle, anchor: usize, span: Span, content: Content) {
        let in_flow = style == StructureStyle::Flow || self.in_flow();
        self.open.push(Open {
            start: span.start,
            anchor,
            in_flow,
            size: 1,
            depth: 1,
            content,
        });
    }

    fn close(&mut self, end: Option<Span>) {
        let Some(open) = self.open.pop() else {
            return;
        };
        let (kind, last) = match open.content {
            Content::Sequence(items) => {
                let last = items.last().map(|item| item.span.end);
                (Kind::Sequence(items), last)
            }
            Content::Mapping(mut entries, key) => {
                if let Some(key) = key {
                    let value = null(Span::empty(key.span.end));
                    entries.push(Entry { key, value });
                }
                let last = entries
                    .last()
                    .map(|entry| entry.value.span.end.max(entry.key.span.end));
                self.check_keys(&entries, open.start);
                self.check_duplicates(&entries);
                (Kind::Mapping(self.merged(entries)), last)
            }
        };
        // A block collection ends with its last value; the parser reports the next token instead.
        let end = match (end, last) {
            (Some(end), _) if open.in_flow => end.end,
            (_, last) => last.unwrap_or(open.start),
        };
        let node = Node::new(Span::new(open.start, end.max(open.start)), kind);
        self.complete(node, open.anchor, open.size, open.depth);
    }

    fn scalar(&self, value: String, style: ScalarStyle, tag: Option<&Tag>, span: Span) -> Node {
        let tagged_string = tag.is_some_and(|tag| tag.core_suffix() == Some("str"));
        if style == ScalarStyle::Plain && !tagged_string && loaded::is_null(&value) {
            return null(span);
        }
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::SingleQuoted,
            ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
        };
        // A block scalar ends with its text; to the parser it goes on up to the next token.
        let length = match style {
            Style::Literal | Style::Folded => self.original[span.range()].trim_end().len(),
            _ => span.len(),
        };
        let span = Span::new(span.start, span.start + length);
        Node::new(
            span,
            Kind::Scalar(Scalar {
                value,
                style,
                in_flow: self.in_flow(),
                tagged_string,
            }),
        )
    }

    fn check_tag(&mut self, tag: Option<&Tag>, span: Span) {
        let Some(tag) = tag else { return };
        if tag.core_suffix().is_none() && tag.original() != "!" {
            self.report(
                Diagnostic::error(
                    codes::UNKNOWN_TAG,
                    span,
                    format!("conda does not know the YAML tag `{}`", tag.original()),
                )
                .with_hint("Remove the tag, or quote the text if it is one"),
            );
        }
    }

    fn alias(&mut self, id: usize, span: Span) {
        let copied = match self.anchors.get(&id) {
            None => Err("the alias stands inside the value that it stands for"),
            Some(target) if target.depth > MAXIMUM_ALIAS_DEPTH => {
                Err("aliases nest too deeply here")
            }
            Some(target) if self.alias_nodes + target.size > MAXIMUM_ALIAS_NODES => {
                Err("aliases make the file too big here")
            }
            Some(target) => Ok((target.node.clone(), target.size, target.depth)),
        };
        match copied {
            Ok((mut node, size, depth)) => {
                node.alias = Some(span);
                self.alias_nodes += size;
                self.complete(node, 0, size, depth);
            }
            Err(reason) => {
                self.report(
                    Diagnostic::error(codes::ALIAS, span, reason)
                        .with_hint("Write the value itself instead of the alias"),
                );
                self.complete(null(span), 0, 1, 1);
            }
        }
    }

    /// Puts a value where it belongs: under its anchor, and into the collection that is open.
    fn complete(&mut self, node: Node, anchor: usize, size: usize, depth: usize) {
        if anchor != 0 {
            self.anchors.insert(
                anchor,
                Anchored {
                    node: node.clone(),
                    size,
                    depth,
                },
            );
        }
        let Some(open) = self.open.last_mut() else {
            if self
                .parsed
                .root
                .as_ref()
                .is_none_or(|root| root.kind == Kind::Null)
            {
                self.parsed.root = Some(node);
            }
            return;
        };
        open.size += size;
        open.depth = open.depth.max(depth + 1);
        match &mut open.content {
            Content::Sequence(items) => items.push(node),
            Content::Mapping(entries, key) => match key.take() {
                None => *key = Some(node),
                Some(key) => entries.push(Entry { key, value: node }),
            },
        }
    }

    /// A key that is a collection is YAML, but no loader takes it; `{{ name }}` is the usual way to write one.
    fn check_keys(&mut self, entries: &[Entry], start: usize) {
        for entry in entries {
            if matches!(entry.key.kind, Kind::Sequence(_) | Kind::Mapping(_)) {
                let span = Span::new(start, entry.key.span.end.max(start));
                let diagnostic = if self.text[start..].starts_with("{{") {
                    Diagnostic::error(codes::SYNTAX, span, TEMPLATE).with_hint(RENDER_FIRST)
                } else {
                    Diagnostic::error(
                        codes::SYNTAX,
                        span,
                        "not YAML: a list or mapping stands where a key should be",
                    )
                    .with_hint("Quote the key, or remove the brackets")
                };
                self.report(diagnostic);
            }
        }
    }

    fn check_duplicates(&mut self, entries: &[Entry]) {
        let mut seen = HashSet::new();
        let mut duplicates = Vec::new();
        for entry in entries {
            if let Some(name) = entry.name()
                && !is_merge_key(&entry.key)
                && !seen.insert(name)
            {
                duplicates.push((entry.key.span, name.to_owned()));
            }
        }
        for (span, name) in duplicates {
            self.report(
                Diagnostic::error(
                    codes::DUPLICATE_KEY,
                    span,
                    format!("the key `{name}` is here a second time"),
                )
                .with_hint("Put everything under one of them: conda refuses the file, other tools take one and drop the other"),
            );
        }
    }

    /// The entries with those of `<<` behind them: a key that is written wins over a merged one, an earlier merged
    /// one over a later.
    fn merged(&mut self, entries: Vec<Entry>) -> Vec<Entry> {
        if !entries.iter().any(|entry| is_merge_key(&entry.key)) {
            return entries;
        }
        let (merges, mut entries): (Vec<Entry>, Vec<Entry>) = entries
            .into_iter()
            .partition(|entry| is_merge_key(&entry.key));
        let mut names: HashSet<String> = entries
            .iter()
            .filter_map(|entry| entry.name().map(str::to_owned))
            .collect();
        for merge in merges {
            let sources = match merge.value.kind {
                Kind::Sequence(items) => items,
                _ => vec![merge.value],
            };
            for source in sources {
                match source.kind {
                    Kind::Mapping(merged) => entries.extend(merged.into_iter().filter(|entry| {
                        entry
                            .name()
                            .is_none_or(|name| names.insert(name.to_owned()))
                    })),
                    _ => self.report(
                        Diagnostic::error(
                            codes::ALIAS,
                            source.span,
                            "the merge key `<<` takes a mapping, or a list of them",
                        )
                        .with_hint("Give it an alias of a mapping (`<<: *name`)"),
                    ),
                }
            }
        }
        entries
    }
}

fn is_merge_key(key: &Node) -> bool {
    matches!(&key.kind, Kind::Scalar(scalar) if scalar.style == Style::Plain && scalar.value == "<<")
}

fn null(span: Span) -> Node {
    Node::new(span, Kind::Null)
}
