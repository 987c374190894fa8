//! What a build reports: BuildKit's graph of steps, or the lines of a classic build, as one stream of events.

use std::collections::{HashMap, VecDeque};

use bollard::moby::buildkit::v1::{StatusResponse, Vertex};
use bollard::models::{BuildInfo, BuildInfoAux};

use crate::error::BuildFailure;

/// How many of a step's last lines a failure shows.
const TAIL: usize = 40;

/// Something that happened in a build. Steps are numbered from 0 in the order in which they are first heard of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuildEvent {
    /// A step began.
    StepStarted {
        /// The step.
        step: usize,
        /// What it does, as the Dockerfile has it (`[2/3] RUN make`), or what BuildKit does (`[internal] …`).
        name: String,
    },
    /// A step ended well.
    StepDone {
        /// The step.
        step: usize,
        /// Its result was there already.
        cached: bool,
    },
    /// A step ended with an error.
    StepFailed {
        /// The step.
        step: usize,
        /// What the engine says.
        message: String,
    },
    /// A step printed a line.
    Log {
        /// The step.
        step: usize,
        /// The line, without its end.
        line: String,
    },
    /// A part of a step got on: a layer that is pulled or unpacked.
    Progress {
        /// The step.
        step: usize,
        /// The part.
        part: String,
        /// What is done, in bytes.
        current: u64,
        /// What there is, in bytes; 0 when not known.
        total: u64,
    },
}

#[derive(Debug, Default)]
struct Step {
    name: String,
    started: bool,
    ended: bool,
    failed: Option<String>,
    /// Of stdout and of stderr.
    unfinished_lines: [Vec<u8>; 2],
    tail: VecDeque<String>,
}

/// Turns what the engine sends into events, and remembers what a failure has to show.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    steps: Vec<Step>,
    by_digest: HashMap<String, usize>,
    image_id: Option<String>,
}

impl Decoder {
    /// The id of the image that was built.
    pub(crate) fn image_id(&self) -> Option<&str> {
        self.image_id.as_deref()
    }

    pub(crate) fn take(&mut self, info: BuildInfo) -> Vec<BuildEvent> {
        let mut events = Vec::new();
        match info.aux {
            Some(BuildInfoAux::BuildKit(status)) => self.buildkit(status, &mut events),
            Some(BuildInfoAux::Default(image)) => self.image_id = image.id,
            None => {}
        }
        if let Some(text) = info.stream {
            self.classic(&text, &mut events);
        }
        events
    }

    fn buildkit(&mut self, status: StatusResponse, events: &mut Vec<BuildEvent>) {
        for vertex in &status.vertexes {
            let step = self.step_of(&vertex.digest);
            if !vertex.name.is_empty() {
                self.steps[step].name.clone_from(&vertex.name);
            }
        }
        for vertex in &status.vertexes {
            if vertex.started.is_some() || vertex.cached {
                let step = self.step_of(&vertex.digest);
                self.start(step, events);
            }
        }
        for part in &status.statuses {
            let step = self.step_of(&part.vertex);
            events.push(BuildEvent::Progress {
                step,
                part: if part.name.is_empty() {
                    part.id.clone()
                } else {
                    part.name.clone()
                },
                current: part.current.max(0) as u64,
                total: part.total.max(0) as u64,
            });
        }
        for log in &status.logs {
            let step = self.step_of(&log.vertex);
            let stream = usize::from(log.stream == 2);
            self.print(step, stream, &log.msg, events);
        }
        for vertex in &status.vertexes {
            self.end(vertex, events);
        }
    }

    fn step_of(&mut self, digest: &str) -> usize {
        if let Some(&step) = self.by_digest.get(digest) {
            return step;
        }
        let step = self.steps.len();
        self.steps.push(Step::default());
        self.by_digest.insert(digest.to_owned(), step);
        step
    }

    fn start(&mut self, step: usize, events: &mut Vec<BuildEvent>) {
        let entry = &mut self.steps[step];
        if !std::mem::replace(&mut entry.started, true) {
            events.push(BuildEvent::StepStarted {
                step,
                name: entry.name.clone(),
            });
        }
    }

    fn end(&mut self, vertex: &Vertex, events: &mut Vec<BuildEvent>) {
        if vertex.completed.is_none() && !vertex.cached && vertex.error.is_empty() {
            return;
        }
        let step = self.step_of(&vertex.digest);
        self.flush(step, 0, events);
        self.flush(step, 1, events);
        let entry = &mut self.steps[step];
        if std::mem::replace(&mut entry.ended, true) {
            return;
        }
        if vertex.error.is_empty() {
            let cached = vertex.cached;
            events.push(BuildEvent::StepDone { step, cached });
        } else {
            entry.failed = Some(vertex.error.clone());
            let message = vertex.error.clone();
            events.push(BuildEvent::StepFailed { step, message });
        }
    }

    /// Lines that a step printed; the last one may go on later.
    fn print(&mut self, step: usize, stream: usize, text: &[u8], events: &mut Vec<BuildEvent>) {
        for piece in text.split_inclusive(|&byte| byte == b'\n') {
            let entry = &mut self.steps[step];
            entry.unfinished_lines[stream].extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                self.flush(step, stream, events);
            }
        }
    }

    fn flush(&mut self, step: usize, stream: usize, events: &mut Vec<BuildEvent>) {
        let entry = &mut self.steps[step];
        if entry.unfinished_lines[stream].is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut entry.unfinished_lines[stream]);
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim_end_matches(['\n', '\r']);
        // A program that draws a progress bar overwrites its line: what it shows last counts.
        let line = text.rsplit('\r').next().unwrap_or_default().to_owned();
        if entry.tail.len() == TAIL {
            entry.tail.pop_front();
        }
        entry.tail.push_back(line.clone());
        events.push(BuildEvent::Log { step, line });
    }

    /// The text of a classic build: `Step 2/3 : RUN make`, then what the step prints.
    fn classic(&mut self, text: &str, events: &mut Vec<BuildEvent>) {
        let line = text.trim_end();
        if let Some(name) = line
            .strip_prefix("Step ")
            .or_else(|| line.strip_prefix("STEP "))
        {
            let last = self.steps.len().checked_sub(1);
            if let Some(last) = last.filter(|&last| !self.steps[last].ended) {
                self.steps[last].ended = true;
                events.push(BuildEvent::StepDone {
                    step: last,
                    cached: false,
                });
            }
            let name = match name.split_once(':') {
                Some((place, what)) => format!("[{}] {}", place.trim(), what.trim()),
                None => name.to_owned(),
            };
            self.steps.push(Step {
                name,
                ..Step::default()
            });
            self.start(self.steps.len() - 1, events);
            return;
        }
        let Some(step) = self.steps.len().checked_sub(1) else {
            return;
        };
        let is_cached = line == " ---> Using cache" || line.starts_with("--> Using cache");
        if is_cached && !self.steps[step].ended {
            self.steps[step].ended = true;
            events.push(BuildEvent::StepDone { step, cached: true });
        } else if !line.is_empty() && !line.starts_with(" --->") {
            self.print(step, 0, text.as_bytes(), events);
        }
    }

    /// What to say about a build that ended with `message`.
    pub(crate) fn failure(&mut self, message: &str) -> BuildFailure {
        // A step that was stopped because another one failed is not to blame.
        let guilty = self.steps.iter().position(|step| {
            step.failed
                .as_ref()
                .is_some_and(|error| !error.contains("context canceled"))
        });
        let exit_code = exit_code(message);
        let is_classic = self.by_digest.is_empty();
        let guilty = guilty.or_else(|| self.steps.len().checked_sub(1).filter(|_| is_classic));
        BuildFailure {
            step: guilty.map(|step| self.steps[step].name.clone()),
            message: message.trim().to_owned(),
            log_tail: guilty
                .map(|step| self.steps[step].tail.iter().cloned().collect())
                .unwrap_or_default(),
            exit_code,
        }
    }
}

/// The exit status in `… exit code: 3` and `… returned a non-zero code: 3`.
fn exit_code(message: &str) -> Option<i64> {
    let after = ["exit code: ", "non-zero code: ", "exit status "]
        .iter()
        .find_map(|marker| Some(&message[message.rfind(marker)? + marker.len()..]))?;
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn vertex(digest: &str, name: &str, started: bool, completed: bool, error: &str) -> Vertex {
        let now = || Some(Default::default());
        Vertex {
            digest: digest.to_owned(),
            name: name.to_owned(),
            started: started.then(now).flatten(),
            completed: completed.then(now).flatten(),
            error: error.to_owned(),
            ..Vertex::default()
        }
    }

    fn status(vertexes: Vec<Vertex>, logs: &[(&str, &str)]) -> BuildInfo {
        let logs = logs
            .iter()
            .map(|(vertex, text)| bollard::moby::buildkit::v1::VertexLog {
                vertex: (*vertex).to_owned(),
                msg: text.as_bytes().to_vec(),
                ..Default::default()
            })
            .collect();
        BuildInfo {
            aux: Some(BuildInfoAux::BuildKit(StatusResponse {
                vertexes,
                logs,
                ..StatusResponse::default()
            })),
            ..BuildInfo::default()
        }
    }

    #[test]
    fn a_step_starts_once_prints_lines_and_ends_once() {
        let mut decoder = Decoder::default();
        let mut events = Vec::new();
        events.extend(decoder.take(status(vec![vertex("a", "A", false, false, "")], &[])));
        events.extend(decoder.take(status(
            vec![vertex("a", "A", true, false, "")],
            &[("a", "one\ntw")],
        )));
        events.extend(decoder.take(status(vec![], &[("a", "o\r\n50%\r100%")])));
        events.extend(decoder.take(status(vec![vertex("a", "A", true, true, "")], &[])));
        events.extend(decoder.take(status(vec![vertex("a", "A", true, true, "")], &[])));
        let shown: String = events.iter().map(|event| format!("{event:?}\n")).collect();
        expect![[r#"
            StepStarted { step: 0, name: "A" }
            Log { step: 0, line: "one" }
            Log { step: 0, line: "two" }
            Log { step: 0, line: "100%" }
            StepDone { step: 0, cached: false }
        "#]]
        .assert_eq(&shown);
    }

    #[test]
    fn the_step_that_was_stopped_is_not_blamed() {
        let mut decoder = Decoder::default();
        decoder.take(status(
            vec![
                vertex("a", "A", true, true, "context canceled"),
                vertex("b", "B", true, true, "executor failed: exit code: 3"),
            ],
            &[("b", "why\n")],
        ));
        expect![[r#"BuildFailure { step: Some("B"), message: "executor failed: exit code: 3", log_tail: ["why"], exit_code: Some(3) }"#]].assert_eq(&format!(
            "{:?}",
            decoder.failure("executor failed: exit code: 3")
        ));
        expect!["the build failed: no such file"]
            .assert_eq(&Decoder::default().failure("no such file").to_string());
    }

    #[test]
    fn a_classic_build_is_read_from_its_lines() {
        let mut decoder = Decoder::default();
        let mut events = Vec::new();
        for text in [
            "Step 1/2 : FROM x\n",
            " ---> 0123\n",
            "Step 2/2 : RUN make\n",
            " ---> Running in 4567\n",
            "gcc\n",
        ] {
            events.extend(decoder.take(BuildInfo {
                stream: Some(text.to_owned()),
                ..BuildInfo::default()
            }));
        }
        let shown: String = events.iter().map(|event| format!("{event:?}\n")).collect();
        expect![[r#"
            StepStarted { step: 0, name: "[1/2] FROM x" }
            StepDone { step: 0, cached: false }
            StepStarted { step: 1, name: "[2/2] RUN make" }
            Log { step: 1, line: "gcc" }
        "#]]
        .assert_eq(&shown);
        let failure = decoder.failure("The command '/bin/sh -c make' returned a non-zero code: 2");
        expect!["the build stopped at `[2/2] RUN make` with exit code 2"]
            .assert_eq(&failure.to_string());
    }
}
