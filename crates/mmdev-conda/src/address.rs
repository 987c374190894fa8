//! From a channel as a spec names it to the folders of package lists that stand behind it.

use std::path::Path;
use std::str::FromStr;

use rattler_conda_types::{Channel, ChannelUrl, Subdir};
use rattler_redaction::Redact;
use url::Url;

use crate::error::Error;

/// Where a channel that is only named stands; conda's and micromamba's default.
const ALIAS: &str = "https://conda.anaconda.org/";

/// What `defaults` stands for (conda's `default_channels`; msys2 on Windows only).
const DEFAULTS: [&str; 3] = ["main", "r", "msys2"];
const DEFAULTS_ALIAS: &str = "https://repo.anaconda.com/pkgs/";

/// One folder of one channel: the unit that is fetched.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Address {
    /// The channel's URL with a slash at its end, and with its credentials.
    pub(crate) channel: ChannelUrl,
    /// The folder in it.
    pub(crate) subdir: Subdir,
}

impl Address {
    /// The folder's URL, with its credentials.
    pub(crate) fn url(&self) -> Url {
        self.channel.platform_url(self.subdir)
    }

    pub(crate) fn channel(&self) -> Channel {
        Channel::from_url(self.channel.clone())
    }
}

/// The folders of `channel` for `platforms`, `noarch` last; none for `nodefaults`.
///
/// # Errors
/// If the text names no channel: a relative path (nobody here knows what it is relative to), an unknown scheme.
pub(crate) fn resolve(channel: &str, platforms: &[String]) -> Result<Vec<Address>, Error> {
    let (channel, own_platforms) = split_platforms(channel);
    let own_platform = Subdir::from_str(channel.rsplit('/').next().unwrap_or_default()).ok();
    let mut subdirs: Vec<Subdir> = match (own_platforms, own_platform) {
        (Some(listed), _) => listed,
        // `conda-forge/linux-64` is that one folder.
        (None, Some(platform)) => vec![platform],
        (None, None) => platforms
            .iter()
            .filter_map(|name| Subdir::from_str(name).ok())
            .chain([Subdir::NoArch])
            .collect(),
    };
    let mut seen = Vec::new();
    subdirs.retain(|subdir| {
        let is_new = !seen.contains(subdir);
        seen.push(*subdir);
        is_new
    });
    let channel = match own_platform {
        Some(_) => channel.rsplit_once('/').map_or("", |(channel, _)| channel),
        None => channel,
    };
    let urls = urls(channel).map_err(|reason| Error::NoChannel {
        channel: redacted(channel),
        reason,
    })?;
    let is_windows = |subdir: &Subdir| subdir.as_str().starts_with("win-");
    let has_windows = subdirs.iter().any(is_windows);
    Ok(urls
        .into_iter()
        .filter(|url| has_windows || channel != "defaults" || !url.path().contains("/msys2"))
        .flat_map(|url| {
            let channel = ChannelUrl::from(url);
            subdirs.iter().map(move |subdir| Address {
                channel: channel.clone(),
                subdir: *subdir,
            })
        })
        .collect())
}

/// `channel[linux-64,noarch]`, which mamba and rattler take, in its parts.
fn split_platforms(channel: &str) -> (&str, Option<Vec<Subdir>>) {
    let parts = channel
        .strip_suffix(']')
        .and_then(|rest| rest.split_once('['));
    match parts {
        Some((channel, listed)) => (
            channel,
            Some(
                listed
                    .split(',')
                    .filter_map(|name| Subdir::from_str(name.trim()).ok())
                    .collect(),
            ),
        ),
        None => (channel, None),
    }
}

fn urls(channel: &str) -> Result<Vec<Url>, String> {
    let channel = channel.trim_end_matches('/');
    match channel {
        "" => return Err("it is empty".to_owned()),
        "nodefaults" => return Ok(Vec::new()),
        "defaults" => {
            return DEFAULTS
                .iter()
                .map(|name| parse(&format!("{DEFAULTS_ALIAS}{name}/")))
                .collect();
        }
        _ => {}
    }
    if channel.contains("://") {
        let url = parse(&format!("{channel}/"))?;
        return match url.scheme() {
            "http" | "https" | "file" => Ok(vec![url]),
            other => Err(format!("mmdev cannot read `{other}:` URLs")),
        };
    }
    let path = Path::new(channel);
    if path.is_absolute() {
        return Url::from_directory_path(path)
            .map(|url| vec![url])
            .map_err(|()| "it is no path".to_owned());
    }
    if channel.starts_with(['.', '~']) || channel.contains('\\') {
        return Err("write a whole path or a URL".to_owned());
    }
    parse(&format!("{ALIAS}{channel}/")).map(|url| vec![url])
}

fn parse(url: &str) -> Result<Url, String> {
    Url::parse(url).map_err(|error| error.to_string())
}

/// A channel for a person to read.
fn redacted(channel: &str) -> String {
    match Url::parse(channel) {
        Ok(url) => crate::error::shown(&url.redact()),
        // What is no URL may still hold what should have been one.
        Err(_) if channel.contains('@') || channel.contains("/t/") => "…".to_owned(),
        Err(_) => channel.to_owned(),
    }
}
