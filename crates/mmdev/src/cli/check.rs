//! `mmdev check`.

use std::path::PathBuf;

use clap::Args;

/// What `check` takes.
#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    /// The files to check instead of the project's spec; `-` is stdin
    #[arg(value_name = "FILES")]
    pub(crate) paths: Vec<PathBuf>,
}
