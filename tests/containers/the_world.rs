//! The world that the other tests build on is as they need it.

use std::path::Path;

use mmdev_testkit::{Image, Project, Registry, docker, world};

/// Runs a script of sh in the Debian image with the stand-in micromamba in it.
fn in_debian(script: &str) -> String {
    let world = world();
    let micromamba = format!("{}:/bin/micromamba:ro", world.micromamba.display());
    let channel = format!("CHANNEL={}", world.channel());
    docker(&[
        "run",
        "--rm",
        "--volume",
        &micromamba,
        "--env",
        &channel,
        &world.debian,
        "sh",
        "-euc",
        script,
    ])
}

#[test]
fn real_packages_are_installed_from_the_channel_and_run() {
    let printed = in_debian(
        "micromamba create --quiet --yes --prefix /opt/env --override-channels --channel $CHANNEL \
           python=3.11 requests numpy prefix-text prefix-binary hello-compiled hello-noarch post-link pip >&2
         cd /opt/env/bin
         ./python -c 'import requests, numpy, ssl, sqlite3, ctypes; print(requests.__version__, numpy.arange(3).sum())'
         ./prefix-text; ./prefix-binary; ./hello-compiled; ./hello-noarch; cat ../share/post-link.ran
         ./pip --version",
    );
    let lines: Vec<_> = printed.lines().collect();
    assert_eq!(
        lines[..6],
        [
            "2.32.3 3",
            "/opt/env",
            "/opt/env",
            "hello from C",
            "hello from noarch python",
            "post-link 1.0"
        ],
        "{printed}"
    );
    assert!(
        lines[6].starts_with("pip 24.0 from /opt/env/lib/python3.11/site-packages/pip"),
        "{printed}"
    );
}

#[test]
fn the_pins_of_old_projects_can_be_installed() {
    let printed = in_debian(
        "micromamba create --quiet --yes --prefix /opt/env --override-channels --channel $CHANNEL \
           python=3.9.1 requests=2.25.1 >&2
         /opt/env/bin/python -c 'import sys, requests; print(sys.version_info[:2], requests.__version__)'",
    );
    assert_eq!(printed, "(3, 9) 2.25.1");
}

#[test]
fn what_cannot_be_solved_is_refused() {
    for specs in [
        "wants-old wants-new",
        "needs-what-is-absent",
        "needs-glibc-99",
    ] {
        let printed = in_debian(&format!(
            "create() {{ prefix=$1; shift
               micromamba create --yes --prefix $prefix --override-channels --channel $CHANNEL $@ >&2 \\
                 && echo done || echo refused $?; }}
             create /opt/good noarch-data; create /opt/bad {specs}"
        ));
        assert_eq!(printed, "done\nrefused 1", "{specs}");
    }
}

#[test]
fn pip_installs_from_the_index() {
    let world = world();
    let printed = in_debian(&format!(
        "micromamba create --quiet --yes --prefix /opt/env --override-channels --channel $CHANNEL python=3.11 pip >&2
         cd /opt/env/bin
         ./pip install --quiet --root-user-action=ignore --index-url {} --trusted-host {} attrs >&2
         ./python -c 'import attrs, os; print(os.path.dirname(attrs.__file__))'",
        world.index(),
        world.index_host(),
    ));
    assert_eq!(printed, "/opt/env/lib/python3.11/site-packages/attrs");
}

#[test]
fn the_base_image_has_micromamba_for_an_ordinary_user() {
    let printed = docker(&[
        "run",
        "--rm",
        &world().base,
        "sh",
        "-c",
        "micromamba --version >&2 && whoami && echo $MAMBA_ROOT_PREFIX",
    ]);
    assert_eq!(printed, "mambauser\n/opt/conda");
}

#[test]
fn debian_packages_are_installed_in_builds() {
    let image = Image::new("apt");
    let dockerfile = format!(
        "FROM {}\nRUN apt-get update && apt-get install -y --no-install-recommends less\n",
        world().debian
    );
    let project = Project::new().file("Dockerfile", &dockerfile);
    let mut command = project.command("docker", ["build", "--quiet", "--tag", image.tag(), "."]);
    project.run(command.env("DOCKER_BUILDKIT", "1")).success();
    let printed = docker(&["run", "--rm", image.tag(), "less", "--version"]);
    assert!(printed.starts_with("less "), "{printed}");
}

#[test]
fn a_digest_is_pulled_from_the_registry() {
    let registry = Registry::start();
    let tag = format!("{}/debian:pushed", registry.address());
    docker(&["tag", &world().debian, &tag]);
    docker(&["push", "--quiet", &tag]);
    let digest = docker(&[
        "image",
        "inspect",
        "--format",
        "{{index .RepoDigests 0}}",
        &tag,
    ]);
    docker(&["rmi", &tag]);
    docker(&["pull", "--quiet", &digest]);
    docker(&["rmi", &digest]);
    assert!(
        digest.starts_with(&format!("{}/debian@sha256:", registry.address())),
        "{digest}"
    );
}

#[test]
fn the_devcontainer_cli_reads_a_configuration() {
    let project = Project::new().file(".devcontainer/devcontainer.json", r#"{"image": "x"}"#);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/containers");
    let root = project.root().display().to_string();
    let mut command =
        project.devcontainer(&folder, ["read-configuration", "--workspace-folder", &root]);
    let printed = project.run(&mut command).success().stdout;
    let answer: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(answer["configuration"]["image"], "x");
}
