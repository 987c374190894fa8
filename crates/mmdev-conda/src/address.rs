//! From a channel as a spec names it to the folders of package lists that stand behind it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use rattler_conda_types::{Channel, ChannelUrl, Subdir};
use url::Url;

use crate::error::{Error, shown};
use crate::login::Login;

/// Where a channel that is only named stands; conda's and micromamba's default.
const ALIAS: &str = "https://conda.anaconda.org";

/// What `defaults` stands for (conda's `default_channels`; msys2 on Windows only).
const DEFAULTS: [&str; 3] = ["main", "r", "msys2"];
const ANACONDA: &str = "https://repo.anaconda.com";

/// Names that stand there, whatever the alias is, unless a person says otherwise.
const OF_ANACONDA: [&str; 4] = ["pkgs/main", "pkgs/r", "pkgs/msys2", "pkgs/pro"];

/// What the names of channels stand for: conda's defaults, or what a person has in condarc.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct ChannelNames {
    /// Where a channel stands that is only named (`channel_alias`); anaconda.org unless set.
    pub alias: Option<String>,
    /// Where single ones stand instead, by the beginning of their names (`custom_channels`).
    pub custom: BTreeMap<String, String>,
    /// Names that stand for several channels (`custom_multichannels`; `default_channels` is that of `defaults`).
    pub several: BTreeMap<String, Vec<String>>,
}

impl fmt::Debug for ChannelNames {
    /// Without the URLs, which may hold credentials.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ChannelNames")
            .finish_non_exhaustive()
    }
}

impl ChannelNames {
    /// Where `channel` stands if that is not where it stands for everybody, without credentials.
    pub fn elsewhere(&self, channel: &str) -> Option<String> {
        let own = resolve(channel, &[], self).ok()?;
        let common = resolve(channel, &[], &ChannelNames::default()).ok()?;
        let shown = |address: &Address| shown(address.channel.url());
        (own != common).then(|| own.iter().map(shown).collect::<Vec<_>>().join(", "))
    }
}

/// One folder of one channel: the unit that is fetched.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Address {
    /// The channel's URL with a slash at its end, without credentials.
    pub(crate) channel: ChannelUrl,
    /// The credentials that stood in it.
    pub(crate) login: Option<Login>,
    /// The folder in it.
    pub(crate) subdir: Subdir,
}

impl Address {
    /// The folder's URL, without credentials.
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
pub(crate) fn resolve(
    channel: &str,
    platforms: &[String],
    names: &ChannelNames,
) -> Result<Vec<Address>, Error> {
    let (channel, own_platforms) = split_platforms(channel)?;
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
    let urls = urls(channel, names).map_err(|reason| Error::NoChannel {
        channel: shown_channel(channel),
        reason,
    })?;
    let is_windows = |subdir: &Subdir| subdir.as_str().starts_with("win-");
    let has_windows = subdirs.iter().any(is_windows);
    Ok(urls
        .into_iter()
        .filter(|url| has_windows || channel != "defaults" || !url.path().contains("/msys2"))
        .flat_map(|url| {
            let (url, login) = Login::split(url);
            let channel = ChannelUrl::from(url);
            subdirs.iter().map(move |subdir| Address {
                channel: channel.clone(),
                login: login.clone(),
                subdir: *subdir,
            })
        })
        .collect())
}

fn subdirs(platforms: &[String]) -> Result<Vec<Subdir>, Error> {
    let names = platforms.iter().map(String::as_str);
    names.chain(["noarch"]).map(subdir).collect()
}

fn subdir(name: &str) -> Result<Subdir, Error> {
    Subdir::from_str(name).map_err(|_| Error::NoPlatform {
        platform: name.to_owned(),
    })
}

/// `channel[linux-64,noarch]`, which mamba and rattler take, in its parts.
fn split_platforms(channel: &str) -> Result<(&str, Option<Vec<Subdir>>), Error> {
    let parts = channel
        .strip_suffix(']')
        .and_then(|rest| rest.split_once('['));
    let Some((channel, listed)) = parts else {
        return Ok((channel, None));
    };
    let listed = listed.split(',').map(|name| subdir(name.trim()));
    Ok((channel, Some(listed.collect::<Result<_, _>>()?)))
}

fn urls(channel: &str, names: &ChannelNames) -> Result<Vec<Url>, String> {
    if channel.contains("://") {
        return Ok(vec![parse(&format!("{}/", channel.trim_end_matches('/')))?]);
    }
    let channel = channel.trim_end_matches('/');
    if let Some(several) = names.several.get(channel) {
        // As with conda, such a name may not stand for another one of its kind.
        let single = ChannelNames {
            several: BTreeMap::new(),
            ..names.clone()
        };
        let urls = several.iter().map(|one| urls(one, &single));
        return Ok(urls.collect::<Result<Vec<_>, _>>()?.concat());
    }
    match channel {
        "" => return Err("it is empty".to_owned()),
        "nodefaults" => return Ok(Vec::new()),
        "defaults" => {
            return DEFAULTS
                .iter()
                .map(|name| parse(&format!("{ANACONDA}/pkgs/{name}/")))
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
    // The longest beginning of the name decides: `private/label/dev` is in `private`.
    let beginnings = channel.match_indices('/').map(|(at, _)| at);
    let mut beginnings: Vec<&str> = beginnings.map(|at| &channel[..at]).collect();
    beginnings.push(channel);
    let custom = beginnings
        .iter()
        .rev()
        .find_map(|name| names.custom.get(*name));
    let is_of_anaconda = OF_ANACONDA.iter().any(|name| beginnings.contains(name));
    let common = match is_of_anaconda {
        true => Some(ANACONDA),
        false => names.alias.as_deref(),
    };
    let base = custom.map(String::as_str).or(common).unwrap_or(ALIAS);
    let base = base.trim_end_matches('/');
    parse(&format!("{base}/{channel}/")).map(|url| vec![url])
}

fn parse(url: &str) -> Result<Url, String> {
    let url = Url::parse(url).map_err(|error| error.to_string())?;
    match url.scheme() {
        "http" | "https" | "file" => Ok(url),
        other => Err(format!("mmdev cannot read `{other}:` URLs")),
    }
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
        let found = match resolve(channel, &platforms, &ChannelNames::default()) {
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
    fn a_channel_called_t_is_shown() {
        expect!["https://example.com/t"].assert_eq(&shown_channel("https://example.com/t"));
        // What rattler puts behind a `t`, where a token may have been forgotten.
        expect!["https://example.com/t/********"]
            .assert_eq(&shown_channel("https://example.com/t/"));
    }

    /// As conda and micromamba have them, wherever other names stand.
    #[test]
    fn the_parts_of_defaults_have_names() {
        let names = ChannelNames {
            alias: Some("https://mirror.example.com".to_owned()),
            custom: [("pkgs/r".to_owned(), "https://in.example.com".to_owned())].into(),
            ..ChannelNames::default()
        };
        for (channel, expected) in [
            ("pkgs/main", "https://repo.anaconda.com/pkgs/main/"),
            ("pkgs/r", "https://in.example.com/pkgs/r/"),
            ("pkgs/mine", "https://mirror.example.com/pkgs/mine/"),
        ] {
            let found = resolve(channel, &[], &names).unwrap();
            assert_eq!(found[0].channel.as_str(), expected);
        }
    }

    #[test]
    fn condarc_may_put_a_name_where_it_cannot_be_read() {
        let names = ChannelNames {
            alias: Some("s3://bucket".to_owned()),
            ..ChannelNames::default()
        };
        let error = resolve("main", &[], &names).unwrap_err();
        expect!["`main` names no channel: mmdev cannot read `s3:` URLs"]
            .assert_eq(&error.to_string());
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
            http://example.com/c/noarch/
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
                "conda-forge[linux-65]",
                expect!["`linux-65` is no platform of conda's"],
            ),
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

    #[test]
    fn condarc_says_where_names_stand() {
        let names = ChannelNames {
            alias: Some("https://u:p@mirror.example.com/conda/".to_owned()),
            custom: [("private".to_owned(), "https://in.example.com".to_owned())].into(),
            several: [
                (
                    "defaults".to_owned(),
                    vec!["main".to_owned(), "/srv/c".to_owned()],
                ),
                (
                    "both".to_owned(),
                    vec!["private".to_owned(), "both".to_owned()],
                ),
            ]
            .into(),
        };
        let check = |channel: &str, expected: &[&str]| {
            let found = resolve(channel, &[], &names).unwrap();
            let found: Vec<String> = found.iter().map(|at| at.channel.to_string()).collect();
            assert_eq!(found, expected, "{channel}");
        };
        check(
            "conda-forge",
            &["https://mirror.example.com/conda/conda-forge/"],
        );
        check("private", &["https://in.example.com/private/"]);
        check(
            "private/label/dev",
            &["https://in.example.com/private/label/dev/"],
        );
        check(
            "defaults",
            &["https://mirror.example.com/conda/main/", "file:///srv/c/"],
        );
        check(
            "both",
            &[
                "https://in.example.com/private/",
                "https://mirror.example.com/conda/both/",
            ],
        );
        check(
            "https://other.example.com/c",
            &["https://other.example.com/c/"],
        );
        assert_eq!(
            names.elsewhere("conda-forge").as_deref(),
            Some("https://mirror.example.com/conda/conda-forge/")
        );
        assert_eq!(names.elsewhere("https://other.example.com/c"), None);
        assert!(!format!("{names:?}").contains("u:p"));
    }
}
