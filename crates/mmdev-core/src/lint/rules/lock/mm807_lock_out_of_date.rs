//! MM807: a lock is not its spec's any more.

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::lint::context::Context;
use crate::lint::{Check, Rule};
use crate::lock::{Changes, State};
use crate::text::Span;

pub(super) static RULE: Rule = Rule {
    code: Code("MM807"),
    name: "lock-out-of-date",
    severity: Severity::Warning,
    summary: "A lock is not its spec's any more.",
    is_default: true,
    fix: None,
    check: Check::Spec(check),
    documentation: "\
## What it finds
A spec that asks for something else than the lock was made from: a platform that the lock does not have, a package that \
nothing asks for any more, other channels, other options of the pip section, another base image. Entries that the lock \
does not satisfy are MM808's. Comments and the order of entries do not count.

## Why
The image is installed from the lock: what was changed in the spec alone is not in it. `mmdev lock --check` fails in CI \
for the same reason.

## Example
```yaml
channels:
  - conda-forge
platforms:
  - linux-64
  - linux-aarch64  # conda-lock.yml has linux-64 alone
dependencies:
  - python=3.12
```

## How to mend it
Run `mmdev lock`: what the spec still takes stays as it is.
",
};

/// Packages that are named; of more the number is.
const MOST_NAMED: usize = 3;

fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let Some(lock) = context.around.lock.there() else {
        return Vec::new();
    };
    let read = &context.file.read.diagnostics;
    let is_broken = read.iter().any(|found| found.severity == Severity::Error);
    // Of several specs the first one says it, and of a spec with errors it is not known what it asks for.
    if !lock.is_whole || lock.before > 0 || is_broken {
        return Vec::new();
    }
    let State::Changed(changes) = lock.state(context) else {
        return Vec::new();
    };
    let Some(why) = reason(&changes) else {
        return Vec::new();
    };
    let span = context.top_level("dependencies");
    let span = span.map_or(Span::empty(0), |entry| entry.key.span);
    let message = format!(
        "`{}` is not the lock of this spec any more: {why}",
        lock.path
    );
    vec![Diagnostic::warning(RULE.code, span, message).with_hint("Run `mmdev lock`")]
}

/// What changed besides entries that are not satisfied; `None` where that is all.
fn reason(changes: &Changes) -> Option<String> {
    let mut reasons = Vec::new();
    if !changes.missing_platforms.is_empty() {
        reasons.push(format!(
            "it has nothing for {}",
            changes.missing_platforms.join(" and ")
        ));
    }
    match changes.unneeded.as_slice() {
        [] => {}
        names if names.len() <= MOST_NAMED => {
            reasons.push(format!("nothing asks for `{}` now", names.join("`, `")));
        }
        names => reasons.push(format!(
            "nothing asks for {} of its packages now",
            names.len()
        )),
    }
    if reasons.is_empty() && changes.unsatisfied.is_empty() {
        reasons.push("it was made for other channels, entries, or another base image".to_owned());
    }
    (!reasons.is_empty()).then(|| reasons.join(", and "))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::testing::{check_in, locked};
    use expect_test::{Expect, expect};

    const SPEC: &str = "channels: [conda-forge]\ndependencies: [numpy >=1.26]\n";

    /// What is said of `spec` beside the lock of [`SPEC`].
    #[track_caller]
    fn check(spec: &str, expected: Expect) {
        let around = locked(SPEC, &["numpy 1.26.4 py_0 > libblas", "libblas 3.9.0 h_0"]);
        check_in(&RULE, spec, &around, expected);
    }

    #[test]
    fn what_means_the_same_is_the_same() {
        check(SPEC, expect![""]);
        check(
            "dependencies:\n  - 'numpy>=1.26' # why\nchannels: [conda-forge]\n",
            expect![""],
        );
    }

    #[test]
    fn what_changed_is_said() {
        check(
            &SPEC.replace(
                "dependencies",
                "platforms: [linux-64, osx-arm64]\ndependencies",
            ),
            expect![[r#"
                3:1 `dependencies` Warning: `conda-lock.yml` is not the lock of this spec any more: it has nothing for osx-arm64
                  hint: Run `mmdev lock`
            "#]],
        );
        check(
            "channels: [conda-forge]\ndependencies: []\n",
            expect![[r#"
                2:1 `dependencies` Warning: `conda-lock.yml` is not the lock of this spec any more: nothing asks for `numpy` now
                  hint: Run `mmdev lock`
            "#]],
        );
        check(
            "channels: [bioconda, conda-forge]\ndependencies: [numpy >=1.26]\n",
            expect![[r#"
                2:1 `dependencies` Warning: `conda-lock.yml` is not the lock of this spec any more: it was made for other channels, entries, or another base image
                  hint: Run `mmdev lock`
            "#]],
        );
        // MM808 says it.
        check(&SPEC.replace("1.26", "2"), expect![""]);
        check(&SPEC.replace("1.26", ""), expect![""]);
    }
}
