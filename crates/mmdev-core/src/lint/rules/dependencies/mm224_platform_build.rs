//! MM224: a build string of one platform, in a spec for several.

use crate::diagnostic::{Applicability, Code, Diagnostic, Severity};
use crate::lint::context::Context;
use crate::lint::{Check, Rule};
use crate::spec::{Dependency, PLATFORMS};
use crate::text::{Edit, Span};

pub(super) static RULE: Rule = Rule {
    code: Code("MM224"),
    name: "platform-build",
    severity: Severity::Warning,
    summary: "A spec for several platforms asks for the build of one.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Spec(check),
    documentation: "\
## What it finds
A build string that only one platform can have (`py312heda63a1_0`, `hab00c5b_0_cpython`, `*_win64`), in an entry that is \
for several of the platforms that `platforms:` or the settings name. Builds for every platform (`pyhd8ed1ab_0`, `py_0`), \
and those that may be one, are left alone; where no platform is named, the spec is taken to be for the one that it was \
written on.

## Why
conda-build makes the hash in a build string of all that a build depends on, and the platform is part of that. On \
another platform no record has it, and conda, mamba, micromamba and conda-lock find nothing there.

## Example
```yaml
platforms: [linux-64, osx-arm64]
dependencies:
  - numpy=1.26.4=py312heda63a1_0
```

## How to mend it
Leave the build string out and let the lock hold it (the fix does; it is unsafe, because another build may be solved), \
write what matters of it with `*`, or give the entry a selector.
",
};

fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let spec = context.spec();
    let of_spec = spec
        .platforms
        .iter()
        .map(|platform| platform.value.as_str());
    let named: Vec<&str> = match context.around.platforms.is_empty() {
        true => of_spec
            .filter(|platform| PLATFORMS.contains(platform))
            .collect(),
        false => context
            .around
            .platforms
            .iter()
            .map(String::as_str)
            .collect(),
    };
    let is_for_several = |dependency: &&Dependency| {
        let selector = dependency.selector.as_ref();
        let applies = |platform: &&&str| {
            selector.is_none_or(|selector| selector.applies_to(platform) == Some(true))
        };
        named.iter().filter(applies).count() > 1
    };
    let dependencies = spec.dependencies.iter().filter(is_for_several);
    dependencies
        .filter_map(|dependency| {
            let spec = dependency.match_spec.as_ref()?;
            let build = spec
                .build
                .as_ref()
                .filter(|build| is_of_one_platform(&build.value))?;
            let place = dependency.place(build.span);
            let message = format!(
                "the build `{}` of `{}` is that of one platform, and the spec is for {}",
                build.value,
                spec.name.value,
                named.join(", ")
            );
            let found =
                Diagnostic::warning(RULE.code, place.unwrap_or(dependency.text.span), message);
            let end = spec.version.as_ref().map(|version| version.span.end);
            let text = dependency.text.value.as_str();
            // Behind the version, and nothing behind it.
            let behind = end.filter(|end| {
                let between = text.get(*end..build.span.start).unwrap_or("[");
                build.span.end == text.len() && between.trim().trim_matches('=').is_empty()
            });
            let place = behind.and_then(|end| dependency.place(Span::new(end, build.span.end)));
            Some(match place {
                Some(place) => found.with_fix(
                    "Remove the build string",
                    vec![Edit::delete(place)],
                    Applicability::Unsafe,
                ),
                None => found.with_hint("Leave the build out, or give the entry a selector"),
            })
        })
        .collect()
}

/// Whether conda-build makes such a build string for one platform: it has a hash and was made for one version of
/// CPython (packages for every platform have `py`, or a hash alone as those of one platform do), or it is named so.
fn is_of_one_platform(build: &str) -> bool {
    if build.ends_with("_win64") || build.ends_with("_cpython") && !build.contains('*') {
        return true;
    }
    let version = build
        .strip_prefix("py")
        .or_else(|| build.strip_prefix("cp"));
    let Some(version) = version else {
        return false;
    };
    let digits = version.trim_start_matches(|char: char| char.is_ascii_digit());
    let hash = digits.strip_prefix('h').unwrap_or_default();
    let length = hash.bytes().take_while(u8::is_ascii_hexdigit).count();
    digits.len() < version.len() && length == 7 && hash[length..].starts_with('_')
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::testing::check;
    use expect_test::expect;

    #[test]
    fn builds_of_one_platform() {
        check(
            &RULE,
            "platforms: [linux-64, osx-64, win-64]\ndependencies:\n  - numpy=1.26.4=py312heda63a1_0  # why\n  - python=3.12.3=hab00c5b_0_cpython\n  - 'a[build=py39h06a4308_0]'\n  - b * *_win64\n  - sel(linux): c=1=py39h06a4308_0\n  - sel(unix): c=1=py39h06a4308_0\n  - d=1=pyhd8ed1ab_0\n  - e=1=py_0\n  - f=1=h06a4308_0\n  - g=1=py39*\n  - python=3.12=*_cpython\n",
            expect![[r#"
                3:18 `py312heda63a1_0` Warning: the build `py312heda63a1_0` of `numpy` is that of one platform, and the spec is for linux-64, osx-64, win-64
                  Unsafe fix: Remove the build string
                  -   - numpy=1.26.4=py312heda63a1_0  # why
                  +   - numpy=1.26.4  # why
                4:19 `hab00c5b_0_cpython` Warning: the build `hab00c5b_0_cpython` of `python` is that of one platform, and the spec is for linux-64, osx-64, win-64
                  Unsafe fix: Remove the build string
                  -   - python=3.12.3=hab00c5b_0_cpython
                  +   - python=3.12.3
                5:14 `py39h06a4308_0` Warning: the build `py39h06a4308_0` of `a` is that of one platform, and the spec is for linux-64, osx-64, win-64
                  hint: Leave the build out, or give the entry a selector
                6:9 `*_win64` Warning: the build `*_win64` of `b` is that of one platform, and the spec is for linux-64, osx-64, win-64
                  Unsafe fix: Remove the build string
                  -   - b * *_win64
                  +   - b *
                8:20 `py39h06a4308_0` Warning: the build `py39h06a4308_0` of `c` is that of one platform, and the spec is for linux-64, osx-64, win-64
                  Unsafe fix: Remove the build string
                  -   - sel(unix): c=1=py39h06a4308_0
                  +   - sel(unix): c=1
            "#]],
        );
    }

    #[test]
    fn where_no_platform_is_named_an_export_pins_its_own() {
        check(&RULE, "dependencies: [a=1=py39h06a4308_0]\n", expect![[""]]);
        check(
            &RULE,
            "platforms: [linux-64]\ndependencies: [a=1=py39h06a4308_0]\n",
            expect![[""]],
        );
    }
}
