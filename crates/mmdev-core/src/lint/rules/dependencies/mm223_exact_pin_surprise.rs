//! MM223: a pin of a short version takes that one version alone.

use rattler_conda_version::version_spec::EqualityOperator;

use crate::diagnostic::{Applicability, Code, Diagnostic, Severity};
use crate::index::Answer;
use crate::lint::context::Context;
use crate::lint::known::versions::has_three_parts;
use crate::lint::{Check, Rule};
use crate::match_spec::VersionSpec;
use crate::spec::Dependency;
use crate::text::{Edit, Span};

pub(super) static RULE: Rule = Rule {
    code: Code("MM223"),
    name: "exact-pin-surprise",
    severity: Severity::Warning,
    summary: "A pin of a short version takes that one version alone.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Spec(check),
    documentation: "\
## What it finds
`==` or a space before a version of one or two parts (`python==3.10`, `numpy 1.26`), of packages whose versions have \
three. Where the channels were asked, of every package of which they have longer versions that begin so.

## Why
In conda's language `==1.26` and ` 1.26` are 1.26.0 and nothing else, while `=1.26` is every 1.26. Of python, `==3.10` \
is 3.10.0, without any later fix; of a package that never had the short version nothing is found at all.

## Example
```yaml
dependencies:
  - python==3.10
```

## How to mend it
Write `python=3.10` for every 3.10; the fix does, and is unsafe, because another version will be solved. Write all \
parts (`==3.10.14`) where one version is meant.
",
};

/// A longer version is one of its own.
const MOST_PARTS: usize = 2;

fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let dependencies = context.spec().dependencies.iter();
    dependencies
        .filter_map(|dependency| finding(context, dependency))
        .collect()
}

fn finding(context: &Context<'_>, dependency: &Dependency) -> Option<Diagnostic> {
    let spec = dependency.match_spec.as_ref()?;
    let written = spec.version.as_ref()?;
    let Some(VersionSpec::Exact(EqualityOperator::Equals, _)) = &spec.constraint else {
        return None;
    };
    let version = written.value.trim_start_matches('=').trim();
    let is_short = version.split('.').count() <= MOST_PARTS
        && version
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
    // One part of four digits or more is a date, of which there is no longer one.
    let is_date = version.len() > 3 && !version.contains('.');
    if !is_short || is_date || spec.build.is_some() || !spec.attributes.is_empty() {
        return None;
    }
    let name = spec.name.value.as_str();
    let has_longer = match context.index.map(|index| index.candidates(name)) {
        Some(Answer::Known(candidates)) => candidates.iter().any(|candidate| {
            let rest = candidate.version.strip_prefix(version);
            rest.is_some_and(|rest| {
                rest.starts_with('.') && rest.contains(|char| !"0.".contains(char))
            })
        }),
        _ => has_three_parts(name),
    };
    if !has_longer {
        return None;
    }
    let text = dependency.text.value.as_str();
    let place = dependency.place(written.span);
    let place = place.unwrap_or(dependency.text.span);
    let message = format!(
        "`{}` takes {name} {} alone, not every {version}",
        text.rsplit("::").next().unwrap_or(text),
        first_of(version)
    );
    let found = Diagnostic::warning(RULE.code, place, message);
    let behind_name = Span::new(
        spec.name.span.end.min(written.span.start),
        written.span.start,
    );
    let is_in_brackets = !text[behind_name.range()].trim().is_empty();
    let (span, mended) = match is_in_brackets {
        true => (written.span, format!("{version}.*")),
        false => (behind_name.cover(written.span), format!("={version}")),
    };
    Some(match dependency.place(span) {
        Some(place) => found.with_fix(
            format!("Write `{mended}` for every {version}"),
            vec![Edit::replace(place, mended)],
            Applicability::Unsafe,
        ),
        None => found.with_hint(format!("Write `={version}` for every {version}")),
    })
}

/// `3.10.0` of `3.10`.
fn first_of(version: &str) -> String {
    let missing = (MOST_PARTS + 1).saturating_sub(version.split('.').count());
    format!("{version}{}", ".0".repeat(missing))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::testing::{Files, check, check_before, everything};
    use expect_test::expect;

    #[test]
    fn an_exact_operator_before_few_parts() {
        check(
            &RULE,
            "dependencies:\n  - python==3.10  # why\n  - conda-forge::numpy 1.26\n  - 'pandas == 2'\n  - \"scipy[version='==1.2']\"\n  - make==4.3\n",
            expect![[r#"
                2:11 `==3.10` Warning: `python==3.10` takes python 3.10.0 alone, not every 3.10
                  Unsafe fix: Write `=3.10` for every 3.10
                  -   - python==3.10  # why
                  +   - python=3.10  # why
                3:24 `1.26` Warning: `numpy 1.26` takes numpy 1.26.0 alone, not every 1.26
                  Unsafe fix: Write `=1.26` for every 1.26
                  -   - conda-forge::numpy 1.26
                  +   - conda-forge::numpy=1.26
                4:13 `== 2` Warning: `pandas == 2` takes pandas 2.0.0 alone, not every 2
                  Unsafe fix: Write `=2` for every 2
                  -   - 'pandas == 2'
                  +   - 'pandas=2'
                5:21 `==1.2` Warning: `scipy[version='==1.2']` takes scipy 1.2.0 alone, not every 1.2
                  Unsafe fix: Write `1.2.*` for every 1.2
                  -   - "scipy[version='==1.2']"
                  +   - "scipy[version='1.2.*']"
            "#]],
        );
    }

    #[test]
    fn the_channels_know_which_versions_there_are() {
        let index = Files::new(
            &["linux-64"],
            "
            make 4.3 0 0 conda-forge linux-64
            holidays 0.29.1 0 0 conda-forge linux-64
            holidays 0.29 0 0 conda-forge linux-64
            numpy 1.26.0 0 0 conda-forge linux-64
            ",
        );
        check_before(
            &RULE,
            "dependencies: [make==4.3, holidays==0.29, numpy==1.26, python==3.10]\n",
            &everything(),
            &index,
            expect![[r#"
                1:35 `==0.29` Warning: `holidays==0.29` takes holidays 0.29.0 alone, not every 0.29
                  Unsafe fix: Write `=0.29` for every 0.29
                  - dependencies: [make==4.3, holidays==0.29, numpy==1.26, python==3.10]
                  + dependencies: [make==4.3, holidays=0.29, numpy==1.26, python==3.10]
                1:62 `==3.10` Warning: `python==3.10` takes python 3.10.0 alone, not every 3.10
                  Unsafe fix: Write `=3.10` for every 3.10
                  - dependencies: [make==4.3, holidays==0.29, numpy==1.26, python==3.10]
                  + dependencies: [make==4.3, holidays==0.29, numpy==1.26, python=3.10]
            "#]],
        );
    }

    #[test]
    fn what_says_what_it_does_is_left() {
        check(
            &RULE,
            "dependencies:\n  - python=3.10\n  - python==3.10.1\n  - numpy==1.2.*\n  - tzdata==2024a\n  - dask==20240101\n  - scipy==1.2=h_0\n  - numpy>=1.2\n  - numpy 1.2.*\n",
            expect![[""]],
        );
    }
}
