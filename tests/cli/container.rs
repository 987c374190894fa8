//! What is said of files about the container, of generated files that are not as the spec says, and what settings and
//! comments silence of it.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;

use expect_test::expect;
use serde_json::{Value, json};

use crate::project::Project;

const SPEC: &str = "channels: [conda-forge]\ndependencies:\n  - python=3.12\n";

#[test]
fn files_about_the_container_are_judged() {
    let project = Project::new()
        .file("env.yaml", SPEC)
        .file(
            ".devcontainer/devcontainer.json",
            r#"{
  "build": { "dockerfile": "Dockerfile" },
  "postCreateCommand": "conda activate base && make",
  "customizations": { "mmdev": { "check": { "ignore": ["MM999"] } } }
}
"#,
        )
        .file(
            ".devcontainer/Dockerfile",
            "FROM mambaorg/micromamba:jammy\n",
        );
    project.check(&["check"], expect![[r#"
        exit code: 0
        ----- stdout
        warning[MM619]: `conda activate` fails in `postCreateCommand`: no shell function of conda is there
         --> .devcontainer/devcontainer.json:3:25
          |
        3 |   "postCreateCommand": "conda activate base && make",
          |                         ^^^^^^^^^^^^^^^^^^^
          |
          = hint: Write `conda run -n NAME COMMAND`, or leave it out where the environment is on the PATH, as mmdev puts it there

        warning[MM608]: `check.ignore` names `MM999`, and there is no such rule
         --> .devcontainer/devcontainer.json:4:56
          |
        4 |   "customizations": { "mmdev": { "check": { "ignore": ["MM999"] } } }
          |                                                        ^^^^^^^
          |
          = hint: `mmdev rules` lists all rules

        warning[MM620]: the tag `jammy` has not been built since September 2024: tags have numbers instead of `jammy` now
         --> .devcontainer/Dockerfile:1:6
          |
        1 | FROM mambaorg/micromamba:jammy
          |      ^^^^^^^^^^^^^^^^^^^^^^^^^
          |
          = hint: Write mambaorg/micromamba:ubuntu22.04
        unsafe fix: Write `ubuntu22.04`
          |
        1 - FROM mambaorg/micromamba:jammy
        1 + FROM mambaorg/micromamba:ubuntu22.04
          |

        ----- stderr
             Checked 3 files: 0 errors, 3 warnings
        `mmdev check --fix --unsafe-fixes` mends 1 of them
        `mmdev explain CODE` says more about a rule
    "#]]);
}

#[test]
fn who_was_asked_to_be_silent_is() {
    let project = Project::new()
        .file("env.yaml", "channels: [conda-forge]\ncolour: blue\ndependencies:\n  - python=3.12\n  - pip:\n    - -r gone.txt # mmdev: ignore[MM615]\n    - ../x # mmdev: ignore[MM614]\n")
        .file(
            ".devcontainer.json",
            "{\n  // The image of a friend.\n  // mmdev: ignore[MM621]\n  \"image\": \"x/y\"\n}\n",
        );
    project.check(&["check"], expect![[r#"
        exit code: 1
        ----- stdout
        warning[MM101]: no tool knows the key `colour`, it is ignored
         --> env.yaml:2:1
          |
        2 | colour: blue
          | ^^^^^^
          |
          = hint: Known keys are `name`, `channels`, `dependencies`, `variables`, `prefix`, `platforms`, `category`

        information[MM116]: pip is used, but is no dependency; conda adds it with a warning, at any version
         --> env.yaml:5:5
          |
        5 |   - pip:
          |     ^^^
          |
          = hint: Add `- pip` to the dependencies
        fix: Add `- pip`
          |
        5 +   - pip
          |

        error[MM614]: `../x` is outside the project, where no container finds it
         --> env.yaml:7:7
          |
        7 |     - ../x # mmdev: ignore[MM614]
          |       ^^^^
          |
          = hint: Move it into the project's folder, or name a package or URL

        warning[MM501]: MM614 cannot be ignored
         --> env.yaml:7:28
          |
        7 |     - ../x # mmdev: ignore[MM614]
          |                            ^^^^^
          |
          = hint: What it finds was not read, or is left out of the container: mend that

        ----- stderr
             Checked 2 files: 1 error, 2 warnings, 1 remark
        `mmdev check --fix` mends 1 of them
        `mmdev explain CODE` says more about a rule
    "#]]);
    project.write(
        "mmdev.toml",
        "check.ignore = ['MM1'] # mmdev: ignore[MM606]\ncheck.x = 1\n",
    );
    project.check(
        &["check"],
        expect![[r#"
            exit code: 1
            ----- stdout
            warning[MM606]: `check.x` is no setting
             --> mmdev.toml:2:7
              |
            2 | check.x = 1
              |       ^
              |
              = hint: The settings here are select, ignore

            error[MM614]: `../x` is outside the project, where no container finds it
             --> env.yaml:7:7
              |
            7 |     - ../x # mmdev: ignore[MM614]
              |       ^^^^
              |
              = hint: Move it into the project's folder, or name a package or URL

            warning[MM501]: MM614 cannot be ignored
             --> env.yaml:7:28
              |
            7 |     - ../x # mmdev: ignore[MM614]
              |                            ^^^^^
              |
              = hint: What it finds was not read, or is left out of the container: mend that

            ----- stderr
                 Checked 3 files: 1 error, 2 warnings
            `mmdev explain CODE` says more about a rule
        "#]],
    );
    project.check(
        &["generate", "--check"],
        expect![[r#"
            exit code: 1
            ----- stderr
            warning[MM606]: `check.x` is no setting
             --> mmdev.toml:2:7
              |
            2 | check.x = 1
              |       ^
              |
              = hint: The settings here are select, ignore

            error[MM614]: `../x` is outside the project, where no container finds it
             --> env.yaml:7:7
              |
            7 |     - ../x # mmdev: ignore[MM614]
              |       ^^^^
              |
              = hint: Move it into the project's folder, or name a package or URL

            warning[MM501]: MM614 cannot be ignored
             --> env.yaml:7:28
              |
            7 |     - ../x # mmdev: ignore[MM614]
              |                            ^^^^^
              |
              = hint: What it finds was not read, or is left out of the container: mend that

            error: nothing was done: the project has 1 error
            hint: mend what is said above; mmdev explain CODE says more
        "#]],
    );
}

#[test]
fn an_image_on_which_nothing_runs_is_said_once() {
    let project = Project::new()
        .file("env.yaml", SPEC)
        .file("mmdev.toml", "base-image = 'alpine:3.21'\n");
    project.check(&["generate"], expect![[r#"
        exit code: 1
        ----- stderr
        error[MM622]: `alpine:3.21` is built on musl, for which conda packages do not exist
         --> mmdev.toml:1:14
          |
        1 | base-image = 'alpine:3.21'
          |              ^^^^^^^^^^^^^
          |
          = hint: Choose an image with glibc, such as one of Debian or Ubuntu

        warning[MM617]: system packages are not installed: alpine images have no apt
         |
         = hint: Use a Debian or Ubuntu base image, or install them with a line in dockerfile.before and set developmentPackages to []

        error: nothing was done: the project has 1 error
        hint: mend what is said above; mmdev explain CODE says more
    "#]]);
    std::fs::remove_file(project.root().join("mmdev.toml")).unwrap();
    project.check(&["generate", "--base", "alpine:3.21"], expect![[r#"
        exit code: 1
        ----- stderr
        error[MM622]: `alpine:3.21` is built on musl, for which conda packages do not exist
         |
         = hint: Choose an image with glibc, such as one of Debian or Ubuntu

        warning[MM617]: system packages are not installed: alpine images have no apt
         |
         = hint: Use a Debian or Ubuntu base image, or install them with a line in dockerfile.before and set developmentPackages to []

        error: nothing was done: the project has 1 error
        hint: mend what is said above; mmdev explain CODE says more
    "#]]);
}

#[test]
fn generated_files_that_are_not_as_the_spec_says() {
    let project = Project::new().file("env.yaml", SPEC);
    project.check(
        &["check"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Checked 1 file, no problems
    "#]],
    );
    let generated = project.command(&["generate"]).output().unwrap();
    assert!(generated.status.success());
    project.check(
        &["check"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Checked 2 files, no problems
    "#]],
    );

    project.write("env.yaml", &SPEC.replace("3.12", "3.13"));
    project.write(".devcontainer/mmdev/shells.sh", "# mine\n");
    std::fs::remove_file(project.root().join(".devcontainer/mmdev/activate.fish")).unwrap();
    let json = project.read(".devcontainer/devcontainer.json");
    let json = json.replace(
        "\"updateRemoteUserUID\": true",
        "\"updateRemoteUserUID\": false",
    );
    project.write(".devcontainer/devcontainer.json", &json);
    project.check(&["check"], expect![[r#"
        exit code: 0
        ----- stdout
        warning[MM604]: `updateRemoteUserUID` was changed by hand: it is false, and mmdev would write true
          --> .devcontainer/devcontainer.json:11:26
           |
        11 |   "updateRemoteUserUID": false,
           |                          ^^^^^
           |
           = hint: Take mmdev's value with `mmdev generate --force`, or keep yours with `"/updateRemoteUserUID": false` in customizations.mmdev.generated

        warning[MM618]: .devcontainer/mmdev/env.yaml is out of date: from this line on the spec says something else
         --> .devcontainer/mmdev/env.yaml:5:1
          |
        5 |   - "python=3.12"
          | ^^^^^^^^^^^^^^^^^
          |
          = hint: Run `mmdev generate`

        warning[MM604]: .devcontainer/mmdev/shells.sh was not written by mmdev, and mmdev has a file of that name
         |
         = hint: move it out of .devcontainer/mmdev

        warning[MM618]: .devcontainer/mmdev/activate.fish is missing, which the spec asks for
         |
         = hint: Run `mmdev generate`

        ----- stderr
             Checked 3 files: 0 errors, 4 warnings
        `mmdev explain CODE` says more about a rule
    "#]]);

    project.write("mmdev.toml", "check.ignore = ['MM618', 'MM604']\n");
    project.check(
        &["check"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Checked 3 files, no problems
    "#]],
    );
}

/// The codes that the server publishes for the project's env.yaml.
fn published(project: &Project) -> Vec<String> {
    let mut server = project
        .command(&["lsp", "--offline"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = server.stdin.take().unwrap();
    let mut output = BufReader::new(server.stdout.take().unwrap());
    let mut say = |body: Value| {
        let body = body.to_string();
        write!(input, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    };
    let mut hear = || {
        let mut header = String::new();
        output.read_line(&mut header).unwrap();
        let length = header.trim_end().strip_prefix("Content-Length: ").unwrap();
        output.read_line(&mut String::new()).unwrap();
        let mut body = vec![0; length.parse().unwrap()];
        output.read_exact(&mut body).unwrap();
        serde_json::from_slice::<Value>(&body).unwrap()
    };
    let uri = format!("file://{}/env.yaml", project.root().display());
    let document = json!({
        "uri": uri, "languageId": "yaml", "version": 1, "text": project.read("env.yaml"),
    });
    let initialize = json!({ "capabilities": {} });
    say(json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": initialize }));
    hear();
    say(json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }));
    let open = json!({ "textDocument": document });
    say(json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": open }));
    let published = loop {
        let message = hear();
        if message["method"] == "textDocument/publishDiagnostics" {
            break message;
        }
    };
    say(json!({ "jsonrpc": "2.0", "id": 2, "method": "shutdown" }));
    say(json!({ "jsonrpc": "2.0", "method": "exit" }));
    server.wait().unwrap();
    let found = published["params"]["diagnostics"].as_array().unwrap();
    let codes = found.iter().map(|found| found["code"].as_str().unwrap());
    codes.map(str::to_owned).collect()
}

#[test]
fn settings_silence_the_server() {
    let project = Project::new().file(
        "env.yaml",
        "channels: [http://a/b]\ncolour: blue\ndependencies: [python=3.12]\n",
    );
    let codes = published(&project);
    assert!(codes.contains(&"MM101".to_owned()) && codes.contains(&"MM305".to_owned()));
    let json = r#"{"customizations": {"mmdev": {"check": {"ignore": ["unknown-key"]}}}}"#;
    project.write(".devcontainer/devcontainer.json", json);
    let codes = published(&project);
    assert!(!codes.contains(&"MM101".to_owned()) && codes.contains(&"MM305".to_owned()));
}
