//! Every way into a container, and what of the environment is there: one table. docs/guide/users.md says it for people.

use std::io::Write as _;
use std::process::{Command, Stdio};

use expect_test::expect_file;
use mmdev_testkit::{Image, Project, build, docker, world};

use crate::devcontainer_cli::Folder;

/// What is asked of every way, a column each. [`PROBE`] answers the first ones.
const COLUMNS: [&str; 5] = ["python", "activate.d", "variables", "CONDA_*", "activate"];

/// A program that prints what it sees.
const PROBE: &str = include_str!("probe.sh");

/// The same for a shell of any kind, which is asked to change to another environment, too: that one has the program.
const SHELL: &str = "probe; micromamba activate other > /dev/null 2>&1; prefix-text";

const SPEC: &str = "channels: [conda-forge]
dependencies: [python=3.11, activation]
variables: { SAID: 'it''s 5$ \"x\" \\y \\\\ z' }
";

const SETTINGS: &str = r#"
development-packages = ["fish", "sudo", "zsh"]
[dockerfile]
after = [
  "RUN echo 'ALL ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/all",
  "RUN umask 000 && micromamba create -qy -n other -c conda-forge prefix-text",
  "RUN probe > /run-shell",
  'RUN ["/bin/sh", "-c", "probe > /run-exec"]',
]
"#;

/// What the Features of dev containers find when they are installed, and the lifecycle commands.
const FEATURE: &str = r#"{ "id": "probing", "version": "1.0.0", "name": "Probing" }"#;
const INSTALL: &str =
    "#!/bin/sh\nprobe > /feature\nbash -c probe > /feature-bash\nbash -lc probe > /feature-login\n";
const LIFECYCLE: &str = r#""onCreateCommand": "probe > string",
  "updateContentCommand": ["sh", "-c", "probe > array"],
  "postCreateCommand": { "one": "probe > object", "two": ["sh", "-c", "probe > object-array"] },
  "#;

/// The table, row by row.
struct Table(String);

impl Table {
    fn new() -> Self {
        Table(format!("{:<80}{}\n", "", COLUMNS.join("  ")))
    }

    fn head(&mut self, text: &str) {
        self.0.push_str(&format!("\n{text}\n"));
    }

    /// One way and what it printed. `shell` is whether [`SHELL`] was asked.
    #[track_caller]
    fn row(&mut self, way: &str, shell: bool, printed: &str) {
        let Some((_, answers)) = printed.rsplit_once("probed:") else {
            panic!("{way}: {printed}");
        };
        let mut lines = answers.lines();
        let mut cells: Vec<&str> = lines
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        if shell {
            let other = lines.any(|line| line.trim() == "/opt/conda/envs/other");
            cells.push(if other { "yes" } else { "no" });
        }
        let mut line = format!("  {way:<78}");
        for (column, cell) in COLUMNS.iter().zip(cells) {
            line.push_str(&format!("{cell:<width$}", width = column.len() + 2));
        }
        self.0.push_str(line.trim_end());
        self.0.push('\n');
    }
}

/// What a command of `docker` prints, however it ends.
fn printed(arguments: &[&str]) -> String {
    let output = Command::new("docker").args(arguments).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    format!("{errors}{}", String::from_utf8_lossy(&output.stdout))
}

/// What is on a terminal in which a person types `lines` to a program.
fn typed(mut script: Command, lines: &str) -> String {
    let mut child = script
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    drop(input);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A base image with the probe and one more user, and a project whose image has every shell and another environment.
fn project() -> (Image, Folder) {
    let base = Image::new("probing");
    let dockerfile = format!(
        "FROM {}\nCOPY --chmod=755 probe.sh /usr/local/bin/probe\nUSER root\nRUN useradd -l -m -s /bin/bash -u 1300 other\nUSER $MAMBA_USER\n",
        world().conda_forge_base()
    );
    let context = Project::new()
        .file("Dockerfile", &dockerfile)
        .file("probe.sh", PROBE);
    let mut docker = context.command("docker", ["build", "--quiet", "--tag", base.tag(), "."]);
    context.run(docker.env("DOCKER_BUILDKIT", "1")).success();
    let settings = format!("base-image = \"{}\"\n{SETTINGS}", base.tag());
    let mut folder = Folder::new(&[
        ("env.yaml", SPEC),
        ("mmdev.toml", &settings),
        (".devcontainer/probing/devcontainer-feature.json", FEATURE),
        (".devcontainer/probing/install.sh", INSTALL),
    ]);
    folder.base = base.tag().to_owned();
    (base, folder)
}

/// The image that `mmdev build` has made.
fn image(folder: &Folder) -> String {
    let container = folder.container();
    let name = docker(&["inspect", "--format", "{{.Config.Image}}", &container]);
    let filter = "label=dev.mmdev.project";
    let all = docker(&[
        "images",
        "--format",
        "{{.Repository}}:{{.Tag}}",
        "--filter",
        filter,
    ]);
    let repository = name.split(':').next().unwrap();
    let mut own = all
        .lines()
        .filter(|tag| tag.starts_with(repository) && !tag.contains("-uid-"));
    own.next()
        .unwrap_or_else(|| panic!("{name}: {all}"))
        .to_owned()
}

#[test]
fn the_environment_is_there_whichever_way_one_comes() {
    let (_base, folder) = project();
    folder.mmdev(&["generate"]).success();
    folder.edit(".devcontainer/devcontainer.json", |text| {
        text.replacen('{', &format!("{{\n  {LIFECYCLE}"), 1)
    });
    folder.mmdev(&["up"]).success();
    let mut table = Table::new();
    let container = folder.container();
    builds_and_runs(&mut table, &image(&folder));
    ways_into_a_container(&mut table, &container);

    table.head("with ENV_NAME=other, which leaves nothing of the environment that the image names");
    for command in [
        &["/usr/local/bin/_entrypoint.sh", "bash", "-c", SHELL][..],
        &["bash", "-lc", SHELL],
        &["bash", "-ic", SHELL],
        &["sh", "-lc", SHELL],
        &["zsh", "-c", SHELL],
        &["fish", "-c", SHELL],
    ] {
        let said = printed(&[&["exec", "--env=ENV_NAME=other", &container], command].concat());
        row_of_command(&mut table, "", command, &said);
    }
    let said = folder
        .mmdev(&["run", "--env=other", "bash", "-c", SHELL])
        .stdout;
    table.row("mmdev run --env=other bash -c …", true, &said);
    let shell = folder.mmdev_command(&["shell", "--env=other"]);
    table.row(
        "mmdev shell --env=other",
        true,
        &typed(in_terminal(&shell), &format!("{SHELL}\nexit\n")),
    );

    table.head("mmdev up");
    lifecycle(&mut table, &folder);
    table.row(
        "mmdev run probe",
        false,
        &folder.mmdev(&["run", "probe"]).stdout,
    );
    let said = folder.mmdev(&["run", "bash", "-c", SHELL]).stdout;
    table.row("mmdev run bash -c …", true, &said);
    let shell = folder.mmdev_command(&["shell"]);
    table.row(
        "mmdev shell",
        true,
        &typed(in_terminal(&shell), &format!("{SHELL}\nexit\n")),
    );
    folder.mmdev(&["down"]).success();

    table.head("devcontainer up");
    folder.edit(".devcontainer/devcontainer.json", |text| {
        text.replacen('{', "{\n  \"features\": { \"./probing\": {} },", 1)
    });
    folder.mmdev_beside_the_cli(&["up"]).success();
    for (way, file) in [
        ("install.sh of a Feature", "/feature"),
        ("install.sh of a Feature: bash -c", "/feature-bash"),
        ("install.sh of a Feature: bash -lc", "/feature-login"),
    ] {
        table.row(way, false, &folder.exec(&["cat", file]));
    }
    lifecycle(&mut table, &folder);
    table.row("devcontainer exec probe", false, &folder.exec(&["probe"]));
    table.row(
        "devcontainer exec bash -c …",
        true,
        &folder.exec(&["bash", "-c", SHELL]),
    );
    expect_file!["table.txt"].assert_eq(&table.0);
}

/// What the lifecycle commands have written down.
fn lifecycle(table: &mut Table, folder: &Folder) {
    for (way, file) in [
        ("a lifecycle command, a string", "string"),
        ("a lifecycle command, an array", "array"),
        ("lifecycle commands, an object: a string in it", "object"),
        (
            "lifecycle commands, an object: an array in it",
            "object-array",
        ),
    ] {
        table.row(way, false, &folder.project.read(file));
        folder.remove(file);
    }
}

/// The command on a terminal, which `script` makes.
fn in_terminal(command: &Command) -> Command {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<String> = words.map(|word| format!("'{}'", word.display())).collect();
    let mut script = Command::new("script");
    script.args(["-qfec", &words.join(" "), "/dev/null"]);
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => script.env(name, value),
            None => script.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        script.current_dir(folder);
    }
    script
}

fn builds_and_runs(table: &mut Table, image: &str) {
    table.head("in a build");
    for (way, file) in [
        ("RUN probe", "/run-shell"),
        ("RUN [\"/bin/sh\", \"-c\", \"probe\"]", "/run-exec"),
    ] {
        table.row(
            way,
            false,
            &docker(&["run", "--rm", "--entrypoint=", image, "cat", file]),
        );
    }
    let derived = Image::new("derived");
    let of = |lines: &str| build(derived.tag(), &format!("FROM {image}\n{lines}\n"));
    for argument in ["", "=1", "=0"] {
        let line = match argument {
            "" => String::new(),
            value => format!("ARG MAMBA_DOCKERFILE_ACTIVATE{value}\n"),
        };
        of(&format!("USER root\n{line}RUN probe > /derived"));
        let said = docker(&[
            "run",
            "--rm",
            "--entrypoint=",
            derived.tag(),
            "cat",
            "/derived",
        ]);
        table.row(
            &format!("FROM it, {line}RUN probe").replace('\n', ", "),
            false,
            &said,
        );
    }

    table.head("a container's own program");
    for (lines, arguments) in [
        (r#"CMD ["probe"]"#, &[][..]),
        ("CMD probe", &[]),
        (
            r#"ENTRYPOINT ["/usr/local/bin/_entrypoint.sh", "bash", "-c"]"#,
            &[SHELL],
        ),
        (r#"ENTRYPOINT ["probe"]"#, &[]),
        ("ENTRYPOINT probe", &[]),
    ] {
        of(lines);
        let said = printed(&[&["run", "--rm", derived.tag()], arguments].concat());
        table.row(lines, !arguments.is_empty(), &said);
    }
    for (options, command) in [
        ("", &["probe"][..]),
        ("", &["sh", "-c", SHELL]),
        ("", &["bash", "-c", SHELL]),
        ("--user 12345:100", &["bash", "-c", SHELL]),
        (
            "--read-only --user 12345:100 -e HOME=/tmp/h",
            &["bash", "-c", SHELL],
        ),
        ("-e MAMBA_SKIP_ACTIVATE=1", &["probe"]),
        ("-e MAMBA_SKIP_ACTIVATE=1", &["bash", "-c", SHELL]),
        ("-e MAMBA_SKIP_ACTIVATE=1", &["bash", "-ic", SHELL]),
        ("--entrypoint=", &["probe"]),
        ("--entrypoint=", &["sh", "-c", SHELL]),
        ("--entrypoint=", &["bash", "-c", SHELL]),
        ("--entrypoint= --user 12345:100", &["bash", "-c", SHELL]),
        (
            "--entrypoint= --read-only --user 12345:100 -e HOME=/tmp/h",
            &["bash", "-c", SHELL],
        ),
    ] {
        let words: Vec<&str> = ["run", "--rm"]
            .into_iter()
            .chain(options.split_whitespace())
            .collect();
        let said = printed(&[&words[..], &[image], command].concat());
        row_of_command(table, &format!("docker run {options}"), command, &said);
    }
    let lines = format!("{SHELL}\nexit\n");
    for options in ["-it", "-it --entrypoint=/bin/bash"] {
        let mut script = Command::new("script");
        script.args([
            "-qfec",
            &format!("docker run --rm {options} {image}"),
            "/dev/null",
        ]);
        table.row(
            &format!("docker run {options}"),
            true,
            &typed(script, &lines),
        );
    }
}

fn row_of_command(table: &mut Table, before: &str, command: &[&str], said: &str) {
    let is_shell = command.last() == Some(&SHELL);
    let words = if is_shell {
        &command[..command.len() - 1]
    } else {
        command
    };
    let way = format!(
        "{} {}{}",
        before.trim(),
        words.join(" "),
        if is_shell { " …" } else { "" }
    );
    table.row(way.trim(), is_shell, said);
}

fn ways_into_a_container(table: &mut Table, container: &str) {
    let mut rows = |user: &str, before: &str, commands: &[&[&str]]| {
        for command in commands {
            let user = if user.is_empty() {
                vec![]
            } else {
                vec!["--user", user]
            };
            let said = printed(&[&["exec"], &user[..], &[container], command].concat());
            row_of_command(table, before, command, &said);
        }
    };
    rows("", "docker exec", &[&["probe"], &["bash", "-c", SHELL]]);
    rows(
        "other",
        "docker exec -u other",
        &[&["probe"], &["bash", "-c", SHELL]],
    );
    rows(
        "12345:100",
        "docker exec -u 12345:100",
        &[&["probe"], &["bash", "-c", SHELL]],
    );
    for shell in ["bash", "sh", "zsh", "fish"] {
        // With `bash -lic` VS Code finds out what its tools are to see.
        for flag in ["-c", "-lc", "-ic", "-lic"] {
            rows("", "", &[&[shell, flag, SHELL]]);
        }
    }
    rows(
        "root",
        "root:",
        &[
            &["su", "mambauser", "-c", SHELL],
            &["su", "-", "mambauser", "-c", SHELL],
            &["su", "other", "-c", SHELL],
            &["sudo", "-u", "other", "probe"],
            &["sudo", "-u", "other", "bash", "-c", SHELL],
            &["sudo", "-iu", "other", "probe"],
        ],
    );
    rows(
        "mambauser",
        "",
        &[
            &["sudo", "probe"],
            &["sudo", "bash", "-c", SHELL],
            &["sudo", "-i", "probe"],
        ],
    );
    rows(
        "",
        "",
        &[
            &["env", "-i", "sh", "-c", SHELL],
            &["env", "-i", "bash", "-c", SHELL],
            &["env", "-i", "bash", "-lc", SHELL],
            &[
                "env",
                "-i",
                "BASH_ENV=/usr/local/bin/_mmdev_activate.sh",
                "bash",
                "-c",
                SHELL,
            ],
        ],
    );
}
