//! The files of a project that say what its container is, judged: devcontainer.json, the TOML file with settings, and a
//! Dockerfile of a person.

use std::path::Path;

use mmdev_core::artifact::FOLDER;
use mmdev_core::lint::{self, ContainerFile, Selection};
use mmdev_core::syntax::jsonc;

use crate::devcontainer::Devcontainer;
use crate::error::Result;
use crate::files;
use crate::render::Findings;
use crate::settings::normalised;

/// What a file is, by its path from the root.
pub(crate) fn kind<'a>(path: &str, text: &'a str) -> Option<ContainerFile<'a>> {
    match path {
        "pyproject.toml" => Some(ContainerFile::Toml(text, &["tool", "mmdev"])),
        "mmdev.toml" => Some(ContainerFile::Toml(text, &[])),
        _ if path.ends_with("devcontainer.json") => Some(ContainerFile::Devcontainer(text)),
        _ => None,
    }
}

/// What is wrong in them. `findings` are those of the readers of settings, as they came.
pub(crate) fn judge(
    root: &Path,
    devcontainer: &Devcontainer,
    findings: Vec<Findings>,
    selection: &Selection,
) -> Result<Vec<Findings>> {
    let mut judged: Vec<Findings> = findings
        .into_iter()
        .map(|findings| {
            let Findings {
                file,
                text,
                diagnostics,
            } = findings;
            let diagnostics = match kind(&file, &text) {
                Some(kind) => lint::container(kind, diagnostics, selection),
                None => diagnostics,
            };
            Findings {
                file,
                text,
                diagnostics,
            }
        })
        .collect();
    if let Some(named) = named_dockerfile(devcontainer)
        && let Some(text) = files::read(&root.join(&named.path))?
    {
        let kind = ContainerFile::Dockerfile(&text, named.target.as_deref());
        let diagnostics = lint::container(kind, Vec::new(), selection);
        judged.push(Findings {
            file: named.path,
            text,
            diagnostics,
        });
    }
    Ok(judged)
}

/// A Dockerfile of a person.
struct NamedDockerfile {
    /// Its path from the root.
    path: String,
    /// The stage that is built.
    target: Option<String>,
}

/// The Dockerfile that a devcontainer.json names, if it is a person's and in the project.
fn named_dockerfile(devcontainer: &Devcontainer) -> Option<NamedDockerfile> {
    let (document, _) = jsonc::parse(devcontainer.text.as_deref()?);
    let text = |path: &[&str]| Some(document.at(path)?.as_str()?.to_owned());
    let written = text(&["build", "dockerfile"]).or_else(|| text(&["dockerFile"]))?;
    let from_root = written.strip_prefix("${localWorkspaceFolder}/");
    // Below a root of its own, so that what climbs out of it is seen.
    let path = match from_root {
        Some(path) => Path::new("/").join(path),
        None => {
            let folder = Path::new(&devcontainer.path).parent()?;
            Path::new("/").join(folder).join(&written)
        }
    };
    let path = normalised(&path);
    let names: Option<Vec<&str>> = path.iter().skip(1).map(std::ffi::OsStr::to_str).collect();
    let path = names?.join("/");
    let is_someones = !path.contains("${") && !path.starts_with(&format!("{FOLDER}/"));
    is_someones.then(|| NamedDockerfile {
        path,
        target: text(&["build", "target"]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, text: &str, expected: Option<&str>) {
        let found = named_dockerfile(&Devcontainer {
            path: path.to_owned(),
            text: Some(text.to_owned()),
        });
        let found = found.as_ref().map(|found| found.path.as_str());
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn dockerfiles_are_named_from_their_folder_or_the_workspace() {
        let path = ".devcontainer/devcontainer.json";
        check(path, r#"{"image": "x"}"#, None);
        check(
            path,
            r#"{"dockerFile": "Dockerfile"}"#,
            Some(".devcontainer/Dockerfile"),
        );
        check(
            path,
            r#"{"build": {"dockerfile": "../dev.Dockerfile"}}"#,
            Some("dev.Dockerfile"),
        );
        check(
            path,
            r#"{"build": {"dockerfile": "${localWorkspaceFolder}/x/Dockerfile"}}"#,
            Some("x/Dockerfile"),
        );
        check(
            path,
            r#"{"build": {"dockerfile": "mmdev/Dockerfile"}}"#,
            None,
        );
        check(
            path,
            r#"{"build": {"dockerfile": "${localEnv:X}/Dockerfile"}}"#,
            None,
        );
        check(
            ".devcontainer.json",
            r#"{"dockerFile": "x/Dockerfile"}"#,
            Some("x/Dockerfile"),
        );
    }
}
