//! A stand-in for micromamba 2.x over the rattler crates, for tests that cannot have
//! the real program: the commands that images, guides and generated files call, with
//! the real program's output, exit codes, package cache, conda-meta and history.
//! tests/recorded.rs holds it against recorded sessions of the real 2.8.1.
#![allow(
    clippy::print_stderr,
    reason = "a command-line program speaks to its terminal"
)]

mod activate;
mod cache;
mod channels;
mod clean;
mod cli;
mod config;
mod console;
mod context;
mod explain;
mod host;
mod install;
mod link;
mod package;
mod pip;
mod prefix;
mod query;
mod remove;
mod shell;
mod solve;
mod spec;
mod specfile;
mod transaction;

use std::os::unix::process::CommandExt as _;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::Parser as _;
use clap::error::{ContextKind, ErrorKind};

use crate::cli::{Cli, Command, EnvCommand};
use crate::context::Context;

/// The version that is stood in for, in a form that a version parser reads as 2.8.1.
const VERSION: &str = "2.8.1+mmdev.standin";

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            console::log("critical", &format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// A wrong invocation, with the exit codes of the real program's CLI11.
fn refuse(error: &clap::Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            console::put(&error.to_string());
            ExitCode::SUCCESS
        }
        ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand => {
            let argument = error
                .get(ContextKind::InvalidArg)
                .or_else(|| error.get(ContextKind::InvalidSubcommand));
            let argument = argument.map(ToString::to_string).unwrap_or_default();
            eprintln!("The following argument was not expected: {argument}");
            eprintln!("Run with --help for more information.");
            ExitCode::from(109)
        }
        _ => {
            eprintln!("{}", error.render());
            ExitCode::from(106)
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode> {
    if cli.version {
        console::note(VERSION);
        return Ok(ExitCode::SUCCESS);
    }
    let context = Context::new(&cli.common)?;
    if context.quiet {
        console::be_quiet();
    }
    let Some(command) = cli.command else {
        bail!("no command given, see micromamba --help");
    };
    match command {
        Command::Install(options) => install::install(&context, &options)?,
        Command::Create(options) => install::create(&context, &options)?,
        Command::Update(options) => install::update(&context, &options, false)?,
        Command::Remove(options) => remove::remove(&context, &options)?,
        Command::List(options) => query::list(&context, &options)?,
        Command::Env { command } => match command {
            EnvCommand::List => query::environments(&context)?,
            EnvCommand::Export {
                explicit,
                no_md5,
                no_build,
                from_history,
                channel_subdir,
            } => {
                query::export(
                    &context,
                    &query::Export {
                        explicit,
                        no_md5,
                        no_build,
                        from_history,
                        channel_subdir,
                    },
                )?;
            }
            EnvCommand::Update(options) => install::update(&context, &options, true)?,
            EnvCommand::Create(options) => install::create(&context, &options)?,
            EnvCommand::Remove => remove::remove_environment(&context)?,
        },
        Command::Run(options) => return run_program(&context, &options),
        Command::Clean(options) => clean::clean(&context, &options)?,
        Command::Config { command } => config::config(&context, &command)?,
        Command::Shell(options) => shell::shell(&context, &options)?,
        Command::Activate { .. } | Command::Deactivate => shell::explain_missing_function()?,
        Command::Info => query::info(&context)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// `micromamba run`: this process becomes the program, in the activated environment.
fn run_program(context: &Context, options: &cli::Run) -> Result<ExitCode> {
    let [program, arguments @ ..] = options.command.as_slice() else {
        bail!("Did not receive any command to run inside environment");
    };
    let prefix = context.target(None, true)?;
    if !prefix.join("conda-meta").exists() {
        bail!("The given prefix does not exist: \"{}\"", prefix.display());
    }
    let mut command = activate::command(context, &prefix, program, arguments);
    if options.clean_env {
        let keep = [
            "HOME",
            "PATH",
            "USER",
            "TERM",
            "MAMBA_ROOT_PREFIX",
            "MAMBA_EXE",
        ];
        let kept: Vec<_> = std::env::vars_os()
            .filter(|(key, _)| keep.iter().any(|name| key == *name))
            .collect();
        command.env_clear().envs(kept);
    }
    for assignment in &options.env {
        let (name, value) = assignment
            .split_once('=')
            .with_context(|| format!("Invalid variable '{assignment}', KEY=VALUE expected"))?;
        command.env(name, value);
    }
    if let Some(folder) = &options.cwd {
        command.current_dir(folder);
    }
    Err(command.exec()).context("cannot start a shell")
}
