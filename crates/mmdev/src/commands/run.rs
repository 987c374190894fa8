//! `mmdev run` and `mmdev shell`: a program in the container, in the environment, with this terminal.

use std::io::{IsTerminal, Write};
use std::process::Command;

use mmdev_core::container::environment;
use mmdev_docker::{Engine, ExecOutput, ExecRequest, ExecStreams, RawMode, Signal};
use tokio::sync::mpsc;

use super::build;
use super::hand_over::hand_over;
use super::up::{Manner, Running, bring_up};
use crate::agent::{Forwarded, Way};
use crate::engine;
use crate::environment::SSH_AUTH_SOCK;
use crate::error::{Error, Result, Status};
use crate::locate;
use crate::printer::Printer;
use crate::settings::Request;
use crate::source::Source;
use crate::target::Target;

/// What activates the environment and then becomes the program: the image's own entry point.
const ACTIVATE: &str = "/usr/local/bin/_entrypoint.sh";

/// The same for an image that may not be a micromamba image; a shell that it lacks is replaced by its `sh`.
const ACTIVATE_IF_THERE: [&str; 4] = [
    "/bin/sh",
    "-c",
    "if [ -x /usr/local/bin/_entrypoint.sh ]; then exec /usr/local/bin/_entrypoint.sh \"$@\"; fi
if [ \"$*\" = bash ] && ! command -v bash > /dev/null; then exec sh; fi
exec \"$@\"",
    "mmdev",
];

/// Runs `command` in the project's container, which is started if it does not run; a shell where there is none.
pub(crate) fn run(printer: &Printer, request: &Request, command: &[String]) -> Result {
    // The choice of one call: in the project's files another environment may stay the active one.
    let (active, request) = (
        request.active_environment.as_deref(),
        &Request {
            active_environment: None,
            ..request.clone()
        },
    );
    let (lock, target) = build::prepare(printer, request)?;
    if let Some(status) = hand_over(printer, &target, "up", &[])? {
        return match status {
            Status::Program(0) => exec_by_devcontainer(&target, command),
            failed => Ok(failed),
        };
    }
    engine::block_on(async {
        let (engine, running) = engine::interruptible(async {
            let engine = engine::connect().await?;
            let manner = Manner {
                replace: false,
                attach: command.is_empty(),
            };
            let running = bring_up(printer, request, &engine, &target, manner).await?;
            Ok((engine, running))
        })
        .await?;
        let way = Way::new(&engine, &target);
        let agent = way.open(printer, &target, &running.container);
        // The program may run for hours; other commands need not wait for it.
        drop(lock);
        exec(active, &engine, &target, &running, agent.as_ref(), command).await
    })
}

/// The program that made the container knows how to get into it.
fn exec_by_devcontainer(target: &Target, command: &[String]) -> Result {
    let shell = vec!["bash".to_owned()];
    let command = if command.is_empty() { &shell } else { command };
    let status = Command::new("devcontainer")
        .args(["exec", "--workspace-folder", &target.local_folder])
        .args(command)
        .status()
        .map_err(|error| {
            Error::world(anyhow::Error::new(error).context("cannot run devcontainer"))
        })?;
    Ok(Status::Program(program_status(
        status.code().unwrap_or(1).into(),
    )))
}

fn program_status(code: i64) -> u8 {
    u8::try_from(code).unwrap_or(1)
}

async fn exec(
    active_environment: Option<&str>,
    engine: &Engine,
    target: &Target,
    running: &Running,
    agent: Option<&Forwarded>,
    command: &[String],
) -> Result {
    let tty = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let mut env = environment::remote_environment(
        &running.config,
        &running.container.env,
        &[],
        running.user == "root",
    );
    if target.forward_credentials {
        env.extend(git_identity());
    }
    if let Some(agent) = agent {
        env.push((SSH_AUTH_SOCK.to_owned(), Some(agent.socket.clone())));
    }
    if let Some(name) = active_environment {
        env.push(("ENV_NAME".to_owned(), Some(name.to_owned())));
    }
    for name in ["TERM", "COLORTERM"] {
        let value = target.environment.get(name).filter(|_| tty);
        env.extend(value.map(|value| (name.to_owned(), Some(value.clone()))));
    }
    let mut words: Vec<String> = match &target.source {
        Source::Generated { .. } => vec![ACTIVATE.to_owned()],
        _ => ACTIVATE_IF_THERE.map(str::to_owned).to_vec(),
    };
    match command {
        [] => words.push("bash".to_owned()),
        command => words.extend_from_slice(command),
    }
    let exec = ExecRequest {
        container: running.container.id.clone(),
        command: words,
        env,
        user: Some(running.user.clone()),
        workdir: Some(target.folder_of(&locate::current_folder()?)),
        tty,
    };
    let (sender, signals) = mpsc::channel(4);
    tokio::spawn(forward_signals(sender.clone(), tty));
    let streams = ExecStreams {
        stdin: Some(mmdev_docker::read_stdin()),
        signals: Some(signals),
        sizes: tty.then(mmdev_docker::resizes),
    };
    let raw = if tty { Some(RawMode::enable()?) } else { None };
    let mut broken: Option<std::io::Error> = None;
    let code = engine
        .exec(&exec, streams, &mut |output| {
            let written = match output {
                ExecOutput::Stdout(bytes) => write(&mut std::io::stdout().lock(), &bytes),
                ExecOutput::Stderr(bytes) => write(&mut std::io::stderr().lock(), &bytes),
            };
            if let Err(error) = written {
                // As in a pipe of this machine; a program that does not mind, and writes on, is ended.
                let signal = match broken {
                    None => Signal::Pipe,
                    Some(_) => Signal::Terminate,
                };
                // A full channel holds signals enough.
                let _ = sender.try_send(signal);
                broken.get_or_insert(error);
            }
        })
        .await;
    drop(raw);
    match broken {
        // Whoever read it has gone, and misses nothing.
        Some(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            let error = anyhow::Error::new(error);
            Err(Error::world(
                error.context("cannot write what the program wrote"),
            ))
        }
        _ => Ok(Status::Program(program_status(code?))),
    }
}

fn write(stream: &mut impl Write, bytes: &[u8]) -> std::io::Result<()> {
    stream.write_all(bytes)?;
    stream.flush()
}

/// Ctrl-C and its like are for the program. With a terminal the keys themselves get there, and a shell that would stay,
/// as interactive ones do when they are to terminate, hears that its terminal goes.
async fn forward_signals(sender: mpsc::Sender<Signal>, tty: bool) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut interrupt), Ok(mut terminate), Ok(mut hang_up)) = (
            signal(SignalKind::interrupt()),
            signal(SignalKind::terminate()),
            signal(SignalKind::hangup()),
        ) else {
            return;
        };
        loop {
            let signal = tokio::select! {
                _ = interrupt.recv() => Signal::Interrupt,
                _ = terminate.recv() => Signal::Terminate,
                _ = hang_up.recv() => Signal::HangUp,
            };
            if sender.send(signal).await.is_err() {
                return;
            }
            let goes = tty && signal == Signal::Terminate;
            if goes && sender.send(Signal::HangUp).await.is_err() {
                return;
            }
        }
    }
    #[cfg(not(unix))]
    let _ = tty;
    #[cfg(not(unix))]
    while tokio::signal::ctrl_c().await.is_ok() {
        if sender.send(Signal::Interrupt).await.is_err() {
            return;
        }
    }
}

/// Who commits: the host's `user.name` and `user.email`, where git is here and knows them.
fn git_identity() -> Vec<(String, Option<String>)> {
    let config = |key: &str| {
        let output = Command::new("git")
            .args(["config", "--get", key])
            .output()
            .ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        let text = text.trim();
        (output.status.success() && !text.is_empty()).then(|| text.to_owned())
    };
    let mut variables = Vec::new();
    for (key, suffix) in [("user.name", "NAME"), ("user.email", "EMAIL")] {
        if let Some(value) = config(key) {
            for role in ["AUTHOR", "COMMITTER"] {
                variables.push((format!("GIT_{role}_{suffix}"), Some(value.clone())));
            }
        }
    }
    variables
}
