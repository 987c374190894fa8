//! What a YAML loader makes of a plain scalar, and how to write a text so that it stays that text.

use super::{Scalar, Style};

/// The type that conda's loader (ruamel.yaml, YAML 1.2) gives a scalar that is not null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loaded {
    /// Text.
    String,
    /// `true`, `false`.
    Boolean,
    /// `3`, `0x1f`.
    Integer,
    /// `3.10`, which becomes 3.1; `.inf`.
    Float,
    /// `2024-01-31`.
    Timestamp,
}

impl Scalar {
    /// The type that it is loaded as.
    pub fn loaded(&self) -> Loaded {
        if self.style != Style::Plain || self.tagged_string {
            Loaded::String
        } else {
            loaded(&self.value)
        }
    }

    /// `replacement` written as this scalar is written, so that it can stand in its place; `None` for block scalars,
    /// and for what would need more than one line.
    pub fn rewrite(&self, replacement: &str) -> Option<String> {
        if replacement.chars().any(char::is_control) {
            return None;
        }
        match self.style {
            Style::Plain if is_plain(replacement, self.in_flow) => Some(replacement.to_owned()),
            Style::Plain | Style::DoubleQuoted => Some(format!(
                "\"{}\"",
                replacement.replace('\\', "\\\\").replace('"', "\\\"")
            )),
            Style::SingleQuoted => Some(format!("'{}'", replacement.replace('\'', "''"))),
            Style::Literal | Style::Folded => None,
        }
    }
}

/// Whether a loader takes the plain scalar for nothing.
pub(super) fn is_null(plain: &str) -> bool {
    matches!(plain, "" | "~" | "null" | "Null" | "NULL")
}

fn loaded(plain: &str) -> Loaded {
    if matches!(
        plain,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE"
    ) {
        return Loaded::Boolean;
    }
    let unsigned = plain.strip_prefix(['-', '+']).unwrap_or(plain);
    if is_integer(unsigned) {
        Loaded::Integer
    } else if is_float(unsigned) || matches!(plain, ".nan" | ".NaN" | ".NAN") {
        Loaded::Float
    } else if is_date(plain) {
        Loaded::Timestamp
    } else {
        Loaded::String
    }
}

fn is_integer(unsigned: &str) -> bool {
    let of = |digits: &str, is_digit: fn(u8) -> bool| {
        digits.bytes().any(is_digit) && digits.bytes().all(|byte| byte == b'_' || is_digit(byte))
    };
    if let Some(digits) = unsigned.strip_prefix("0x") {
        return of(digits, |byte| byte.is_ascii_hexdigit());
    }
    if let Some(digits) = unsigned.strip_prefix("0o") {
        return of(digits, |byte| matches!(byte, b'0'..=b'7'));
    }
    if let Some(digits) = unsigned.strip_prefix("0b") {
        return of(digits, |byte| matches!(byte, b'0' | b'1'));
    }
    unsigned.starts_with(|char: char| char.is_ascii_digit())
        && of(unsigned, |byte| byte.is_ascii_digit())
}

fn is_float(unsigned: &str) -> bool {
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return true;
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    if let Some(exponent) = exponent {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return false;
        }
    } else if !mantissa.contains('.') {
        return false;
    }
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| {
        part.bytes()
            .all(|byte| byte == b'_' || byte.is_ascii_digit())
    };
    let starts_with_digit = |part: &str| part.starts_with(|char: char| char.is_ascii_digit());
    digits(whole)
        && digits(fraction)
        && (starts_with_digit(whole) || (whole.is_empty() && starts_with_digit(fraction)))
}

fn is_date(plain: &str) -> bool {
    let bytes = plain.as_bytes();
    bytes.len() == 10
        && bytes.iter().enumerate().all(|(index, byte)| match index {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

/// Whether `text`, written without quotes, is read as the same string.
fn is_plain(text: &str, in_flow: bool) -> bool {
    let starts_a_mark = text.starts_with("- ")
        || text.starts_with("? ")
        || matches!(text, "-" | "?")
        || text.starts_with(|char: char| "!&*#|>@`\"'%[]{},:".contains(char));
    let ends_early = text.contains(": ") || text.contains(" #") || text.ends_with(':');
    let ends_in_flow = in_flow && text.contains([',', '[', ']', '{', '}']);
    let is_string = !is_null(text) && loaded(text) == Loaded::String;
    is_string && text.trim() == text && !starts_a_mark && !ends_early && !ends_in_flow
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_load_as_ruamel_loads_them() {
        for (plain, expected) in [
            ("3.10", Loaded::Float),
            ("3", Loaded::Integer),
            ("-1_000", Loaded::Integer),
            ("0x1F", Loaded::Integer),
            ("1e3", Loaded::Float),
            (".5", Loaded::Float),
            (".", Loaded::String),
            ("3.10.1", Loaded::String),
            ("1.2.*", Loaded::String),
            ("_1", Loaded::String),
            ("true", Loaded::Boolean),
            ("yes", Loaded::String),
            ("2024-01-31", Loaded::Timestamp),
            ("é", Loaded::String),
        ] {
            assert_eq!(loaded(plain), expected, "{plain}");
        }
    }

    #[test]
    fn a_replacement_keeps_the_quoting() {
        let rewrite = |style, in_flow, text: &str| {
            Scalar {
                value: String::new(),
                style,
                in_flow,
                tagged_string: false,
            }
            .rewrite(text)
        };
        assert_eq!(rewrite(Style::Plain, false, "a>=1,<2").unwrap(), "a>=1,<2");
        assert_eq!(
            rewrite(Style::Plain, true, "a>=1,<2").unwrap(),
            "\"a>=1,<2\""
        );
        assert_eq!(rewrite(Style::Plain, false, "3.10").unwrap(), "\"3.10\"");
        assert_eq!(rewrite(Style::Plain, false, ">=1").unwrap(), "\">=1\"");
        assert_eq!(
            rewrite(Style::SingleQuoted, false, "it's").unwrap(),
            "'it''s'"
        );
        assert_eq!(
            rewrite(Style::DoubleQuoted, false, "a\"b").unwrap(),
            r#""a\"b""#
        );
        assert_eq!(rewrite(Style::Folded, false, "a"), None);
        assert_eq!(rewrite(Style::Plain, false, "a\nb"), None);
    }
}
