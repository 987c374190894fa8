//! What rules ask a requirement of the pip section.

pub(super) use crate::spec::pip::normalized;
use crate::spec::{PipEntry, PipLine};

/// The normalised name (PEP 503) of the package that an entry asks for.
pub(super) fn name(entry: &PipEntry) -> Option<&str> {
    match &entry.line {
        PipLine::Package { name } => Some(name),
        _ => None,
    }
}

/// Whether an entry is for some systems or versions of Python alone.
pub(super) fn has_marker(entry: &PipEntry) -> bool {
    entry.text.value.contains(';')
}

/// The version that an entry asks for with `==`, where that is all it asks for, without the zeros that mean nothing.
pub(super) fn exact_version(entry: &PipEntry) -> Option<&str> {
    let (_, version) = entry.text.value.split_once("==")?;
    let mut version = version.trim();
    let is_plain = version
        .chars()
        .all(|char| char.is_ascii_alphanumeric() || char == '.');
    while let Some(shorter) = version.strip_suffix(".0") {
        version = shorter;
    }
    is_plain.then_some(version)
}
