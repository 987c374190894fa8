//! The project's devcontainer.json: which one it is, and what mmdev wants in it.

use std::path::Path;

use mmdev_core::artifact;
use mmdev_core::artifact::devcontainer::{
    BESIDE_PATH, DEFAULT_PATH, Desired, Discovered, Property, discover,
};
use mmdev_core::settings::Settings;
use mmdev_core::syntax::jsonc;
use serde_json::{Map, Value, json};

use crate::error::{Error, Result};
use crate::files;
use crate::load::Workspace;

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

/// What mmdev wants in the devcontainer.json of the project.
pub(crate) fn desired(workspace: &Workspace) -> Desired {
    let mut desired = artifact::desired(&workspace.project);
    desired.name = workspace
        .root
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    for (name, value) in kept_settings(workspace) {
        desired
            .properties
            .push(Property::new(&["customizations", "mmdev", name], value));
    }
    desired
}

/// What was asked for on the command line is kept, so that the next `generate`, here or in CI, says the same. What was
/// kept before stays; settings that a person wrote are the person's.
fn kept_settings(workspace: &Workspace) -> Vec<(&'static str, Value)> {
    let text = workspace.devcontainer.text.as_deref().unwrap_or_default();
    let (document, _) = jsonc::parse(text);
    let was_kept = |name: &str| {
        let pointer = format!("/customizations/mmdev/{name}");
        document
            .at(&["customizations", "mmdev", "generated", &pointer])
            .is_some()
    };
    let asked = values(&workspace.asked);
    let names_specs = |values: &[(&str, Value)]| {
        values
            .iter()
            .any(|(name, _)| matches!(*name, "files" | "environments"))
    };
    let mut kept = asked.clone();
    for (name, value) in values(&workspace.written) {
        let is_asked = asked.iter().any(|(other, _)| *other == name);
        // `-f` and `--env` say the same thing in two ways: the later word counts.
        let is_replaced = matches!(name, "files" | "environments") && names_specs(&asked);
        if !is_asked && !is_replaced && was_kept(name) {
            kept.push((name, value));
        }
    }
    kept
}

/// The settings that the command line has options for, as JSON.
fn values(settings: &Settings) -> Vec<(&'static str, Value)> {
    let environments = settings.environments.as_ref().map(|environments| {
        let map: Map<String, Value> = environments
            .iter()
            .map(|(name, path)| (name.clone(), json!(path)))
            .collect();
        Value::Object(map)
    });
    [
        ("files", settings.files.as_ref().map(|files| json!(files))),
        ("environments", environments),
        (
            "activeEnvironment",
            settings.active_environment.as_ref().map(|name| json!(name)),
        ),
        (
            "baseImage",
            settings.base_image.as_ref().map(|image| json!(image)),
        ),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}
