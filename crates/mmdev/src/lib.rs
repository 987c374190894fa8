//! The program `mmdev`, as a library for its two binaries: from the command line to a command, and to an exit code.

mod agent;
mod changes;
mod channels;
mod cli;
mod commands;
mod condarc;
mod container_files;
mod desired;
mod devcontainer;
mod download;
mod drift;
#[cfg(test)]
mod editor_settings;
mod engine;
mod environment;
mod error;
mod external;
mod files;
mod git;
mod json;
mod load;
mod locate;
mod locking;
mod meaning;
mod panic;
mod plan;
mod printer;
mod progress;
#[cfg(test)]
mod reference;
mod render;
mod requirements;
mod settings;
mod settings_files;
mod source;
mod surroundings;
mod sync;
mod target;
mod uv;
mod watch;

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory, Parser};
use mmdev_core::amend::Section;
use mmdev_core::diagnostic::Applicability;

use crate::channels::Asker;
use crate::cli::base_image::BaseImageCommand;
use crate::cli::{Cli, Color, Command, Format, Global};
use crate::commands::check::{self, Mending};
use crate::commands::generate::Mode;
use crate::error::{Error, Result, Status};
use crate::plan::Writing;
use crate::printer::{MessageFormat, Printer, Verbosity};
use crate::settings::Request;

/// Runs the program with its arguments, the program's own name first.
pub fn main(arguments: Vec<OsString>) -> ExitCode {
    panic::install_hook();
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // A closed pipe is all that can go wrong here.
            let _ = error.print();
            return ExitCode::from(error.exit_code() as u8);
        }
    };
    let printer = printer(&cli.global);
    let outcome = run(cli, &printer).and_then(|status| match printer.failure() {
        Some(reason) => Err(Error::world(anyhow::Error::msg(format!(
            "stdout cannot be written: {reason}"
        )))),
        None => Ok(status),
    });
    match outcome {
        Ok(status) => status.into(),
        Err(error) => {
            printer.error(&error);
            error.status.into()
        }
    }
}

fn printer(global: &Global) -> Printer {
    match global.color {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    }
    .write_global();
    let format = match global.message_format {
        Format::Human => MessageFormat::Human,
        Format::Json => MessageFormat::Json,
        Format::Concise | Format::Github | Format::Sarif => MessageFormat::Report,
    };
    let verbosity = match (global.quiet, global.verbose) {
        (true, _) => Verbosity::Quiet,
        (_, true) => Verbosity::Verbose,
        _ => Verbosity::Normal,
    };
    Printer::new(format, verbosity)
}

fn run(cli: Cli, printer: &Printer) -> Result {
    if cli.list {
        return external::list(printer, &built_in());
    }
    let Some(command) = cli.command else {
        return Err(Error::invocation("a command is missing").with_hint("mmdev --list"));
    };
    if let Some(directory) = &cli.global.directory {
        std::env::set_current_dir(directory).map_err(|error| {
            Error::invocation(format!("cannot change to {}: {error}", directory.display()))
        })?;
    }
    if printer.is_report() && !matches!(command, Command::Check(_)) {
        return Err(
            Error::invocation("only `mmdev check` writes its findings in this format")
                .with_hint("--message-format human, or json for programs"),
        );
    }
    let request = |command: &str| Request::new(&cli.global, command);
    match command {
        Command::Init(arguments) => {
            let writing = writing(&arguments.write);
            let mut request = request("init")?;
            request.beside = writing.beside;
            commands::init::init(printer, &request, &arguments.packages, &writing)
        }
        Command::Generate(arguments) => {
            let writing = writing(&arguments.write);
            let mut request = request("generate")?;
            request.beside = writing.beside;
            commands::generate::generate(printer, &request, mode(&arguments), &writing)
        }
        Command::Check(arguments) => {
            let mut request = request("check")?;
            request.selection = commands::check::selection(&arguments.select, &arguments.ignore)?;
            if arguments.channels {
                request.asker = Some(Arc::new(Asker::new(printer, request.offline)?));
            }
            let options = check_options(arguments, cli.global.message_format);
            commands::check::check(printer, &request, &options)
        }
        Command::Add(arguments) => {
            let wanted = commands::add::Wanted {
                packages: arguments.packages,
                section: match arguments.pip {
                    true => Section::Pip,
                    false => Section::Conda,
                },
                channels: arguments.channels,
                platform: arguments.platform,
                to: arguments.to,
            };
            let options = amending(arguments.amend);
            commands::add::add(printer, &request("add")?, &wanted, options)
        }
        Command::Remove(arguments) => commands::remove::remove(
            printer,
            &request("remove")?,
            &arguments.packages,
            arguments.pip,
            amending(arguments.amend),
        ),
        Command::Update(arguments) => commands::update::update(
            printer,
            &request("update")?,
            &arguments.packages,
            arguments.dry_run,
        ),
        Command::Lock(arguments) => {
            let mode = match arguments.check {
                true => commands::lock::Mode::Check,
                false => commands::lock::Mode::Write,
            };
            let wish = locking::Wish {
                platforms: arguments.platforms,
                ..locking::Wish::default()
            };
            let mut request = request("lock")?;
            request.compact = arguments.compact;
            match arguments.all {
                true => {
                    commands::lock_all::lock_all(printer, &request, mode, &wish, &arguments.globs)
                }
                false => commands::lock::lock(printer, &request, mode, &wish),
            }
        }
        Command::Tree(arguments) => {
            let request = request("tree")?;
            let platform = arguments.platform.as_deref();
            commands::query::tree(
                printer,
                &request,
                platform,
                arguments.invert.as_deref(),
                arguments.depth,
            )
        }
        Command::Why(arguments) => {
            let request = request("why")?;
            let platform = arguments.platform.as_deref();
            commands::query::why(printer, &request, platform, &arguments.package)
        }
        Command::Diff(arguments) => {
            let sides = match arguments.sides.as_slice() {
                [old, new] => commands::query::Sides::Files(old.clone(), new.clone()),
                given => {
                    let revision = given.first().map(|given| given.display().to_string());
                    commands::query::Sides::Revision(revision.unwrap_or("HEAD".to_owned()))
                }
            };
            commands::query::diff(printer, &request("diff")?, &sides)
        }
        Command::Outdated => commands::query::outdated(printer, &request("outdated")?),
        Command::Search(arguments) => {
            let search = commands::query::Search {
                text: arguments.spec,
                channels: arguments.channel,
                platforms: arguments.platforms,
                is_whole: arguments.all,
            };
            commands::query::search(printer, &request("search")?, &search)
        }
        Command::Export(arguments) => export(printer, &request("export")?, arguments),
        Command::Build(arguments) => {
            let request = request("build")?;
            match (arguments.target, arguments.push) {
                (Some(cli::build::Target::Runtime), _) => {
                    commands::runtime::build(printer, &request, &arguments.keep)
                }
                (None, Some(reference)) => {
                    let push = commands::push::Push {
                        reference,
                        platforms: arguments.platforms,
                        cache_to: arguments.cache_to,
                        cache_from: arguments.cache_from,
                    };
                    commands::push::push(printer, &request, &push)
                }
                (None, None) => commands::build::build(printer, &request),
            }
        }
        Command::Up(arguments) => commands::up::up(printer, &request("up")?, arguments.recreate),
        Command::Run(arguments) => {
            commands::run::run(printer, &request("run")?, &arguments.command)
        }
        Command::Shell => commands::run::run(printer, &request("shell")?, &[]),
        Command::Down => commands::status::down(printer),
        Command::Status => commands::status::status(printer, &request("status")?),
        Command::Size(arguments) => {
            let image = arguments.image.as_deref();
            commands::size::size(printer, &request("size")?, image, arguments.all)
        }
        Command::Watch(arguments) => {
            let options = commands::watch::Options {
                once: arguments.once,
                recreate: arguments.recreate,
                detach: arguments.detach,
                stop: arguments.stop,
                detached: arguments.detached,
            };
            commands::watch::watch(printer, &request("watch")?, options)
        }
        Command::Clean => commands::status::clean(printer, &request("clean")?),
        Command::Explain(arguments) => commands::explain::explain(printer, &arguments.code),
        Command::Rules => commands::rules::rules(printer),
        Command::Completions(arguments) => {
            let mut script = Vec::new();
            clap_complete::generate(arguments.shell, &mut Cli::command(), "mmdev", &mut script);
            printer.stdout(&String::from_utf8_lossy(&script));
            Ok(Status::Done)
        }
        Command::Doctor => commands::doctor::doctor(printer),
        Command::Lsp(_) => commands::lsp::lsp(cli.global.offline),
        Command::Eject => commands::eject::eject(printer),
        Command::External(words) => external::run(&words, &built_in()),
        Command::BaseImage(BaseImageCommand::Build(arguments)) => {
            let request = commands::base_image::Request {
                parent: arguments.from,
                micromamba: arguments.micromamba,
                tag: arguments.tag,
                print: arguments.print,
                offline: cli.global.offline,
            };
            commands::base_image::build(printer, &request)
        }
    }
}

fn export(printer: &Printer, request: &Request, arguments: cli::query::ExportArguments) -> Result {
    use commands::query::{Format, Place};
    let format = match (arguments.explicit, arguments.spec) {
        (true, _) => Format::Explicit,
        (_, true) => Format::Spec,
        _ => Format::Sbom,
    };
    let place = match (arguments.pin, arguments.output) {
        (true, _) => Place::Pins,
        (_, Some(output)) => Place::Files(output),
        _ => Place::Stdout,
    };
    let platform = arguments.platform.as_deref();
    commands::query::export(printer, request, format, &place, platform)
}

fn check_options(
    arguments: cli::check::CheckArguments,
    format: Format,
) -> commands::check::Options {
    let least = match arguments.unsafe_fixes {
        true => Applicability::Unsafe,
        false => Applicability::Safe,
    };
    commands::check::Options {
        paths: arguments.paths,
        stdin: arguments.stdin_filename,
        mending: (arguments.fix || arguments.diff).then_some(Mending {
            least,
            is_diff: arguments.diff,
        }),
        format: match format {
            Format::Human | Format::Json => check::Format::Plain,
            Format::Concise => check::Format::Concise,
            Format::Github => check::Format::Github,
            Format::Sarif => check::Format::Sarif,
        },
        statistics: arguments.statistics,
        deny_warnings: arguments.deny_warnings,
        watch: arguments.watch,
    }
}

fn amending(arguments: cli::add::AmendArguments) -> commands::amend::Options {
    commands::amend::Options {
        is_dry: arguments.dry_run,
        locks: !arguments.no_lock,
    }
}

fn writing(arguments: &cli::generate::WriteArguments) -> Writing {
    Writing {
        force: arguments.force,
        yes: arguments.yes,
        beside: arguments.beside,
    }
}

fn mode(arguments: &cli::generate::GenerateArguments) -> Mode {
    match (arguments.check, arguments.diff, arguments.dry_run) {
        (true, _, _) => Mode::Check,
        (_, true, _) => Mode::Diff,
        (_, _, true) => Mode::DryRun,
        _ => Mode::Write,
    }
}

/// The names of the commands and what they do.
fn built_in() -> Vec<external::Listed> {
    Cli::command()
        .get_subcommands()
        .map(|command| external::Listed {
            name: command.get_name().to_owned(),
            about: command
                .get_about()
                .map(ToString::to_string)
                .unwrap_or_default(),
        })
        .collect()
}
