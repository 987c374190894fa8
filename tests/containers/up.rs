//! From env.yaml to a running container, and what happens to it from day to day.

use std::net::TcpListener;

use mmdev_testkit::{Project, docker, world};

use crate::support::{LEAN, Place, Running, runs_with, wait_until};

const QUICKSTART: &str = include_str!("../../docs/examples/quickstart/env.yaml");
const STATUS: &str = include_str!("../../docs/examples/quickstart/status.py");

fn quickstart() -> Project {
    Project::new()
        .file("env.yaml", QUICKSTART)
        .file("status.py", STATUS)
}

#[test]
fn the_quickstart_of_an_ordinary_user() {
    use std::os::unix::fs::MetadataExt as _;

    let place = Place::new(quickstart().of_ordinary_user());
    let user = place.project.root().metadata().unwrap().uid();
    let said = place.mmdev(&["init"]).success().stderr;
    assert!(said.contains("Next: mmdev up"), "{said}");
    let said = place.mmdev(&["up"]).success().stderr;
    assert!(
        said.contains("       Ready /workspaces/project in "),
        "{said}"
    );
    assert!(!said.contains("warning"), "{said}");

    let version = place.printed(&[
        "python",
        "-c",
        "import requests; print(requests.__version__)",
    ]);
    assert_eq!(version, "2.32.3\n");
    let lines = place.printed(&["python", "status.py"]);
    assert_eq!(
        lines,
        "python 3.11.2 at /opt/conda/bin/python\nrequests 2.32.3\n"
    );

    // Files of the workspace are the host user's, and so is who works in the container.
    let printed = place.printed(&["sh", "-c", "touch made && id -un && id -u && git --version"]);
    assert!(
        printed.starts_with(&format!("mambauser\n{user}\ngit version ")),
        "{printed}"
    );
    let made = place.project.root().join("made");
    assert_eq!(made.metadata().unwrap().uid(), user);

    // That user can install into the populated prefix.
    place.printed(&[
        "micromamba",
        "install",
        "--quiet",
        "--yes",
        "--channel",
        "conda-forge",
        "hello-compiled",
    ]);
    assert_eq!(place.printed(&["hello-compiled"]), "hello from C\n");

    // The program's exit code is mmdev's, and its streams are.
    let run = place.mmdev(&["run", "--", "sh", "-c", "echo out; echo err >&2; exit 7"]);
    assert_eq!(
        (run.code, &*run.stdout, &*run.stderr),
        (Some(7), "out\n", "err\n")
    );
}

/// One container through all that can happen to it. Its environment is small, so that its images are made fast.
#[test]
fn a_container_lives_on_while_the_spec_changes() {
    let spec = |package: &str| format!("channels: [conda-forge]\ndependencies: [{package}]\n");
    let place = Place::new(
        Project::new()
            .file("env.yaml", &spec("prefix-text"))
            .file("mmdev.toml", LEAN),
    );
    place.mmdev(&["init", "-q"]).success();
    let status = || place.mmdev(&["status"]).success().stdout;
    assert!(
        status().contains("not built: mmdev build\ncontainer  absent"),
        "{}",
        status()
    );

    // `run` is enough; and a second one builds and makes nothing.
    assert_eq!(place.printed(&["prefix-text"]), "/opt/conda\n");
    let first = place.containers();
    let image = place.image();
    assert_eq!(first.len(), 1);
    let run = place.mmdev(&["run", "--", "true"]).success();
    assert_eq!(run.stderr, "");
    assert!(status().contains("container  running\n"), "{}", status());

    // A stopped container is started again, with what was written in it.
    place.printed(&["sh", "-c", "echo mine > /tmp/mine"]);
    docker(&["stop", "--time", "1", &first[0]]);
    assert!(status().contains("container  stopped"), "{}", status());
    assert_eq!(place.printed(&["cat", "/tmp/mine"]), "mine\n");
    docker(&["pause", &first[0]]);
    assert_eq!(place.printed(&["cat", "/tmp/mine"]), "mine\n");
    assert_eq!(place.containers(), first);

    // A comment changes nothing. A new package leaves the container behind, and that is said.
    place
        .project
        .write("env.yaml", &format!("# why\n{}", spec("prefix-text")));
    assert_eq!(place.mmdev(&["run", "--", "true"]).success().stderr, "");
    place.project.write("env.yaml", &spec("prefix-binary"));
    let said = place.mmdev(&["run", "--", "prefix-text"]).success().stderr;
    assert!(
        said.contains("warning: the container was made from an older image"),
        "{said}"
    );
    assert!(said.contains("hint: mmdev up --recreate"), "{said}");
    assert!(
        status().contains("made from an older image"),
        "{}",
        status()
    );

    // The new one has the new environment, and the old image is gone.
    place.mmdev(&["up", "--recreate"]).success();
    assert_eq!(place.printed(&["prefix-binary"]), "/opt/conda\n");
    assert_eq!(place.mmdev(&["run", "--", "prefix-text"]).code, Some(127));
    let second = place.containers();
    assert_ne!(second, first);
    assert!(!place.images().contains(&image), "{:?}", place.images());

    // Who asks for a new container gets one, also where nothing changed.
    place.mmdev(&["up", "--recreate"]).success();
    assert_ne!(place.containers(), second);

    place.mmdev(&["down"]).success();
    assert_eq!(place.containers(), Vec::<String>::new());
    assert!(status().contains("container  absent"), "{}", status());
    let again = place.mmdev(&["down"]).success().stderr;
    assert_eq!(again, "No container is there.\n");
}

/// The devcontainer CLI changes nothing for root, so the image's user cannot write what is root's.
#[test]
fn root_is_told_what_to_do() {
    if !rustix::process::getuid().is_root() {
        println!("only root can see what root sees");
        return;
    }
    let place = Place::new(
        Project::new()
            .file(
                "env.yaml",
                "channels: [conda-forge]\ndependencies: [prefix-text]\n",
            )
            .file("mmdev.toml", LEAN),
    );
    let said = place.mmdev(&["up"]).success().stderr;
    assert!(
        said.contains(
            "warning: you are root on this machine, so `mambauser` (57439) cannot write the files of the workspace"
        ),
        "{said}"
    );
    assert_eq!(place.printed(&["prefix-text"]), "/opt/conda\n");

    // What the hint says helps, in the container that is there.
    let path = ".devcontainer/devcontainer.json";
    let text = place.project.read(path);
    let text = text.replacen("\"build\"", "\"remoteUser\": \"root\",\n  \"build\"", 1);
    place.project.write(path, &text);
    let containers = place.containers();
    let run = place.mmdev(&[
        "run",
        "--",
        "sh",
        "-c",
        "prefix-text && touch made && id -u",
    ]);
    let run = run.success();
    assert_eq!((&*run.stdout, &*run.stderr), ("/opt/conda\n0\n", ""));
    assert_eq!(place.containers(), containers);
    assert!(place.project.root().join("made").exists());
}

#[test]
fn ctrl_c_cancels_the_build_in_the_daemon() {
    // No other process sleeps so long.
    let seconds = format!("9{}", std::process::id());
    let place = Place::new(
        Project::new()
            .file(
                "env.yaml",
                "channels: [conda-forge]\ndependencies: [noarch-data]\n",
            )
            .file(
                "mmdev.toml",
                &format!("{LEAN}[dockerfile]\nbefore = ['RUN [\"sleep\", \"{seconds}\"]']\n"),
            ),
    );
    let mut mmdev = Running::start(&mut place.command(&["build"]));
    wait_until("the build's step runs", || runs_with(&seconds));
    let pid = rustix::process::Pid::from_child(&mmdev.0);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    assert_eq!(mmdev.0.wait().unwrap().code(), Some(130));
    wait_until("the build's step ends", || !runs_with(&seconds));
    assert_eq!(place.images(), Vec::<String>::new());
}

#[test]
fn a_build_that_fails_shows_the_step_and_what_it_said() {
    let place = Place::new(
        Project::new()
            .file(
                "env.yaml",
                "channels: [conda-forge]\ndependencies: [needs-what-is-absent]\n",
            )
            .file("mmdev.toml", LEAN),
    );
    let finished = place.mmdev(&["up"]);
    assert_eq!(finished.code, Some(3));
    for part in [
        "no-such-package",
        "the build stopped at `[4/5] RUN umask 000",
        "hint: the channels cannot give what the spec asks for",
    ] {
        assert!(finished.stderr.contains(part), "{}", finished.stderr);
    }
    assert!(place.containers().is_empty() && place.images().is_empty());

    // As a program reads it: the last line says how it ended.
    let lines = place.mmdev(&["build", "--message-format", "json"]).stdout;
    let last: serde_json::Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&last["reason"], &last["exit_code"]),
        (&"error".into(), &3.into()),
        "{lines}"
    );
}

/// What a devcontainer.json of a person can say, all in one container.
#[test]
fn the_settings_of_a_devcontainer_json_are_honoured() {
    // A port that somebody else has, and one that is free until this returns.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let free = || {
        TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port()
    };
    let (forwarded, published) = (free(), free());
    let text = format!(
        r#"{{
  "remoteUser": "root",
  "containerEnv": {{"FROM_CONTAINER": "a b", "HERE": "${{containerWorkspaceFolderBasename}}"}},
  "remoteEnv": {{"FROM_REMOTE": "${{containerEnv:FROM_CONTAINER}}!", "HOST": "${{localEnv:NAME_OF_TEST}}"}},
  "forwardPorts": [{}, {forwarded}],
  "appPort": ["{published}:80"],
  "mounts": ["type=tmpfs,target=/scratch", {{"type": "bind", "source": "${{localWorkspaceFolder}}/data", "target": "/data"}}],
  "runArgs": ["--hostname", "named", "--label", "test.label=x y"],
  "init": true,
  "capAdd": ["NET_ADMIN"],
  "initializeCommand": "echo initialize > initialize",
  "onCreateCommand": "echo \"on create $FROM_REMOTE\" >> log",
  "updateContentCommand": ["sh", "-c", "echo update content >> log"],
  "postCreateCommand": {{"one": "timeout 20 sh -c 'until [ -e \"two words\" ]; do sleep 0.1; done' && echo one > one", "two": ["touch", "two words"]}},
  "postStartCommand": "prefix-text >> log",
  "postAttachCommand": "echo attach >> attach",
  "waitFor": "postStartCommand"
}}
"#,
        taken.local_addr().unwrap().port()
    );
    let place = Place::new(
        Project::new()
            .file(
                "env.yaml",
                "channels: [conda-forge]\ndependencies: [prefix-text]\n",
            )
            .file("mmdev.toml", LEAN)
            .file("data/file", "data\n")
            .file(".devcontainer/devcontainer.json", &text),
    );
    place.mmdev(&["init", "--yes", "-q"]).success();
    let up = || {
        let mut command = place.command(&["up"]);
        place
            .project
            .run(command.env("NAME_OF_TEST", "test"))
            .success()
            .stderr
    };
    let said = up();
    assert!(
        said.contains("warning") && said.contains(&taken.local_addr().unwrap().port().to_string()),
        "{said}"
    );

    let log = "on create a b!\nupdate content\n/opt/conda\n";
    assert_eq!(place.project.read("initialize"), "initialize\n");
    assert_eq!(place.project.read("log"), log);
    assert_eq!(place.project.read("one"), "one\n");
    assert!(place.project.root().join("two words").exists());
    assert_eq!(place.project.read("attach"), "attach\n");

    let mut command = place.command(&["run", "-q", "--", "sh", "-c",
        "echo $FROM_CONTAINER, $FROM_REMOTE, $HERE, $HOST; hostname; cat /data/file; grep -c ' /scratch tmpfs ' /proc/mounts; cat /proc/1/comm"]);
    let printed = place
        .project
        .run(command.env("NAME_OF_TEST", "test"))
        .success()
        .stdout;
    assert!(
        printed.starts_with("a b, a b!, project, test\nnamed\ndata\n1\n"),
        "{printed}"
    );
    assert!(
        !printed.ends_with("\nsh\n"),
        "an init is the first process: {printed}"
    );

    let container = &place.containers()[0];
    let bindings = docker(&[
        "inspect",
        "--format",
        "{{json .HostConfig.PortBindings}}",
        container,
    ]);
    let bindings: serde_json::Value = serde_json::from_str(&bindings).unwrap();
    let binding =
        |host: u16| serde_json::json!([{"HostIp": "127.0.0.1", "HostPort": host.to_string()}]);
    assert_eq!(
        bindings[format!("{forwarded}/tcp")],
        binding(forwarded),
        "{bindings}"
    );
    assert_eq!(
        bindings["80/tcp"][0]["HostPort"],
        published.to_string(),
        "{bindings}"
    );
    let others = docker(&[
        "inspect",
        "--format",
        r#"{{json .HostConfig.CapAdd}} {{index .Config.Labels "test.label"}}"#,
        container,
    ]);
    assert!(
        others.contains("NET_ADMIN") && others.ends_with(" x y"),
        "{others}"
    );

    // Nothing that runs once runs again; a start is a start.
    up();
    assert_eq!(place.project.read("log"), log);
    docker(&["stop", "--time", "1", container]);
    up();
    assert_eq!(place.project.read("log"), format!("{log}/opt/conda\n"));

    // A command that fails is an error with what it said, and the container stays to look around in.
    let failing = text.replace("\"prefix-text >> log\"", "\"echo why; exit 4\"");
    let now = place.project.read(".devcontainer/devcontainer.json");
    assert_ne!(failing, text);
    place.project.write(
        ".devcontainer/devcontainer.json",
        &now.replace("\"prefix-text >> log\"", "\"echo why; exit 4\""),
    );
    docker(&["stop", "--time", "1", container]);
    let finished = place.mmdev(&["up"]);
    assert_eq!(finished.code, Some(1), "{}", finished.stderr);
    for part in ["postStartCommand", "exit code 4", "why"] {
        assert!(finished.stderr.contains(part), "{}", finished.stderr);
    }
    assert_eq!(place.containers().len(), 1);
}

/// `clean` empties the package cache of mmdev's builds and nothing else of the engine's build cache.
#[test]
fn clean_leaves_what_is_not_of_mmdev() {
    let world = world();
    // A base image of its own has a package cache of its own, which no other test uses at the same time.
    let base = mmdev_testkit::Image::new("clean-base");
    docker(&["tag", &world.conda_forge_base(), base.tag()]);
    let place = Place::on(
        Project::new()
            .file(
                "env.yaml",
                "channels: [conda-forge]\ndependencies: [noarch-data]\n",
            )
            .file("mmdev.toml", LEAN),
        base.tag(),
    );
    let foreign = mmdev_testkit::Image::new("clean-foreign");
    let count = |round: &str| {
        mmdev_testkit::build(
            foreign.tag(),
            &format!(
                "FROM {}\nRUN --mount=type=cache,id={},target=/c echo {round} >> /c/rounds && wc -l < /c/rounds > /rounds\n",
                world.debian,
                foreign.tag()
            ),
        );
        docker(&["run", "--rm", foreign.tag(), "cat", "/rounds"])
    };
    assert_eq!(count("one"), "1");
    place.mmdev(&["build", "-q"]).success();
    place.project.write(
        "env.yaml",
        "channels: [conda-forge]\ndependencies: [prefix-text]\n",
    );
    let said = place.mmdev(&["clean"]).success().stderr;
    assert!(said.contains("Removed mmdev-project-"), "{said}");
    assert!(
        said.contains("Freed ") && !said.contains("Freed 0 B"),
        "{said}"
    );
    assert_eq!(place.images(), Vec::<String>::new());
    let again = place.mmdev(&["clean"]).success().stderr;
    let bytes = |said: &str| {
        said.split("Freed ")
            .nth(1)
            .unwrap()
            .split(" of")
            .next()
            .unwrap()
            .to_owned()
    };
    assert_ne!(bytes(&again), bytes(&said), "the cache was not emptied");
    assert_eq!(count("two"), "2", "a cache of somebody else was emptied");
}

#[test]
fn a_port_that_is_taken_can_be_changed() {
    let place = Place::new(
        Project::new()
            .file(
                "env.yaml",
                "channels: [conda-forge]\ndependencies: [prefix-text]\n",
            )
            .file("mmdev.toml", LEAN),
    );
    place.mmdev(&["init", "-q"]).success();
    let file = ".devcontainer/devcontainer.json";
    let own = place.project.read(file);
    let ask = |ports: &str| {
        let line = format!("\"remoteUser\": \"root\", {ports},\n  \"updateRemoteUserUID\"");
        let text = own.replace("\"updateRemoteUserUID\"", &line);
        place.project.write(file, &text);
    };
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();

    ask(&format!("\"appPort\": [{port}]"));
    let refused = place.mmdev(&["up"]);
    assert_eq!(refused.code, Some(3));
    assert!(
        refused
            .stderr
            .contains("because a port is taken: listen tcp"),
        "{}",
        refused.stderr
    );
    // A container that never ran does not stand in the way of the next one.
    assert_eq!(place.containers(), Vec::<String>::new());
    ask("\"postCreateCommand\": \"exit 3\"");
    let failed = place.mmdev(&["up"]);
    assert_eq!(failed.code, Some(1), "{}", failed.stderr);
    assert!(
        failed
            .stderr
            .contains("mend it, and run mmdev up --recreate"),
        "{}",
        failed.stderr
    );
}

#[test]
fn an_interrupted_lifecycle_command_ends_and_runs_again() {
    let place = Place::new(
        Project::new()
            .file(
                "env.yaml",
                "channels: [conda-forge]\ndependencies: [prefix-text]\n",
            )
            .file("mmdev.toml", LEAN),
    );
    place.mmdev(&["init", "-q"]).success();
    let file = ".devcontainer/devcontainer.json";
    let own = place.project.read(file);
    let ask = |command: &str| {
        let line = format!(
            "\"remoteUser\": \"root\", \"postCreateCommand\": {command},\n  \"updateRemoteUserUID\""
        );
        let text = own.replace("\"updateRemoteUserUID\"", &line);
        place.project.write(file, &text);
    };
    // One that ends when asked to, and one that has to be ended.
    ask(
        r#"{"one": "echo started >> log; exec sleep '76'5432", "two": "trap '' INT; exec sleep '76'5431"}"#,
    );
    let mut up = Running::start(&mut place.command(&["up"]));
    wait_until("both run", || runs_with("765432") && runs_with("765431"));
    let pid = rustix::process::Pid::from_child(&up.0);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let mut status = None;
    wait_until("mmdev ends", || {
        status = up.0.try_wait().unwrap();
        status.is_some()
    });
    assert_eq!(status.and_then(|status| status.code()), Some(130));
    assert!(!runs_with("765432") && !runs_with("765431"));

    // It counts as not run, and the container is the same.
    let containers = place.containers();
    ask("\"echo again >> log\"");
    place.mmdev(&["up"]).success();
    assert_eq!(place.containers(), containers);
    assert_eq!(place.project.read("log"), "started\nagain\n");
}
