//! The runtime image: it runs the project's program as anybody, with nothing writable, and it is smaller.

use std::process::Command;

use mmdev_testkit::{Image, Project, build, docker, world};

use crate::support::{LEAN, Place};

/// Shows what a program finds there.
const PROGRAM: &str = r#"import hello_noarch, os, ssl
hello_noarch.main()
print(os.getuid(), os.getcwd(), sorted(os.listdir()))
print(os.environ["MODE"], os.environ["MMDEV_TEST_ACTIVATED"], os.path.expanduser("~"))
"#;

/// An image that goes with the test, whoever built it.
struct Runtime(String);

impl Drop for Runtime {
    fn drop(&mut self) {
        let _ = Command::new("docker").args(["rmi", &self.0]).output();
    }
}

impl Runtime {
    /// What a program of it prints, as that user and with nothing writable.
    fn printed(&self, options: &[&str], program: &[&str]) -> String {
        let run = ["run", "--rm", "--read-only"];
        docker(&[&run[..], options, &[&self.0], program].concat())
    }
}

/// Bytes of an image, as the engine says.
fn bytes(image: &str) -> u64 {
    let said = docker(&["image", "inspect", "--format", "{{.Size}}", image]);
    said.parse().unwrap()
}

/// An image of Debian's glibc and nothing else, as distroless ones are.
fn distroless() -> Image {
    let image = Image::new("distroless");
    build(
        image.tag(),
        &format!(
            "FROM {} AS made\n\
             RUN mkdir -p /x/usr/lib && cp -a /lib /lib64 /x/ 2> /dev/null; cp -a /usr/lib/*-linux-gnu /x/usr/lib/; \
                 if [ -d /usr/lib64 ]; then cp -a /usr/lib64 /x/usr/; fi\n\
             FROM scratch\nCOPY --from=made /x /\n",
            world().debian
        ),
    );
    image
}

#[test]
fn a_program_runs_in_an_image_of_its_environment_alone() {
    let place = Place::new(
        Project::new()
            .file(
                "env.yaml",
                "channels: [conda-forge]\ndependencies: [python, hello-noarch, activation]\nvariables: {MODE: run}\n",
            )
            .file("mmdev.toml", LEAN)
            .file("main.py", PROGRAM)
            .file("secret", "x"),
    );
    let project = &place.project;
    place.mmdev(&["init", "-q"]).success();
    let target = ["build", "--target", "runtime"];
    let unknown = place.mmdev(&target);
    assert_eq!(unknown.code, Some(1), "{}", unknown.stderr);
    assert!(
        unknown.stderr.contains("runtime.baseImage"),
        "{}",
        unknown.stderr
    );

    let settings = |parent: &str| format!("{LEAN}runtime.base-image = \"{parent}\"\n");
    project.write("mmdev.toml", &settings(&world().debian));
    let built = place.mmdev(&target).success();
    assert!(
        built.stderr.contains("there is no .dockerignore"),
        "{}",
        built.stderr
    );
    let development = place.image();
    let (name, _) = development.split_once(':').unwrap();
    let image = Runtime(format!("{name}:runtime"));
    let first = docker(&["image", "inspect", "--format", "{{.Id}}", &image.0]);

    project.write(".dockerignore", "*\n!main.py\n");
    let again = place
        .mmdev(&[&target[..], &["--keep", "hello_noarch"]].concat())
        .success();
    assert!(again.stderr.contains("Fresh"), "{}", again.stderr);
    assert!(!again.stderr.contains("dockerignore"), "{}", again.stderr);
    // The one before has no name any more, and is gone.
    assert!(!docker(&["images", "--all", "--quiet", "--no-trunc"]).contains(&first));

    let workspace = format!(
        "/workspaces/{}",
        project.root().file_name().unwrap().display()
    );
    let expected = |uid: u32| {
        format!("hello from noarch python\n{uid} {workspace} ['main.py']\nrun /opt/conda /tmp")
    };
    let program = ["python", "main.py"];
    assert_eq!(image.printed(&[], &program), expected(57_439));
    assert_eq!(
        image.printed(&["--user", "12345:100"], &program),
        expected(12_345)
    );

    // Nothing of what only development needs, nothing that somebody else than root may change.
    let left = "! command -v micromamba && ls -d /opt/conda/pkgs/* /opt/conda/include/*; \
        find /opt/conda -name '*.a' -o -name '*.pyc'; find /opt/conda /workspaces ! -type l '(' -perm /022 -o ! -user 0 ')'; \
        ls /opt/conda/conda-meta/python-*.json | wc -l; stat -c '%a %u' /opt/conda /opt/conda/bin";
    let shown = image.printed(&[], &["sh", "-c", &format!("({left}) 2> /dev/null")]);
    let kept: Vec<&str> = shown
        .lines()
        .filter(|line| line.contains("hello_noarch"))
        .collect();
    assert!(
        !kept.is_empty() && kept.iter().all(|line| line.ends_with(".pyc")),
        "{shown}"
    );
    let rest: Vec<&str> = shown
        .lines()
        .filter(|line| !line.contains("hello_noarch"))
        .collect();
    assert_eq!(rest, ["1", "755 0", "755 0"], "{shown}");

    // The development image is the same as before, and it is larger.
    let fresh = place.mmdev(&["build"]).success();
    assert!(fresh.stderr.contains("Fresh"), "{}", fresh.stderr);
    let (small, large) = (bytes(&image.0), bytes(&development));
    let without_parent = bytes(&world().debian);
    println!(
        "development {large} bytes, runtime {small} bytes, of which the parent has {without_parent}"
    );
    assert!(small < large, "{small} {large}");

    // A parent without a shell.
    let parent = distroless();
    project.write("mmdev.toml", &settings(parent.tag()));
    place.mmdev(&target).success();
    assert_eq!(
        image.printed(&["--user", "12345:100"], &program),
        expected(12_345)
    );
    let smallest = bytes(&image.0);
    println!("on a parent without a shell {smallest} bytes");

    let size = place.mmdev(&["size", "--message-format", "json"]).success();
    assert!(
        size.stdout.contains(r#""reason":"runtime-saving","what":"#),
        "{}",
        size.stdout
    );
}
