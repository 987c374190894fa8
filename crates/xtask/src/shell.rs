//! Running programs and saying what is done and how long it took.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// The workspace's root folder.
pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .and_then(Path::parent)
        .unwrap_or(Path::new("."))
}

/// Says a line of progress.
pub(crate) fn say(line: impl AsRef<str>) {
    // A closed pipe must not stop the work.
    let _ = writeln!(std::io::stdout(), "xtask: {}", line.as_ref());
}

/// Does one step of the work, saying its name before and its time after.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    say(format!("{name} …"));
    let start = Instant::now();
    let result = work();
    let seconds = start.elapsed().as_secs_f64();
    let outcome = if result.is_ok() { "done" } else { "FAILED" };
    say(format!("{name}: {outcome} in {seconds:.1} s"));
    result.with_context(|| format!("step failed: {name}"))
}

/// Runs a program to its end with its output shown; a failure is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot run {}", command.get_program().display()))?;
    if !status.success() {
        bail!("`{}` ended with {status}", shown(command));
    }
    Ok(())
}

/// Runs a program and gives what it wrote to standard output, trimmed.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run {}", command.get_program().display()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!(
            "`{}` ended with {}: {}",
            shown(command),
            output.status,
            said.trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether a program can be run and says that all is well.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Where a program lies on PATH, or in the folders that only root has there.
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// A command that runs as root: directly, or through sudo.
pub(crate) fn as_root(program: impl AsRef<OsStr>) -> Command {
    if is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.arg(program);
    command
}

/// Whether this process is root's.
pub(crate) fn is_root() -> bool {
    read(Command::new("id").arg("-u")).is_ok_and(|id| id == "0")
}

/// The cargo that runs us.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(workspace());
    command
}

/// The pip of this machine's Python, with its first arguments.
pub(crate) fn pip(arguments: &[&str]) -> Command {
    let mut command = Command::new("python3");
    command
        .args(["-m", "pip", "--quiet", "--disable-pip-version-check"])
        .env("PIP_ROOT_USER_ACTION", "ignore")
        .args(arguments);
    command
}

/// Makes an empty Python environment in `folder`, and gives the pip that
/// installs into it.
pub(crate) fn python_environment(folder: &Path) -> Result<Command> {
    run(Command::new("python3")
        // Debian keeps the pip of new environments in a package of its own.
        .args(["-m", "venv", "--without-pip"])
        .arg(folder))?;
    let mut pip = pip(&["--python"]);
    pip.arg(folder.join("bin/python"));
    Ok(pip)
}

fn shown(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|part| part.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
