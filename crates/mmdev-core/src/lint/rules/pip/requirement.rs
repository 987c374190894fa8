//! What rules ask a requirement of the pip section.

use crate::spec::{PipEntry, PipLine};

/// The normalised name (PEP 503) of the package that an entry asks for.
pub(super) fn name(entry: &PipEntry) -> Option<&str> {
    match &entry.line {
        PipLine::Package { name } => Some(name),
        _ => None,
    }
}

/// A conda name in the form in which PyPI compares names.
pub(super) fn normalized(name: &str) -> String {
    let mut normalized = String::with_capacity(name.len());
    for char in name.chars() {
        match char {
            '-' | '_' | '.' if normalized.ends_with('-') => {}
            '-' | '_' | '.' => normalized.push('-'),
            _ => normalized.push(char.to_ascii_lowercase()),
        }
    }
    normalized
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
