//! Tables on a terminal: columns as wide as what stands in them.

use anstyle::Style;

use crate::printer::visible;

/// A text in a column, and how it looks.
#[derive(Debug, Clone)]
pub(in crate::commands) struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    /// A text in the terminal's own colour.
    pub(in crate::commands) fn plain(text: impl AsRef<str>) -> Self {
        Cell::styled(text, Style::new())
    }

    /// A text of that look.
    pub(in crate::commands) fn styled(text: impl AsRef<str>, style: Style) -> Self {
        Cell {
            text: visible(text.as_ref()),
            style,
        }
    }

    fn width(&self) -> usize {
        self.text.chars().count()
    }
}

/// The rows one below the other, `indent` before each, two spaces between columns.
pub(in crate::commands) fn table(indent: &str, rows: &[Vec<Cell>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(Cell::width).max().unwrap_or_default()
        })
        .collect();
    let mut text = String::new();
    for row in rows {
        // What is empty to the end of the line needs no spaces.
        let filled = row.iter().rposition(|cell| !cell.text.is_empty());
        let row = &row[..filled.map_or(0, |last| last + 1)];
        text += indent;
        for (column, cell) in row.iter().enumerate() {
            let style = cell.style;
            text += &format!("{style}{}{style:#}", cell.text);
            if column + 1 < row.len() {
                text.extend(std::iter::repeat_n(' ', widths[column] - cell.width() + 2));
            }
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest() {
        let rows = [
            vec![Cell::plain("é"), Cell::plain("b"), Cell::plain("")],
            vec![Cell::plain("long"), Cell::plain(""), Cell::plain("c")],
            vec![Cell::plain("x\u{7}")],
        ];
        assert_eq!(
            anstream::adapter::strip_str(&table("> ", &rows)).to_string(),
            "> é       b\n> long       c\n> x\\u{7}\n"
        );
    }
}
