//! `mmdev remove`.

use clap::Args;

/// What `remove` takes.
#[derive(Debug, Args)]
pub(crate) struct RemoveArguments {
    /// The names of dependencies
    #[arg(value_name = "PACKAGES", required = true)]
    pub(crate) packages: Vec<String>,

    /// From the pip section alone
    #[arg(long)]
    pub(crate) pip: bool,

    #[command(flatten)]
    pub(crate) amend: super::add::AmendArguments,
}
