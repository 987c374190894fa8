//! An image and its build cache in a registry: who may read them there installs nothing.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use mmdev_testkit::{FreshDaemon, LOGIN, Project, Registry, docker, world};
use serde_json::Value;

use crate::support::{LEAN, Place};

/// A name of an image, which goes with it.
struct Name(String);

impl Drop for Name {
    fn drop(&mut self) {
        let _ = Command::new("docker").args(["rmi", &self.0]).output();
    }
}

/// Writes the user's Docker configuration as `docker login` does.
fn log_in(project: &Project, registry: &Registry) {
    let words = ["login", "--username", LOGIN.0, "--password", LOGIN.1];
    let words = words.into_iter().chain([registry.address()]);
    project.run(&mut project.command("docker", words)).success();
}

/// The world's base image in a registry.
fn push_base(registry: &Registry) -> Name {
    // By its tag it is known which glibc the image has.
    let name = Name(format!("{}/micromamba:2-bookworm", registry.address()));
    docker(&["tag", &world().base, &name.0]);
    docker(&["push", "--quiet", &name.0]);
    name
}

/// What a project's author commits, on another machine, whose user keeps passwords in a program.
fn clone(author: &Project, registry: &Registry) -> Project {
    let project = Project::new();
    let owned = std::fs::read_dir(author.root().join(".devcontainer/mmdev")).unwrap();
    let owned = owned.map(|entry| {
        let name = entry.unwrap().file_name();
        format!(".devcontainer/mmdev/{}", name.display())
    });
    let rest = [
        "mmdev.toml",
        "env.yaml",
        "conda-lock.yml",
        ".devcontainer/devcontainer.json",
    ];
    for path in rest.map(str::to_owned).into_iter().chain(owned) {
        project.write(&path, &author.read(&path));
    }
    let program = project.root().join("../bin/docker-credential-tester");
    let (user, password) = LOGIN;
    let script =
        format!("#!/bin/sh\necho '{{\"Username\": \"{user}\", \"Secret\": \"{password}\"}}'\n");
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    // The plugins of whoever runs the tests come into the home with the first command.
    project.run(&mut project.command("true", [""; 0]));
    let folder = project.root().join("../home/.docker");
    std::fs::create_dir_all(&folder).unwrap();
    let config = serde_json::json!({ "credHelpers": { (registry.address()): "tester" } });
    std::fs::write(folder.join("config.json"), config.to_string()).unwrap();
    project
}

/// The same command on the other machine.
fn there<'a>(command: &'a mut Command, project: &Project, daemon: &FreshDaemon) -> &'a mut Command {
    let path = std::env::var("PATH").unwrap();
    let bin = project.root().join("../bin");
    command
        .env("PATH", format!("{}:{path}", bin.display()))
        .env("DOCKER_HOST", daemon.host())
}

/// The steps of a build that ran a program, by what `mmdev` says; and those that the cache had.
fn steps(said: &str) -> (Vec<String>, Vec<String>) {
    let lines = said
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let (mut ran, mut cached) = (Vec::new(), Vec::new());
    for line in lines {
        let name = line["name"].as_str().unwrap_or_default().to_owned();
        match line["state"].as_str() {
            Some("done") if name.contains("] RUN ") => ran.push(name),
            Some("cached") if name.contains("] RUN ") => cached.push(name),
            _ => {}
        }
    }
    (ran, cached)
}

/// The same of what Docker says.
fn steps_of_docker(log: &str) -> (Vec<&str>, Vec<&str>) {
    let steps = log.lines().filter(|line| line.contains("] RUN "));
    steps.partition(|line| {
        let number = line.split(' ').find(|word| word.starts_with('#'));
        !log.contains(&format!("{} CACHED", number.unwrap()))
    })
}

#[test]
fn who_has_the_pushed_cache_installs_nothing() {
    let (public, registry) = (Registry::start(), Registry::with_login());
    let base = push_base(&public);
    let image = Name(format!("{}/team/env:latest", registry.address()));
    let push = ["build", "--message-format", "json", "--push", &image.0];
    let author = Place::on(Project::new().file("mmdev.toml", LEAN), &base.0);
    let platform = match std::env::consts::ARCH {
        "aarch64" => "linux-aarch64",
        _ => "linux-64",
    };
    author.project.write(
        "env.yaml",
        &format!(
            "channels: [{}]\nplatforms: [{platform}]\ndependencies:\n  - hello-compiled\n",
            world().channel()
        ),
    );
    author.mmdev(&["lock"]).success();

    let refused = author.mmdev(&push);
    assert_eq!(refused.code, Some(3), "{}", refused.stderr);
    assert!(
        refused
            .stderr
            .contains("hint: it says above why; where a registry refused: docker login"),
        "{}",
        refused.stderr
    );
    log_in(&author.project, &registry);
    let cold = author.mmdev(&push).success();
    let line: Value = serde_json::from_str(cold.stdout.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&line["reason"], &line["image"]),
        (&"image-pushed".into(), &image.0.as_str().into())
    );
    assert!(
        line["digest"].as_str().unwrap().starts_with("sha256:"),
        "{line}"
    );
    let next = format!(
        "Next: \"cacheFrom\": \"{}\" in `build` of devcontainer.json",
        image.0
    );
    assert!(cold.stderr.contains(&next), "{}", cold.stderr);

    // The key is a person's, and stays.
    let path = ".devcontainer/devcontainer.json";
    let text = author.project.read(path);
    let with = text.replace(
        "\"context\": \"mmdev\"",
        &format!("\"context\": \"mmdev\", \"cacheFrom\": \"{}\"", image.0),
    );
    assert_ne!(text, with);
    author.project.write(path, &with);
    author.mmdev(&["generate", "--check"]).success();
    let warm = author.mmdev(&push).success();
    let (ran, cached) = steps_of_docker(&warm.stderr);
    assert!(ran.is_empty() && cached.len() > 2, "{}", warm.stderr);
    assert!(!warm.stderr.contains("Next:"), "{}", warm.stderr);

    // On a machine that cannot reach the channel at all.
    let teammate = Place::on(clone(&author.project, &registry), &base.0);
    let project = &teammate.project;
    let daemon = FreshDaemon::start(&[&public, &registry]);
    let mut build = teammate.command(&["build", "--message-format", "json"]);
    let built = project.run(there(&mut build, project, &daemon)).success();
    let (ran, cached) = steps(&built.stdout);
    assert!(
        ran.is_empty() && cached.len() > 2,
        "{} {}",
        built.stdout,
        built.stderr
    );

    // And with a devcontainer CLI alone, as VS Code has it.
    docker(&[
        "--host",
        &daemon.host(),
        "image",
        "prune",
        "--all",
        "--force",
    ]);
    docker(&[
        "--host",
        &daemon.host(),
        "builder",
        "prune",
        "--all",
        "--force",
    ]);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/containers");
    let root = project.root().display().to_string();
    let mut build = project.devcontainer(&folder, ["build", "--workspace-folder", &root]);
    let built = project.run(there(&mut build, project, &daemon)).success();
    let (ran, cached) = steps_of_docker(&built.stderr);
    assert!(ran.is_empty() && cached.len() > 2, "{}", built.stderr);

    // A registry that is gone is no reason not to build.
    drop(registry);
    author.mmdev(&["build"]).success();

    for said in [refused, cold, warm] {
        assert!(!(said.stdout + &said.stderr).contains(LOGIN.1));
    }
}
