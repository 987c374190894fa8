//! The project's devcontainer.json: which one it is.

use std::path::Path;

use mmdev_core::artifact::devcontainer::{BESIDE_PATH, DEFAULT_PATH, Discovered, discover};

use crate::error::{Error, Result};
use crate::files;

/// A devcontainer.json as it is.
#[derive(Debug, Clone)]
pub(crate) struct Devcontainer {
    /// Its path from the project's root, with `/`.
    pub(crate) path: String,
    /// Its text; `None` where it is still to be created.
    pub(crate) text: Option<String>,
}

impl Devcontainer {
    /// The one that is mmdev's business: the project's, or with `beside` a second one.
    pub(crate) fn find(root: &Path, beside: bool) -> Result<Self> {
        let paths = candidates(root);
        let path = match discover(&paths) {
            _ if beside => BESIDE_PATH,
            Discovered::Missing => DEFAULT_PATH,
            Discovered::One(path) => path,
            Discovered::Several(paths) => {
                return Err(Error::invocation(format!(
                    "the project has several devcontainer.json: {}",
                    paths.join(", ")
                ))
                .with_hint("add one of mmdev's own beside them: mmdev generate --beside"));
            }
        };
        Ok(Devcontainer {
            path: path.to_owned(),
            text: files::read(&root.join(path))?,
        })
    }
}

/// Every path at which a devcontainer.json stands (containers.dev, "devcontainer.json").
fn candidates(root: &Path) -> Vec<String> {
    let mut paths = vec![DEFAULT_PATH.to_owned(), ".devcontainer.json".to_owned()];
    if let Ok(entries) = std::fs::read_dir(root.join(".devcontainer")) {
        paths.extend(
            entries
                .flatten()
                .filter_map(|entry| entry.file_name().into_string().ok())
                .map(|name| format!(".devcontainer/{name}/devcontainer.json")),
        );
    }
    paths.retain(|path| root.join(path).is_file());
    paths
}
