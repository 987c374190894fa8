//! The files in which settings stand: devcontainer.json, and `[tool.mmdev]` of pyproject.toml or mmdev.toml.

use std::path::Path;

use mmdev_core::artifact::devcontainer::image_to_adopt;
use mmdev_core::settings::Settings;

use crate::devcontainer::Devcontainer;
use crate::error::Result;
use crate::files;
use crate::render::Findings;
use crate::settings::overlay;

/// The settings that stand in the files of the project at `root`, as far as they can be read, and the path of its
/// devcontainer.json.
pub(crate) fn at(root: &Path) -> (Settings, Option<String>) {
    let mut findings = Vec::new();
    // With several of them, none is the project's.
    let devcontainer = Devcontainer::find(root, false).ok();
    let found = devcontainer
        .as_ref()
        .map_or_else(Settings::default, |file| written(file, &mut findings));
    let settings = overlay(found, in_toml(root, &mut findings).unwrap_or_default());
    (settings, devcontainer.map(|file| file.path))
}

/// The settings in the devcontainer.json. An image that mmdev would adopt is the base image from then on.
pub(crate) fn written(devcontainer: &Devcontainer, findings: &mut Vec<Findings>) -> Settings {
    let Some(text) = &devcontainer.text else {
        return Settings::default();
    };
    let (mut written, diagnostics) = mmdev_core::settings::from_devcontainer(text);
    findings.push(Findings {
        file: devcontainer.path.clone(),
        text: text.clone(),
        diagnostics,
    });
    written.base_image = written.base_image.or_else(|| image_to_adopt(text));
    written
}

/// `[tool.mmdev]` of pyproject.toml, else mmdev.toml.
pub(crate) fn in_toml(root: &Path, findings: &mut Vec<Findings>) -> Result<Settings> {
    let tables: [(&str, &[&str]); 2] =
        [("pyproject.toml", &["tool", "mmdev"]), ("mmdev.toml", &[])];
    for (file, table) in tables {
        let Some(text) = files::read(&root.join(file))? else {
            continue;
        };
        let (settings, diagnostics) = mmdev_core::settings::from_toml(&text, table);
        let Some(settings) = settings else {
            continue;
        };
        findings.push(Findings {
            file: file.to_owned(),
            text,
            diagnostics,
        });
        return Ok(settings);
    }
    Ok(Settings::default())
}
