//! `mmdev generate`.

use clap::Args;

/// What `generate` takes.
#[derive(Debug, Args)]
pub(crate) struct GenerateArguments {
    /// Write nothing; exit 1 if a file would change (for CI)
    #[arg(long, conflicts_with_all = ["diff", "dry_run"])]
    pub(crate) check: bool,

    /// Write nothing; show what would change
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) diff: bool,

    /// Write nothing; name what would be written
    #[arg(long)]
    pub(crate) dry_run: bool,

    #[command(flatten)]
    pub(crate) write: WriteArguments,
}

/// How far writing may go.
#[derive(Debug, Clone, Args)]
pub(crate) struct WriteArguments {
    /// Overwrite what mmdev owns even where a person changed it
    #[arg(long)]
    pub(crate) force: bool,

    /// Adopt a devcontainer.json that mmdev did not write without asking
    #[arg(long, short = 'y', conflicts_with = "beside")]
    pub(crate) yes: bool,

    /// Leave the devcontainer.json that is there, and write a second configuration beside it
    #[arg(long)]
    pub(crate) beside: bool,
}
