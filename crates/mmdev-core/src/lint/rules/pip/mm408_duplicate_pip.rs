//! MM408: pip is asked for a package twice.

use std::collections::HashMap;

use super::requirement;
use crate::diagnostic::{Applicability, Code, Diagnostic, Severity};
use crate::lint::context::Context;
use crate::lint::{Check, Rule, entries};
use crate::spec::PipEntry;

pub(super) static RULE: Rule = Rule {
    code: Code("MM408"),
    name: "duplicate-pip",
    severity: Severity::Error,
    summary: "pip is asked for a package twice.",
    is_default: true,
    fix: Some(Applicability::Safe),
    check: Check::Spec(check),
    documentation: "\
## What it finds
Two entries of the pip section for one package, by the name that PyPI compares, on the same platform. It is an error \
where both want a version with `==`, and not the same.

## Why
pip takes both lines as one wish: what each of them says must hold, and with two versions it stops after the conda \
packages were installed. Otherwise somebody will change one of the lines and wonder about the other.

## Example
```yaml
dependencies:
  - pip:
    - requests==2.31.0
    - rich
    - requests==2.31.0
```

## How to mend it
Remove one of them. The fix removes the second of two that say the same.
",
};

fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut earlier: HashMap<&str, Vec<&PipEntry>> = HashMap::new();
    for second in &context.spec().pip {
        let Some(name) = requirement::name(second) else {
            continue;
        };
        let others = earlier.entry(name).or_default();
        let first = others.iter().find(|first| {
            let is_same = first.text.value == second.text.value;
            let is_everywhere = !requirement::has_marker(first) && !requirement::has_marker(second);
            // An entry that an alias repeats stands there once.
            first.text.span != second.text.span
                && (is_same || is_everywhere)
                && context.meet(first.selector.as_ref(), second.selector.as_ref())
        });
        found.extend(first.map(|first| diagnostic(context, first, second)));
        others.push(second);
    }
    found
}

fn diagnostic(context: &Context<'_>, first: &PipEntry, second: &PipEntry) -> Diagnostic {
    let (earlier, later) = (&first.text.value, &second.text.value);
    let span = second.text.span;
    let versions = (
        requirement::exact_version(first),
        requirement::exact_version(second),
    );
    if let (Some(one), Some(other)) = versions
        && one != other
    {
        let message = format!("`{later}` and `{earlier}` cannot both hold; pip refuses them");
        return Diagnostic::error(RULE.code, span, message).with_hint("Remove one of them");
    }
    if earlier != later {
        let message = format!("pip is asked for `{later}` here and for `{earlier}` above");
        return Diagnostic::warning(RULE.code, span, message)
            .with_hint("Write in one entry what must hold");
    }
    let message = format!("pip is asked for `{later}` a second time");
    let found = Diagnostic::warning(RULE.code, span, message).with_hint("Remove one of them");
    let is_for_all = second.selector == first.selector;
    match entries::removal(context.file.text, span).filter(|_| is_for_all) {
        Some(edit) => found.with_fix("Remove it", vec![edit], Applicability::Safe),
        None => found,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::testing::check;
    use expect_test::expect;

    #[test]
    fn two_entries_for_one_package() {
        check(
            &RULE,
            "dependencies:\n  - pip:\n    - Foo_bar==1.0\n    - foo-bar==1\n    - foo.bar == 2\n    - x>=1\n    - x[y]\n    - z\n    - z\n",
            expect![[r#"
                4:7 `foo-bar==1` Warning: pip is asked for `foo-bar==1` here and for `Foo_bar==1.0` above
                  hint: Write in one entry what must hold
                5:7 `foo.bar == 2` Error: `foo.bar == 2` and `Foo_bar==1.0` cannot both hold; pip refuses them
                  hint: Remove one of them
                7:7 `x[y]` Warning: pip is asked for `x[y]` here and for `x>=1` above
                  hint: Write in one entry what must hold
                9:7 `z` Warning: pip is asked for `z` a second time
                  hint: Remove one of them
                  Safe fix: Remove it
                  -     - z
                  -     - z
            "#]],
        );
        check(
            &RULE,
            "dependencies:\n  - pip:\n    - a==1; sys_platform == 'linux'\n    - a==2; sys_platform == 'darwin'\n    - b # [linux]\n    - b # [win]\n    - -r b\n    - ./b\n    - -e ./b\n",
            expect![[""]],
        );
        check(
            &RULE,
            "dependencies:\n  - pip: [&one a, *one]\n",
            expect![[""]],
        );
    }
}
