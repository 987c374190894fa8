//! External subcommands: `mmdev foo` runs the program `mmdev-foo`, as Cargo and Git do.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::environment;
use crate::error::{Error, Result, Status};
use crate::printer::{LITERAL, Printer};

/// A command in the list.
#[derive(Debug)]
pub(crate) struct Listed {
    /// What is typed after `mmdev`.
    pub(crate) name: String,
    /// What it does.
    pub(crate) about: String,
}

/// Lists the built-in commands and the external ones.
pub(crate) fn list(printer: &Printer, built_in: &[Listed]) -> Result {
    let external = on_path();
    let width = built_in
        .iter()
        .map(|command| command.name.len())
        .chain(external.keys().map(String::len))
        .max()
        .unwrap_or_default();
    let mut lines = String::new();
    for Listed { name, about } in built_in {
        printer.message(&crate::json::Message::Command {
            name,
            about: Some(about),
            path: None,
        });
        lines.push_str(&format!("    {LITERAL}{name:width$}{LITERAL:#}  {about}\n"));
    }
    for (name, path) in external {
        let path = path.to_string_lossy();
        printer.message(&crate::json::Message::Command {
            name: &name,
            about: None,
            path: Some(&path),
        });
        lines.push_str(&format!("    {LITERAL}{name:width$}{LITERAL:#}  {path}\n"));
    }
    printer.result(&lines);
    Ok(Status::Done)
}

/// Runs `mmdev-NAME` with the rest of the words. On Unix it takes this process's place.
pub(crate) fn run(words: &[OsString], built_in: &[Listed]) -> Result {
    let Some((name, arguments)) = words.split_first() else {
        return Err(Error::invocation("a command is missing").with_hint("mmdev --list"));
    };
    let external = on_path();
    let Some(path) = name.to_str().and_then(|name| external.get(name)) else {
        return Err(unknown(name, built_in, external.into_keys()));
    };
    let mut command = Command::new(path);
    command.args(arguments);
    if let Ok(own) = std::env::current_exe() {
        command.env(environment::PROGRAM, own);
    }
    replace_by(command).map_err(|error| {
        Error::world(anyhow::Error::new(error).context(format!("cannot run {}", path.display())))
    })
}

#[cfg(unix)]
fn replace_by(mut command: Command) -> std::io::Result<Status> {
    use std::os::unix::process::CommandExt;
    Err(command.exec())
}

#[cfg(not(unix))]
fn replace_by(mut command: Command) -> std::io::Result<Status> {
    let code = command.status()?.code().unwrap_or(1);
    Ok(Status::Program(u8::try_from(code).unwrap_or(1)))
}

fn unknown(name: &OsStr, built_in: &[Listed], external: impl Iterator<Item = String>) -> Error {
    let name = name.to_string_lossy();
    let nearest = built_in
        .iter()
        .map(|command| command.name.clone())
        .chain(external)
        .map(|candidate| (strsim::jaro_winkler(&candidate, &name), candidate))
        .filter(|(similarity, _)| *similarity > 0.75)
        .max_by(|left, right| left.0.total_cmp(&right.0));
    let mut error = Error::invocation(format!("there is no command `{name}`"));
    if let Some((_, nearest)) = nearest {
        error = error.with_hint(format!("did you mean `mmdev {nearest}`?"));
    }
    error.with_hint(format!(
        "list the commands: mmdev --list; a program mmdev-{name} on PATH would be run"
    ))
}

/// The programs `mmdev-NAME` on PATH by NAME; the first of a name wins, as in a shell.
fn on_path() -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    let Some(path) = std::env::var_os(environment::PATH) else {
        return found;
    };
    for folder in std::env::split_paths(&path) {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            let file = entry.file_name();
            let Some(name) = file.to_str().and_then(command_name) else {
                continue;
            };
            if is_program(&entry.path()) {
                found.entry(name.to_owned()).or_insert_with(|| entry.path());
            }
        }
    }
    found
}

fn command_name(file: &str) -> Option<&str> {
    let name = file.strip_prefix("mmdev-")?;
    let name = name.strip_suffix(std::env::consts::EXE_SUFFIX)?;
    (!name.is_empty()).then_some(name)
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path)
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}
