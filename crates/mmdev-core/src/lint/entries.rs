//! Edits of lists that several rules offer: an entry more, an entry less. There is none where the text is not plainly
//! one entry a line or `[a, b]`.
//!
//! `amend` has lists of its own, which know the tree: it takes the comment behind an entry along, and reads the outcome
//! again. A rule's fix keeps every comment, is one of many that are applied at once, and knows the entry's span alone.

use crate::text::{Edit, Span};

/// Takes the entry at `entry` out of its list. `None` for the only one of a `[list]`, and where a comment stands behind
/// it, which would be lost.
pub(super) fn removal(text: &str, entry: Span) -> Option<Edit> {
    let (before, after) = (&text[..entry.start], &text[entry.end..]);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line_end = after
        .find('\n')
        .map_or(text.len(), |length| entry.end + length + 1);
    let is_line = before[line_start..].trim() == "-" && text[entry.end..line_end].trim().is_empty();
    if is_line && !text[entry.range()].contains('\n') {
        return Some(Edit::delete(Span::new(line_start, line_end)));
    }
    let (head, tail) = (before.trim_end(), after.trim_start());
    if head.ends_with(['[', ',']) && tail.starts_with(',') {
        let next = text.len() - tail[1..].trim_start().len();
        return Some(Edit::delete(Span::new(entry.start, next)));
    }
    (head.ends_with(',') && tail.starts_with(']'))
        .then(|| Edit::delete(Span::new(head.len() - 1, entry.end)))
}

/// Takes several entries out; `None` where one of them cannot be, or where two edits would meet.
pub(super) fn removals(text: &str, entries: impl IntoIterator<Item = Span>) -> Option<Vec<Edit>> {
    let edits: Vec<Edit> = entries
        .into_iter()
        .map(|entry| removal(text, entry))
        .collect::<Option<_>>()?;
    let are_apart = edits
        .windows(2)
        .all(|pair| pair[0].span.end <= pair[1].span.start);
    are_apart.then_some(edits)
}

/// Puts `new`, which needs no quotes, behind the entry at `entry` of the same list.
pub(super) fn insertion_after(text: &str, entry: Span, new: &str) -> Option<Edit> {
    let line_start = text[..entry.start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[entry.end..]
        .find(['\r', '\n'])
        .map_or(text.len(), |length| entry.end + length);
    let line = &text[line_start..line_end];
    let behind = text[entry.end..line_end].trim_start();
    let is_one_line = !text[entry.range()].contains('\n');
    let dash = line.len() - line.trim_start().len();
    if is_one_line
        && line[dash..].starts_with("- ")
        && (behind.is_empty() || behind.starts_with('#'))
    {
        let (indent, line_break) = (&line[..dash], line_break(text));
        return Some(Edit::insert(
            line_end,
            format!("{line_break}{indent}- {new}"),
        ));
    }
    let head = text[..entry.start].trim_end();
    (is_one_line && head.ends_with(['[', ',']) && behind.starts_with([',', ']']))
        .then(|| Edit::insert(entry.end, format!(", {new}")))
}

/// Exchanges two entries of a list, each with the comment behind it. `None` where a comment would be left with the
/// other: one above an entry, or inside of a `[list]`.
pub(super) fn exchange(text: &str, left: Span, right: Span) -> Option<Vec<Edit>> {
    let with_comment = |entry: Span| {
        let line_start = text[..entry.start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[entry.end..]
            .find('\n')
            .map_or(text.len(), |length| entry.end + length);
        let behind = text[entry.end..line_end].trim_end();
        let end = match behind.trim_start().strip_prefix('#') {
            Some(_) if text[line_start..entry.start].trim() == "-" => entry.end + behind.len(),
            None if !behind.contains('#') => entry.end,
            _ => return None,
        };
        (!has_comment_above(text, entry)).then_some(Span::new(entry.start, end))
    };
    let are_apart = text[left.end..right.start].contains('\n');
    let (left, right) = match are_apart {
        true => (with_comment(left)?, with_comment(right)?),
        false => (left, right),
    };
    Some(vec![
        Edit::replace(left, &text[right.range()]),
        Edit::replace(right, &text[left.range()]),
    ])
}

/// Whether the line above an entry's is a comment, which may be about it.
pub(super) fn has_comment_above(text: &str, entry: Span) -> bool {
    let line_start = text[..entry.start].rfind('\n').unwrap_or(0);
    let above = text[..line_start].lines().next_back().unwrap_or_default();
    above.trim_start().starts_with('#')
}

/// How the lines of `text` end.
pub(super) fn line_break(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::apply;

    #[track_caller]
    fn check(edit: fn(&str, Span) -> Option<Edit>, text: &str, expected: Option<&str>) {
        let start = text.find("old").unwrap();
        let edited = edit(text, Span::new(start, start + 3)).map(|edit| apply(text, &[edit]));
        assert_eq!(edited.as_deref(), expected, "{text}");
    }

    #[test]
    fn an_entry_is_removed_with_what_belongs_to_it() {
        let check = |text, expected| check(removal, text, expected);
        check("- a\n  - old  \n- b\n", Some("- a\n- b\n"));
        check("- a\r\n- old\r\n", Some("- a\r\n"));
        check("- a\n- old", Some("- a\n"));
        check("- a\n- old # why\n", None);
        check("- x: old\n", None);
        check("[old, b]", Some("[b]"));
        check("[a, old ,\n b]", Some("[a, b]"));
        check("[a, old]", Some("[a]"));
        check("[old]", None);
    }

    #[test]
    fn two_entries_of_one_line_are_left() {
        let spans = |text: &str| {
            ["b", "c"]
                .map(|name| text.find(name).unwrap())
                .map(|at| Span::new(at, at + 1))
        };
        let check = |text: &str, expected: Option<&str>| {
            let edited = removals(text, spans(text)).map(|edits| apply(text, &edits));
            assert_eq!(edited.as_deref(), expected, "{text}");
        };
        check("- a\n- b\n- c\n", Some("- a\n"));
        check("[b, c, a]", Some("[a]"));
        check("[a, b, c]", None);
    }

    #[test]
    fn entries_change_places_with_their_comments() {
        let check = |text: &str, expected: Option<&str>| {
            let place = |name: &str| {
                let start = text.find(name).unwrap();
                Span::new(start, start + name.len())
            };
            let edited =
                exchange(text, place("old"), place("new")).map(|edits| apply(text, &edits));
            assert_eq!(edited.as_deref(), expected, "{text}");
        };
        check(
            "- old  # a\r\n- b\r\n- new\r\n",
            Some("- new\r\n- b\r\n- old  # a\r\n"),
        );
        check("- old #a\n- new  # b", Some("- new  # b\n- old #a"));
        check("x: # y\n- old\n- new", Some("x: # y\n- new\n- old"));
        check("x: [old, new] # a\n", Some("x: [new, old] # a\n"));
        check("[old,\n new]", Some("[new,\n old]"));
        check("[old, # a\n new]", None);
        check("[old,\n new # a\n]", None);
        check("- old\n# a\n- new\n", None);
    }

    #[test]
    fn an_entry_is_added_as_the_others_are_written() {
        let check = |text, expected| {
            check(
                |text, span| insertion_after(text, span, "new"),
                text,
                expected,
            );
        };
        check("- old\n- b\n", Some("- old\n- new\n- b\n"));
        check("  - old # why\r\n", Some("  - old # why\r\n  - new\r\n"));
        check("  - old", Some("  - old\n  - new"));
        check(
            "  - sel(linux): old\n",
            Some("  - sel(linux): old\n  - new\n"),
        );
        check("[a, old]", Some("[a, old, new]"));
        check("[old, b]", Some("[old, new, b]"));
        check("x: old\n", None);
    }
}
