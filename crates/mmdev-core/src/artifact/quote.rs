//! Text of a person as words of a Dockerfile.

/// The value of `ENV NAME=…` in double quotes. BuildKit's word lexer knows three special characters there: the
/// backslash, the quote and the dollar sign. A line break cannot be said; the project refuses it before.
pub(super) fn env_value(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 2);
    quoted.push('"');
    for char in value.chars() {
        if matches!(char, '\\' | '"' | '$') {
            quoted.push('\\');
        }
        quoted.push(char);
    }
    quoted.push('"');
    quoted
}

/// A YAML scalar in double quotes, which conda, micromamba and every other reader take alike.
pub(super) fn yaml_scalar(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_characters_are_escaped() {
        assert_eq!(
            env_value(r#"a $B "c" \d 'e' `f` #g"#),
            r#""a \$B \"c\" \\d 'e' `f` #g""#
        );
        assert_eq!(yaml_scalar(r#"a "b" \c"#), r#""a \"b\" \\c""#);
    }
}
