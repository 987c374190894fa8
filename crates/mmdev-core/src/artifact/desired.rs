//! What mmdev wants to stand in devcontainer.json.

use serde_json::{Map, Value, json};

use super::devcontainer::{Desired, Members, Property};
use crate::hash::sha256;
use crate::project::{Environment, Project};

/// The keys of devcontainer.json that `project` asks for. The caller names the dev container and adds the settings
/// that were given on the command line.
pub fn desired(project: &Project) -> Desired {
    let mut properties = Vec::new();
    // Of another image the user is not known; its own USER is the remote user then.
    if project.base_image.is_public() {
        properties.push(Property::unless_set(&["remoteUser"], "mambauser"));
    }
    properties.push(Property::unless_set(&["updateRemoteUserUID"], true));
    let has_python = project
        .extensions
        .iter()
        .any(|extension| extension == "ms-python.python");
    if has_python {
        let interpreter = format!("{}/bin/python", project.active_environment().prefix);
        for (name, value) in [
            ("python.defaultInterpreterPath", json!(interpreter)),
            // The shell activates by itself; an extension would type a command into every terminal.
            ("python.terminal.activateEnvironment", json!(false)),
            ("python-envs.terminal.autoActivationType", json!("off")),
        ] {
            properties.push(Property::new(
                &["customizations", "vscode", "settings", name],
                value,
            ));
        }
    }
    let members = [
        (
            &["customizations", "vscode", "extensions"][..],
            project.extensions.clone(),
        ),
        (&["build", "options"], platform(project)),
        (&["runArgs"], platform(project)),
    ];
    let members = members.into_iter().filter(|(_, items)| !items.is_empty());
    let members = members.map(|(path, items)| Members {
        path: path.iter().map(|&name| name.to_owned()).collect(),
        items,
    });
    Desired {
        name: String::new(),
        properties,
        members: members.collect(),
        on_create: workspace_command(project),
        dockerfile_lines: super::dockerfile::lines_for_another(project),
        lock: lock_hash(project),
    }
}

/// The option that has an engine on an Arm machine emulate the other one, where a lock has nothing for its own: the
/// environments are in one image.
fn platform(project: &Project) -> Vec<String> {
    let has_only_x86 = |environment: &Environment| {
        environment.locked.as_ref().is_some_and(|locked| {
            let platforms = &locked.layout.platforms;
            platforms.contains_key("linux-64") && !platforms.contains_key("linux-aarch64")
        })
    };
    match project.environments.iter().any(has_only_x86) {
        true => vec!["--platform=linux/amd64".to_owned()],
        false => Vec::new(),
    }
}

/// A short hash of what is installed from locks, however it is laid into layers.
fn lock_hash(project: &Project) -> Option<String> {
    let mut text = String::new();
    for environment in &project.environments {
        let platforms = environment.locked.iter();
        for (platform, slice) in platforms.flat_map(|locked| &locked.layout.platforms) {
            text.push_str(&format!("{} {platform}\n", environment.name));
            for package in slice.result() {
                text.push_str(&format!("{} {:?}\n", package.url, package.hash));
            }
        }
    }
    (!text.is_empty()).then(|| sha256(text)[..12].to_owned())
}

/// What installs packages from the workspace: argument lists, which no shell reads. The image's entrypoint activates
/// the environment first, so that a compiler's variables are there. Several environments run side by side, each
/// under its name.
fn workspace_command(project: &Project) -> Option<Value> {
    let mut commands = Map::new();
    for environment in &project.environments {
        if environment.workspace_packages.is_empty() {
            continue;
        }
        let mut words: Vec<String> = Vec::new();
        if environment.name != project.active_environment().name {
            words.push("env".to_owned());
            words.push(format!("ENV_NAME={}", environment.name));
        }
        words.push("/usr/local/bin/_entrypoint.sh".to_owned());
        words.extend(["python", "-m", "pip", "install"].map(str::to_owned));
        words.extend(environment.workspace_packages.iter().cloned());
        commands.insert(environment.name.clone(), json!(words));
    }
    if commands.len() > 1 {
        return Some(Value::Object(commands));
    }
    commands.into_iter().next().map(|(_, words)| words)
}
