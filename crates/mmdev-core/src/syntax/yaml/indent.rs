//! Lines that stand too far left or right, moved to where they belong.

use crate::diagnostic::{Applicability, Fix};
use crate::text::{Edit, Span};

/// The repair of a `line` that broke the tree because of where or how its entry begins, and what is wrong with it where
/// the parser's words would not say so; `None` where a person must look.
pub(super) fn repair(text: &str, line: Span) -> Option<(Option<&'static str>, Fix)> {
    let written = &text[line.range()];
    let content = written.trim_start();
    let start = line.end - content.len();
    let safe = |title: &str, edits: Vec<Edit>| Fix {
        title: title.to_owned(),
        edits,
        applicability: Applicability::Safe,
    };
    let entry = content.trim_start_matches('-');
    let dashes = content.len() - entry.len();
    if dashes == 2 && entry.starts_with(' ') {
        let edit = Edit::delete(Span::new(start, start + 1));
        let what = "not YAML: an entry begins with one `-`, not with two";
        return Some((Some(what), safe("Remove one `-`", vec![edit])));
    }
    if dashes == 1 && entry.starts_with(char::is_alphanumeric) {
        let edit = Edit::insert(start + 1, " ");
        let what = "not YAML: a space is missing behind `-`";
        return Some((Some(what), safe("Write a space behind `-`", vec![edit])));
    }
    let list = enclosing_list(text, line)?;
    if content.starts_with("pip:") && written.len() - content.len() == list.indent {
        let edit = Edit::insert(start, "- ");
        return Some((None, safe("Write `- pip:`", vec![edit])));
    }
    let is_section = content.trim_end() == "- pip:";
    if !content.starts_with("- ") || !(is_section || list.is_flat) {
        return None;
    }
    let edits = moved(text, line, list.indent)?;
    Some((
        None,
        safe("Give it the indentation of the other entries", edits),
    ))
}

/// The list below the top-level key that `line` stands below.
struct List {
    indent: usize,
    /// Whether no other entry above the line stands deeper, so that the line can belong nowhere else.
    is_flat: bool,
}

fn enclosing_list(text: &str, line: Span) -> Option<List> {
    let above = &text[..line.start];
    let mut key = None;
    let mut start = 0;
    for other in above.split_inclusive('\n') {
        if other.starts_with(|char: char| char.is_alphabetic()) {
            key = Some(start + other.len());
        }
        start += other.len();
    }
    let mut entries = above[key?..]
        .lines()
        .filter(|other| other.trim_start().starts_with("- "));
    let indent = indent_of(entries.next()?)?;
    Some(List {
        indent,
        is_flat: entries.all(|other| indent_of(other) == Some(indent)),
    })
}

/// The number of spaces before a line; `None` where a tab is among them.
fn indent_of(line: &str) -> Option<usize> {
    let indent = line.len() - line.trim_start().len();
    (!line[..indent].contains('\t')).then_some(indent)
}

/// The edits that give the line at `line` another indentation. Below a key, the deeper lines belong to it and are moved
/// as far.
fn moved(text: &str, line: Span, indent: usize) -> Option<Vec<Edit>> {
    let old = indent_of(&text[line.range()])?;
    let is_key = text[line.range()].trim_end().ends_with(':');
    let mut edits = Vec::new();
    let mut start = line.start;
    for other in text[line.start..].split_inclusive('\n') {
        let is_blank = other.trim().is_empty();
        let depth = indent_of(other)?;
        if start > line.start && (!is_key || !is_blank && depth <= old) {
            break;
        }
        if !is_blank {
            edits.extend(match indent.checked_sub(old) {
                Some(0) => None,
                Some(more) => Some(Edit::insert(start, " ".repeat(more))),
                None => Some(Edit::delete(Span::new(start, start + old - indent))),
            });
        }
        start += other.len();
    }
    Some(edits)
}

#[cfg(test)]
mod tests {
    use crate::syntax::yaml::parse;
    use crate::text::apply;

    /// The text after the repair of its first mistake, which is none afterwards.
    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let parsed = parse(text);
        let first = parsed.diagnostics.first().unwrap();
        let repaired = first.fix.as_ref().map(|fix| apply(text, &fix.edits));
        assert_eq!(repaired.as_deref(), expected, "{text}");
        if let Some(repaired) = repaired {
            assert_eq!(parse(&repaired).diagnostics, [], "{repaired}");
        }
    }

    #[test]
    fn an_entry_is_moved_with_what_belongs_to_it() {
        check(
            "dependencies:\n  - python\n- pip:\n  # why\n  - a\n\n  - b\nname: x\n",
            Some("dependencies:\n  - python\n  - pip:\n    # why\n    - a\n\n    - b\nname: x\n"),
        );
        check(
            "dependencies:\r\n  - pip\r\n    - pip:\r\n      - a\r\n",
            Some("dependencies:\r\n  - pip\r\n  - pip:\r\n    - a\r\n"),
        );
        check(
            "dependencies:\n  - a\n - b\n  - c\n",
            Some("dependencies:\n  - a\n  - b\n  - c\n"),
        );
    }

    #[test]
    fn a_dash_too_many_or_without_its_space() {
        check(
            "dependencies:\n  - a\n  -- pip:\n    - b\n",
            Some("dependencies:\n  - a\n  - pip:\n    - b\n"),
        );
        check(
            "dependencies:\n  - a\n  -pip:\n    - b\n",
            Some("dependencies:\n  - a\n  - pip:\n    - b\n"),
        );
        check(
            "dependencies:\n  - a\n  pip:\n    - b\n",
            Some("dependencies:\n  - a\n  - pip:\n    - b\n"),
        );
    }

    #[test]
    fn between_two_lists_a_person_decides() {
        check("dependencies:\n  - pip:\n    - a\n   - b\n", None);
    }
}
