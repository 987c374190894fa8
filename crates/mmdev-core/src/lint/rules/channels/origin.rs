//! Whose packages a channel has, however it is written.

use crate::spec::EnvSpec;
use crate::subdir::is_subdir;
use crate::text::Span;

/// The channels that Anaconda builds: `defaults` stands for the first ones of <https://repo.anaconda.com/pkgs>, which
/// anaconda.org has under the same names.
const ANACONDA: [&str; 6] = ["defaults", "main", "r", "msys2", "free", "anaconda"];

/// Where Anaconda itself serves channels.
const ANACONDA_HOSTS: [&str; 3] = [
    "conda.anaconda.org",
    "repo.anaconda.com",
    "repo.continuum.io",
];

/// The channels that the spec names and where: those of `channels:` first, then those before `::`.
pub(super) fn mentions(spec: &EnvSpec) -> impl Iterator<Item = (&str, Span)> {
    let listed = spec.channels.iter().flatten();
    let listed = listed.map(|channel| (channel.value.as_str(), channel.span));
    let named = spec.dependencies.iter().filter_map(|dependency| {
        let channel = dependency.match_spec.as_ref()?.channel.as_ref()?;
        let place = dependency.place(channel.span);
        Some((
            channel.value.as_str(),
            place.unwrap_or(dependency.text.span),
        ))
    });
    listed.chain(named)
}

/// The name by which people know a channel that is written as a URL, a mirror's or with a subdir: `conda-forge` of
/// `https://conda.anaconda.org/conda-forge/linux-64`. Without its label; the whole text where nobody knows it.
pub(super) fn name(channel: &str) -> &str {
    let channel = channel.trim_end_matches('/');
    let channel = match channel.rsplit_once('/') {
        Some((channel, subdir)) if is_subdir(subdir) => channel,
        _ => channel,
    };
    let path = match url(channel) {
        None => channel,
        Some((host, path)) => {
            if host == "prefix.dev" || host == "conda.anaconda.org" {
                path
            } else if let Some((_, name)) = path.rsplit_once("pkgs/") {
                name
            } else if let Some((_, name)) = path.rsplit_once("anaconda/cloud/") {
                name
            } else {
                return channel;
            }
        }
    };
    let path = path.strip_prefix("pkgs/").unwrap_or(path);
    path.split_once("/label/").map_or(path, |(name, _)| name)
}

/// Whether its packages are Anaconda's.
pub(super) fn is_anaconda(channel: &str) -> bool {
    ANACONDA.contains(&name(channel))
}

/// Whether it is Anaconda who serves Anaconda's packages there, and no mirror.
pub(super) fn is_served_by_anaconda(channel: &str) -> bool {
    is_anaconda(channel) && url(channel).is_none_or(|(host, _)| ANACONDA_HOSTS.contains(&host))
}

/// Whether its packages are conda-forge's.
pub(super) fn is_conda_forge(channel: &str) -> bool {
    name(channel) == "conda-forge"
}

/// The host and path of a channel that is a URL.
pub(super) fn url(channel: &str) -> Option<(&str, &str)> {
    let (_, rest) = channel.split_once("://")?;
    Some(rest.split_once('/').unwrap_or((rest, "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_are_known_by_every_name() {
        for (channel, expected) in [
            ("conda-forge", "conda-forge"),
            ("conda-forge/label/broken", "conda-forge"),
            ("conda-forge/osx-64", "conda-forge"),
            ("https://conda.anaconda.org/conda-forge/", "conda-forge"),
            (
                "https://conda.anaconda.org/conda-forge/linux-64",
                "conda-forge",
            ),
            ("https://prefix.dev/conda-forge", "conda-forge"),
            ("https://repo.anaconda.com/pkgs/main/noarch", "main"),
            ("pkgs/r", "r"),
            ("https://mirror.example/anaconda/pkgs/free/", "free"),
            ("http://mirror.example/anaconda/cloud/bioconda/", "bioconda"),
            (
                "https://example.org/conda-forge",
                "https://example.org/conda-forge",
            ),
        ] {
            assert_eq!(name(channel), expected, "{channel}");
        }
        assert!(is_served_by_anaconda("https://repo.anaconda.com/pkgs/main"));
        assert!(!is_served_by_anaconda(
            "https://mirror.example/anaconda/pkgs/main"
        ));
    }
}
