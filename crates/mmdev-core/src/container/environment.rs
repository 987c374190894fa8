//! The environment of the remote user: what a shell of theirs says (`userEnvProbe`), and `remoteEnv` on top.

use super::config::{DevContainer, UserEnvProbe};
use super::variables::with_container_environment;

/// The command that asks `shell` for its environment, or `None` when nobody is to be asked. `token` is a text that
/// start-up files do not print; [`parse_probe`] needs the same one. It may take long: the devcontainer CLI gives it
/// ten seconds.
pub fn probe_command(config: &DevContainer, shell: &str, token: &str) -> Option<Vec<String>> {
    let flags = match config
        .user_env_probe
        .unwrap_or(UserEnvProbe::LoginInteractiveShell)
    {
        UserEnvProbe::None => return None,
        UserEnvProbe::LoginInteractiveShell => "-lic",
        UserEnvProbe::InteractiveShell => "-ic",
        UserEnvProbe::LoginShell => "-lc",
    };
    let script = format!("echo -n {token}; cat /proc/self/environ; echo -n {token}");
    Some(vec![shell.to_owned(), flags.to_owned(), script])
}

/// The variables between the two tokens of a probe's output; `None` when the shell gave no answer. PWD belongs to the
/// probe alone.
pub fn parse_probe(output: &[u8], token: &str) -> Option<Vec<(String, String)>> {
    let output = String::from_utf8_lossy(output);
    let (_, after) = output.split_once(token)?;
    let (inner, _) = after.split_once(token)?;
    let variables: Vec<_> = inner
        .split('\0')
        .filter_map(|line| line.split_once('='))
        .filter(|(name, _)| *name != "PWD")
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    (!variables.is_empty()).then_some(variables)
}

/// The environment in which everything in the container is started: the probe's answer, with no entry of the
/// container's own PATH lost (a login shell resets it), then `remoteEnv`. `None` as a value unsets a variable.
pub fn remote_environment(
    config: &DevContainer,
    container: &[(String, String)],
    probed: &[(String, String)],
    is_root: bool,
) -> Vec<(String, Option<String>)> {
    let mut result: Vec<(String, Option<String>)> = Vec::new();
    for (name, value) in probed {
        let value = match container.iter().rev().find(|(key, _)| key == "PATH") {
            Some((_, path)) if name == "PATH" => merge_paths(value, path, is_root),
            _ => value.clone(),
        };
        set(&mut result, name, Some(value));
    }
    for (name, value) in &config.remote_env {
        let value = value
            .as_ref()
            .map(|value| with_container_environment(value, container));
        set(&mut result, name, value);
    }
    result
}

fn set(environment: &mut Vec<(String, Option<String>)>, name: &str, value: Option<String>) {
    match environment.iter_mut().find(|(key, _)| key == name) {
        Some((_, old)) => *old = value,
        None => environment.push((name.to_owned(), value)),
    }
}

/// A shell's PATH with the container's entries that it lacks, each put behind the one that it follows there. The
/// administrator's folders (sbin) are not given back to ordinary users.
fn merge_paths(probed: &str, container: &str, is_root: bool) -> String {
    let mut entries: Vec<&str> = probed.split(':').collect();
    let mut insert_at = 0;
    for entry in container.split(':') {
        match entries.iter().position(|other| *other == entry) {
            Some(index) => insert_at = index + 1,
            None => {
                let is_admins = entry.split('/').any(|part| part == "sbin");
                if is_root || !is_admins {
                    entries.insert(insert_at.min(entries.len()), entry);
                    insert_at += 1;
                }
            }
        }
    }
    entries.join(":")
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[test]
    fn a_probe_is_read_in_spite_of_noise() {
        let check = |output: &[u8], expected: Expect| {
            expected.assert_eq(&format!("{:?}", parse_probe(output, "TOKEN")));
        };
        check(
            b"motd\nTOKENA=1\0B=x=y\nz\0PWD=/\0TOKENbye",
            expect![[r#"Some([("A", "1"), ("B", "x=y\nz")])"#]],
        );
        check(b"TOKENA=1\0", expect!["None"]);
        check(b"", expect!["None"]);
        check(b"TOKENTOKEN", expect!["None"]);
    }

    #[test]
    fn no_entry_of_the_image_path_is_lost() {
        let check = |probed: &str, container: &str, is_root: bool, expected: Expect| {
            expected.assert_eq(&merge_paths(probed, container, is_root));
        };
        check(
            "/usr/local/bin:/usr/bin:/bin",
            "/opt/conda/bin:/usr/local/sbin:/usr/local/bin:/usr/bin",
            false,
            expect!["/opt/conda/bin:/usr/local/bin:/usr/bin:/bin"],
        );
        check(
            "/home/me/bin:/usr/bin",
            "/usr/bin:/opt/x:/usr/sbin",
            true,
            expect!["/home/me/bin:/usr/bin:/opt/x:/usr/sbin"],
        );
        check("/a", "/a", false, expect!["/a"]);
    }

    #[test]
    fn remote_env_wins_and_sees_the_container() {
        let config = DevContainer {
            remote_env: vec![
                (
                    "PATH".to_owned(),
                    Some("${containerEnv:PATH}:/mine".to_owned()),
                ),
                ("GONE".to_owned(), None),
            ],
            ..DevContainer::default()
        };
        let container = [("PATH".to_owned(), "/bin".to_owned())];
        let probed = [
            ("PATH".to_owned(), "/usr/bin".to_owned()),
            ("GONE".to_owned(), "1".to_owned()),
        ];
        expect![[r#"[("PATH", Some("/bin:/mine")), ("GONE", None)]"#]].assert_eq(&format!(
            "{:?}",
            remote_environment(&config, &container, &probed, false)
        ));
    }

    #[test]
    fn nobody_is_asked_when_the_probe_is_off() {
        let mut config = DevContainer::default();
        assert_eq!(probe_command(&config, "/bin/bash", "T").unwrap()[1], "-lic");
        config.user_env_probe = Some(UserEnvProbe::None);
        assert_eq!(probe_command(&config, "/bin/bash", "T"), None);
    }
}
