//! MM506: a dependency may be any version.

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::lint::context::Context;
use crate::lint::{Check, Rule};
use crate::match_spec::VersionSpec;
use crate::spec::PipLine;

pub(super) static RULE: Rule = Rule {
    code: Code("MM506"),
    name: "unpinned-dependency",
    severity: Severity::Information,
    summary: "A dependency may be any version.",
    is_default: false,
    fix: None,
    check: Check::Spec(check),
    documentation: "\
## What it finds
A dependency without a version, of conda or of pip (`python` has a rule of its own, MM503). The rule is off unless it \
is selected: with a lock, a spec without versions is a good one.

## Why
conda, mamba, micromamba and pip take the newest version that fits the others. Without a lock, the same file is \
another environment next month.

## Example
```yaml
dependencies:
  - numpy
```

## How to mend it
Write the version that the project was tested with (`numpy=1.26`), or at least its bounds (`numpy >=1.26,<3`).
",
};

fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let spec = context.spec();
    let conda = spec.dependencies.iter().filter_map(|dependency| {
        let spec = dependency.match_spec.as_ref()?;
        let is_any = matches!(spec.constraint, None | Some(VersionSpec::Any));
        let is_url = spec.attribute("url").is_some();
        let is_own = matches!(spec.name.value.as_str(), "python" | "pip" | "uv");
        (is_any && spec.build.is_none() && !is_url && !is_own).then_some(&dependency.text)
    });
    let pip = spec.pip.iter().filter(|entry| {
        let text = entry.text.value.split(';').next().unwrap_or_default();
        matches!(entry.line, PipLine::Package { .. }) && !text.contains(['<', '>', '=', '@'])
    });
    conda
        .chain(pip.map(|entry| &entry.text))
        .map(|text| {
            let message = format!("`{}` may be any version", text.value);
            Diagnostic::information(RULE.code, text.span, message)
                .with_hint("Write the version that the project was tested with")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::testing::check;
    use expect_test::expect;

    #[test]
    fn names_alone() {
        check(
            &RULE,
            "dependencies: [python, pip, a, b=1, c>2, 'd *', 'e[build=x]', x::f, {pip: [g, h==1, 'i; os_name == \"nt\"', 'j @ https://h/j.whl', ./k, -r l]}]\n",
            expect![[r#"
                1:29 `a` Information: `a` may be any version
                  hint: Write the version that the project was tested with
                1:42 `'d *'` Information: `d *` may be any version
                  hint: Write the version that the project was tested with
                1:63 `x::f` Information: `x::f` may be any version
                  hint: Write the version that the project was tested with
                1:76 `g` Information: `g` may be any version
                  hint: Write the version that the project was tested with
                1:85 `'i; os_name == "nt"'` Information: `i; os_name == "nt"` may be any version
                  hint: Write the version that the project was tested with
            "#]],
        );
    }
}
