//! Mistakes in the parts of a MatchSpec around its version: name, brackets, quotes, and other languages.

use super::{Finding, char_span, replaced};
use crate::match_spec::tokens::Layout;
use crate::match_spec::{Verdicts, codes};
use crate::text::Span;

/// Characters that editors, word processors and keyboards put in place of ASCII.
const LOOK_ALIKES: &[(char, &str)] = &[
    ('≥', ">="),
    ('≤', "<="),
    ('≠', "!="),
    ('＝', "="),
    ('＞', ">"),
    ('＜', "<"),
    ('，', ","),
    ('‐', "-"),
    ('‑', "-"),
    ('–', "-"),
    ('—', "-"),
    ('−', "-"),
    ('“', ""),
    ('”', ""),
    ('„', ""),
    ('‘', ""),
    ('’', ""),
    ('«', ""),
    ('»', ""),
    ('\u{a0}', " "),
    ('\t', " "),
    ('\u{200b}', ""),
    ('\u{feff}', ""),
    // Cyrillic.
    ('\u{430}', "a"),
    ('\u{435}', "e"),
    ('\u{43e}', "o"),
    ('\u{440}', "p"),
    ('\u{441}', "c"),
    ('\u{443}', "y"),
    ('\u{445}', "x"),
    ('\u{456}', "i"),
    ('\u{455}', "s"),
    ('\u{458}', "j"),
];

pub(super) fn blank(text: &str) -> Option<Finding> {
    text.split('#')
        .next()
        .unwrap_or_default()
        .trim()
        .is_empty()
        .then(|| {
            Finding::new(
                codes::PACKAGE_NAME,
                Span::new(0, text.len()),
                "there is no package name",
            )
        })
}

/// Only quotes and block scalars can hold one.
pub(super) fn line_break(text: &str) -> Option<Finding> {
    let index = text.trim_end().find(['\n', '\r'])?;
    Some(
        Finding::new(
            codes::REFUSED,
            char_span(text, index),
            "a line break stands in the MatchSpec",
        )
        .hint("Put each package on a line of its own that begins with `- `"),
    )
}

/// conda takes a space before the name for an empty name. Only quotes keep one there.
pub(super) fn leading_space(text: &str) -> Option<Finding> {
    let trimmed = text.trim_start();
    let start = text.len() - trimmed.len();
    (start > 0).then(|| {
        Finding::new(
            codes::PACKAGE_NAME,
            Span::new(0, start),
            "a space stands before the package name",
        )
        .repair(trimmed)
    })
}

pub(super) fn pip_option(text: &str) -> Option<Finding> {
    let option = text.trim_start();
    let start = text.len() - option.len();
    let length = option
        .find(|char: char| char.is_whitespace() || char == '=')
        .unwrap_or(option.len());
    let is_option = option.starts_with("--")
        || (option.starts_with('-') && (length == 2 || option[1..length].contains('/')));
    is_option.then(|| {
        Finding::new(
            codes::PIP_OPTION,
            Span::new(start, start + length),
            format!("`{}` is an option of pip, not a package", &option[..length]),
        )
        .hint("Move the entry under `pip:`")
    })
}

pub(super) fn look_alike(text: &str) -> Option<Finding> {
    let meaning = |wanted: char| {
        LOOK_ALIKES
            .iter()
            .find(|(char, _)| *char == wanted)
            .map(|(_, ascii)| *ascii)
    };
    let body = &text[..text.find('#').unwrap_or(text.len())];
    let (index, char, ascii) = body
        .char_indices()
        .find_map(|(index, char)| Some((index, char, meaning(char)?)))?;
    let mut repair = String::with_capacity(text.len());
    for char in body.chars() {
        match meaning(char) {
            Some(ascii) => repair.push_str(ascii),
            None => repair.push(char),
        }
    }
    let what = match ascii {
        "" | " " => format!(
            "the character U+{:04X} does not belong here",
            u32::from(char)
        ),
        ascii => format!("`{char}` only looks like `{ascii}`"),
    };
    let finding = Finding::new(codes::LOOK_ALIKE, char_span(text, index), what);
    // A space at either end, which one of them may have become, is no part of a MatchSpec.
    let finding = finding.repair((repair + &text[body.len()..]).trim());
    // A dash before a digit may have been one before a version, and would be a part of the name.
    let is_before_digit = |(at, dash): (usize, char)| {
        let next = body[at + dash.len_utf8()..].chars().next();
        meaning(dash) == Some("-") && next.is_some_and(|char| char.is_ascii_digit())
    };
    let is_guess = body.char_indices().any(is_before_digit);
    Some(if is_guess { finding.guessed() } else { finding })
}

pub(super) fn package_url(text: &str) -> Option<Finding> {
    let is_path = ["/", "./", "../"]
        .iter()
        .any(|start| text.starts_with(start));
    let is_url = text.contains("://");
    ((is_path || is_url) && !text.contains("::")).then(|| {
        let kind = if is_url { "URL" } else { "path" };
        Finding::new(
            codes::PACKAGE_URL,
            Span::new(0, text.len()),
            format!("this is no {kind} of a package file"),
        )
        .hint("Name a file like `https://host/channel/noarch/name-1.0-0.conda`, or write `channel::name`; what pip installs stands under `pip:`")
    })
}

pub(super) fn environment_marker(text: &str) -> Option<Finding> {
    let brackets = text.find('[').unwrap_or(text.len());
    let start = text.find(';').filter(|start| *start < brackets)?;
    Some(
        Finding::new(
            codes::ENVIRONMENT_MARKER,
            Span::new(start, text.len()),
            format!(
                "`{}` is an environment marker, which only pip knows",
                &text[start..]
            ),
        )
        .hint("Write `sel(linux): …` for one platform, or move the entry under `pip:`")
        .repair(text[..start].trim_end()),
    )
}

pub(super) fn stray_quote(text: &str, layout: &Layout) -> Option<Finding> {
    let outside = |index: &usize| {
        layout
            .brackets
            .is_none_or(|brackets| !(brackets.start..brackets.end).contains(index))
    };
    let quotes: Vec<usize> = text
        .match_indices(['"', '\''])
        .map(|(index, _)| index)
        .filter(outside)
        .collect();
    let first = *quotes.first()?;
    let kept = text
        .char_indices()
        .filter(|(index, _)| !quotes.contains(index));
    let finding = Finding::new(
        codes::STRAY_QUOTE,
        char_span(text, first),
        format!("the quote `{}` does not belong here", &text[first..=first]),
    )
    .hint("Quote the whole entry as YAML, or only a value in brackets")
    .repair(kept.map(|(_, char)| char).collect::<String>());
    // `a'b` may lack what was to stand between two words.
    let joins = |index: &usize| {
        let is_word = |char: Option<char>| char.is_some_and(char::is_alphanumeric);
        is_word(text[..*index].chars().next_back()) && is_word(text[index + 1..].chars().next())
    };
    let is_guess = quotes.iter().any(joins);
    Some(if is_guess { finding.guessed() } else { finding })
}

pub(super) fn unbalanced(text: &str) -> Option<Finding> {
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut lonely = None;
    for (index, char) in text.char_indices() {
        let partner = match char {
            '[' | '(' => {
                open.push((index, char));
                continue;
            }
            ']' => '[',
            ')' => '(',
            _ => continue,
        };
        match open.last() {
            Some((_, last)) if *last == partner => {
                open.pop();
            }
            _ => {
                lonely = Some((index, char));
                break;
            }
        }
    }
    let (index, char) = lonely.or_else(|| open.last().copied())?;
    let span = char_span(text, index);
    let what = if matches!(char, '[' | '(') {
        format!("`{char}` is never closed")
    } else {
        format!("`{char}` closes nothing")
    };
    let closing = if char == '[' { ']' } else { ')' };
    let finding = Finding::new(codes::UNBALANCED_BRACKET, span, what);
    Some(if lonely.is_some() || text[span.end..].trim().is_empty() {
        finding.repair(replaced(text, span, "").trim_end())
    } else if text[span.end..].contains('=') {
        finding.repair(format!("{}{closing}", text.trim_end()))
    } else {
        finding
    })
}

pub(super) fn extras(text: &str, layout: &Layout) -> Option<Finding> {
    let brackets = layout.brackets?;
    let section = &text[brackets.range()];
    (!section.contains('=')).then(|| {
        Finding {
            taken_as: " without them",
            ..Finding::new(
                codes::EXTRAS,
                brackets,
                format!("`{section}` names extras, which only pip knows"),
            )
        }
        .hint("Name the conda packages that the extras need, or move the entry under `pip:`")
        .repair(replaced(text, brackets, ""))
    })
}

pub(super) fn attribute(text: &str, layout: &Layout) -> Option<Finding> {
    let brackets = layout.brackets?;
    let rest = replaced(text, brackets, "");
    if !Verdicts::of(&rest).are_all_taken() {
        return None;
    }
    let verdicts = Verdicts::of(text);
    let reason = verdicts
        .conda
        .err()
        .or(verdicts.micromamba.err())
        .or(verdicts.rattler.err())?;
    let section = &text[brackets.range()];
    Some(
        Finding::new(
            codes::BRACKET_ATTRIBUTE,
            brackets,
            format!("`{section}` is malformed: {reason}"),
        )
        .hint("Write `[key=\"value\"]` with a key such as version, build, build_number, channel, subdir or md5"),
    )
}

pub(super) fn package_name(text: &str, layout: &Layout) -> Option<Finding> {
    let name = layout.name;
    if name.is_empty() {
        let span = Span::new(name.start.min(text.len()), text.len());
        return Some(Finding::new(
            codes::PACKAGE_NAME,
            span,
            match text[span.range()].chars().next() {
                Some(char) if !"=<>!~ ".contains(char) => {
                    format!("a package name cannot start with `{char}`")
                }
                _ => format!("there is no package name before `{}`", &text[span.range()]),
            },
        ));
    }
    let written = &text[name.range()];
    let verdicts = Verdicts::of(written);
    if verdicts.are_all_taken() {
        return None;
    }
    let is_wrong =
        |char: char| !char.is_ascii_alphanumeric() && !matches!(char, '.' | '_' | '-' | ':' | '/');
    let (span, what) = match written.find(is_wrong) {
        Some(index) => {
            let span = char_span(text, name.start + index);
            let char = &text[span.range()];
            (span, format!("a package name cannot hold `{char}`"))
        }
        None => (name, format!("`{written}` is no package name")),
    };
    let finding = Finding::new(codes::PACKAGE_NAME, span, what)
        .hint("A name has letters, digits and single `.`, `_` or `-` between them");
    // A pattern or a path has no meaning that a repair could keep, and without a letter it is another name.
    let lacks_letter = |char: char| is_wrong(char) && char.is_alphabetic();
    let mut kept: String = written.chars().filter(|char| !is_wrong(*char)).collect();
    for sign in [".", "_", "-"] {
        // Of two in a row one was meant.
        while let Some(at) = kept.find(&sign.repeat(2)) {
            kept.remove(at);
        }
    }
    let is_pattern = written.contains(['*', '^', '$', '\\', '{', '@']);
    Some(if is_pattern || written.contains(lacks_letter) {
        finding
    } else {
        finding.repair(replaced(text, name, &kept))
    })
}
