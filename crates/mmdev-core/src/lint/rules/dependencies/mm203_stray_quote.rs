//! MM203: a quote stands inside a dependency.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::match_spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::STRAY_QUOTE,
    name: "stray-quote",
    severity: Severity::Error,
    summary: "A quote stands inside a dependency.",
    is_default: true,
    fix: Some(Applicability::Safe),
    check: Check::Reading,
    documentation: "\
## What it finds
A `\"` or `'` that is part of the dependency's text: one that YAML did not take away because it is not the \
first character, or because its partner is missing. Before `::`, where every tool takes it as part of the \
channel's name, it is a warning.

## Why
conda and rattler refuse quotes in names. micromamba refuses one that is not closed, and takes a pair as \
part of the name.

## Example
```yaml
dependencies:
  - '\"numpy>=1.26'
  - \"'numpy'>=1.26\"
```

## How to mend it
Quote the whole entry or nothing. Inside the text, only values in brackets have quotes: \
`numpy[version=\">=1.26\"]`.
",
};

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::testing::check;
    use expect_test::expect;

    #[test]
    fn a_template_is_to_be_rendered_first() {
        check(
            &RULE,
            "dependencies:\n  - \"{{ a if a else 'b' }}\"\n",
            expect![[r#"
                2:21 `'` Error: the quote `'` does not belong here; conda, micromamba and rattler refuse it
                  hint: Render the template first, and name the file that comes out of it
            "#]],
        );
    }
}
