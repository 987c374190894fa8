//! The commands that read the lock: `mmdev tree`, `mmdev why` and their like.

use std::path::PathBuf;

use clap::Args;

/// What `tree` takes.
#[derive(Debug, Args)]
pub(crate) struct TreeArguments {
    /// Show what needs PKG instead
    #[arg(long, short = 'i', value_name = "PKG")]
    pub(crate) invert: Option<String>,

    /// Go no deeper than N below the top
    #[arg(long, value_name = "N")]
    pub(crate) depth: Option<usize>,

    /// The platform; linux-64 if it is locked, else the first one that is
    #[arg(long, value_name = "SUBDIR")]
    pub(crate) platform: Option<String>,
}

/// What `why` takes.
#[derive(Debug, Args)]
pub(crate) struct WhyArguments {
    /// The package's name
    #[arg(value_name = "PKG")]
    pub(crate) package: String,

    /// The platform; linux-64 if the package is locked for it, else the first one that has it
    #[arg(long, value_name = "SUBDIR")]
    pub(crate) platform: Option<String>,
}

/// What `diff` takes.
#[derive(Debug, Args)]
pub(crate) struct DiffArguments {
    /// The revision that the project's lock is compared with (HEAD unless given), or two files, the older one first
    #[arg(value_name = "REV|LOCK_A LOCK_B", num_args = 0..=2)]
    pub(crate) sides: Vec<PathBuf>,
}
