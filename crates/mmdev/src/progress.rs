//! What a build does, while it does it: bars on a terminal, lines in a pipe, JSON for programs.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use mmdev_docker::{BuildEvent, PullEvent};

use crate::json::Message;
use crate::printer::{Printer, visible};

/// Shows one build.
pub(crate) struct BuildProgress<'a> {
    printer: &'a Printer,
    steps: BTreeMap<usize, Step>,
}

struct Step {
    name: String,
    started: Instant,
    bar: ProgressBar,
    /// Bytes done and to do, by part.
    parts: BTreeMap<String, (u64, u64)>,
}

/// A step of the builder's own, such as reading the Dockerfile, is over in a moment and interests nobody.
fn is_internal(name: &str) -> bool {
    ["[internal]", "exporting", "copy /context"]
        .iter()
        .any(|start| name.starts_with(start))
}

impl<'a> BuildProgress<'a> {
    /// Shows nothing until the first event.
    pub(crate) fn new(printer: &'a Printer) -> Self {
        BuildProgress {
            printer,
            steps: BTreeMap::new(),
        }
    }

    /// Shows one event.
    pub(crate) fn report(&mut self, event: BuildEvent) {
        match event {
            BuildEvent::StepStarted { step, name } => self.start(step, &name),
            BuildEvent::StepDone { step, cached } => {
                self.end(step, if cached { "cached" } else { "done" }, None);
            }
            BuildEvent::StepFailed { step, message } => {
                self.end(step, "failed", Some(&message));
            }
            BuildEvent::Log { step, line } => self.log(step, &line),
            BuildEvent::Progress {
                step,
                part,
                current,
                total,
            } => self.advance(step, part, current, total),
        }
    }

    fn start(&mut self, step: usize, name: &str) {
        self.message(step, name, "started", None);
        let bar = if is_internal(name) {
            ProgressBar::hidden()
        } else {
            self.printer.bars().add(ProgressBar::new_spinner())
        };
        bar.set_style(style());
        bar.set_prefix(step_name(name));
        bar.enable_steady_tick(Duration::from_millis(120));
        if self.printer.bars().is_hidden() && !is_internal(name) {
            self.printer.status("Building", &step_name(name));
        }
        let step_state = Step {
            name: name.to_owned(),
            started: Instant::now(),
            bar,
            parts: BTreeMap::new(),
        };
        self.steps.insert(step, step_state);
    }

    fn end(&mut self, step: usize, state: &'static str, text: Option<&str>) {
        let Some(Step {
            name, started, bar, ..
        }) = self.steps.remove(&step)
        else {
            return;
        };
        bar.finish_and_clear();
        self.message(step, &name, state, text);
        if is_internal(&name) {
            return;
        }
        let name = step_name(&name);
        match state {
            "cached" => self.printer.status("Cached", &name),
            "done" => {
                let seconds = started.elapsed().as_secs_f32();
                self.printer
                    .status("Built", &format!("{name} in {seconds:.1} s"));
            }
            _ => self.printer.status("Failed", &name),
        }
    }

    fn log(&mut self, step: usize, line: &str) {
        let Some(Step { name, bar, .. }) = self.steps.get(&step) else {
            return;
        };
        self.message(step, name, "log", Some(line));
        bar.set_message(shortened(line));
        self.printer.detail(&format!("             {line}"));
    }

    fn advance(&mut self, step: usize, part: String, current: u64, total: u64) {
        let Some(Step { bar, parts, .. }) = self.steps.get_mut(&step) else {
            return;
        };
        parts.insert(part, (current, total));
        bar.set_message(bytes_of(parts));
    }

    fn message(&self, step: usize, name: &str, state: &'static str, text: Option<&str>) {
        self.printer.message(&Message::BuildProgress {
            step,
            name,
            state,
            text,
        });
    }
}

impl Drop for BuildProgress<'_> {
    /// A build that fails or is interrupted leaves no bar that seems to go on.
    fn drop(&mut self) {
        for step in self.steps.values() {
            step.bar.finish_and_clear();
        }
    }
}

/// Shows how the layers of one image come.
pub(crate) struct PullProgress<'a> {
    printer: &'a Printer,
    image: &'a str,
    bar: ProgressBar,
    started: Instant,
    /// Bytes done and to do, by layer.
    layers: BTreeMap<String, (u64, u64)>,
}

impl<'a> PullProgress<'a> {
    /// Says what is pulled.
    pub(crate) fn new(printer: &'a Printer, image: &'a str) -> Self {
        let bar = printer.bars().add(ProgressBar::new_spinner());
        bar.set_style(style());
        bar.set_prefix(shortened(image));
        bar.enable_steady_tick(Duration::from_millis(120));
        if printer.bars().is_hidden() {
            printer.status("Pulling", image);
        }
        let progress = PullProgress {
            printer,
            image,
            bar,
            started: Instant::now(),
            layers: BTreeMap::new(),
        };
        progress.message("started");
        progress
    }

    /// Shows one event.
    pub(crate) fn report(&mut self, event: &PullEvent) {
        // Extracting counts from the start again, and is short.
        if event.status != "Downloading" {
            return;
        }
        let bytes = (event.current, event.total);
        self.layers.insert(event.layer.clone(), bytes);
        self.bar.set_message(bytes_of(&self.layers));
    }

    /// The image is here.
    pub(crate) fn done(self) {
        self.message("done");
        let seconds = self.started.elapsed().as_secs_f32();
        self.printer
            .status("Pulled", &format!("{} in {seconds:.1} s", self.image));
    }

    /// A pull is one step to a program that reads along.
    fn message(&self, state: &'static str) {
        self.printer.message(&Message::BuildProgress {
            step: 0,
            name: &format!("pull {}", self.image),
            state,
            text: None,
        });
    }
}

impl Drop for PullProgress<'_> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Shows that a program runs, and the last line that it wrote.
pub(crate) struct LastLine(ProgressBar);

impl LastLine {
    /// Shows `name` until it is dropped.
    pub(crate) fn new(printer: &Printer, name: &str) -> Self {
        let bar = printer.bars().add(ProgressBar::new_spinner());
        bar.set_style(style());
        bar.set_prefix(shortened(name));
        bar.enable_steady_tick(Duration::from_millis(120));
        LastLine(bar)
    }

    /// Takes a piece of what the program wrote.
    pub(crate) fn show(&self, output: &[u8]) {
        let text = String::from_utf8_lossy(output);
        if let Some(line) = text.lines().rfind(|line| !line.trim().is_empty()) {
            self.0.set_message(shortened(line));
        }
    }
}

impl Drop for LastLine {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// How many of many things are done.
pub(crate) struct Count(ProgressBar);

impl Count {
    /// Shows `done of all` until it is dropped.
    pub(crate) fn new(printer: &Printer, all: usize) -> Self {
        let bar = printer.bars().add(ProgressBar::new(all as u64));
        let style =
            ProgressStyle::with_template("{spinner:>12.cyan} {pos} of {len} {wide_msg:.dim}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(120));
        Count(bar)
    }

    /// One more is done.
    pub(crate) fn done(&self, what: &str) {
        self.0.set_message(shortened(what));
        self.0.inc(1);
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// How much of all parts is done.
fn bytes_of(parts: &BTreeMap<String, (u64, u64)>) -> String {
    let (done, all) = parts
        .values()
        .fold((0, 0), |(done, all), (current, total)| {
            (done + current, all + total.max(current))
        });
    format!("{} of {}", HumanBytes(done), HumanBytes(all))
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{spinner:>12.cyan} {prefix} {elapsed:.dim} {wide_msg:.dim}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
}

/// A step of a Dockerfile as a person wants it: what runs, and not which files are mounted for it.
pub(crate) fn step_name(name: &str) -> String {
    let name = name.replacen("[stage-0 ", "[", 1);
    let words = name
        .split_whitespace()
        .filter(|word| !word.starts_with("--mount="));
    shortened(&words.collect::<Vec<_>>().join(" "))
}

/// One line of at most a usual terminal's width, safe to print.
fn shortened(text: &str) -> String {
    const WIDTH: usize = 72;
    let line = visible(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    if line.chars().count() <= WIDTH {
        return line;
    }
    let cut: String = line.chars().take(WIDTH - 1).collect();
    format!("{cut}…")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printer::{MessageFormat, Verbosity};

    #[test]
    fn a_build_that_is_interrupted_leaves_no_bar() {
        let printer = Printer::new(MessageFormat::Human, Verbosity::Quiet);
        let mut progress = BuildProgress::new(&printer);
        progress.report(BuildEvent::StepStarted {
            step: 0,
            name: "[1/1] RUN x".to_owned(),
        });
        let bar = progress.steps[&0].bar.clone();
        assert!(!bar.is_finished());
        drop(progress);
        assert!(bar.is_finished());
    }

    #[test]
    fn steps_are_named_by_what_they_run() {
        let check = |name: &str, expected: &str| assert_eq!(step_name(name), expected);
        check(
            "[stage-0 5/7] RUN --mount=type=bind,source=a,target=/a     umask 000  && x",
            "[5/7] RUN umask 000 && x",
        );
        check("[base 1/2] FROM docker.io/x", "[base 1/2] FROM docker.io/x");
        check(&"é".repeat(73), &format!("{}…", "é".repeat(71)));
    }
}
