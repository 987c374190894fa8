//! `mmdev add`.

use clap::Args;
use mmdev_core::amend::Platform;

/// What `add` takes.
#[derive(Debug, Args)]
pub(crate) struct AddArguments {
    /// MatchSpecs, such as numpy, "numpy>=2" or bioconda::samtools; without a version, one is chosen from the channels
    #[arg(value_name = "PACKAGES", required = true)]
    pub(crate) packages: Vec<String>,

    /// Put them into the pip section: PACKAGES are requirements, such as requests or "requests>=2"
    #[arg(long)]
    pub(crate) pip: bool,

    /// Add CHANNEL behind the channels of the spec
    #[arg(long = "channel", value_name = "CHANNEL")]
    pub(crate) channels: Vec<String>,

    /// Only for PLATFORM: linux, osx, win, unix, or a subdir such as linux-64
    #[arg(long, value_name = "PLATFORM")]
    pub(crate) platform: Option<Platform>,

    /// The spec that gets what is new, where several are merged; the first otherwise
    #[arg(long, value_name = "FILE")]
    pub(crate) to: Option<std::path::PathBuf>,

    #[command(flatten)]
    pub(crate) amend: AmendArguments,
}

/// How far a change of the spec goes.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct AmendArguments {
    /// Write nothing; show what would change
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Change the spec alone, and ask nobody
    #[arg(long)]
    pub(crate) no_lock: bool,
}
