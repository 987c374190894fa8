//! Places in a document as the protocol counts them: lines from 0, and in a line the units of an encoding.

use mmdev_core::text::Span;

/// What one unit of a column is, as client and server agreed on at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Bytes.
    Utf8,
    /// What every client knows.
    Utf16,
}

impl Encoding {
    fn width(self, char: char) -> usize {
        match self {
            Encoding::Utf8 => char.len_utf8(),
            Encoding::Utf16 => char.len_utf16(),
        }
    }
}

/// A line from 0, and a column in units of the encoding.
pub(crate) type Place = (u32, u32);

/// A text that knows where its lines start.
#[derive(Debug)]
pub(crate) struct Text {
    text: String,
    starts: Vec<usize>,
}

impl Text {
    pub(crate) fn new(text: String) -> Self {
        let ends = text.match_indices('\n').map(|(newline, _)| newline + 1);
        let starts = std::iter::once(0).chain(ends).collect();
        Text { text, starts }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The byte at a place. One past the end of its line or text is at that end, as the protocol says.
    pub(crate) fn offset(&self, (line, column): Place, encoding: Encoding) -> usize {
        let Some(start) = self.starts.get(line as usize).copied() else {
            return self.text.len();
        };
        let line = self.line(line as usize);
        let mut units = 0;
        for (offset, char) in line.char_indices() {
            if units >= column as usize {
                return start + offset;
            }
            units += encoding.width(char);
        }
        start + line.len()
    }

    /// The place of a byte.
    pub(crate) fn place(&self, offset: usize, encoding: Encoding) -> Place {
        let offset = self.text.floor_char_boundary(offset);
        let line = self.starts.partition_point(|start| *start <= offset) - 1;
        let column: usize = self.text[self.starts[line]..offset]
            .chars()
            .map(|char| encoding.width(char))
            .sum();
        (line as u32, column as u32)
    }

    /// The text after `replacement` took the place of `span`.
    pub(crate) fn with(&self, span: Span, replacement: &str) -> Self {
        let mut text = self.text.clone();
        text.replace_range(span.range(), replacement);
        Text::new(text)
    }

    /// A line without its line break.
    fn line(&self, line: usize) -> &str {
        let end = self.starts.get(line + 1).copied();
        self.text[self.starts[line]..end.unwrap_or(self.text.len())].trim_end_matches(['\n', '\r'])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_both_encodings() {
        let text = Text::new("a\n🐍é x\r\n\nz".to_owned());
        for (needle, utf8, utf16) in [
            ("a", (0, 0), (0, 0)),
            ("é", (1, 4), (1, 2)),
            ("x", (1, 7), (1, 4)),
            ("\r", (1, 8), (1, 5)),
            ("z", (3, 0), (3, 0)),
        ] {
            let offset = text.as_str().find(needle).unwrap();
            for (encoding, place) in [(Encoding::Utf8, utf8), (Encoding::Utf16, utf16)] {
                assert_eq!(text.place(offset, encoding), place, "{needle}");
                assert_eq!(text.offset(place, encoding), offset, "{needle}");
            }
        }
    }

    #[test]
    fn places_that_do_not_exist() {
        let text = Text::new("é🐍\r\nb".to_owned());
        // Past the end of a line, past the last line, and inside a character.
        assert_eq!(text.offset((0, 99), Encoding::Utf16), 6);
        assert_eq!(text.offset((9, 0), Encoding::Utf16), 9);
        assert_eq!(text.offset((0, 2), Encoding::Utf16), 6);
        assert_eq!(text.offset((0, 1), Encoding::Utf8), 2);
        assert_eq!(text.place(3, Encoding::Utf8), (0, 2));
        assert_eq!(text.place(99, Encoding::Utf8), (1, 1));
    }
}
