//! The lifecycle commands of a container that is up: each stage once, whoever ran the others.

use std::time::Duration;

use futures_util::future::join_all;
use mmdev_core::container::config::DevContainer;
use mmdev_core::container::lifecycle::{self, LifecycleCommand, Stage, Stamp, Step};
use mmdev_core::container::user::{self, Account, RemoteUser};
use mmdev_core::container::{environment, variables};
use mmdev_docker::{ContainerInfo, Engine, ExecOutput, ExecRequest, ExecStreams, Finished, Signal};
use tokio::sync::mpsc;

use crate::engine::OwnEnd;
use crate::error::{Error, Result};
use crate::printer::Printer;
use crate::progress::LastLine;
use crate::target::Target;

/// A container that runs, and what is known of it.
pub(crate) struct Inside<'a> {
    /// The container.
    pub(crate) container: &'a ContainerInfo,
    /// What its devcontainer.json and its image say together.
    pub(crate) config: &'a DevContainer,
    /// Who runs its commands.
    pub(crate) remote: &'a RemoteUser,
}

/// The remote user, as exec takes it.
pub(crate) fn exec_user(remote: &RemoteUser) -> String {
    match &remote.group {
        Some(group) => format!("{}:{group}", remote.name),
        None => remote.name.clone(),
    }
}

/// Runs the lifecycle commands that did not run yet in this container; `attach` says that somebody goes in.
pub(crate) async fn run(
    printer: &Printer,
    engine: &Engine,
    target: &Target,
    attach: bool,
    inside: &Inside<'_>,
) -> Result<()> {
    let &Inside {
        container,
        config,
        remote,
    } = inside;
    let passwd = engine.read_file(&container.id, "/etc/passwd").await?;
    let account = user::find_account(&passwd.unwrap_or_default(), &remote.name);
    let home = account.as_ref().map_or("/", |account| &account.home);
    let base = ExecRequest {
        container: container.id.clone(),
        user: Some(exec_user(remote)),
        workdir: Some(target.workspace.folder.clone()),
        ..ExecRequest::default()
    };
    let mut probed = None;
    for step in lifecycle::steps(config) {
        if step.stage == Stage::PostAttach && !attach {
            continue;
        }
        if !claim(engine, &base, container, home, &step).await? || step.commands.is_empty() {
            continue;
        }
        if probed.is_none() {
            let env = probe(engine, &base, container, config, account.as_ref(), remote).await?;
            probed = Some(env);
        }
        let property = step.stage.property();
        printer.status("Running", property);
        let base = ExecRequest {
            env: probed.clone().unwrap_or_default(),
            ..base.clone()
        };
        for command in &step.commands {
            let requests = requests(command, &base, container);
            let Some(all) = run_together(printer, engine, property, &requests).await else {
                give_back(engine, &base, home, &step).await?;
                return Err(Error::interrupted());
            };
            for finished in all {
                ended(printer, property, &finished?)?;
            }
        }
    }
    Ok(())
}

/// What `command` asks to be run at the same time.
fn requests(
    command: &LifecycleCommand,
    base: &ExecRequest,
    container: &ContainerInfo,
) -> Vec<ExecRequest> {
    let fill = |text: &str| variables::with_container_environment(text, &container.env);
    let processes = command.map(&fill).processes().into_iter();
    processes
        .map(|process| ExecRequest {
            command: process.arguments,
            ..base.clone()
        })
        .collect()
}

/// Runs the commands of an object at the same time, since one may wait for another; `None` where Ctrl-C ended them.
async fn run_together(
    printer: &Printer,
    engine: &Engine,
    property: &str,
    requests: &[ExecRequest],
) -> Option<Vec<Result<Finished>>> {
    let progress = LastLine::new(printer, property);
    let mut signals = Vec::new();
    let all = requests.iter().map(|request| {
        let (sender, receiver) = mpsc::channel(ENDINGS.len());
        signals.push(sender);
        run_one(engine, request, receiver, &progress)
    });
    let mut all = std::pin::pin!(join_all(all.collect::<Vec<_>>()));
    // The container would go on with a command that nobody waits for any more.
    let _own_end = OwnEnd::take();
    tokio::select! {
        all = &mut all => return Some(all),
        _ = tokio::signal::ctrl_c() => {}
    }
    printer.status("Stopping", property);
    for signal in ENDINGS {
        for sender in &signals {
            // One that has ended takes no more.
            let _ = sender.try_send(signal);
        }
        if tokio::time::timeout(PATIENCE, &mut all).await.is_ok() {
            break;
        }
    }
    None
}

/// How a command is asked to end, one after the other.
const ENDINGS: [Signal; 2] = [Signal::Interrupt, Signal::Terminate];

/// How long it may take after each.
const PATIENCE: Duration = Duration::from_secs(3);

async fn run_one(
    engine: &Engine,
    request: &ExecRequest,
    signals: mpsc::Receiver<Signal>,
    progress: &LastLine,
) -> Result<Finished> {
    let streams = ExecStreams {
        signals: Some(signals),
        ..ExecStreams::default()
    };
    let mut finished = Finished::default();
    let (stdout, stderr) = (&mut finished.stdout, &mut finished.stderr);
    finished.exit_code = engine
        .exec(request, streams, &mut |output| {
            let (bytes, all) = match output {
                ExecOutput::Stdout(bytes) => (bytes, &mut *stdout),
                ExecOutput::Stderr(bytes) => (bytes, &mut *stderr),
            };
            progress.show(&bytes);
            all.extend_from_slice(&bytes);
        })
        .await?;
    Ok(finished)
}

/// Takes back that the stage has run, so that the next `up` runs it.
async fn give_back(engine: &Engine, base: &ExecRequest, home: &str, step: &Step) -> Result<()> {
    let request = ExecRequest {
        command: lifecycle::give_back(home, step.stage),
        workdir: None,
        ..base.clone()
    };
    engine.exec_output(&request).await?;
    Ok(())
}

/// Says how a lifecycle command ended; one that failed is an error with what it said.
fn ended(printer: &Printer, property: &str, finished: &Finished) -> Result<()> {
    let log = format!(
        "{}{}",
        String::from_utf8_lossy(&finished.stdout),
        String::from_utf8_lossy(&finished.stderr)
    );
    if finished.exit_code == 0 {
        printer.detail(log.trim_end());
        return Ok(());
    }
    let mut error = Error::problem(format!(
        "{property} of devcontainer.json ended with exit code {}",
        finished.exit_code
    ))
    .with_hint("the container runs; look around in it: mmdev shell")
    .with_hint("it does not run again in this container: mend it, and run mmdev up --recreate");
    error.log = log.lines().map(str::to_owned).collect();
    Err(error)
}

/// Whether the stage has still to run; then its marker is written.
async fn claim(
    engine: &Engine,
    base: &ExecRequest,
    container: &ContainerInfo,
    home: &str,
    step: &Step,
) -> Result<bool> {
    let time = match step.stage.stamp() {
        None => return Ok(true),
        Some(Stamp::Created) => &container.created,
        Some(Stamp::Started) => &container.started_at,
    };
    let request = ExecRequest {
        command: lifecycle::claim(home, step.stage, time),
        workdir: None,
        ..base.clone()
    };
    Ok(engine.exec_output(&request).await?.exit_code == 0)
}

/// The environment of the remote user, as a shell of theirs has it.
async fn probe(
    engine: &Engine,
    base: &ExecRequest,
    container: &ContainerInfo,
    config: &DevContainer,
    account: Option<&Account>,
    remote: &RemoteUser,
) -> Result<Vec<(String, Option<String>)>> {
    const TOKEN: &str = "mmdev-probe-5d1c3b1e";
    let shell = account.map_or("/bin/sh", |account| &account.shell);
    let mut probed = Vec::new();
    if let Some(command) = environment::probe_command(config, shell, TOKEN) {
        let request = ExecRequest {
            command,
            ..base.clone()
        };
        let answer = tokio::time::timeout(PROBE_TIME, engine.exec_output(&request)).await;
        if let Ok(Ok(finished)) = answer {
            probed = environment::parse_probe(&finished.stdout, TOKEN).unwrap_or_default();
        }
    }
    Ok(environment::remote_environment(
        config,
        &container.env,
        &probed,
        remote.is_root(),
    ))
}

/// The devcontainer CLI gives a shell as long.
const PROBE_TIME: Duration = Duration::from_secs(10);
