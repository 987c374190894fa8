//! MM622: no conda package runs on the base image.

use crate::diagnostic::{Diagnostic, Severity};
use crate::lint::container::ContainerContext;
use crate::lint::{Check, Rule};
use crate::project::MUSL_BASE_IMAGE;

pub(super) static RULE: Rule = Rule {
    code: MUSL_BASE_IMAGE,
    name: "musl-base-image",
    severity: Severity::Error,
    summary: "The base image has musl, and conda packages are made for glibc.",
    is_default: true,
    fix: None,
    check: Check::Container(check),
    documentation: "\
## What it finds
An image that is Alpine's or another one with musl by its name, in the setting `baseImage`, in `image` of \
devcontainer.json, or in the last stage of the Dockerfile that it names. It is an error where mmdev is to install the \
environment there, and a warning elsewhere.

## Why
conda's packages for Linux are linked against glibc (the virtual package `__glibc`). On musl their programs do not \
start: the loader that they name is not there, which the shell calls \"not found\". `mambaorg/micromamba:…-alpine…` is \
none of these images: it brings glibc.

## Example
```json
{ \"image\": \"mcr.microsoft.com/devcontainers/base:alpine-3.21\" }
```

## How to mend it
Choose an image of Debian or Ubuntu, such as `mcr.microsoft.com/devcontainers/base:debian-13`, or leave the choice to \
mmdev.
",
};

fn check(context: &ContainerContext<'_>) -> Vec<Diagnostic> {
    let images = context.images.iter();
    images
        .filter(|named| named.holds_environment)
        .filter_map(|named| {
            let image = named.image();
            image.is_musl().then(|| {
                let message = format!(
                    "`{}` is built on musl, for which conda packages do not exist",
                    image.reference
                );
                let span = named.reference.span;
                let found = match named.is_mmdevs {
                    true => Diagnostic::error(RULE.code, span, message),
                    false => Diagnostic::warning(RULE.code, span, message),
                };
                found.with_hint("Choose an image with glibc, such as one of Debian or Ubuntu")
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
    fn images_with_musl() {
        check_devcontainer(
            &RULE,
            r#"{"image": "mambaorg/micromamba:2-alpine3.21"}"#,
            expect![[""]],
        );
        check_devcontainer(
            &RULE,
            r#"{"customizations": {"mmdev": {"baseImage": "python:3.12-alpine"}}}"#,
            expect![[r#"
                1:44 `"python:3.12-alpine"` Error: `python:3.12-alpine` is built on musl, for which conda packages do not exist
                  hint: Choose an image with glibc, such as one of Debian or Ubuntu
            "#]],
        );
        check_devcontainer(
            &RULE,
            r#"{"image": "x/base:alpine-${templateOption:variant}"}"#,
            expect![[r#"
                1:11 `"x/base:alpine-${templateOption:variant}"` Warning: `x/base:alpine-${templateOption:variant}` is built on musl, for which conda packages do not exist
                  hint: Choose an image with glibc, such as one of Debian or Ubuntu
            "#]],
        );
        let dockerfile = "FROM alpine:3 AS tools\nFROM debian:12 AS dev\nFROM alpine:3.21\n";
        check_container(
            &RULE,
            ContainerFile::Dockerfile(dockerfile, None),
            expect![[r#"
            3:6 `alpine:3.21` Warning: `alpine:3.21` is built on musl, for which conda packages do not exist
              hint: Choose an image with glibc, such as one of Debian or Ubuntu
        "#]],
        );
        check_container(
            &RULE,
            ContainerFile::Dockerfile(dockerfile, Some("dev")),
            expect![[""]],
        );
    }
}
