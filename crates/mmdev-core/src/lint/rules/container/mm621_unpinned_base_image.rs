//! MM621: the base image is whatever `latest` is.

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::lint::container::ContainerContext;
use crate::lint::{Check, Rule};
use crate::project::DEFAULT_BASE_IMAGE;

pub(super) static RULE: Rule = Rule {
    code: Code("MM621"),
    name: "unpinned-base-image",
    severity: Severity::Information,
    summary: "The base image has no tag, or `latest`.",
    is_default: true,
    fix: None,
    check: Check::Container(check),
    documentation: "\
## What it finds
An image without a tag, or with the tag `latest`, and without a digest, in the setting `baseImage`, in `image` of \
devcontainer.json, or in a `FROM` line of the Dockerfile that it names.

## Why
Docker reads no tag as `latest`, which is another image after each release: a new Debian, a new micromamba. Who builds \
today has another container than who built last month, and `docker build` keeps the one that it happens to have.

## Example
```json
{ \"image\": \"continuumio/miniconda3\" }
```

## How to mend it
Name a version in the tag, and its digest where everybody should have the same bytes (`baseImageDigest`).
",
};

fn check(context: &ContainerContext<'_>) -> Vec<Diagnostic> {
    let images = context.images.iter();
    images
        .filter(|named| !named.is_pinned_elsewhere)
        .filter_map(|named| {
            let image = named.image();
            if image.digest.is_some() || image.tag().is_some_and(|tag| tag != "latest") {
                return None;
            }
            let what = match image.tag() {
                Some(_) => "is another image",
                None => "has no tag, so that it is `latest`: another image",
            };
            let found = Diagnostic::information(
                RULE.code,
                named.reference.span,
                format!("`{}` {what} after each release", image.reference),
            );
            Some(match image.is_public() {
                true => found.with_hint(format!("Name a version, as in {DEFAULT_BASE_IMAGE}")),
                false => found.with_hint("Name a version in its tag"),
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
    fn images_without_a_version() {
        check_devcontainer(
            &RULE,
            r#"{"image": "mambaorg/micromamba:latest"}"#,
            expect![[r#"
                1:11 `"mambaorg/micromamba:latest"` Information: `mambaorg/micromamba:latest` is another image after each release
                  hint: Name a version, as in mambaorg/micromamba:2.6.1-debian13-slim
            "#]],
        );
        check_devcontainer(
            &RULE,
            r#"{"customizations": {"mmdev": {"baseImage": "localhost:5000/x", "baseImageDigest": "sha256:0"}}}"#,
            expect![[""]],
        );
        let dockerfile =
            "FROM localhost:5000/x AS a\nFROM debian:12\nFROM debian@sha256:0\nFROM a\nFROM $X\n";
        check_container(
            &RULE,
            ContainerFile::Dockerfile(dockerfile, None),
            expect![[r#"
            1:6 `localhost:5000/x` Information: `localhost:5000/x` has no tag, so that it is `latest`: another image after each release
              hint: Name a version in its tag
        "#]],
        );
    }
}
