//! MM806: an environment is not locked.

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::lint::context::Context;
use crate::lint::{Check, Locked, Rule};
use crate::text::Span;

pub(super) static RULE: Rule = Rule {
    code: Code("MM806"),
    name: "lock-missing",
    severity: Severity::Information,
    summary: "An environment is not locked.",
    is_default: false,
    fix: None,
    check: Check::Spec(check),
    documentation: "\
## What it finds
A spec without a `conda-lock.yml` beside it (of a project's second environment: `NAME.conda-lock.yml`). It speaks where \
it is selected: `--select MM806`, or `check.select` in the settings of a project that is to be locked.

## Why
Without a lock the environment is solved when the image is built: a container that is built tomorrow has other packages \
than today's, and nobody sees which.

## Example
```yaml
channels:
  - conda-forge
dependencies:
  - python=3.12
```

## How to mend it
Run `mmdev lock`, and commit what it writes.
",
};

fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let Locked::Missing(path) = &context.around.lock else {
        return Vec::new();
    };
    let span = context.top_level("dependencies");
    let span = span.map_or(Span::empty(0), |entry| entry.key.span);
    let message = format!("the environment is not locked: there is no `{path}`");
    vec![Diagnostic::information(RULE.code, span, message).with_hint("Run `mmdev lock`")]
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::testing::{check_in, everything};
    use crate::lint::{Locked, Surroundings};
    use expect_test::expect;

    #[test]
    fn a_lock_is_missed_where_somebody_looked_for_it() {
        let spec = "channels: [conda-forge]\ndependencies: [python=3.12]\n";
        check_in(&RULE, spec, &everything(), expect![""]);
        let around = Surroundings {
            lock: Locked::Missing("conda-lock.yml".to_owned()),
            ..everything()
        };
        check_in(
            &RULE,
            spec,
            &around,
            expect![[r#"
            2:1 `dependencies` Information: the environment is not locked: there is no `conda-lock.yml`
              hint: Run `mmdev lock`
        "#]],
        );
    }
}
