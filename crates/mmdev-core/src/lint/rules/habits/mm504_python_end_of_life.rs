//! MM504: Python is held at a version that is no longer maintained.

use std::str::FromStr;

use rattler_conda_version::Version;
use rattler_conda_version::version_spec::EqualityOperator;

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::lint::context::Context;
use crate::lint::known::python::{SERIES, Series};
use crate::lint::{Check, Date, Rule};
use crate::match_spec::VersionSpec;

pub(super) static RULE: Rule = Rule {
    code: Code("MM504"),
    name: "python-end-of-life",
    severity: Severity::Information,
    summary: "Python is held at a version that is no longer maintained.",
    is_default: true,
    fix: None,
    check: Check::Spec(check),
    documentation: "\
## What it finds
A dependency `python` whose version allows no series that still gets security fixes on the day of the check.

## Why
The Python Developer's Guide lists the end of each series. conda-forge stops building packages for one soon after, so \
that such an environment stays with old packages for good, and one day misses a fix that it needs. It works as \
before until then: this is information.

## Example
```yaml
dependencies:
  - python=3.7
```

## How to mend it
Move to a series that is maintained, and solve again. Where the old one is the point, say so: \
`# mmdev: ignore[MM504]`.
",
};

fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let Some(today) = context.around.today else {
        return Vec::new();
    };
    let dependencies = context.spec().dependencies.iter();
    dependencies
        .filter_map(|dependency| {
            let spec = dependency.match_spec.as_ref()?;
            let constraint = spec
                .constraint
                .as_ref()
                .filter(|_| spec.name.value == "python")?;
            let series = newest(constraint).filter(|series| series.is_over(today))?;
            let place = spec
                .version
                .as_ref()
                .and_then(|version| dependency.place(version.span));
            let Series { major, minor, .. } = series;
            let message = format!(
                "Python {major}.{minor} has had no security fixes since {}",
                series.end()
            );
            let found =
                Diagnostic::information(RULE.code, place.unwrap_or(dependency.text.span), message);
            Some(match oldest_maintained(today) {
                Some(Series { major, minor, .. }) => found.with_hint(format!(
                    "Python {major}.{minor} and later ones are maintained"
                )),
                None => found,
            })
        })
        .collect()
}

/// The newest series that `constraint` allows; `None` where it allows none of the table.
fn newest(constraint: &VersionSpec) -> Option<&'static Series> {
    let pinned = match constraint {
        VersionSpec::Exact(EqualityOperator::Equals, version) => version.as_major_minor(),
        _ => None,
    };
    SERIES.iter().find(|series| {
        let Series { major, minor, .. } = series;
        if let Some(pinned) = pinned {
            return pinned == (u64::from(*major), u64::from(*minor));
        }
        // A bound lets the first patch release of a series pass, or the last.
        [0, 99].iter().any(|patch| {
            Version::from_str(&format!("{major}.{minor}.{patch}"))
                .is_ok_and(|version| constraint.matches(&version))
        })
    })
}

fn oldest_maintained(today: Date) -> Option<&'static Series> {
    SERIES.iter().rfind(|series| !series.is_over(today))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::testing::{check, check_in, of_examples};
    use expect_test::{Expect, expect};

    fn on_a_day(text: &str, expected: Expect) {
        check_in(&RULE, text, &of_examples(), expected);
    }

    #[test]
    fn the_newest_series_that_is_allowed_counts() {
        on_a_day(
            "dependencies:\n  - python=3.8\n  - python ==3.7.16\n  - python=3.9.7=h12debd9_1\n  - python <3.10\n  - \"python >=3.8.5,<3.9\"\n  - python 2.7.*\n  - python=3.10\n",
            expect![[r#"
                2:11 `=3.8` Information: Python 3.8 has had no security fixes since October 2024
                  hint: Python 3.11 and later ones are maintained
                3:12 `==3.7.16` Information: Python 3.7 has had no security fixes since June 2023
                  hint: Python 3.11 and later ones are maintained
                4:11 `=3.9.7` Information: Python 3.9 has had no security fixes since October 2025
                  hint: Python 3.11 and later ones are maintained
                5:12 `<3.10` Information: Python 3.9 has had no security fixes since October 2025
                  hint: Python 3.11 and later ones are maintained
                6:13 `>=3.8.5,<3.9` Information: Python 3.8 has had no security fixes since October 2024
                  hint: Python 3.11 and later ones are maintained
                7:12 `2.7.*` Information: Python 2.7 has had no security fixes since January 2020
                  hint: Python 3.11 and later ones are maintained
                8:11 `=3.10` Information: Python 3.10 has had no security fixes since October 2026
                  hint: Python 3.11 and later ones are maintained
            "#]],
        );
    }

    #[test]
    fn what_may_be_maintained_is_left_alone() {
        on_a_day(
            "dependencies: [python, python=3.11, python>=3.6, 'python >=3.7,<3.12', python=3, 'python!=3.8', python=4, python-dateutil=2.7, 'python==3.12.0rc1']\n",
            expect![[""]],
        );
        check(&RULE, "dependencies: [python=3.7]\n", expect![[""]]);
    }
}
