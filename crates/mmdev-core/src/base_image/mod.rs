//! A micromamba base image on any glibc parent, with the conventions of the public image (mambaorg/micromamba 2.x):
//! the same variables, paths, user, entrypoint and shell, so that a Dockerfile written for it works on ours.

mod tags;

use crate::artifact::File;
use crate::project::BaseImage;
use crate::settings::check;

pub use tags::{CODENAMES_ENDED, Retired, retired};

/// The name of micromamba's program in the build context: the caller puts it there.
pub const PROGRAM: &str = "micromamba";

/// The scripts of the image, by their name in `/usr/local/bin`. The two that begin with `_dockerfile_` and are no
/// shell are for adding micromamba to a further image, as the public image's manual says.
const SCRIPTS: [(&str, &str); 6] = [
    (
        "_activate_current_env.sh",
        include_str!("_activate_current_env.sh"),
    ),
    ("_apptainer_shell.sh", include_str!("_apptainer_shell.sh")),
    (
        "_dockerfile_initialize_user_accounts.sh",
        include_str!("_dockerfile_initialize_user_accounts.sh"),
    ),
    (
        "_dockerfile_setup_root_prefix.sh",
        include_str!("_dockerfile_setup_root_prefix.sh"),
    ),
    ("_dockerfile_shell.sh", include_str!("_dockerfile_shell.sh")),
    ("_entrypoint.sh", include_str!("_entrypoint.sh")),
];

/// Why no image can be made on a parent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Not an image reference.
    NoReference {
        /// What was given.
        parent: String,
    },
    /// An image that is known to be built on musl.
    Musl {
        /// What was given.
        parent: String,
    },
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Refusal::NoReference { parent } => {
                write!(formatter, "`{parent}` is no image reference")
            }
            Refusal::Musl { parent } => write!(
                formatter,
                "{parent} is built on musl, and conda packages are made for glibc: none of them would run there; \
                 choose a parent such as debian:bookworm-slim"
            ),
        }
    }
}

impl std::error::Error for Refusal {}

/// The build context of a base image on `parent`, but for the program itself ([`PROGRAM`]). Paths are relative to the
/// context. A musl parent that its name does not betray is refused by the build, in the same words.
pub fn render(parent: &str) -> Result<Vec<File>, Refusal> {
    if check::image(parent).is_err() {
        return Err(Refusal::NoReference {
            parent: parent.to_owned(),
        });
    }
    let image = BaseImage {
        reference: parent.to_owned(),
        digest: None,
    };
    if image.is_musl() {
        return Err(Refusal::Musl {
            parent: parent.to_owned(),
        });
    }
    let mut files = vec![File {
        path: "Dockerfile".to_owned(),
        text: include_str!("Dockerfile").replace("@PARENT@", parent),
    }];
    files.extend(SCRIPTS.iter().map(|(name, text)| File {
        path: (*name).to_owned(),
        text: (*text).to_owned(),
    }));
    Ok(files)
}

/// Where an official program and its checksum are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    /// The program itself, not packed.
    pub url: String,
    /// Its SHA-256 in hexadecimal digits, perhaps followed by a file name.
    pub checksum_url: String,
}

/// The official micromamba of `version` (`2.6.1`, or `2.6.1-0` with the number of the release) for a conda subdir of
/// Linux. Source: the assets of github.com/mamba-org/micromamba-releases. `None` where there can be none.
pub fn download(version: &str, subdir: &str) -> Option<Download> {
    let (numbers, release) = version.split_once('-').unwrap_or((version, "0"));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_version =
        numbers.split('.').count() == 3 && numbers.split('.').all(is_number) && is_number(release);
    crate::subdir::machine(subdir).filter(|_| is_version)?;
    let url = format!(
        "https://github.com/mamba-org/micromamba-releases/releases/download/{numbers}-{release}/micromamba-{subdir}"
    );
    Some(Download {
        checksum_url: format!("{url}.sha256"),
        url,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_are_judged_by_name() {
        let cases = [
            ("debian:bookworm-slim", "ok"),
            ("host:5000/a/b:c", "ok"),
            ("a@sha256:0", "no reference"),
            ("alpine:3.21", "musl"),
            ("docker.io/library/python:3.12-alpine", "musl"),
            ("frolvlad/alpine-glibc", "ok"),
            ("", "no reference"),
            ("debian\nRUN evil", "no reference"),
            ("-debian", "no reference"),
            ("debian AS x", "no reference"),
        ];
        for (parent, expected) in cases {
            let outcome = match render(parent) {
                Ok(_) => "ok",
                Err(Refusal::Musl { .. }) => "musl",
                Err(Refusal::NoReference { .. }) => "no reference",
            };
            assert_eq!(outcome, expected, "{parent:?}");
        }
    }

    #[test]
    fn the_context_names_the_parent_and_holds_what_the_dockerfile_reads() {
        let files = render("debian:bookworm-slim").unwrap();
        let dockerfile = &files[0].text;
        assert!(dockerfile.contains("\nFROM debian:bookworm-slim\n"));
        assert!(!dockerfile.contains('@'));
        for file in &files[1..] {
            assert!(
                dockerfile.contains(&format!("source={}", file.path)),
                "{}",
                file.path
            );
            assert!(file.text.starts_with("#"), "{}", file.path);
        }
    }

    #[test]
    fn official_programs_are_named_by_version_and_subdir() {
        let found =
            |version, subdir| download(version, subdir).map(|download| download.checksum_url);
        let release = "https://github.com/mamba-org/micromamba-releases/releases/download";
        assert_eq!(
            found("2.6.1", "linux-64"),
            Some(format!("{release}/2.6.1-0/micromamba-linux-64.sha256"))
        );
        assert_eq!(
            found("2.6.1-2", "linux-aarch64"),
            Some(format!("{release}/2.6.1-2/micromamba-linux-aarch64.sha256"))
        );
        for (version, subdir) in [
            ("latest", "linux-64"),
            ("2.6", "linux-64"),
            ("2.6.1/../x", "linux-64"),
            ("2.6.1", "osx-64"),
        ] {
            assert_eq!(found(version, subdir), None, "{version} {subdir}");
        }
    }
}
