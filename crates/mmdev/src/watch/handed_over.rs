//! Projects that the `devcontainer` program builds, because of Features above all: it is run as a child that dies with
//! the work, and what Features cost is read from what it prints.

use std::collections::{BTreeMap, VecDeque};
use std::process::Stdio;
use std::time::Duration;

use mmdev_docker::Engine;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use super::work::{Done, Job, find};
use crate::commands::hand_over::{devcontainer, not_run};
use crate::error::{Error, Result};
use crate::printer::Printer;

/// Has the project built and its container replaced by the `devcontainer` program. `None` where mmdev does that itself.
pub(super) async fn work(printer: &Printer, engine: &Engine, job: &Job) -> Result<Option<Done>> {
    let Some(build) = devcontainer(printer, &job.target, "build")? else {
        return Ok(None);
    };
    let features = run(printer, build).await?;
    let mut container = find(engine, &job.target).await?;
    let recreated = job.recreate && container.is_superseded(job);
    if recreated && let Some(mut up) = devcontainer(printer, &job.target, "up")? {
        up.arg("--remove-existing-container");
        run(printer, up).await?;
        container = find(engine, &job.target).await?;
    }
    Ok(Some(Done {
        built: true,
        container,
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
    let mut log = VecDeque::new();
    if let Some(stderr) = child.stderr.take() {
        let mut stderr = BufReader::new(stderr);
        let mut bytes = Vec::new();
        while matches!(stderr.read_until(b'\n', &mut bytes).await, Ok(1..)) {
            let line = String::from_utf8_lossy(&bytes).trim_end().to_owned();
            bytes.clear();
            printer.note(&line);
            features.read(&line);
            log.push_back(line);
            if log.len() > LOG_LINES {
                log.pop_front();
            }
        }
    }
    let status = child.wait().await.map_err(not_run)?;
    if status.success() {
        return Ok(features.time());
    }
    let mut error = Error::world(anyhow::anyhow!("the devcontainer program failed: {status}"));
    error.log = log.into();
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
    /// The seconds of each step of the build under way, by its number.
    steps: BTreeMap<String, f64>,
    /// Those of the builds before it; `None` where none of them had such a step.
    before: Option<f64>,
}

impl Features {
    fn read(&mut self, line: &str) {
        // The program puts the time before some lines.
        let line = match line
            .strip_prefix('[')
            .and_then(|line| line.split_once("] "))
        {
            Some((_, line)) => line,
            None => line,
        };
        if line.starts_with("Start: Run:") {
            // Another build counts its steps from the start.
            self.before = self.seconds();
            self.steps.clear();
        }
        let Some((number, rest)) = line.strip_prefix('#').and_then(|line| line.split_once(' '))
        else {
            return;
        };
        if rest.starts_with("[dev_containers_target_stage ")
            || rest.starts_with("[dev_containers_feature_content_")
        {
            self.steps.entry(number.to_owned()).or_default();
        }
        let seconds = rest
            .strip_prefix("DONE ")
            .and_then(|time| time.strip_suffix('s'))
            .and_then(|time| time.parse().ok());
        if let (Some(seconds), Some(step)) = (seconds, self.steps.get_mut(number)) {
            *step = seconds;
        }
    }

    fn seconds(&self) -> Option<f64> {
        if self.steps.is_empty() {
            return self.before;
        }
        Some(self.before.unwrap_or_default() + self.steps.values().sum::<f64>())
    }

    /// The time of all such steps; `None` where there was none.
    fn time(&self) -> Option<Duration> {
        self.seconds().map(Duration::from_secs_f64)
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
            "[2026-11-25T09:59:12.043Z] Start: Run: docker build -t dev_container_feature_content_temp",
            "#4 [1/1] COPY . /tmp/build-features/",
            "#4 DONE 9.0s",
            "[2026-11-25T09:59:13.549Z] Start: Run: docker build -f Dockerfile-with-features",
            "#5 [internal] load metadata",
            "[2026-11-25T09:59:14.186Z] #5 DONE 9.0s",
            "#7 [dev_containers_target_stage 1/5] RUN mkdir -p /tmp/dev-container-features",
            "[2026-11-25T09:59:14.848Z] #7 ...",
            "#8 [dev_containers_feature_content_normalize 1/2] COPY z",
            "#8 DONE 0.2s",
            "#7 [dev_containers_target_stage 1/5] RUN mkdir -p /tmp/dev-container-features",
            "#7 0.123 DONE 4.0s",
            "#7 DONE 3.1s",
            "#9 [dev_containers_target_stage 3/5] COPY y",
            "#9 CACHED",
            "[2026-11-25T09:59:19.000Z] Start: Run: docker build -f updateUID.Dockerfile",
            "#7 [1/1] RUN x",
            "#7 DONE 9.0s",
        ] {
            features.read(line);
        }
        assert_eq!(features.time(), Some(Duration::from_secs_f64(0.2 + 3.1)));
    }
}
