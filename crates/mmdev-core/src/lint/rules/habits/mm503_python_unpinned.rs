//! MM503: any version of Python will do.

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::lint::context::Context;
use crate::lint::{Check, Rule};
use crate::match_spec::{MatchSpec, VersionSpec};
use crate::spec::{EnvSpec, PipLine};

pub(super) static RULE: Rule = Rule {
    code: Code("MM503"),
    name: "python-unpinned",
    severity: Severity::Information,
    summary: "Any version of Python will do.",
    is_default: true,
    fix: None,
    check: Check::Spec(check),
    documentation: "\
## What it finds
A dependency `python` without a version, or a pip section in an environment without `python`.

## Why
conda, mamba and micromamba then take the newest Python that the other packages allow, which changes once a year, and \
earlier or later with each of them. pip's packages are no part of that: the ones without a wheel for the new version \
are built from source, or not found. A lock holds it still until it is renewed.

## Example
```yaml
dependencies:
  - python
  - numpy
```

## How to mend it
Name the minor version that the project is tested with: `python=3.12`.
",
};

fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let spec = context.spec();
    let others = context.around.merged_with.iter().map(|(_, spec)| spec);
    let decides = |name: &str| {
        name == "python_abi"
            || name.starts_with("python-") && name.ends_with("threading")
            || name.starts_with("pypy")
    };
    let is_decided = others.chain([spec]).flat_map(specs).any(|spec| {
        decides(&spec.name.value) || spec.name.value == "python" && !is_any_version(spec)
    });
    if is_decided {
        return Vec::new();
    }
    let python = spec.dependencies.iter().find(|dependency| {
        dependency
            .match_spec
            .as_ref()
            .is_some_and(|spec| spec.name.value == "python")
    });
    if let Some(python) = python {
        return vec![
            Diagnostic::information(
                RULE.code,
                python.text.span,
                "`python` may be any version: the newest that fits, which changes",
            )
            .with_hint("Name the minor version, such as `python=3.12`"),
        ];
    }
    let package = spec.pip.iter().find(|entry| {
        matches!(
            entry.line,
            PipLine::Package { .. } | PipLine::Url | PipLine::Path { .. }
        )
    });
    let is_elsewhere = context
        .around
        .merged_with
        .iter()
        .flat_map(|(_, spec)| specs(spec))
        .any(|spec| spec.name.value == "python");
    match package {
        Some(package) if !is_elsewhere => vec![
            Diagnostic::information(
                RULE.code,
                package.text.span,
                "pip installs packages, and no dependency says for which Python",
            )
            .with_hint("Add `python` with its minor version, such as `python=3.12`"),
        ],
        _ => Vec::new(),
    }
}

fn specs(spec: &EnvSpec) -> impl Iterator<Item = &MatchSpec> {
    spec.dependencies
        .iter()
        .filter_map(|dependency| dependency.match_spec.as_deref())
}

fn is_any_version(spec: &MatchSpec) -> bool {
    matches!(spec.constraint, None | Some(VersionSpec::Any)) && spec.build.is_none()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::Surroundings;
    use crate::lint::testing::{check, check_in, everything};
    use crate::spec::read;
    use expect_test::expect;

    #[test]
    fn any_version_is_none() {
        check(
            &RULE,
            "dependencies: [numpy, python]\n",
            expect![[r#"
            1:23 `python` Information: `python` may be any version: the newest that fits, which changes
              hint: Name the minor version, such as `python=3.12`
        "#]],
        );
        check(
            &RULE,
            "dependencies: ['python *']\n",
            expect![[r#"
            1:16 `'python *'` Information: `python` may be any version: the newest that fits, which changes
              hint: Name the minor version, such as `python=3.12`
        "#]],
        );
        check(&RULE, "dependencies: [python>=3.9]\n", expect![[""]]);
        check(
            &RULE,
            "dependencies: ['python[version=3.9]']\n",
            expect![[""]],
        );
        check(&RULE, "dependencies: [r-base]\n", expect![[""]]);
    }

    #[test]
    fn pip_needs_a_python_too() {
        check(
            &RULE,
            "dependencies: [pip, pip: [--pre, rich]]\n",
            expect![[r#"
                1:34 `rich` Information: pip installs packages, and no dependency says for which Python
                  hint: Add `python` with its minor version, such as `python=3.12`
            "#]],
        );
        check(
            &RULE,
            "dependencies: [pypy3.9, pip: [rich]]\n",
            expect![[""]],
        );
        check(&RULE, "dependencies: [pip: [-r x.txt]]\n", expect![[""]]);
    }

    #[test]
    fn another_spec_of_the_environment_may_decide() {
        let other = read("b.yaml", "dependencies: [python=3.12]\n").spec;
        let around = Surroundings {
            merged_with: vec![("b.yaml".to_owned(), other)],
            ..everything()
        };
        check_in(
            &RULE,
            "dependencies: [python, pip: [rich]]\n",
            &around,
            expect![[""]],
        );
        let other = read("b.yaml", "dependencies: [python]\n").spec;
        let around = Surroundings {
            merged_with: vec![("b.yaml".to_owned(), other)],
            ..everything()
        };
        // That spec is told.
        check_in(
            &RULE,
            "dependencies: [pip: [rich]]\n",
            &around,
            expect![[""]],
        );
    }
}
