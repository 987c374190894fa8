//! The command line, in clap's words: the part of micromamba's that images and people use.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// micromamba's global and per-command options.
#[derive(Parser)]
#[command(
    name = "micromamba",
    disable_version_flag = true,
    disable_help_subcommand = true
)]
pub(crate) struct Cli {
    /// Print the version and exit.
    #[arg(long)]
    pub(crate) version: bool,
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What stands before or behind any command. Options that this program needs no
/// answer to (the log level, TLS, channel priority) are accepted, as scripts pass them.
#[derive(Args, Clone)]
pub(crate) struct Common {
    #[arg(short = 'r', long, global = true)]
    pub(crate) root_prefix: Option<PathBuf>,
    #[arg(short = 'p', long, global = true)]
    pub(crate) prefix: Option<PathBuf>,
    #[arg(short = 'n', long, global = true)]
    pub(crate) name: Option<String>,
    #[arg(short = 'y', long, global = true)]
    pub(crate) yes: bool,
    #[arg(short = 'q', long, global = true)]
    pub(crate) quiet: bool,
    #[arg(short = 'v', long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    #[arg(long, global = true)]
    pub(crate) log_level: Option<String>,
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[arg(long, global = true)]
    pub(crate) offline: bool,
    #[arg(long, global = true)]
    pub(crate) dry_run: bool,
    #[arg(long, global = true)]
    pub(crate) rc_file: Vec<PathBuf>,
    #[arg(long, global = true)]
    pub(crate) no_rc: bool,
    #[arg(long, global = true)]
    pub(crate) no_env: bool,
    #[arg(short = 'c', long = "channel", global = true, value_delimiter = ',')]
    pub(crate) channels: Vec<String>,
    #[arg(long, global = true)]
    pub(crate) override_channels: bool,
    #[arg(long, global = true)]
    pub(crate) platform: Option<String>,
    #[arg(long, global = true)]
    pub(crate) ssl_verify: Option<String>,
    #[arg(long, global = true)]
    pub(crate) cacert_path: Option<String>,
    #[arg(long, global = true)]
    pub(crate) retry_clean_cache: bool,
    #[arg(long, global = true)]
    pub(crate) repodata_ttl: Option<u64>,
    #[arg(long, global = true)]
    pub(crate) no_channel_priority: bool,
    #[arg(long, global = true)]
    pub(crate) strict_channel_priority: bool,
    #[arg(long, global = true)]
    pub(crate) channel_priority: Option<String>,
}

/// What to do.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Install packages in an environment.
    Install(Install),
    /// Create an environment.
    Create(Install),
    /// Update packages in an environment.
    #[command(visible_alias = "upgrade")]
    Update(Install),
    /// Remove packages from an environment.
    #[command(visible_alias = "uninstall")]
    Remove(Remove),
    /// List the packages of an environment.
    List(List),
    /// Questions about environments.
    Env {
        #[command(subcommand)]
        command: EnvCommand,
    },
    /// Run a program in an environment.
    Run(Run),
    /// Clean the package cache.
    Clean(Clean),
    /// Settings.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Code for shells.
    Shell(Shell),
    /// Only the shell's function can do this.
    Activate { name: Option<String> },
    /// Only the shell's function can do this.
    Deactivate,
    /// What this program sees.
    Info,
}

/// Options of install, create and update; those about locks and pins are accepted only.
#[derive(Args, Default)]
pub(crate) struct Install {
    pub(crate) specs: Vec<String>,
    #[arg(short, long)]
    pub(crate) file: Vec<String>,
    #[arg(long)]
    pub(crate) no_deps: bool,
    #[arg(long)]
    pub(crate) only_deps: bool,
    #[arg(short = 'a', long)]
    pub(crate) all: bool,
    #[arg(long, alias = "prune")]
    pub(crate) prune_deps: bool,
    #[arg(long)]
    pub(crate) force_reinstall: bool,
    #[arg(long)]
    pub(crate) freeze_installed: bool,
    #[arg(long = "category")]
    pub(crate) categories: Vec<String>,
    #[arg(long)]
    pub(crate) no_py_pin: bool,
    #[arg(long)]
    pub(crate) no_pin: bool,
    #[arg(long)]
    pub(crate) no_pyc: bool,
    #[arg(long)]
    pub(crate) allow_uninstall: bool,
    #[arg(long)]
    pub(crate) always_copy: bool,
    #[arg(long)]
    pub(crate) always_softlink: bool,
    #[arg(long)]
    pub(crate) lock_timeout: Option<u64>,
}

/// Options of remove.
#[derive(Args)]
pub(crate) struct Remove {
    pub(crate) specs: Vec<String>,
    #[arg(short = 'a', long)]
    pub(crate) all: bool,
    #[arg(short = 'f', long)]
    pub(crate) force: bool,
    #[arg(long)]
    pub(crate) no_prune_deps: bool,
    #[arg(long)]
    pub(crate) prune_deps: bool,
}

/// Options of list.
#[derive(Args)]
pub(crate) struct List {
    pub(crate) pattern: Option<String>,
    #[arg(long)]
    pub(crate) full_name: bool,
    #[arg(long)]
    pub(crate) no_pip: bool,
    #[arg(long)]
    pub(crate) reverse: bool,
    #[arg(long)]
    pub(crate) explicit: bool,
    #[arg(long)]
    pub(crate) md5: bool,
    #[arg(long)]
    pub(crate) sha256: bool,
    #[arg(long)]
    pub(crate) canonical: bool,
    #[arg(short, long)]
    pub(crate) export: bool,
}

/// Below `micromamba env`.
#[derive(Subcommand)]
pub(crate) enum EnvCommand {
    /// List the environments.
    List,
    /// Write an environment down.
    Export {
        #[arg(short, long)]
        explicit: bool,
        #[arg(long)]
        no_md5: bool,
        #[arg(long, alias = "no-builds")]
        no_build: bool,
        #[arg(long)]
        from_history: bool,
        #[arg(long)]
        channel_subdir: bool,
    },
    /// Install what a file says.
    Update(Install),
    /// Make an environment from a file.
    Create(Install),
    /// Remove an environment.
    Remove,
}

/// Options of run.
#[derive(Args)]
pub(crate) struct Run {
    #[arg(short = 'a', long)]
    pub(crate) attach: Option<String>,
    #[arg(long)]
    pub(crate) cwd: Option<PathBuf>,
    #[arg(long)]
    pub(crate) clean_env: bool,
    #[arg(short, long)]
    pub(crate) env: Vec<String>,
    #[arg(long, alias = "live-stream", alias = "no-capture-output")]
    pub(crate) no_capture: bool,
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) command: Vec<String>,
}

/// Options of clean.
#[derive(Args)]
pub(crate) struct Clean {
    #[arg(short = 'a', long)]
    pub(crate) all: bool,
    #[arg(short = 'i', long)]
    pub(crate) index_cache: bool,
    #[arg(short = 'P', long)]
    pub(crate) packages: bool,
    #[arg(short = 't', long)]
    pub(crate) tarballs: bool,
    #[arg(short = 'l', long)]
    pub(crate) locks: bool,
    #[arg(long)]
    pub(crate) trash: bool,
    #[arg(short = 'f', long)]
    pub(crate) force_pkgs_dirs: bool,
}

/// Below `micromamba config`.
#[derive(Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show the settings of the rc file.
    List,
    /// Show one setting.
    Get { key: String },
    /// Write one setting.
    Set { key: String, value: String },
    /// Add to the end of a list.
    Append { key: String, value: String },
    /// Add to the beginning of a list.
    Prepend { key: String, value: String },
    /// Remove a setting.
    RemoveKey { key: String },
}

/// `shell` itself, and the commands below it.
#[derive(Args)]
pub(crate) struct Shell {
    #[arg(short, long, global = true)]
    pub(crate) shell: Option<String>,
    #[command(subcommand)]
    pub(crate) command: ShellCommand,
}

/// Below `micromamba shell`.
#[derive(Subcommand)]
pub(crate) enum ShellCommand {
    /// The function that makes `micromamba activate` work.
    Hook,
    /// Code that activates.
    Activate {
        environment: Option<String>,
        #[arg(long)]
        stack: bool,
    },
    /// Code that activates again.
    Reactivate,
    /// Code that deactivates.
    Deactivate,
    /// Adds the hook to the shell's start-up file.
    Init,
    /// Takes it out again.
    Deinit,
}
