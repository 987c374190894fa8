//! Channels over HTTP or from the disk: repodata is fetched, cached and read.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use rattler_conda_types::{Channel, RepoData, RepoDataRecord};
use reqwest::StatusCode;
use reqwest::blocking::Client;
use url::Url;

use crate::console;
use crate::context::{Context, home, make_shared_folder, variable};

/// An HTTP client that honours the proxy variables.
pub(crate) fn client() -> Result<Client> {
    Ok(Client::builder()
        .user_agent(concat!("mmdev-stand-in/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_secs(10))
        .timeout(Duration::from_secs(1800))
        .build()?)
}

/// The bytes behind an address: http, https or file.
///
/// # Errors
/// When they cannot be had; a missing file is `Ok(None)`.
pub(crate) fn fetch(url: &Url) -> Result<Option<Vec<u8>>> {
    if url.scheme() == "file" {
        let path = url
            .to_file_path()
            .map_err(|()| anyhow!("no local path: {url}"))?;
        return match std::fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
    }
    let mut last = None;
    for _ in 0..3 {
        match client()?.get(url.clone()).send() {
            Ok(response) if response.status() == StatusCode::NOT_FOUND => return Ok(None),
            Ok(response) => match response
                .error_for_status()
                .and_then(|response| response.bytes())
            {
                Ok(bytes) => return Ok(Some(bytes.to_vec())),
                Err(error) => last = Some(error),
            },
            Err(error) => last = Some(error),
        }
    }
    let reason = last.map(|error| format!("{error:#}")).unwrap_or_default();
    bail!("Download error: {reason} [{url}]")
}

/// The records of every channel for the platform and noarch, channel by channel.
pub(crate) fn load(context: &Context, urls: &[String]) -> Result<Vec<Vec<RepoDataRecord>>> {
    let mut all = Vec::new();
    for channel in urls {
        for subdir in [context.platform.as_str(), "noarch"] {
            all.push(load_subdir(context, channel, subdir)?);
        }
    }
    Ok(all)
}

fn load_subdir(context: &Context, channel: &str, subdir: &str) -> Result<Vec<RepoDataRecord>> {
    let base = format!("{channel}/{subdir}");
    let address = Url::parse(&format!("{base}/repodata.json"))
        .with_context(|| format!("Failed to parse URL \"{base}\""))?;
    let cache = context.writable_index_cache()?;
    let file = cache.join(format!("{}.json", cache_name(address.as_str())));
    if !context.offline {
        if address.scheme() != "file" {
            look_for_shards(context, &base)?;
        }
        match fetch(&address)? {
            Some(bytes) => write_cached(&file, &bytes)?,
            None if subdir == "noarch" => return Ok(Vec::new()),
            None => bail!(
                "Could not load repodata.json for {base}: the channel has no such subdir. \
                 Subdir {base} not loaded!"
            ),
        }
    } else if !file.exists() {
        return Ok(Vec::new());
    }
    let data =
        RepoData::from_path(&file).with_context(|| format!("repodata of {base} cannot be read"))?;
    Ok(data.into_repo_data_records(&Channel::from_url(Url::parse(channel)?)))
}

/// micromamba 2.6 and later look for a sharded index first and say when there is none. The shards' cache is in the
/// home folder, wherever packages go, and a home that cannot be written to is an error.
/// This program reads the flat index in both cases.
fn look_for_shards(context: &Context, base: &str) -> Result<()> {
    let index = format!("{base}/repodata_shards.msgpack.zst");
    let there = client()?
        .head(index)
        .send()
        .is_ok_and(|response| response.status().is_success());
    if there {
        let cache = variable("XDG_CACHE_HOME").map_or_else(|| home().join(".cache"), PathBuf::from);
        let folder = cache.join("conda/pkgs/cache/shards");
        if std::fs::create_dir_all(&folder).is_err() {
            bail!(
                "filesystem error: cannot create directories: Permission denied [{}]",
                folder.display()
            );
        }
    } else if !context.quiet && !context.json {
        console::note(&format!(
            "⚠ Shard Index for {base} not available, falling back to flat repodata"
        ));
    }
    Ok(())
}

fn write_cached(file: &Path, bytes: &[u8]) -> Result<()> {
    let folder = file.parent().map(PathBuf::from).unwrap_or_default();
    make_shared_folder(&folder)?;
    let mut temporary = tempfile::NamedTempFile::new_in(&folder)?;
    std::io::Write::write_all(&mut temporary, bytes)?;
    temporary.persist(file)?;
    Ok(())
}

/// conda's name of a cached index: the first eight digits of the address's MD5.
fn cache_name(address: &str) -> String {
    let hash = rattler_digest::compute_bytes_digest::<rattler_digest::Md5>(address);
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    hex[..8].to_owned()
}
