//! Two `- pip:` sections made one.

use crate::syntax::yaml::{Entry, Kind};
use crate::text::{Edit, Span};

/// Where a pip section stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct PipSection {
    /// Its key.
    pub(super) key: Span,
    /// Its value and the entries in that, where it is a list that is written out.
    list: Option<(Span, Span)>,
}

impl PipSection {
    pub(super) fn of(entry: &Entry) -> Self {
        let list = match (&entry.value.kind, entry.value.alias) {
            (Kind::Sequence(items), None) => items.first().zip(items.last()),
            _ => None,
        };
        PipSection {
            key: entry.key.span,
            list: list.map(|(first, last)| {
                (
                    entry.value.span,
                    Span::new(first.place().start, last.place().end),
                )
            }),
        }
    }

    /// Moves the entries of a `later` section behind its own. `None` where the two are not written alike, one entry a
    /// line or `[a, b]`, or where something else stands in the way.
    pub(super) fn merge(self, text: &str, later: PipSection) -> Option<Vec<Edit>> {
        let ((own, own_entries), (other, other_entries)) = (self.list?, later.list?);
        let key_line = line(text, later.key.start);
        let dash = text[key_line.start..later.key.start].strip_suffix("- ")?;
        if own_entries.end > key_line.start || !dash.trim().is_empty() {
            return None;
        }
        let is_flow = |list: Span| text[list.start..].starts_with('[');
        let is_key_line = |written: &str| text[later.key.start..key_line.end].trim_end() == written;
        if is_flow(own) && is_flow(other) {
            let first = text[own.range()].strip_suffix(']')?;
            let second = &text[other_entries.range()];
            let is_plain = is_key_line(&format!("pip: [{second}]"))
                && !first.contains('#')
                && !first.trim_end().ends_with(',');
            return is_plain.then(|| {
                vec![
                    Edit::insert(own.end - 1, format!(", {second}")),
                    Edit::delete(with_break(text, key_line)),
                ]
            });
        }
        let column = |entries: Span| &text[line(text, entries.start).start..entries.start];
        let last_line = |entries: Span| {
            let length = text[entries.range()].trim_end().len();
            line(text, entries.start + length)
        };
        let end = last_line(other_entries).end;
        let below = text[end..].lines().find(|line| !line.trim().is_empty());
        let is_inside = |line: &str| line.len() - line.trim_start().len() > dash.len();
        let is_plain = is_key_line("pip:")
            && column(own_entries).trim() == "-"
            && column(own_entries) == column(other_entries)
            && !below.is_some_and(is_inside);
        is_plain.then(|| {
            let entries = &text[with_break(text, key_line).end..end];
            let line_break = match text[..key_line.start].ends_with("\r\n") {
                true => "\r\n",
                false => "\n",
            };
            vec![
                Edit::insert(last_line(own_entries).end, format!("{line_break}{entries}")),
                Edit::delete(with_break(text, Span::new(key_line.start, end))),
            ]
        })
    }
}

/// The line that holds the byte at `offset`, without its line break.
fn line(text: &str, offset: usize) -> Span {
    let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let end = text[offset..]
        .find('\n')
        .map_or(text.len(), |length| offset + length);
    Span::new(start, start + text[start..end].trim_end_matches('\r').len())
}

/// The same with the line break behind it.
fn with_break(text: &str, line: Span) -> Span {
    let rest = &text[line.end..];
    let length = rest.find('\n').map_or(rest.len(), |at| at + 1);
    Span::new(line.start, line.end + length)
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Applicability;
    use crate::lint::fix;
    use crate::lint::testing::everything;

    #[track_caller]
    fn check(sections: &str, expected: &str) {
        let text = format!("channels: [conda-forge]\ndependencies:\n  - pip\n{sections}");
        let fixed = fix("env.yaml", &text, &everything(), None, Applicability::Safe);
        let (_, left) = fixed.text.split_once("  - pip\n").unwrap();
        assert_eq!(left, expected, "{sections}");
    }

    #[test]
    fn entries_come_into_one_section() {
        check(
            "  - pip: a\n  - pip: b\n  - pip: c\n",
            "  - pip: [a, b, c]\n",
        );
        check(
            "  - pip:\n    - a # why\n  - pip:\n    # and\n    - b # so\n    - c\n",
            "  - pip:\n    - a # why\n    # and\n    - b # so\n    - c\n",
        );
        check(
            "  - pip:\n    - a\n  - x\n  - pip:\n    - b\n  - y\n  - pip:\n    - c",
            "  - pip:\n    - a\n    - b\n    - c\n  - x\n  - y\n",
        );
    }

    #[test]
    fn what_is_written_otherwise_is_left() {
        for sections in [
            "  - pip: [a]\n  - pip:\n    - b\n",
            "  - pip:\n    - a\n  - pip:\n      - b\n",
            "  - pip:\n    - a\n  - pip: # why\n    - b\n",
            "  - pip: [a]\n  - pip: [b] # why\n",
            "  - pip: &a [a]\n  - pip: *a\n",
            "  - pip:\n    - a\n  - pip:\n    - b\n    other: x\n",
        ] {
            check(sections, sections);
        }
    }
}
