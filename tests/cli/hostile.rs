//! A devcontainer.json and a spec as no tool writes them: nothing is lost, and what is wrong is named with its place.

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
