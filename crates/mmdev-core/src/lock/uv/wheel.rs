//! Which of several wheels of one version pip would take: the most specific one.

use std::cmp::Reverse;

/// How specific a wheel is; the least comes first. The order is that of pip's compatibility tags (PEP 425): wheels
/// that do not fit at all are not here, because uv names none.
pub(super) fn rank(file: &str, python: &str) -> impl Ord {
    let minor = python
        .split('.')
        .nth(1)
        .and_then(|minor| minor.parse().ok());
    let minor: u32 = minor.unwrap_or_default();
    let stem = file.strip_suffix(".whl").unwrap_or(file);
    let mut parts = stem.rsplit('-');
    let mut tags = || parts.next().unwrap_or_default();
    let (platforms, abis, pythons) = (tags(), tags(), tags());
    let build = match parts.count() {
        3.. => stem.split('-').nth(2).map(build),
        _ => None,
    };
    let mut best = None;
    for python in pythons.split('.') {
        for abi in abis.split('.') {
            for platform in platforms.split('.') {
                let rank = (interpreter(python, abi, minor), Reverse(level(platform)));
                if best.as_ref().is_none_or(|best| rank < *best) {
                    best = Some(rank);
                }
            }
        }
    }
    // Whatever is for every platform comes last.
    let is_for_all = best
        .as_ref()
        .is_none_or(|(_, platform)| platform.0 == (0, 0, 0));
    (is_for_all, best, Reverse(build))
}

/// The number that a build tag begins with, and the rest.
fn build(tag: &str) -> (u64, String) {
    let end = tag
        .find(|char: char| !char.is_ascii_digit())
        .unwrap_or(tag.len());
    (
        tag[..end].parse().unwrap_or_default(),
        tag[end..].to_owned(),
    )
}

/// The place of a Python and ABI tag for CPython 3.`minor`: what was built for that very Python, for the stable ABI,
/// for no ABI, and for any Python; the distance from this Python; whether `py3` alone comes before or behind.
fn interpreter(python: &str, abi: &str, minor: u32) -> (u32, u32, u32) {
    let version = |text: &str| -> Option<u32> { text.strip_prefix('3')?.parse().ok() };
    let away = |version: Option<u32>| version.map_or(0, |version| minor.saturating_sub(version));
    if let Some(built_for) = python.strip_prefix("cp") {
        let away = away(version(built_for));
        return match (abi, away) {
            ("abi3", 0) => (1, 0, 0),
            ("none", _) => (2, away, 0),
            ("abi3", _) => (3, away, 0),
            _ => (0, away, 0),
        };
    }
    let built_for = python.strip_prefix("py").and_then(version);
    // `py312`, `py3`, `py311` … in this order.
    match (python, built_for) {
        ("py3", _) => (4, 0, 1),
        (_, Some(_)) => (4, away(built_for), 0),
        _ => (5, 0, 0),
    }
}

/// How much a platform tag asks of the platform, `any` nothing.
fn level(platform: &str) -> (u32, u32, u32) {
    let versions = |rest: &str| -> (u32, u32) {
        let mut numbers = rest.split('_').map(|part| part.parse().unwrap_or_default());
        (
            numbers.next().unwrap_or_default(),
            numbers.next().unwrap_or_default(),
        )
    };
    // An old name of a manylinux is behind its new one, and the system's own `linux` behind all.
    let legacy = [
        ("manylinux2014_", 17),
        ("manylinux2010_", 12),
        ("manylinux1_", 5),
    ];
    if platform == "any" {
        return (0, 0, 0);
    }
    if let Some(rest) = platform.strip_prefix("manylinux_") {
        let (major, minor) = versions(rest);
        return (major.saturating_add(1), minor, 1);
    }
    if let Some((_, minor)) = legacy.iter().find(|(name, _)| platform.starts_with(name)) {
        return (3, *minor, 0);
    }
    if let Some(rest) = platform.strip_prefix("macosx_") {
        let (major, minor) = versions(rest);
        return (
            major.saturating_add(1),
            minor,
            u32::from(!platform.ends_with("universal2")),
        );
    }
    (1, 0, 0)
}
