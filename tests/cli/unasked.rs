//! The lock that nobody asked for: who generates has one.

use std::process::Command;

use expect_test::{Expect, expect};

use crate::lock::World;

const SPEC: &str = "platforms: [linux-64]\ndependencies:\n  - six\n";

/// The binary as people have it.
fn command(world: &World, arguments: &[&str]) -> Command {
    let mut command = world.project.command(arguments);
    command.env_remove("MMDEV_AUTO_LOCK");
    command
}

/// Compares what is said, but for the names of what is generated.
#[track_caller]
fn check(world: &World, arguments: &[&str], expected: Expect) {
    let output = command(world, arguments).output().unwrap();
    let shown = world.project.shown(output);
    let lines = shown
        .lines()
        .filter(|line| !line.contains(" .devcontainer/"));
    let shown: String = lines.map(|line| format!("{line}\n")).collect();
    expected.assert_eq(&shown.replace(&world.server.url(), "HOST"));
}

/// The locks that are there, and what the image is made from.
fn locked(world: &World) -> String {
    let tree = world.project.tree();
    let of_lock = |path: &&str| path.ends_with("lock.yml") || path.ends_with("spec.yaml");
    tree.lines().filter(of_lock).collect::<Vec<_>>().join(" ")
}

#[test]
fn generate_makes_it() {
    let world = World::new();
    world.spec(SPEC);
    check(
        &world,
        &["generate", "--dry-run"],
        expect![[r#"
            exit code: 0
            ----- stderr
              Would lock env.yaml, in conda-lock.yml

            Nothing was written: 9 files would change.
            Next: mmdev generate writes them.
        "#]],
    );
    assert_eq!(locked(&world), "");
    check(
        &world,
        &["generate"],
        expect![[r#"
            exit code: 0
            ----- stderr
                 Solving env.yaml for linux-64
                  Locked conda-lock.yml: 4 packages for linux-64

            Created 11 files; commit them. Teammates need only VS Code and Docker.
            Next: mmdev up, or F1 → Reopen in Container.
        "#]],
    );
    expect![".devcontainer/mmdev/base-lock.yml conda-lock.yml"].assert_eq(&locked(&world));
    check(
        &world,
        &["generate"],
        expect![[r#"
        exit code: 0
        ----- stderr
               Fresh every file is as the spec says
    "#]],
    );
}

#[test]
fn init_makes_it() {
    let world = World::new();
    world.spec(SPEC);
    check(
        &world,
        &["init"],
        expect![[r#"
            exit code: 0
            ----- stderr
                 Solving env.yaml for linux-64
                  Locked conda-lock.yml: 4 packages for linux-64

            Created 11 files; commit them. Teammates need only VS Code and Docker.
            Next: mmdev up, or F1 → Reopen in Container.
        "#]],
    );
}

/// What cannot be satisfied cannot be built: better said now than by a build.
#[test]
fn a_spec_that_cannot_be_satisfied() {
    let world = World::new();
    world.spec("platforms: [linux-64]\ndependencies:\n  - six >=2\n");
    check(
        &world,
        &["generate"],
        expect![[r#"
        exit code: 1
        ----- stderr
             Solving env.yaml for linux-64
            env.yaml:6 |   - six >=2
        error: `six >=2` (env.yaml:6) has no package on linux-64
        hint: there are these versions of six: 1.17.0, 1.16.0 (env.yaml:6)
        hint: with any version for `six >=2` (env.yaml:6) it would do: 1.17.0 is chosen
    "#]],
    );
    assert_eq!(world.project.tree(), "env.yaml\n");
}

#[test]
fn without_its_channel_the_image_is_solved_later() {
    let world = World::new();
    world.spec(SPEC);
    check(
        &world,
        &["generate", "--offline"],
        expect![[r#"
            exit code: 0
            ----- stderr
                 Solving env.yaml for linux-64
            warning: there is no conda-lock.yml, so that the image is solved when it is built: the channel HOST/main/linux-64/ is not in the cache, and mmdev is offline
            hint: mmdev lock makes it, or says more; `autoLock` in the settings is for those who want none

            Created 8 files; commit them. Teammates need only VS Code and Docker.
            Next: mmdev up, or F1 → Reopen in Container.
        "#]],
    );
    // A container is wanted again: nobody waits for the channel each time.
    check(
        &world,
        &["up", "--offline"],
        expect![[r#"
        exit code: 3
        ----- stderr
        error: no container engine answers at unix:///nonexistent/docker.sock: the socket does not exist
        hint: DOCKER_HOST or the Docker context names this address: start the engine there, or unset DOCKER_HOST and run `docker context use default`
        hint: `mmdev generate` and `mmdev check` work without it
    "#]],
    );
    // Whoever asks for files gets the lock as soon as it can be had.
    check(
        &world,
        &["generate"],
        expect![[r#"
            exit code: 0
            ----- stderr
                 Solving env.yaml for linux-64
                  Locked conda-lock.yml: 4 packages for linux-64

            Updated 7 files; commit them.
            Next: mmdev up, or F1 → Reopen in Container.
        "#]],
    );
}

/// What is built for the first time is locked first, and so is what was locked when its files were generated.
#[test]
fn a_container_is_locked() {
    for arguments in [&["up"][..], &["watch", "--once"]] {
        let world = World::new();
        world.spec(SPEC);
        let said = || {
            let output = command(&world, arguments).output().unwrap();
            String::from_utf8(output.stderr).unwrap()
        };
        let lock = world.project.root().join("conda-lock.yml");
        let made = "Locked conda-lock.yml";
        assert!(said().contains(made));
        assert!(!said().contains(made));
        std::fs::remove_file(&lock).unwrap();
        assert!(said().contains(made));

        // Somebody wants none, and goes on so.
        std::fs::remove_file(&lock).unwrap();
        let mut without = world.project.command(&["generate"]);
        assert!(without.output().unwrap().status.success());
        assert!(!said().contains(made));
        assert_eq!(locked(&world), "");
    }
}

#[test]
fn nobody_chose_a_channel() {
    let world = World::new();
    world.project.write("env.yaml", "dependencies: [six]\n");
    check(
        &world,
        &["generate"],
        expect![[r#"
            exit code: 0
            ----- stderr
            warning: there is no conda-lock.yml, so that the image is solved when it is built: env.yaml names no channel, and which one it is decides what is installed
            hint: mmdev lock makes it, or says more; `autoLock` in the settings is for those who want none

            Created 8 files; commit them. Teammates need only VS Code and Docker.
            Next: mmdev up, or F1 → Reopen in Container.
        "#]],
    );
}

#[test]
fn there_is_no_place_for_the_cache() {
    let world = World::new();
    world.spec(SPEC);
    let mut generate = command(&world, &["generate"]);
    let output = generate.env_remove("HOME").output().unwrap();
    let shown = world.project.shown(output);
    assert!(shown.starts_with("exit code: 0\n"), "{shown}");
    let warning = "warning: there is no conda-lock.yml, so that the image is solved when it is built: neither";
    assert!(shown.contains(warning), "{shown}");
}

#[test]
fn a_channel_that_is_not_understood() {
    let world = World::new();
    let text = "channels: [oci://ghcr.io/channel-mirrors/conda-forge]\ndependencies: [six]\n";
    world.project.write("env.yaml", text);
    check(
        &world,
        &["generate"],
        expect![[r#"
            exit code: 0
            ----- stderr
                 Solving env.yaml for linux-64, linux-aarch64
            warning: there is no conda-lock.yml, so that the image is solved when it is built: `oci://ghcr.io/channel-mirrors/conda-forge` names no channel: mmdev cannot read `oci:` URLs
            hint: mmdev lock makes it, or says more; `autoLock` in the settings is for those who want none

            Created 8 files; commit them. Teammates need only VS Code and Docker.
            Next: mmdev up, or F1 → Reopen in Container.
        "#]],
    );
}

#[test]
fn locked_makes_none() {
    let world = World::new();
    world.spec(SPEC);
    check(
        &world,
        &["generate", "--locked"],
        expect![[r#"
        exit code: 1
        ----- stderr
        error: there is no conda-lock.yml, and --locked says that none is made
        hint: mmdev lock makes it; `autoLock` in the settings can say that there is none
    "#]],
    );
    world.project.write("mmdev.toml", "auto-lock = false\n");
    check(
        &world,
        &["generate", "--locked"],
        expect![[r#"
            exit code: 0
            ----- stderr

            Created 8 files; commit them. Teammates need only VS Code and Docker.
            Next: mmdev up, or F1 → Reopen in Container.
        "#]],
    );
}
