//! `mmdev watch`.

use clap::Args;

/// What `watch` takes.
#[derive(Debug, Args)]
pub(crate) struct WatchArguments {
    /// Bring files and image in line with the spec, and end
    #[arg(long, conflicts_with_all = ["detach", "detached", "stop"])]
    pub(crate) once: bool,

    /// Replace the container when its image is superseded; what was installed in it by hand is lost
    #[arg(long, conflicts_with = "stop")]
    pub(crate) recreate: bool,

    /// Go on in the background, also when this terminal is closed
    #[arg(long, conflicts_with = "stop")]
    pub(crate) detach: bool,

    /// End the watch of this project
    #[arg(long)]
    pub(crate) stop: bool,

    /// This is the process in the background
    #[arg(long, hide = true, conflicts_with_all = ["detach", "stop"])]
    pub(crate) detached: bool,
}
