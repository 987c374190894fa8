//! `mmdev update`.

use clap::Args;

/// What `update` takes.
#[derive(Debug, Args)]
pub(crate) struct UpdateArguments {
    /// The names of locked packages, with what they need newer versions of; all packages otherwise
    #[arg(value_name = "PACKAGES")]
    pub(crate) packages: Vec<String>,

    /// Write nothing; show what would change
    #[arg(long)]
    pub(crate) dry_run: bool,
}
