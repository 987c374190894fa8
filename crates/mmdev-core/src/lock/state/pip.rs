//! Whether a lock satisfies an entry of the pip section.

use std::str::FromStr;

use pep508_rs::pep440_rs::Version;
use pep508_rs::{MarkerEnvironment, MarkerEnvironmentBuilder, VersionOrUrl};

use super::Locked;
use crate::spec::pip::{normalized, requirement};
use crate::spec::{PipEntry, PipLine};

/// The environment that markers are about: the locked python on the lock's platform.
pub(super) fn environment(locked: &Locked<'_>) -> Option<MarkerEnvironment> {
    let (system, machine) = locked.platform.split_once('-')?;
    let (sys_platform, platform_system, os_name) = match system {
        "linux" => ("linux", "Linux", "posix"),
        "osx" => ("darwin", "Darwin", "posix"),
        "win" => ("win32", "Windows", "nt"),
        _ => return None,
    };
    let platform_machine = match (system, machine) {
        ("win", "64") => "AMD64",
        (_, "64") => "x86_64",
        (_, other) => other,
    };
    let full = locked.conda.get("python")?.version.as_str();
    let minor = full
        .match_indices('.')
        .nth(1)
        .map_or(full, |(at, _)| &full[..at]);
    MarkerEnvironment::try_from(MarkerEnvironmentBuilder {
        implementation_name: "cpython",
        implementation_version: full,
        os_name,
        platform_machine,
        platform_python_implementation: "CPython",
        platform_release: "",
        platform_system,
        platform_version: "",
        python_full_version: full,
        python_version: minor,
        sys_platform,
    })
    .ok()
}

/// `Err` with the version that is there instead, if the entry is not satisfied. What conda provides needs no package
/// of pip; what has no name, or a version that is none to Python, is taken on trust.
pub(super) fn check<'lock>(
    locked: &Locked<'lock>,
    entry: &PipEntry,
    environment: Option<&MarkerEnvironment>,
) -> Result<(), Option<&'lock str>> {
    let PipLine::Package { name } = &entry.line else {
        return Ok(());
    };
    // Options may stand behind it (`--hash=…`).
    let text = entry.text.value.as_str();
    let text = text.split(" --").next().unwrap_or(text);
    let asked = requirement(text);
    if let (Some(asked), Some(environment)) = (&asked, environment)
        && !asked.evaluate_markers(environment, &[])
    {
        return Ok(());
    }
    let by_conda = || {
        locked
            .conda
            .values()
            .find(|package| normalized(&package.name) == *name)
    };
    let package = locked.pip.get(name).or_else(by_conda).ok_or(None)?;
    let version = Version::from_str(&package.version);
    match (asked.and_then(|it| it.version_or_url), version) {
        (Some(VersionOrUrl::VersionSpecifier(asked)), Ok(version)) if !asked.contains(&version) => {
            Err(Some(&package.version))
        }
        _ => Ok(()),
    }
}
