//! `mmdev lock` where something is in its way: a full disk, another `mmdev lock`, a death.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use expect_test::expect;
use mmdev_testkit::Action;

use crate::lock::World;

/// Long enough that only a fault is waited for so long.
const PATIENCE: Duration = Duration::from_secs(60);

fn world() -> World {
    let world = World::new();
    world.spec("dependencies:\n  - python\n  - six\n");
    world
}

fn spawned(mut command: Command) -> Child {
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn a_host_without_an_address() {
    let world = world();
    let spec = world.project.read("env.yaml");
    let spec = spec.replace(&world.server.url(), "http://nowhere.invalid");
    world.project.write("env.yaml", &spec);
    let output = world.project.command(&["lock"]).output().unwrap();
    let shown = world.project.shown(output);
    // Any folder may be the first to fail.
    let shown = shown
        .replace("/noarch/", "/FOLDER/")
        .replace("/linux-64/", "/FOLDER/")
        .replace("/linux-aarch64/", "/FOLDER/");
    expect![[r#"
        exit code: 3
        ----- stderr
             Solving env.yaml for linux-64, linux-aarch64
        error: the channel http://nowhere.invalid/main/FOLDER/ cannot be read: error sending request for url (http://nowhere.invalid/main/FOLDER/repodata_shards.msgpack.zst): client error (Connect): dns error: no address is known for the host
        hint: look at the network and HTTPS_PROXY; --offline takes what the cache has
    "#]].assert_eq(&shown);
}

/// No file may be longer than a block or two, as on a disk without room.
#[cfg(unix)]
#[test]
fn a_full_disk() {
    let world = world();
    let mut command = world.project.command(&[]);
    let program = command.get_program().to_owned();
    let environment: Vec<_> = command
        .get_envs()
        .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
        .collect();
    command = Command::new("/bin/sh");
    command
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f 1; exec \"$0\" lock --platform linux-64",
        ])
        .arg(program)
        .current_dir(world.project.root())
        .env_clear()
        .envs(environment);
    let shown = world.project.shown(command.output().unwrap());
    let shown = shown.replace(&world.server.url(), "HOST");
    // Where it is kept has a hash for a name.
    let (before, _) = shown.split_once("cannot be kept").unwrap_or((&shown, ""));
    let (_, hint) = shown.split_once("hint:").unwrap_or_default();
    expect![[r#"
        exit code: 3
        ----- stderr
             Solving env.yaml for linux-64
        error: what the channel HOST/main/linux-64/ has …
        hint: make room there, or set XDG_CACHE_HOME to a folder that can be written
    "#]]
    .assert_eq(&format!("{before}…\nhint:{hint}"));
    assert_eq!(world.project.tree(), "env.yaml\n");
    world.check(
        &["lock", "--platform", "linux-64"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
              Locked conda-lock.yml: 4 packages for linux-64
    "#]],
    );
}

/// The second waits, says so, and finds nothing to do.
#[test]
fn two_at_once() {
    let world = world();
    world.server.rule(|_| Action::Wait);
    let first = spawned(world.project.command(&["lock"]));
    // It holds the project now.
    world.server.requests(1);
    let second = spawned(world.project.command(&["lock"]));
    world.server.open();
    let first = first.wait_with_output().unwrap();
    let second = second.wait_with_output().unwrap();
    assert!(first.status.success(), "{}", world.project.shown(first));
    let shown = world.project.shown(second);
    assert!(shown.starts_with("exit code: 0\n"), "{shown}");
    assert!(shown.contains("Fresh conda-lock.yml"), "{shown}");
    world.check(
        &["lock", "--check"],
        expect![[r#"
        exit code: 0
        ----- stderr
               Fresh conda-lock.yml
    "#]],
    );
}

/// Whenever it dies, the next one does as if nothing had been.
#[test]
fn a_death_at_any_moment() {
    let world = world();
    world.check(
        &["lock"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64, linux-aarch64
              Locked conda-lock.yml: 4 packages for linux-64, 4 packages for linux-aarch64
    "#]],
    );
    let old = world.lock();
    // What is on the server now is not what is in the cache.
    world.channel(
        "noarch",
        &["six 1.18.0 py_0; python", "pip 25.0 py_0; python"],
    );
    std::fs::remove_file(world.project.root().join("conda-lock.yml")).unwrap();
    world.server.sent(0, PATIENCE);
    let output = world.project.command(&["lock"]).output().unwrap();
    assert!(output.status.success(), "{}", world.project.shown(output));
    let new = world.lock();
    assert_ne!(old, new);
    let cache = world.project.home().join(".cache");
    let all = {
        std::fs::remove_dir_all(&cache).unwrap();
        std::fs::remove_file(world.project.root().join("conda-lock.yml")).unwrap();
        world.server.sent(0, PATIENCE);
        world.project.command(&["lock"]).output().unwrap();
        world.server.sent(0, PATIENCE)
    };
    // Byte by byte: there is a moment after each.
    world
        .server
        .rule(|_| Action::Drip(Duration::from_micros(100)));
    for part in 0..=8 {
        std::fs::remove_dir_all(&cache).unwrap();
        let lock = world.project.root().join("conda-lock.yml");
        std::fs::remove_file(&lock).unwrap();
        world.server.sent(0, PATIENCE);
        world.server.requests(0);
        let mut child = spawned(world.project.command(&["lock"]));
        world.server.requests(1);
        world.server.sent(all * part / 8, PATIENCE);
        child.kill().unwrap();
        child.wait().unwrap();
        let output = world.project.command(&["lock"]).output().unwrap();
        assert!(output.status.success(), "{}", world.project.shown(output));
        assert_eq!(world.lock(), new, "killed after {part} of 8 parts");
        assert_eq!(world.project.tree(), "conda-lock.yml\nenv.yaml\n");
    }
}
