//! A program that prints JSON lines, followed while it runs.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long a line is waited for: a build on a busy machine comes before some.
const PATIENCE: Duration = Duration::from_secs(100);

/// A program that runs, and the lines that it prints. It is killed when this is dropped.
pub struct JsonLines {
    child: Child,
    lines: Receiver<Value>,
    passed: Vec<Value>,
}

#[allow(clippy::unwrap_used, clippy::missing_panics_doc)]
impl JsonLines {
    /// Starts the command. What it writes to stderr is shown by the test that fails.
    pub fn start(command: &mut Command) -> JsonLines {
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("cannot run {}: {error}", command.get_program().display())
            });
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let value = serde_json::from_str(&line).unwrap_or(Value::String(line));
                if sender.send(value).is_err() {
                    return;
                }
            }
        });
        JsonLines {
            child,
            lines,
            passed: Vec::new(),
        }
    }

    /// Waits for a line with these values, and gives it. What came before it is [`JsonLines::passed`].
    ///
    /// # Panics
    /// When there is none for minutes, or the program ends, with what came instead.
    #[track_caller]
    pub fn until(&mut self, wanted: &[(&str, &str)]) -> Value {
        self.passed.clear();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) if wanted.iter().all(|(key, value)| line[*key] == **value) => return line,
                Ok(line) => self.passed.push(line),
                Err(RecvTimeoutError::Timeout) => panic!("no {wanted:?} in {}", self.shown()),
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("ended without {wanted:?}: {}", self.shown())
                }
            }
        }
    }

    /// Waits until a watch tells that it stands so.
    #[track_caller]
    pub fn until_state(&mut self, state: &str) -> Value {
        self.until(&[("reason", "watch-state"), ("state", state)])
    }

    /// The lines of that reason that came before the last one that was waited for.
    pub fn passed(&self, reason: &str) -> Vec<&Value> {
        let lines = self.passed.iter();
        lines.filter(|line| line["reason"] == reason).collect()
    }

    /// The process's id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Presses Ctrl-C.
    pub fn interrupt(&self) {
        let id = i32::try_from(self.child.id()).unwrap();
        let process = rustix::process::Pid::from_raw(id).unwrap();
        rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
    }

    /// Waits for the end, and gives the exit code.
    pub fn end(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    fn shown(&self) -> String {
        self.passed.iter().map(|line| format!("\n{line}")).collect()
    }
}

impl Drop for JsonLines {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
