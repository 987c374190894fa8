//! `mmdev size`.

use clap::Args;

/// What `size` takes.
#[derive(Debug, Args)]
pub(crate) struct SizeArguments {
    /// An image on this machine; that of the project unless given
    #[arg(value_name = "IMAGE")]
    pub(crate) image: Option<String>,

    /// List all layers, packages and files, not only the largest 15
    #[arg(long)]
    pub(crate) all: bool,
}
