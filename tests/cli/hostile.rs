//! A devcontainer.json and a spec as no tool writes them: nothing is lost, and what is wrong is named with its place.

use expect_test::expect;

use crate::project::Project;

const SPEC: &str = "channels: [conda-forge]\ndependencies: [python]\n";

/// `mmdev generate --yes` says what is wrong with `file` and where, and changes nothing.
#[track_caller]
fn refused(file: &str, text: &str) {
    let mut project = Project::new();
    if file != "env.yaml" {
        project = project.file("env.yaml", SPEC);
    }
    let project = project.file(file, text);
    let before = project.tree();
    let output = project.command(&["generate", "--yes"]).output().unwrap();
    let shown = project.shown(output);
    assert!(shown.starts_with("exit code: 1\n"), "{text:?}\n{shown}");
    assert!(shown.contains(&format!("--> {file}:")), "{text:?}\n{shown}");
    assert!(
        shown.contains("hint: ") || shown.contains("fix: "),
        "{text:?}\n{shown}"
    );
    assert!(!shown.contains("--force"), "that helps nobody\n{shown}");
    assert_eq!(project.read(file), text);
    assert_eq!(project.tree(), before, "{text:?}\n{shown}");
}

#[test]
fn a_devcontainer_json_that_is_none_is_left_alone() {
    for text in [
        "{",
        "[]",
        "null",
        "\"x\"",
        "{\"name\": \"x\"} {\"name\": \"y\"}",
        "{\"name\": \"x\",, \"a\": 1}",
        "{\"name\": }",
        "{'name': 'x'}",
        "<<<<<<< HEAD\n{\"name\": \"a\"}\n=======\n{\"name\": \"b\"}\n>>>>>>> other\n",
        "{\"customizations\": []}",
        "{\"customizations\": {\"mmdev\": 1}}",
        "{\"customizations\": {\"mmdev\": {\"files\": \"env.yaml\"}}}",
        "{\"build\": \"Dockerfile\"}",
    ] {
        refused(".devcontainer/devcontainer.json", text);
        refused(".devcontainer.json", text);
    }
}

#[test]
fn what_is_only_odd_is_kept() {
    for text in [
        "\u{feff}{\r\n\t// why\r\n\t\"name\": \"größe\", /* x */ \"unknownKey\": [1, 2,],\r\n}\r\n",
        "{\"name\":\"x\"}",
        "{}",
        "// only a comment before\n{ \"name\": \"x\" }",
        "{\"postCreateCommand\": \"echo a && echo 'b'\", \"customizations\": {\"vscode\": {\"settings\": {\"a\": 1}}}}",
    ] {
        let project = Project::new()
            .file("env.yaml", SPEC)
            .file(".devcontainer/devcontainer.json", text);
        let output = project.command(&["generate", "--yes"]).output().unwrap();
        assert!(
            output.status.success(),
            "{text:?}\n{}",
            project.shown(output)
        );
        let path = ".devcontainer/devcontainer.json";
        let after = project.read(path);
        // Every byte that a person wrote is still there, in its order.
        let mut rest = after.chars();
        for char in text.chars() {
            assert!(
                rest.any(|other| other == char),
                "{char:?} of {text:?} is lost in\n{after}"
            );
        }
        let output = project.command(&["generate"]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", project.shown(output));
        assert_eq!(project.read(path), after);
    }
}

#[test]
fn a_spec_that_is_none_generates_nothing() {
    for text in [
        "",
        "# only a comment\n",
        "dependencies:\n\t- numpy\n",
        "dependencies: [numpy\n",
        "dependencies: {numpy: 1}\n",
        "dependencies: [\"numpy>=\"]\n",
        "dependencies: [numpy]\n---\ndependencies: [scipy]\n",
        "<<<<<<< HEAD\ndependencies: [a]\n=======\ndependencies: [b]\n>>>>>>> other\n",
        "dependencies: [*absent]\n",
        "dependencies: [[numpy]]\n",
    ] {
        refused("env.yaml", text);
    }
}

#[test]
fn a_file_that_is_not_utf_8_is_named_with_its_place() {
    let project = Project::new();
    let utf_16: Vec<u8> = "\u{feff}dependencies:\r\n- numpy==\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    std::fs::write(project.root().join("env.yaml"), utf_16).unwrap();
    project.check(&["check"], expect![[r#"
        exit code: 1
        ----- stdout
        error[MM001]: the file is UTF-16, which `>` writes in PowerShell
         --> env.yaml:1:1
          |
        1 | dependencies:
          | ^
          |
          = hint: Save it as UTF-8, or write it with `conda env export --file`

        information[MM303]: the spec names no channels: conda and micromamba take those of each person's configuration, mmdev conda-forge
         --> env.yaml:1:1
          |
        1 | dependencies:
          | ^^^^^^^^^^^^
          |
          = hint: Add `channels:` above

        error[MM210]: the operator `==` has no version after it; conda and rattler refuse it, micromamba takes it as any version
         --> env.yaml:2:8
          |
        2 | - numpy==
          |        ^^

        ----- stderr
             Checked 1 file: 2 errors, 0 warnings, 1 remark
        `mmdev explain CODE` says more about a rule
    "#]]);
    let latin_1 = b"# caf\xe9\ndependencies: [numpy]\n";
    std::fs::write(project.root().join("env.yaml"), latin_1).unwrap();
    project.check(&["check", "--message-format", "json"], expect![[r#"
        exit code: 1
        ----- stdout
        {"format":1,"file":"env.yaml","code":"MM001","severity":"error","line":1,"column":6,"end_line":1,"end_column":7,"message":"this character is not UTF-8","hint":"Save the file as UTF-8","fixable":false}
        {"format":1,"file":"env.yaml","code":"MM303","severity":"information","line":2,"column":1,"end_line":2,"end_column":13,"message":"the spec names no channels: conda and micromamba take those of each person's configuration, mmdev conda-forge","hint":"Add `channels:` above","fixable":false}
        {"format":1,"reason":"check-finished","files":1,"errors":1,"warnings":0,"remarks":1,"safe_fixes":0,"unsafe_fixes":0,"fixed":0}
        ----- stderr
             Checked 1 file: 1 error, 0 warnings, 1 remark
        `mmdev explain CODE` says more about a rule
    "#]]);
    project.write("env.yaml", SPEC);
    let path = ".devcontainer/devcontainer.json";
    project.write(path, "");
    std::fs::write(project.root().join(path), b"{\n\"name\": \"caf\xe9\"}").unwrap();
    project.check(&["generate", "--yes"], expect![[r#"
        exit code: 1
        ----- stderr
        error: [FOLDER]/project/.devcontainer/devcontainer.json is not UTF-8 text (line 2, column 13)
        hint: save it as UTF-8
    "#]]);
}

#[test]
fn a_devcontainer_json_that_lost_its_record_is_adopted() {
    let project = Project::new().file("env.yaml", SPEC);
    let path = ".devcontainer/devcontainer.json";
    project.check(&["generate", "-q"], expect![["exit code: 0\n"]]);
    let written = project.read(path);
    let record = written.find(",\n    \"mmdev\"").unwrap()..written.rfind("\n  }").unwrap();
    project.write(path, &written.replace(&written[record], ""));
    project.check(
        &["generate", "--yes"],
        expect![[r#"
            exit code: 0
            ----- stderr
                 Updated .devcontainer/devcontainer.json

            Updated 1 file; commit it.
            Next: mmdev up, or F1 → Reopen in Container.
        "#]],
    );
    project.check(&["generate", "--check", "-q"], expect![["exit code: 0\n"]]);
}

/// A second run writes nothing: not even the same bytes again.
#[cfg(unix)]
#[test]
fn generating_twice_writes_once() {
    use std::os::unix::fs::MetadataExt as _;

    let project = Project::new().file("env.yaml", SPEC);
    let written = |project: &Project| {
        assert!(project.command(&["generate"]).status().unwrap().success());
        let files: Vec<_> = project.tree().lines().map(str::to_owned).collect();
        files
            .into_iter()
            .map(|path| {
                let file = project.root().join(&path).metadata().unwrap();
                (path, file.ino(), file.mtime(), file.mtime_nsec())
            })
            .collect::<Vec<_>>()
    };
    let first = written(&project);
    assert!(first.len() > 5, "{first:?}");
    assert_eq!(written(&project), first);

    // What git made of the line ends at checkout is as good.
    for (path, ..) in &first {
        if path.starts_with(".devcontainer/mmdev/") {
            let text = project.read(path);
            project.write(path, &text.replace('\n', "\r\n"));
        }
    }
    let second = written(&project);
    assert!(
        project
            .read(".devcontainer/mmdev/Dockerfile")
            .contains("\r\n")
    );
    assert_eq!(written(&project), second);
}

#[test]
fn a_full_disk_behind_stdout_is_no_success() {
    let project = Project::new();
    project.write("env.yaml", "channels: [conda-forge]\ndependencies: [a]\n");
    for arguments in [
        &["rules"] as &[&str],
        &["check", "--message-format", "sarif"],
    ] {
        let full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let status = project.command(arguments).stdout(full).status().unwrap();
        assert_eq!(status.code(), Some(3), "{arguments:?}");
    }
}
