//! What git has of a project's files, and what repositories elsewhere have, asked of the program.

use std::path::Path;
use std::time::Duration;

use tokio::process::Command;

use crate::engine;
use crate::environment;
use crate::error::{Error, Result};

/// How long git may take: it reads one file.
const PATIENCE: Duration = Duration::from_secs(20);

/// The text of a file at `path` below `root`, as it is in `revision`; `None` where that has no such file.
pub(crate) fn show(root: &Path, revision: &str, path: &str) -> Result<Option<String>> {
    engine::block_on(engine::interruptible(async {
        // `^{commit}` is what tells a revision from a file's name.
        let commit = format!("{revision}^{{commit}}");
        let verified = git(root, &["rev-parse", "--verify", "--quiet", &commit]).await?;
        if !verified.is_good {
            let reason = verified.said.trim();
            return Err(match reason {
                "" => Error::invocation(format!("git knows no revision `{revision}`"))
                    .with_hint("to compare two files, give both: mmdev diff LOCK_A LOCK_B"),
                _ => {
                    let reason = reason.lines().next().unwrap_or_default();
                    let reason = reason.trim_start_matches("fatal: ");
                    Error::invocation(format!("git says: {reason}"))
                        .with_hint("without a repository, give two files: mmdev diff LOCK_A LOCK_B")
                }
            });
        }
        let file = format!("{revision}:./{path}");
        let shown = git(root, &["show", &file]).await?;
        Ok(shown.is_good.then_some(shown.written))
    }))
}

/// How long a repository elsewhere may take to list what it has.
const DISTANT_PATIENCE: Duration = Duration::from_secs(60);

/// What would make a repository of the caller's, as in a hook of git's, or print what is sent.
const UNWANTED: [&str; 8] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_CURL_VERBOSE",
];

/// Answers what git asks about credentials with those of the environment, which no list of processes shows.
const HELPER: &str = r#"credential.helper=!f() { printf 'username=%s\npassword=%s\n' "$MMDEV_GIT_USER" "$MMDEV_GIT_PASSWORD"; }; f"#;

/// The references of the repository at `url`, as `git ls-remote` lists them, which runs nothing of that repository.
/// `user` is a name and a password for a server. Nobody is asked for anything.
///
/// # Errors
/// Why they cannot be had, in words.
pub(crate) async fn references(
    url: &str,
    user: Option<&(String, String)>,
) -> std::result::Result<String, String> {
    let program = environment::program("git").ok_or("there is no git on PATH")?;
    // The settings of a repository around the caller are not the caller's own.
    let folder = tempfile::Builder::new().prefix("mmdev-git-").tempdir();
    let folder = folder.map_err(|error| format!("there is no place to run git in: {error}"))?;
    let ssh = environment::text("GIT_SSH_COMMAND").unwrap_or_else(|| "ssh".to_owned());
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if UNWANTED.contains(&text.as_ref()) || text.starts_with("GIT_TRACE") {
            command.env_remove(&name);
        }
    }
    if let Some((name, password)) = user {
        // Nor is a helper of the user's told what has served.
        command.args(["-c", "credential.helper=", "-c", HELPER]);
        command.env("MMDEV_GIT_USER", name);
        command.env("MMDEV_GIT_PASSWORD", password);
    }
    command
        .args(["ls-remote", "--", url])
        .current_dir(folder.path())
        .env("GIT_CEILING_DIRECTORIES", std::env::temp_dir())
        // Folders of this machine are none of the container's.
        .env("GIT_ALLOW_PROTOCOL", "https:http:ssh:git")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_ASKPASS", "")
        .env("GIT_SSH_COMMAND", format!("{ssh} -o BatchMode=yes"))
        .env("LC_ALL", "C")
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true);
    let Ok(output) = tokio::time::timeout(DISTANT_PATIENCE, command.output()).await else {
        let limit = DISTANT_PATIENCE.as_secs();
        return Err(format!("git did not answer within {limit} s"));
    };
    let output = output.map_err(|error| format!("git cannot be run: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    // What a server says itself may hold anything.
    let mut lines = said.lines().map(str::trim).filter(|line| {
        !line.is_empty() && !line.starts_with("remote:") && !line.starts_with("warning:")
    });
    let line = lines.next().unwrap_or("it failed");
    let line = line.trim_start_matches("fatal: ");
    let is_text = |char: &char| !char.is_control();
    Err(format!(
        "git says: {}",
        line.chars().filter(is_text).collect::<String>()
    ))
}

struct Output {
    is_good: bool,
    written: String,
    said: String,
}

async fn git(root: &Path, arguments: &[&str]) -> Result<Output> {
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(root)
        .args(arguments)
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true);
    let output = match tokio::time::timeout(PATIENCE, command.output()).await {
        Ok(Ok(output)) => output,
        Ok(Err(error)) => {
            let error = Error::world(anyhow::Error::new(error).context("cannot run git"));
            return Err(error.with_hint("install git, or give two files"));
        }
        Err(_) => {
            return Err(Error::world(anyhow::anyhow!(
                "git did not answer within {} s",
                PATIENCE.as_secs()
            ))
            .with_hint("look at the file system that the project is on"));
        }
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(Output {
        is_good: output.status.success(),
        written: text(&output.stdout),
        said: text(&output.stderr),
    })
}
