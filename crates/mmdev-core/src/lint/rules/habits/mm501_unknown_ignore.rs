//! MM501: a comment for mmdev ignores no rule.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule, suppress};

pub(super) static RULE: Rule = Rule {
    code: suppress::UNKNOWN,
    name: "unknown-ignore",
    severity: Severity::Warning,
    summary: "A comment for mmdev ignores no rule.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Suppression,
    documentation: "\
## What it finds
A comment with `mmdev:` that names a rule that does not exist or cannot be ignored, that is written otherwise than \
`# mmdev: ignore[CODE]`, or that stands in the midst of other words.

## Why
A comment that is not understood silences nothing, and looks as if it did. A few findings cannot be ignored, because \
what they are about was not read or is left out of the container.

## Example
```yaml
dependencies:
  - numpy 1.26  # mmdev: ignore[MM2221]
```

## How to mend it
Write the code of the rule, as it stands in the message that you want to be rid of. Behind an entry the comment is \
about that line; on a line of its own about the next one, or, above the first key, about the whole file. Several codes \
are separated by commas. A reason may stand behind it, or before it with `;` between: `# why; mmdev: ignore[MM219]`.
",
};

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::testing::check;
    use expect_test::expect;

    #[test]
    fn codes_are_judged_one_by_one() {
        check(
            &RULE,
            "dependencies:\n  - python  # see #4, mmdev: x\n  - a  # why # mmdev: ignore[ MM299 ,unknow-key, MM001]\n  - b # mmdev: ignore\n",
            expect![[r#"
                3:31 `MM299` Warning: there is no rule `MM299`
                  hint: `mmdev rules` lists all rules
                3:38 `unknow-key` Warning: there is no rule `unknow-key`
                  hint: Did you mean MM101?
                  Unsafe fix: Write `MM101`
                  -   - a  # why # mmdev: ignore[ MM299 ,unknow-key, MM001]
                  +   - a  # why # mmdev: ignore[ MM299 ,MM101, MM001]
                3:50 `MM001` Warning: MM001 cannot be ignored
                  hint: What it finds was not read, or is left out of the container: mend that
                4:9 `mmdev: ignore` Warning: this comment for mmdev silences nothing
                  hint: Write `# mmdev: ignore[CODE]`, with the codes of rules between the brackets
            "#]],
        );
    }
}
