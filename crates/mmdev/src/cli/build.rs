//! `mmdev build`.

use clap::{Args, ValueEnum};
use mmdev_core::settings::kept_files;

/// What `build` takes.
#[derive(Debug, Args)]
pub(crate) struct BuildArguments {
    /// Build another image than the development one
    #[arg(long, value_name = "TARGET", conflicts_with = "push")]
    pub(crate) target: Option<Target>,

    /// Keep in the runtime image what is left out elsewhere, besides `runtime.keep`: include, *.a
    #[arg(long, value_name = "PATTERN", requires = "target", value_parser = kept)]
    pub(crate) keep: Vec<String>,

    /// Push the image as REF (ghcr.io/me/env:latest), and with it the cache of its layers; docker buildx builds it
    #[arg(long, value_name = "REF", value_parser = reference)]
    pub(crate) push: Option<String>,

    /// What to build for instead of this machine's platform, such as linux/arm64
    #[arg(
        long = "platform",
        value_name = "PLATFORM",
        requires = "push",
        value_delimiter = ','
    )]
    pub(crate) platforms: Vec<String>,

    /// Another cache to write, as docker buildx knows them, instead of the one within the image: type=gha
    #[arg(long, value_name = "CACHE", requires = "push")]
    pub(crate) cache_to: Vec<String>,

    /// Another cache to take layers from, besides the image of that name and `build.cacheFrom`
    #[arg(long, value_name = "CACHE", requires = "push")]
    pub(crate) cache_from: Vec<String>,
}

/// `--target`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Target {
    /// An image to run the project's programs: the environment without what only development needs, and the project's
    /// files
    Runtime,
}

fn kept(text: &str) -> Result<String, String> {
    match kept_files(text) {
        Ok(()) => Ok(text.to_owned()),
        Err(expected) => Err(format!("this is not {expected}")),
    }
}

/// An image's name; what is wrong with one otherwise, the registry says.
fn reference(text: &str) -> Result<String, String> {
    let is_name = text.starts_with(|first: char| first.is_ascii_alphanumeric());
    if !is_name || text.contains(char::is_whitespace) || text.contains("://") {
        return Err("this is no name of an image, such as ghcr.io/me/env:latest".to_owned());
    }
    Ok(text.to_owned())
}
