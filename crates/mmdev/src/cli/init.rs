//! `mmdev init`.

use clap::Args;

/// What `init` takes.
#[derive(Debug, Args)]
pub(crate) struct InitArguments {
    /// MatchSpecs for the new spec, such as python=3.12 or "numpy>=2"
    #[arg(value_name = "PACKAGES")]
    pub(crate) packages: Vec<String>,

    #[command(flatten)]
    pub(crate) write: super::generate::WriteArguments,
}
