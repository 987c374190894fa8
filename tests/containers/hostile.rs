//! Names, URLs, variables and settings that would like to be commands: they are refused, or passed on as they are.

use mmdev_testkit::{Finished, Project, docker};

use crate::support::{LEAN, Place};

/// Each of these would make a file if a shell read it.
const COMMANDS: [&str; 7] = [
    "x; touch /pwned",
    "x && touch /pwned",
    "$(touch /pwned)",
    "`touch /pwned`",
    "x | tee /pwned",
    "x\\nRUN touch /pwned",
    "x' \\\" && touch /pwned #",
];

/// Nothing is generated from it, and the spec's place is named.
#[track_caller]
fn refused(place: &Place, finished: &Finished, file: &str, what: &str) {
    assert_eq!(finished.code, Some(1), "{what}\n{}", finished.stderr);
    assert!(
        finished.stderr.contains(&format!("--> {file}:")),
        "{what}\n{}",
        finished.stderr
    );
    let dockerfile = place.project.root().join(".devcontainer/mmdev/Dockerfile");
    assert!(!dockerfile.exists(), "{what}");
}

#[test]
fn what_is_no_name_is_refused() {
    for command in COMMANDS {
        for spec in [
            format!("dependencies: [\"{command}\"]\n"),
            format!("name: \"{command}\"\ndependencies: [numpy]\n"),
            format!("dependencies: [pip, {{pip: [\"{command}\"]}}]\n"),
        ] {
            let place = Place::on(Project::new().file("env.yaml", &spec), "debian");
            refused(&place, &place.mmdev(&["generate"]), "env.yaml", &spec);
        }
        let toml = command.replace('\'', "").replace("\\\"", "");
        for settings in [
            format!("base-image = \"{toml}\"\n"),
            format!("system-packages = [\"{toml}\"]\n"),
            format!("development-packages = [\"{toml}\"]\n"),
            format!("[environments]\n\"{toml}\" = \"env.yaml\"\n"),
        ] {
            let project = Project::new()
                .file(
                    "env.yaml",
                    "channels: [conda-forge]\ndependencies: [numpy]\n",
                )
                .file("mmdev.toml", &settings);
            let place = Place::on(project, "debian");
            refused(&place, &place.mmdev(&["generate"]), "mmdev.toml", &settings);
        }
    }
}

/// Some is taken, with a warning or as it is, but never into a line that a shell reads.
#[test]
fn what_is_taken_stays_out_of_the_dockerfile() {
    for command in COMMANDS {
        for spec in [
            format!("dependencies: [\"numpy={command}\"]\n"),
            format!("dependencies: [\"numpy=1={command}\"]\n"),
            format!("dependencies: [\"numpy[build='{command}']\"]\n"),
            format!("dependencies: [\"https://example.org/{command}/noarch/a-1-0.conda\"]\n"),
            format!("channels: [\"https://example.org/{command}\"]\ndependencies: [numpy]\n"),
            format!("dependencies: [numpy]\nvariables: {{\"A{command}\": x}}\n"),
            format!(
                "dependencies: [pip, {{pip: [\"--index-url https://example.org/{command}\", x]}}]\n"
            ),
            format!("dependencies: [pip, {{pip: [\"x @ https://example.org/{command}\"]}}]\n"),
        ] {
            let place = Place::on(Project::new().file("env.yaml", &spec), "debian");
            let finished = place.mmdev(&["generate"]);
            if finished.code == Some(1) {
                refused(&place, &finished, "env.yaml", &spec);
                continue;
            }
            finished.success();
            let dockerfile = place.project.read(".devcontainer/mmdev/Dockerfile");
            assert!(!dockerfile.contains("pwned"), "{spec}\n{dockerfile}");
        }
    }
}

/// A build of all that may hold such text, and a container of it, and nothing has run.
#[test]
fn what_may_be_any_text_is_only_text() {
    let values = [
        "x; touch /pwned",
        "$(touch /pwned)",
        "`touch /pwned`",
        "x' \" && touch /pwned #",
        "a\\",
        "$PATH ${PATH} \\$PATH",
    ];
    let mut spec =
        "channels:\n  - conda-forge\ndependencies: [noarch-data]\nvariables:\n".to_owned();
    for (index, value) in values.iter().enumerate() {
        spec.push_str(&format!(
            "  VALUE_{index}: '{}'\n",
            value.replace('\'', "''")
        ));
    }
    let file = "$(touch pwned) && RUN touch /pwned #`touch pwned`; touch pwned.yaml";
    let place = Place::new(Project::new().file(file, &spec).file("mmdev.toml", LEAN));
    place.mmdev(&["generate", "-q", "-f", file]).success();
    place.mmdev(&["up", "-q", "-f", file]).success();
    let mut printed = place
        .mmdev(&[
            "run", "-q", "-f", file, "--", "printenv", "VALUE_0", "VALUE_1", "VALUE_2", "VALUE_3",
            "VALUE_4", "VALUE_5",
        ])
        .success()
        .stdout;
    assert_eq!(printed, values.map(|value| format!("{value}\n")).concat());

    // Arguments of `run` reach the program as they were typed.
    let words = ["a  b", "$(touch /pwned)", "", "*", "-q", "it's \"x\"\n"];
    printed = place
        .mmdev(
            &[
                &["run", "-q", "-f", file, "--", "printf", "[%s]"],
                &words[..],
            ]
            .concat(),
        )
        .success()
        .stdout;
    assert_eq!(printed, words.map(|word| format!("[{word}]")).concat());

    let container = &place.containers()[0];
    let find = "find / -xdev -name 'pwned*' -not -path '/proc/*'";
    assert_eq!(
        docker(&["exec", "--user", "root", container, "sh", "-c", find]),
        ""
    );
    let here: Vec<_> = std::fs::read_dir(place.project.root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert!(!here.iter().any(|name| name == "pwned"), "{here:?}");
}
