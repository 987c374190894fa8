//! The commands that read the lock: `mmdev tree`, `mmdev why` and their like.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

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

/// What `export` takes.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("format").args(["explicit", "spec", "sbom"]).required(true))]
pub(crate) struct ExportArguments {
    /// conda's explicit list: the URL and MD5 of every conda package
    #[arg(long)]
    pub(crate) explicit: bool,

    /// Write the list where Snakemake looks for it, for every platform: envs/a.linux-64.pin.txt beside envs/a.yaml
    #[arg(long, requires = "explicit", conflicts_with_all = ["output", "spec", "sbom"])]
    pub(crate) pin: bool,

    /// A spec that asks for exactly what is locked: name=version=build
    #[arg(long)]
    pub(crate) spec: bool,

    /// A software bill of materials: CycloneDX 1.6, as JSON
    #[arg(long)]
    pub(crate) sbom: bool,

    /// The platform; linux-64 if it is locked, else the first one that is
    #[arg(long, value_name = "SUBDIR")]
    pub(crate) platform: Option<String>,

    /// Write to FILE instead of stdout; with {platform} in its name one file for every platform
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<String>,
}

/// What `search` takes.
#[derive(Debug, Args)]
pub(crate) struct SearchArguments {
    /// A package's name, or a MatchSpec such as "numpy>=2"
    #[arg(value_name = "NAME")]
    pub(crate) spec: String,

    /// A channel instead of those of the project's spec; several in the order of their priority
    #[arg(long, short, value_name = "CHANNEL")]
    pub(crate) channel: Vec<String>,

    /// A platform instead of those of the project
    #[arg(long = "platform", value_name = "SUBDIR")]
    pub(crate) platforms: Vec<String>,

    /// List all versions, not only the newest
    #[arg(long)]
    pub(crate) all: bool,
}
