//! Handing work over to the `devcontainer` program: what mmdev leaves to it.

use std::process::Command;

use super::doctor::on_path;
use crate::error::{Error, Result, Status};
use crate::printer::Printer;
use crate::target::Target;

/// What mmdev does not do itself is the `devcontainer` program's work, whole: `subcommand` of it is run, and how it
/// ended is returned. `None` where mmdev does it all.
pub(crate) fn hand_over(
    printer: &Printer,
    target: &Target,
    subcommand: &str,
    arguments: &[&str],
) -> Result<Option<Status>> {
    let Some(mut command) = devcontainer(printer, target, subcommand)? else {
        return Ok(None);
    };
    let status = command.args(arguments).status().map_err(not_run)?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(Some(Status::Program(code.unwrap_or(3))))
}

/// The `devcontainer` program with `subcommand`, for what mmdev does not do itself, which is said. `None` where mmdev
/// does it all.
pub(crate) fn devcontainer(
    printer: &Printer,
    target: &Target,
    subcommand: &str,
) -> Result<Option<Command>> {
    let left = target.left_to_others();
    if left.is_empty() {
        return Ok(None);
    }
    let what = left.join(", ");
    if !on_path("devcontainer") {
        return Err(Error::problem(format!(
            "devcontainer.json asks for {what}, which mmdev leaves to the devcontainer program, and that is not on PATH"
        ))
        .with_hint("npm install -g @devcontainers/cli")
        .with_hint("or open the folder in VS Code: F1 → Reopen in Container"));
    }
    printer.status(
        "Handing over",
        &format!("to the devcontainer program: {what}"),
    );
    let mut command = Command::new("devcontainer");
    command.args([subcommand, "--workspace-folder", &target.local_folder]);
    Ok(Some(command))
}

/// The error of a `devcontainer` program that cannot be started.
pub(crate) fn not_run(error: std::io::Error) -> Error {
    Error::world(anyhow::Error::new(error).context("cannot run devcontainer"))
}
