//! A `mmdev watch` that runs, and what it says.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// How long one build may take.
const PATIENCE: Duration = Duration::from_secs(900);

/// The watch of a project; it ends as with Ctrl-C when this is dropped.
pub(super) struct Watch {
    process: Child,
    /// Its JSON lines, and when they came.
    lines: Receiver<(Instant, Value)>,
}

impl Watch {
    /// Starts it by a command that has neither its name nor its options yet.
    pub(super) fn start(mmdev: &mut Command) -> Result<Self> {
        let mut process = mmdev
            .args(["watch", "--message-format", "json"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start mmdev watch")?;
        let output = process.stdout.take().context("no standard output")?;
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let line = serde_json::from_str(&line).unwrap_or(Value::Null);
                if sender.send((Instant::now(), line)).is_err() {
                    break;
                }
            }
        });
        Ok(Self { process, lines })
    }

    /// Its process.
    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }

    /// The seconds from `start` until the next image is there.
    pub(super) fn built(&self, start: Instant) -> Result<f64> {
        let (then, _) = self.next("watch-built")?;
        Ok(then.duration_since(start).as_secs_f64())
    }

    /// The seconds from `start` until a save was found to mean nothing.
    pub(super) fn passed_over(&self, start: Instant) -> Result<f64> {
        let (then, line) = self.next("watch-change")?;
        ensure!(
            line["change"] == "nothing",
            "a comment is not nothing: {line}"
        );
        Ok(then.duration_since(start).as_secs_f64())
    }

    /// Waits until it has nothing to do.
    pub(super) fn ready(&self) -> Result<()> {
        while self.next("watch-state")?.1["state"] != "ready" {}
        Ok(())
    }

    fn next(&self, reason: &str) -> Result<(Instant, Value)> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let (then, line) = self
                .lines
                .recv_timeout(left)
                .with_context(|| format!("mmdev watch says no {reason}"))?;
            ensure!(
                line["reason"] != "error" && line["state"] != "failed",
                "mmdev watch failed: {line}"
            );
            if line["reason"] == reason {
                return Ok((then, line));
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let id = self.process.id().to_string();
        let _ = Command::new("kill").args(["-INT", &id]).status();
        let _ = self.process.wait();
    }
}
