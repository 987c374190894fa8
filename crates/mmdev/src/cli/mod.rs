//! The command line: what may be typed, one file per command. Nothing here does anything.

pub(crate) mod add;
pub(crate) mod base_image;
pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod explain;
pub(crate) mod generate;
pub(crate) mod init;
pub(crate) mod lock;
pub(crate) mod lsp;
pub(crate) mod query;
pub(crate) mod remove;
pub(crate) mod run;
pub(crate) mod size;
pub(crate) mod update;
pub(crate) mod watch;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{FalseyValueParser, Styles, styling::AnsiColor};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use mmdev_core::settings::is_environment_name;

use crate::environment;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// From a conda environment spec (env.yaml) to a development container that just works.
#[derive(Debug, Parser)]
#[command(
    name = "mmdev",
    bin_name = "mmdev",
    version,
    styles = STYLES,
    allow_external_subcommands = true,
    subcommand_required = false,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "`mmdev generate` and `mmdev check` need no Docker. See `mmdev COMMAND --help` for more.",
    max_term_width = 100
)]
pub(crate) struct Cli {
    /// List the commands, with the external ones (`mmdev-NAME` on PATH)
    #[arg(long, exclusive = true)]
    pub(crate) list: bool,

    #[command(flatten)]
    pub(crate) global: Global,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Change to DIR before doing anything
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub(crate) directory: Option<PathBuf>,

    /// A spec file; several are merged into one environment
    #[arg(short, long = "file", value_name = "FILE", global = true, action = ArgAction::Append)]
    pub(crate) files: Vec<PathBuf>,

    /// An environment of its own from FILE; NAME alone chooses the active one
    #[arg(long = "env", value_name = "NAME[=FILE]", global = true, action = ArgAction::Append)]
    pub(crate) environments: Vec<EnvironmentArgument>,

    /// The image that the Dockerfile starts from
    #[arg(long, value_name = "IMAGE", global = true, env = environment::BASE, hide_env_values = true)]
    pub(crate) base: Option<String>,

    /// Say only warnings and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Say more
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,

    /// Colours
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto", env = environment::COLOR, hide_env_values = true)]
    pub(crate) color: Color,

    /// Pull and download nothing; builds take from the engine's cache what they can
    #[arg(long, global = true, env = environment::OFFLINE, value_parser = FalseyValueParser::new(), hide_env_values = true)]
    pub(crate) offline: bool,

    /// Fail where a lock would have to change
    #[arg(long, global = true)]
    pub(crate) locked: bool,

    /// As --locked and --offline together
    #[arg(long, global = true)]
    pub(crate) frozen: bool,

    /// What stdout is: text, one JSON object a line (docs/reference/json.md), or, from `check` alone, a report
    #[arg(long, value_name = "FORMAT", global = true, default_value = "human", env = environment::MESSAGE_FORMAT, hide_env_values = true)]
    pub(crate) message_format: Format,
}

/// `--env NAME=FILE` or `--env NAME`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EnvironmentArgument {
    pub(crate) name: String,
    pub(crate) file: Option<PathBuf>,
}

impl std::str::FromStr for EnvironmentArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = match text.split_once('=') {
            Some((_, "")) => return Err("the file after `=` is missing".to_owned()),
            Some((name, file)) => (name, Some(PathBuf::from(file))),
            None => (text, None),
        };
        if name.is_empty() {
            return Err("the name before `=` is missing".to_owned());
        }
        // It is written into the settings, and read from there the next time.
        if !is_environment_name(name) {
            return Err("a name has letters, digits, `_`, `-` and `.`".to_owned());
        }
        Ok(EnvironmentArgument {
            name: name.to_owned(),
            file,
        })
    }
}

/// `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

/// `--message-format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Human,
    Json,
    Concise,
    Github,
    Sarif,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start a project: write env.yaml with PACKAGES if there is none, and generate
    Init(init::InitArguments),
    /// Write the dev container's files from the spec
    Generate(generate::GenerateArguments),
    /// Say what is wrong with specs, and mend it
    Check(check::CheckArguments),
    /// Put packages into the spec, with a version that fits, and lock
    Add(add::AddArguments),
    /// Take packages out of the spec, and lock
    Remove(remove::RemoveArguments),
    /// Solve the spec, and write the exact records to conda-lock.yml beside it
    Lock(lock::LockArguments),
    /// Move what is locked forward within the spec
    Update(update::UpdateArguments),
    /// Show what is locked as a tree: what each package needs, or what needs it
    Tree(query::TreeArguments),
    /// Say why a package is locked: by which dependencies of the spec
    Why(query::WhyArguments),
    /// Say what differs between two locks: packages, versions, size
    Diff(query::DiffArguments),
    /// Say which dependencies have newer versions, within the spec and beyond it
    Outdated,
    /// Say what channels have of a package: versions, builds, dependencies, size, licence
    Search(query::SearchArguments),
    /// Write what is locked for other programs: an explicit list, a spec of exact versions, a bill of materials
    Export(query::ExportArguments),
    /// Build the image
    Build(build::BuildArguments),
    /// Build what is not built and start the container
    Up(run::UpArguments),
    /// Run a command in the container, in the environment; starts it if needed
    Run(run::RunArguments),
    /// Open a shell in the container
    Shell,
    /// Stop and remove the container
    Down,
    /// Say what is there: files, image, container
    Status,
    /// Say where the bytes of an image are: by layer, package and file
    Size(size::SizeArguments),
    /// Follow the spec: on every save, files and image are brought in line with it
    Watch(watch::WatchArguments),
    /// Remove the project's superseded images, and empty mmdev's package cache
    Clean,
    /// Look for what may be in the way on this machine
    Doctor,
    /// Explain a rule, such as MM101
    Explain(explain::ExplainArguments),
    /// List the rules
    Rules,
    /// Serve an editor: the language server, on stdin and stdout
    Lsp(lsp::LspArguments),
    /// Leave plain files that mmdev no longer owns
    Eject,
    /// Make a micromamba base image on another image
    #[command(subcommand)]
    BaseImage(base_image::BaseImageCommand),
    /// Write completions for a shell
    Completions(completions::CompletionsArguments),
    /// A program `mmdev-NAME` on PATH
    #[command(external_subcommand)]
    External(Vec<OsString>),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_grammar_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn environments() {
        let check = |text: &str| {
            text.parse::<EnvironmentArgument>()
                .map(|argument| (argument.name, argument.file))
        };
        assert_eq!(
            check("a=b=c.yaml"),
            Ok(("a".to_owned(), Some(PathBuf::from("b=c.yaml"))))
        );
        assert_eq!(check("a"), Ok(("a".to_owned(), None)));
        assert!(check("a=").is_err());
        assert!(check("=b").is_err());
    }
}
