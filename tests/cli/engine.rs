//! The commands that need a container engine, where there is none: what they say, and what they do before.

use expect_test::expect;

use crate::project::Project;

const SPEC: &str = "channels: [conda-forge]\ndependencies: [python]\n";

#[test]
fn without_an_engine() {
    let project = Project::new().file("env.yaml", SPEC);
    project.check(&["up"], expect![[r#"
        exit code: 3
        ----- stderr
             Created .devcontainer/mmdev/Dockerfile
             Created .devcontainer/mmdev/.gitattributes
             Created .devcontainer/mmdev/.gitignore
             Created .devcontainer/mmdev/activate.sh
             Created .devcontainer/mmdev/activate.fish
             Created .devcontainer/mmdev/shells.sh
             Created .devcontainer/mmdev/env.yaml
             Created .devcontainer/devcontainer.json
        error: no container engine answers at unix:///nonexistent/docker.sock: the socket does not exist
        hint: DOCKER_HOST or the Docker context names this address: start the engine there, or unset DOCKER_HOST and run `docker context use default`
        hint: `mmdev generate` and `mmdev check` work without it
    "#]]);
    project.check(&["run", "--", "true"], expect![[r#"
        exit code: 3
        ----- stderr
        error: no container engine answers at unix:///nonexistent/docker.sock: the socket does not exist
        hint: DOCKER_HOST or the Docker context names this address: start the engine there, or unset DOCKER_HOST and run `docker context use default`
        hint: `mmdev generate` and `mmdev check` work without it
    "#]]);
    project.check(&["status", "-q"], expect![[r#"
        exit code: 3
        ----- stderr
        error: no container engine answers at unix:///nonexistent/docker.sock: the socket does not exist
        hint: DOCKER_HOST or the Docker context names this address: start the engine there, or unset DOCKER_HOST and run `docker context use default`
        hint: `mmdev generate` and `mmdev check` work without it
    "#]]);
    project.check(
        &["build", "--message-format", "json", "-q"],
        expect![[r#"
            exit code: 3
            ----- stdout
            {"format":1,"reason":"error","message":"no container engine answers at unix:///nonexistent/docker.sock: the socket does not exist","hints":["DOCKER_HOST or the Docker context names this address: start the engine there, or unset DOCKER_HOST and run `docker context use default`","`mmdev generate` and `mmdev check` work without it"],"exit_code":3}
            ----- stderr
            error: no container engine answers at unix:///nonexistent/docker.sock: the socket does not exist
            hint: DOCKER_HOST or the Docker context names this address: start the engine there, or unset DOCKER_HOST and run `docker context use default`
            hint: `mmdev generate` and `mmdev check` work without it
        "#]],
    );
}

#[test]
fn a_broken_spec_keeps_nobody_from_going_down() {
    let project = Project::new().file("env.yaml", "dependencies: [\"a==\"]\n");
    project.check(&["up"], expect![[r#"
        exit code: 1
        ----- stderr
        error[MM210]: the operator `==` has no version after it; conda and rattler refuse it, micromamba takes it as any version
         --> env.yaml:1:18
          |
        1 | dependencies: ["a=="]
          |                  ^^
          |
        unsafe fix: Write `a`
          |
        1 - dependencies: ["a=="]
        1 + dependencies: ["a"]
          |

        error: nothing was done: the project has 1 error
        hint: mend what is said above; mmdev explain CODE says more
    "#]]);
    let output = project.command(&["down"]).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", project.shown(output));
}

#[cfg(unix)]
#[test]
fn features_are_handed_over() {
    let project = Project::new().file("env.yaml", SPEC);
    project.command(&["generate", "-q"]).output().unwrap();
    let path = ".devcontainer/devcontainer.json";
    let text = project.read(path).replace(
        "\"updateRemoteUserUID\"",
        "\"features\": {\"ghcr.io/devcontainers/features/go:1\": {}},\n  \"updateRemoteUserUID\"",
    );
    project.write(path, &text);
    project.check(&["up"], expect![[r#"
        exit code: 1
        ----- stderr
        error: devcontainer.json asks for dev container Features (ghcr.io/devcontainers/features/go:1), which mmdev leaves to the devcontainer program, and that is not on PATH
        hint: npm install -g @devcontainers/cli
        hint: or open the folder in VS Code: F1 → Reopen in Container
    "#]]);
    let project = project.program(
        "devcontainer",
        "#!/bin/sh\necho \"devcontainer $*\"; exit 5\n",
    );
    project.check(&["up", "--recreate"], expect![[r#"
        exit code: 5
        ----- stdout
        devcontainer up --workspace-folder [FOLDER]/project --remove-existing-container
        ----- stderr
        Handing over to the devcontainer program: dev container Features (ghcr.io/devcontainers/features/go:1)
    "#]]);
}

#[test]
fn base_images() {
    let project = Project::new();
    let build = |arguments: &[&str]| {
        let words = [&["base-image", "build", "--from"], arguments].concat();
        project.shown(project.command(&words).output().unwrap())
    };
    expect![[r#"
        exit code: 1
        ----- stderr
        error: alpine:3.21 is built on musl, and conda packages are made for glibc: none of them would run there; choose a parent such as debian:bookworm-slim
    "#]].assert_eq(&build(&["alpine:3.21"]));
    expect![[r#"
        exit code: 2
        ----- stderr
        error: `debian AS x` is no image reference
    "#]]
    .assert_eq(&build(&["debian AS x"]));
    expect![[r#"
        exit code: 2
        ----- stderr
        error: `latest` is neither a version of micromamba nor a file
        hint: name a version such as 2.6.1, or a path such as ./micromamba
    "#]]
    .assert_eq(&build(&["debian", "--micromamba", "latest"]));
    expect![[r#"
        exit code: 2
        ----- stderr
        error: cannot read ./none: No such file or directory (os error 2)
        hint: name the program's path, or a version such as 2.6.1
    "#]]
    .assert_eq(&build(&["debian", "--micromamba", "./none"]));
    expect![[r#"
        exit code: 2
        ----- stderr
        error: micromamba 2.6.1 would have to be downloaded, and --offline forbids it
        hint: download https://github.com/mamba-org/micromamba-releases/releases/download/2.6.1-0/micromamba-linux-64 yourself, and name the file with --micromamba
    "#]].assert_eq(&build(&["debian", "--offline", "--micromamba", "2.6.1"]));
    let printed = build(&["debian:bookworm-slim", "--print"]);
    assert!(
        printed.contains("\nFROM debian:bookworm-slim\n"),
        "{printed}"
    );
}

/// A devcontainer.json whose image mmdev leaves to the person.
fn kept(image: &str) -> String {
    let record = r#""customizations": { "mmdev": { "generated": { "/build": false } } }"#;
    format!("{{\n  {image},\n  {record}\n}}\n")
}

#[test]
fn a_dockerfile_that_cannot_be_built_is_left_to_others() {
    let path = ".devcontainer/devcontainer.json";
    let text = kept(r#""build": { "dockerfile": "../Dockerfile" }"#);
    let project = Project::new()
        .file("env.yaml", SPEC)
        .file(path, &text)
        .file("Dockerfile", "FROM x\n");
    project.command(&["generate", "-q"]).output().unwrap();
    project.check(&["build"], expect![[r#"
        exit code: 1
        ----- stderr
        error: devcontainer.json asks for a Dockerfile outside of its build context, which mmdev leaves to the devcontainer program, and that is not on PATH
        hint: npm install -g @devcontainers/cli
        hint: or open the folder in VS Code: F1 → Reopen in Container
    "#]]);
    project.write(path, &kept(r#""build": { "dockerfile": "none" }"#));
    project.check(&["build"], expect![[r#"
        exit code: 1
        ----- stderr
             Updated .devcontainer/devcontainer.json
        error: devcontainer.json builds from [FOLDER]/project/.devcontainer/none: No such file or directory (os error 2)
        hint: mend `build`: its paths start from the folder of devcontainer.json
    "#]]);
    // One in its context, or an image, needs an engine and nothing else.
    project.write(
        path,
        &kept(r#""build": { "dockerfile": "../Dockerfile", "context": ".." }"#),
    );
    let output = project.command(&["build"]).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", project.shown(output));
    project.write(path, &kept(r#""image": "x""#));
    let output = project.command(&["build"]).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", project.shown(output));
}
