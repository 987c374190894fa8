//! Texts in, typed configuration and diagnostics out.

use super::*;
use crate::text::LineIndex;
use expect_test::{Expect, expect};

#[track_caller]
fn check(text: &str, expected: Expect) {
    let (file, diagnostics) = read(text);
    let index = LineIndex::new(text);
    let mut shown: String = diagnostics
        .iter()
        .map(|diagnostic| {
            let place = index.line_column(diagnostic.span.start);
            format!(
                "{}:{} {} {:?} [{}] {}\n",
                place.line,
                place.column,
                diagnostic.code,
                diagnostic.severity,
                &text[diagnostic.span.range()],
                diagnostic.message
            )
        })
        .collect();
    shown.push_str(&format!("{} properties\n", file.properties.len()));
    expected.assert_eq(&shown);
}

#[test]
fn comments_commas_and_marks_are_taken() {
    check(
        "\u{feff}// c\r\n{ /* d */ \"image\": \"x\", \"unknown\": {\"a\": [1,],}, }\r\n",
        expect![[r#"
            2 properties
        "#]],
    );
}

#[test]
fn what_is_no_devcontainer_json_has_a_place() {
    check(
        "",
        expect![[r#"
            1:1 MM601 Error [] the file holds no JSON value
            0 properties
        "#]],
    );
    check(
        "// nothing\n",
        expect![[r#"
            1:1 MM601 Error [// nothing
            ] the file holds no JSON value
            0 properties
        "#]],
    );
    check(
        "[]",
        expect![[r#"
            1:1 MM603 Error [[]] devcontainer.json must hold one object, but holds an array
            0 properties
        "#]],
    );
    check(
        "{\"image\": 'x'}",
        expect![[r#"
            1:11 MM601 Error ['] this is not JSON: single-quoted strings are not allowed
            0 properties
        "#]],
    );
    check(
        "{\"image\": \"x\"\n \"name\": \"y\"}",
        expect![[r#"
            1:14 MM601 Error [] this is not JSON: expected comma
            0 properties
        "#]],
    );
    check(
        "{\"image\": \"x\"",
        expect![[r#"
            1:1 MM601 Error [{] this is not JSON: unterminated object
            0 properties
        "#]],
    );
    check(
        "\u{feff}{\"é\": \"ü\" x}",
        expect![[r#"
            1:11 MM601 Error [x] this is not JSON: unexpected token
            0 properties
        "#]],
    );
}

#[test]
fn values_of_the_wrong_type_are_named_and_left_out() {
    check(
        r#"{
  "image": 3,
  "image": ["x"],
  "build": {"dockerfile": 1, "args": 3},
  "mounts": ["source=a", {"target": "/x", "type": "nfs"}, 7, "type=bind,source=/a,target=/b"],
  "runArgs": "--init",
  "containerEnv": {"A": 1, "B": null, "C": "x"},
  "remoteEnv": {"A": null, "B": []},
  "appPort": [0, 70000, "80:80", "8080"],
  "forwardPorts": [true, "x", "localhost:99999", ":1"],
  "waitFor": "never",
  "userEnvProbe": "bash",
  "init": "yes",
  "postCreateCommand": {"a": ["x", 1], "b": {"c": "d"}},
  "onCreateCommand": false,
  "hostRequirements": {"gpu": "maybe"},
  "features": []
}"#,
        expect![[r#"
            3:3 MM602 Warning ["image"] `image` stands twice in this object
            15:22 MM603 Error [false] `onCreateCommand` must be a string, an array or an object of these, but is a boolean
            14:36 MM603 Error [1] `postCreateCommand.a[1]` must be a string, but is a number
            14:45 MM603 Error [{"c": "d"}] `postCreateCommand.b` must be a string, an array or an object of these, but is an object
            3:12 MM603 Error [["x"]] `image` must be a string, but is an array
            4:27 MM603 Error [1] `build.dockerfile` must be a string, but is a number
            5:14 MM603 Error ["source=a"] `mounts[0]` names no target
            5:26 MM603 Error [{"target": "/x", "type": "nfs"}] `mounts[1]` has the type `nfs`, but must be bind, volume or tmpfs
            5:59 MM603 Error [7] `mounts[2]` must be a string or an object, but is a number
            6:14 MM603 Error ["--init"] `runArgs` must be an array of strings, but is a string
            7:25 MM603 Warning [1] `containerEnv.A` must be a string; taken as `"1"`
            7:33 MM603 Error [null] `containerEnv.B` must be a string, but is null
            8:33 MM603 Error [[]] `remoteEnv.B` must be a string, but is an array
            13:11 MM603 Error ["yes"] `init` must be true or false, but is a string
            9:15 MM603 Error [0] `appPort[0]` must be a port (1 to 65535) or `"host:port"`, but is a number
            9:18 MM603 Error [70000] `appPort[1]` must be a port (1 to 65535) or `"host:port"`, but is a number
            10:20 MM603 Error [true] `forwardPorts[0]` must be a port (1 to 65535) or `"host:port"`, but is a boolean
            10:26 MM603 Error ["x"] `forwardPorts[1]` must be a port (1 to 65535) or `"host:port"`, but is a string
            10:31 MM603 Error ["localhost:99999"] `forwardPorts[2]` must be a port (1 to 65535) or `"host:port"`, but is a string
            10:50 MM603 Error [":1"] `forwardPorts[3]` must be a port (1 to 65535) or `"host:port"`, but is a string
            11:14 MM603 Error ["never"] `waitFor` must be one of initializeCommand, onCreateCommand, updateContentCommand, postCreateCommand, postStartCommand, but is `never`
            12:19 MM603 Error ["bash"] `userEnvProbe` must be one of none, loginInteractiveShell, interactiveShell, loginShell, but is `bash`
            16:31 MM603 Error ["maybe"] `hostRequirements.gpu` must be true, false, `"optional"` or an object, but is a string
            17:15 MM603 Error [[]] `features` must be an object, but is an array
            15 properties
        "#]],
    );
}

#[test]
fn both_forms_of_a_build_are_read() {
    let build = |text: &str| {
        let (config, _) = DevContainer::lower(&read(text).0.properties);
        format!("{:?}", config.build)
    };
    expect![[r#"Some(Build { dockerfile: "D", context: Some(".."), args: [("A", "1")], target: Some("t"), cache_from: ["i"], options: ["--pull"] })"#]].assert_eq(&build(
        r#"{"build": {"dockerfile": "D", "context": "..", "args": {"A": "1"}, "target": "t", "cacheFrom": "i", "options": ["--pull"]}}"#,
    ));
    expect![[r#"Some(Build { dockerfile: "D", context: Some(".."), args: [], target: None, cache_from: ["a", "b"], options: [] })"#]].assert_eq(&build(
        r#"{"dockerFile": "D", "context": "..", "build": {"cacheFrom": ["a", "b"]}}"#,
    ));
    expect!["None"].assert_eq(&build(r#"{"build": {}}"#));
}

#[test]
fn what_up_cannot_do_is_named() {
    let unsupported = |text: &str| {
        let (config, _) = DevContainer::lower(&read(text).0.properties);
        config
            .unsupported()
            .iter()
            .map(|one| format!("{}: {}", one.property, one.what))
            .collect::<Vec<_>>()
            .join("\n")
    };
    expect![[r#"
        dockerComposeFile: Docker Compose projects
        features: dev container Features (ghcr.io/a/b:1, c)
        runArgs: `--rm`
        runArgs: `--env-file x`
        build.options: `--secret id=a`"#]].assert_eq(&unsupported(
        r#"{"dockerComposeFile": "c.yml", "features": {"ghcr.io/a/b:1": {}, "c": {}},
            "runArgs": ["--rm", "--env-file", "x"], "build": {"dockerfile": "D", "options": ["--secret", "id=a"]}}"#,
    ));
    expect![""].assert_eq(&unsupported(r#"{"features": {}, "runArgs": ["--init"]}"#));
}

#[test]
#[ignore = "needs MMDEV_CORPUS"]
fn real_files_are_read() {
    let mut count = (0, 0, 0);
    let mut seen = String::new();
    for (_, text) in crate::corpus::files("devcontainers") {
        let (file, diagnostics) = read(&text);
        count.0 += 1;
        count.1 += usize::from(file.properties.is_empty());
        count.2 += usize::from(!diagnostics.is_empty());
        for diagnostic in diagnostics {
            seen.push_str(&format!("{}\n", diagnostic.message));
        }
    }
    expect![[r#"
        (207, 0, 0)
    "#]]
    .assert_eq(&format!("{count:?}\n{seen}"));
}
