//! `mmdev base-image build`: a micromamba base image on any glibc parent.

use std::collections::BTreeMap;
use std::path::Path;

use mmdev_core::base_image::{self, PROGRAM, Refusal};
use mmdev_core::hash::sha256;
use mmdev_core::project::DEFAULT_BASE_IMAGE;
use mmdev_docker::{BuildRequest, ContextFile, Credentials};

use super::build::run_build;
use crate::download;
use crate::engine;
use crate::error::{Error, Result, Status};
use crate::printer::Printer;

/// What is to be made.
#[derive(Debug)]
pub(crate) struct Request {
    /// The parent image.
    pub(crate) parent: String,
    /// A version of the official micromamba, or the path of a program; the default image's version without.
    pub(crate) micromamba: Option<String>,
    /// The new image's name.
    pub(crate) tag: Option<String>,
    /// Show the Dockerfile, and build nothing.
    pub(crate) print: bool,
    /// Reach for no network.
    pub(crate) offline: bool,
}

/// Builds the image.
pub(crate) fn build(printer: &Printer, request: &Request) -> Result {
    let files = base_image::render(&request.parent).map_err(|refusal| match refusal {
        Refusal::NoReference { .. } => Error::invocation(refusal.to_string()),
        Refusal::Musl { .. } => Error::problem(refusal.to_string()),
    })?;
    if request.print {
        for file in files.iter().filter(|file| file.path == "Dockerfile") {
            printer.stdout(&file.text);
        }
        return Ok(Status::Done);
    }
    let mut context: Vec<ContextFile> = files
        .into_iter()
        .map(|file| ContextFile {
            mode: if file.path == "Dockerfile" {
                0o644
            } else {
                0o755
            },
            ..ContextFile::new(file.path, file.text)
        })
        .collect();
    context.push(ContextFile {
        mode: 0o755,
        ..ContextFile::new(PROGRAM, program(printer, request)?)
    });
    let build = BuildRequest {
        files: context,
        dockerfile: "Dockerfile".to_owned(),
        tag: request.tag.clone().unwrap_or_else(|| tag(&request.parent)),
        labels: BTreeMap::new(),
        credentials: Credentials::load(&engine::environment())?,
        ..BuildRequest::default()
    };
    engine::block_on(engine::interruptible(async {
        let engine = engine::connect().await?;
        run_build(printer, &engine, &build).await?;
        printer.note(&format!(
            "\nNext: mmdev generate --base {}, or `FROM {}` in a Dockerfile.",
            build.tag, build.tag
        ));
        Ok(Status::Done)
    }))
}

/// `mmdev-base:` and the parent's last name and tag.
fn tag(parent: &str) -> String {
    let name = parent.rsplit('/').next().unwrap_or(parent);
    let name = name.split('@').next().unwrap_or(name);
    format!("mmdev-base:{}", name.replace(':', "-"))
}

/// The bytes of micromamba's program.
fn program(printer: &Printer, request: &Request) -> Result<Vec<u8>> {
    let wanted = match &request.micromamba {
        Some(wanted) => wanted.as_str(),
        None => default_version(),
    };
    let path = Path::new(wanted);
    if wanted.contains(['/', '\\']) || path.is_file() {
        return std::fs::read(path).map_err(|error| {
            Error::invocation(format!("cannot read {wanted}: {error}"))
                .with_hint("name the program's path, or a version such as 2.6.1")
        });
    }
    let Some(download) = base_image::download(wanted, subdir()) else {
        return Err(Error::invocation(format!(
            "`{wanted}` is neither a version of micromamba nor a file"
        ))
        .with_hint("name a version such as 2.6.1, or a path such as ./micromamba"));
    };
    if request.offline {
        return Err(Error::invocation(format!(
            "micromamba {wanted} would have to be downloaded, and --offline forbids it"
        ))
        .with_hint(format!(
            "download {} yourself, and name the file with --micromamba",
            download.url
        )));
    }
    printer.status("Downloading", &download.url);
    let expected = fetch(&download.checksum_url)?;
    let expected = String::from_utf8_lossy(&expected).to_lowercase();
    let expected = expected.split_whitespace().next().unwrap_or_default();
    let program = fetch(&download.url)?;
    let actual = sha256(&program);
    if expected != actual {
        return Err(Error::world(anyhow::anyhow!(
            "the checksum of {} is {actual}, and should be {expected}",
            download.url
        ))
        .with_hint("try again; if it stays so, somebody on the way changes downloads"));
    }
    Ok(program)
}

/// The version in the default base image's tag.
fn default_version() -> &'static str {
    let tag = DEFAULT_BASE_IMAGE.rsplit(':').next().unwrap_or_default();
    tag.split('-').next().unwrap_or_default()
}

/// The conda subdir of a container on this machine.
fn subdir() -> &'static str {
    match std::env::consts::ARCH {
        "aarch64" => "linux-aarch64",
        "powerpc64" => "linux-ppc64le",
        _ => "linux-64",
    }
}

fn fetch(url: &str) -> Result<Vec<u8>> {
    let bytes = async {
        download::bytes(url, "*/*").await.map_err(|error| {
            Error::world(error)
                .with_hint("download it yourself, and name the file with --micromamba")
        })
    };
    engine::block_on(engine::interruptible(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_versions() {
        assert_eq!(
            tag("debian:bookworm-slim"),
            "mmdev-base:debian-bookworm-slim"
        );
        assert_eq!(tag("ghcr.io:443/a/b@sha256:0"), "mmdev-base:b");
        assert!(base_image::download(default_version(), subdir()).is_some());
    }
}
