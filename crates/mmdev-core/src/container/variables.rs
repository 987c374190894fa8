//! The variables of devcontainer.json: `${localEnv:NAME:default}`, `${containerWorkspaceFolder}` and their like.
//!
//! The rules are those of the devcontainer CLI: a variable that it does not know stays as it is, a default ends at the
//! next colon, names of environment variables do not mind their case on Windows.

use std::collections::BTreeMap;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::identity::HostSystem;

/// Everything that variables can stand for before there is a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Local {
    /// The system that the paths and the environment belong to.
    pub system: HostSystem,
    /// The environment of the host.
    pub environment: BTreeMap<String, String>,
    /// The folder that is opened, on the host.
    pub workspace_folder: String,
    /// The folder that is opened, in the container.
    pub container_workspace_folder: String,
    /// [`dev_container_id`].
    pub dev_container_id: String,
}

impl Local {
    /// The value of `${name:arguments…}`: `Ok(None)` keeps the text as it stands, `Err` says why there is none.
    pub fn lookup(&self, name: &str, arguments: &[&str]) -> Result<Option<String>, String> {
        Ok(Some(match name {
            "localEnv" | "env" => self.environment_variable(name, arguments)?,
            "localWorkspaceFolder" => self.workspace_folder.clone(),
            "localWorkspaceFolderBasename" => {
                self.system.basename(&self.workspace_folder).to_owned()
            }
            "containerWorkspaceFolder" => self.container_workspace_folder.clone(),
            "containerWorkspaceFolderBasename" => HostSystem::Linux
                .basename(&self.container_workspace_folder)
                .to_owned(),
            "devcontainerId" => self.dev_container_id.clone(),
            _ => return Ok(None),
        }))
    }

    /// `text` with its variables filled in; what has no value becomes empty. For `workspaceFolder` and
    /// `workspaceMount`, which are needed before the rest.
    pub fn fill(&self, text: &str) -> String {
        substitute_text(text, &mut |name, arguments| {
            self.lookup(name, arguments)
                .unwrap_or_else(|_| Some(String::new()))
        })
    }

    fn environment_variable(&self, kind: &str, arguments: &[&str]) -> Result<String, String> {
        let name = match arguments.first() {
            Some(name) if !name.is_empty() => *name,
            _ => {
                return Err(format!(
                    "`${{{kind}}}` names no environment variable; write `${{{kind}:NAME}}`"
                ));
            }
        };
        let found = if self.system == HostSystem::Windows {
            self.environment
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value)
        } else {
            self.environment.get(name)
        };
        let default = arguments.get(1).copied().unwrap_or_default();
        Ok(found.cloned().unwrap_or_else(|| default.to_owned()))
    }
}

/// `text` with `${containerEnv:NAME:default}` filled in from the environment of the running container.
pub fn with_container_environment(text: &str, environment: &[(String, String)]) -> String {
    substitute_text(text, &mut |name, arguments| {
        if name != "containerEnv" {
            return None;
        }
        let variable = arguments.first()?;
        let found = environment
            .iter()
            .rev()
            .find(|(key, _)| key == variable)
            .map(|(_, value)| value.clone());
        let default = arguments.get(1).copied().unwrap_or_default();
        Some(found.unwrap_or_else(|| default.to_owned()))
    })
}

/// `${devcontainerId}`: the same for the same labels, whoever computes it. SHA-256 over the labels as JSON with sorted
/// keys, in base 32 (0 to 9, a to v), padded to 52 digits.
pub fn dev_container_id(id_labels: &BTreeMap<String, String>) -> String {
    let object: serde_json::Map<String, Value> = id_labels
        .iter()
        .map(|(key, value)| (key.clone(), Value::String(value.clone())))
        .collect();
    let digest = Sha256::digest(Value::Object(object).to_string().as_bytes());
    base32(&digest)
}

/// The number whose big-endian bytes these are, in base 32; 256 bits make 52 digits, of which the first holds one bit.
fn base32(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
    let bits = bytes.len() * 8;
    let digits = bits.div_ceil(5);
    (0..digits)
        .map(|digit| {
            // The lowest bit of this digit, counted from the lowest bit of the number.
            let lowest = (digits - 1 - digit) * 5;
            let value = (0..5).fold(0_usize, |value, bit| {
                let position = lowest + bit;
                if position >= bits {
                    return value;
                }
                let byte = bytes[bytes.len() - 1 - position / 8];
                value | (usize::from(byte >> (position % 8) & 1) << bit)
            });
            char::from(DIGITS[value])
        })
        .collect()
}

/// `value` with every variable in its strings replaced by what `lookup` gives; `None` keeps it as it stands.
pub(crate) fn substitute(
    value: &Value,
    lookup: &mut dyn FnMut(&str, &[&str]) -> Option<String>,
) -> Value {
    match value {
        Value::String(text) => Value::String(substitute_text(text, lookup)),
        Value::Array(elements) => Value::Array(
            elements
                .iter()
                .map(|element| substitute(element, lookup))
                .collect(),
        ),
        Value::Object(object) => Value::Object(
            object
                .iter()
                .map(|(key, value)| (key.clone(), substitute(value, lookup)))
                .collect(),
        ),
        other => other.clone(),
    }
}

/// The same for one text. A variable ends at the first brace and does not span lines.
pub(crate) fn substitute_text(
    text: &str,
    lookup: &mut dyn FnMut(&str, &[&str]) -> Option<String>,
) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let inner = &rest[start + 2..];
        let Some(end) = inner
            .find(['}', '\n'])
            .filter(|&end| inner[end..].starts_with('}'))
        else {
            result.push_str(&rest[..start + 2]);
            rest = inner;
            continue;
        };
        let mut parts = inner[..end].split(':');
        let name = parts.next().unwrap_or_default();
        let arguments: Vec<&str> = parts.collect();
        result.push_str(&rest[..start]);
        match lookup(name, &arguments) {
            Some(value) => result.push_str(&value),
            None => result.push_str(&rest[start..start + 2 + end + 1]),
        }
        rest = &inner[end + 1..];
    }
    result.push_str(rest);
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn local(system: HostSystem, folder: &str) -> Local {
        Local {
            system,
            environment: BTreeMap::from([
                ("HOME".to_owned(), "/home/me".to_owned()),
                ("EMPTY".to_owned(), String::new()),
            ]),
            workspace_folder: folder.to_owned(),
            container_workspace_folder: "/workspaces/proj/sub".to_owned(),
            dev_container_id: "ID".to_owned(),
        }
    }

    #[track_caller]
    fn check(text: &str, expected: Expect) {
        expected.assert_eq(&local(HostSystem::Linux, "/src/proj").fill(text));
    }

    #[test]
    fn variables_are_filled_in_as_the_devcontainer_cli_does() {
        check(
            "${localEnv:HOME}/x ${env:HOME}",
            expect!["/home/me/x /home/me"],
        );
        check(
            "[${localEnv:NONE}] [${localEnv:NONE:a:b}]",
            expect!["[] [a]"],
        );
        check("[${localEnv:EMPTY:a}]", expect!["[]"]);
        check(
            "${localWorkspaceFolder} ${localWorkspaceFolderBasename}",
            expect!["/src/proj proj"],
        );
        check(
            "${containerWorkspaceFolder} ${containerWorkspaceFolderBasename} ${devcontainerId}",
            expect!["/workspaces/proj/sub sub ID"],
        );
    }

    #[test]
    fn what_is_no_variable_of_ours_stays() {
        check(
            "${containerEnv:PATH} $HOME ${HOME} ${ ${x",
            expect!["${containerEnv:PATH} $HOME ${HOME} ${ ${x"],
        );
        check("${local\nEnv:HOME}", expect!["${local\nEnv:HOME}"]);
        check("é${localEnv:HOME}ü", expect!["é/home/meü"]);
        // A value is not searched again.
        check("${localEnv:${x}}", expect!["}"]);
    }

    #[test]
    fn windows_paths_and_names_follow_windows() {
        let windows = local(HostSystem::Windows, r"c:\Users\me\proj");
        assert_eq!(
            windows.fill("${localEnv:home} ${localWorkspaceFolderBasename}"),
            "/home/me proj"
        );
        let error = windows.lookup("localEnv", &[""]).unwrap_err();
        assert!(error.contains("${localEnv:NAME}"), "{error}");
    }

    #[test]
    fn the_containers_environment_comes_last() {
        let environment = vec![("PATH".to_owned(), "/bin".to_owned())];
        assert_eq!(
            with_container_environment(
                "${containerEnv:PATH}:/x ${containerEnv:N:d} ${localEnv:A}",
                &environment
            ),
            "/bin:/x d ${localEnv:A}"
        );
    }

    #[test]
    fn the_id_is_the_devcontainer_clis() {
        // What the devcontainer CLI's own computation gives for these labels.
        let labels = BTreeMap::from([
            ("devcontainer.local_folder".to_owned(), "/tmp/w".to_owned()),
            (
                "devcontainer.config_file".to_owned(),
                "/tmp/w/.devcontainer/devcontainer.json".to_owned(),
            ),
        ]);
        expect!["1dmaac6fc71u4rmv6pg01h0fn4ka64olao0tnsump2n6g8sdbio8"]
            .assert_eq(&dev_container_id(&labels));
    }
}
