//! The images that a Dockerfile begins its stages with.

use super::comments::lines;
use crate::text::{Span, Spanned};

/// One `FROM`.
struct Stage<'a> {
    image: Spanned<&'a str>,
    name: Option<&'a str>,
}

/// The images from elsewhere that stages begin with, and whether the stage that is built stands on it: `target`, else
/// the last one. Images with variables in their names are left out.
pub(super) fn images(text: &str, target: Option<&str>) -> Vec<(Spanned<String>, bool)> {
    let stages = stages(text);
    let of_name = |name: &str, before: usize| {
        let mut known = stages[..before].iter();
        known.rposition(|stage| stage.name.is_some_and(|own| own.eq_ignore_ascii_case(name)))
    };
    let mut base = target
        .and_then(|target| of_name(target, stages.len()))
        .or(stages.len().checked_sub(1));
    while let Some(index) = base
        && let Some(parent) = of_name(stages[index].image.value, index)
    {
        base = Some(parent);
    }
    let from_elsewhere = stages.iter().enumerate().filter(|(index, stage)| {
        let image = stage.image.value;
        !image.contains('$') && image != "scratch" && of_name(image, *index).is_none()
    });
    from_elsewhere
        .map(|(index, stage)| {
            let reference = Spanned::new(stage.image.value.to_owned(), stage.image.span);
            (reference, base == Some(index))
        })
        .collect()
}

fn stages(text: &str) -> Vec<Stage<'_>> {
    let mut stages = Vec::new();
    let mut goes_on = false;
    let mut document_end: Option<&str> = None;
    for (start, line) in lines(text) {
        if let Some(end) = document_end {
            document_end = Some(end).filter(|end| line.trim() != *end);
            continue;
        }
        let content = line.trim();
        if content.starts_with('#') || (content.is_empty() && goes_on) {
            continue;
        }
        if !goes_on {
            stages.extend(from(start, line));
        }
        goes_on = content.ends_with('\\');
        document_end = heredoc(line);
    }
    stages
}

fn from(start: usize, line: &str) -> Option<Stage<'_>> {
    let mut words = words(line);
    let (_, instruction) = words.next()?;
    if !instruction.eq_ignore_ascii_case("FROM") {
        return None;
    }
    let (at, image) = words.find(|(_, word)| !word.starts_with("--"))?;
    let is_named = words
        .next()
        .is_some_and(|(_, word)| word.eq_ignore_ascii_case("AS"));
    let span = Span::new(start + at, start + at + image.len());
    Some(Stage {
        image: Spanned::new(image, span),
        name: words.next().filter(|_| is_named).map(|(_, name)| name),
    })
}

/// The words of a line, each with its first byte.
fn words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + line[at..].find(|char: char| !char.is_whitespace())?;
        let length = line[start..].find(char::is_whitespace);
        at = length.map_or(line.len(), |length| start + length);
        Some((start, &line[start..at]))
    })
}

/// The word at which a document ends that begins behind this line (`RUN <<EOF`).
fn heredoc(line: &str) -> Option<&str> {
    let first = line.split_whitespace().next()?;
    let may_have_one = ["RUN", "COPY", "ADD"]
        .iter()
        .any(|name| first.eq_ignore_ascii_case(name));
    let (_, rest) = line.split_once("<<").filter(|_| may_have_one)?;
    let rest = rest.trim_start_matches('-').trim_start_matches(['"', '\'']);
    let is_word = |char: char| char.is_ascii_alphanumeric() || char == '_';
    let end = rest.find(|char| !is_word(char)).unwrap_or(rest.len());
    Some(&rest[..end]).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The images, that of the built stage with a `*`.
    #[track_caller]
    fn check(text: &str, target: Option<&str>, expected: &[&str]) {
        let found: Vec<String> = images(text, target)
            .iter()
            .map(|(image, is_base)| {
                assert_eq!(text[image.span.range()], image.value);
                format!("{}{}", image.value, if *is_base { "*" } else { "" })
            })
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn stages_begin_with_images_or_with_each_other() {
        let text = "\u{feff}# FROM no\nARG X=1\nFROM --platform=linux/amd64 a:1 AS One\r\n  from b\nFROM one as two\n";
        check(text, None, &["a:1*", "b"]);
        check(text, Some("ONE"), &["a:1*", "b"]);
        check("FROM a AS a\nFROM a\n", None, &["a*"]);
        check("FROM $BASE\nFROM scratch\n", None, &[]);
        check("", None, &[]);
        check("FROM", Some("x"), &[]);
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        check(
            "FROM a\nRUN psql -c \"select 1 \\\n# c\n\nFROM b\" \nRUN <<EOF\nFROM c\nEOF\nRUN cat <<-'X'\nFROM d\n\tX\nFROM e\n",
            None,
            &["a", "e*"],
        );
    }
}
