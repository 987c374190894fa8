//! Running a program in a container: with a terminal or without, with its input, signals and exit status.

use bollard::container::LogOutput;
use bollard::exec::{CreateExecOptions, ResizeExecOptions, StartExecResults};
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc::Receiver;

use crate::build::unique_name;
use crate::connect::Engine;
use crate::containers::no_container;
use crate::error::{Error, status};

/// The variable by which the processes of one exec are found again, to send them signals: the engine has no way of
/// its own.
const MARK: &str = "MMDEV_EXEC";

/// One program to run in a container.
#[derive(Debug, Clone, Default)]
pub struct ExecRequest {
    /// The container.
    pub container: String,
    /// The program and its arguments.
    pub command: Vec<String>,
    /// Variables on top of the container's; `None` unsets one.
    pub env: Vec<(String, Option<String>)>,
    /// The user (`name`, `name:group`, ids); the container's own when not given.
    pub user: Option<String>,
    /// The folder to start in; the image's when not given.
    pub workdir: Option<String>,
    /// Whether it gets a terminal; then all output is stdout.
    pub tty: bool,
}

/// What goes in while a program runs. The default is nothing at all.
#[derive(Debug, Default)]
pub struct ExecStreams {
    /// Its input; the end of the channel is the end of the input.
    pub stdin: Option<Receiver<Bytes>>,
    /// Signals for it.
    pub signals: Option<Receiver<Signal>>,
    /// New sizes of its terminal (columns, rows), the first one at once.
    pub sizes: Option<Receiver<(u16, u16)>>,
}

/// A signal for a program in a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGHUP.
    HangUp,
    /// SIGQUIT.
    Quit,
    /// SIGPIPE.
    Pipe,
}

impl Signal {
    fn name(self) -> &'static str {
        match self {
            Signal::Interrupt => "INT",
            Signal::Terminate => "TERM",
            Signal::HangUp => "HUP",
            Signal::Quit => "QUIT",
            Signal::Pipe => "PIPE",
        }
    }
}

/// Something that the program wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExecOutput {
    /// To stdout, or to its terminal.
    Stdout(Bytes),
    /// To stderr.
    Stderr(Bytes),
}

/// A program that ended, with all that it wrote.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Finished {
    /// The exit status.
    pub exit_code: i64,
    /// What it wrote to stdout.
    pub stdout: Vec<u8>,
    /// What it wrote to stderr.
    pub stderr: Vec<u8>,
}

impl Engine {
    /// Runs a program to its end and gives its exit status (128 and the signal's number when one ended it). Its
    /// output goes to `write` as it comes. Dropping the future leaves the program running.
    ///
    /// # Errors
    /// [`Error::NoContainer`] and [`Error::NotUp`] when there is nothing to run it in, [`Error::CannotStart`] when
    /// there is no such program, user or folder.
    pub async fn exec(
        &self,
        request: &ExecRequest,
        streams: ExecStreams,
        write: &mut (dyn FnMut(ExecOutput) + Send),
    ) -> Result<i64, Error> {
        let mark = unique_name();
        let id = self.create_exec(request, &streams, &mark).await?;
        let started = self.docker.start_exec(&id, None).await;
        let started = started.map_err(|error| cannot_start(request, error))?;
        let StartExecResults::Attached { mut output, input } = started else {
            return Err(Error::CannotStart {
                program: request.command.join(" "),
                reason: "the engine ran it detached".to_owned(),
            });
        };
        let ExecStreams {
            stdin,
            signals,
            sizes,
        } = streams;
        // Each waits for the engine by itself, and none keeps the output waiting: a program that cannot write does not
        // read either, and the engine tells of no program's end before the output of the one before it is taken.
        let mut feeding = std::pin::pin!(futures_util::future::try_join3(
            self.feed(request, &mark, stdin, input),
            self.resizes(&id, sizes),
            self.signals(request, &mark, signals),
        ));
        let mut fed = false;
        loop {
            tokio::select! {
                message = output.next() => match message {
                    Some(Ok(message)) => write(converted(message)),
                    // An engine that closes while input is on its way resets the connection, after all the output.
                    Some(Err(error)) if is_reset(&error) => break,
                    Some(Err(error)) => {
                        return Err(Error::engine("reading what the program wrote", error));
                    }
                    None => break,
                },
                result = &mut feeding, if !fed => {
                    fed = true;
                    result?;
                }
            }
        }
        self.exit_code(request, &id).await
    }

    /// Runs a program without input or terminal, and gives all that it wrote.
    ///
    /// # Errors
    /// Those of [`Engine::exec`].
    pub async fn exec_output(&self, request: &ExecRequest) -> Result<Finished, Error> {
        let mut finished = Finished::default();
        let mut stdout = Vec::new();
        let mut stderr = Vec::new();
        finished.exit_code = self
            .exec(
                request,
                ExecStreams::default(),
                &mut |output| match output {
                    ExecOutput::Stdout(bytes) => stdout.extend_from_slice(&bytes),
                    ExecOutput::Stderr(bytes) => stderr.extend_from_slice(&bytes),
                },
            )
            .await?;
        finished.stdout = stdout;
        finished.stderr = stderr;
        Ok(finished)
    }

    async fn create_exec(
        &self,
        request: &ExecRequest,
        streams: &ExecStreams,
        mark: &str,
    ) -> Result<String, Error> {
        let env = request
            .env
            .iter()
            .map(|(name, value)| match value {
                Some(value) => format!("{name}={value}"),
                // This is how the engine unsets one.
                None => name.clone(),
            })
            .chain([format!("{MARK}={mark}")])
            .collect();
        let options = CreateExecOptions {
            attach_stdin: Some(streams.stdin.is_some()),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            tty: Some(request.tty),
            env: Some(env),
            cmd: Some(request.command.clone()),
            user: request.user.clone(),
            working_dir: request.workdir.clone(),
            ..CreateExecOptions::default()
        };
        let created = self.docker.create_exec(&request.container, options).await;
        match created {
            Ok(created) => Ok(created.id),
            Err(error) if status(&error) == Some(409) => Err(Error::NotUp {
                container: request.container.clone(),
            }),
            Err(error) => Err(no_container(&request.container, "running a program", error)),
        }
    }

    async fn exit_code(&self, request: &ExecRequest, id: &str) -> Result<i64, Error> {
        // The output can end a moment before the engine has noted how the program ended.
        for _ in 0..100 {
            let state = self
                .docker
                .inspect_exec(id)
                .await
                .map_err(|error| Error::engine("asking how the program ended", error))?;
            if state.running != Some(true) {
                return match state.exit_code {
                    Some(code) => Ok(code),
                    None => Err(Error::CannotStart {
                        program: request.command.join(" "),
                        reason: "the engine does not know how it ended".to_owned(),
                    }),
                };
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        // It closed its output and runs on: a daemon. It was started, which is what was asked for.
        Ok(0)
    }

    /// Gives a program its input, and then the end of it; nothing at all when there is no channel.
    async fn feed(
        &self,
        request: &ExecRequest,
        mark: &str,
        stdin: Option<Receiver<Bytes>>,
        mut input: impl AsyncWrite + Unpin,
    ) -> Result<(), Error> {
        let Some(mut stdin) = stdin else {
            return Ok(());
        };
        while let Some(bytes) = stdin.recv().await {
            // A program that ended, or closed its input, takes no more; that is its right.
            if input.write_all(&bytes).await.is_err() {
                return Ok(());
            }
        }
        // A terminal has no end but one: it was closed. The engine would tell nobody, and let go of the program.
        if request.tty {
            self.signal(request, mark, Signal::HangUp).await?;
        }
        let _ = input.shutdown().await;
        Ok(())
    }

    async fn resizes(&self, id: &str, sizes: Option<Receiver<(u16, u16)>>) -> Result<(), Error> {
        let Some(mut sizes) = sizes else {
            return Ok(());
        };
        while let Some((columns, rows)) = sizes.recv().await {
            self.resize(id, columns, rows).await;
        }
        Ok(())
    }

    async fn resize(&self, id: &str, columns: u16, rows: u16) {
        let options = ResizeExecOptions {
            height: rows,
            width: columns,
        };
        // A terminal of the wrong size is no reason to stop; it also fails for a moment before the program runs.
        for _ in 0..10 {
            if self.docker.resize_exec(id, options).await.is_ok() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    async fn signals(
        &self,
        request: &ExecRequest,
        mark: &str,
        signals: Option<Receiver<Signal>>,
    ) -> Result<(), Error> {
        let Some(mut signals) = signals else {
            return Ok(());
        };
        while let Some(signal) = signals.recv().await {
            self.signal(request, mark, signal).await?;
        }
        Ok(())
    }

    /// Sends a signal to every process of this exec, found by its mark.
    async fn signal(&self, request: &ExecRequest, mark: &str, signal: Signal) -> Result<(), Error> {
        let script = r#"for file in /proc/[0-9]*/environ; do
if tr '\0' '\n' < "$file" 2>/dev/null | grep -qx "$1"; then
process=${file#/proc/}; kill -s "$2" "${process%/environ}"
fi
done 2>/dev/null
exit 0"#;
        let command = [
            "/bin/sh",
            "-c",
            script,
            "mmdev",
            &format!("{MARK}={mark}"),
            signal.name(),
        ];
        let request = ExecRequest {
            container: request.container.clone(),
            command: command.map(str::to_owned).to_vec(),
            user: request.user.clone(),
            ..ExecRequest::default()
        };
        Box::pin(self.exec_output(&request)).await.map(drop)
    }
}

fn converted(message: LogOutput) -> ExecOutput {
    match message {
        LogOutput::StdErr { message } => ExecOutput::Stderr(message),
        LogOutput::StdOut { message }
        | LogOutput::StdIn { message }
        | LogOutput::Console { message } => ExecOutput::Stdout(message),
    }
}

fn is_reset(error: &bollard::errors::Error) -> bool {
    let reset = std::io::ErrorKind::ConnectionReset;
    matches!(error, bollard::errors::Error::IOError { err } if err.kind() == reset)
}

fn cannot_start(request: &ExecRequest, error: bollard::errors::Error) -> Error {
    match Error::engine("running a program", error) {
        Error::Engine { message, .. } => Error::CannotStart {
            program: request.command.first().cloned().unwrap_or_default(),
            reason: message,
        },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reset_is_told_from_other_failures() {
        let error =
            |kind: std::io::ErrorKind| bollard::errors::Error::from(std::io::Error::from(kind));
        assert!(is_reset(&error(std::io::ErrorKind::ConnectionReset)));
        assert!(!is_reset(&error(std::io::ErrorKind::UnexpectedEof)));
    }
}
