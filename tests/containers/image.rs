//! `mmdev up` where a person keeps `image` or a Dockerfile of their own: `"/build": false` in the record.

use std::process::Command;

use mmdev_testkit::{Image, Project, Registry, docker, world};

/// A project whose containers go away with it; its postAttachCommand leaves a trace.
struct Kept(Project);

impl Kept {
    fn new(image: &str) -> Kept {
        let record = r#""customizations": { "mmdev": { "generated": { "/build": false } } }"#;
        let text = format!(
            "{{\n  {image},\n  \"remoteUser\": \"root\",\n  \"postAttachCommand\": \"echo x >> attached\",\n  {record}\n}}\n"
        );
        Kept(
            Project::new()
                .file(
                    "env.yaml",
                    "channels: [conda-forge]\ndependencies: [python]\n",
                )
                .file(".devcontainer/devcontainer.json", &text),
        )
    }

    fn mmdev(&self, arguments: &[&str]) -> mmdev_testkit::Finished {
        self.0
            .run(&mut self.0.command(env!("CARGO_BIN_EXE_mmdev"), arguments))
    }

    fn containers(&self) -> String {
        let filter = format!(
            "label=devcontainer.local_folder={}",
            self.0.root().display()
        );
        docker(&["ps", "--all", "--quiet", "--filter", &filter])
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        for id in self.containers().split_whitespace() {
            let image = docker(&["inspect", "--format", "{{.Config.Image}}", id]);
            docker(&["rm", "--force", "--volumes", id]);
            if image.starts_with("mmdev-") {
                let _ = Command::new("docker").args(["rmi", &image]).output();
            }
        }
    }
}

#[test]
fn an_image_is_pulled_when_it_is_not_here() {
    let registry = Registry::start();
    let image = Image::new("kept-image");
    let tag = format!("{}/{}", registry.address(), image.tag());
    docker(&["tag", &world().debian, &tag]);
    docker(&["push", "--quiet", &tag]);
    docker(&["rmi", &tag]);
    let project = Kept::new(&format!("\"image\": \"{tag}\""));
    let finished = project.mmdev(&["up", "--offline"]);
    assert_eq!(finished.code, Some(3), "{}", finished.stderr);
    assert!(
        finished.stderr.contains("--offline forbids to pull it"),
        "{}",
        finished.stderr
    );
    assert_eq!(project.containers(), "");

    let finished = project.mmdev(&["up"]).success();
    assert!(
        finished.stderr.contains(&format!("Pulled {tag}")),
        "{}",
        finished.stderr
    );
    // It is no micromamba image: the program runs as it is. With it here, no network is needed.
    let printed = project.mmdev(&["run", "--offline", "--", "cat", "env.yaml"]);
    assert_eq!(printed.success().stdout, project.0.read("env.yaml"));
    let again = project.mmdev(&["up", "-v"]).success().stderr;
    assert!(!again.contains("older image"), "{again}");
    assert!(!again.contains("Pulled"), "{again}");
    project.mmdev(&["down"]).success();
    docker(&["rmi", &tag]);
}

#[test]
fn a_dockerfile_of_a_person_is_built_with_its_context() {
    let project = Kept::new(
        r#""build": { "dockerfile": "../docker/Dockerfile", "context": "..", "args": { "WORD": "there" } }"#,
    );
    let dockerfile = format!(
        "FROM {}\nARG WORD\nCOPY . /context/\nRUN echo $WORD > /word\n",
        world().debian
    );
    project.0.write("docker/Dockerfile", &dockerfile);
    project.0.write(".dockerignore", "data\n");
    project.0.write("data/big", "x");
    project.0.write("kept.txt", "one\n");
    let list = [
        "run",
        "--",
        "sh",
        "-c",
        "cat /word /context/kept.txt; ls /context/data",
    ];
    let finished = project.mmdev(&list);
    assert_eq!(finished.stdout, "there\none\n", "{}", finished.stderr);
    assert_eq!(
        finished.code,
        Some(2),
        "data was ignored: {}",
        finished.stderr
    );

    // A program that is run is nobody who attaches.
    assert!(!project.0.root().join("attached").exists());

    // A paused container goes on with what it was doing.
    let id = project.containers();
    docker(&["pause", &id]);
    let started = docker(&["inspect", "--format", "{{.State.StartedAt}}", &id]);
    let resumed = project.mmdev(&["up"]).success().stderr;
    assert!(resumed.contains("Resumed "), "{resumed}");
    assert_eq!(project.0.read("attached"), "x\n");
    let state = "{{.State.StartedAt}} {{.State.Status}}";
    assert_eq!(
        docker(&["inspect", "--format", state, &id]),
        format!("{started} running")
    );

    // What is copied may change: `build` asks the engine, which has never seen this. Another Dockerfile is another image.
    let two = format!("two, says {}\n", std::process::id());
    project.0.write("kept.txt", &two);
    let built = project.mmdev(&["build"]).success().stderr;
    assert!(built.contains("COPY . /context/ in "), "{built}");
    project
        .0
        .write("docker/Dockerfile", &format!("{dockerfile}RUN true\n"));
    let behind = project.mmdev(&["up"]).success().stderr;
    assert!(behind.contains("older image"), "{behind}");
    let replaced = project.mmdev(&["up", "--recreate"]).success().stderr;
    assert!(replaced.contains("Created "), "{replaced}");
    assert_eq!(project.mmdev(&list).stdout, format!("there\n{two}"));
}
