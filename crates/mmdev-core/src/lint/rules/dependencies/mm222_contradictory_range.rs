//! MM222: no version fits what a dependency asks for.

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::lint::context::Context;
use crate::lint::range::contradiction;
use crate::lint::{Check, Rule};

pub(super) static RULE: Rule = Rule {
    code: Code("MM222"),
    name: "contradictory-range",
    severity: Severity::Error,
    summary: "No version fits what a dependency asks for.",
    is_default: true,
    fix: None,
    check: Check::Spec(check),
    documentation: "\
## What it finds
Comparisons joined by commas that exclude each other, in conda's order of versions.

## Why
All comparisons must hold, so no version is left. No tool says so while it reads the spec: conda, mamba and micromamba \
load the channels and then report that nothing provides the package.

## Example
```yaml
dependencies:
  - numpy>=2,<1
  - pandas==1.5,==2.0
```

## How to mend it
Turn the bound around that is wrong, or write `|` between alternatives: `pandas==1.5|==2.0`.
",
};

fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let dependencies = context.spec().dependencies.iter();
    dependencies
        .filter_map(|dependency| {
            let spec = dependency.match_spec.as_ref()?;
            let (version, constraint) = (spec.version.as_ref()?, spec.constraint.as_ref()?);
            let [left, right] = contradiction(&[constraint])?;
            let place = dependency.place(version.span);
            let message = format!(
                "no version of `{}` is both `{left}` and `{right}`",
                spec.name.value
            );
            let found =
                Diagnostic::error(RULE.code, place.unwrap_or(dependency.text.span), message);
            Some(found.with_hint("Turn a bound around, or write `|` between alternatives"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::testing::check;
    use expect_test::expect;

    #[test]
    fn what_excludes_each_other_is_named() {
        check(
            &RULE,
            "dependencies:\n  - numpy >=2, <1  # why\n  - 'a[version=\">=2,<2\"]'\n  - b>=1,<2\n  - c<1|>2\n  - d=1.2,>=1.3\n",
            expect![[r#"
                2:11 `>=2, <1` Error: no version of `numpy` is both `>=2` and `<1`
                  hint: Turn a bound around, or write `|` between alternatives
                3:17 `>=2,<2` Error: no version of `a` is both `>=2` and `<2`
                  hint: Turn a bound around, or write `|` between alternatives
                6:6 `=1.2,>=1.3` Error: no version of `d` is both `1.2.*` and `>=1.3`
                  hint: Turn a bound around, or write `|` between alternatives
            "#]],
        );
    }
}
