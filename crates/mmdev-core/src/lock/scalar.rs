//! Text as a YAML scalar, written as conda-lock's PyYAML writes it: the same lock has the same bytes, whoever wrote
//! it last.

use crate::syntax::yaml::{Loaded, Scalar, Style};

/// The column behind which PyYAML breaks a line at the next space.
const WIDTH: usize = 80;

/// `text` as a value that stands at `column`, and goes on in lines that begin at `indent`.
pub(super) fn value(text: &str, column: usize, indent: usize) -> String {
    match style(text) {
        Style::Plain => folded(text, column, indent, false),
        Style::SingleQuoted => {
            let quoted = folded(&text.replace('\'', "''"), column + 1, indent, true);
            format!("'{quoted}'")
        }
        _ => double_quoted(text),
    }
}

/// `text` as a key, which is never broken.
pub(super) fn key(text: &str) -> String {
    value(text, 0, 0).replace("\n", " ")
}

/// The first of the styles that keeps `text`.
fn style(text: &str) -> Style {
    let is_printable = |char: char| matches!(char, ' '..='~');
    if !text.chars().all(is_printable) {
        Style::DoubleQuoted
    } else if text.is_empty() || text.trim() != text || is_indicated(text) || !stays_text(text) {
        Style::SingleQuoted
    } else {
        Style::Plain
    }
}

/// Whether a sign in `text` means something to YAML there.
fn is_indicated(text: &str) -> bool {
    let first = text.chars().next().unwrap_or_default();
    let is_alone = |rest: &str| rest.is_empty() || rest.starts_with(' ');
    text.starts_with("---")
        || text.starts_with("...")
        || ",[]{}#&*!|>'\"%@`".contains(first)
        || ("?:-".contains(first) && is_alone(&text[1..]))
        || text.contains(" #")
        || text.contains(": ")
        || text.ends_with(':')
}

/// Whether loaders of YAML 1.1 (PyYAML) and 1.2 (ruamel, rattler) take `text` for text when it has no quotes.
fn stays_text(text: &str) -> bool {
    let scalar = Scalar {
        value: text.to_owned(),
        style: Style::Plain,
        in_flow: false,
        tagged_string: false,
    };
    let is_null = matches!(text, "" | "~" | "null" | "Null" | "NULL");
    scalar.loaded() == Loaded::String && !is_null && !is_yaml_1_1(text)
}

/// Whether PyYAML's resolver takes a plain `text` for something else than text.
fn is_yaml_1_1(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let has_one_case = text == lower
        || text == text.to_ascii_uppercase()
        || text[1..] == lower[1..] && text.starts_with(|first: char| first.is_ascii_uppercase());
    let is_word = matches!(
        lower.as_str(),
        "yes" | "no" | "on" | "off" | "true" | "false"
    );
    (is_word && has_one_case)
        || matches!(text, "<<" | "=")
        || is_number(text.strip_prefix(['-', '+']).unwrap_or(text))
        || is_timestamp(text)
}

/// Whether an unsigned `text` is one of PyYAML's integers or floats.
fn is_number(text: &str) -> bool {
    let all = |text: &str, allowed: fn(u8) -> bool| {
        !text.is_empty() && text.bytes().all(|byte| byte == b'_' || allowed(byte))
    };
    let digits = |text: &str| all(text, |byte| byte.is_ascii_digit());
    if let Some(binary) = text.strip_prefix("0b") {
        return all(binary, |byte| matches!(byte, b'0' | b'1'));
    }
    if let Some(hexadecimal) = text.strip_prefix("0x") {
        return all(hexadecimal, |byte| byte.is_ascii_hexdigit());
    }
    if matches!(text, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let starts_with_digit = text.starts_with(|first: char| first.is_ascii_digit());
    // `190:20:30.15` counts in sixties.
    let mut sixties = text.split(':');
    let first = sixties.next().unwrap_or_default();
    if starts_with_digit && digits(first) && text.contains(':') {
        let parts: Vec<&str> = sixties.collect();
        return parts.iter().enumerate().all(|(index, part)| {
            let whole = match part.split_once('.') {
                Some((whole, fraction)) if index + 1 == parts.len() => {
                    if !fraction.is_empty() && !digits(fraction) {
                        return false;
                    }
                    whole
                }
                _ => part,
            };
            matches!(whole.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9'])
        });
    }
    let Some((whole, fraction)) = text.split_once('.') else {
        // An octal number holds no 8; a decimal one does not begin with 0.
        let is_octal = || text.bytes().all(|byte| matches!(byte, b'0'..=b'7' | b'_'));
        return starts_with_digit && digits(text) && (!text.starts_with('0') || is_octal());
    };
    let (fraction, exponent) = match fraction.find(['e', 'E']) {
        Some(at) => (&fraction[..at], Some(&fraction[at + 1..])),
        None => (fraction, None),
    };
    let is_exponent = exponent.is_none_or(|exponent| {
        exponent.strip_prefix(['-', '+']).is_some_and(|digits| {
            !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
        })
    });
    let is_whole = whole.is_empty() || (starts_with_digit && digits(whole));
    let is_fraction = match fraction.bytes().next() {
        None => !whole.is_empty(),
        Some(first) => digits(fraction) && (!whole.is_empty() || first.is_ascii_digit()),
    };
    is_whole && is_fraction && is_exponent
}

/// Whether `text` begins like a date: `2024-01-31`. A day that is none keeps its quotes too.
fn is_timestamp(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let is = |part: Option<&str>, least: usize, most: usize| {
        part.is_some_and(|part| {
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            (least..=most).contains(&digits)
        })
    };
    is(parts.next(), 4, 4) && is(parts.next(), 1, 2) && is(parts.next(), 1, 2)
}

/// `text` with its lines broken as PyYAML breaks them: at a single space, behind the 80th column.
fn folded(text: &str, mut column: usize, indent: usize, is_quoted: bool) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(space) = rest.find(' ') {
        let word = &rest[..space];
        result.push_str(word);
        column += word.len();
        let after = rest[space..].trim_start_matches(' ');
        let spaces = rest.len() - space - after.len();
        let is_inner = !is_quoted || (!result.is_empty() && !after.is_empty());
        if spaces == 1 && column > WIDTH && is_inner {
            result.push('\n');
            result.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        } else {
            result.extend(std::iter::repeat_n(' ', spaces));
            column += spaces;
        }
        rest = after;
    }
    result.push_str(rest);
    result
}

fn double_quoted(text: &str) -> String {
    let mut result = String::from("\"");
    for char in text.chars() {
        match char {
            '"' => result.push_str("\\\""),
            '\\' => result.push_str("\\\\"),
            '\n' => result.push_str("\\n"),
            '\r' => result.push_str("\\r"),
            '\t' => result.push_str("\\t"),
            ' '..='~' => result.push(char),
            _ => result.push_str(&match u32::from(char) {
                code @ ..=0xff => format!("\\x{code:02X}"),
                code @ ..=0xffff => format!("\\u{code:04X}"),
                code => format!("\\U{code:08X}"),
            }),
        }
    }
    result.push('"');
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What PyYAML's `dump` made of each.
    #[test]
    fn a_text_is_written_as_pyyaml_writes_it() {
        let cases = [
            ("1.3.1", "1.3.1"),
            ("1.10", "'1.10'"),
            ("'", "''''"),
            ("1_000", "'1_000'"),
            ("1e5x", "1e5x"),
            ("12:30:45", "'12:30:45'"),
            ("2024.01.31", "2024.01.31"),
            ("20240131", "'20240131'"),
            ("2024-01-31", "'2024-01-31'"),
            ("017", "'017'"),
            ("0.7.5.0", "0.7.5.0"),
            ("0x1f", "'0x1f'"),
            ("0b01", "'0b01'"),
            ("yes", "'yes'"),
            ("No", "'No'"),
            ("oN", "oN"),
            ("y", "y"),
            ("NULL", "'NULL'"),
            ("~", "'~'"),
            ("=", "'='"),
            ("=1.2", "=1.2"),
            ("==1.2", "==1.2"),
            (">=2.17,<3.0.a0", "'>=2.17,<3.0.a0'"),
            ("!=1.2", "'!=1.2'"),
            ("*", "'*'"),
            ("* mpi_*", "'* mpi_*'"),
            ("~=1.2", "~=1.2"),
            ("^1.2", "^1.2"),
            ("|a", "'|a'"),
            ("<3", "<3"),
            ("", "''"),
            ("a: b", "'a: b'"),
            ("a:b", "a:b"),
            ("a:", "'a:'"),
            ("- a", "'- a'"),
            ("-a", "-a"),
            ("--- a", "'--- a'"),
            ("? a", "'? a'"),
            ("?a", "?a"),
            ("a #b", "'a #b'"),
            ("a#b", "a#b"),
            ("@x", "'@x'"),
            ("a'b", "a'b"),
            ("it's: a", "'it''s: a'"),
            ("a,b", "a,b"),
            ("a[b]", "a[b]"),
            ("[a]", "'[a]'"),
            (".5", "'.5'"),
            (".inf", "'.inf'"),
            ("+1", "'+1'"),
            (" a", "' a'"),
            (
                "https://x/t/${TOKEN}/a-1.0-h_0.conda",
                "https://x/t/${TOKEN}/a-1.0-h_0.conda",
            ),
            ("3f1e2b.", "3f1e2b."),
            ("12345e67x", "12345e67x"),
        ];
        for (text, expected) in cases {
            assert_eq!(value(text, 3, 2), expected, "{text:?}");
        }
    }

    #[test]
    fn a_long_text_is_broken_as_pyyaml_breaks_it() {
        let cases = [
            (
                "some words that are long enough",
                "m:\n  key: some words that are long enough some words that are long enough some words\n    that are long enough some words that are long enough\n",
            ),
            (
                "it's: words that are long",
                "m:\n  key: 'it''s: words that are long it''s: words that are long it''s: words that are\n    long it''s: words that are long'\n",
            ),
        ];
        for (words, expected) in cases {
            let text = [words; 4].join(" ");
            let found = format!("m:\n  key: {}\n", value(&text, 7, 4));
            assert_eq!(found, expected);
        }
    }

    /// PyYAML writes these without quotes, and they are numbers to YAML 1.2: a hash may look like it.
    #[test]
    fn a_number_of_yaml_1_2_is_quoted_too() {
        for text in ["1e5", "0123", "12345e67", "0o17"] {
            assert_eq!(value(text, 3, 2), format!("'{text}'"));
        }
    }

    #[test]
    fn what_is_no_plain_text_is_escaped() {
        let cases = [
            ("a\nb", r#""a\nb""#),
            ("é\"\\", r#""\xE9\"\\""#),
            ("\u{1f600}", r#""\U0001F600""#),
        ];
        for (text, expected) in cases {
            assert_eq!(value(text, 3, 2), expected);
        }
    }
}
