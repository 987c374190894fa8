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
        Error::problem_from(anyhow::Error::msg(message.into()))
    }

    /// The same, known by its cause.
    pub(crate) fn problem_from(cause: impl Into<anyhow::Error>) -> Self {
        Error::new(Status::Problems, cause.into())
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
}
