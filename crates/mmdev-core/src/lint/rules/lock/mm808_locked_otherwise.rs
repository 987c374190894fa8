//! MM808: an entry does not take what is locked.

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::lint::context::Context;
use crate::lint::{Check, Rule};
use crate::lock::{self, Entry, State, Unsatisfied};

pub(super) static RULE: Rule = Rule {
    code: Code("MM808"),
    name: "locked-otherwise",
    severity: Severity::Warning,
    summary: "An entry does not take what is locked.",
    is_default: true,
    fix: None,
    check: Check::Spec(check),
    documentation: "\
## What it finds
A dependency or an entry of the pip section whose package the lock does not have, or has in a version or build that the \
entry does not take.

## Why
The image is installed from the lock, so that the container has the locked version, or nothing, in place of what the \
spec asks for.

## Example
```yaml
channels:
  - conda-forge
dependencies:
  - numpy>=2  # conda-lock.yml has numpy 1.26.4
```

## How to mend it
Run `mmdev lock`: it changes what it must, and keeps the rest.
",
};

fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let Some(locked) = context.around.lock.there() else {
        return Vec::new();
    };
    let spec = context.spec();
    let all = &locked.lock.metadata.platforms;
    // What is satisfied depends on the entries alone.
    let State::Changed(changes) = lock::state(&locked.lock, spec, "", all) else {
        return Vec::new();
    };
    let unsatisfied = changes.unsatisfied.into_iter();
    unsatisfied
        .map(|found| {
            let Unsatisfied {
                entry,
                platforms,
                locked: version,
            } = found;
            let text = match entry {
                Entry::Dependency(index) => &spec.dependencies[index].text,
                Entry::Pip(index) => &spec.pip[index].text,
            };
            let place = match platforms.len() == all.len() {
                true => String::new(),
                false => format!(" for {}", platforms.join(" and ")),
            };
            let (asked, path) = (text.value.trim(), &locked.path);
            let message = match version {
                Some(version) => {
                    format!("`{asked}` does not take the {version} that `{path}` has{place}")
                }
                None => format!("`{path}` has nothing for `{asked}`{place}"),
            };
            Diagnostic::warning(RULE.code, text.span, message).with_hint("Run `mmdev lock`")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::testing::{check_in, locked};
    use expect_test::expect;

    #[test]
    fn entries_are_held_against_the_lock() {
        let around = locked(
            "",
            &[
                "numpy 1.26.4 py_0",
                "osx-64:numpy 1.26.4 py_0",
                "scipy 1.11 py_0",
                "pip 24.0 py_0",
                "osx-64:pip 24.0 py_0",
                "pip:Flask 3.0.2",
                "osx-64:pip:flask 3.0.2",
            ],
        );
        check_in(
            &RULE,
            "channels: [conda-forge]
dependencies:
  - numpy>=2
  - numpy<2
  - scipy
  - pandas >=2
  - sel(win): pywin32
  - 'a>'
  - __glibc>=2.17
  - pip
  - pip:
    - flask==3
    - FLASK
    - rich
",
            &around,
            expect![[r#"
                3:5 `numpy>=2` Warning: `numpy>=2` does not take the 1.26.4 that `conda-lock.yml` has
                  hint: Run `mmdev lock`
                5:5 `scipy` Warning: `conda-lock.yml` has nothing for `scipy` for osx-64
                  hint: Run `mmdev lock`
                6:5 `pandas >=2` Warning: `conda-lock.yml` has nothing for `pandas >=2`
                  hint: Run `mmdev lock`
                12:7 `flask==3` Warning: `flask==3` does not take the 3.0.2 that `conda-lock.yml` has
                  hint: Run `mmdev lock`
                14:7 `rich` Warning: `conda-lock.yml` has nothing for `rich`
                  hint: Run `mmdev lock`
            "#]],
        );
    }
}
