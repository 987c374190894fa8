//! The tags of the public micromamba image, as far as it is known that they are not built any more.
//!
//! Source: the change log of github.com/mamba-org/micromamba-docker ("7 October 2024": tags hold numbers instead of
//! names of releases), and its issue 573 (1.5.10 was the last version with names).

use crate::project::BaseImage;

/// When tags with codenames were built for the last time.
pub const CODENAMES_ENDED: &str = "September 2024";

/// The releases of Debian and Ubuntu by whose names tags went, and what tags call those that are still built.
const CODENAMES: [(&str, Option<&str>); 9] = [
    ("bionic", None),
    ("bookworm", Some("debian12")),
    ("bullseye", None),
    ("buster", None),
    ("focal", None),
    ("jammy", Some("ubuntu22.04")),
    ("kinetic", None),
    ("lunar", None),
    ("noble", Some("ubuntu24.04")),
];

/// A tag that is not built any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retired {
    /// The name in it.
    pub codename: &'static str,
    /// The tag of the same system that is built today, where there is one.
    pub successor: Option<String>,
}

/// Whether an image is the public micromamba image by a tag that is not built any more (`jammy`,
/// `1.5.8-bookworm-slim`, `focal-cuda-11.7.1`).
pub fn retired(image: &BaseImage) -> Option<Retired> {
    let tag = image.tag().filter(|_| image.is_public())?;
    let mut names = CODENAMES.iter();
    let (codename, today) = names.find(|(name, _)| tag.split('-').any(|part| part == *name))?;
    // With a version of micromamba in front, or CUDA's behind, it is not the name alone that changed.
    let rest = tag.strip_prefix(codename);
    let successor = today
        .zip(rest.filter(|rest| ["", "-slim"].contains(rest)))
        .map(|(today, rest)| format!("{today}{rest}"));
    Some(Retired {
        codename,
        successor,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(reference: &str, expected: Option<(&str, Option<&str>)>) {
        let found = retired(&BaseImage {
            reference: reference.to_owned(),
            digest: None,
        });
        let found = found
            .as_ref()
            .map(|found| (found.codename, found.successor.as_deref()));
        assert_eq!(found, expected, "{reference}");
    }

    #[test]
    fn names_of_releases_are_retired() {
        let image = "mambaorg/micromamba";
        check(
            &format!("{image}:jammy"),
            Some(("jammy", Some("ubuntu22.04"))),
        );
        check(
            &format!("docker.io/{image}:bookworm-slim"),
            Some(("bookworm", Some("debian12-slim"))),
        );
        check(
            &format!("{image}:1.5.8-bookworm-slim"),
            Some(("bookworm", None)),
        );
        check(&format!("{image}:focal-cuda-11.7.1"), Some(("focal", None)));
        check(
            "ghcr.io/mamba-org/micromamba:git-0123456-lunar",
            Some(("lunar", None)),
        );
        for current in [
            image.to_owned(),
            format!("{image}:latest"),
            format!("{image}:2.6.1-debian13-slim"),
            format!("{image}:cuda12.6.3-ubuntu22.04"),
            "debian:bookworm-slim".to_owned(),
            "mine/micromamba:jammy".to_owned(),
        ] {
            check(&current, None);
        }
    }
}
