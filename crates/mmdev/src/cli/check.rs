//! `mmdev check`.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

/// What `check` takes.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("mending").args(["fix", "diff"]).multiple(true))]
pub(crate) struct CheckArguments {
    /// Files, and folders whose specs are meant, instead of the project and all specs in it; `-` is stdin
    #[arg(value_name = "FILES")]
    pub(crate) paths: Vec<PathBuf>,

    /// The file that stdin is the text of
    #[arg(long, value_name = "FILE")]
    pub(crate) stdin_filename: Option<PathBuf>,

    /// The rules that speak, instead of those of the settings: codes, beginnings of codes, names, or ALL
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub(crate) select: Vec<String>,

    /// The rules that are silent, instead of those of the settings; of two words for a rule the longer one decides
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub(crate) ignore: Vec<String>,

    /// Ask the channels as well what they have (rules MM7xx), which needs the network; with --offline take what the
    /// cache has
    #[arg(long)]
    pub(crate) channels: bool,

    /// Mend what can be mended without changing what is meant
    #[arg(long)]
    pub(crate) fix: bool,

    /// Mend as well what a person should look at afterwards; with --fix or --diff
    #[arg(long, requires = "mending")]
    pub(crate) unsafe_fixes: bool,

    /// Write nothing; show what --fix would change, and exit 1 if that is something
    #[arg(long)]
    pub(crate) diff: bool,

    /// Exit 1 for warnings as well
    #[arg(long)]
    pub(crate) deny_warnings: bool,

    /// Count the findings of each rule instead of showing them
    #[arg(long, conflicts_with = "diff")]
    pub(crate) statistics: bool,

    /// Check again whenever a file has changed, until Ctrl-C
    #[arg(long, conflicts_with = "mending")]
    pub(crate) watch: bool,
}
