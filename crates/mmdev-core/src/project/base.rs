//! The base image and the system packages on it.

use super::{BAD_SETTING, DEVELOPMENT_PACKAGES, MUSL_BASE_IMAGE, Problem};
use crate::settings::{Settings, check};

/// The public micromamba image that projects start from unless `baseImage` names another: the newest 2.x on the
/// smallest Debian. The tag names micromamba's patch version, so that what changes below it is only Debian's fixes.
pub const DEFAULT_BASE_IMAGE: &str = "mambaorg/micromamba:2.6.1-debian13-slim";

/// The image that the Dockerfile starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseImage {
    /// The reference without a digest (`mambaorg/micromamba:2.6.1-debian13-slim`).
    pub reference: String,
    /// The digest (`sha256:…`), once it is recorded.
    pub digest: Option<String>,
}

impl BaseImage {
    /// The reference as `FROM` takes it.
    pub fn pinned(&self) -> String {
        match &self.digest {
            Some(digest) => format!("{}@{digest}", self.reference),
            None => self.reference.clone(),
        }
    }

    /// Whether it is the public micromamba image, whose user and files are known.
    pub fn is_public(&self) -> bool {
        let repository = self.repository();
        let short = ["docker.io/", "index.docker.io/"]
            .iter()
            .find_map(|registry| repository.strip_prefix(registry));
        ["mambaorg/micromamba", "ghcr.io/mamba-org/micromamba"]
            .contains(&short.unwrap_or(repository))
    }

    /// The version of micromamba in it, where the tag says so (`2.6.1-debian13-slim`, `2`).
    pub fn micromamba_version(&self) -> Option<&str> {
        let name = self.repository().rsplit('/').next()?;
        let tag = self.tag()?;
        let version = tag.split('-').next()?;
        let is_version = !version.is_empty()
            && version
                .split('.')
                .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
        (name.contains("micromamba") && is_version).then_some(version)
    }

    /// Whether an image user may hold uid 1000, as Ubuntu's images from 23.04 on do. Debian's hold none, and the
    /// public image is Debian's where its tag is a version alone.
    pub fn may_hold_uid_1000(&self) -> bool {
        let is_debian = |tag: &str| tag.contains("-debian") || !tag.contains('-');
        !(self.is_public() && self.tag().is_none_or(is_debian))
    }

    /// Whether its name says that it is built on musl. The public micromamba image brings glibc where it is Alpine's.
    pub fn is_musl(&self) -> bool {
        let name = self.reference.rsplit('/').next().unwrap_or_default();
        ["alpine", "busybox", "void-musl"]
            .iter()
            .any(|musl| name.contains(musl))
            && !name.contains("glibc")
            && !name.contains("micromamba")
    }

    /// The image that it is based on, where its tag says so: `debian:13-slim` of `2.6.1-debian13-slim`. A version alone
    /// stands for that one as well.
    pub fn parent(&self) -> Option<String> {
        let tag = self.tag().filter(|_| self.is_public())?;
        self.micromamba_version()?;
        let Some((_, system)) = tag.split_once('-') else {
            let (_, default) = DEFAULT_BASE_IMAGE.split_once("-").unwrap_or_default();
            return parent_of(default);
        };
        parent_of(system)
    }

    /// Its tag, if it is written.
    pub fn tag(&self) -> Option<&str> {
        let last = self.reference.rsplit('/').next()?;
        last.split_once(':').map(|(_, tag)| tag)
    }

    /// Its name, without a tag.
    pub fn repository(&self) -> &str {
        match self.tag() {
            Some(tag) => &self.reference[..self.reference.len() - tag.len() - 1],
            None => &self.reference,
        }
    }
}

/// The public image that a tag's end names: `debian13-slim`, `ubuntu24.04`.
fn parent_of(system: &str) -> Option<String> {
    let mut names = ["debian", "ubuntu"].iter();
    let (name, version) = names.find_map(|name| Some((name, system.strip_prefix(name)?)))?;
    let is_version = version.starts_with(|first: char| first.is_ascii_digit());
    is_version.then(|| format!("{name}:{version}"))
}

pub(super) fn plan(settings: &Settings, problems: &mut Vec<Problem>) -> BaseImage {
    let written = settings
        .base_image
        .as_deref()
        .unwrap_or(DEFAULT_BASE_IMAGE)
        .trim();
    let (reference, written_digest) = match written.split_once('@') {
        Some((reference, digest)) => (reference, Some(digest.to_owned())),
        None => (written, None),
    };
    let digest = written_digest.or_else(|| settings.base_image_digest.clone());
    let valid = check::image(reference).is_ok();
    if !valid {
        problems.push(
            Problem::error(
                BAD_SETTING,
                format!("`{}` is no image reference", written.escape_debug()),
            )
            .hint("Write it as for docker pull, such as mambaorg/micromamba:2.6.1"),
        );
    }
    let digest_is_valid = digest
        .as_deref()
        .is_none_or(|digest| check::image_digest(digest).is_ok());
    if !digest_is_valid {
        problems.push(
            Problem::error(
                BAD_SETTING,
                format!("`{}` is no digest", digest.as_deref().unwrap_or_default()),
            )
            .hint("A digest is sha256: and 64 hexadecimal digits"),
        );
    }
    let base_image = BaseImage {
        reference: if valid { reference } else { DEFAULT_BASE_IMAGE }.to_owned(),
        digest: digest.filter(|_| valid && digest_is_valid),
    };
    if base_image.is_musl() {
        problems.push(
            Problem::error(
                MUSL_BASE_IMAGE,
                format!("`{reference}` is built on musl, for which conda packages do not exist"),
            )
            .hint("Choose an image with glibc, such as one of Debian or Ubuntu"),
        );
    }
    base_image
}

pub(super) fn system_packages(
    settings: &Settings,
    base: &BaseImage,
    problems: &mut Vec<Problem>,
) -> Vec<String> {
    let system = settings.system_packages.iter().flatten().cloned();
    let mut packages: Vec<String> = match &settings.development_packages {
        Some(packages) => system.chain(packages.iter().cloned()).collect(),
        None => system
            .chain(DEVELOPMENT_PACKAGES.map(str::to_owned))
            .collect(),
    };
    packages.retain(|package| {
        let valid = check::debian_package(package).is_ok();
        if !valid {
            problems.push(
                Problem::error(BAD_SETTING, format!("`{package}` is no Debian package"))
                    .hint("Write its name, with =VERSION where it matters"),
            );
        }
        valid
    });
    packages.sort();
    packages.dedup();
    let without_apt = ["alpine", "amazon"]
        .into_iter()
        .find(|name| base.reference.contains(name));
    if let Some(name) = without_apt.filter(|_| !packages.is_empty()) {
        let asked = settings
            .system_packages
            .as_ref()
            .is_some_and(|named| !named.is_empty());
        let message = format!("system packages are not installed: {name} images have no apt");
        let problem = if asked {
            Problem::error(BAD_SETTING, message)
        } else {
            Problem::warning(BAD_SETTING, message)
        };
        problems.push(problem.hint("Use a Debian or Ubuntu base image, or install them with a line in dockerfile.before and set developmentPackages to []"));
        packages.clear();
    }
    packages
}
