//! From a channel as a spec names it to the folders of package lists that stand behind it.

use std::path::Path;
use std::str::FromStr;

use rattler_conda_types::{Channel, ChannelUrl, Subdir};
use url::Url;

use crate::error::{Error, shown};

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
/// If the text names no channel that could be asked (a relative path, a scheme that is not read), or nobody knows one
/// of the platforms: what only the others have would seem to be all.
pub(crate) fn resolve(channel: &str, platforms: &[String]) -> Result<Vec<Address>, Error> {
    let (channel, own_platforms) = split_platforms(channel);
    let own_platform = Subdir::from_str(channel.rsplit('/').next().unwrap_or_default()).ok();
    let mut subdirs: Vec<Subdir> = match (own_platforms, own_platform) {
        (Some(listed), _) => listed,
        // `conda-forge/linux-64` is that one folder.
        (None, Some(platform)) => vec![platform],
        (None, None) => subdirs(platforms)?,
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
        channel: shown_channel(channel),
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

fn subdirs(platforms: &[String]) -> Result<Vec<Subdir>, Error> {
    platforms
        .iter()
        .map(String::as_str)
        .chain(["noarch"])
        .map(|name| {
            Subdir::from_str(name).map_err(|_| Error::NoPlatform {
                platform: name.to_owned(),
            })
        })
        .collect()
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
    if channel.contains("://") {
        let url = parse(&format!("{}/", channel.trim_end_matches('/')))?;
        return match url.scheme() {
            "http" | "https" | "file" => Ok(vec![url]),
            other => Err(format!("mmdev cannot read `{other}:` URLs")),
        };
    }
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
    let path = Path::new(channel);
    if path.is_absolute() {
        return Url::from_directory_path(path)
            .map(|url| vec![url])
            .map_err(|()| "it is no path".to_owned());
    }
    if channel.starts_with(['.', '~']) || channel.contains('\\') {
        // Nobody here knows what it is relative to.
        return Err("write a whole path or a URL".to_owned());
    }
    if channel.contains([':', '[', ']', '?', '#', ' ']) {
        return Err("a name has no such character".to_owned());
    }
    parse(&format!("{ALIAS}{channel}/")).map(|url| vec![url])
}

fn parse(url: &str) -> Result<Url, String> {
    Url::parse(url).map_err(|error| error.to_string())
}

/// A channel, as a spec names it, for a person to read: without credentials.
pub fn shown_channel(channel: &str) -> String {
    match Url::parse(channel) {
        Ok(url) if url.has_host() => shown(&url),
        // What is no URL may be one that went wrong, with a password in it.
        _ if channel.contains('@') || channel.contains("/t/") => "…".to_owned(),
        _ => channel.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    #[track_caller]
    fn check(channel: &str, platforms: &[&str], expected: Expect) {
        let platforms: Vec<String> = platforms.iter().map(|name| (*name).to_owned()).collect();
        let found = match resolve(channel, &platforms) {
            Ok(found) => found
                .iter()
                .map(|address| format!("{}\n", address.url()))
                .collect(),
            Err(error) => error.to_string(),
        };
        expected.assert_eq(&found);
    }

    #[test]
    fn names_and_labels_stand_on_anaconda_org() {
        check(
            "conda-forge",
            &["linux-64", "osx-arm64"],
            expect![[r#"
            https://conda.anaconda.org/conda-forge/linux-64/
            https://conda.anaconda.org/conda-forge/osx-arm64/
            https://conda.anaconda.org/conda-forge/noarch/
        "#]],
        );
        check(
            "conda-forge/label/rust_dev/",
            &["linux-64"],
            expect![[r#"
            https://conda.anaconda.org/conda-forge/label/rust_dev/linux-64/
            https://conda.anaconda.org/conda-forge/label/rust_dev/noarch/
        "#]],
        );
        check(
            "conda-forge/linux-64",
            &["osx-64"],
            expect![[r#"
            https://conda.anaconda.org/conda-forge/linux-64/
        "#]],
        );
        check(
            "bioconda[linux-64, noarch]",
            &["osx-64"],
            expect![[r#"
            https://conda.anaconda.org/bioconda/linux-64/
            https://conda.anaconda.org/bioconda/noarch/
        "#]],
        );
        check(
            "conda-forge",
            &["linux-64", "mars"],
            expect!["`mars` is no platform of conda's"],
        );
        check(
            "conda-forge",
            &["linux-64", "linux-64"],
            expect![[r#"
                https://conda.anaconda.org/conda-forge/linux-64/
                https://conda.anaconda.org/conda-forge/noarch/
            "#]],
        );
    }

    #[test]
    fn defaults_are_several_and_nodefaults_none() {
        check(
            "defaults",
            &["linux-64"],
            expect![[r#"
            https://repo.anaconda.com/pkgs/main/linux-64/
            https://repo.anaconda.com/pkgs/main/noarch/
            https://repo.anaconda.com/pkgs/r/linux-64/
            https://repo.anaconda.com/pkgs/r/noarch/
        "#]],
        );
        check(
            "defaults",
            &["win-64"],
            expect![[r#"
            https://repo.anaconda.com/pkgs/main/win-64/
            https://repo.anaconda.com/pkgs/main/noarch/
            https://repo.anaconda.com/pkgs/r/win-64/
            https://repo.anaconda.com/pkgs/r/noarch/
            https://repo.anaconda.com/pkgs/msys2/win-64/
            https://repo.anaconda.com/pkgs/msys2/noarch/
        "#]],
        );
        check("nodefaults", &["linux-64"], expect![""]);
    }

    #[test]
    fn urls_and_paths_are_taken_as_they_are() {
        check(
            "https://example.com/a/b/",
            &[],
            expect![[r#"
            https://example.com/a/b/noarch/
        "#]],
        );
        check(
            "https://example.com/a/noarch",
            &["linux-64"],
            expect![[r#"
            https://example.com/a/noarch/
        "#]],
        );
        check(
            "http://u:p@example.com/t/x/c",
            &[],
            expect![[r#"
            http://u:p@example.com/t/x/c/noarch/
        "#]],
        );
        check(
            "file:///srv/channel",
            &[],
            expect![[r#"
            file:///srv/channel/noarch/
        "#]],
        );
        check(
            "/srv/my channel",
            &[],
            expect![[r#"
            file:///srv/my%20channel/noarch/
        "#]],
        );
    }

    #[test]
    fn what_is_no_channel_is_said() {
        for (channel, expected) in [
            ("", expect!["`` names no channel: it is empty"]),
            (
                "./here",
                expect!["`./here` names no channel: write a whole path or a URL"],
            ),
            (
                "~/here",
                expect!["`~/here` names no channel: write a whole path or a URL"],
            ),
            (
                "s3://bucket/main",
                expect!["`s3://bucket/main` names no channel: mmdev cannot read `s3:` URLs"],
            ),
            ("http://", expect!["`http://` names no channel: empty host"]),
            (
                "conda-forge]",
                expect!["`conda-forge]` names no channel: a name has no such character"],
            ),
            (
                "ftp://alice:s3cret@host/main",
                expect![
                    "`ftp://********:********@host/main` names no channel: mmdev cannot read `ftp:` URLs"
                ],
            ),
            (
                "http://alice:s3cret@[bad/main",
                expect!["`…` names no channel: invalid IPv6 address"],
            ),
            (
                "alice:s3cret@host/main",
                expect!["`…` names no channel: a name has no such character"],
            ),
        ] {
            check(channel, &["linux-64"], expected);
        }
    }
}
