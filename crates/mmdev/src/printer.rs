//! The one place that writes to the terminal. Results and JSON lines go to stdout, everything said besides to stderr.

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, OnceLock};

use anstyle::{AnsiColor, Style};
use indicatif::{MultiProgress, ProgressDrawTarget};
use serde::Serialize;

use crate::error::Error;
use crate::json;

const GOOD: Style = AnsiColor::Green.on_default().bold();
const ATTENTION: Style = AnsiColor::Cyan.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const ERROR: Style = AnsiColor::Red.on_default().bold();
/// How text that is typed or copied looks.
pub(crate) const LITERAL: Style = AnsiColor::Cyan.on_default();
/// How a title looks, and what a line is about.
pub(crate) const STRONG: Style = Style::new().bold();
/// How what can be passed over looks.
pub(crate) const FAINT: Style = Style::new().dimmed();
/// How what is new looks.
pub(crate) const ADDED: Style = AnsiColor::Green.on_default();
/// How what is gone looks.
pub(crate) const REMOVED: Style = AnsiColor::Red.on_default();
/// How what is otherwise looks.
pub(crate) const CHANGED: Style = AnsiColor::Yellow.on_default();

/// For whom stdout is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MessageFormat {
    /// A person.
    Human,
    /// A program: one JSON object a line.
    Json,
    /// A program: one report, which a command writes itself, and nothing else.
    Report,
}

/// How much is said on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verbosity {
    /// Warnings and errors.
    Quiet,
    /// What is done and what comes next.
    Normal,
    /// What helps to understand why.
    Verbose,
}

/// Writes what commands have to say.
#[derive(Debug, Clone)]
pub(crate) struct Printer {
    format: MessageFormat,
    verbosity: Verbosity,
    bars: MultiProgress,
    failure: Arc<OnceLock<String>>,
}

impl Printer {
    /// A printer for the process's stdout and stderr.
    pub(crate) fn new(format: MessageFormat, verbosity: Verbosity) -> Self {
        let moving = verbosity > Verbosity::Quiet
            && io::stderr().is_terminal()
            && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        let target = if moving {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        Printer {
            format,
            verbosity,
            bars: MultiProgress::with_draw_target(target),
            failure: Arc::default(),
        }
    }

    /// The same that says only warnings and errors; the progress bars stay.
    pub(crate) fn quiet(&self) -> Self {
        Printer {
            verbosity: Verbosity::Quiet,
            ..self.clone()
        }
    }

    /// Whether only warnings and errors are said.
    pub(crate) fn is_quiet(&self) -> bool {
        self.verbosity == Verbosity::Quiet
    }

    /// Whether stdout is for a program.
    pub(crate) fn is_json(&self) -> bool {
        self.format == MessageFormat::Json
    }

    /// Whether stdout is for a program that wants one report.
    pub(crate) fn is_report(&self) -> bool {
        self.format == MessageFormat::Report
    }

    /// The progress bars; they are hidden where stderr is no terminal.
    pub(crate) fn bars(&self) -> &MultiProgress {
        &self.bars
    }

    /// What was asked for, to stdout, when a person reads it. It may hold colours.
    pub(crate) fn result(&self, text: &str) {
        if self.format == MessageFormat::Human {
            self.stdout(text);
        }
    }

    /// What was asked for, to stdout, in whatever format: text that is itself for a program, such as completions.
    pub(crate) fn stdout(&self, text: &str) {
        self.bars.suspend(|| {
            self.stdout_said(write_stdout(text));
        });
    }

    /// What was asked for, byte by byte: a text that is a person's own, which may hold anything.
    pub(crate) fn bytes(&self, bytes: &[u8]) {
        self.bars.suspend(|| {
            let mut stdout = io::stdout().lock();
            self.stdout_said(stdout.write_all(bytes).and_then(|()| stdout.flush()));
        });
    }

    /// A reader that went away is nobody's mistake; a full disk is one that must not look like success.
    fn stdout_said(&self, result: io::Result<()>) {
        if let Err(error) = result
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            // The first failure is the one to tell.
            let _ = self.failure.set(error.to_string());
        }
    }

    /// Why not everything that was asked for is on stdout.
    pub(crate) fn failure(&self) -> Option<&str> {
        self.failure.get().map(String::as_str)
    }

    /// An empty screen, when a person looks at a terminal.
    pub(crate) fn clear(&self) {
        if self.format == MessageFormat::Human && io::stdout().is_terminal() {
            self.bytes(b"\x1b[2J\x1b[3J\x1b[H");
        }
    }

    /// One JSON line, when a program reads stdout.
    pub(crate) fn message(&self, message: &impl Serialize) {
        if self.format == MessageFormat::Json {
            self.stdout(&json::line(message));
        }
    }

    /// One step done, as Cargo says it: a verb and what it was about.
    pub(crate) fn status(&self, verb: &str, text: &str) {
        if self.verbosity > Verbosity::Quiet {
            self.stderr(&format!("{GOOD}{verb:>12}{GOOD:#} {}", visible(text)));
        }
    }

    /// A word on what comes next, on a line of its own.
    pub(crate) fn note(&self, text: &str) {
        if self.verbosity > Verbosity::Quiet {
            self.stderr(&visible(text));
        }
    }

    /// What helps to understand why, with `-v`.
    pub(crate) fn detail(&self, text: &str) {
        if self.verbosity > Verbosity::Normal {
            self.stderr(&visible(text));
        }
    }

    /// Text to stderr in every verbosity, already laid out; it may hold colours.
    pub(crate) fn report(&self, text: &str) {
        self.stderr(text);
    }

    /// What works, but not as its author believes.
    pub(crate) fn warning(&self, text: &str) {
        self.message(&json::Message::Warning { message: text });
        self.stderr(&format!("{WARNING}warning{WARNING:#}: {}", visible(text)));
    }

    /// What to do.
    pub(crate) fn hint(&self, text: &str) {
        self.stderr(&format!("{ATTENTION}hint{ATTENTION:#}: {}", visible(text)));
    }

    /// Why the command stopped, and what to do.
    pub(crate) fn error(&self, error: &Error) {
        let message = error.message();
        self.message(&json::Message::Error {
            message: &message,
            hints: &error.hints,
            exit_code: error.status.code(),
        });
        self.explain("", error);
    }

    /// Why one thing of many did not work, and what to do: what it is stands before the message.
    pub(crate) fn explain(&self, about: &str, error: &Error) {
        let message = format!("{about}{}", error.message());
        for line in &error.log {
            self.stderr(&visible(&format!("    {line}")));
        }
        self.stderr(&format!("{ERROR}error{ERROR:#}: {}", visible(&message)));
        for hint in &error.hints {
            self.hint(hint);
        }
    }

    fn stderr(&self, line: &str) {
        self.bars.suspend(|| {
            ignore_closed(write_stderr(&format!("{line}\n")));
        });
    }
}

/// Writes to stdout; colours are dropped where they are not wanted.
fn write_stdout(text: &str) -> io::Result<()> {
    let mut stdout = anstream::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// Writes to stderr; colours are dropped where they are not wanted.
pub(crate) fn write_stderr(text: &str) -> io::Result<()> {
    let mut stderr = anstream::stderr().lock();
    stderr.write_all(text.as_bytes())?;
    stderr.flush()
}

/// A reader that went away (`mmdev check | head -1`) is no reason to stop halfway through writing files, and there
/// is nobody left to tell.
fn ignore_closed(result: io::Result<()>) {
    drop(result);
}

/// `text` with its control characters made visible, so that a hostile name cannot steer the terminal.
pub(crate) fn visible(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() && character != '\n' && character != '\t' {
            result.extend(character.escape_default());
        } else {
            result.push(character);
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_made_visible() {
        assert_eq!(
            visible("a\u{1b}[2Jb\r\n\tc\u{9b}"),
            "a\\u{1b}[2Jb\\r\n\tc\\u{9b}"
        );
    }
}
