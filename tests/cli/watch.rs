//! `mmdev watch` where no container engine is: what a save asks for, and where a watch is seen.

use std::process::Command;

use expect_test::expect;
use mmdev_testkit::{Action, JsonLines};
use serde_json::Value;

use crate::lock::World;
use crate::project::Project;

const SPEC: &str = "channels: [conda-forge]\ndependencies:\n  - python=3.12\n  - numpy\n";

fn start(project: &Project) -> JsonLines {
    JsonLines::start(&mut json(project, &[]))
}

fn json(project: &Project, arguments: &[&str]) -> Command {
    let words = [&["watch", "--message-format", "json"], arguments].concat();
    project.command(&words)
}

/// Saves a file, and gives what was judged of it and the files that were written.
#[track_caller]
fn save(project: &Project, watch: &mut JsonLines, path: &str, text: &str) -> String {
    project.write(path, text);
    let judged = watch.until(&[("reason", "watch-change")]);
    let change = judged["change"].as_str().unwrap();
    watch.until(&[("reason", "watch-state")]);
    let written = watch.passed("generated-file");
    let written = written
        .iter()
        .map(|file| format!(" {}", file["path"].as_str().unwrap()));
    format!(
        "{} {change}{}",
        judged["files"],
        written.collect::<String>()
    )
}

#[test]
fn a_save_is_judged_by_what_it_means() {
    let project = Project::new().file("env.yaml", SPEC);
    let mut watch = start(&project);
    let state = watch.until_state("waiting");
    assert_eq!(watch.passed("generated-file").len(), 8);
    let known = [("errors", 0), ("warnings", 0), ("pid", watch.id())];
    for (key, value) in known {
        assert_eq!(state[key], value, "{key}");
    }
    assert_eq!(
        (&state["container"], &state["image"]),
        (&"absent".into(), &Value::Null)
    );
    let mut save = |path, text: &str| save(&project, &mut watch, path, text);

    expect![[r#"["env.yaml"] nothing"#]].assert_eq(&save("env.yaml", &format!("# why\n{SPEC}")));
    expect![[r#"["env.yaml"] nothing"#]].assert_eq(&save(
        "env.yaml",
        "dependencies: [numpy, 'python=3.12']\nchannels:\n  - conda-forge\n",
    ));
    expect![[r#"["env.yaml"] rebuild .devcontainer/mmdev/env.yaml"#]]
        .assert_eq(&save("env.yaml", &format!("{SPEC}  - scipy\n")));
    expect![[r#"["mmdev.toml"] regenerate .devcontainer/devcontainer.json"#]]
        .assert_eq(&save("mmdev.toml", "extensions = ['charliermarsh.ruff']\n"));
    let path = ".devcontainer/devcontainer.json";
    let mounts = "\"mounts\": [\"source=a,target=/a\"],\n  \"updateRemoteUserUID\"";
    let text = project
        .read(path)
        .replace("\"updateRemoteUserUID\"", mounts);
    expect![[r#"[".devcontainer/devcontainer.json"] recreate"#]].assert_eq(&save(path, &text));
}

#[test]
fn a_spec_with_errors_is_shown_and_nothing_is_written() {
    let project = Project::new().file("env.yaml", SPEC);
    let mut watch = start(&project);
    watch.until_state("waiting");
    project.write("env.yaml", "dependencies: [\"a==\"]\n");
    let finding = watch.until(&[("code", "MM210")]);
    assert_eq!(
        (&finding["file"], &finding["line"]),
        (&"env.yaml".into(), &1.into())
    );
    assert_eq!(watch.until_state("problems")["errors"], 1);
    // What is said already is not said again.
    project.write("env.yaml", "# why\ndependencies: [\"a==\"]\n");
    project.write("mmdev.toml", "files = ['none.yaml']\n");
    let state = watch.until(&[("reason", "watch-state"), ("state", "problems")]);
    assert!(
        state["message"]
            .as_str()
            .unwrap()
            .contains("there is no none.yaml"),
        "{state}"
    );
    std::fs::remove_file(project.root().join("mmdev.toml")).unwrap();
    project.write("env.yaml", &format!("{SPEC}  - scipy\n"));
    watch.until_state("waiting");
    let written = watch.passed("generated-file");
    assert_eq!(written.len(), 1, "{written:?}");

    watch.interrupt();
    assert_eq!(watch.until_state("stopped")["errors"], 0);
    assert_eq!(watch.end(), Some(130));
}

#[test]
fn what_changed_while_nobody_watched_is_found() {
    let project = Project::new().file("env.yaml", SPEC);
    project.command(&["generate", "-q"]).output().unwrap();
    project.write("env.yaml", &format!("{SPEC}  - scipy\n"));
    let mut watch = start(&project);
    watch.until_state("waiting");
    let written = watch.passed("generated-file");
    let paths: Vec<&Value> = written.iter().map(|file| &file["path"]).collect();
    assert_eq!(paths, [".devcontainer/mmdev/env.yaml"]);
}

#[test]
fn files_that_a_spec_names_are_watched_as_well() {
    let spec = "channels: [conda-forge]\ndependencies:\n  - pip\n  - pip: [-r deep/base.txt]\n";
    let project = Project::new()
        .file("env.yaml", spec)
        .file("deep/base.txt", "rich\n");
    let mut watch = start(&project);
    watch.until_state("waiting");
    expect![[r#"["deep/base.txt"] rebuild .devcontainer/mmdev/env.yaml"#]].assert_eq(&save(
        &project,
        &mut watch,
        "deep/base.txt",
        "rich\nclick\n",
    ));
    // A file that is named and not there yet.
    let text = "-r more.txt\nrich\n";
    project.write("deep/base.txt", text);
    watch.until_state("problems");
    project.write("deep/more.txt", "numpy\n");
    watch.until_state("waiting");
    // Another spec behind a link, put in the place of the first by a rename.
    project.write("other/real.yaml", "dependencies: [zlib]\n");
    std::os::unix::fs::symlink("other/real.yaml", project.root().join("new")).unwrap();
    std::fs::rename(project.root().join("new"), project.root().join("env.yaml")).unwrap();
    watch.until(&[("change", "rebuild")]);
    expect![[r#"["env.yaml"] rebuild .devcontainer/mmdev/env.yaml"#]].assert_eq(&save(
        &project,
        &mut watch,
        "other/real.yaml",
        "dependencies: [zlib, xz]\n",
    ));
    // What is generated is put back where somebody removes it.
    std::fs::remove_file(project.root().join(".devcontainer/mmdev/Dockerfile")).unwrap();
    watch.until(&[
        ("path", ".devcontainer/mmdev/Dockerfile"),
        ("change", "created"),
    ]);
}

#[test]
fn another_mmdev_is_waited_for() {
    let project = Project::new().file("env.yaml", SPEC);
    let mut watch = start(&project);
    watch.until_state("waiting");
    let lock = std::fs::File::open(project.root()).unwrap();
    lock.lock().unwrap();
    project.write("env.yaml", &format!("{SPEC}  - scipy\n"));
    watch.until(&[("change", "rebuild")]);
    let state = watch.until(&[("reason", "watch-state")]);
    let message = state["message"].as_str().unwrap();
    assert!(
        message.starts_with("Waiting for another mmdev"),
        "{message}"
    );
    // What is saved meanwhile counts.
    project.write("env.yaml", &format!("{SPEC}  - pandas\n"));
    watch.until(&[("change", "rebuild")]);
    assert!(
        !project
            .read(".devcontainer/mmdev/env.yaml")
            .contains("scipy")
    );
    drop(lock);
    watch.until(&[("reason", "generated-file")]);
    assert!(
        project
            .read(".devcontainer/mmdev/env.yaml")
            .contains("pandas")
    );
}

#[test]
fn once() {
    let project = Project::new().file("env.yaml", SPEC);
    project.command(&["generate", "-q"]).output().unwrap();
    project.check(&["watch", "--once"], expect![[r#"
        exit code: 3
        ----- stderr
        error: no container engine answers at unix:///nonexistent/docker.sock: the socket does not exist
        hint: DOCKER_HOST or the Docker context names this address: start the engine there, or unset DOCKER_HOST and run `docker context use default`
        hint: `mmdev generate` and `mmdev check` work without it
    "#]]);
    project.write("env.yaml", "dependencies: [\"a==\"]\n");
    project.check(&["watch", "--once"], expect![[r#"
        exit code: 1
        ----- stdout
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

        ----- stderr
             Checked 1 error: nothing is built until that is mended
    "#]]);
    project.check(
        &["watch", "--once", "--detach"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: the argument '--once' cannot be used with '--detach'

        Usage: mmdev watch --once

        For more information, try '--help'.
    "#]],
    );
    let path = ".devcontainer/mmdev/Dockerfile";
    project.write("env.yaml", SPEC);
    project.write(path, &format!("{}RUN true\n", project.read(path)));
    project.check(&["watch", "--once"], expect![[r#"
        exit code: 1
        ----- stderr
        warning: .devcontainer/mmdev/Dockerfile was changed by hand since mmdev wrote it
        hint: put lines of your own into `dockerfile.before` or `dockerfile.after` of customizations.mmdev
        error: nothing was written: files were changed by hand
        hint: see the difference: mmdev generate --diff --force
        hint: overwrite what was changed: mmdev generate --force
    "#]]);
}

/// Ends what runs in the background, also when the test fails.
struct Background<'a>(&'a Project);

impl Drop for Background<'_> {
    fn drop(&mut self) {
        let _ = self.0.command(&["watch", "--stop"]).output();
    }
}

#[test]
fn in_the_background() {
    let project = Project::new().file("env.yaml", SPEC).file(".git/HEAD", "");
    let _background = Background(&project);
    let started = json(&project, &["--detach"]).output().unwrap();
    assert!(started.status.success(), "{started:?}");
    let state: Value = serde_json::from_slice(&started.stdout).unwrap();
    assert_eq!(state["state"], "waiting");
    let pid = state["pid"].to_string();
    assert!(String::from_utf8_lossy(&started.stderr).contains(&format!("(process {pid})")));

    // It says how it stands where a container sees it, and git does not.
    let mirror = ".devcontainer/mmdev/state.json";
    let mirrored: Value = serde_json::from_str(&project.read(mirror)).unwrap();
    assert_eq!(mirrored, state);
    assert!(
        project
            .read(".devcontainer/mmdev/.gitignore")
            .ends_with("\nstate.json\n")
    );
    let checked = project.command(&["generate", "--check"]).output().unwrap();
    assert!(checked.status.success(), "{checked:?}");

    // One for a project, wherever it runs.
    for arguments in [
        &["watch", "--detach"][..],
        &["watch"],
        &["-C", ".devcontainer", "watch"],
    ] {
        let refused = project.command(arguments).output().unwrap();
        let shown = project.shown(refused).replace(&pid, "[PID]");
        expect![[r#"
            exit code: 2
            ----- stderr
            error: an mmdev watch of [FOLDER]/project runs already (process [PID])
            hint: end it: mmdev watch --stop
        "#]]
        .assert_eq(&shown);
    }
    let ended = project.command(&["watch", "--stop"]).output().unwrap();
    assert!(ended.status.success(), "{ended:?}");
    let mirrored: Value = serde_json::from_str(&project.read(mirror)).unwrap();
    assert_eq!(mirrored["state"], "stopped");
    project.check(
        &["watch", "--stop"],
        expect![[r#"
        exit code: 0
        ----- stderr
        No watch runs here.
    "#]],
    );

    // Another one may begin; a broken project is told as well.
    project.write("env.yaml", "dependencies: [\"a==\"]\n");
    let started = json(&project, &["--detach"]).output().unwrap();
    let state: Value = serde_json::from_slice(&started.stdout).unwrap();
    assert_eq!(
        (&state["state"], &state["errors"]),
        (&"problems".into(), &1.into())
    );
}

#[test]
fn a_limit_of_inotify_is_named_and_got_around() {
    let project = Project::new().file("env.yaml", SPEC);
    // A user namespace has limits of its own.
    let script =
        "echo 0 > /proc/sys/user/max_inotify_instances && exec \"$0\" watch --message-format json";
    let mut command = project.command(&[]);
    let mut unshare = Command::new("/usr/bin/unshare");
    unshare
        .args(["--user", "--map-root-user", "/bin/sh", "-c", script])
        .arg(command.get_program())
        .current_dir(project.root())
        .env_clear()
        .envs(
            command
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
    command = unshare;
    let mut watch = JsonLines::start(&mut command);
    let warning = watch.until(&[("reason", "warning")]);
    expect![[r#""this machine's limit of programs that watch folders is reached (fs.inotify.max_user_instances): files are looked at every second instead""#]]
        .assert_eq(&warning["message"].to_string());
    watch.until_state("waiting");
    expect![[r#"["env.yaml"] rebuild .devcontainer/mmdev/env.yaml"#]].assert_eq(&save(
        &project,
        &mut watch,
        "env.yaml",
        &format!("{SPEC}  - scipy\n"),
    ));
}

/// What a process has in memory now, in KiB (proc(5)).
fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let (_, rest) = status.split_once("VmRSS:").unwrap();
    rest.split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn ten_thousand_writes_take_no_memory_and_the_last_one_counts() {
    let project = Project::new().file("env.yaml", SPEC);
    let mut watch = start(&project);
    watch.until_state("waiting");
    let write = |count: u32| {
        project.write("env.yaml", &format!("{SPEC}  - scipy=1.{count}\n"));
    };
    (0..1000).for_each(write);
    let before = resident(watch.id());
    (1000..10_000).for_each(write);
    let generated = project.root().join(".devcontainer/mmdev/env.yaml");
    while !std::fs::read_to_string(&generated)
        .unwrap()
        .contains("scipy=1.9999")
    {
        watch.until(&[("reason", "watch-state")]);
    }
    let after = resident(watch.id());
    assert!(after < before + 4096, "{before} KiB became {after} KiB");
    watch.interrupt();
    assert_eq!(watch.end(), Some(130));
}

/// A project that is locked, and its watch.
fn locked() -> (World, JsonLines) {
    let world = World::new();
    world.spec("dependencies: [zlib]\nplatforms: [linux-64]\n");
    world.project.command(&["lock", "-q"]).output().unwrap();
    let mut watch = start(&world.project);
    watch.until_state("waiting");
    (world, watch)
}

/// Saves a spec with these dependencies, and gives what was judged of it.
#[track_caller]
fn asks_for(world: &World, watch: &mut JsonLines, dependencies: &str) -> String {
    world.spec(&format!(
        "dependencies: [{dependencies}\n  ]\nplatforms: [linux-64]\n"
    ));
    let judged = watch.until(&[("reason", "watch-change")]);
    judged["change"].as_str().unwrap().to_owned()
}

/// Waits for a new lock, and for the last file that follows from it.
#[track_caller]
fn is_locked(watch: &mut JsonLines) {
    watch.until(&[("path", "conda-lock.yml"), ("change", "changed")]);
    let path = ".devcontainer/devcontainer.json";
    watch.until(&[("reason", "generated-file"), ("path", path)]);
}

#[test]
fn who_goes_back_from_what_cannot_be_locked_goes_on() {
    let (world, mut watch) = locked();
    assert_eq!(asks_for(&world, &mut watch, "zlib, mkl"), "rebuild");
    is_locked(&mut watch);
    let lock = world.lock();
    assert_eq!(asks_for(&world, &mut watch, "zlib=9"), "rebuild");
    assert_eq!(watch.until_state("problems")["errors"], 1);
    // What was being built is not there yet.
    assert_eq!(asks_for(&world, &mut watch, "zlib, mkl"), "rebuild");
    assert_eq!(watch.until_state("waiting")["errors"], 0);

    // The same in the middle of locking.
    world.server.rule(|_| Action::Wait);
    world.server.requests(0);
    assert_eq!(asks_for(&world, &mut watch, "python"), "rebuild");
    world.server.requests(1);
    assert_eq!(asks_for(&world, &mut watch, "zlib, mkl"), "rebuild");
    world.server.open();
    watch.until_state("waiting");
    assert_eq!(world.lock(), lock);
}

#[test]
fn a_channel_that_does_not_answer_is_asked_again() {
    let (world, mut watch) = locked();
    world.server.rule(|_| Action::Status(500));
    assert_eq!(asks_for(&world, &mut watch, "zlib, mkl"), "rebuild");
    let state = watch.until_state("failed");
    assert_eq!(state["errors"], 0);
    let message = state["message"].as_str().unwrap();
    assert!(message.contains("/main/"), "{message}");
    assert_eq!(watch.passed("error").len(), 1);
    watch.until_state("waiting");
    watch.until_state("failed");
    assert_eq!(watch.passed("error").len(), 0, "it was said once");
    world.server.rule(|_| Action::Serve);
    is_locked(&mut watch);
    assert!(world.lock().contains("name: mkl"));
}

#[test]
fn a_save_that_means_the_same_lets_the_lock_go_on() {
    let (world, mut watch) = locked();
    world.server.rule(|_| Action::Wait);
    world.server.requests(0);
    assert_eq!(asks_for(&world, &mut watch, "zlib, mkl"), "rebuild");
    world.server.requests(1);
    assert_eq!(asks_for(&world, &mut watch, "mkl, zlib # why"), "nothing");
    world.server.open();
    watch.until(&[("path", "conda-lock.yml"), ("change", "changed")]);
    let cancelled = watch.passed("watch-state").into_iter().find(|state| {
        let message = state["message"].as_str().unwrap_or_default();
        message.starts_with("Cancelled")
    });
    assert_eq!(cancelled, None);
    watch.until(&[("path", ".devcontainer/devcontainer.json")]);

    // What cannot be locked is not tried again for a comment either.
    assert_eq!(asks_for(&world, &mut watch, "zlib=9"), "rebuild");
    watch.until_state("problems");
    assert_eq!(watch.passed("error").len(), 1);
    assert_eq!(asks_for(&world, &mut watch, "zlib=9 # why"), "nothing");
    watch.until_state("problems");
    assert_eq!(watch.passed("error").len(), 0);
}

#[test]
fn once_tells_how_it_ended_when_it_cannot_lock() {
    let world = World::new();
    world.spec("dependencies: [zlib]\nplatforms: [linux-64]\n");
    world.project.command(&["lock", "-q"]).output().unwrap();
    let told = |dependency: &str, state: &str, code: i32| {
        world.spec(&format!(
            "dependencies: [{dependency}]\nplatforms: [linux-64]\n"
        ));
        let mut watch = JsonLines::start(&mut json(&world.project, &["--once"]));
        let told = watch.until_state(state);
        let message = told["message"].as_str().unwrap().to_owned();
        assert_eq!(
            watch.until(&[("reason", "error")])["message"],
            message.as_str()
        );
        assert_eq!(watch.end(), Some(code));
        (told["errors"].clone(), message)
    };
    let (errors, message) = told("zlib=9", "problems", 1);
    assert_eq!(errors, 1);
    assert_eq!(message, "`zlib=9` (env.yaml:4) has no package on linux-64");
    world.server.rule(|_| Action::Status(404));
    let (errors, message) = told("mkl", "failed", 3);
    assert_eq!(errors, 0);
    assert!(message.contains("/main/"), "{message}");
}

#[test]
fn a_lock_that_is_left_as_it_is_was_not_saved() {
    let world = World::new();
    let settings = "environments = { base = 'env.yaml', other = 'other.yaml' }\n";
    world.project.write("mmdev.toml", settings);
    world.spec("dependencies: [zlib]\nplatforms: [linux-64]\n");
    let spec = world.project.read("env.yaml");
    world.project.write("other.yaml", &spec);
    world.project.command(&["lock", "-q"]).output().unwrap();
    // As another program writes it.
    let path = "other.conda-lock.yml";
    let lock = format!("# Ours\n{}", world.project.read(path));
    world.project.write(path, &lock);
    let mut watch = start(&world.project);
    watch.until_state("waiting");
    assert_eq!(asks_for(&world, &mut watch, "zlib, mkl"), "rebuild");
    is_locked(&mut watch);
    assert_eq!(watch.passed("watch-change").len(), 0);
    assert_eq!(world.project.read(path), lock);
}
