//! Byte edits in the file's own style: indentation, line ends, trailing commas, one-line objects.
//!
//! An insertion is a pure insertion, a removal takes only the entry, its comma and the white space that it leaves
//! behind. Comments are never deleted, except inside a value that is replaced.

use super::{Document, Kind, Member, Token, TokenKind, Value};
use crate::text::{Edit, Span};
use serde_json::Value as Json;

/// Why an edit cannot be made: something on the way is no object (or no array).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// The path of what stands in the way; empty for the root.
    pub path: Vec<String>,
    /// Where it stands.
    pub span: Span,
    /// What it is: "a string".
    pub found: &'static str,
    /// What it should be: "an object".
    pub expected: &'static str,
}

impl Obstacle {
    fn new<S: AsRef<str>>(path: &[S], value: &Value, expected: &'static str) -> Self {
        Obstacle {
            path: path.iter().map(|name| name.as_ref().to_owned()).collect(),
            span: value.span,
            found: value.type_name(),
            expected,
        }
    }
}

/// How an entry is laid out where it is going to stand.
enum Layout<'text> {
    /// On lines of its own, indented by this.
    Lines(&'text str),
    /// On the line that is there; compact is `{"a":1}`, otherwise `{ "a": 1 }`.
    Inline { compact: bool },
}

/// An entry to be written: an item, or a member with its name.
struct Entry<'value> {
    name: Option<&'value str>,
    value: &'value Json,
}

/// An object or array as the edits see it.
struct Container {
    span: Span,
    /// The member or item that holds it; nothing for the root.
    holder: Option<Span>,
    entries: Vec<Span>,
}

impl Container {
    fn new(value: &Value, holder: Option<Span>) -> Self {
        let entries = match &value.kind {
            Kind::Array(items) => items.iter().map(|item| item.span).collect(),
            Kind::Object(members) => members.iter().map(Member::span).collect(),
            _ => Vec::new(),
        };
        Container {
            span: value.span,
            holder,
            entries,
        }
    }
}

impl Document<'_> {
    /// The edits after which `value` stands at `path`. Objects that are missing on the way are made. A value that is
    /// already equal needs no edit.
    pub fn set<S: AsRef<str>>(&self, path: &[S], value: &Json) -> Result<Vec<Edit>, Obstacle> {
        let Some(root) = &self.root else {
            return Ok(Vec::new());
        };
        let (mut current, mut holder) = (root, None);
        for (depth, name) in path.iter().enumerate() {
            if current.as_object().is_none() {
                return Err(Obstacle::new(&path[..depth], current, "an object"));
            }
            match current.get(name.as_ref()) {
                Some(member) => {
                    holder = Some(member.span());
                    current = &member.value;
                }
                None => {
                    let value = wrap(&path[depth + 1..], value.clone());
                    let entry = Entry {
                        name: Some(name.as_ref()),
                        value: &value,
                    };
                    return Ok(self.insert(&Container::new(current, holder), &entry));
                }
            }
        }
        if current.to_json() == *value {
            return Ok(Vec::new());
        }
        let text = self.render(value, &self.layout_of(holder.unwrap_or(current.span)));
        Ok(vec![Edit::replace(current.span, text)])
    }

    /// The edits after which the member at `path` is called `name` and has `value`: it keeps its place, and what a
    /// person wrote around it. Nothing where there is no such member.
    pub fn replace_member<S: AsRef<str>>(&self, path: &[S], name: &str, value: &Json) -> Vec<Edit> {
        let Some((last, parents)) = path.split_last() else {
            return Vec::new();
        };
        let Some(member) = self.at(parents).and_then(|value| value.get(last.as_ref())) else {
            return Vec::new();
        };
        let text = self.render(value, &self.layout_of(member.span()));
        vec![
            Edit::replace(member.name.span, quoted(name)),
            Edit::replace(member.value.span, text),
        ]
    }

    /// The edits after which the array at `path` ends with `item`. An array that is missing is made.
    pub fn append<S: AsRef<str>>(&self, path: &[S], item: &Json) -> Result<Vec<Edit>, Obstacle> {
        let Some(array) = self.at(path) else {
            return self.set(path, &Json::Array(vec![item.clone()]));
        };
        if array.as_array().is_none() {
            return Err(Obstacle::new(path, array, "an array"));
        }
        let container = Container::new(array, self.holder(path));
        Ok(self.insert(
            &container,
            &Entry {
                name: None,
                value: item,
            },
        ))
    }

    /// The edits that remove the member at `path` (the last of that name). Nothing where there is none.
    pub fn remove<S: AsRef<str>>(&self, path: &[S]) -> Vec<Edit> {
        let Some((last, parents)) = path.split_last() else {
            return Vec::new();
        };
        let Some(parent) = self.at(parents) else {
            return Vec::new();
        };
        let position = parent.as_object().and_then(|members| {
            members
                .iter()
                .rposition(|member| member.name.value == last.as_ref())
        });
        position.map_or_else(Vec::new, |index| {
            self.remove_entry(&Container::new(parent, None), index)
        })
    }

    /// The edits that remove item `index` of the array at `path`. Nothing where there is none.
    pub fn remove_item<S: AsRef<str>>(&self, path: &[S], index: usize) -> Vec<Edit> {
        match self.at(path) {
            Some(array) if array.as_array().is_some_and(|items| index < items.len()) => {
                self.remove_entry(&Container::new(array, None), index)
            }
            _ => Vec::new(),
        }
    }

    fn holder<S: AsRef<str>>(&self, path: &[S]) -> Option<Span> {
        let (last, parents) = path.split_last()?;
        Some(self.at(parents)?.get(last.as_ref())?.span())
    }

    fn insert(&self, container: &Container, entry: &Entry<'_>) -> Vec<Edit> {
        match container.entries.last() {
            Some(&last) => self.insert_after(last, entry),
            None => vec![self.insert_first(container, entry)],
        }
    }

    fn insert_after(&self, last: Span, entry: &Entry<'_>) -> Vec<Edit> {
        let comma = self.comma_after(last.end);
        let layout = self.layout_of(last);
        let body = self.render_inserted(entry, &layout, last.end);
        let after = comma.map_or(last.end, |comma| comma.end);
        let (place, mut text) = match layout {
            // A comment at the end of the last entry's line belongs to that entry.
            Layout::Lines(indent) => (
                self.end_of_comments_on_line(after),
                format!("{}{indent}{body}", self.newline()),
            ),
            Layout::Inline { compact: true } => (after, body),
            Layout::Inline { compact: false } => (after, format!(" {body}")),
        };
        if comma.is_some() {
            text.push(',');
            vec![Edit::insert(place, text)]
        } else if place == last.end {
            vec![Edit::insert(place, format!(",{text}"))]
        } else {
            vec![Edit::insert(last.end, ","), Edit::insert(place, text)]
        }
    }

    fn insert_first(&self, container: &Container, entry: &Entry<'_>) -> Edit {
        let close = container.span.end - 1;
        let place = self
            .tokens_from(container.span.start + 1)
            .take_while(|token| token.span.start < close)
            .last()
            .map_or(container.span.start + 1, |token| token.span.end);
        let rest = Span::new(place, close);
        let outer = container
            .holder
            .map_or(Layout::Lines(""), |holder| self.layout_of(holder));
        let inside = &self.text[container.span.start + 1..close];
        match outer {
            Layout::Inline { compact } if !inside.contains(['\n', '\r']) => {
                let body = self.render_inserted(entry, &Layout::Inline { compact }, place);
                let padding = if compact { "" } else { " " };
                Edit::replace(rest, format!("{padding}{body}{padding}"))
            }
            _ => {
                let base = self.line_indent(container.span.start);
                let indent = format!("{base}{}", self.indent_unit());
                let body = self.render_entry(entry, &Layout::Lines(&indent));
                let newline = self.newline();
                if self.text[rest.range()].contains(['\n', '\r']) {
                    Edit::insert(place, format!("{newline}{indent}{body}"))
                } else {
                    Edit::replace(rest, format!("{newline}{indent}{body}{newline}{base}"))
                }
            }
        }
    }

    fn remove_entry(&self, container: &Container, index: usize) -> Vec<Edit> {
        let entry = container.entries[index];
        let is_blank = |span: Span| self.text[span.range()].trim().is_empty();
        let mut edits = Vec::new();
        let mut gone = entry;
        match self.comma_after(entry.end) {
            Some(comma) if is_blank(Span::new(entry.end, comma.start)) => gone = entry.cover(comma),
            Some(comma) => edits.push(Edit::delete(comma)),
            // Without a comma of its own it takes the one before it, or that one would become a trailing comma.
            None if index > 0 => {
                if let Some(comma) = self.comma_after(container.entries[index - 1].end) {
                    if is_blank(Span::new(comma.end, entry.start)) {
                        return vec![Edit::delete(comma.cover(entry))];
                    }
                    edits.push(Edit::delete(comma));
                }
            }
            None => {}
        }
        edits.push(Edit::delete(self.with_white_space(gone)));
        edits.sort_by_key(|edit| edit.span);
        edits
    }

    /// `span` with its whole lines where nothing else stands on them, else with the blanks that follow it.
    fn with_white_space(&self, span: Span) -> Span {
        let start = self.line_start(span.start);
        let rest = &self.text[span.end..];
        let blanks = span.end + (rest.len() - rest.trim_start_matches([' ', '\t']).len());
        let after = &self.text[blanks..];
        let line_end = ["\r\n", "\n", "\r"]
            .iter()
            .find(|end| after.starts_with(**end))
            .map(|end| blanks + end.len());
        match line_end {
            Some(end) if self.is_first_on_line(span.start) => Span::new(start, end),
            Some(_) => span,
            None => Span::new(span.start, blanks),
        }
    }

    /// The layout of an entry: it stands on lines of its own, or among others on one.
    fn layout_of(&self, entry: Span) -> Layout<'_> {
        if self.is_first_on_line(entry.start) {
            return Layout::Lines(self.line_indent(entry.start));
        }
        let compact = match self
            .tokens_from(entry.start)
            .nth(1)
            .filter(|token| &self.text[token.span.range()] == ":")
        {
            Some(colon) => !self.text[colon.span.end..].starts_with([' ', '\t']),
            // An item: what stands before it, or before its array, shows how close things stand here.
            None => self.text[..entry.start]
                .trim_end_matches('[')
                .ends_with([',', ':']),
        };
        Layout::Inline { compact }
    }

    fn tokens_from(&self, offset: usize) -> impl Iterator<Item = &Token> {
        let first = self
            .tokens
            .partition_point(|token| token.span.start < offset);
        self.tokens[first..].iter()
    }

    /// The comma that follows an entry which ends at `offset`, comments between them passed over.
    fn comma_after(&self, offset: usize) -> Option<Span> {
        self.tokens_from(offset)
            .find(|token| token.kind != TokenKind::Comment)
            .filter(|token| token.kind == TokenKind::Comma)
            .map(|token| token.span)
    }

    /// The end of the last comment that begins on the line of `offset` with nothing but comments before it.
    fn end_of_comments_on_line(&self, offset: usize) -> usize {
        self.tokens_from(offset)
            .take_while(|token| token.kind == TokenKind::Comment)
            .try_fold(offset, |end, token| {
                let gap = &self.text[end..token.span.start];
                if gap.contains(['\n', '\r']) {
                    Err(end)
                } else {
                    Ok(token.span.end)
                }
            })
            .unwrap_or_else(|end| end)
    }

    fn line_start(&self, offset: usize) -> usize {
        let bom = self.text.len() - self.text.trim_start_matches(super::BYTE_ORDER_MARK).len();
        self.text[..offset]
            .rfind(['\n', '\r'])
            .map_or(bom.min(offset), |newline| newline + 1)
    }

    fn line_indent(&self, offset: usize) -> &str {
        let line = &self.text[self.line_start(offset)..offset];
        &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
    }

    /// Whether only blanks stand before `offset` on its line. The first line is the opening brace's.
    fn is_first_on_line(&self, offset: usize) -> bool {
        let start = self.line_start(offset);
        start > 0
            && self.text[..start].ends_with(['\n', '\r'])
            && self.line_indent(offset).len() == offset - start
    }

    /// The first line end of the text decides.
    fn newline(&self) -> &'static str {
        match self.text.find(['\n', '\r']) {
            Some(place) if self.text[place..].starts_with("\r\n") => "\r\n",
            Some(place) if self.text[place..].starts_with('\r') => "\r",
            _ => "\n",
        }
    }

    /// One step of indentation: that of the root's first member; two spaces where it has none.
    fn indent_unit(&self) -> &str {
        let unit = self.root.as_ref().and_then(|root| {
            let first = root.as_object()?.first()?.span().start;
            let indent = self.line_indent(first);
            let base = self.line_indent(root.span.start);
            self.is_first_on_line(first)
                .then(|| indent.strip_prefix(base).unwrap_or(indent))
        });
        unit.filter(|unit| !unit.is_empty()).unwrap_or("  ")
    }

    /// An entry that would make a long line of a file with lines opens on that line instead.
    fn render_inserted(&self, entry: &Entry<'_>, layout: &Layout<'_>, place: usize) -> String {
        const LONGEST_INLINE: usize = 60;
        let body = self.render_entry(entry, layout);
        let is_inline = matches!(layout, Layout::Inline { .. });
        if is_inline && body.len() > LONGEST_INLINE && self.text.trim().contains(['\n', '\r']) {
            return self.render_entry(entry, &Layout::Lines(self.line_indent(place)));
        }
        body
    }

    fn render_entry(&self, entry: &Entry<'_>, layout: &Layout<'_>) -> String {
        let value = self.render(entry.value, layout);
        match (entry.name, layout) {
            (None, _) => value,
            (Some(name), Layout::Inline { compact: true }) => format!("{}:{value}", quoted(name)),
            (Some(name), _) => format!("{}: {value}", quoted(name)),
        }
    }

    /// The text of `value`; objects and arrays have one entry a line where the layout has lines.
    fn render(&self, value: &Json, layout: &Layout<'_>) -> String {
        let (open, close, entries) = match value {
            Json::Object(members) if !members.is_empty() => {
                let entries: Vec<Entry<'_>> = members
                    .iter()
                    .map(|(name, value)| Entry {
                        name: Some(name),
                        value,
                    })
                    .collect();
                ('{', '}', entries)
            }
            Json::Array(items) if !items.is_empty() => {
                let entries = items
                    .iter()
                    .map(|value| Entry { name: None, value })
                    .collect();
                ('[', ']', entries)
            }
            _ => return value.to_string(),
        };
        match layout {
            Layout::Lines(indent) => {
                let newline = self.newline();
                let inner = format!("{indent}{}", self.indent_unit());
                let lines: Vec<String> = entries
                    .iter()
                    .map(|entry| {
                        format!(
                            "{newline}{inner}{}",
                            self.render_entry(entry, &Layout::Lines(&inner))
                        )
                    })
                    .collect();
                format!("{open}{}{newline}{indent}{close}", lines.join(","))
            }
            Layout::Inline { compact } => {
                let bodies: Vec<String> = entries
                    .iter()
                    .map(|entry| self.render_entry(entry, layout))
                    .collect();
                match (compact, open) {
                    (true, _) => format!("{open}{}{close}", bodies.join(",")),
                    (false, '[') => format!("{open}{}{close}", bodies.join(", ")),
                    (false, _) => format!("{open} {} {close}", bodies.join(", ")),
                }
            }
        }
    }
}

/// `value` inside objects, one for each name.
fn wrap<S: AsRef<str>>(names: &[S], value: Json) -> Json {
    names.iter().rev().fold(value, |value, name| {
        Json::Object([(name.as_ref().to_owned(), value)].into_iter().collect())
    })
}

fn quoted(name: &str) -> String {
    Json::from(name).to_string()
}
