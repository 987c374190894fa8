//! What mmdev leaves to the devcontainer program: features and compose.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use mmdev_testkit::{Finished, JsonLines, world};

use super::{Folder, repository, without_mmdev};

const FEATURE: &str = r#"{ "id": "greeter", "version": "1.0.0", "name": "Greeter" }"#;

const INSTALL: &str = "#!/bin/sh
set -e
printf '#!/bin/sh\\necho hello from the feature\\n' > /usr/local/bin/greet
chmod 755 /usr/local/bin/greet
";

/// With buildx and features the CLI wants a frontend from Docker Hub, which is no part of the world.
const SCRIPT: &str = r#"#!/bin/sh
export DOCKER_BUILDKIT=1
case $1 in
    up|build) command=$1 && shift && exec CLI "$command" --buildkit never "$@" ;;
    *) exec CLI "$@" ;;
esac
"#;

impl Folder {
    /// `mmdev ARGUMENTS…` with the real CLI on PATH as `devcontainer`.
    pub(crate) fn mmdev_beside_the_cli(&self, arguments: &[&str]) -> Finished {
        self.project
            .run(&mut self.command_beside_the_cli(arguments))
    }

    fn command_beside_the_cli(&self, arguments: &[&str]) -> Command {
        let modules = repository().join("tests/containers");
        let mut cli = self.project.devcontainer::<&str>(&modules, []);
        without_mmdev(&mut cli);
        let quoted = |text: &std::ffi::OsStr| format!("'{}'", text.display());
        let words = std::iter::once(cli.get_program()).chain(cli.get_args());
        // mmdev is that user already, who cannot become the same one again.
        let words = words.skip_while(|word| !word.display().to_string().ends_with("/node"));
        let words: Vec<String> = words.map(quoted).collect();
        let folder = self.project.root().join("../bin/path");
        std::fs::create_dir_all(&folder).unwrap();
        let program = folder.join("devcontainer");
        let script = SCRIPT.replace("CLI", &words.join(" "));
        std::fs::write(&program, script).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let path = cli.get_envs().find(|(name, _)| *name == "PATH");
        let path = path.and_then(|(_, value)| value).unwrap_or_default();
        let mut command = self.mmdev_command(arguments);
        let folders = std::iter::once(folder).chain(std::env::split_paths(path));
        command.env("PATH", std::env::join_paths(folders).unwrap());
        command
    }
}

#[test]
fn features_are_handed_over_to_the_devcontainer_program() {
    let folder = Folder::quickstart(&[
        (".devcontainer/greeter/devcontainer-feature.json", FEATURE),
        (".devcontainer/greeter/install.sh", INSTALL),
    ]);
    folder.mmdev(&["generate"]).success();
    folder.edit(".devcontainer/devcontainer.json", |text| {
        let features = "\"features\": { \"./greeter\": {} },\n  \"updateRemoteUserUID\": true";
        text.replace("\"updateRemoteUserUID\": true", features)
    });

    let refused = folder.mmdev(&["up"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(
        refused
            .stderr
            .contains("asks for dev container Features (./greeter)")
            && refused.stderr.contains("not on PATH")
            && refused
                .stderr
                .contains("hint: npm install -g @devcontainers/cli"),
        "{refused:?}"
    );
    assert_eq!(folder.containers(), Vec::<String>::new());

    let up = folder.mmdev_beside_the_cli(&["up"]).success();
    let line = "Handing over to the devcontainer program: dev container Features";
    assert!(up.stderr.contains(line), "{up:?}");
    let container = folder.container();
    let ran = folder
        .mmdev_beside_the_cli(&["run", "--", "greet"])
        .success();
    assert_eq!(
        ran.stdout.lines().last(),
        Some("hello from the feature"),
        "{ran:?}"
    );
    let ran = folder
        .mmdev_beside_the_cli(&["run", "--", "which", "python"])
        .success();
    assert_eq!(
        ran.stdout.lines().last(),
        Some("/opt/conda/bin/python"),
        "{ran:?}"
    );
    assert_eq!(folder.container(), container);
    folder.mmdev(&["down"]).success();
    assert_eq!(folder.containers(), Vec::<String>::new());
    // The CLI's own intermediate image, under one name for all projects.
}

#[test]
fn a_container_with_features_is_synced_as_well() {
    let platform = match std::env::consts::ARCH {
        "aarch64" => "linux-aarch64",
        _ => "linux-64",
    };
    let channel = world().channel();
    let spec =
        format!("channels: [{channel}]\nplatforms: [{platform}]\ndependencies:\n  - prefix-text\n");
    let folder = Folder::new(&[
        ("env.yaml", &spec),
        (".devcontainer/greeter/devcontainer-feature.json", FEATURE),
        (".devcontainer/greeter/install.sh", INSTALL),
    ]);
    folder.mmdev(&["lock"]).success();
    folder.mmdev(&["generate"]).success();
    folder.edit(".devcontainer/devcontainer.json", |text| {
        let features = "\"features\": { \"./greeter\": {} },\n  \"updateRemoteUserUID\": true";
        text.replace("\"updateRemoteUserUID\": true", features)
    });
    folder.mmdev_beside_the_cli(&["up"]).success();
    let first = folder.container();
    folder.edit("env.yaml", |text| format!("{text}  - prefix-binary\n"));
    let said = folder.mmdev_beside_the_cli(&["watch", "--once"]).success();
    let synced = "Synced the running container: 0 removed, 1 installed";
    assert!(said.stderr.contains(synced), "{said:?}");
    let ran = folder
        .mmdev_beside_the_cli(&["run", "--", "prefix-binary"])
        .success();
    assert_eq!(ran.stdout.lines().last(), Some("/opt/conda"), "{ran:?}");
    assert_eq!(folder.container(), first);
}

#[test]
fn a_watch_says_what_features_take() {
    // Unlike that of any run before, so that the engine's cache does not have it.
    let now = std::time::SystemTime::now();
    let now = now.duration_since(std::time::UNIX_EPOCH).unwrap();
    let slow = format!("set -e\nsleep 1 # {}\n", now.as_nanos());
    let install = INSTALL.replace("set -e\n", &slow);
    let folder = Folder::quickstart(&[
        (".devcontainer/greeter/devcontainer-feature.json", FEATURE),
        (".devcontainer/greeter/install.sh", &install),
    ]);
    folder.mmdev(&["generate"]).success();
    folder.edit(".devcontainer/devcontainer.json", |text| {
        let features = "\"features\": { \"./greeter\": {} },\n  \"updateRemoteUserUID\": true";
        text.replace("\"updateRemoteUserUID\": true", features)
    });
    folder.mmdev_beside_the_cli(&["up"]).success();
    let first = folder.container();
    let words = ["watch", "--message-format", "json", "--recreate"];
    let mut watch = JsonLines::start(&mut folder.command_beside_the_cli(&words));
    watch.until_state("ready");
    folder.edit("env.yaml", |text| {
        format!("{text}variables: {{NEW: 'yes'}}\n")
    });
    watch.until(&[("change", "rebuild")]);
    let built = watch.until(&[("reason", "watch-built")]);
    let features = built["features_seconds"].as_f64().unwrap();
    assert!(
        features >= 1.0 && features < built["seconds"].as_f64().unwrap(),
        "{built}"
    );
    let message = watch.until_state("ready")["message"].to_string();
    assert!(message.contains(" s of them for Features"), "{message}");
    assert_eq!(built["recreated"], true);
    assert_ne!(folder.container(), first);
    let ran = folder
        .mmdev_beside_the_cli(&["run", "--", "printenv", "NEW"])
        .success();
    assert_eq!(ran.stdout.lines().last(), Some("yes"), "{ran:?}");
    watch.interrupt();
    assert_eq!(watch.end(), Some(130));
}

#[test]
fn compose_is_handed_over_too() {
    let own = r#"{
  "dockerComposeFile": "compose.yaml",
  "service": "app",
  "customizations": { "mmdev": { "generated": { "/build": false } } }
}"#;
    // As `mmdev generate` says that they must be.
    let services = "services:
  app:
    build:
      context: mmdev
      dockerfile: Dockerfile
";
    let folder = Folder::quickstart(&[
        (".devcontainer/devcontainer.json", own),
        (".devcontainer/compose.yaml", services),
    ]);
    folder.mmdev(&["generate", "--yes"]).success();
    let refused = folder.mmdev(&["up"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(
        refused.stderr.contains("asks for Docker Compose")
            && refused.stderr.contains("not on PATH"),
        "{refused:?}"
    );
    // Whether the program can do it is its own affair: there may be no compose plugin here.
    let up = folder.mmdev_beside_the_cli(&["up"]);
    let line = "Handing over to the devcontainer program: Docker Compose";
    assert!(up.stderr.contains(line), "{up:?}");
}
