//! Which lifecycle commands run when, and how it is remembered that they ran.
//!
//! The devcontainer CLI and VS Code keep marker files in `$HOME/.devcontainer` of the remote user: one per stage,
//! holding the creation or start time of the container. mmdev keeps the same ones, so that no stage runs twice,
//! whoever started the container.

use super::config::{DevContainer, WaitFor};

pub use super::command::{LifecycleCommand, Process, Stage, Stamp};

/// One stage to run, if its marker says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The stage.
    pub stage: Stage,
    /// The commands, one after the other; processes within one run at the same time.
    pub commands: Vec<LifecycleCommand>,
    /// Whether the container counts as ready only after this.
    pub blocking: bool,
}

/// The stages of a container that is up, in order. A stage without a command is there as well: its marker is written
/// all the same. The first command that fails ends everything that comes after it.
pub fn steps(config: &DevContainer) -> Vec<Step> {
    let wait_for = config
        .wait_for
        .unwrap_or(WaitFor::Stage(Stage::UpdateContent));
    Stage::ALL
        .into_iter()
        .map(|stage| Step {
            stage,
            commands: config
                .lifecycle
                .iter()
                .filter(|(of, _)| *of == stage)
                .map(|(_, command)| command.clone())
                .collect(),
            blocking: WaitFor::Stage(stage) <= wait_for,
        })
        .collect()
}

/// The folder of the marker files of a user with this home.
pub fn marker_folder(home: &str) -> String {
    format!("{}/.devcontainer", home.trim_end_matches('/'))
}

/// A process, to be run as the remote user, that ends with 0 when the stage has to run, and has written its marker
/// then; with another status when it ran already, or the marker cannot be written. `time` is exactly what the engine
/// says (RFC 3339 with nanoseconds, trailing zeros cut). An empty marker counts as "ran already".
pub fn claim(home: &str, stage: Stage, time: &str) -> Vec<String> {
    let folder = marker_folder(home);
    let script = r#"mkdir -p "$1" && content=$(cat "$2" 2>/dev/null || echo absent) && [ -n "$content" ] && [ "$content" != "$3" ] && printf '%s\n' "$3" > "$2""#;
    [
        "/bin/sh",
        "-c",
        script,
        "mmdev",
        &folder,
        &marker(home, stage),
        time,
    ]
    .map(str::to_owned)
    .to_vec()
}

/// A process, to be run as the remote user, that takes the claim of a stage back: it was interrupted, and has to run.
pub fn give_back(home: &str, stage: Stage) -> Vec<String> {
    ["rm", "-f", &marker(home, stage)]
        .map(str::to_owned)
        .to_vec()
}

fn marker(home: &str, stage: Stage) -> String {
    format!("{}/.{}Marker", marker_folder(home), stage.property())
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(text: &str, expected: Expect) {
        let (file, diagnostics) = super::super::config::read(text);
        assert_eq!(diagnostics, []);
        let (config, _) = DevContainer::lower(&file.properties);
        let shown: String = steps(&config)
            .iter()
            .map(|step| {
                let commands: Vec<_> = step
                    .commands
                    .iter()
                    .map(|command| {
                        command
                            .processes()
                            .iter()
                            .map(|process| {
                                let name = process.name.as_deref().map(|name| format!("{name}: "));
                                format!("{}{:?}", name.unwrap_or_default(), process.arguments)
                            })
                            .collect::<Vec<_>>()
                            .join(" & ")
                    })
                    .collect();
                let blocking = if step.blocking { " (wait)" } else { "" };
                format!(
                    "{}{blocking} {}\n",
                    step.stage.property(),
                    commands.join(" ; ")
                )
            })
            .collect();
        expected.assert_eq(&shown);
    }

    #[test]
    fn commands_run_in_all_three_forms() {
        check(
            r#"{
                "postStartCommand": "echo a && echo b",
                "onCreateCommand": ["pip", "install", "-e", "."],
                "postCreateCommand": {"x": "make", "y": ["ls", "-l"]},
                "postAttachCommand": "  "
            }"#,
            expect![[r#"
                onCreateCommand (wait) ["pip", "install", "-e", "."]
                updateContentCommand (wait) 
                postCreateCommand x: ["/bin/sh", "-c", "make"] & y: ["ls", "-l"]
                postStartCommand ["/bin/sh", "-c", "echo a && echo b"]
                postAttachCommand 
            "#]],
        );
    }

    #[test]
    fn wait_for_moves_the_line() {
        check(
            r#"{"waitFor": "initializeCommand", "postCreateCommand": "make"}"#,
            expect![[r#"
                onCreateCommand 
                updateContentCommand 
                postCreateCommand ["/bin/sh", "-c", "make"]
                postStartCommand 
                postAttachCommand 
            "#]],
        );
        check(
            r#"{"waitFor": "postStartCommand"}"#,
            expect![[r#"
                onCreateCommand (wait) 
                updateContentCommand (wait) 
                postCreateCommand (wait) 
                postStartCommand (wait) 
                postAttachCommand 
            "#]],
        );
    }

    #[test]
    fn markers_are_named_as_the_devcontainer_cli_names_them() {
        let claim = claim("/home/me/", Stage::OnCreate, "2026-11-23T21:34:16.5Z");
        expect!["/home/me/.devcontainer/.onCreateCommandMarker"].assert_eq(&claim[5]);
        expect!["2026-11-23T21:34:16.5Z"].assert_eq(&claim[6]);
        assert_eq!(Stage::PostCreate.stamp(), Some(Stamp::Created));
        assert_eq!(Stage::PostStart.stamp(), Some(Stamp::Started));
        assert_eq!(Stage::PostAttach.stamp(), None);
    }
}
