//! The requirements and constraints files that pip sections name.

use std::collections::BTreeMap;
use std::path::Path;

use mmdev_core::project;
use mmdev_core::spec::EnvSpec;

use crate::error::Result;
use crate::files;

/// The texts of the requirements files that pip sections name, and of those that these name; and the paths of those
/// that are not there.
pub(crate) fn requirements(
    root: &Path,
    specs: &[(String, EnvSpec)],
) -> Result<(BTreeMap<String, String>, Vec<String>)> {
    let mut texts = BTreeMap::new();
    loop {
        let wanted = project::wanted_files(specs, &texts);
        let mut found = false;
        for path in &wanted {
            if texts.contains_key(path) {
                continue;
            }
            if let Some(text) = files::read(&root.join(path))? {
                texts.insert(path.clone(), text);
                found = true;
            }
        }
        if !found {
            return Ok((texts, wanted));
        }
    }
}
