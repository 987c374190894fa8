//! Locks for tests, written in a word or two for each package.

use super::{Hashes, Lock, MAIN, Manager, Metadata, Package};
use crate::hash::sha256;

/// `[platform:][pip:]name version [build] [> dependency constraint, …]`
pub(crate) fn package(text: &str) -> Package {
    let (text, depends) = text.split_once(" > ").unwrap_or((text, ""));
    let (platform, text) = match text.split_once(':') {
        Some((platform, rest)) if platform.contains('-') => (platform, rest),
        _ => ("linux-64", text),
    };
    let (manager, text) = match text.strip_prefix("pip:") {
        Some(text) => (Manager::Pip, text),
        None => (Manager::Conda, text),
    };
    let mut words = text.split(' ').map(str::to_owned);
    let (name, version) = (words.next().unwrap(), words.next().unwrap());
    let build = words.next();
    let url = match &build {
        Some(build) => format!(
            "https://conda.anaconda.org/conda-forge/{platform}/{name}-{version}-{build}.conda"
        ),
        None => format!("https://files.pythonhosted.org/{name}-{version}-py3-none-any.whl"),
    };
    let digits = sha256(&url);
    Package {
        dependencies: super::dependencies(depends.split(", ")),
        hash: Hashes {
            md5: (manager == Manager::Conda).then(|| digits[..32].to_owned()),
            sha256: Some(digits),
        },
        name,
        version,
        build,
        manager,
        platform: platform.to_owned(),
        url,
        source: None,
        category: MAIN.to_owned(),
        optional: false,
        size: None,
    }
}

/// A lock of such packages, for the platforms that they have.
pub(crate) fn lock(packages: &[&str]) -> Lock {
    let packages: Vec<Package> = packages.iter().map(|text| package(text)).collect();
    let mut platforms: Vec<String> = packages
        .iter()
        .map(|package| package.platform.clone())
        .collect();
    platforms.sort();
    platforms.dedup();
    let mut lock = Lock {
        metadata: Metadata {
            platforms,
            channels: vec![super::Channel::of("conda-forge")],
            sources: vec!["env.yaml".to_owned()],
            ..Metadata::default()
        },
        packages,
    };
    lock.sort();
    lock
}
