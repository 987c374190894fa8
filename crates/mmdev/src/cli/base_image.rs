//! `mmdev base-image`.

use clap::{Args, Subcommand};

/// What can be done with base images.
#[derive(Debug, Subcommand)]
pub(crate) enum BaseImageCommand {
    /// Build a micromamba base image on any glibc parent
    Build(BaseImageArguments),
}

/// What `base-image build` takes.
#[derive(Debug, Args)]
pub(crate) struct BaseImageArguments {
    /// The parent image, such as debian:bookworm-slim
    #[arg(long, value_name = "IMAGE")]
    pub(crate) from: String,

    /// The version of the official program to download, or the path of one
    #[arg(long, value_name = "VERSION|PATH")]
    pub(crate) micromamba: Option<String>,

    /// The name of the new image
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Option<String>,

    /// Show the Dockerfile and build nothing
    #[arg(long)]
    pub(crate) print: bool,
}
