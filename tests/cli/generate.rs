//! `mmdev init` and `mmdev generate`: what they write, what they leave, and what they say.

use std::io::Read;
use std::process::Stdio;

use expect_test::expect;

use crate::project::Project;

const SPEC: &str = "channels: [conda-forge]\ndependencies:\n  - python=3.12\n";

#[test]
fn from_packages_to_files() {
    let project = Project::new();
    project.check(
        &["init", "python=3.9.1", "requests=2.25.1"],
        expect![[r#"
            exit code: 0
            ----- stderr
                 Created env.yaml
                 Created .devcontainer/mmdev/Dockerfile
                 Created .devcontainer/mmdev/.gitattributes
                 Created .devcontainer/mmdev/.gitignore
                 Created .devcontainer/mmdev/activate.sh
                 Created .devcontainer/mmdev/activate.fish
                 Created .devcontainer/mmdev/shells.sh
                 Created .devcontainer/mmdev/env.yaml
                 Created .devcontainer/devcontainer.json

            Created 9 files; commit them. Teammates need only VS Code and Docker.
            Next: mmdev up, or F1 → Reopen in Container.
        "#]],
    );
    expect![[r#"
        name: project
        channels:
          - conda-forge
        dependencies:
          - python=3.9.1
          - requests=2.25.1
    "#]]
    .assert_eq(&project.read("env.yaml"));
    expect![[r#"
        .devcontainer/devcontainer.json
        .devcontainer/mmdev/.gitattributes
        .devcontainer/mmdev/.gitignore
        .devcontainer/mmdev/Dockerfile
        .devcontainer/mmdev/activate.fish
        .devcontainer/mmdev/activate.sh
        .devcontainer/mmdev/env.yaml
        .devcontainer/mmdev/shells.sh
        env.yaml
    "#]]
    .assert_eq(&project.tree());
    project.check(
        &["generate"],
        expect![[r#"
        exit code: 0
        ----- stderr
               Fresh every file is as the spec says
    "#]],
    );
    project.check(
        &["generate", "--check"],
        expect![[r#"
        exit code: 0
        ----- stderr
               Fresh every file is as the spec says
    "#]],
    );
    project.check(
        &["init", "numpy"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: env.yaml is already here; `init` with packages writes a new spec
        hint: mmdev add numpy
    "#]],
    );
}

#[test]
fn a_changed_spec_is_seen() {
    let project = Project::new().file("env.yaml", SPEC);
    project.command(&["generate", "-q"]).output().unwrap();
    project.write("env.yaml", &format!("# A comment costs nothing.\n{SPEC}"));
    project.check(
        &["generate", "--check"],
        expect![[r#"
        exit code: 0
        ----- stderr
               Fresh every file is as the spec says
    "#]],
    );
    project.write("env.yaml", &SPEC.replace("3.12", "3.13"));
    project.check(
        &["generate", "--check"],
        expect![[r#"
        exit code: 1
        ----- stderr
        Would update .devcontainer/mmdev/env.yaml
        error: 1 file is not as the spec says
        hint: mmdev generate writes them; mmdev generate --diff shows the difference
    "#]],
    );
    project.check(
        &["generate", "--dry-run"],
        expect![[r#"
            exit code: 0
            ----- stderr
            Would update .devcontainer/mmdev/env.yaml

            Nothing was written: 1 file would change.
            Next: mmdev generate writes it.
        "#]],
    );
    project.check(
        &["generate", "--diff"],
        expect![[r#"
            exit code: 0
            ----- stdout
            --- a/.devcontainer/mmdev/env.yaml
            +++ b/.devcontainer/mmdev/env.yaml
            @@ -1,5 +1,5 @@
            -# mmdev: 6eb68869c3e3900c
            +# mmdev: dc40f0df70b1baf4
             channels:
               - "conda-forge"
             dependencies:
            -  - "python=3.12"
            +  - "python=3.13"
            ----- stderr

            Nothing was written: 1 file would change.
            Next: mmdev generate writes it.
        "#]],
    );
    project.check(
        &["generate", "--check", "--message-format", "json", "-q"],
        expect![[r#"
            exit code: 1
            ----- stdout
            {"format":1,"reason":"generated-file","path":".devcontainer/mmdev/env.yaml","change":"changed","written":false}
            {"format":1,"reason":"error","message":"1 file is not as the spec says","hints":["mmdev generate writes them; mmdev generate --diff shows the difference"],"exit_code":1}
            ----- stderr
            error: 1 file is not as the spec says
            hint: mmdev generate writes them; mmdev generate --diff shows the difference
        "#]],
    );
    project.check(
        &["generate"],
        expect![[r#"
            exit code: 0
            ----- stderr
                 Updated .devcontainer/mmdev/env.yaml

            Updated 1 file; commit it.
            Next: mmdev up, or F1 → Reopen in Container.
        "#]],
    );
}

#[test]
fn line_ends_and_other_files_are_left_alone() {
    let project = Project::new().file("env.yaml", SPEC);
    project.command(&["generate", "-q"]).output().unwrap();
    let path = ".devcontainer/mmdev/Dockerfile";
    let text = project.read(path).replace('\n', "\r\n");
    project.write(path, &text);
    project.write(".devcontainer/mmdev/notes.txt", "mine");
    let picture = project.root().join(".devcontainer/mmdev/picture.png");
    std::fs::write(&picture, b"\x89PNG\xff").unwrap();
    project.check(
        &["generate"],
        expect![[r#"
        exit code: 0
        ----- stderr
               Fresh every file is as the spec says
    "#]],
    );
    assert_eq!(project.read(path), text);
    assert_eq!(project.read(".devcontainer/mmdev/notes.txt"), "mine");
    assert_eq!(std::fs::read(&picture).unwrap(), b"\x89PNG\xff");
}

#[test]
fn a_change_by_hand_is_not_lost() {
    let project = Project::new().file("env.yaml", SPEC);
    project.command(&["generate", "-q"]).output().unwrap();
    let path = ".devcontainer/mmdev/Dockerfile";
    let generated = project.read(path);
    let changed = generated.replace("USER root", "USER root # mine");
    project.write(path, &changed);
    project.write("env.yaml", &SPEC.replace("3.12", "3.13"));
    let spec = project.read(".devcontainer/mmdev/env.yaml");
    project.check(&["generate"], expect![[r#"
        exit code: 1
        ----- stderr
        warning: .devcontainer/mmdev/Dockerfile was changed by hand since mmdev wrote it
        hint: put lines of your own into `dockerfile.before` or `dockerfile.after` of customizations.mmdev
        error: nothing was written: files were changed by hand
        hint: see the difference: mmdev generate --diff --force
        hint: overwrite what was changed: mmdev generate --force
    "#]]);
    assert_eq!(project.read(path), changed);
    assert_eq!(
        project.read(".devcontainer/mmdev/env.yaml"),
        spec,
        "all or nothing"
    );
    project.check(&["generate", "--check"], expect![[r#"
        exit code: 1
        ----- stderr
        warning: .devcontainer/mmdev/Dockerfile was changed by hand since mmdev wrote it
        hint: put lines of your own into `dockerfile.before` or `dockerfile.after` of customizations.mmdev
        Would update .devcontainer/mmdev/env.yaml
        error: 2 files are not as the spec says
        hint: mmdev generate writes them; mmdev generate --diff shows the difference
    "#]]);
    project.check(
        &["generate", "--force"],
        expect![[r#"
            exit code: 0
            ----- stderr
                 Updated .devcontainer/mmdev/Dockerfile
                 Updated .devcontainer/mmdev/env.yaml

            Updated 2 files; commit them.
            Next: mmdev up, or F1 → Reopen in Container.
        "#]],
    );
    assert_eq!(project.read(path), generated);
}

#[test]
fn a_devcontainer_json_of_a_person_is_asked_for() {
    let text =
        "{\n  // Mine.\n  \"image\": \"debian:bookworm-slim\",\n  \"remoteUser\": \"vscode\"\n}\n";
    let path = ".devcontainer/devcontainer.json";
    let project = Project::new().file("env.yaml", SPEC).file(path, text);
    project.check(&["generate"], expect![[r#"
        exit code: 1
        ----- stdout
        --- a/.devcontainer/devcontainer.json
        +++ b/.devcontainer/devcontainer.json
        @@ -1,5 +1,35 @@
         {
           // Mine.
        -  "image": "debian:bookworm-slim",
        -  "remoteUser": "vscode"
        +  "build": {
        +    "dockerfile": "mmdev/Dockerfile",
        +    "context": "mmdev"
        +  },
        +  "remoteUser": "vscode",
        +  "updateRemoteUserUID": true,
        +  "customizations": {
        +    "vscode": {
        +      "settings": {
        +        "python.defaultInterpreterPath": "/opt/conda/bin/python",
        +        "python.terminal.activateEnvironment": false,
        +        "python-envs.terminal.autoActivationType": "off"
        +      },
        +      "extensions": [
        +        "ms-python.python"
        +      ]
        +    },
        +    "mmdev": {
        +      "baseImage": "debian:bookworm-slim",
        +      "generated": {
        +        "/build/dockerfile": "8cd089f1",
        +        "/build/context": "230ffc46",
        +        "/updateRemoteUserUID": "b5bea41b",
        +        "/customizations/vscode/settings/python.defaultInterpreterPath": "aaf3c812",
        +        "/customizations/vscode/settings/python.terminal.activateEnvironment": "fcbcf165",
        +        "/customizations/vscode/settings/python-envs.terminal.autoActivationType": "9f3becba",
        +        "/customizations/vscode/extensions": [
        +          "ms-python.python"
        +        ]
        +      }
        +    }
        +  }
         }
        ----- stderr
        error: nothing was written: mmdev did not write .devcontainer/devcontainer.json, and the change above was not agreed to
        hint: agree to it: --yes
        hint: leave the file, and add a second configuration: --beside
    "#]]);
    expect![[r#"
        .devcontainer/devcontainer.json
        env.yaml
    "#]]
    .assert_eq(&project.tree());
    project.check(
        &["generate", "--beside"],
        expect![[r#"
            exit code: 0
            ----- stderr
                 Created .devcontainer/mmdev/Dockerfile
                 Created .devcontainer/mmdev/.gitattributes
                 Created .devcontainer/mmdev/.gitignore
                 Created .devcontainer/mmdev/activate.sh
                 Created .devcontainer/mmdev/activate.fish
                 Created .devcontainer/mmdev/shells.sh
                 Created .devcontainer/mmdev/env.yaml
                 Created .devcontainer/mmdev/devcontainer.json

            Created 8 files; commit them. Teammates need only VS Code and Docker.
            Next: mmdev up, or F1 → Reopen in Container.
        "#]],
    );
    assert_eq!(project.read(path), text);

    let project = Project::new().file("env.yaml", SPEC).file(path, text);
    project.check(
        &["generate", "--yes"],
        expect![[r#"
            exit code: 0
            ----- stderr
                 Created .devcontainer/mmdev/Dockerfile
                 Created .devcontainer/mmdev/.gitattributes
                 Created .devcontainer/mmdev/.gitignore
                 Created .devcontainer/mmdev/activate.sh
                 Created .devcontainer/mmdev/activate.fish
                 Created .devcontainer/mmdev/shells.sh
                 Created .devcontainer/mmdev/env.yaml
                 Updated .devcontainer/devcontainer.json

            Updated 8 files; commit them.
            Next: mmdev up, or F1 → Reopen in Container.
        "#]],
    );
    expect![[r#"
        {
          // Mine.
          "build": {
            "dockerfile": "mmdev/Dockerfile",
            "context": "mmdev"
          },
          "remoteUser": "vscode",
          "updateRemoteUserUID": true,
          "customizations": {
            "vscode": {
              "settings": {
                "python.defaultInterpreterPath": "/opt/conda/bin/python",
                "python.terminal.activateEnvironment": false,
                "python-envs.terminal.autoActivationType": "off"
              },
              "extensions": [
                "ms-python.python"
              ]
            },
            "mmdev": {
              "baseImage": "debian:bookworm-slim",
              "generated": {
                "/build/dockerfile": "8cd089f1",
                "/build/context": "230ffc46",
                "/updateRemoteUserUID": "b5bea41b",
                "/customizations/vscode/settings/python.defaultInterpreterPath": "aaf3c812",
                "/customizations/vscode/settings/python.terminal.activateEnvironment": "fcbcf165",
                "/customizations/vscode/settings/python-envs.terminal.autoActivationType": "9f3becba",
                "/customizations/vscode/extensions": [
                  "ms-python.python"
                ]
              }
            }
          }
        }
    "#]].assert_eq(&project.read(path));
    project.check(
        &["generate"],
        expect![[r#"
            exit code: 0
            ----- stderr
                   Fresh every file is as the spec says
        "#]],
    );
}

#[test]
fn what_the_world_refuses() {
    let project = Project::new()
        .file("env.yaml", SPEC)
        .file(".devcontainer", "a file");
    project.check(&["generate"], expect![[r#"
        exit code: 3
        ----- stderr
        error: cannot write [FOLDER]/project/.devcontainer/mmdev/Dockerfile: Not a directory (os error 20)
    "#]]);
    std::fs::write(project.root().join("env.yaml"), b"name: caf\xe9\n").unwrap();
    project.check(
        &["generate"],
        expect![[r#"
            exit code: 1
            ----- stderr
            error[MM103]: `dependencies:` is missing, so that nothing would be installed
             --> env.yaml:1:1
              |
            1 | name: caf�
              | ^^^^
              |
              = hint: Add `dependencies:` and a list of packages

            warning[MM611]: the environment is `base` alone: `caf�` cannot be its second name
             --> env.yaml:1:7
              |
            1 | name: caf�
              |       ^^^^
              |
              = hint: Use letters, digits, `_`, `-` and `.`

            error[MM001]: this character is not UTF-8
             --> env.yaml:1:10
              |
            1 | name: caf�
              |          ^
              |
              = hint: Save the file as UTF-8

            error: nothing was done: the project has 2 errors
            hint: mend what is said above; mmdev explain CODE says more
        "#]],
    );
}

#[cfg(unix)]
#[test]
fn a_second_process_waits_and_says_so() {
    let project = Project::new().file("env.yaml", SPEC);
    let lock = std::fs::File::open(project.root()).unwrap();
    lock.lock().unwrap();
    let mut child = project
        .command(&["generate"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let mut said = String::new();
    let mut byte = [0];
    while !said.ends_with('\n') && stderr.read(&mut byte).unwrap() == 1 {
        said.push(char::from(byte[0]));
    }
    expect!["Waiting for another mmdev that works on [FOLDER]/project"]
        .assert_eq(project.filtered(&said).trim());
    assert_eq!(project.tree(), "env.yaml\n");
    drop(lock);
    stderr.read_to_string(&mut said).unwrap();
    assert!(child.wait().unwrap().success(), "{said}");
    assert!(project.tree().contains(".devcontainer/mmdev/Dockerfile"));
}

#[test]
fn ejected_files_are_plain() {
    let project = Project::new().file("env.yaml", SPEC);
    project.check(
        &["eject"],
        expect![[r#"
        exit code: 0
        ----- stderr
        mmdev owns no file here.
    "#]],
    );
    project.command(&["generate", "-q"]).output().unwrap();
    project.check(
        &["eject"],
        expect![[r#"
            exit code: 0
            ----- stderr
                 Updated .devcontainer/mmdev/.gitattributes
                 Updated .devcontainer/mmdev/.gitignore
                 Updated .devcontainer/mmdev/Dockerfile
                 Updated .devcontainer/mmdev/activate.fish
                 Updated .devcontainer/mmdev/activate.sh
                 Updated .devcontainer/mmdev/env.yaml
                 Updated .devcontainer/mmdev/shells.sh
                 Updated .devcontainer/devcontainer.json

            8 files are no longer mmdev's: edit, move or delete as you like, and commit.
            Next: F1 → Reopen in Container builds them as they are. A change of the spec now needs a change of
            .devcontainer/mmdev by hand. To give them back to mmdev, delete .devcontainer and run mmdev generate.
        "#]],
    );
    assert!(
        !project
            .read(".devcontainer/devcontainer.json")
            .contains("generated\"")
    );
    assert!(
        project
            .read(".devcontainer/devcontainer.json")
            .starts_with("// Every key is described at https://")
    );
    assert!(
        project
            .read(".devcontainer/mmdev/Dockerfile")
            .starts_with("# Generated from")
    );
    project.check(&["generate"], expect![[r#"
        exit code: 1
        ----- stderr
        warning: .devcontainer/mmdev/Dockerfile was not written by mmdev, and mmdev has a file of that name
        hint: move it out of .devcontainer/mmdev
        warning: .devcontainer/mmdev/.gitattributes was not written by mmdev, and mmdev has a file of that name
        hint: move it out of .devcontainer/mmdev
        warning: .devcontainer/mmdev/.gitignore was not written by mmdev, and mmdev has a file of that name
        hint: move it out of .devcontainer/mmdev
        warning: .devcontainer/mmdev/activate.sh was not written by mmdev, and mmdev has a file of that name
        hint: move it out of .devcontainer/mmdev
        warning: .devcontainer/mmdev/activate.fish was not written by mmdev, and mmdev has a file of that name
        hint: move it out of .devcontainer/mmdev
        warning: .devcontainer/mmdev/shells.sh was not written by mmdev, and mmdev has a file of that name
        hint: move it out of .devcontainer/mmdev
        warning: .devcontainer/mmdev/env.yaml was not written by mmdev, and mmdev has a file of that name
        hint: move it out of .devcontainer/mmdev
        error: nothing was written: files were changed by hand
        hint: see the difference: mmdev generate --diff --force
        hint: overwrite what was changed: mmdev generate --force
    "#]]);
}
