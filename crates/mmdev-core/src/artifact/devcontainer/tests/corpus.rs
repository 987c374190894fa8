//! The devcontainer.json files of public repositories.

use super::*;
use std::collections::BTreeMap;

/// Where a file of the corpus stood: `OWNER__REPOSITORY__FOLDERS__devcontainer.json`.
fn place(name: &str) -> String {
    if name.contains("__.devcontainer__") {
        let (_, inner) = name.split_once("__.devcontainer__").unwrap();
        format!(".devcontainer/{}", inner.replace("__", "/"))
    } else if name.ends_with("__.devcontainer.json") {
        ".devcontainer.json".to_owned()
    } else {
        DEFAULT_PATH.to_owned()
    }
}

/// Every value of an object by its pointer, leaves only.
fn leaves(prefix: &str, value: &Json, result: &mut BTreeMap<String, Json>) {
    match value {
        Json::Object(members) if !members.is_empty() => {
            for (name, value) in members {
                leaves(&format!("{prefix}/{name}"), value, result);
            }
        }
        _ => {
            result.insert(prefix.to_owned(), value.clone());
        }
    }
}

fn leaves_of(text: &str) -> BTreeMap<String, Json> {
    let mut result = BTreeMap::new();
    leaves(
        "",
        &jsonc::parse(text).0.root().unwrap().to_json(),
        &mut result,
    );
    result
}

/// What adopting may change in any file; all else must be as it was.
fn is_ours(pointer: &str) -> bool {
    let owned = [
        "/image",
        "/build/",
        "/customizations/mmdev/",
        "/customizations/vscode/extensions",
        "/customizations/vscode/settings/python.defaultInterpreterPath",
        "/customizations/vscode/settings/python.terminal.activateEnvironment",
    ];
    owned.iter().any(|owned| pointer.starts_with(owned))
}

fn check_change(name: &str, text: &str, change: &Change, desired: &Desired) {
    assert_eq!(apply(text, &change.edits), change.text, "{name}");
    assert!(
        change
            .edits
            .windows(2)
            .all(|pair| pair[0].span.end <= pair[1].span.start),
        "{name}: edits are in order and apart"
    );
    let (before, mut after) = (leaves_of(text), leaves_of(&change.text));
    for (pointer, value) in before {
        let value = match pointer.as_str() {
            pointer if is_ours(pointer) => continue,
            // An object that was empty may hold something of ours now.
            pointer if value == json!({}) && !after.contains_key(pointer) => continue,
            _ => value,
        };
        assert_eq!(after.remove(&pointer), Some(value), "{name}: {pointer}");
    }
    for pointer in after.keys() {
        assert!(
            is_ours(pointer)
                || pointer == "/remoteUser"
                || pointer == "/onCreateCommand"
                || pointer == "/updateContentCommand",
            "{name}: {pointer} is new"
        );
    }
    let comments = |text: &str| text.matches("//").count() + text.matches("/*").count();
    assert!(
        comments(text) <= comments(&change.text),
        "{name}: comments stay"
    );
    let again = plan(&place(name), Some(&change.text), desired, Mode::Merge);
    assert_eq!(again.outcome, Outcome::Unchanged, "{name}: merged twice");
    if let Outcome::Update(forced) =
        plan(&place(name), Some(&change.text), desired, Mode::Force).outcome
    {
        let again = plan(&place(name), Some(&forced.text), desired, Mode::Force);
        assert_eq!(again.outcome, Outcome::Unchanged, "{name}: forced twice");
    }
}

/// A build that is the person's, after the lines that mmdev asked for were added.
fn check_left(name: &str, text: &str, desired: &Desired) {
    let mut editor = jsonc::Editor::new(text).unwrap();
    let path = ["customizations", "mmdev", "generated", "/build"];
    editor.set(&path, &json!(false)).unwrap();
    let text = editor.text();
    match plan(&place(name), Some(text), desired, Mode::Merge).outcome {
        Outcome::Update(change) => check_change(name, text, &change, desired),
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
#[ignore = "needs MMDEV_CORPUS"]
fn each_kind_of_file_has_its_outcome() {
    let files = crate::corpus::files("devcontainers");
    let desired = Desired {
        on_create: Some(json!("pip install -e .")),
        ..desired()
    };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (name, text) in &files {
        let root = jsonc::parse(text).0;
        let has = |key: &str| root.at(&[key]).is_some();
        let kind = if has("dockerComposeFile") {
            "compose"
        } else if has("build") || has("dockerFile") {
            "build"
        } else if has("image") {
            "image"
        } else {
            "neither"
        };
        let features = if has("features") {
            " with features"
        } else {
            ""
        };
        let Plan {
            outcome,
            diagnostics,
        } = plan(&place(name), Some(text), &desired, Mode::Merge);
        let outcome = match outcome {
            Outcome::Adopt(change) => {
                check_change(name, text, &change, &desired);
                "adopt"
            }
            Outcome::Manual {
                reason,
                instructions,
            } => {
                assert!(!reason.is_empty() && !instructions.is_empty());
                if kind != "image" {
                    check_left(name, text, &desired);
                }
                "manual"
            }
            Outcome::Invalid => "invalid",
            other => panic!("{name}: {other:?}"),
        };
        let mut codes: Vec<String> = diagnostics
            .iter()
            .map(|diagnostic| diagnostic.code.to_string())
            .collect();
        codes.dedup();
        let key = format!("{kind}{features}: {outcome} {}", codes.join(" "));
        *counts.entry(key.trim_end().to_owned()).or_default() += 1;
    }
    let lines: Vec<String> = counts
        .iter()
        .map(|(key, count)| format!("{key}: {count}"))
        .collect();
    expect![[r#"
        build with features: manual: 27
        build: manual: 67
        compose with features: manual: 3
        compose: manual: 33
        image with features: adopt: 41
        image with features: manual: 1
        image: adopt: 27
        image: manual: 7
        neither: adopt: 1"#]]
    .assert_eq(&lines.join("\n"));
}
