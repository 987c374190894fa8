//! `mmdev build --push`, up to what docker is asked to do.

use expect_test::expect;

use crate::project::Project;

/// Writes down how it is called, and answers as buildx does.
const DOCKER: &str = r#"#!/bin/sh
[ "$2" != version ] || exit 0
for word in "$@"; do
    echo "$word" >> ../home/called
    [ "$before" != --metadata-file ] || echo '{"containerimage.digest": "sha256:0f"}' > "$word"
    before=$word
done
"#;

const SPEC: &str = "channels: [conda-forge]\ndependencies:\n  - python=3.12\n";

/// A project of which everything is generated, with that program as docker.
fn project(docker: &str) -> Project {
    let project = Project::new().file("env.yaml", SPEC);
    let output = project.command(&["generate"]).output().unwrap();
    assert!(output.status.success(), "{}", project.shown(output));
    match docker {
        "" => project,
        docker => project.program("docker", docker),
    }
}

/// What docker was asked for, without the name of a temporary file and the hash of everything that is generated.
fn called(project: &Project) -> String {
    let text = std::fs::read_to_string(project.home().join("called")).unwrap();
    let (head, tail) = text.split_once("--metadata-file\n").unwrap();
    let rest: String = tail
        .lines()
        .skip(1)
        .map(|line| format!("{line}\n"))
        .collect();
    let text = project.filtered(&format!("{head}{rest}"));
    let label = "--label=dev.mmdev.plan=";
    let (head, tail) = text.split_once(label).unwrap();
    let rest = tail.trim_start_matches(|digit: char| digit.is_ascii_hexdigit());
    assert!(tail.len() - rest.len() >= 12, "{text}");
    format!("{head}{label}HASH{rest}")
}

#[test]
fn the_image_has_its_cache_in_it() {
    let project = project(DOCKER);
    project.check(&["build", "--push", "ghcr.io/me/env:1"], expect![[r#"
        exit code: 0
        ----- stderr
              Pushed ghcr.io/me/env:1 (sha256:0f)

        Next: "cacheFrom": "ghcr.io/me/env:1" in `build` of devcontainer.json, and everybody takes its layers.
    "#]]);
    expect![[r#"
        buildx
        build
        --push
        --tag=ghcr.io/me/env:1
        --file=[FOLDER]/project/.devcontainer/mmdev/Dockerfile
        --label=dev.mmdev.plan=HASH
        --cache-from=ghcr.io/me/env:1
        --cache-to=type=inline
        [FOLDER]/project/.devcontainer/mmdev
    "#]]
    .assert_eq(&called(&project));
}

#[test]
fn what_is_typed_goes_before_what_is_written() {
    let project = project(DOCKER);
    let path = ".devcontainer/devcontainer.json";
    let text = project.read(path);
    let more = r#""context": "mmdev", "target": "t", "cacheFrom": ["r/x", "r/y"], "args": { "A": "b c" },
    "options": ["--platform", "linux/s390x", "--network=host", "--platform=linux/386"]"#;
    project.write(path, &text.replace("\"context\": \"mmdev\"", more));
    let words = [
        "--push",
        "r/x",
        "--platform",
        "linux/amd64,linux/arm64",
        "--cache-to",
        "type=gha",
    ];
    let words = [
        &["build", "--quiet"][..],
        &words,
        &["--cache-from", "type=gha"],
    ]
    .concat();
    project.check(
        &words,
        expect![[r#"
        exit code: 0
    "#]],
    );
    expect![[r#"
        buildx
        build
        --push
        --tag=r/x
        --file=[FOLDER]/project/.devcontainer/mmdev/Dockerfile
        --label=dev.mmdev.plan=HASH
        --build-arg=A=b c
        --target=t
        --network=host
        --platform=linux/amd64
        --platform=linux/arm64
        --cache-from=r/x
        --cache-from=type=gha
        --cache-from=r/y
        --cache-to=type=gha
        [FOLDER]/project/.devcontainer/mmdev
        --quiet
    "#]]
    .assert_eq(&called(&project));
}

#[test]
fn a_docker_without_buildx_says_what_to_install() {
    let words = ["build", "--push", "r/x"];
    project("").check(
        &words,
        expect![[r#"
        exit code: 3
        ----- stderr
        error: docker is not here, which builds and pushes
        hint: install it: https://docs.docker.com/go/buildx (Debian: apt install docker-buildx)
    "#]],
    );
    project("#!/bin/sh\nexit 1\n").check(
        &words,
        expect![[r#"
        exit code: 3
        ----- stderr
        error: docker buildx is not here, which builds and pushes
        hint: install it: https://docs.docker.com/go/buildx (Debian: apt install docker-buildx)
    "#]],
    );
    let failing = "#!/bin/sh\n[ \"$2\" = version ] || { echo denied >&2; exit 7; }\n";
    project(failing).check(
        &words,
        expect![[r#"
        exit code: 3
        ----- stderr
        denied
        error: docker buildx did not build and push r/x: exit status: 7
        hint: it says above why; where a registry refused: docker login
    "#]],
    );
}

#[test]
fn what_cannot_be_pushed_is_refused() {
    let project = project(DOCKER);
    project.check(
        &["build", "--push", "r/x", "--offline"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: --push takes a network, and --offline says that there is none
    "#]],
    );
    project.check(&["build", "--push", "https://r/x"], expect![[r#"
        exit code: 2
        ----- stderr
        error: invalid value 'https://r/x' for '--push <REF>': this is no name of an image, such as ghcr.io/me/env:latest

        For more information, try '--help'.
    "#]]);
    project.check(
        &["build", "--cache-to", "type=inline"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: the following required arguments were not provided:
          --push <REF>

        Usage: mmdev build --push <REF> --cache-to <CACHE>

        For more information, try '--help'.
    "#]],
    );
    project.write(
        ".devcontainer/devcontainer.json",
        r#"{ "image": "r/base:2", "customizations": { "mmdev": { "generated": { "/build": false } } } }"#,
    );
    project.check(
        &["build", "--push", "r/x"],
        expect![[r#"
        exit code: 1
        ----- stderr
             Updated .devcontainer/devcontainer.json
        error: devcontainer.json asks for the image r/base:2: none is built that could be pushed
        hint: docker tag r/base:2 r/x, then: docker push r/x
    "#]],
    );
}

#[test]
fn the_devcontainer_program_pushes_what_it_builds() {
    let script = "#!/bin/sh\nfor word in \"$@\"; do echo \"$word\"; done\n";
    let project = project("").program("devcontainer", script);
    let path = ".devcontainer/devcontainer.json";
    let text = project
        .read(path)
        .replacen("{\n", "{\n  \"features\": { \"x/y\": {} },\n", 1);
    project.write(path, &text);
    let words = ["build", "--push", "r/x", "--platform", "linux/arm64"];
    project.check(
        &words,
        expect![[r#"
        exit code: 0
        ----- stdout
        build
        --workspace-folder
        [FOLDER]/project
        --push
        true
        --image-name
        r/x
        --platform
        linux/arm64
        --cache-from
        r/x
        --cache-to
        type=inline
        ----- stderr
        Handing over to the devcontainer program: dev container Features (x/y)
    "#]],
    );
}
