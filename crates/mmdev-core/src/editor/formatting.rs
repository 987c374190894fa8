//! Formatting that keeps every comment and the meaning: indentation, one space behind `-` and `:`, no white space at
//! the ends of lines, one blank line where there were several, and a line break at the end of the file.
//!
//! Lines are moved by the indentation that they have, and what comes out is read again: unless it is the same tree with
//! the same comments, nothing is changed.

use super::Document;
use crate::spec;
use crate::syntax::yaml::{self, Entry, Kind, Node};
use crate::text::{Edit, Span, apply};

/// By how many columns a level is indented.
const STEP: usize = 2;

impl Document {
    /// The edits that format the document. None for a file that is no spec, and for one that is not YAML.
    pub fn format(&self) -> Vec<Edit> {
        if !self.is_spec() {
            return Vec::new();
        }
        let edits = edits(&self.text, &self.tree);
        let formatted = apply(&self.text, &edits);
        let tree = yaml::parse(&formatted);
        // Odd layouts that would take several rounds are left as they are.
        let is_final = self::edits(&formatted, &tree).is_empty();
        if is_final && self.means_the_same(&formatted, &tree) {
            edits
        } else {
            Vec::new()
        }
    }

    /// Whether `formatted` is the same tree, with the same comments on the same entries.
    fn means_the_same(&self, formatted: &str, tree: &yaml::Parsed) -> bool {
        let read = spec::read_parsed("env.yaml", formatted, tree);
        let before = &self.read.spec;
        let comments = |tree: &yaml::Parsed| -> Vec<String> {
            let texts = tree.comments.iter();
            texts
                .map(|comment| comment.text.trim_end().to_owned())
                .collect()
        };
        let selectors = |spec: &spec::EnvSpec| -> Vec<Option<String>> {
            let dependencies = spec.dependencies.iter().map(|entry| &entry.selector);
            let all = dependencies.chain(spec.pip.iter().map(|entry| &entry.selector));
            all.map(|selector| Some(selector.as_ref()?.text.value.clone()))
                .collect()
        };
        let roots = match (&self.tree.root, &tree.root) {
            (Some(left), Some(right)) => same(left, right),
            (left, right) => left.is_none() && right.is_none(),
        };
        tree.diagnostics.is_empty()
            && roots
            && comments(&self.tree) == comments(tree)
            && selectors(before) == selectors(&read.spec)
    }
}

/// The edits of one round.
fn edits(text: &str, tree: &yaml::Parsed) -> Vec<Edit> {
    if !tree.diagnostics.is_empty() {
        return Vec::new();
    }
    let lines = lines(text);
    let mut formatting = Formatting {
        text,
        inside: inside(tree, &lines, text),
        gaps: gaps(tree, text),
        lines,
        edits: Vec::new(),
    };
    formatting.indent();
    formatting.blanks();
    formatting.edits.sort_by_key(|edit| edit.span);
    formatting.edits
}

/// Whether two values are the same wherever they stand.
fn same(left: &Node, right: &Node) -> bool {
    if left.alias.is_some() != right.alias.is_some() {
        return false;
    }
    match (&left.kind, &right.kind) {
        (Kind::Sequence(left), Kind::Sequence(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| same(left, right))
        }
        (Kind::Mapping(left), Kind::Mapping(right)) => {
            let same_entry = |(left, right): (&Entry, &Entry)| {
                same(&left.key, &right.key) && same(&left.value, &right.value)
            };
            left.len() == right.len() && left.iter().zip(right).all(same_entry)
        }
        (left, right) => left == right,
    }
}

/// One line: where it starts, where its text ends, and where the next one starts.
#[derive(Debug, Clone, Copy)]
struct Line {
    start: usize,
    end: usize,
    next: usize,
}

impl Line {
    fn text(self, text: &str) -> &str {
        &text[self.start..self.end]
    }

    fn indent(self, text: &str) -> usize {
        let line = self.text(text);
        line.len() - line.trim_start_matches(' ').len()
    }

    fn content(self, text: &str) -> &str {
        self.text(text).trim()
    }
}

fn lines(text: &str) -> Vec<Line> {
    // A byte order mark belongs to no line.
    let mut start = if text.starts_with('\u{feff}') {
        '\u{feff}'.len_utf8()
    } else {
        0
    };
    let mut lines = Vec::new();
    while start < text.len() {
        let next = text[start..]
            .find('\n')
            .map_or(text.len(), |length| start + length + 1);
        let end = start + text[start..next].trim_end_matches(['\n', '\r']).len();
        lines.push(Line { start, end, next });
        start = next;
    }
    lines
}

/// Which lines begin inside of a text or of a list in brackets that began on an earlier line.
fn inside(tree: &yaml::Parsed, lines: &[Line], text: &str) -> Vec<bool> {
    let mut inside = vec![false; lines.len()];
    walk(tree.root.as_ref(), &mut |node| {
        let raw = &text[node.span.range()];
        // To the parser, a text in a block starts behind its `|`, and ends where the next line's content starts.
        let is_block = matches!(&node.kind, Kind::Scalar(scalar) if scalar.style.is_block());
        let is_flow = raw.starts_with(['[', '{']);
        if !is_flow && !matches!(node.kind, Kind::Scalar(_)) {
            return;
        }
        let end = node.span.start + raw.trim_end().len();
        let behind = lines.partition_point(|line| line.start <= node.span.start);
        let first = behind.saturating_sub(usize::from(is_block));
        for (line, inside) in lines.iter().zip(&mut inside).skip(first) {
            *inside |= line.start < end;
        }
    });
    inside
}

/// The white space behind each `:` between a key and a value on one line.
fn gaps(tree: &yaml::Parsed, text: &str) -> Vec<Span> {
    let mut gaps = Vec::new();
    walk(tree.root.as_ref(), &mut |node| {
        let Kind::Mapping(entries) = &node.kind else {
            return;
        };
        if text[node.span.range()].starts_with('{') {
            return;
        }
        for entry in entries {
            let (from, to) = (entry.key.span.end, entry.value.place().start);
            let between = text.get(from..to).unwrap_or_default();
            if let Some(gap) = between.strip_prefix(':')
                && !gap.is_empty()
                && gap.chars().all(|char| char == ' ')
            {
                gaps.push(Span::new(from + 1, to));
            }
        }
    });
    gaps
}

/// Every value that is written where it stands.
fn walk(node: Option<&Node>, visit: &mut impl FnMut(&Node)) {
    let Some(node) = node.filter(|node| node.alias.is_none()) else {
        return;
    };
    visit(node);
    match &node.kind {
        Kind::Sequence(items) => items.iter().for_each(|item| walk(Some(item), visit)),
        Kind::Mapping(entries) => {
            for entry in entries {
                walk(Some(&entry.key), visit);
                walk(Some(&entry.value), visit);
            }
        }
        Kind::Null | Kind::Scalar(_) => {}
    }
}

/// A level of indentation that is open.
struct Level {
    /// The column that its lines have.
    was: usize,
    /// The column that they get.
    becomes: usize,
    is_list: bool,
}

struct Formatting<'text> {
    text: &'text str,
    lines: Vec<Line>,
    inside: Vec<bool>,
    gaps: Vec<Span>,
    edits: Vec<Edit>,
}

impl Formatting<'_> {
    fn replace(&mut self, start: usize, end: usize, text: &str) {
        if self.text[start..end] != *text {
            self.edits.push(Edit::replace(Span::new(start, end), text));
        }
    }

    /// Gives every line its column, and one space behind `-` and `:`.
    fn indent(&mut self) {
        let mut levels: Vec<Level> = Vec::new();
        // How far the text that began on the last line moved.
        let mut moved = 0;
        let mut comments: Vec<usize> = Vec::new();
        for index in 0..self.lines.len() {
            let line = self.lines[index];
            let content = line.content(self.text);
            if self.inside[index] {
                self.shift(line, moved);
            } else if content.is_empty() || content.starts_with('#') {
                comments.push(index);
            } else {
                let was = line.indent(self.text);
                let (column, behind) = self.line(&mut levels, line);
                moved = behind;
                self.comments(&mut comments, was, column);
            }
        }
        let last = levels
            .last()
            .map_or((0, 0), |level| (level.was, level.becomes));
        self.comments(&mut comments, last.0, last.1);
        for gap in std::mem::take(&mut self.gaps) {
            self.replace(gap.start, gap.end, " ");
        }
    }

    /// Places one line with content. Gives its column, and by how much what follows on it moved.
    fn line(&mut self, levels: &mut Vec<Level>, line: Line) -> (usize, isize) {
        let content = line.content(self.text);
        let was = line.indent(self.text);
        if content.starts_with("---") || content.starts_with("...") || content.starts_with('%') {
            levels.clear();
            self.trim(line);
            return (was, 0);
        }
        let is_item = content == "-" || content.starts_with("- ");
        let mut becomes = enter(levels, was, is_item);
        self.replace(line.start, line.start + was, &" ".repeat(becomes));
        let column = becomes;
        // What stands behind the dash may open a level of its own: `- pip:`, `- - a`.
        let (mut at, mut rest) = (was, content);
        while let Some(behind) = rest.strip_prefix("- ") {
            let item = behind.trim_start_matches(' ');
            if item.is_empty() || item.starts_with('#') {
                break;
            }
            let width = rest.len() - item.len();
            self.replace(line.start + at + 1, line.start + at + width, " ");
            at += width;
            rest = item;
            becomes += STEP;
            levels.push(Level {
                was: at,
                becomes,
                is_list: item.starts_with("- "),
            });
        }
        self.trim(line);
        (column, becomes as isize - at as isize)
    }

    /// Removes the white space at the end of a line, unless a text goes on behind it.
    fn trim(&mut self, line: Line) {
        let text = line.text(self.text);
        let end = line.start + text.trim_end().len();
        let index = self
            .lines
            .partition_point(|other| other.start <= line.start);
        let goes_on = self.inside.get(index).copied().unwrap_or(false);
        if !goes_on && end > line.start {
            self.replace(end, line.end, "");
        }
    }

    /// Moves a line that is part of a text.
    fn shift(&mut self, line: Line, by: isize) {
        let indent = line.indent(self.text);
        if by != 0 && !line.content(self.text).is_empty() {
            let column = indent.saturating_add_signed(by);
            self.replace(line.start, line.start + indent, &" ".repeat(column));
        }
    }

    /// Moves comments along with the line below them where they stand in its column; others stay.
    fn comments(&mut self, comments: &mut Vec<usize>, was: usize, becomes: usize) {
        for index in std::mem::take(comments) {
            let line = self.lines[index];
            let indent = line.indent(self.text);
            if line.content(self.text).is_empty() {
                continue;
            }
            if indent == was {
                self.replace(line.start, line.start + indent, &" ".repeat(becomes));
            }
            self.trim(line);
        }
    }

    /// Keeps one of several blank lines, none at the file's ends, and ends the last line.
    fn blanks(&mut self) {
        let is_blank = |index: usize| {
            let line = self.lines[index];
            !self.inside[index] && line.content(self.text).is_empty()
        };
        let last = (0..self.lines.len()).rev().find(|index| !is_blank(*index));
        let Some(last) = last else { return };
        let mut was_blank = true;
        let mut edits = Vec::new();
        for index in 0..self.lines.len() {
            let line = self.lines[index];
            let blank = is_blank(index);
            if blank && (was_blank || index > last) {
                edits.push(Edit::delete(Span::new(line.start, line.next)));
            } else if blank && line.end > line.start {
                edits.push(Edit::delete(Span::new(line.start, line.end)));
            }
            was_blank = blank;
        }
        let end = self.lines[last];
        if end.next == end.end {
            let line_break = if self.text.contains("\r\n") {
                "\r\n"
            } else {
                "\n"
            };
            edits.push(Edit::insert(end.end, line_break));
        }
        self.edits.extend(edits);
    }
}

/// Closes the levels that a line at column `was` ends, opens the one that it begins, and gives its new column.
fn enter(levels: &mut Vec<Level>, was: usize, is_item: bool) -> usize {
    while levels
        .last()
        .is_some_and(|level| level.was > was || (level.was == was && level.is_list && !is_item))
    {
        levels.pop();
    }
    match levels.last() {
        Some(level) if level.was == was && level.is_list == is_item => return level.becomes,
        _ => {}
    }
    let becomes = levels.last().map_or(0, |level| level.becomes + STEP);
    levels.push(Level {
        was,
        becomes,
        is_list: is_item,
    });
    becomes
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    fn format(text: &str) -> String {
        let document = Document::new("env.yaml", text.to_owned());
        let edits = document.format();
        for pair in edits.windows(2) {
            assert!(
                pair[0].span.end <= pair[1].span.start,
                "{pair:?} in {text:?}"
            );
        }
        apply(text, &edits)
    }

    #[track_caller]
    fn check(text: &str, expected: Expect) {
        let formatted = format(text);
        expected.assert_eq(&formatted);
        assert_eq!(format(&formatted), formatted, "formatting is idempotent");
    }

    #[test]
    fn a_spec_is_tidied() {
        check(
            "\n\nname:    x   \nchannels:\n# first\n- conda-forge  # c \n-    bioconda\n\n\n\n# the packages\ndependencies:\n    -   numpy\n    # below\n    - pip:\n       -  requests   # r\n       - flask\nvariables:\n      A:   b\n\n\n",
            expect![[r#"
                name: x
                channels:
                  # first
                  - conda-forge  # c
                  - bioconda

                # the packages
                dependencies:
                  - numpy
                  # below
                  - pip:
                      - requests   # r
                      - flask
                variables:
                  A: b
            "#]],
        );
    }

    #[test]
    fn what_is_formatted_stays() {
        let text = "# c\nname: x\nchannels: [a,   b]\n\ndependencies:\n  - python # x\n  - pip:\n      - a\n";
        assert_eq!(format(text), text);
    }

    #[test]
    fn texts_of_several_lines_move_whole() {
        check(
            "dependencies:\n- a\n-   pip:\n      - 'b\n\n        c'\nvariables:\n    A: |\n       x \n\n         y\n    B: [a,\n      b ]\n",
            expect![[r#"
                dependencies:
                  - a
                  - pip:
                      - 'b

                        c'
                variables:
                  A: |
                     x 

                       y
                  B: [a,
                    b ]
            "#]],
        );
    }

    #[test]
    fn line_breaks_and_byte_order_mark_stay() {
        let text = "\u{feff}dependencies:\r\n- a\r\n\r\n\r\n- b";
        let formatted = format(text);
        assert_eq!(formatted, "\u{feff}dependencies:\r\n  - a\r\n\r\n  - b\r\n");
        assert_eq!(format(&formatted), formatted);
    }

    #[test]
    fn files_with_mistakes_and_other_files_are_left_alone() {
        for text in [
            "dependencies:\n- a\n   - b\n -c\n",
            "services:\n-   a\n",
            "",
            "\n\n",
        ] {
            let document = Document::new("env.yaml", text.to_owned());
            let edits = document.format();
            assert!(edits.is_empty() || document.is_spec(), "{text:?}");
            assert!(edits.is_empty() || document.tree.diagnostics.is_empty());
        }
    }

    #[test]
    fn anchors_and_odd_lists() {
        check(
            "channels: &c\n-   a\nx-more: *c\ndependencies:\n  -   - a\n      - b\n  -\n    c\n  - ? d\n    : e\n",
            expect![[r#"
                channels: &c
                  - a
                x-more: *c
                dependencies:
                  - - a
                    - b
                  -
                    c
                  - ? d
                    : e
            "#]],
        );
    }

    /// A spec as text, without where it stands.
    fn without_places(spec: &spec::EnvSpec) -> String {
        let mut text = format!("{spec:?}");
        for (place, end) in [("Span {", '}'), ("text_start: Some(", ')')] {
            let mut parts = text.split(place);
            let first = parts.next().unwrap_or_default().to_owned();
            text = parts.fold(first, |text, part| text + part.split_once(end).unwrap().1);
        }
        text
    }

    fn line() -> impl Strategy<Value = String> {
        let content = prop::sample::select(vec![
            "",
            "# c",
            "- a",
            "-   b # x",
            "- pip:",
            "- 'x",
            "y'",
            "- |",
            "name:  n",
            "dependencies:",
            "channels: [a,",
            "b]",
            "variables:",
            "A:   1",
            "- c=1 # [linux]",
            "-",
            "---",
            "- - z",
            "&a",
            "- *a",
        ]);
        (
            0..5usize,
            content,
            prop::sample::select(vec!["", " ", "\t"]),
        )
            .prop_map(|(indent, content, end)| format!("{}{content}{end}", " ".repeat(indent)))
    }

    proptest! {
        #[test]
        fn the_meaning_stays(lines in prop::collection::vec(line(), 0..12), crlf: bool) {
            let text = format!("dependencies:\n{}", lines.join("\n"));
            let text = if crlf { text.replace('\n', "\r\n") } else { text };
            let formatted = format(&text);
            let strip = |text: &str| {
                let read = Document::new("env.yaml", text.to_owned()).read;
                let findings: Vec<_> = read.diagnostics.iter().map(|found| found.code).collect();
                (without_places(&read.spec), findings)
            };
            prop_assert_eq!(strip(&text), strip(&formatted));
            prop_assert_eq!(format(&formatted), formatted);
        }
    }
}
