//! What mmdev wants in the project's devcontainer.json.

use mmdev_core::artifact;
use mmdev_core::artifact::devcontainer::{Desired, Property};
use mmdev_core::settings::Settings;
use mmdev_core::syntax::jsonc;
use serde_json::{Map, Value, json};

use crate::load::Workspace;

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
