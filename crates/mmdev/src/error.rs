//! How a command ends: exit codes, errors with a hint, and the words for a bug.

use std::process::ExitCode;

/// How the program ended, as its exit code says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// 0: done.
    Done,
    /// 1: problems in the user's files, or `--check` found drift.
    Problems,
    /// 2: a wrong invocation.
    Invocation,
    /// 3: the world failed: daemon, network, disk.
    World,
    /// 130: interrupted.
    Interrupted,
    /// The exit code of a program that was run.
    Program(u8),
}

impl Status {
    /// The number that the shell sees.
    pub(crate) fn code(self) -> u8 {
        match self {
            Status::Done => 0,
            Status::Problems => 1,
            Status::Invocation => 2,
            Status::World => 3,
            Status::Interrupted => 130,
            Status::Program(code) => code,
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        ExitCode::from(status.code())
    }
}

/// Why a command stopped, and what to do about it.
#[derive(Debug)]
pub(crate) struct Error {
    /// The exit code.
    pub(crate) status: Status,
    /// What happened, with its causes.
    pub(crate) cause: anyhow::Error,
    /// What to do, in the imperative; one line each.
    pub(crate) hints: Vec<String>,
    /// What a program said last, before it failed.
    pub(crate) log: Vec<String>,
}

/// What every command returns.
pub(crate) type Result<T = Status> = std::result::Result<T, Error>;

impl Error {
    /// The user's files must change first.
    pub(crate) fn problem(message: impl Into<String>) -> Self {
        Error::new(Status::Problems, anyhow::Error::msg(message.into()))
    }

    /// The command line must change first.
    pub(crate) fn invocation(message: impl Into<String>) -> Self {
        Error::new(Status::Invocation, anyhow::Error::msg(message.into()))
    }

    /// The world failed.
    pub(crate) fn world(cause: impl Into<anyhow::Error>) -> Self {
        Error::new(Status::World, cause.into())
    }

    /// Ctrl-C.
    pub(crate) fn interrupted() -> Self {
        Error::new(Status::Interrupted, anyhow::Error::msg("interrupted"))
    }

    fn new(status: Status, cause: anyhow::Error) -> Self {
        Error {
            status,
            cause,
            hints: Vec::new(),
            log: Vec::new(),
        }
    }

    /// The same with a word on what to do.
    #[must_use]
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The message and its causes in one line, as `a: b: c`; a cause that its parent repeats is said once.
    pub(crate) fn message(&self) -> String {
        let mut message = String::new();
        for cause in self.cause.chain() {
            let text = cause.to_string();
            if message.is_empty() {
                message = text;
            } else if !message.contains(&text) {
                message.push_str(": ");
                message.push_str(&text);
            }
        }
        message
    }
}

impl From<anyhow::Error> for Error {
    fn from(cause: anyhow::Error) -> Self {
        Error::world(cause)
    }
}

/// Makes a panic say that it is a bug of mmdev's, and how to report it. The exit code is then 101, Rust's own.
pub(crate) fn install_panic_hook() {
    std::panic::set_hook(Box::new(|panic| {
        // The terminal may be gone: nothing more can be done then.
        let _ = crate::printer::write_stderr(&panic_report(
            &panic.to_string(),
            &std::backtrace::Backtrace::capture(),
        ));
    }));
}

fn panic_report(panic: &str, backtrace: &std::backtrace::Backtrace) -> String {
    let mut report = format!(
        "error: {panic}\n\
         hint: this is a bug in mmdev {}; please report it with the command and the lines above: {}/issues\n",
        env!("CARGO_PKG_VERSION"),
        env!("CARGO_PKG_REPOSITORY"),
    );
    if backtrace.status() == std::backtrace::BacktraceStatus::Captured {
        report.push_str(&format!("{backtrace}\n"));
    } else {
        report.push_str("hint: set RUST_BACKTRACE=1 to see where it came from\n");
    }
    report
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn causes_are_said_once() {
        let cause = anyhow::anyhow!("permission denied")
            .context("cannot write /x: permission denied")
            .context("cannot save");
        expect!["cannot save: cannot write /x: permission denied"]
            .assert_eq(&Error::world(cause).message());
    }

    #[test]
    fn a_panic_says_that_it_is_a_bug() {
        let report = panic_report(
            "panicked at src/x.rs:1:2:\nindex out of bounds",
            &std::backtrace::Backtrace::disabled(),
        );
        expect![[r#"
            error: panicked at src/x.rs:1:2:
            index out of bounds
            hint: this is a bug in mmdev 0.1.0; please report it with the command and the lines above: https://github.com/mmdev-project/mmdev/issues
            hint: set RUST_BACKTRACE=1 to see where it came from
        "#]]
        .assert_eq(&report);
    }
}
