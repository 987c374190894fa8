//! MM505: an export holds every package at one build.

use crate::diagnostic::{Applicability, Code, Diagnostic, Severity};
use crate::lint::context::Context;
use crate::lint::{Check, Rule};
use crate::spec::Dependency;
use crate::text::{Edit, Span};

pub(super) static RULE: Rule = Rule {
    code: Code("MM505"),
    name: "exported-builds",
    severity: Severity::Warning,
    summary: "An export holds every package at one build.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Spec(check),
    documentation: "\
## What it finds
A spec of which more than half of the dependencies, and at least five, have an exact build string \
(`numpy=1.26.4=py312heda63a1_0`), at the first of them.

## Why
`conda env export` writes what is installed on one machine. A build string is that of one platform, and channels take \
builds away: with it conda, mamba and micromamba find nothing on another platform, and one day nothing at all. Exact \
builds for every platform belong into a lock, which mmdev writes.

## Example
```yaml
dependencies:
  - python=3.12.3=hab00c5b_0_cpython
  - numpy=1.26.4=py312heda63a1_0
  - pandas=2.2.2=py312h1d6d2e6_1
  - scipy=1.13.1=py312hc2bc53b_0
  - rich=13.7.1=pyhd8ed1ab_0
```

## How to mend it
Write what the project itself imports, and lock the rest; `conda env export --from-history` is a beginning. The fix \
takes away the build strings; it is unsafe, because other builds may be solved.
",
};

/// Fewer are a person's own.
const FEWEST: usize = 5;

fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let dependencies = &context.spec().dependencies;
    let built: Vec<(&Dependency, Span)> = dependencies
        .iter()
        .filter_map(|dependency| Some((dependency, build(dependency)?)))
        .collect();
    let [(first, _), ..] = built.as_slice() else {
        return Vec::new();
    };
    if built.len() < FEWEST || built.len() * 2 <= dependencies.len() {
        return Vec::new();
    }
    let message = format!(
        "{} of {} dependencies have a build string, which ties the spec to one platform and one day",
        built.len(),
        dependencies.len()
    );
    let edits: Vec<Edit> = built
        .iter()
        .filter_map(|(dependency, build)| dependency.place(*build))
        .map(Edit::delete)
        .collect();
    let found = Diagnostic::warning(RULE.code, first.text.span, message)
        .with_hint("Write what the project needs, and let the lock hold builds");
    vec![match edits.is_empty() {
        true => found,
        false => found.with_fix("Remove the build strings", edits, Applicability::Unsafe),
    }]
}

/// The exact build string of a dependency in `name=version=build`, with the `=` before it.
fn build(dependency: &Dependency) -> Option<Span> {
    let spec = dependency.match_spec.as_ref()?;
    let (version, build) = (spec.version.as_ref()?, spec.build.as_ref()?);
    let is_exact = !build.value.contains('*') && !version.value.contains('*');
    let between = dependency
        .text
        .value
        .get(version.span.end..build.span.start)?;
    (is_exact && between.trim() == "=").then(|| Span::new(version.span.end, build.span.end))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::testing::check;
    use expect_test::expect;

    #[test]
    fn all_build_strings_go_at_once() {
        check(
            &RULE,
            "dependencies:\n  - a=1=h1_0 # why\n  - b=1.2=h2_0\n  - 'c==3=h3_0'\n  - \"d=4=h4_0\"\n  - e=5=h5_0\n  - blas=*=mkl\n  - python\n",
            expect![[r#"
                2:5 `a=1=h1_0` Warning: 5 of 7 dependencies have a build string, which ties the spec to one platform and one day
                  hint: Write what the project needs, and let the lock hold builds
                  Unsafe fix: Remove the build strings
                  -   - a=1=h1_0 # why
                  -   - b=1.2=h2_0
                  -   - 'c==3=h3_0'
                  -   - "d=4=h4_0"
                  -   - e=5=h5_0
                  +   - a=1 # why
                  +   - b=1.2
                  +   - 'c==3'
                  +   - "d=4"
                  +   - e=5
            "#]],
        );
    }

    #[test]
    fn a_few_are_meant() {
        check(
            &RULE,
            "dependencies: [a=1=h_0, b=1=h_0, c=1=h_0, d=1=h_0]\n",
            expect![[""]],
        );
        check(
            &RULE,
            "dependencies: [a=1=h_0, b=1=h_0, c=1=h_0, d=1=h_0, e=1=h_0, f, g, h, i, j]\n",
            expect![[""]],
        );
    }
}
