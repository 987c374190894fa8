//! `variables:`: names that a shell can set, and values as they were written.

use super::lower::{Lowering, describe, quote};
use super::{Variable, codes};
use crate::diagnostic::{Diagnostic, Severity};
use crate::syntax::yaml::{Entry, Kind, Loaded, Node, Scalar};
use crate::text::Spanned;

impl Lowering<'_> {
    pub(super) fn variables(&mut self, entry: &Entry) {
        let entries = match &entry.value.kind {
            Kind::Mapping(entries) => entries,
            Kind::Null => {
                self.report(
                    Diagnostic::error(
                        codes::WRONG_TYPE,
                        entry.key.span,
                        "`variables:` has no entries, which conda and micromamba refuse",
                    )
                    .with_hint("Write one `NAME: value` a line below it, or remove the key"),
                );
                return;
            }
            kind => {
                let message = format!("`variables:` takes a mapping, this is {}", kind.describe());
                self.report(
                    Diagnostic::error(codes::WRONG_TYPE, entry.value.span, message)
                        .with_hint("Write one `NAME: value` a line, without `-`"),
                );
                return;
            }
        };
        for variable in entries {
            self.variable(variable);
        }
    }

    fn variable(&mut self, entry: &Entry) {
        let Some(name) = entry.name() else { return };
        let name = Spanned::new(name.to_owned(), entry.key.span);
        let is_possible = !name.value.is_empty()
            && !name
                .value
                .chars()
                .any(|char| char == '=' || char.is_control());
        let is_portable = name.value.bytes().enumerate().all(|(index, byte)| {
            byte == b'_' || byte.is_ascii_alphabetic() || (index > 0 && byte.is_ascii_digit())
        });
        if !is_possible || !is_portable {
            let severity = if is_possible {
                Severity::Warning
            } else {
                Severity::Error
            };
            let message = format!(
                "`{}` is no name that every shell takes for a variable",
                name.value.escape_debug()
            );
            let mut diagnostic = Diagnostic::error(codes::VARIABLE_NAME, name.span, message)
                .with_hint("Use letters, digits and `_`, not beginning with a digit: a container is made without it");
            diagnostic.severity = severity;
            self.report(diagnostic);
        }
        let value = match &entry.value.kind {
            Kind::Scalar(scalar) => {
                self.variable_value(&name.value, &entry.value, scalar);
                scalar.value.clone()
            }
            Kind::Null => {
                let message = format!("the variable `{}` has no value", name.value);
                self.report(
                    Diagnostic::warning(codes::VARIABLE_VALUE, entry.key.span, message)
                        .with_hint("Write `\"\"` for an empty value"),
                );
                String::new()
            }
            kind => {
                let message = format!(
                    "the variable `{}` takes a text, this is {}",
                    name.value,
                    kind.describe()
                );
                self.report(
                    Diagnostic::error(codes::WRONG_TYPE, entry.value.span, message)
                        .with_hint("Quote the text"),
                );
                return;
            }
        };
        if is_possible {
            let value = Spanned::new(value, entry.value.span);
            self.spec.variables.push(Variable { name, value });
        }
    }

    /// conda loads an unquoted value before it makes text of it again; micromamba and mmdev take it as written.
    fn variable_value(&mut self, name: &str, node: &Node, scalar: &Scalar) {
        let raw = scalar.value.as_str();
        let unsigned = raw.strip_prefix('-').unwrap_or(raw);
        let is_kept = match scalar.loaded() {
            Loaded::String | Loaded::Timestamp => true,
            Loaded::Boolean => matches!(raw, "True" | "False"),
            Loaded::Integer => {
                unsigned == "0"
                    || (!unsigned.starts_with('0')
                        && unsigned.bytes().all(|byte| byte.is_ascii_digit()))
            }
            Loaded::Float => raw
                .parse::<f64>()
                .is_ok_and(|value| format!("{value:?}") == raw),
        };
        if is_kept {
            return;
        }
        let message = format!(
            "without quotes, conda reads the value of `{name}` as {}",
            describe(scalar)
        );
        let mut diagnostic = Diagnostic::information(codes::VARIABLE_VALUE, node.span, message)
            .with_hint("Quote it, so that every tool sets the same text");
        diagnostic.fix = quote(node, raw);
        self.report(diagnostic);
    }
}
