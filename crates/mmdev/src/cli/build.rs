//! `mmdev build`.

use clap::Args;

/// What `build` takes.
#[derive(Debug, Args)]
pub(crate) struct BuildArguments {
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

/// An image's name; what is wrong with one otherwise, the registry says.
fn reference(text: &str) -> Result<String, String> {
    let is_name = text.starts_with(|first: char| first.is_ascii_alphanumeric());
    if !is_name || text.contains(char::is_whitespace) || text.contains("://") {
        return Err("this is no name of an image, such as ghcr.io/me/env:latest".to_owned());
    }
    Ok(text.to_owned())
}
