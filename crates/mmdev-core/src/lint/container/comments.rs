//! Where the comments of files about the container stand.

use super::ContainerFile;
use crate::syntax::jsonc;
use crate::text::Span;

/// The comments of a file, and where its own content begins.
pub(super) fn comments(file: ContainerFile<'_>) -> (Vec<Span>, usize) {
    match file {
        ContainerFile::Devcontainer(text) => {
            let (document, _) = jsonc::parse(text);
            let first = document.root().map_or(text.len(), |root| root.span.start);
            (document.comments().collect(), first)
        }
        ContainerFile::Toml(text, _) => (in_toml(text), first_line(text)),
        ContainerFile::Dockerfile(text, _) => (in_dockerfile(text), first_line(text)),
    }
}

/// The first byte of the first line that holds more than a comment.
fn first_line(text: &str) -> usize {
    lines(text)
        .find(|(_, line)| !line.trim_start().is_empty() && !line.trim_start().starts_with('#'))
        .map_or(text.len(), |(start, _)| start)
}

/// The lines of a text, each with its first byte.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        let own = start;
        start += line.len();
        let line = line.trim_end_matches(['\n', '\r']);
        match line.strip_prefix('\u{feff}') {
            Some(rest) => (own + '\u{feff}'.len_utf8(), rest),
            None => (own, line),
        }
    })
}

/// A Dockerfile has comments on lines of their own alone.
fn in_dockerfile(text: &str) -> Vec<Span> {
    lines(text)
        .filter(|(_, line)| line.trim_start().starts_with('#'))
        .map(|(start, line)| {
            let indent = line.len() - line.trim_start().len();
            Span::new(start + indent, start + line.len())
        })
        .collect()
}

/// From each `#` that is in no string to the end of its line.
fn in_toml(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = text[at..].find(['#', '"', '\'']) {
        at += next;
        let rest = &text[at..];
        if rest.starts_with('#') {
            let end = rest.find('\n').map_or(text.len(), |end| at + end);
            found.push(Span::new(
                at,
                at + text[at..end].trim_end_matches('\r').len(),
            ));
            at = end;
            continue;
        }
        let quote = &rest[..1];
        let long = quote.repeat(3);
        let (delimiter, ends_with_line) = match rest.starts_with(&long) {
            true => (long.as_str(), false),
            false => (quote, true),
        };
        at += delimiter.len();
        at += end_of_string(&text[at..], delimiter, ends_with_line);
    }
    found
}

/// How long a string is, with its end; one that is not closed ends with its line, or the text.
fn end_of_string(rest: &str, delimiter: &str, ends_with_line: bool) -> usize {
    let mut is_escaped = false;
    for (at, char) in rest.char_indices() {
        if is_escaped {
            is_escaped = false;
        } else if char == '\\' && delimiter.starts_with('"') {
            is_escaped = true;
        } else if rest[at..].starts_with(delimiter) {
            return at + delimiter.len();
        } else if char == '\n' && ends_with_line {
            return at;
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found = in_toml(text);
        let found: Vec<&str> = found.iter().map(|span| &text[span.range()]).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn comments_of_toml_stand_in_no_string() {
        check("# a\r\nx = 1 # b\n#", &["# a", "# b", "#"]);
        check("x = '#' # a\ny = \"\\\"#\" # b", &["# a", "# b"]);
        check(
            "x = '''\n# a ' '' \n''' # b\ny = \"\"\"\\\"\"\"# \"\"\" # c",
            &["# b", "# c"],
        );
        check("x = 'a\ny = 1 # b\nz = \"\"\"é # c", &["# b"]);
        check("x = '\\' # a", &["# a"]);
    }
}
