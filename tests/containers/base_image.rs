//! `mmdev base-image build`: a Dockerfile or a command line written for the public micromamba image works on ours.

use std::process::Command;

use mmdev_testkit::{Finished, Image, Project, build, docker, world};

fn base_image(from: &str, tag: &str) -> Finished {
    let project = Project::new();
    let micromamba = world().micromamba.display().to_string();
    let arguments = [
        "base-image",
        "build",
        "-q",
        "--from",
        from,
        "--tag",
        tag,
        "--micromamba",
        &micromamba,
    ];
    project.run(&mut project.command(env!("CARGO_BIN_EXE_mmdev"), arguments))
}

/// Runs `docker run --rm OPTIONS… IMAGE COMMAND…` and gives all that it printed, or how it failed.
fn run(image: &str, options: &str, command: &[&str]) -> String {
    let output = Command::new("docker")
        .args(["run", "--rm"])
        .args(options.split_whitespace())
        .arg(image)
        .args(command)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    match output.status.code() {
        Some(0) => text(&output.stdout),
        code => format!(
            "{} {}{}",
            code.unwrap_or(-1),
            text(&output.stdout),
            text(&output.stderr)
        ),
    }
}

#[test]
fn the_conventions_of_the_public_image_hold() {
    let world = world();
    let base = Image::new("base");
    base_image(&world.debian, base.tag()).success();

    let image = Image::new("on-base");
    let install = format!(
        "micromamba install --quiet --yes --override-channels --channel {} -n",
        world.channel()
    );
    build(
        image.tag(),
        &format!(
            r#"FROM {}
RUN micromamba create --quiet --yes -n env1 && micromamba create --quiet --yes -n env2 \
    && {install} base activation hello-compiled && {install} env1 prefix-text && {install} env2 prefix-binary
RUN if command -v hello-compiled; then exit 1; fi
ARG MAMBA_DOCKERFILE_ACTIVATE=1
RUN test "$MMDEV_TEST_ACTIVATED" = /opt/conda && hello-compiled
RUN if false | true; then exit 1; fi
RUN ["/bin/bash", "-c", "test -z \"$MMDEV_TEST_ACTIVATED\" && ! command -v hello-compiled"]
ENV ENV_NAME=env2
RUN prefix-binary
ENV ENV_NAME=base
"#,
            base.tag()
        ),
    );
    let tag = image.tag();

    const ACTIVE: &str = "echo ${MMDEV_TEST_ACTIVATED-no}; hello-compiled";
    let active = "/opt/conda\nhello from C";
    let none = "127 no";
    for (options, command, expected) in [
        // The entrypoint activates, for whoever it is.
        ("", &["sh", "-c", ACTIVE][..], active),
        ("--user=1001:1001", &["sh", "-c", ACTIVE], active),
        ("--user=root", &["sh", "-c", ACTIVE], active),
        ("", &["hello-compiled"], "hello from C"),
        (
            "--env=ENV_NAME=env1",
            &["prefix-text"],
            "/opt/conda/envs/env1",
        ),
        (
            "--env=ENV_NAME=env2",
            &["prefix-binary"],
            "/opt/conda/envs/env2",
        ),
        // Without it a shell has the environment only where it reads .bashrc.
        ("--entrypoint=", &["bash", "-c", ACTIVE], none),
        ("--entrypoint=", &["bash", "-ic", ACTIVE], active),
        ("--env=MAMBA_SKIP_ACTIVATE=1", &["bash", "-c", ACTIVE], none),
        (
            "--env=MAMBA_SKIP_ACTIVATE=1",
            &[
                "bash",
                "-ic",
                "micromamba activate base; echo ${MMDEV_TEST_ACTIVATED-no}",
            ],
            "/opt/conda",
        ),
        (
            "",
            &["bash", "-ic", "declare -F micromamba; echo \"${PS1%%)*})\""],
            "micromamba\n(base)",
        ),
        (
            "--user=root",
            &["su", "mambauser", "-c", "bash -ic 'hello-compiled'"],
            "hello from C",
        ),
        // Who one is, and where at home.
        (
            "",
            &["sh", "-c", "whoami; id -u; echo $USER $HOME; pwd"],
            "mambauser\n57439\nmambauser /home/mambauser\n/tmp",
        ),
        (
            "--user=1001:1001",
            &["sh", "-c", "id -u; id -g; echo $USER $HOME"],
            "1001\n1001\nmambauser /home/mambauser",
        ),
        (
            "--user=root",
            &["sh", "-c", "whoami; echo $HOME"],
            "root\n/root",
        ),
        (
            "--user=0:0",
            &["sh", "-c", "whoami; echo $HOME"],
            "root\n/root",
        ),
        // micromamba keeps caches at home, and somebody with an unknown id has this one.
        (
            "--user=1001:1001",
            &[
                "sh",
                "-c",
                "mkdir ~/.mine && echo '# mine' >> ~/.bashrc && mkdir /home/new && echo writes",
            ],
            "writes",
        ),
        ("--env=HOME=/foobar", &["sh", "-c", "echo $HOME"], "/foobar"),
        ("--env=USER=me", &["sh", "-c", "echo $USER"], "me"),
        (
            "",
            &[
                "printenv",
                "MAMBA_USER",
                "MAMBA_USER_ID",
                "MAMBA_USER_GID",
                "CONDA_OVERRIDE_CUDA",
                "MAMBA_ROOT_PREFIX",
                "MAMBA_EXE",
                "ENV_NAME",
                "LANG",
                "LC_ALL",
            ],
            "mambauser\n57439\n57439\n\n/opt/conda\n/bin/micromamba\nbase\nC.UTF-8\nC.UTF-8",
        ),
        // Both may install into the prefix.
        (
            "--user=1001:1001",
            &["sh", "-c", "echo > /opt/conda/conda-meta/x && echo writes"],
            "writes",
        ),
    ] {
        // The stand-in's hook and the real one may resolve the link /bin.
        let printed = run(tag, options, command).replace("/usr/bin/micromamba", "/bin/micromamba");
        let matches = match expected == none {
            true => printed.starts_with(none),
            false => printed == expected,
        };
        assert!(
            matches,
            "{options} {command:?}\nexpected: {expected}\n     got: {printed}"
        );
    }

    let printed = run(tag, "--env=MAMBA_USER=other", &["true"]);
    assert!(
        printed.starts_with(
            "1 ERROR: MAMBA_USER is 'other', but this image was built for 'mambauser'."
        ),
        "{printed}"
    );

    // Another name and other ids, as arguments of a build of one's own on ours.
    let labels = docker(&[
        "inspect",
        "--format",
        "{{.Config.User}} {{json .Config.Entrypoint}} {{json .Config.Cmd}} {{json .Config.Shell}}",
        base.tag(),
    ]);
    assert_eq!(
        labels,
        r#"mambauser ["/usr/local/bin/_entrypoint.sh"] ["/bin/bash"] ["/usr/local/bin/_dockerfile_shell.sh"]"#
    );
}

/// As the manual of the public image says it: its program and scripts are copied, and the image's own user is kept.
#[test]
fn micromamba_is_added_to_an_image_that_has_its_user() {
    let world = world();
    let base = Image::new("base-for-another");
    base_image(&world.debian, base.tag()).success();
    let scripts = [
        "_activate_current_env.sh",
        "_dockerfile_shell.sh",
        "_entrypoint.sh",
        "_dockerfile_initialize_user_accounts.sh",
        "_dockerfile_setup_root_prefix.sh",
    ]
    .map(|name| format!("COPY --from=micromamba /usr/local/bin/{name} /usr/local/bin/{name}\n"))
    .concat();
    let added = |before: &str, user: &str, after: &str| {
        format!(
            r#"FROM {} AS micromamba
FROM {}
{before}
ARG MAMBA_USER={user}
ENV MAMBA_USER=$MAMBA_USER MAMBA_ROOT_PREFIX=/opt/conda MAMBA_EXE=/bin/micromamba
COPY --from=micromamba "$MAMBA_EXE" "$MAMBA_EXE"
{scripts}{after}
USER $MAMBA_USER
SHELL ["/usr/local/bin/_dockerfile_shell.sh"]
ENTRYPOINT ["/usr/local/bin/_entrypoint.sh"]
RUN micromamba install -qy --override-channels -c {} -n base hello-compiled
"#,
            base.tag(),
            world.debian,
            world.channel()
        )
    };
    const INITIALISE: &str = "RUN MAMBA_USER_ID=$ID MAMBA_USER_GID=$ID _dockerfile_initialize_user_accounts.sh \
        && _dockerfile_setup_root_prefix.sh";
    for (before, user, after, expected) in [
        (
            "RUN useradd -m -u 1000 -U ubuntu",
            "ubuntu",
            &*format!("ARG ID=1000\n{INITIALISE}"),
            "1000\nhello from C",
        ),
        (
            "",
            "root",
            &*format!("ARG ID=0\n{INITIALISE}"),
            "0\nhello from C",
        ),
        // Who makes the prefix by hand has no record of the user.
        (
            "RUN useradd -m -u 1000 me && mkdir -p /opt/conda/conda-meta && chmod -R a+rwx /opt/conda",
            "me",
            "",
            "1000\nhello from C",
        ),
    ] {
        let image = Image::new(&format!("added-for-{user}"));
        build(image.tag(), &added(before, user, after));
        let printed = run(image.tag(), "", &["sh", "-c", "id -u; hello-compiled"]);
        assert_eq!(printed, expected, "{user}");
    }
}

#[test]
fn a_parent_without_glibc_is_refused() {
    let tag = Image::new("never");
    let refused = base_image("alpine:3.22", tag.tag());
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("musl"), "{}", refused.stderr);

    // One whose name says nothing is found out while it is built: here by a static shell and nothing else.
    let parent = Image::new("static");
    build(
        parent.tag(),
        &format!(
            "FROM {} AS debian\nRUN apt-get update && apt-get install -y --no-install-recommends busybox-static\n\
             FROM scratch\nCOPY --from=debian /bin/busybox /bin/sh\n",
            world().debian
        ),
    );
    let refused = base_image(parent.tag(), tag.tag());
    assert_eq!(refused.code, Some(3));
    assert!(
        refused
            .stderr
            .contains("has no glibc (musl?), and conda packages are made for glibc"),
        "{}",
        refused.stderr
    );
}
