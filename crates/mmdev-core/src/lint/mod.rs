//! The rules: one code, one documentation, one place. `mmdev explain` and docs/rules come out of it.

pub mod channels;
mod rules;

use crate::diagnostic::{Code, Severity};

/// What one code stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The code, which never changes its meaning.
    pub code: Code,
    /// The name in kebab-case (`unknown-key`).
    pub name: &'static str,
    /// The worst that it reports. One finding may be milder where less depends on it.
    pub severity: Severity,
    /// What it finds, in one sentence.
    pub summary: &'static str,
    /// Markdown below a title: what it finds, why (which tool does what), an example, how to mend it.
    pub documentation: &'static str,
}

impl Rule {
    /// Where its documentation stands for people.
    pub fn url(&self) -> String {
        url(self.code)
    }
}

/// Where the documentation of a code stands for people.
pub fn url(code: Code) -> String {
    format!(
        concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/rules/{}.md"),
        code
    )
}

/// Every rule, by code.
pub fn rules() -> &'static [&'static Rule] {
    rules::ALL
}

/// The rule of a code such as `MM101`, in any case of letters.
pub fn rule(code: &str) -> Option<&'static Rule> {
    rules()
        .iter()
        .copied()
        .find(|rule| rule.code.0.eq_ignore_ascii_case(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_sorted_and_documented_alike() {
        assert!(
            rules().windows(2).all(|pair| pair[0].code < pair[1].code),
            "rules stand in the order of their codes, each once"
        );
        for rule in rules() {
            let Rule { code, name, .. } = rule;
            assert!(
                code.0.len() == 5 && code.0.starts_with("MM"),
                "{code} is MM and three digits"
            );
            assert!(
                !name.is_empty()
                    && name
                        .bytes()
                        .all(|byte| byte.is_ascii_lowercase() || byte == b'-'),
                "{code}'s name {name} is in kebab-case"
            );
            assert!(
                !rule.summary.contains('\n') && rule.summary.ends_with('.'),
                "{code}'s summary is one sentence"
            );
            for section in [
                "## What it finds",
                "## Why",
                "## Example",
                "## How to mend it",
            ] {
                assert!(
                    rule.documentation.contains(section),
                    "{code}'s documentation lacks {section}"
                );
            }
        }
    }

    #[test]
    fn a_rule_is_found_in_any_case() {
        assert_eq!(rule("mm001").map(|rule| rule.name), Some("yaml-syntax"));
        assert_eq!(rule("MM999"), None);
    }
}
