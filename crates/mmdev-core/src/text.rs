//! Positions in text and edits of it: what every other module says where with.

use std::ops::Range;

/// A range of bytes in one document, half open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last one.
    pub end: usize,
}

impl Span {
    /// The range from `start` up to, but not including, `end`.
    pub fn new(start: usize, end: usize) -> Self {
        debug_assert!(start <= end, "a span runs forwards: {start}..{end}");
        Span { start, end }
    }

    /// The empty range at `offset`.
    pub fn empty(offset: usize) -> Self {
        Span::new(offset, offset)
    }

    /// The number of bytes.
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether the range holds no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The same range, moved right by `offset` bytes.
    pub fn shifted(self, offset: usize) -> Self {
        Span::new(self.start + offset, self.end + offset)
    }

    /// The smallest range that holds both.
    pub fn cover(self, other: Span) -> Self {
        Span::new(self.start.min(other.start), self.end.max(other.end))
    }

    /// The range as an index into the document's text.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

/// A value and the place where it was written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Spanned<T> {
    /// What was written.
    pub value: T,
    /// Where it was written.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// `value`, written at `span`.
    pub fn new(value: T, span: Span) -> Self {
        Spanned { value, span }
    }
}

/// One replacement of a range of bytes by text. Every byte outside the edits of a document is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The bytes that are replaced; empty for an insertion.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

impl Edit {
    /// Replaces `span` by `text`.
    pub fn replace(span: Span, text: impl Into<String>) -> Self {
        Edit {
            span,
            text: text.into(),
        }
    }

    /// Inserts `text` before the byte at `offset`.
    pub fn insert(offset: usize, text: impl Into<String>) -> Self {
        Edit::replace(Span::empty(offset), text)
    }

    /// Deletes `span`.
    pub fn delete(span: Span) -> Self {
        Edit::replace(span, "")
    }
}

/// `text` after `edits`. They may come in any order; of two that overlap, the later one in the text is dropped,
/// so that a fix is applied whole or, on the next round, again.
pub fn apply(text: &str, edits: &[Edit]) -> String {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut result =
        String::with_capacity(text.len() + edits.iter().map(|edit| edit.text.len()).sum::<usize>());
    let mut position = 0;
    for edit in sorted {
        if edit.span.start < position {
            continue;
        }
        result.push_str(&text[position..edit.span.start]);
        result.push_str(&edit.text);
        position = edit.span.end;
    }
    result.push_str(&text[position..]);
    result
}

/// A place as a person counts: lines and columns from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters (Unicode scalar values), from 1.
    pub column: usize,
}

/// The lines of one document, to turn bytes into places.
#[derive(Debug, Clone)]
pub struct LineIndex<'text> {
    text: &'text str,
    index: line_index::LineIndex,
}

impl<'text> LineIndex<'text> {
    /// Reads the line starts of `text` once.
    pub fn new(text: &'text str) -> Self {
        LineIndex {
            text,
            index: line_index::LineIndex::new(text),
        }
    }

    /// The place of the byte at `offset`; an offset past the end or inside a character is moved back to the nearest
    /// place that exists. A byte order mark has no width.
    pub fn line_column(&self, offset: usize) -> LineColumn {
        let offset = self.text.floor_char_boundary(offset);
        let place = self
            .index
            .line_col(line_index::TextSize::new(offset as u32));
        let start = offset - place.col as usize;
        let column = 1 + self.text[start..offset]
            .chars()
            .filter(|&char| char != '\u{feff}')
            .count();
        LineColumn {
            line: place.line as usize + 1,
            column,
        }
    }
}

/// Bytes that a message has at the most: what it quotes may be a megabyte.
const LONGEST_MESSAGE: usize = 600;

/// A message as it is shown: the middle of a very long one is left out.
pub(crate) fn shortened(message: &mut String) {
    if message.len() > LONGEST_MESSAGE {
        let start = message.floor_char_boundary(LONGEST_MESSAGE / 2);
        let end = message.ceil_char_boundary(message.len() - LONGEST_MESSAGE / 3);
        message.replace_range(start..end, "…");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_apply_in_any_order_and_never_overlap() {
        let edits = [
            Edit::replace(Span::new(4, 7), "B"),
            Edit::insert(0, "_"),
            Edit::replace(Span::new(5, 9), "C"),
        ];
        assert_eq!(apply("one two three", &edits), "_one B three");
    }

    #[test]
    fn columns_count_characters() {
        let text = "\u{feff}a: é\nb: ü x";
        let index = LineIndex::new(text);
        let place = |needle: &str| index.line_column(text.find(needle).unwrap());
        assert_eq!(place("é"), LineColumn { line: 1, column: 4 });
        assert_eq!(place("x"), LineColumn { line: 2, column: 6 });
        assert_eq!(index.line_column(1000), LineColumn { line: 2, column: 7 });
    }

    #[test]
    fn a_long_message_keeps_its_ends() {
        let check = |message: &str, expected: &str| {
            let mut shown = message.to_owned();
            shortened(&mut shown);
            assert_eq!(shown, expected);
        };
        check(&"é".repeat(300), &"é".repeat(300));
        let long = "é".repeat(1000);
        check(
            &format!("`{long}` is refused"),
            &format!("`{}…{}` is refused", "é".repeat(149), "é".repeat(94)),
        );
    }
}
