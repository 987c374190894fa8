//! MM221: conda, micromamba and rattler understand a dependency differently.

use crate::diagnostic::{Applicability, Code, Diagnostic, Severity};
use crate::lint::context::Context;
use crate::lint::{Check, Rule};
use crate::spec::Dependency;
use crate::text::{Edit, Span};

pub(super) static RULE: Rule = Rule {
    code: Code("MM221"),
    name: "understood-differently",
    severity: Severity::Warning,
    summary: "conda, micromamba and rattler understand a dependency differently.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Spec(check),
    documentation: "\
## What it finds
A dependency that all three tools take, and for which they do not take the same packages. The message says which tool \
takes what. Of entries such as an export has (`name=version=build`) only the first is marked, as information.

## Why
Each tool reads a MatchSpec with a parser of its own. Recorded of conda's `MatchSpec`, micromamba 2.8 and rattler's \
lenient mode:

| written | conda | micromamba | rattler |
|---|---|---|---|
| `numpy=1.26=*_0` | 1.26 | every 1.26 | 1.26 |
| `numpy=1.26.` | every 1.26 | every 1.26 | 1.26 with the build `.` |
| `numpy=1.* <2` | a version that nothing has | any version with the build `1.* <2` | every 1 with the build `<2` |
| `numpy>1.26.*` | above 1.26 | 1.26 itself as well | 1.26 itself as well |
| `numpy[version='==1.26.*']` | every 1.26 | every 1.26 | 1.26 |
| `numpy=1.26[version='2.*']` | every 2 | every 1.26 | every 2 |

(`numpy 1.26` is no such case: it is 1.26.0 alone to all three, which MM223 says.)

So a lock, an image and a teammate's own environment differ, or one of them cannot be solved.

## Example
```yaml
dependencies:
  - pytorch=2.0=*cuda*
```

## How to mend it
Write the spelling that all understand alike: `pytorch=2.0.*=*cuda*` for every 2.0, `==1.26.4` before a build string \
for one version, a comma between comparisons. The fix does; it is unsafe, because one of the tools will take other \
packages than before.
",
};

fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut exported: Vec<(&Dependency, &str)> = Vec::new();
    let mut edits = Vec::new();
    for dependency in &context.spec().dependencies {
        let text = dependency.text.value.as_str();
        let Some(difference) = &dependency.differently else {
            continue;
        };
        let whole = dependency.place(Span::new(0, text.len()));
        let edit = difference
            .portable
            .as_ref()
            .zip(whole)
            .map(|(portable, place)| Edit::replace(place, portable.as_str()));
        if difference.is_export {
            exported.push((dependency, &difference.who));
            edits.extend(edit);
            continue;
        }
        let shown = text.rsplit("::").next().unwrap_or(text);
        let what = match &difference.what {
            Some(what) => what.clone(),
            None => format!("`{shown}` is understood differently"),
        };
        let diagnostic = Diagnostic::warning(
            RULE.code,
            dependency.text.span,
            format!("{what}: {}", difference.who),
        );
        found.push(match (edit, &difference.portable) {
            (Some(edit), Some(portable)) => {
                let shown = portable.rsplit("::").next().unwrap_or(portable);
                let title = format!("Write `{shown}`, which all three understand alike");
                diagnostic.with_fix(title, vec![edit], Applicability::Unsafe)
            }
            _ => diagnostic.with_hint("Write `name=version`, or comparisons joined by commas"),
        });
    }
    found.extend(exports(&exported, edits));
    found
}

/// One finding for all entries of an export.
fn exports(exported: &[(&Dependency, &str)], edits: Vec<Edit>) -> Option<Diagnostic> {
    let (first, who) = exported.first()?;
    let text = first.text.value.rsplit("::").next().unwrap_or_default();
    let more = match exported.len() {
        1 => String::new(),
        2 => "; one more entry is written so".to_owned(),
        count => format!("; {} more entries are written so", count - 1),
    };
    let message = format!("`{text}` is understood differently: {who}{more}");
    let found = Diagnostic::information(RULE.code, first.text.span, message);
    Some(match edits.is_empty() {
        true => found.with_hint("Write `==` before a version with a build string"),
        false => found.with_fix(
            "Write `==` before versions with a build string",
            edits,
            Applicability::Unsafe,
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::testing::check;
    use expect_test::expect;

    #[test]
    fn each_tool_is_named_with_what_it_takes() {
        check(
            &RULE,
            "dependencies:\n  - 'c::pytorch=2.0=*cuda*' # gpu\n  - numpy=1.26.\n  - numpy=1.* <2\n  - scipy>1.2.*\n  - \
             'a[version=\"==1.2.*\"]'\n  - python=3.10.*; python_version<\"3\"\n  - python =v 3.12\n  - b=1.2[version='2.*']\n  - python=3.9*\n",
            expect![[r#"
                2:5 `'c::pytorch=2.0=*cuda*'` Warning: `pytorch=2.0=*cuda*` is understood differently: conda and rattler take version `==2.0` with the build `*cuda*`, micromamba takes version `2.0.*` with the build `*cuda*`
                  Unsafe fix: Write `pytorch=2.0.*=*cuda*`, which all three understand alike
                  -   - 'c::pytorch=2.0=*cuda*' # gpu
                  +   - 'c::pytorch=2.0.*=*cuda*' # gpu
                3:5 `numpy=1.26.` Warning: the version `1.26.` has an empty part: conda and micromamba take version `1.26.*`, rattler takes version `==1.26` with the build `.`
                  Unsafe fix: Write `numpy=1.26`, which all three understand alike
                  -   - numpy=1.26.
                  +   - numpy=1.26
                4:5 `numpy=1.* <2` Warning: a comma must stand before `<2`: conda takes version `1.*<2*`, micromamba takes any version with the build `1.* <2`, rattler takes version `1.*` with the build `<2`
                  Unsafe fix: Write `numpy=1.*,<2`, which all three understand alike
                  -   - numpy=1.* <2
                  +   - numpy=1.*,<2
                5:5 `scipy>1.2.*` Warning: `scipy>1.2.*` is understood differently: conda takes version `>1.2`, micromamba takes version `>1.2.*` with a literal `*`, rattler takes version `>=1.2`
                  Unsafe fix: Write `scipy>1.2`, which all three understand alike
                  -   - scipy>1.2.*
                  +   - scipy>1.2
                6:5 `'a[version="==1.2.*"]'` Warning: `a[version="==1.2.*"]` is understood differently: conda and micromamba take version `1.2.*`, rattler takes version `==1.2`
                  Unsafe fix: Write `a[version="=1.2.*"]`, which all three understand alike
                  -   - 'a[version="==1.2.*"]'
                  +   - 'a[version="=1.2.*"]'
                7:5 `python=3.10.*; python_version<"3"` Warning: `; python_version<"3"` is an environment marker, which only pip knows: conda takes version `3.10.*;python_version<"3"*`, micromamba takes any version with the build `3.10.*; python_version<"3"`, rattler takes version `3.10.*` with the build `; python_version<"3"`
                  Unsafe fix: Write `python=3.10.*`, which all three understand alike
                  -   - python=3.10.*; python_version<"3"
                  +   - python=3.10.*
                8:5 `python =v 3.12` Warning: `python =v 3.12` is understood differently: conda and rattler take version `==v` with the build `3.12`, micromamba takes any version with the build `v 3.12`
                  hint: Write `name=version`, or comparisons joined by commas
                9:5 `b=1.2[version='2.*']` Warning: `b=1.2[version='2.*']` is understood differently: conda and rattler take version `2.*`, micromamba takes version `1.2.*`
                  hint: Write `name=version`, or comparisons joined by commas
                10:5 `python=3.9*` Warning: `python=3.9*` is understood differently: conda and rattler take version `3.9.*`, micromamba takes version `=3.9*` with a literal `*`
                  Unsafe fix: Write `python=3.9.*`, which all three understand alike
                  -   - python=3.9*
                  +   - python=3.9.*
            "#]],
        );
    }

    #[test]
    fn an_export_is_one_finding() {
        check(
            &RULE,
            "dependencies:\n  - a=1.2=h1_0 # why\n  - conda-forge::b = 1.2 = h2_0\n  - \"c=3=h3_0\"\n  - d==1.2=h_0\n",
            expect![[r#"
                2:5 `a=1.2=h1_0` Information: `a=1.2=h1_0` is understood differently: conda and rattler take version `==1.2` with the build `h1_0`, micromamba takes version `1.2.*` with the build `h1_0`; 2 more entries are written so
                  Unsafe fix: Write `==` before versions with a build string
                  -   - a=1.2=h1_0 # why
                  -   - conda-forge::b = 1.2 = h2_0
                  -   - "c=3=h3_0"
                  +   - a==1.2=h1_0 # why
                  +   - conda-forge::b ==1.2 = h2_0
                  +   - "c==3=h3_0"
            "#]],
        );
    }

    #[test]
    fn what_all_understand_alike_is_left() {
        check(
            &RULE,
            "dependencies:\n  - numpy 1.26\n  - numpy=1.26\n  - numpy==1.26\n  - blas=*=mkl\n  - a=1.2.*=py*\n  - \
             a>=1.2=py*\n  - b==1.2=h_0\n  - b~=1.2\n  - b 1.2.*|1.4\n  - '*'\n  - b==1.2.*\n  - b!=1.2.*,>=1.*\n",
            expect![[""]],
        );
    }
}
