//! The lists of a spec as they are written: one entry a line behind a dash, or `[a, b]`. An edit is planned only where
//! the text is plainly one of the two; else there is none.

use crate::syntax::yaml::{Comment, Entry, Kind, Node, Parsed, Scalar, Style};
use crate::text::{Edit, Span};

/// A list, to put entries in and take entries out.
pub(super) struct List<'a> {
    text: &'a str,
    comments: &'a [Comment],
    /// The key that it stands below.
    key: Span,
    /// The list, or the place of one that nobody has written yet.
    span: Span,
    is_flow: bool,
    pub(super) items: &'a [Node],
}

/// An entry that is to be written.
pub(super) enum New<'a> {
    /// A text, and the selector that stands in a comment behind it.
    Text(&'a str, Option<&'a str>),
    /// `key: text`
    Keyed(&'a str, &'a str),
    /// `key:` with a list of this one text.
    Section(&'a str, &'a str),
}

impl<'a> List<'a> {
    /// The list that `entry` holds, which may be empty.
    pub(super) fn of(text: &'a str, parsed: &'a Parsed, entry: &'a Entry) -> Option<Self> {
        let value = &entry.value;
        let items = match &value.kind {
            Kind::Sequence(items) => items.as_slice(),
            Kind::Null if value.span.is_empty() => &[],
            _ => return None,
        };
        let is_list = matches!(value.kind, Kind::Sequence(_));
        value.alias.is_none().then_some(List {
            text,
            comments: &parsed.comments,
            key: entry.key.span,
            span: value.span,
            is_flow: is_list && text[value.span.range()].starts_with('['),
            items,
        })
    }

    /// The spaces before the dashes; `None` where there are none.
    pub(super) fn indent(&self) -> Option<&'a str> {
        let item = self.items.first().filter(|_| !self.is_flow)?;
        Some(self.dash(item)?.0)
    }

    /// Puts `new` behind the item at that index, or before all. `indent` is for the first entry of a list.
    pub(super) fn insert(
        &self,
        behind: Option<usize>,
        new: &New<'_>,
        indent: &str,
    ) -> Option<Edit> {
        if self.is_flow {
            return self.insert_in_flow(behind, new);
        }
        let known = behind.or(Some(0)).and_then(|index| self.items.get(index));
        let (indent, gap) = match known {
            Some(item) => self.dash(item)?,
            None => (indent, " "),
        };
        let above = match behind {
            Some(index) => self.items.get(index)?.place().end,
            None => self.key.end + self.text[self.key.end..].find(':')? + 1,
        };
        let place = self.rest_of_line(above)?;
        let line_break = line_break(self.text, place);
        let text = self.in_block(new, indent, gap, line_break)?;
        Some(Edit::insert(place, format!("{line_break}{text}")))
    }

    /// Takes the item at that index out, with its line and the comment behind it. A block list that loses its last
    /// item leaves its key.
    pub(super) fn remove(&self, index: usize) -> Option<Vec<Edit>> {
        match self.is_flow {
            true => Some(vec![self.remove_in_flow(index)?]),
            false => Some(delete_lines(self.text, &[self.lines(index)?])),
        }
    }

    /// Takes out the item at that index, a section whose list is `inner`, with the one item of that. What comments
    /// stand between them stays.
    pub(super) fn remove_section(&self, index: usize, inner: &List<'_>) -> Option<Vec<Edit>> {
        let section = self.items.get(index)?;
        if self.is_flow || inner.is_flow {
            return self.remove(index);
        }
        self.dash(section)?;
        let colon = inner.key.end + self.text[inner.key.end..].find(':')?;
        let end = self.rest_of_line(colon + 1)?;
        let first = Span::new(line_start(self.text, section.span.start), end);
        Some(delete_lines(
            self.text,
            &[whole_lines(self.text, first), inner.lines(0)?],
        ))
    }

    /// The spaces before and behind an item's dash, where nothing else stands before it on its line.
    fn dash(&self, item: &Node) -> Option<(&'a str, &'a str)> {
        let start = item.place().start;
        let before = &self.text[line_start(self.text, start)..start];
        let (indent, gap) = before.split_once('-')?;
        let are_spaces = indent.bytes().chain(gap.bytes()).all(|byte| byte == b' ');
        (are_spaces && !gap.is_empty()).then_some((indent, gap))
    }

    /// Where the line of `offset` ends, where behind it stands at most a comment.
    fn rest_of_line(&self, offset: usize) -> Option<usize> {
        let end = line_end(self.text, offset);
        let rest = self.text[offset..end].trim_start();
        (rest.is_empty() || rest.starts_with('#')).then_some(end)
    }

    fn lines(&self, index: usize) -> Option<Span> {
        let item = self.items.get(index)?;
        self.dash(item)?;
        let place = item.place();
        let end = self.rest_of_line(place.end)?;
        let is_alone = !self.has_comment(place);
        is_alone.then(|| whole_lines(self.text, Span::new(place.start, end)))
    }

    fn has_comment(&self, span: Span) -> bool {
        let mut comments = self.comments.iter();
        comments.any(|comment| span.start <= comment.span.start && comment.span.end <= span.end)
    }

    /// `new` as its line or lines.
    fn in_block(&self, new: &New<'_>, indent: &str, gap: &str, line_break: &str) -> Option<String> {
        let dash = format!("{indent}-{gap}");
        Some(match new {
            New::Text(text, selector) => {
                let comment = selector.map(|word| format!("  # [{word}]"));
                dash + &self.scalar(text)? + &comment.unwrap_or_default()
            }
            New::Keyed(key, text) => format!("{dash}{key}: {}", self.scalar(text)?),
            New::Section(key, text) => {
                let below = " ".repeat(dash.len());
                let text = scalar(text, Style::Plain, false)?;
                format!("{dash}{key}:{line_break}{below}-{gap}{text}")
            }
        })
    }

    fn in_flow(&self, new: &New<'_>) -> Option<String> {
        Some(match new {
            New::Text(text, None) => self.scalar(text)?,
            New::Text(_, Some(_)) => return None,
            New::Keyed(key, text) => format!("{{{key}: {}}}", self.scalar(text)?),
            New::Section(key, text) => {
                format!("{{{key}: [{}]}}", scalar(text, Style::Plain, true)?)
            }
        })
    }

    /// `text` in the quotes that all items have, or without.
    fn scalar(&self, text: &str) -> Option<String> {
        let mut styles = self.items.iter().filter_map(|item| match &item.kind {
            Kind::Scalar(scalar) => Some(scalar.style),
            _ => None,
        });
        let first = styles.next().filter(|style| !style.is_block());
        let style = first.filter(|first| styles.all(|style| style == *first));
        scalar(text, style.unwrap_or(Style::Plain), self.is_flow)
    }

    fn insert_in_flow(&self, behind: Option<usize>, new: &New<'_>) -> Option<Edit> {
        let new = self.in_flow(new)?;
        let Some(first) = self.items.first() else {
            let inner = &self.text[self.span.start + 1..self.span.end - 1];
            let is_empty = inner.trim().is_empty();
            return is_empty.then(|| Edit::insert(self.span.start + 1, new));
        };
        let Some(index) = behind else {
            let separator = self.separator(0)?;
            return Some(Edit::insert(
                first.place().start,
                format!("{new}{separator}"),
            ));
        };
        let separator = self.separator(index)?;
        let place = self.items.get(index)?.place().end;
        Some(Edit::insert(place, format!("{separator}{new}")))
    }

    /// What stands between the item at that index and the one before it, as it would between two of them.
    fn separator(&self, index: usize) -> Option<String> {
        let start = self.items.get(index)?.place().start;
        let separator = match index.checked_sub(1) {
            Some(before) => self.text[self.items[before].place().end..start].to_owned(),
            None => {
                let space = &self.text[self.span.start + 1..start];
                let is_line = space.contains('\n');
                format!(",{}", if is_line { space } else { " " })
            }
        };
        is_separator(&separator).then_some(separator)
    }

    fn remove_in_flow(&self, index: usize) -> Option<Edit> {
        let item = self.items.get(index)?.place();
        if self.has_comment(self.span) {
            return None;
        }
        let span = match (index.checked_sub(1), self.items.get(index + 1)) {
            (Some(before), _) => Span::new(self.items[before].place().end, item.end),
            (None, Some(next)) => Span::new(item.start, next.place().start),
            (None, None) => {
                let behind = &self.text[item.end..self.span.end];
                let comma = behind.find(',').map_or(0, |at| at + 1);
                return Some(Edit::delete(Span::new(item.start, item.end + comma)));
            }
        };
        let around = [
            &self.text[span.start..item.start.max(span.start)],
            &self.text[item.end.min(span.end)..span.end],
        ];
        let is_plain = around
            .iter()
            .all(|text| text.is_empty() || is_separator(text));
        is_plain.then(|| Edit::delete(span))
    }
}

/// `text` as a scalar; `None` where that style cannot hold it.
pub(super) fn scalar(text: &str, style: Style, in_flow: bool) -> Option<String> {
    Scalar {
        value: String::new(),
        style,
        in_flow,
        tagged_string: false,
    }
    .rewrite(text)
}

fn is_separator(text: &str) -> bool {
    text.trim() == ","
}

pub(super) fn line_start(text: &str, offset: usize) -> usize {
    text[..offset].rfind('\n').map_or(0, |at| at + 1)
}

/// Where the line of `offset` ends, before its line break.
pub(super) fn line_end(text: &str, offset: usize) -> usize {
    let length = text[offset..].find('\n');
    let end = length.map_or(text.len(), |length| offset + length);
    match text[offset..end].ends_with('\r') {
        true => end - 1,
        false => end,
    }
}

/// How the line that ends at `end` ends; the last one as the first.
pub(super) fn line_break(text: &str, end: usize) -> &'static str {
    let first = || {
        text.find('\n')
            .map_or("", |at| &text[line_end(text, 0)..=at])
    };
    let behind = match &text[end..] {
        "" => first(),
        behind => behind,
    };
    match behind.starts_with("\r\n") {
        true => "\r\n",
        false => "\n",
    }
}

/// The lines that `span` stands on, with the last one's line break.
fn whole_lines(text: &str, span: Span) -> Span {
    let end = text[span.end..].find('\n');
    Span::new(
        line_start(text, span.start),
        end.map_or(text.len(), |length| span.end + length + 1),
    )
}

/// Deletes lines, given in the order of the text. A text whose last line has no line break still has none.
fn delete_lines(text: &str, lines: &[Span]) -> Vec<Edit> {
    let mut spans: Vec<Span> = Vec::new();
    for line in lines {
        match spans.last_mut() {
            Some(last) if last.end == line.start => last.end = line.end,
            _ => spans.push(*line),
        }
    }
    if let Some(last) = spans.last_mut()
        && last.end == text.len()
        && !text.ends_with('\n')
        && last.start > 0
    {
        last.start = line_end(text, line_start(text, last.start - 1));
    }
    spans.into_iter().map(Edit::delete).collect()
}
