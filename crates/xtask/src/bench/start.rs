//! How long a hook or a person waits for the command line, beside yamllint.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::figures::{Report, Row};
use super::{Place, seconds, take_turns};
use crate::shell::{python_environment, read, run, workspace};

/// The linter of YAML that pre-commit hooks use.
pub(super) const YAMLLINT: &str = "yamllint==1.38.0";

/// Pairs of runs for one row.
const ROUNDS: usize = 100;

/// Measures `--version`, and the check of one file.
pub(super) fn measure(place: &Place) -> Result<Report> {
    let yamllint = yamllint(place)?;
    let file = place.work.join("env.yaml");
    fs::copy(workspace().join("docs/examples/quickstart/env.yaml"), &file)?;
    let milliseconds = |program, arguments: &[&str]| -> Result<f64> {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&place.work).env_clear();
        Ok(1000.0 * seconds(command.env("LANG", "C.UTF-8"))?)
    };
    let row = |arguments: [&[&str]; 2]| -> Result<Row> {
        let pairs = take_turns(
            ROUNDS,
            |_| milliseconds(&place.mmdev, arguments[0]),
            |_| milliseconds(&yamllint, arguments[1]),
        )?;
        Ok(Row::pairs(
            format!("`{}`", arguments[0].join(" ")),
            "ms",
            &pairs,
        ))
    };
    let python = read(Command::new(yamllint.with_file_name("python")).arg("--version"))?;
    Ok(Report {
        title: "start".to_owned(),
        peer: format!("{} ({python})", YAMLLINT.replace("==", " ")),
        notes: vec![format!("{ROUNDS} pairs; median, and the middle half.")],
        rows: vec![
            row([&["--version"], &["--version"]])?,
            row([&["check", "env.yaml"], &["env.yaml"]])?,
        ],
    })
}

/// Installs yamllint into an environment of its own, and gives the program.
pub(super) fn yamllint(place: &Place) -> Result<PathBuf> {
    let environment = place.tools.join(YAMLLINT);
    let program = environment.join("bin/yamllint");
    if !program.exists() {
        run(python_environment(&environment)?.args(["install", YAMLLINT]))?;
    }
    Ok(program)
}
