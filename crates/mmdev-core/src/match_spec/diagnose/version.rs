//! Mistakes in the version and build of a MatchSpec: operators, commas, parts, globs.

use super::{Finding, char_span, replaced};
use crate::match_spec::tokens::{Kind, Layout, Token};
use crate::match_spec::{Verdicts, codes};
use crate::text::Span;

/// The operators that the three tools know.
const OPERATORS: &[&str] = &["=", "==", "!=", "<=", ">=", "<", ">", "~="];

/// What people write for an operator, and what they mean.
const MISWRITTEN_OPERATORS: &[(&str, &str)] = &[
    ("===", "=="),
    ("=!", "!="),
    ("!==", "!="),
    ("<>", "!="),
    ("=~", "~="),
    ("~", "~="),
    ("~>", "~="),
    (">>", ">"),
    ("<<", "<"),
];

/// The operator that a run of signs was meant to be: `=>`, `>==` and the like are `>=`.
fn meant_operator(compact: &str) -> Option<&'static str> {
    let consists_of = |signs: [char; 2]| {
        compact.chars().all(|char| signs.contains(&char))
            && signs.iter().all(|sign| compact.contains(*sign))
    };
    let known = OPERATORS.iter().find(|known| **known == compact).copied();
    known
        .or_else(|| consists_of(['>', '=']).then_some(">="))
        .or_else(|| consists_of(['<', '=']).then_some("<="))
        .or_else(|| {
            let mut miswritten = MISWRITTEN_OPERATORS.iter();
            let found = miswritten.find(|(wrong, _)| *wrong == compact);
            found.map(|(_, right)| *right)
        })
}

/// What an operator is without the spaces in it.
fn operator(text: &str, token: &Token) -> String {
    text[token.span.range()]
        .chars()
        .filter(|char| !char.is_whitespace())
        .collect()
}

/// Whether the token at `index` is the build string: what follows a version after a space or `=`.
fn is_build(text: &str, tokens: &[Token], index: usize) -> bool {
    let kind = |back: usize| index.checked_sub(back).map(|index| tokens[index].kind);
    tokens[index].kind == Kind::Word
        && (kind(1) == Some(Kind::Word)
            || (kind(1) == Some(Kind::Operator)
                && kind(2) == Some(Kind::Word)
                && operator(text, &tokens[index - 1]) == "="))
}

pub(super) fn missing_version(text: &str, tokens: &[Token]) -> Option<Finding> {
    let index = (0..tokens.len()).find(|&index| {
        tokens[index].kind == Kind::Operator
            && tokens
                .get(index + 1)
                .is_none_or(|next| next.kind == Kind::Separator || text[next.span.range()] == *")")
    })?;
    let token = tokens[index];
    let written = &text[token.span.range()];
    let follows_version = index > 0 && tokens[index - 1].kind == Kind::Word;
    let what = if follows_version && written == "=" {
        "the `=` has no build string after it".to_owned()
    } else {
        format!("the operator `{written}` has no version after it")
    };
    Some(
        Finding {
            taken_as: if tokens.len() == 1 {
                " as any version"
            } else {
                ""
            },
            ..Finding::new(codes::MISSING_VERSION, token.span, what)
        }
        .repair(replaced(text, token.span, "").trim_end()),
    )
}

pub(super) fn unknown_operator(text: &str, tokens: &[Token]) -> Option<Finding> {
    let token = tokens.iter().find(|token| {
        let written = &text[token.span.range()];
        token.kind == Kind::Operator && !OPERATORS.contains(&written)
    })?;
    let written = &text[token.span.range()];
    let compact = operator(text, token);
    let meant = meant_operator(&compact);
    let finding = Finding::new(
        codes::UNKNOWN_OPERATOR,
        token.span,
        format!("`{written}` is no operator"),
    )
    .hint("The operators are `=`, `==`, `!=`, `>=`, `<=`, `>`, `<` and `~=`");
    let after = text[token.span.end..].len() - text[token.span.end..].trim_start().len();
    let place = Span::new(token.span.start, token.span.end + after);
    Some(match meant {
        // To npm and Poetry `~1.2` is `=1.2`.
        Some(meant) if compact == "~" => finding
            .repair(replaced(text, place, meant))
            .hint("`~=1.2` takes 1.3 as well; write `=1.2` for 1.2 alone")
            .guessed(),
        Some(meant) => finding.repair(replaced(text, place, meant)),
        None => finding,
    })
}

/// `numpy^1.2` and `numpy@1.2`, as Poetry, npm and others write it.
pub(super) fn foreign_operator(text: &str, layout: &Layout) -> Option<Finding> {
    let index = text.find(['^', '@'])?;
    let (name, pin) = (text[..index].trim_end(), &text[index + 1..]);
    let is_version = |char: char| char.is_ascii_digit() || char == '.';
    let is_pin = pin.starts_with(|char: char| char.is_ascii_digit()) && pin.chars().all(is_version);
    if !is_pin || name.len() <= layout.name.start || !Verdicts::of(name).are_all_taken() {
        return None;
    }
    let span = char_span(text, index);
    let sign = &text[span.range()];
    let what = format!("`{sign}` is no operator");
    let finding = Finding::new(codes::UNKNOWN_OPERATOR, span, what)
        .hint("The operators are `=`, `==`, `!=`, `>=`, `<=`, `>`, `<` and `~=`");
    let meant = match sign {
        "^" => format!(">={pin},<{}", next_breaking(pin)?),
        _ => format!("={pin}"),
    };
    Some(finding.repair(format!("{name}{meant}")))
}

/// The version that a caret keeps out: the first part that is not 0 is one more.
fn next_breaking(version: &str) -> Option<String> {
    let mut parts: Vec<u64> = Vec::new();
    for part in version.split('.') {
        let part: u64 = part.parse().ok()?;
        if part > 0 {
            parts.push(part.checked_add(1)?);
            let text: Vec<String> = parts.iter().map(u64::to_string).collect();
            return Some(text.join("."));
        }
        parts.push(part);
    }
    None
}

pub(super) fn stray_separator(text: &str, tokens: &[Token]) -> Option<Finding> {
    let is_separator = |index: usize| tokens[index].kind == Kind::Separator;
    let index = (0..tokens.len()).find(|&index| {
        is_separator(index) && (index == 0 || index + 1 == tokens.len() || is_separator(index - 1))
    })?;
    let span = tokens[index].span;
    let what = format!("the `{}` joins nothing", &text[span.range()]);
    let finding = Finding::new(codes::STRAY_SEPARATOR, span, what);
    let is_word = |token: &Token| token.kind == Kind::Word;
    if index == 0 && tokens.get(1).is_some_and(is_word) {
        // `numpy,scipy` and `numpy||1`: without it there would be another name.
        return Some(finding.hint("Write one package, and its version behind an operator"));
    }
    let repair = format!("{}{}", text[..span.start].trim_end(), &text[span.end..]);
    Some(finding.repair(repair.trim_end()))
}

/// `>=1.2, =1.3`: behind a space, conda takes what follows a `=` for the build string.
pub(super) fn spaced_equals(text: &str, tokens: &[Token]) -> Option<Finding> {
    let pair = tokens.windows(2).find(|pair| {
        pair[0].kind == Kind::Separator
            && pair[0].span.end < pair[1].span.start
            && text[pair[1].span.range()] == *"="
    })?;
    let gap = Span::new(pair[0].span.end, pair[1].span.start);
    let separator = &text[pair[0].span.range()];
    Some(
        Finding::new(
            codes::STRAY_SEPARATOR,
            pair[0].span,
            format!("the `{separator}` joins nothing: behind a space, `=` begins a build string"),
        )
        .repair(replaced(text, gap, "")),
    )
}

pub(super) fn missing_comma(text: &str, tokens: &[Token]) -> Option<Finding> {
    let is_and = |token: &Token| matches!(&text[token.span.range()], "and" | "&" | "&&");
    let mut gaps = Vec::new();
    for index in 1..tokens.len() {
        let (before, here) = (tokens[index - 1], tokens[index]);
        let is_gap = before.kind == Kind::Word
            && here.kind == Kind::Operator
            && text[here.span.range()] != *"=";
        if !is_gap {
            continue;
        }
        match index.checked_sub(2).map(|index| tokens[index]) {
            Some(version) if version.kind == Kind::Word && is_and(&before) => {
                gaps.push(Span::new(version.span.end, here.span.start));
            }
            _ => gaps.push(Span::new(before.span.end, here.span.start)),
        }
    }
    let first = gaps.first()?;
    if let Some(dash) = text[..first.start].rfind(" - ") {
        let entry = Span::new(dash + 1, text.len());
        let message = format!("`{}` is an entry of its own", &text[entry.range()]);
        return Some(
            Finding::new(codes::MISSING_COMMA, entry, message).hint("Put it on a line of its own"),
        );
    }
    let after = &text[first.end..];
    let mut repair = String::with_capacity(text.len() + gaps.len());
    let mut position = 0;
    for gap in &gaps {
        repair.push_str(&text[position..gap.start]);
        repair.push(',');
        position = gap.end;
    }
    repair.push_str(&text[position..]);
    let next = after.find([' ', ',', '|']).unwrap_or(after.len());
    let span = if first.is_empty() {
        Span::new(first.end, first.end + next)
    } else {
        *first
    };
    let finding = Finding::new(
        codes::MISSING_COMMA,
        span,
        format!("a comma must stand before `{}`", &after[..next]),
    );
    // Behind a build string no comma makes sense of what follows.
    let is_behind_build = tokens.windows(3).any(|three| {
        three[0].kind == Kind::Word && three[1].kind == Kind::Word && !is_and(&three[1])
    });
    Some(match is_behind_build {
        true => finding,
        false => finding.repair(repair),
    })
}

pub(super) fn empty_part(text: &str, tokens: &[Token]) -> Option<Finding> {
    let (span, written) = words(text, tokens)
        .find(|(_, word)| word.contains("..") || word.ends_with('.') || word.starts_with('.'))?;
    let mut repair = written.trim_matches('.').to_owned();
    while repair.contains("..") {
        repair = repair.replace("..", ".");
    }
    let index = written.find("..").map_or_else(
        || {
            if written.starts_with('.') {
                0
            } else {
                written.len() - 1
            }
        },
        |index| index + 1,
    );
    Some(
        Finding::new(
            codes::EMPTY_VERSION_PART,
            char_span(text, span.start + index),
            format!("the version `{written}` has an empty part"),
        )
        .repair(replaced(text, span, &repair)),
    )
}

/// The words that are versions, not build strings.
fn words<'text>(text: &'text str, tokens: &[Token]) -> impl Iterator<Item = (Span, &'text str)> {
    (0..tokens.len())
        .filter(|&index| tokens[index].kind == Kind::Word && !is_build(text, tokens, index))
        .map(|index| (tokens[index].span, &text[tokens[index].span.range()]))
}

pub(super) fn inner_glob(text: &str, tokens: &[Token]) -> Option<Finding> {
    let (span, written, index) = words(text, tokens).find_map(|(span, word)| {
        let index = word.find('*')?;
        let has_more = word[index..].contains(|char| !matches!(char, '*' | '.'));
        has_more.then_some((span, word, index))
    })?;
    // All that begin so are more than was asked for, and the least that all tools can be asked for.
    let beginning = written[..index].trim_end_matches('.');
    let before = text[..span.start].trim_end();
    let is_bound = before.ends_with(['<', '>'])
        || [">=", "<=", "~="].iter().any(|sign| before.ends_with(sign));
    let wider = match is_bound {
        true => beginning.to_owned(),
        false => format!("{beginning}.*"),
    };
    Some(
        Finding::new(
            codes::INNER_GLOB,
            char_span(text, span.start + index),
            format!("the `*` in `{written}` is not at the end"),
        )
        .hint("Write a range such as `>=1.2,<1.3`, or end the version with `.*`")
        .repair(replaced(text, span, &wider)),
    )
}

pub(super) fn malformed_version(text: &str, tokens: &[Token]) -> Option<Finding> {
    words(text, tokens).find_map(|(span, word)| {
        let verdicts = Verdicts::of(&format!("name=={word}"));
        let reason = verdicts
            .conda
            .err()
            .or(verdicts.micromamba.err())
            .or(verdicts.rattler.err())?;
        Some(Finding::new(
            codes::MALFORMED_VERSION,
            span,
            format!("`{word}` is no version: {reason}"),
        ))
    })
}

pub(super) fn malformed_build(text: &str, tokens: &[Token]) -> Option<Finding> {
    let index = (0..tokens.len()).find(|&index| is_build(text, tokens, index))?;
    let span = Span::new(tokens[index].span.start, tokens[tokens.len() - 1].span.end);
    let without = &text[..tokens[index - 1].span.end];
    let without = without.strip_suffix('=').unwrap_or(without);
    Verdicts::of(without).are_all_taken().then(|| {
        Finding::new(
            codes::MALFORMED_BUILD,
            span,
            format!("`{}` is no build string", &text[span.range()]),
        )
        .hint("A build string has letters, digits, `_`, `.`, `+`, and `*` for anything")
    })
}
