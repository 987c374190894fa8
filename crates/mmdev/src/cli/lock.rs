//! `mmdev lock`.

use clap::Args;

/// What `lock` takes.
#[derive(Debug, Args)]
pub(crate) struct LockArguments {
    /// Write nothing and ask nobody; exit 1 if a lock is missing or is not the spec's (for CI)
    #[arg(long)]
    pub(crate) check: bool,

    /// Lay out all packages of the image anew, in one layer; the next build installs everything
    #[arg(long, conflicts_with = "check")]
    pub(crate) compact: bool,

    /// Lock every spec below this folder, or those that GLOBS match (`envs/*.yaml`), each for itself
    #[arg(long, conflicts_with = "compact")]
    pub(crate) all: bool,

    /// Which specs; files and folders, or patterns as .gitignore has them
    #[arg(value_name = "GLOBS", requires = "all")]
    pub(crate) globs: Vec<String>,

    /// A platform that the lock is to have besides those of the spec, such as linux-aarch64
    #[arg(long = "platform", value_name = "SUBDIR")]
    pub(crate) platforms: Vec<String>,
}
