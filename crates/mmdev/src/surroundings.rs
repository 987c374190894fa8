//! What is known of the world around a spec, for the rules.

use std::path::Path;

use mmdev_core::lint::Surroundings;

/// The surroundings of the spec at `path`: of the project that it belongs to.
pub(crate) fn around(_path: &Path) -> Surroundings {
    Surroundings::default()
}
