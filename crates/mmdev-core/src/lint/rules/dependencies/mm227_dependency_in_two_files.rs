//! MM227: another spec of the same environment asks for another version.

use super::mm226_duplicate_dependency::{Asked, asks, clash, do_meet, shown};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::lint::context::Context;
use crate::lint::{Check, Rule};

pub(super) static RULE: Rule = Rule {
    code: Code("MM227"),
    name: "dependency-in-two-files",
    severity: Severity::Error,
    summary: "Another spec of the same environment asks for another version of a package.",
    is_default: true,
    fix: None,
    check: Check::Spec(check),
    documentation: "\
## What it finds
A dependency with a version or build, where another spec that is merged with this one has another for the same package: \
an error where no version fits both, else information.

## Why
micromamba takes several files into one environment, and what each of them asks for must hold; mmdev does the same. \
conda-lock takes the later entry alone, so its lock may hold a version that the first file forbids.

## Example
With `numpy>=2` in another file:
```yaml
dependencies:
  - numpy<1.26
```

## How to mend it
Leave the version to one of the files, or give both the same.
",
};

fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for dependency in &context.spec().dependencies {
        let Some(spec) = &dependency.match_spec else {
            continue;
        };
        for (path, other) in &context.around.merged_with {
            let others = other.dependencies.iter().filter_map(|other| {
                let other_spec = other.match_spec.as_ref()?;
                (other_spec.name.value == spec.name.value && do_meet(dependency, other))
                    .then_some((other, other_spec))
            });
            for (other, other_spec) in others {
                let place = dependency.text.span;
                if let Some(clash) = clash(spec, other_spec) {
                    let message =
                        format!("`{path}` asks for `{}` as well, and {clash}", shown(other));
                    found.push(
                        Diagnostic::error(RULE.code, place, message)
                            .with_hint("Both specs make one environment: change one of them"),
                    );
                    break;
                }
                let (mine, theirs) = (asks(spec), asks(other_spec));
                if mine != theirs && mine != Asked::default() && theirs != Asked::default() {
                    let message = format!(
                        "`{path}` asks for `{}` as well: both must hold (conda-lock would take the later one alone)",
                        shown(other)
                    );
                    found.push(Diagnostic::information(RULE.code, place, message));
                    break;
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::Surroundings;
    use crate::lint::testing::{check_in, everything};
    use expect_test::expect;

    #[test]
    fn what_both_files_ask_for() {
        let other = "dependencies: [numpy>=2, scipy>1.1, a, b=1, {sel(osx): c=1}, d=1]\n";
        let around = Surroundings {
            merged_with: vec![(
                "dev/env.yaml".to_owned(),
                crate::spec::read("env.yaml", other).spec,
            )],
            ..everything()
        };
        check_in(
            &RULE,
            "dependencies:\n  - numpy<1.26\n  - scipy<2\n  - a=1\n  - b 1.*\n  - sel(linux): c=2\n  - d\n",
            &around,
            expect![[r#"
                2:5 `numpy<1.26` Error: `dev/env.yaml` asks for `numpy>=2` as well, and no version is both `<1.26` and `>=2`
                  hint: Both specs make one environment: change one of them
                3:5 `scipy<2` Information: `dev/env.yaml` asks for `scipy>1.1` as well: both must hold (conda-lock would take the later one alone)
            "#]],
        );
    }
}
