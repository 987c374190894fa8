//! The virtual packages of a container: what its base image and its machine provide, as solvers see it. They are the
//! container's own, never the host's, so that a lock comes out the same wherever it is made.

/// Something that a machine provides rather than a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualPackage {
    /// The name (`__glibc`).
    pub name: String,
    /// The version.
    pub version: String,
    /// The build string, `0` where it means nothing.
    pub build: String,
}

/// What is known of a base image.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Image {
    /// The version of its glibc.
    pub glibc: Option<String>,
    /// The newest CUDA that it is made for; whoever runs it has a driver for that.
    pub cuda: Option<String>,
}

/// The glibc that conda-lock counts on where nothing better is known.
const DEFAULT_GLIBC: &str = "2.28";

/// The kernel that conda-lock counts on. A container has its host's.
const DEFAULT_LINUX: &str = "5.10";

/// The macOS that conda-lock counts on.
const DEFAULT_OSX: &str = "11.0";

/// The CUDA that conda-lock counts on where a dependency asks for one.
pub const DEFAULT_CUDA: &str = "11.4";

/// Whether a dependency on `name`, with that build string if any, asks for CUDA: by a word of its name, as all packages of CUDA and those for it are called
/// (`cuda-nvcc`, `libcudnn`, `pycuda`, `tensorflow-gpu`), or by its build (`*cuda118*`).
pub fn asks_for_cuda(name: &str, build: Option<&str>) -> bool {
    let is_cuda = |word: &str| {
        let stem = ["lib", "py"]
            .iter()
            .find_map(|start| word.strip_prefix(start))
            .unwrap_or(word);
        stem.starts_with("cuda") || stem.starts_with("cudnn")
    };
    let mut words = name.split(['-', '_', '.']);
    let build = build.unwrap_or_default();
    words.any(|word| is_cuda(word) || word == "gpu")
        || ["cuda", "gpu"].iter().any(|word| build.contains(word))
}

/// What platform `subdir` provides: on Linux that of a container of `image`, elsewhere conda-lock's defaults.
/// `archspec` is the microarchitecture (`x86_64_v3`) where the settings name one; it counts for its own family.
pub fn of(subdir: &str, image: &Image, archspec: Option<&str>) -> Vec<VirtualPackage> {
    let package = |name: &str, version: &str, build: &str| VirtualPackage {
        name: name.to_owned(),
        version: version.to_owned(),
        build: build.to_owned(),
    };
    let (system, machine) = subdir.split_once('-').unwrap_or((subdir, ""));
    let mut packages = Vec::new();
    if matches!(system, "linux" | "osx" | "freebsd") {
        packages.push(package("__unix", "0", "0"));
    }
    match system {
        "linux" => {
            packages.push(package("__linux", DEFAULT_LINUX, "0"));
            let glibc = image.glibc.as_deref().unwrap_or(DEFAULT_GLIBC);
            packages.push(package("__glibc", glibc, "0"));
        }
        "osx" => packages.push(package("__osx", DEFAULT_OSX, "0")),
        "win" => packages.push(package("__win", "0", "0")),
        _ => {}
    }
    let architecture = match machine {
        "64" => Some("x86_64"),
        "32" => Some("x86"),
        "" => None,
        other => Some(other),
    };
    let is_x86 = |name: &str| name.starts_with("x86");
    let own = archspec.filter(|own| architecture.is_some_and(|it| is_x86(it) == is_x86(own)));
    if let Some(architecture) = own.or(architecture) {
        packages.push(package("__archspec", "1", architecture));
    }
    if let Some(cuda) = &image.cuda {
        packages.push(package("__cuda", cuda, "0"));
    }
    packages
}

/// What the name and tag of a public image say: Debian's and Ubuntu's, those built on them (micromamba, python,
/// buildpack-deps, devcontainers, cuda), and the families of RHEL. Nothing where they say nothing.
pub fn of_reference(reference: &str) -> Image {
    let reference = reference.split('@').next().unwrap_or_default();
    let reference = reference.to_ascii_lowercase();
    let (repository, tag) = match reference.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, tag),
        _ => (reference.as_str(), ""),
    };
    let name = repository.rsplit('/').next().unwrap_or_default();
    Image {
        glibc: glibc(repository, name, tag).map(str::to_owned),
        cuda: cuda(repository, tag),
    }
}

/// The releases by what tags call them, with their glibc.
const RELEASES: [(&[&str], &str); 16] = [
    (&["debian11", "bullseye"], "2.31"),
    (&["debian12", "bookworm"], "2.36"),
    (&["debian13", "trixie"], "2.41"),
    (&["ubuntu18.04", "ubuntu1804", "bionic"], "2.27"),
    (&["ubuntu20.04", "ubuntu2004", "focal"], "2.31"),
    (&["ubuntu22.04", "ubuntu2204", "jammy"], "2.35"),
    (&["ubuntu24.04", "ubuntu2404", "noble"], "2.39"),
    (&["ubuntu26.04", "ubuntu2604", "resolute"], "2.43"),
    (&["amazon2023", "al2023", "amazonlinux2023"], "2.34"),
    (
        &["rockylinux8", "almalinux8", "ubi8", "oraclelinux8"],
        "2.28",
    ),
    (
        &["rockylinux9", "almalinux9", "ubi9", "oraclelinux9"],
        "2.34",
    ),
    (
        &["rockylinux10", "almalinux10", "ubi10", "oraclelinux10"],
        "2.39",
    ),
    (&["buster", "debian10"], "2.28"),
    (&["centos7", "amazonlinux2"], "2.17"),
    (&["opensuse15", "leap15"], "2.31"),
    (&["centosstream9", "stream9"], "2.34"),
];

fn glibc(repository: &str, name: &str, tag: &str) -> Option<&'static str> {
    let of_release = |word: &str| {
        RELEASES
            .iter()
            .find(|(words, _)| words.contains(&word))
            .map(|(_, glibc)| *glibc)
    };
    // `2.6.1-debian13-slim`, `12.9.1-base-ubuntu24.04`, `3.12-bookworm`, `22.04`, `12-slim`, `9.5`.
    tag.split('-')
        .find_map(of_release)
        .or_else(|| {
            let first = tag.split('-').next().unwrap_or_default();
            let release = match name {
                "ubuntu" => first.to_owned(),
                _ => first.split('.').next().unwrap_or_default().to_owned(),
            };
            of_release(&format!("{name}{release}")).or_else(|| of_release(name))
        })
        // The public micromamba image is Debian 13's where its tag is a version alone.
        .or_else(|| {
            let is_version =
                |tag: &str| !tag.contains('-') && tag.starts_with(|c: char| c.is_ascii_digit());
            (repository.ends_with("mambaorg/micromamba") && is_version(tag)).then_some("2.41")
        })
}

/// The CUDA of `nvidia/cuda:12.9.1-base-ubuntu24.04` and of `mambaorg/micromamba:2.6.1-cuda12.9.1-ubuntu24.04`.
fn cuda(repository: &str, tag: &str) -> Option<String> {
    let version = match repository.ends_with("nvidia/cuda") {
        true => tag.split('-').next(),
        false => tag.split('-').find_map(|part| part.strip_prefix("cuda")),
    }?;
    let parts: Vec<&str> = version.split('.').collect();
    let is_number =
        |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    // `__cuda` is the driver's, which has no patch version.
    match parts.as_slice() {
        [major, minor, ..] if is_number(major) && is_number(minor) => {
            Some(format!("{major}.{minor}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    #[test]
    fn cuda_is_asked_for_by_name_or_build() {
        for name in [
            "__cuda",
            "cuda-nvcc",
            "cuda12",
            "cudatoolkit",
            "cudnn",
            "libcudart",
            "libcudnn",
            "numba_cuda",
            "pycuda",
            "pytorch-cuda",
            "tensorflow-gpu",
        ] {
            assert!(asks_for_cuda(name, None), "{name}");
        }
        for name in ["barracuda", "gputils", "numpy", "pygpufit"] {
            assert!(!asks_for_cuda(name, None), "{name}");
        }
        assert!(asks_for_cuda("pytorch", Some("*cuda*")));
        assert!(asks_for_cuda("tensorflow", Some("gpu_py39*")));
        assert!(!asks_for_cuda("pytorch", Some("*cpu*")));
    }

    #[track_caller]
    fn check(subdir: &str, reference: &str, archspec: Option<&str>, expected: Expect) {
        let packages = of(subdir, &of_reference(reference), archspec);
        let shown: Vec<String> = packages
            .iter()
            .map(|package| format!("{}={}={}", package.name, package.version, package.build))
            .collect();
        expected.assert_eq(&shown.join(" "));
    }

    #[test]
    fn a_container_has_what_its_image_has() {
        check(
            "linux-64",
            "mambaorg/micromamba:2.6.1-debian13-slim",
            None,
            expect!["__unix=0=0 __linux=5.10=0 __glibc=2.41=0 __archspec=1=x86_64"],
        );
        check(
            "linux-aarch64",
            "mambaorg/micromamba:2.6.1-cuda12.9.1-ubuntu24.04@sha256:00",
            None,
            expect!["__unix=0=0 __linux=5.10=0 __glibc=2.39=0 __archspec=1=aarch64 __cuda=12.9=0"],
        );
        check(
            "linux-64",
            "registry.example.com:5000/own/image",
            Some("x86_64_v3"),
            expect!["__unix=0=0 __linux=5.10=0 __glibc=2.28=0 __archspec=1=x86_64_v3"],
        );
    }

    #[test]
    fn a_microarchitecture_counts_for_its_family() {
        check(
            "linux-aarch64",
            "debian:12",
            Some("x86_64_v3"),
            expect!["__unix=0=0 __linux=5.10=0 __glibc=2.36=0 __archspec=1=aarch64"],
        );
        check(
            "linux-aarch64",
            "debian:12",
            Some("armv8.2a"),
            expect!["__unix=0=0 __linux=5.10=0 __glibc=2.36=0 __archspec=1=armv8.2a"],
        );
    }

    #[test]
    fn other_platforms_have_what_conda_lock_gives_them() {
        check(
            "osx-arm64",
            "debian:12",
            None,
            expect!["__unix=0=0 __osx=11.0=0 __archspec=1=arm64"],
        );
        check(
            "win-64",
            "debian:12",
            None,
            expect!["__win=0=0 __archspec=1=x86_64"],
        );
    }

    #[test]
    fn public_tags_say_which_glibc_they_have() {
        let check = |reference: &str, glibc: Option<&str>| {
            assert_eq!(
                of_reference(reference).glibc.as_deref(),
                glibc,
                "{reference}"
            );
        };
        check("mambaorg/micromamba:2.6.1-debian12", Some("2.36"));
        check("docker.io/mambaorg/micromamba:2.6.1", Some("2.41"));
        check("mambaorg/micromamba:2.6.1-amazon2023", Some("2.34"));
        check("mambaorg/micromamba:git-0123abc", None);
        check("debian:12-slim", Some("2.36"));
        check("debian:bookworm-20251103-slim", Some("2.36"));
        check("ubuntu:22.04", Some("2.35"));
        check("ubuntu:noble", Some("2.39"));
        check("python:3.12-bookworm", Some("2.36"));
        check("rockylinux:9.5", Some("2.34"));
        check("registry.access.redhat.com/ubi9/ubi:latest", None);
        check("mcr.microsoft.com/devcontainers/base:jammy", Some("2.35"));
        check("nvidia/cuda:12.9.1-base-ubuntu24.04", Some("2.39"));
        check("localhost:5000/ubuntu", None);
        check("alpine:3.22", None);
    }

    #[test]
    fn cuda_images_say_which_cuda_they_are_for() {
        let check = |reference: &str, cuda: Option<&str>| {
            assert_eq!(of_reference(reference).cuda.as_deref(), cuda, "{reference}");
        };
        check("nvidia/cuda:12.9.1-base-ubuntu24.04", Some("12.9"));
        check(
            "mambaorg/micromamba:2.6.1-cuda11.8.0-ubuntu22.04",
            Some("11.8"),
        );
        check("mambaorg/micromamba:2.6.1-debian12", None);
        check("nvidia/cuda:latest", None);
    }
}
