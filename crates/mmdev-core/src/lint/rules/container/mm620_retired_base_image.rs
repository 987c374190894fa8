//! MM620: the base image's tag is not built any more.

use crate::base_image::{CODENAMES_ENDED, retired};
use crate::diagnostic::{Applicability, Code, Diagnostic, Severity};
use crate::lint::container::ContainerContext;
use crate::lint::{Check, Rule};
use crate::project::DEFAULT_BASE_IMAGE;

pub(super) static RULE: Rule = Rule {
    code: Code("MM620"),
    name: "retired-base-image",
    severity: Severity::Warning,
    summary: "The tag of the base image is not built any more.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Container(check),
    documentation: "\
## What it finds
A tag of the public micromamba image with the name of a release of Debian or Ubuntu (`jammy`, `bookworm-slim`, \
`focal-cuda-11.7.1`), in the setting `baseImage`, in `image` of devcontainer.json, or in a `FROM` line of the \
Dockerfile that it names.

## Why
Since micromamba 2.0 the image's tags have numbers instead of names (mambaorg/micromamba, change log of 7 October \
2024). The old tags can still be pulled, and stay what they were in September 2024: micromamba 1.5.10 or older, \
without the fixes that Debian and Ubuntu have made since.

## Example
```json
{ \"image\": \"mambaorg/micromamba:jammy\" }
```

## How to mend it
Name the tag of today: `debian12` for bookworm, `ubuntu22.04` for jammy, `ubuntu24.04` for noble (the fix does; it is \
unsafe, because micromamba becomes 2.x). The other releases have no successor: take the default of mmdev.
",
};

fn check(context: &ContainerContext<'_>) -> Vec<Diagnostic> {
    let images = context.images.iter();
    images
        .filter_map(|named| {
            let image = named.image();
            let retired = retired(&image)?;
            let found = Diagnostic::warning(
                RULE.code,
                named.reference.span,
                format!(
                    "the tag `{}` has not been built since {CODENAMES_ENDED}: tags have numbers instead of `{}` now",
                    image.tag().unwrap_or_default(),
                    retired.codename
                ),
            );
            // A digest belongs to the old tag.
            let successor = retired.successor.filter(|_| image.digest.is_none());
            let Some(successor) = successor else {
                return Some(found.with_hint(format!(
                    "Choose a tag of today, such as {DEFAULT_BASE_IMAGE}"
                )));
            };
            let reference = format!("{}:{successor}", image.repository());
            let found = found.with_hint(format!("Write {reference}"));
            Some(match named.replaced(context.text, &reference) {
                Some(edit) => found.with_fix(
                    format!("Write `{successor}`"),
                    vec![edit],
                    Applicability::Unsafe,
                ),
                None => found,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::ContainerFile;
    use crate::lint::testing::{check_container, check_devcontainer};
    use expect_test::expect;

    #[test]
    fn in_all_files() {
        check_devcontainer(
            &RULE,
            "{\n  \"image\": \"mambaorg/micromamba:bookworm-slim\", // why\n}\n",
            expect![[r#"
                2:12 `"mambaorg/micromamba:bookworm-slim"` Warning: the tag `bookworm-slim` has not been built since September 2024: tags have numbers instead of `bookworm` now
                  hint: Write mambaorg/micromamba:debian12-slim
                  Unsafe fix: Write `debian12-slim`
                  -   "image": "mambaorg/micromamba:bookworm-slim", // why
                  +   "image": "mambaorg/micromamba:debian12-slim", // why
            "#]],
        );
        check_devcontainer(
            &RULE,
            r#"{"image": "mambaorg/micromamba:jammy", "customizations": {"mmdev": {"baseImage": "mambaorg\/micromamba:noble"}}}"#,
            expect![[r#"
                1:82 `"mambaorg\/micromamba:noble"` Warning: the tag `noble` has not been built since September 2024: tags have numbers instead of `noble` now
                  hint: Write mambaorg/micromamba:ubuntu24.04
            "#]],
        );
        let toml = "[tool.mmdev]\nbase-image = 'mambaorg/micromamba:1.5.8-jammy'\n";
        let table = ["tool", "mmdev"];
        check_container(
            &RULE,
            ContainerFile::Toml(toml, &table),
            expect![[r#"
            2:14 `'mambaorg/micromamba:1.5.8-jammy'` Warning: the tag `1.5.8-jammy` has not been built since September 2024: tags have numbers instead of `jammy` now
              hint: Choose a tag of today, such as mambaorg/micromamba:2.6.1-debian13-slim
        "#]],
        );
        let dockerfile = "FROM mambaorg/micromamba:noble@sha256:0 AS x\n# mmdev: ignore[MM620]\nFROM mambaorg/micromamba:focal\nFROM mambaorg/micromamba:noble\n";
        check_container(
            &RULE,
            ContainerFile::Dockerfile(dockerfile, None),
            expect![[r#"
            1:6 `mambaorg/micromamba:noble@sha256:0` Warning: the tag `noble` has not been built since September 2024: tags have numbers instead of `noble` now
              hint: Choose a tag of today, such as mambaorg/micromamba:2.6.1-debian13-slim
            4:6 `mambaorg/micromamba:noble` Warning: the tag `noble` has not been built since September 2024: tags have numbers instead of `noble` now
              hint: Write mambaorg/micromamba:ubuntu24.04
              Unsafe fix: Write `ubuntu24.04`
              - FROM mambaorg/micromamba:noble
              + FROM mambaorg/micromamba:ubuntu24.04
        "#]],
        );
    }
}
