//! Where the cursor stands in a spec that is being typed. The tree is of no help there: half a line is rarely YAML, so
//! the lines above the cursor decide, by their indentation.

use crate::spec::keys;

/// What is typed at the cursor.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Within {
    /// A top-level key.
    Key,
    /// An entry of a list.
    Entry(List),
}

/// The lists of a spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum List {
    Channels,
    Dependencies,
    Pip,
    Platforms,
}

/// The text that is being typed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place<'text> {
    pub(super) within: Within,
    /// The key or entry, without its dash, quotes and comment.
    pub(super) content: &'text str,
    /// Where it starts.
    pub(super) start: usize,
}

/// What stands at `offset`; `None` in comments and where nothing is known about what belongs there.
pub(super) fn at(text: &str, offset: usize) -> Option<Place<'_>> {
    let offset = text.floor_char_boundary(offset);
    let line_start = text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
    let line_end = text[offset..]
        .find(['\n', '\r'])
        .map_or(text.len(), |length| offset + length);
    let line = Line::new(text, line_start, line_end);
    if offset > line.end {
        return None;
    }
    if let Some(entry) = line.entry() {
        let list = list_of(text, line_start, line.indent)?;
        return (offset >= entry).then(|| entry_at(text, entry, line.end, offset, list));
    }
    if line.indent > 0 {
        let (key, value) = enclosing_key(text, line_start)?;
        let is_flow = text[value..].trim_start().starts_with('[');
        return is_flow
            .then_some(())
            .and_then(|()| flow_entry(text, value, line.end, offset, list_named(key)?));
    }
    match line.key() {
        Some((key, value)) if offset >= value => {
            flow_entry(text, value, line.end, offset, list_named(key)?)
        }
        Some((key, _)) => Some(Place {
            within: Within::Key,
            content: key,
            start: line_start,
        }),
        None => Some(Place {
            within: Within::Key,
            content: text[line_start..line.end].trim_end(),
            start: line_start,
        }),
    }
}

/// One line without its comment.
struct Line<'text> {
    text: &'text str,
    start: usize,
    end: usize,
    indent: usize,
}

impl<'text> Line<'text> {
    fn new(text: &'text str, start: usize, end: usize) -> Self {
        let raw = &text[start..end];
        let indent = raw.len() - raw.trim_start_matches(' ').len();
        let comment = if raw[indent..].starts_with('#') {
            Some(indent)
        } else {
            [" #", "\t#"].iter().filter_map(|mark| raw.find(mark)).min()
        };
        Line {
            text,
            start,
            // A cursor right behind the content is still at it, one in front of `#` too.
            end: comment.map_or(end, |length| start + length),
            indent,
        }
    }

    fn content(&self) -> &'text str {
        self.text
            .get(self.start + self.indent..self.end)
            .unwrap_or_default()
    }

    /// Where the text behind `- ` starts.
    fn entry(&self) -> Option<usize> {
        let behind = self.content().strip_prefix("- ")?;
        Some(self.end - behind.trim_start().len())
    }

    /// The key and where the text behind its colon starts.
    fn key(&self) -> Option<(&'text str, usize)> {
        let content = self.content();
        let colon = content.find(": ").or_else(|| {
            content
                .trim_end()
                .ends_with(':')
                .then(|| content.trim_end().len() - 1)
        })?;
        Some((
            content[..colon].trim_matches(['"', '\'']),
            self.start + self.indent + colon + 1,
        ))
    }
}

/// The entry between `start` and the end of the line.
fn entry_at(text: &str, start: usize, end: usize, offset: usize, list: List) -> Place<'_> {
    let mut start = start;
    if let Some(rest) = text[start..end].strip_prefix("sel(")
        && let Some(colon) = rest.find("):")
    {
        let behind = start + "sel(".len() + colon + "):".len();
        let value = behind + spaces(&text[behind..end]);
        start = if offset >= value { value } else { start };
    }
    let (start, content) = unquoted(text, start, end, offset);
    Place {
        within: Within::Entry(list),
        content,
        start,
    }
}

/// The entry of `[a, b]` around `offset`; the text behind the key's colon starts at `value`.
fn flow_entry(
    text: &str,
    value: usize,
    end: usize,
    offset: usize,
    list: List,
) -> Option<Place<'_>> {
    let typed = text.get(value..offset)?;
    let open = typed.find('[')?;
    if typed.contains(']') {
        return None;
    }
    let before = typed.rfind([',', '[', '\n']).unwrap_or(open) + 1;
    let start = value + before + spaces(&typed[before..]);
    let end = text[offset..end]
        .find([',', ']'])
        .map_or(end, |length| offset + length);
    let (start, content) = unquoted(text, start, end, offset);
    Some(Place {
        within: Within::Entry(list),
        content,
        start,
    })
}

fn spaces(text: &str) -> usize {
    text.len() - text.trim_start_matches([' ', '\t']).len()
}

/// The text without its quotes; spaces behind it belong to it as far as the cursor.
fn unquoted(text: &str, start: usize, end: usize, offset: usize) -> (usize, &str) {
    let trimmed = start + text[start..end].trim_end().len();
    let raw = &text[start..trimmed.max(offset.min(end))];
    match raw.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let inner = &raw[1..];
            (start + 1, inner.strip_suffix(quote).unwrap_or(inner))
        }
        _ => (start, raw),
    }
}

/// The lines above `offset` that hold something, from the bottom.
fn lines_above(text: &str, offset: usize) -> impl Iterator<Item = Line<'_>> {
    let mut end = offset;
    std::iter::from_fn(move || {
        let above = text[..end].strip_suffix('\n')?;
        let start = above.rfind('\n').map_or(0, |newline| newline + 1);
        let line = above[start..].trim_end_matches('\r');
        end = start;
        Some(Line::new(text, start, start + line.len()))
    })
    .filter(|line| !line.content().trim().is_empty())
}

/// The list that an entry with that indentation belongs to.
fn list_of(text: &str, line_start: usize, indent: usize) -> Option<List> {
    for line in lines_above(text, line_start) {
        if line.entry().is_some() || line.content().trim_end() == "-" {
            let is_section = line.content().trim_end().ends_with(':');
            if is_section && line.indent < indent {
                let section = line.content().trim_start_matches(['-', ' ']).trim_end();
                return (section == "pip:").then_some(List::Pip);
            }
        } else if line.indent <= indent {
            let (key, _) = line.key()?;
            return if line.indent > 0 && key == "pip" {
                Some(List::Pip)
            } else {
                list_named(key)
            };
        }
    }
    None
}

/// The top-level key that the line belongs to, and where the text behind its colon starts.
fn enclosing_key(text: &str, line_start: usize) -> Option<(&str, usize)> {
    lines_above(text, line_start)
        .find(|line| line.indent == 0)?
        .key()
}

fn list_named(key: &str) -> Option<List> {
    match keys::nearest(key)? {
        "channels" => Some(List::Channels),
        "dependencies" => Some(List::Dependencies),
        "platforms" => Some(List::Platforms),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(Within, &str)>) {
        let offset = text.find("$0").unwrap();
        let text = text.replace("$0", "");
        let place = at(&text, offset);
        if let Some(place) = &place {
            let end = place.start + place.content.len();
            assert_eq!(&text[place.start..end], place.content);
        }
        assert_eq!(
            place.map(|place| (place.within, place.content)),
            expected,
            "{text}"
        );
    }

    #[test]
    fn keys_and_entries() {
        use List::{Channels, Dependencies, Pip, Platforms};
        let key = |content| Some((Within::Key, content));
        let entry = |list, content| Some((Within::Entry(list), content));
        check("$0", key(""));
        check("na$0me: x\n", key("name"));
        check("name: x\nchan$0", key("chan"));
        check("name: $0x\n", None);
        check("channels:\n  - con$0da # c\n", entry(Channels, "conda"));
        check("dependencies:\n  - a $0  # c\n", entry(Dependencies, "a "));
        check("dependencies:\n- nu$0", entry(Dependencies, "nu"));
        check("dependecies:\r\n  - nu$0\r\n", entry(Dependencies, "nu"));
        check("dependencies:\n  - $0\nname: x\n", entry(Dependencies, ""));
        check(
            "dependencies:\n  - a\n\n# c\n  -   \"nu$0mpy\"\n",
            entry(Dependencies, "numpy"),
        );
        check(
            "dependencies:\n  - sel(linux): nu$0\n",
            entry(Dependencies, "nu"),
        );
        check(
            "dependencies:\n  - a\n  - pip:\n    - re$0\n",
            entry(Pip, "re"),
        );
        check(
            "dependencies:\n  - pip:\n      - a\n  - re$0\n",
            entry(Dependencies, "re"),
        );
        check("platforms: [linux-64, os$0]\n", entry(Platforms, "os"));
        check(
            "dependencies: [\n  a,\n  nu$0,\n]\n",
            entry(Dependencies, "nu"),
        );
        check("dependencies: [a]$0\n", None);
        check("dependencies:\n  - a # nu$0\n", None);
        check("# $0\n", None);
        check("dependencies:\n  -$0\n", None);
        check("dependencies:\n  $0\n", None);
        check("variables:\n  A: $0\n", None);
        check("jobs:\n  - $0\n", None);
    }
}
