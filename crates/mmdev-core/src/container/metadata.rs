//! The label `devcontainer.metadata`: what an image says about itself, and how devcontainer.json adds to it.
//!
//! See "Image Metadata" in the dev container specification (https://containers.dev/implementors/spec/).

use serde_json::{Map, Value};

use super::config::{DevContainer, ForwardPort, Gpu};
use super::mount::Mount;

/// The properties of devcontainer.json that the devcontainer CLI writes into the label, in its order.
const LABELLED: &[&str] = &[
    "onCreateCommand",
    "updateContentCommand",
    "postCreateCommand",
    "postStartCommand",
    "postAttachCommand",
    "waitFor",
    "customizations",
    "mounts",
    "containerEnv",
    "containerUser",
    "init",
    "privileged",
    "capAdd",
    "securityOpt",
    "remoteUser",
    "userEnvProbe",
    "remoteEnv",
    "overrideCommand",
    "portsAttributes",
    "otherPortsAttributes",
    "forwardPorts",
    "shutdownAction",
    "updateRemoteUserUID",
    "hostRequirements",
];

/// The entries of an image's label; a text that is no JSON array or object has none.
pub fn entries(label: &str) -> Vec<Map<String, Value>> {
    match serde_json::from_str(label) {
        Ok(Value::Array(entries)) => entries
            .into_iter()
            .filter_map(|entry| match entry {
                Value::Object(entry) => Some(entry),
                _ => None,
            })
            .collect(),
        Ok(Value::Object(entry)) => vec![entry],
        _ => Vec::new(),
    }
}

/// The label of a container: the image's entries and then devcontainer.json's own properties, as they were written
/// (variables not filled in).
pub fn label(image: Option<&str>, properties: &Map<String, Value>) -> String {
    let mut all: Vec<Value> = image
        .map(entries)
        .unwrap_or_default()
        .into_iter()
        .map(Value::Object)
        .collect();
    let own: Map<String, Value> = LABELLED
        .iter()
        .filter_map(|key| Some(((*key).to_owned(), properties.get(*key)?.clone())))
        .collect();
    if !own.is_empty() {
        all.push(Value::Object(own));
    }
    Value::Array(all).to_string()
}

/// What counts when the image's entries (in their order) and devcontainer.json (last) are taken together: later
/// single values win, lists are joined, truth values of `init` and `privileged` are true if one is.
pub fn merge(image: Vec<DevContainer>, own: DevContainer) -> DevContainer {
    image.into_iter().rev().fold(own, |later, earlier| {
        let mut merged = later.clone();
        let is_kept = |mount: &Mount| {
            later
                .mounts
                .iter()
                .all(|other| other.target != mount.target)
        };
        merged.mounts = earlier.mounts.into_iter().filter(is_kept).collect();
        merged.mounts.extend(later.mounts.iter().cloned());
        merged.container_env = over(earlier.container_env, later.container_env);
        merged.remote_env = over(earlier.remote_env, later.remote_env);
        merged.remote_user = later.remote_user.or(earlier.remote_user);
        merged.container_user = later.container_user.or(earlier.container_user);
        merged.update_remote_user_uid = later
            .update_remote_user_uid
            .or(earlier.update_remote_user_uid);
        merged.init = either(earlier.init, later.init);
        merged.privileged = either(earlier.privileged, later.privileged);
        merged.cap_add = union(earlier.cap_add, later.cap_add);
        merged.security_opt = union(earlier.security_opt, later.security_opt);
        merged.forward_ports = union::<ForwardPort>(earlier.forward_ports, later.forward_ports);
        merged.override_command = later.override_command.or(earlier.override_command);
        merged.shutdown_action = later.shutdown_action.or(earlier.shutdown_action);
        merged.wait_for = later.wait_for.or(earlier.wait_for);
        merged.user_env_probe = later.user_env_probe.or(earlier.user_env_probe);
        merged.gpu = match (earlier.gpu, later.gpu) {
            (Gpu::None, gpu) | (gpu, Gpu::None) => gpu,
            (Gpu::Optional, Gpu::Optional) => Gpu::Optional,
            _ => Gpu::Required,
        };
        merged.entrypoints = [earlier.entrypoints, later.entrypoints].concat();
        merged.lifecycle = [earlier.lifecycle, later.lifecycle].concat();
        merged
    })
}

fn either(earlier: Option<bool>, later: Option<bool>) -> Option<bool> {
    match (earlier, later) {
        (None, None) => None,
        (earlier, later) => Some(earlier == Some(true) || later == Some(true)),
    }
}

fn over<T>(earlier: Vec<(String, T)>, later: Vec<(String, T)>) -> Vec<(String, T)> {
    let mut result: Vec<(String, T)> = Vec::new();
    for (name, value) in earlier.into_iter().chain(later) {
        match result.iter_mut().find(|(key, _)| *key == name) {
            Some((_, old)) => *old = value,
            None => result.push((name, value)),
        }
    }
    result
}

fn union<T: PartialEq>(earlier: Vec<T>, later: Vec<T>) -> Vec<T> {
    let mut result = earlier;
    for value in later {
        if !result.contains(&value) {
            result.push(value);
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::config::read;
    use expect_test::expect;

    fn lower(text: &str) -> DevContainer {
        DevContainer::lower(&read(text).0.properties).0
    }

    #[test]
    fn the_label_holds_what_the_devcontainer_cli_writes() {
        let (file, _) = read(
            r#"{ "name": "x", "image": "y", "runArgs": ["-it"], // not these
                 "remoteUser": "me", "postCreateCommand": "echo ${localEnv:A}", "init": true }"#,
        );
        expect![[r#"[{"id":"f"},{"postCreateCommand":"echo ${localEnv:A}","init":true,"remoteUser":"me"}]"#]]
            .assert_eq(&label(Some(r#"[{"id":"f"}, 3]"#), &file.properties));
        expect!["[]"].assert_eq(&label(Some("no json"), &Map::new()));
    }

    #[test]
    fn the_file_wins_over_the_image() {
        let merged = merge(
            vec![
                lower(
                    r#"{"remoteUser": "image", "init": true, "capAdd": ["A"], "containerEnv": {"X": "1", "Y": "1"},
                        "mounts": ["source=a,target=/m", "source=b,target=/n"], "postCreateCommand": "first",
                        "forwardPorts": [80]}"#,
                ),
                lower(r#"{"remoteUser": "second", "entrypoint": "/start"}"#),
            ],
            lower(
                r#"{"init": false, "capAdd": ["A", "B"], "containerEnv": {"Y": "2"}, "postCreateCommand": "second",
                    "mounts": ["source=c,target=/m"], "forwardPorts": ["localhost:80", 81]}"#,
            ),
        );
        let sources: Vec<_> = merged
            .mounts
            .iter()
            .flat_map(|mount| &mount.source)
            .collect();
        expect![[r#"Some("second") Some(true) ["A", "B"] [("X", "1"), ("Y", "2")] ["b", "c"] 2 ["/start"] [Number(80), Number(81)]"#]]
            .assert_eq(&format!(
                "{:?} {:?} {:?} {:?} {sources:?} {} {:?} {:?}",
                merged.remote_user,
                merged.init,
                merged.cap_add,
                merged.container_env,
                merged.lifecycle.len(),
                merged.entrypoints,
                merged.forward_ports,
            ));
    }
}
