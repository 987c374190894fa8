//! Projects that the `devcontainer` program builds, because of Features above all: it is run as a child that dies with
//! the work, and what Features cost is read from what it prints.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

use mmdev_docker::Engine;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use super::state::Standing;
use super::work::{Done, Job, find};
use crate::commands::up::{devcontainer, not_run};
use crate::error::{Error, Result};
use crate::printer::Printer;

/// Has the project built and its container replaced by the `devcontainer` program. `None` where mmdev does that itself.
pub(super) async fn work(printer: &Printer, engine: &Engine, job: &Job) -> Result<Option<Done>> {
    let Some(build) = devcontainer(printer, &job.target, "build")? else {
        return Ok(None);
    };
    let before = find(engine, &job.target).await?;
    let features = run(printer, build).await?;
    let recreated = job.recreate && before.standing != Standing::Absent;
    if recreated && let Some(mut up) = devcontainer(printer, &job.target, "up")? {
        up.arg("--remove-existing-container");
        run(printer, up).await?;
    }
    Ok(Some(Done {
        built: true,
        // What that program builds carries no label of ours: a container that was not replaced is taken as behind.
        container: match recreated {
            true => find(engine, &job.target).await?,
            false => before.behind(),
        },
        recreated,
        features,
    }))
}

/// Runs the program to its end. What it prints goes to stderr, because stdout is mmdev's own.
async fn run(printer: &Printer, command: std::process::Command) -> Result<Option<Duration>> {
    let mut command = Command::from(command);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command.spawn().map_err(not_run)?;
    #[cfg(unix)]
    let _group = Group(child.id());
    let mut features = Features::default();
    let mut log = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        let mut lines = BufReader::new(stderr).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            printer.note(&line);
            features.read(&line);
            log.push(line);
        }
    }
    let status = child.wait().await.map_err(not_run)?;
    if status.success() {
        return Ok(features.time());
    }
    let mut error = Error::world(anyhow::anyhow!("the devcontainer program failed: {status}"));
    error.log = log.split_off(log.len().saturating_sub(LOG_LINES));
    Err(error)
}

/// As many lines say why something failed.
const LOG_LINES: usize = 20;

/// The program and the builds that it has started. They are asked to end when this is dropped: one that was killed
/// would leave its build running.
#[cfg(unix)]
struct Group(Option<u32>);

#[cfg(unix)]
impl Drop for Group {
    fn drop(&mut self) {
        let id = self.0.and_then(|id| i32::try_from(id).ok());
        if let Some(group) = id.and_then(rustix::process::Pid::from_raw) {
            // Those that have ended already are what is wanted.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::TERM);
        }
    }
}

/// What Features cost in a build, read from BuildKit's plain progress (`#7 [dev_containers_target_stage 2/3] RUN …`,
/// `#7 DONE 3.1s`). The names of the stages are those of the devcontainer program's Dockerfile.
#[derive(Debug, Default)]
struct Features {
    steps: BTreeMap<String, f64>,
}

impl Features {
    fn read(&mut self, line: &str) {
        let Some((step, rest)) = line.trim_start().strip_prefix('#').and_then(|line| {
            let (number, rest) = line.split_once(' ')?;
            Some((number, rest))
        }) else {
            return;
        };
        if rest.starts_with("[dev_containers_target_stage")
            || rest.starts_with("[dev_containers_feature_content")
        {
            self.steps.insert(step.to_owned(), 0.0);
        }
        let seconds = rest
            .strip_prefix("DONE ")
            .and_then(|time| time.trim_end().strip_suffix('s'))
            .and_then(|time| time.parse().ok());
        if let (Some(seconds), Some(known)) = (seconds, self.steps.get_mut(step)) {
            *known = seconds;
        }
    }

    /// The time of all of them; `None` where there was no such step.
    fn time(&self) -> Option<Duration> {
        let seconds: f64 = self.steps.values().sum();
        (!self.steps.is_empty()).then(|| Duration::from_secs_f64(seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_features_is_that_of_their_steps() {
        let mut features = Features::default();
        assert_eq!(features.time(), None);
        for line in [
            "[12 ms] Start: Run: docker buildx build",
            "#5 [internal] load metadata",
            "#5 DONE 9.0s",
            "#7 [dev_containers_target_stage 2/3] RUN x",
            "#7 0.123 DONE 4.0s",
            "#8 [dev_containers_target_stage 3/3] COPY y",
            "#8 CACHED",
            "#7 DONE 3.1s",
            "#9 [dev_containers_feature_content_normalize 1/2] COPY z",
            "#9 DONE 0.2s",
        ] {
            features.read(line);
        }
        assert_eq!(features.time(), Some(Duration::from_secs_f64(3.1 + 0.2)));
    }
}
