//! `mmdev watch` with a real daemon: from a save to the image, and to the container.

use mmdev_testkit::{JsonLines, Project, docker};
use serde_json::Value;

use crate::proxy::Proxy;
use crate::support::{LEAN, Place, runs_with, wait_until};

/// A spec with these packages, whose variable makes an image that is built in a moment.
fn spec(packages: &str, variable: &str) -> String {
    format!(
        "channels: [conda-forge]\nvariables: {{STEP: '{variable}'}}\ndependencies: [{packages}]\n"
    )
}

fn place(settings: &str) -> Place {
    Place::new(
        Project::new()
            .file("env.yaml", &spec("prefix-text", "0"))
            .file("mmdev.toml", &format!("{LEAN}{settings}")),
    )
}

impl Place {
    fn watch(&self, arguments: &[&str]) -> JsonLines {
        let words = [&["watch", "--message-format", "json"], arguments].concat();
        JsonLines::start(&mut self.command(&words))
    }

    fn save(&self, packages: &str, variable: &str) {
        self.project.write("env.yaml", &spec(packages, variable));
    }
}

/// Waits for the image of a save, and for how the watch stands then.
#[track_caller]
fn built(watch: &mut JsonLines) -> (Value, Value) {
    let built = watch.until(&[("reason", "watch-built")]);
    let state = watch.until(&[("reason", "watch-state")]);
    assert_eq!(state["state"], "ready", "{state}");
    assert_eq!(state["image"], built["image"]);
    (built, state)
}

#[test]
fn a_save_is_rebuilt_and_superseded_images_go() {
    let place = place("");
    let mut watch = place.watch(&[]);
    let (first, state) = built(&mut watch);
    assert_eq!(state["container"], "absent");
    assert_eq!(place.images(), [first["image"].as_str().unwrap()]);

    // A container on the first image, and ten saves: one image more.
    place.mmdev(&["up"]).success();
    let before = place.images().len();
    watch.until(&[("reason", "watch-state"), ("container", "current")]);
    for step in 1..=10 {
        place.save("prefix-text", &step.to_string());
        let (image, state) = built(&mut watch);
        assert_eq!(state["container"], "behind", "{state}");
        assert!(image["seconds"].as_f64().unwrap() > 0.0);
        let message = state["message"].as_str().unwrap();
        assert!(
            message.contains("s after the save; the container is behind: mmdev up --recreate"),
            "{message}"
        );
    }
    assert_eq!(place.images().len(), before + 1, "{:?}", place.images());

    // The image of the container is still there for who goes back.
    place.save("prefix-text", "0");
    let (image, state) = built(&mut watch);
    assert_eq!(image["built"], false);
    assert_eq!(state["container"], "current", "{state}");

    // Somebody else removes the container.
    docker(&["rm", "--force", &place.containers()[0]]);
    let state = watch.until(&[("reason", "watch-state"), ("container", "absent")]);
    assert_eq!(
        (&state["state"], &state["errors"]),
        (&"ready".into(), &0.into())
    );
    watch.interrupt();
    watch.until_state("stopped");
    assert_eq!(watch.end(), Some(130));

    // What is right already is not built again, by this one or by another command.
    let mut watch = place.watch(&[]);
    let (_, state) = built(&mut watch);
    assert!(
        state["message"]
            .as_str()
            .unwrap()
            .ends_with("is as the spec says"),
        "{state}"
    );
    let once = place.mmdev(&["watch", "--once"]).success().stderr;
    assert!(once.contains("       Fresh mmdev-"), "{once}");
}

#[test]
fn a_comment_asks_nobody() {
    let place = place("");
    let proxy = Proxy::start();
    let words = ["watch", "--message-format", "json"];
    let mut watch = JsonLines::start(place.command(&words).env("DOCKER_HOST", proxy.address()));
    built(&mut watch);
    let asked = proxy.asked();
    let text = format!("# why\n{}", spec("prefix-text", "0"));
    place.project.write("env.yaml", &text);
    watch.until(&[("reason", "watch-change"), ("change", "nothing")]);
    watch.until(&[("reason", "watch-state")]);
    assert_eq!(proxy.asked(), asked, "the daemon was asked");
}

#[test]
fn a_newer_save_cancels_the_build_in_the_daemon() {
    // No other process sleeps so long.
    let seconds = format!("8{}", std::process::id());
    let place = place("");
    let mut watch = place.watch(&[]);
    built(&mut watch);
    let slow = format!("{LEAN}[dockerfile]\nbefore = ['RUN [\"sleep\", \"{seconds}\"]']\n");
    let begin = |watch: &mut JsonLines| {
        place.project.write("mmdev.toml", &slow);
        watch.until_state("building");
        wait_until("the build's step runs", || runs_with(&seconds));
    };
    begin(&mut watch);
    // A comment leaves it alone.
    place
        .project
        .write("env.yaml", &format!("# why\n{}", spec("prefix-text", "0")));
    watch.until(&[("change", "nothing")]);
    assert!(runs_with(&seconds));
    place.project.write("mmdev.toml", LEAN);
    place.save("prefix-text", "1");
    built(&mut watch);
    wait_until("the build's step ends", || !runs_with(&seconds));

    // A save with an error does so as well, and so does Ctrl-C.
    begin(&mut watch);
    place.project.write("env.yaml", "dependencies: ['a==']\n");
    watch.until_state("problems");
    wait_until("the build's step ends", || !runs_with(&seconds));
    place.save("prefix-text", "1");
    watch.until_state("building");
    wait_until("the build's step runs", || runs_with(&seconds));
    watch.interrupt();
    watch.until_state("stopped");
    assert_eq!(watch.end(), Some(130));
    wait_until("the build's step ends", || !runs_with(&seconds));
    assert_eq!(place.images().len(), 1);
}

#[test]
fn a_container_is_replaced_where_that_is_wanted() {
    let place = place("");
    let path = ".devcontainer/devcontainer.json";
    place.mmdev(&["generate", "-q"]).success();
    let text = place.project.read(path);
    let command = "\"postCreateCommand\": \"touch /tmp/created\",\n  \"updateRemoteUserUID\"";
    place
        .project
        .write(path, &text.replace("\"updateRemoteUserUID\"", command));
    place.mmdev(&["up"]).success();
    let old = place.containers();
    let mut watch = place.watch(&["--recreate"]);
    let (_, state) = built(&mut watch);
    assert_eq!(state["container"], "current");
    assert_eq!(place.containers(), old);

    // A mistake changes nothing; once it is mended, the new package is there.
    place.save("prefix-text, 'prefix-binary=='", "0");
    watch.until_state("problems");
    assert_eq!(place.containers(), old);
    place.save("prefix-text, prefix-binary", "0");
    watch.until(&[("reason", "container-ready")]);
    let (image, state) = built(&mut watch);
    assert_eq!(
        (&image["recreated"], &state["container"]),
        (&true.into(), &"current".into())
    );
    let new = place.containers();
    assert_eq!(new.len(), 1);
    assert_ne!(new, old);
    assert_eq!(place.printed(&["prefix-binary"]), "/opt/conda\n");
    assert_eq!(place.printed(&["ls", "/tmp/created"]), "/tmp/created\n");
    assert_eq!(
        place
            .images()
            .iter()
            .filter(|name| !name.contains("-uid-"))
            .count(),
        1
    );

    // What only a new container has.
    let text = place.project.read(path);
    let mount = "\"containerEnv\": {\"GIVEN\": \"yes\"},\n  \"updateRemoteUserUID\"";
    place
        .project
        .write(path, &text.replace("\"updateRemoteUserUID\"", mount));
    watch.until(&[("change", "recreate")]);
    let (image, _) = built(&mut watch);
    assert_eq!(
        (&image["recreated"], &image["built"]),
        (&true.into(), &false.into())
    );
    assert_eq!(place.printed(&["printenv", "GIVEN"]), "yes\n");

    // Without the option it goes on running, and that it is behind is known until it is as it should be.
    watch.interrupt();
    assert_eq!(watch.end(), Some(130));
    let mut watch = place.watch(&[]);
    built(&mut watch);
    place.project.write(path, &text);
    let (_, state) = built(&mut watch);
    assert_eq!(state["container"], "behind");
    place.mmdev(&["up", "--recreate"]).success();
    watch.until(&[("reason", "watch-state"), ("container", "current")]);
}

#[test]
fn a_daemon_that_ends_is_waited_for() {
    let place = place("");
    let proxy = Proxy::start();
    let words = ["watch", "--message-format", "json"];
    let mut watch = JsonLines::start(place.command(&words).env("DOCKER_HOST", proxy.address()));
    built(&mut watch);
    proxy.cut();
    let state = watch.until_state("waiting");
    assert!(
        state["message"]
            .as_str()
            .unwrap()
            .starts_with("Waiting for the container engine: "),
        "{state}"
    );

    // The files go on to follow the spec.
    place.save("prefix-text", "1");
    watch.until(&[("change", "rebuild")]);
    assert_eq!(
        watch.until(&[("reason", "watch-state")])["state"],
        "waiting"
    );
    assert!(
        place
            .project
            .read(".devcontainer/mmdev/Dockerfile")
            .contains("STEP=\"1\"")
    );
    proxy.restore();
    let (image, _) = built(&mut watch);
    assert_eq!(place.images(), [image["image"].as_str().unwrap()]);

    // In the middle of a build, too.
    let seconds = format!("7{}", std::process::id());
    let slow = format!("{LEAN}[dockerfile]\nbefore = ['RUN [\"sleep\", \"{seconds}\"]']\n");
    place.project.write("mmdev.toml", &slow);
    wait_until("the build's step runs", || runs_with(&seconds));
    proxy.cut();
    watch.until_state("waiting");
    wait_until("the build's step ends", || !runs_with(&seconds));
    proxy.restore();
    watch.until_state("building");
    wait_until("the build's step runs again", || runs_with(&seconds));
    place
        .project
        .write("mmdev.toml", &format!("{LEAN}# done\n"));
    built(&mut watch);

    // Somebody else removes the image.
    docker(&["rmi", &place.image()]);
    watch.until_state("building");
    built(&mut watch);
    assert_eq!(place.images().len(), 1);
}

#[test]
fn a_build_that_fails_is_said_and_mended() {
    let place = place("");
    let mut watch = place.watch(&[]);
    built(&mut watch);
    place.save("needs-what-is-absent", "0");
    let state = watch.until_state("failed");
    assert!(
        state["message"]
            .as_str()
            .unwrap()
            .contains("the build stopped at `[4/5] RUN umask 000"),
        "{state}"
    );
    // What was right before is right again, and nothing is built for it.
    place.save("prefix-text", "0");
    watch.until(&[("change", "regenerate")]);
    watch.until_state("ready");
    assert!(watch.passed("build-progress").is_empty());
}
