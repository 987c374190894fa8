//! What people did by hand with a micromamba image: one environment, packages by name, two environments, any user.

use mmdev_testkit::{Project, docker};

use crate::support::{LEAN, Place};

/// Values that a Dockerfile, a shell or /etc/environment could take for something else.
const ODD: [(&str, &str); 5] = [
    ("ODD_PRICE", r#"5$ "x" \y"#),
    ("ODD_QUOTE", "it's; exit 1"),
    (
        "ODD_SUBSTITUTION",
        "$(touch /pwned) `touch /pwned` ${HOME} $HOME",
    ),
    ("ODD_SPACES", "  a  b=c  "),
    ("ODD_UNICODE", "größe → ∞ #1"),
];

/// What prints who and what a program sees: where Python is, what activate.d set, and the odd variables.
const PROBE: &str = r#"command -v python; echo "$CONDA_PREFIX,$CONDA_DEFAULT_ENV,${MMDEV_TEST_ACTIVATED-}"; for n in PRICE QUOTE SUBSTITUTION SPACES UNICODE; do printenv ODD_$n; done; true"#;

/// What [`PROBE`] prints in an environment that is active, or as active as it is without a shell.
fn probed(activated: bool) -> String {
    let activated = if activated { "/opt/conda" } else { "" };
    let values: Vec<&str> = ODD.iter().map(|(_, value)| *value).collect();
    format!(
        "/opt/conda/bin/python\n/opt/conda,base,{activated}\n{}",
        values.join("\n")
    )
}

fn one_environment() -> Place {
    let mut spec = "name: science\nchannels: [conda-forge]\n\
                    dependencies: [python=3.9.1, requests=2.25.1, activation]\nvariables:\n"
        .to_owned();
    for (name, value) in ODD {
        spec.push_str(&format!("  {name}: '{}'\n", value.replace('\'', "''")));
    }
    let place = Place::new(
        Project::new()
            .file("env.yaml", &spec)
            .file("mmdev.toml", LEAN),
    );
    place.mmdev(&["build", "-q"]).success();
    place
}

#[test]
fn one_environment_for_any_user_in_any_shell() {
    let place = one_environment();
    let image = place.image();
    let run = |options: &[&str], command: &[&str]| {
        docker(&[&["run", "--rm"], options, &[&*image], command].concat())
    };
    const IMPORT: &str =
        "import sys, requests; print(sys.version_info[:2], requests.__version__, sys.executable)";
    for user in [
        "",
        "--user=0:0",
        "--user=1234:5678",
        "--user=1001:1001",
        "--user=1234",
    ] {
        let options: &[&str] = if user.is_empty() { &[] } else { &[user] };
        let printed = run(options, &["python", "-c", IMPORT]);
        assert_eq!(printed, "(3, 9) 2.25.1 /opt/conda/bin/python", "{user}");
        assert_eq!(
            run(options, &["sh", "-c", PROBE]).trim_end(),
            probed(true).trim_end(),
            "{user}"
        );
        // Into the populated prefix, over what is there, and out again.
        let installed = run(
            options,
            &[
                "sh",
                "-c",
                "micromamba install --quiet --yes --channel conda-forge hello-noarch six >&2 && hello-noarch \
                 && micromamba remove --quiet --yes hello-noarch >&2 && test ! -e /opt/conda/bin/hello-noarch",
            ],
        );
        assert_eq!(installed, "hello from noarch python", "{user}");
    }

    // Every way into a container that runs, without the entrypoint. A program that no shell starts, and a plain sh,
    // get PATH and the variables.
    let container = docker(&["run", "--detach", "--entrypoint", "sleep", &image, "600"]);
    let shells: [(&[&str], bool); 10] = [
        (&["sh", "-c", PROBE], false),
        (&["sh", "-lc", PROBE], true),
        (&["bash", "-c", PROBE], true),
        (&["bash", "-lc", PROBE], true),
        (&["bash", "-ic", PROBE], true),
        (&["env", "bash", "-euo", "pipefail", "-c", PROBE], true),
        (&["env", "-i", "bash", "-lc", PROBE], true),
        (&["su", "mambauser", "-c", PROBE], true),
        (&["su", "-", "mambauser", "-c", PROBE], true),
        (&["su", "root", "-s", "/bin/sh", "-c", PROBE], false),
    ];
    for (command, activated) in shells {
        let is_su = command[0] == "su";
        let user: &[&str] = if is_su { &["--user", "root"] } else { &[] };
        let printed = docker(&[&["exec"], user, &[&*container], command].concat());
        let mut expected = probed(activated);
        if is_su && command[1] == "-" {
            // su - starts from /etc/environment, in which # begins a comment.
            expected = expected.replace(&format!("\n{}", ODD[4].1), "");
        }
        assert_eq!(printed.trim_end(), expected.trim_end(), "{command:?}");
    }
    let exec = |user: &str, command: &[&str]| {
        docker(&[&["exec", "--user", user, &*container], command].concat())
    };
    assert_eq!(
        exec("1234:5678", &["python", "-c", IMPORT]),
        "(3, 9) 2.25.1 /opt/conda/bin/python"
    );

    // The spec's own name activates it, and so does base.
    for name in ["science", "base"] {
        let script = format!("micromamba deactivate; micromamba activate {name} && {PROBE}");
        let printed = exec("mambauser", &["bash", "-c", &script]);
        assert!(
            printed.contains("/bin/python\n/opt/conda"),
            "{name}: {printed}"
        );
    }
    for name in ["conda", "mamba"] {
        let script = format!("{name} install x; echo $?");
        let printed = exec("mambauser", &["sh", "-c", &format!("({script}) 2>&1")]);
        assert_eq!(
            printed,
            format!(
                "{name} is not in this image: type micromamba instead, with the same arguments\n1"
            )
        );
    }

    // Nothing of the package cache is in the image, and nothing in a value ran.
    let found = exec(
        "root",
        &[
            "sh",
            "-c",
            "find / -xdev \\( -name '*.conda' -o -name '*.tar.bz2' -o -name urls.txt -o -name 'repodata*' -o -name 'pwned*' \\); \
             find /opt/conda/pkgs /var/cache/mmdev /root/.mamba /root/.cache /home -mindepth 1 -path '*pkgs/*' 2> /dev/null; true",
        ],
    );
    assert_eq!(found, "");
    docker(&["rm", "--force", &container]);
}

#[test]
fn packages_on_the_command_line() {
    let place = Place::new(Project::new().file("mmdev.toml", LEAN));
    place
        .mmdev(&["init", "-q", "python=3.9.1", "requests=2.25.1"])
        .success();
    let printed = place.printed(&[
        "python",
        "-c",
        "import requests; print(requests.__version__)",
    ]);
    assert_eq!(printed, "2.25.1\n");
    let spec = place.project.read("env.yaml");
    for line in ["  - python=3.9.1\n", "  - requests=2.25.1\n"] {
        assert!(spec.contains(line), "{spec}");
    }
}

#[test]
fn two_environments() {
    let place = Place::new(
        Project::new()
            .file("train.yaml", "channels: [conda-forge]\ndependencies: [hello-compiled, activation]\nvariables: {MODE: train}\n")
            .file("serve.yaml", "channels: [conda-forge]\ndependencies: [prefix-text]\n")
            .file("mmdev.toml", LEAN),
    );
    place
        .mmdev(&[
            "generate",
            "-q",
            "--env",
            "train=train.yaml",
            "--env",
            "serve=serve.yaml",
        ])
        .success();
    place.mmdev(&["build", "-q"]).success();
    let image = place.image();
    let script = "echo $CONDA_PREFIX $CONDA_DEFAULT_ENV $MMDEV_TEST_ACTIVATED $MODE; hello-compiled; prefix-text";
    let run = |options: &[&str]| {
        let printed = docker(
            &[
                &["run", "--rm"],
                options,
                &[&*image, "sh", "-c", &format!("({script}) 2>&1 || true")],
            ]
            .concat(),
        );
        printed
            .lines()
            .map(|line| line.rsplit(": ").next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let train = [
        "/opt/conda/envs/train train /opt/conda/envs/train train",
        "hello from C",
        "not found",
    ];
    let serve = [
        "/opt/conda/envs/serve serve",
        "not found",
        "/opt/conda/envs/serve",
    ];
    assert_eq!(run(&[]), train);
    assert_eq!(run(&["--env", "ENV_NAME=serve"]), serve);
    assert_eq!(
        run(&["--env", "ENV_NAME=serve", "--user", "1234:5678"]),
        serve
    );

    // What somebody has set is not the other environment's.
    let chosen = ["--env", "ENV_NAME=serve", "--env", "MODE=mine"];
    assert_eq!(run(&chosen)[0], format!("{} mine", serve[0]));

    // The choice of one call changes neither image nor container.
    assert_eq!(place.printed(&["hello-compiled"]), "hello from C\n");
    let containers = place.containers();
    let run = place
        .mmdev(&["run", "-q", "--env", "serve", "--", "prefix-text"])
        .success();
    assert_eq!(
        (&*run.stdout, &*run.stderr),
        ("/opt/conda/envs/serve\n", "")
    );
    assert_eq!(place.containers(), containers);
}
