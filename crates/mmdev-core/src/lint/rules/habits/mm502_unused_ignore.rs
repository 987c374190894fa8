//! MM502: an ignored rule would find nothing.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule, suppress};

pub(super) static RULE: Rule = Rule {
    code: suppress::UNUSED,
    name: "unused-ignore",
    severity: Severity::Information,
    summary: "An ignored rule would find nothing.",
    is_default: true,
    fix: None,
    check: Check::Suppression,
    documentation: "\
## What it finds
A `# mmdev: ignore[CODE]` where the rule of that code finds nothing. Rules that ask the channels (MM7) are left alone \
where no channel was asked.

## Why
A comment that outlived its reason hides the next mistake on that line, and readers look for the reason in vain.

## Example
```yaml
dependencies:
  - python=3.12  # mmdev: ignore[MM210]
```

## How to mend it
Remove the code, or the comment.
",
};

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::testing::check;
    use expect_test::expect;

    #[test]
    fn only_what_could_speak_is_unused() {
        check(
            &RULE,
            "# mmdev: ignore[MM101]\nname: x\ndependencies:\n  - python  # mmdev: ignore[MM210, MM701]\nextra: 1\n",
            expect![[r#"
                4:29 `MM210` Information: MM210 finds nothing here that could be ignored
                  hint: Remove it: it would hide the next one
            "#]],
        );
    }
}
