//! Who a container is: its labels and names, and where the workspace is in it.
//!
//! The labels are the devcontainer CLI's own, byte for byte, so that VS Code and `devcontainer exec` find a container
//! that mmdev made, and mmdev finds theirs. Paths are never resolved: the CLI writes a path as it was given (made
//! absolute), so that `/tmp/x` stays `/tmp/x` on macOS, where it is a symbolic link.

use std::collections::BTreeMap;

use crate::hash::sha256;

/// The label that holds the opened folder of the host.
pub const LOCAL_FOLDER: &str = "devcontainer.local_folder";
/// The label that holds the host's path of devcontainer.json.
pub const CONFIG_FILE: &str = "devcontainer.config_file";
/// The label that holds what the image and devcontainer.json say, as a JSON array.
pub const METADATA: &str = "devcontainer.metadata";
/// The label of images and containers that holds [`Identity::project`].
pub const PROJECT: &str = "dev.mmdev.project";
/// The label of images and containers that holds the hash of the spec.
pub const SPEC_HASH: &str = "dev.mmdev.spec";
/// The label of images and containers that holds the hash of the plan.
pub const PLAN_HASH: &str = "dev.mmdev.plan";

/// The system that a host's paths belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostSystem {
    /// Linux, WSL included.
    Linux,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
}

impl HostSystem {
    /// The last part of a path.
    pub fn basename(self, path: &str) -> &str {
        let is_separator = |character| self.is_separator(character);
        let trimmed = path.trim_end_matches(is_separator);
        trimmed
            .rfind(is_separator)
            .map_or(trimmed, |index| &trimmed[index + 1..])
    }

    fn is_separator(self, character: char) -> bool {
        character == '/' || (self == HostSystem::Windows && character == '\\')
    }

    /// An absolute path as the devcontainer CLI writes it into a label: on Windows normalised, with backslashes and a
    /// small drive letter; elsewhere as it is.
    pub fn label_path(self, path: &str) -> String {
        if self != HostSystem::Windows {
            return path.to_owned();
        }
        let path = path.replace('/', "\\");
        let (root, rest) = windows_root(&path);
        let mut parts: Vec<&str> = Vec::new();
        for part in rest.split('\\') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop();
                }
                part => parts.push(part),
            }
        }
        let mut result = root;
        result.push_str(&parts.join("\\"));
        if rest.ends_with('\\') && !parts.is_empty() {
            result.push('\\');
        }
        result
    }
}

/// Splits a Windows path with backslashes into its root, normalised and ending in a backslash, and the rest.
fn windows_root(path: &str) -> (String, &str) {
    if let Some(unc) = path.strip_prefix(r"\\") {
        let mut parts = unc.splitn(3, '\\');
        let (server, share) = (parts.next(), parts.next());
        if let (Some(server), Some(share)) = (server, share)
            && !server.is_empty()
            && !share.is_empty()
        {
            let rest = parts.next().unwrap_or_default();
            return (format!(r"\\{server}\{share}\"), rest);
        }
    }
    let mut characters = path.chars();
    match (characters.next(), characters.next()) {
        (Some(drive), Some(':')) if drive.is_ascii_alphabetic() => {
            let root = format!("{}:\\", drive.to_ascii_lowercase());
            (root, &path[2..])
        }
        _ if path.starts_with('\\') => ("\\".to_owned(), path),
        _ => (String::new(), path),
    }
}

/// One opened folder with one devcontainer.json: what a dev container belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The opened folder, as it stands in [`LOCAL_FOLDER`].
    pub local_folder: String,
    /// The devcontainer.json, as it stands in [`CONFIG_FILE`].
    pub config_file: String,
    /// A short name for images, containers and people: the folder's name and a hash of both paths.
    pub project: String,
}

impl Identity {
    /// The identity of an absolute folder and an absolute path of a devcontainer.json, neither resolved.
    pub fn new(system: HostSystem, local_folder: &str, config_file: &str) -> Identity {
        let local_folder = system.label_path(local_folder);
        let config_file = system.label_path(config_file);
        let hash = sha256(format!("{local_folder}\n{config_file}"));
        let project = format!("{}-{}", slug(system.basename(&local_folder)), &hash[..8]);
        Identity {
            local_folder,
            config_file,
            project,
        }
    }

    /// The two labels by which the devcontainer CLI finds a container, and from which it computes its id.
    pub fn id_labels(&self) -> BTreeMap<String, String> {
        BTreeMap::from([
            (LOCAL_FOLDER.to_owned(), self.local_folder.clone()),
            (CONFIG_FILE.to_owned(), self.config_file.clone()),
        ])
    }

    /// Whether a container with these labels is this folder's. A label of VS Code on Windows names a folder of WSL by
    /// its network path, which counts as the same, and old containers carry no [`CONFIG_FILE`].
    pub fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        let same = |ours: &str, theirs: &str| {
            let (ours, theirs) = (inside_wsl(ours), inside_wsl(theirs));
            ours == theirs
                || HostSystem::Windows.label_path(&ours) == HostSystem::Windows.label_path(&theirs)
                    && ours.contains('\\')
        };
        labels
            .get(LOCAL_FOLDER)
            .is_some_and(|folder| same(&self.local_folder, folder))
            && labels
                .get(CONFIG_FILE)
                .is_none_or(|file| same(&self.config_file, file))
    }

    /// The name of the image of one plan.
    pub fn image_name(&self, plan_hash: &str) -> String {
        let tag: String = plan_hash
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(12)
            .collect();
        let tag = if tag.is_empty() { "latest" } else { &tag };
        format!("mmdev-{}:{tag}", self.project)
    }
}

/// `\\wsl.localhost\Debian\home\me` is `/home/me` inside that distribution.
fn inside_wsl(path: &str) -> String {
    let normalised = path.replace('/', "\\");
    let lower = normalised.to_ascii_lowercase();
    for prefix in [r"\\wsl.localhost\", r"\\wsl$\"] {
        if lower.starts_with(prefix) {
            let inner = &normalised[prefix.len()..];
            let inner = inner.find('\\').map_or("", |index| &inner[index..]);
            return inner.replace('\\', "/");
        }
    }
    path.to_owned()
}

/// `name` in the letters that an image's name may have; never empty, at most 40 characters.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for character in name.chars() {
        if slug.len() >= 40 {
            break;
        }
        match character.to_ascii_lowercase() {
            letter @ ('a'..='z' | '0'..='9') => slug.push(letter),
            _ if slug.ends_with('-') || slug.is_empty() => {}
            _ => slug.push('-'),
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "workspace" } else { slug }.to_owned()
}

/// Where the opened folder is in the container, and what is mounted there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// The mount in the form of `docker run --mount`; none when devcontainer.json wants none.
    pub mount: Option<String>,
    /// The opened folder in the container.
    pub folder: String,
}

/// The devcontainer CLI's rule: the root of the git work tree is mounted at `/workspaces/<its name>`, and the opened
/// folder is the same folder within it. `git_root` is the folder itself where there is no git; `mount` and `folder`
/// are `workspaceMount` and `workspaceFolder` with their variables filled in.
pub fn workspace(
    system: HostSystem,
    git_root: &str,
    local_folder: &str,
    mount: Option<&str>,
    folder: Option<&str>,
) -> Workspace {
    let is_separator = |character| system.is_separator(character);
    // A root that the folder is not in (reached by a symbolic link, say) is no root of it.
    let (root, inside) = match local_folder.strip_prefix(git_root.trim_end_matches(is_separator)) {
        Some(rest) if rest.is_empty() || rest.starts_with(is_separator) => {
            (git_root, rest.trim_matches(is_separator))
        }
        _ => (local_folder, ""),
    };
    let target = format!("/workspaces/{}", system.basename(root));
    let default_folder = || {
        if inside.is_empty() {
            target.clone()
        } else if system == HostSystem::Windows {
            format!("{target}/{}", inside.replace('\\', "/"))
        } else {
            format!("{target}/{inside}")
        }
    };
    let mount = match mount {
        Some(mount) => Some(mount.to_owned()).filter(|mount| !mount.is_empty()),
        None => {
            let consistency = match system {
                HostSystem::Linux => "",
                HostSystem::MacOs | HostSystem::Windows => ",consistency=consistent",
            };
            let source = quoted("source", root);
            let target = quoted("target", &target);
            Some(format!("type=bind,{source},{target}{consistency}"))
        }
    };
    Workspace {
        mount,
        folder: folder
            .filter(|folder| !folder.is_empty())
            .map_or_else(default_folder, str::to_owned),
    }
}

fn quoted(key: &str, value: &str) -> String {
    if value.contains([',', '"']) {
        format!("\"{key}={}\"", value.replace('"', "\"\""))
    } else {
        format!("{key}={value}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[test]
    fn label_paths_are_the_devcontainer_clis() {
        let check = |system: HostSystem, path: &str, expected: Expect| {
            expected.assert_eq(&system.label_path(path));
        };
        use HostSystem::{Linux, MacOs, Windows};
        check(Linux, "/home/Me/proj", expect!["/home/Me/proj"]);
        check(Linux, r"/home/me/a\b", expect![[r"/home/me/a\b"]]);
        // A symbolic link stays a symbolic link.
        check(MacOs, "/tmp/proj", expect!["/tmp/proj"]);
        check(Windows, r"C:\Users\Me\proj", expect![[r"c:\Users\Me\proj"]]);
        check(
            Windows,
            "C:/Users/Me/./x/../proj",
            expect![[r"c:\Users\Me\proj"]],
        );
        check(Windows, r"D:\", expect![[r"d:\"]]);
        check(Windows, r"C:\..\a\\b\", expect![[r"c:\a\b\"]]);
        check(
            Windows,
            r"\\wsl.localhost\Ubuntu\home\me\proj",
            expect![[r"\\wsl.localhost\Ubuntu\home\me\proj"]],
        );
        check(
            Windows,
            "//wsl.localhost/Ubuntu/home/me/../you",
            expect![[r"\\wsl.localhost\Ubuntu\home\you"]],
        );
    }

    #[test]
    fn a_container_of_vs_code_is_found() {
        let ours = Identity::new(
            HostSystem::Linux,
            "/home/me/proj",
            "/home/me/proj/.devcontainer/devcontainer.json",
        );
        let matches = |folder: &str, file: Option<&str>| {
            let mut labels = BTreeMap::from([(LOCAL_FOLDER.to_owned(), folder.to_owned())]);
            labels.extend(file.map(|file| (CONFIG_FILE.to_owned(), file.to_owned())));
            ours.matches(&labels)
        };
        let file = "/home/me/proj/.devcontainer/devcontainer.json";
        assert!(ours.matches(&ours.id_labels()));
        assert!(matches("/home/me/proj", None));
        assert!(matches(r"\\wsl.localhost\Debian\home\me\proj", Some(file)));
        assert!(matches(r"\\wsl$\Debian\home\me\proj", Some(file)));
        assert!(!matches("/home/me/Proj", Some(file)));
        assert!(!matches(
            "/home/me/proj",
            Some("/home/me/proj/.devcontainer.json")
        ));
        assert!(!matches(r"\\wsl.localhost\Debian", Some(file)));
        assert!(!ours.matches(&BTreeMap::new()));
    }

    #[test]
    fn windows_drive_letters_do_not_matter() {
        let ours = Identity::new(
            HostSystem::Windows,
            r"C:\proj",
            r"C:\proj\.devcontainer.json",
        );
        let labels = BTreeMap::from([
            (LOCAL_FOLDER.to_owned(), r"C:\proj".to_owned()),
            (
                CONFIG_FILE.to_owned(),
                r"C:/proj/.devcontainer.json".to_owned(),
            ),
        ]);
        assert!(ours.matches(&labels));
        expect!["proj-"].assert_eq(&ours.project[..5]);
    }

    #[test]
    fn names_are_valid_for_every_folder() {
        let name = |folder: &str| {
            let identity = Identity::new(HostSystem::Linux, folder, "/f");
            let image = identity.image_name("sha256:0123456789abcdef");
            let (name, _hash) = image.rsplit_once('-').unwrap();
            name.to_owned()
        };
        assert_eq!(name("/src/My Project (2)"), "mmdev-my-project-2");
        assert_eq!(name("/src/__proj__"), "mmdev-proj");
        assert_eq!(name("/src/数据"), "mmdev-workspace");
        assert_eq!(name("/"), "mmdev-workspace");
        assert_eq!(name(&format!("/{}", "x".repeat(300))).len(), 46);
        let two = |file| Identity::new(HostSystem::Linux, "/a", file).project;
        assert_ne!(two("/a/1"), two("/a/2"));
    }

    #[test]
    fn the_git_root_is_mounted() {
        let check = |system, root, folder, mount, inside, expected: Expect| {
            let workspace = workspace(system, root, folder, mount, inside);
            let mount = workspace.mount.as_deref().unwrap_or("(none)");
            expected.assert_eq(&format!("{mount} | {}", workspace.folder));
        };
        use HostSystem::{Linux, MacOs, Windows};
        check(
            Linux,
            "/src/repo",
            "/src/repo/sub/x",
            None,
            None,
            expect!["type=bind,source=/src/repo,target=/workspaces/repo | /workspaces/repo/sub/x"],
        );
        check(
            MacOs,
            "/src/a,b",
            "/src/a,b",
            None,
            None,
            expect![[
                r#"type=bind,"source=/src/a,b","target=/workspaces/a,b",consistency=consistent | /workspaces/a,b"#
            ]],
        );
        check(
            Windows,
            r"c:\src\repo",
            r"c:\src\repo\sub\x",
            None,
            None,
            expect![[
                r"type=bind,source=c:\src\repo,target=/workspaces/repo,consistency=consistent | /workspaces/repo/sub/x"
            ]],
        );
        check(
            Linux,
            "/r",
            "/r",
            Some(""),
            Some("/w"),
            expect!["(none) | /w"],
        );
        check(
            Linux,
            "/src/re",
            "/src/repo",
            None,
            None,
            expect!["type=bind,source=/src/repo,target=/workspaces/repo | /workspaces/repo"],
        );
        check(
            Linux,
            "/src/",
            r"/src/a\b/",
            None,
            None,
            expect![[r"type=bind,source=/src/,target=/workspaces/src | /workspaces/src/a\b"]],
        );
        check(
            Linux,
            "/r",
            "/r",
            Some("type=volume,source=v,target=/w"),
            None,
            expect!["type=volume,source=v,target=/w | /workspaces/r"],
        );
    }
}
