//! MM228: a package that the container's platform does not have.

use crate::diagnostic::{Applicability, Code, Diagnostic, Severity};
use crate::lint::context::Context;
use crate::lint::known::platform::only_system;
use crate::lint::{Check, Rule};
use crate::spec::Dependency;
use crate::text::Edit;

pub(super) static RULE: Rule = Rule {
    code: Code("MM228"),
    name: "other-platform-package",
    severity: Severity::Warning,
    summary: "A package exists for Windows or macOS only, and the environment is made for Linux as well.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Spec(check),
    documentation: "\
## What it finds
A package that channels have for Windows or for macOS only (`pywin32`, `vs2015_runtime`, `m2w64-*`, `pyobjc-*` …), \
without a selector, in a spec for Linux: one whose `platforms:`, or those of the settings, have Linux among them, or that \
has none.

## Why
A container is Linux. micromamba finds no such package there and solves nothing at all. They come from `conda env \
export` on another machine.

## Example
```yaml
dependencies:
  - python=3.12
  - pywin32
```

## How to mend it
Remove what the project itself does not import, or write `sel(win): pywin32`, which mamba and micromamba take on Windows \
alone; the fix does (conda itself does not know it).
",
};

fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let spec = context.spec();
    let platforms = context.around.platforms_of(spec);
    let linux: Vec<&str> = platforms
        .into_iter()
        .filter(|platform| platform.starts_with("linux"))
        .collect();
    let is_for_linux = |dependency: &&Dependency| {
        let selector = dependency.selector.as_ref();
        linux
            .iter()
            .any(|platform| selector.is_none_or(|one| one.applies_to(platform) == Some(true)))
    };
    let dependencies = spec.dependencies.iter().filter(is_for_linux);
    dependencies
        .filter_map(|dependency| {
            let spec = dependency.match_spec.as_ref()?;
            let name = spec.name.value.as_str();
            let (word, system) = only_system(name)?;
            let place = dependency.place(spec.name.span);
            let message = format!("`{name}` is for {system} only, and the container is Linux");
            let found =
                Diagnostic::warning(RULE.code, place.unwrap_or(dependency.text.span), message);
            let start = dependency.text.span.start;
            let line = context.file.text[..start]
                .rfind('\n')
                .map_or(0, |at| at + 1);
            let is_entry = context.file.text[line..start].trim() == "-";
            Some(match is_entry && dependency.selector.is_none() {
                true => found.with_fix(
                    format!("Write `sel({word}): `"),
                    vec![Edit::insert(start, format!("sel({word}): "))],
                    Applicability::Unsafe,
                ),
                false => found.with_hint("Remove it, or give it a selector"),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::testing::check;
    use expect_test::expect;

    #[test]
    fn what_linux_does_not_have() {
        check(
            &RULE,
            "dependencies:\n  - pywin32  # why\n  - 'm2w64-gcc-libs=5.3.0=7'\n  - pyobjc-framework-cocoa\n  - sel(win): winpty\n  - vs2015_runtime  # [win]\n  - libcxx\n  - m2w64-sysroot_win-64\n",
            expect![[r#"
                2:5 `pywin32` Warning: `pywin32` is for Windows only, and the container is Linux
                  Unsafe fix: Write `sel(win): `
                  -   - pywin32  # why
                  +   - sel(win): pywin32  # why
                3:6 `m2w64-gcc-libs` Warning: `m2w64-gcc-libs` is for Windows only, and the container is Linux
                  Unsafe fix: Write `sel(win): `
                  -   - 'm2w64-gcc-libs=5.3.0=7'
                  +   - sel(win): 'm2w64-gcc-libs=5.3.0=7'
                4:5 `pyobjc-framework-cocoa` Warning: `pyobjc-framework-cocoa` is for macOS only, and the container is Linux
                  Unsafe fix: Write `sel(osx): `
                  -   - pyobjc-framework-cocoa
                  +   - sel(osx): pyobjc-framework-cocoa
            "#]],
        );
        check(
            &RULE,
            "dependencies: [ucrt]\nplatforms: [linux-64, win-64]\n",
            expect![[r#"
                1:16 `ucrt` Warning: `ucrt` is for Windows only, and the container is Linux
                  hint: Remove it, or give it a selector
            "#]],
        );
    }

    #[test]
    fn a_spec_for_windows_may_have_it() {
        check(
            &RULE,
            "dependencies: [pywin32]\nplatforms: [win-64]\n",
            expect![[""]],
        );
    }
}
