//! What git has of a project's files, asked of the program.

use std::path::Path;
use std::time::Duration;

use tokio::process::Command;

use crate::engine;
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
