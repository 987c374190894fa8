//! One container, whichever tool made it: each tool finds the other's.

use expect_test::expect;
use serde_json::{Value, json};

use mmdev_testkit::docker;

use super::Folder;

/// Lifecycle commands that write down that they ran.
const COUNTED: &str = r#""postCreateCommand": "echo created >> counted",
  "postStartCommand": "echo started >> counted",
  "updateRemoteUserUID": true"#;

/// The labels by which the devcontainer CLI and VS Code find a container and know what it is.
fn labels(container: &str) -> Value {
    let text = docker(&["inspect", "--format", "{{json .Config.Labels}}", container]);
    let labels: Value = serde_json::from_str(&text).unwrap();
    let metadata = labels["devcontainer.metadata"].as_str().unwrap_or("null");
    json!({
        "local_folder": labels["devcontainer.local_folder"],
        "config_file": labels["devcontainer.config_file"],
        "metadata": serde_json::from_str::<Value>(metadata).unwrap(),
    })
}

#[test]
fn each_tool_finds_the_container_that_the_other_made() {
    let folder = Folder::quickstart(&[]);
    folder.mmdev(&["generate"]).success();
    folder.edit(".devcontainer/devcontainer.json", |text| {
        text.replace("\"updateRemoteUserUID\": true", COUNTED)
    });

    let up = folder.answer("up", &[]);
    let theirs = folder.container();
    assert_eq!(up["containerId"], theirs, "{up}");
    assert_eq!(folder.project.read("counted"), "created\nstarted\n");
    let ran = folder.mmdev(&["run", "--", "which", "python"]).success();
    assert_eq!(ran.stdout.trim(), "/opt/conda/bin/python", "{ran:?}");
    folder.mmdev(&["up"]).success();
    assert_eq!(folder.container(), theirs);
    assert_eq!(folder.project.read("counted"), "created\nstarted\n");
    let status = folder.mmdev(&["status"]).success();
    assert!(status.stdout.contains("container  running"), "{status:?}");
    let their_labels = labels(&theirs);
    folder.mmdev(&["down"]).success();
    assert_eq!(folder.containers(), Vec::<String>::new());

    folder.remove("counted");
    folder.mmdev(&["up"]).success();
    let ours = folder.container();
    assert_eq!(labels(&ours), their_labels);
    assert_eq!(folder.project.read("counted"), "created\nstarted\n");
    assert_eq!(folder.exec(&["which", "python"]), "/opt/conda/bin/python");
    let up = folder.answer("up", &[]);
    assert_eq!(up["containerId"], ours, "{up}");
    assert_eq!(folder.container(), ours);
    assert_eq!(folder.project.read("counted"), "created\nstarted\n");

    // A container that was stopped is started, and only what belongs to a start runs.
    for (tool, expected) in [
        ("devcontainer", expect!["created started started"]),
        ("mmdev", expect!["created started started started"]),
    ] {
        docker(&["stop", "--time", "0", &ours]);
        match tool {
            "mmdev" => drop(folder.mmdev(&["up"]).success()),
            _ => drop(folder.answer("up", &[])),
        }
        assert_eq!(folder.container(), ours);
        let counted = folder.project.read("counted");
        expected.assert_eq(&counted.split_whitespace().collect::<Vec<_>>().join(" "));
    }
}
