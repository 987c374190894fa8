//! One folder of one channel, from the cache or the network, over rattler's gateway.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use rattler_conda_types::{PackageName, VersionWithSource};
use rattler_networking::LazyClient;
use rattler_repodata_gateway::fetch::{CacheAction, FetchRepoDataError};
use rattler_repodata_gateway::{
    CacheClearMode, ChannelConfig, ChannelRelationsMode, Gateway, GatewayError, SourceConfig,
    SubdirSelection,
};
use url::Url;

use crate::Config;
use crate::address::Address;
use crate::cache::{self, Writing};
use crate::error::{Error, shown};
use crate::login::Keys;

/// Requests at a time: shards are many and small.
const REQUESTS: usize = 16;

/// One package file, as far as anybody here asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PackageFile {
    pub(crate) version: VersionWithSource,
    pub(crate) build: String,
    /// 0 where it was taken back: its name does not tell.
    pub(crate) build_number: u64,
    /// Whether the channel has taken it back.
    pub(crate) is_removed: bool,
}

/// The files of one package in one folder.
pub(crate) type Files = Arc<[PackageFile]>;

/// What a folder was found to hold.
#[derive(Debug)]
pub(crate) struct Found {
    /// Every package name, sorted, in lower case.
    pub(crate) names: Arc<[String]>,
    /// The files of the names that were asked for and could be read.
    pub(crate) files: Vec<(String, Files)>,
    /// Why some files could not be read.
    pub(crate) failure: Option<Error>,
}

/// The ways to a folder.
pub(crate) struct Fetcher {
    pub(crate) config: Config,
    /// Made when first needed, since it reads the machine's certificates.
    online: OnceLock<Result<Online, String>>,
}

pub(crate) struct Online {
    pub(crate) client: LazyClient,
    pub(crate) keys: Arc<Keys>,
    /// Keeps the lists that it has read in memory.
    pub(crate) gateway: Gateway,
}

impl Fetcher {
    pub(crate) fn new(config: Config) -> Self {
        Fetcher {
            config,
            online: OnceLock::new(),
        }
    }

    pub(crate) fn online(&self) -> &Result<Online, String> {
        self.online.get_or_init(|| {
            let (client, keys) = self.config.network.client(&self.config.names)?;
            Ok(Online {
                gateway: gateway(
                    &self.config.cache,
                    client.clone(),
                    CacheAction::CacheOrFetch,
                    false,
                ),
                client,
                keys,
            })
        })
    }

    /// What the disk has, however old. A name whose files are not there is left out.
    pub(crate) async fn cached(&self, at: &Address, names: &[String]) -> Result<Found, Error> {
        cache::make_private(&self.config.cache);
        cache::recover(&self.config.cache);
        let never_used = LazyClient::new(Default::default);
        let gateway = gateway(
            &self.config.cache,
            never_used,
            CacheAction::ForceCacheOnly,
            false,
        );
        let mut found = Found {
            names: list(&gateway, at)
                .await
                .map_err(|_| Error::not_cached(&at.url()))?,
            files: Vec::new(),
            failure: None,
        };
        for name in names {
            // One that is missing or damaged must not hide the others.
            if let Ok(files) = files(&gateway, at, std::slice::from_ref(name)).await {
                found.files.extend(files);
            }
        }
        Ok(found)
    }

    /// What the channel has now. `is_whole` asks it for what is in memory, too.
    ///
    /// # Errors
    /// If the list of names cannot be had. What else went wrong is in [`Found::failure`].
    pub(crate) async fn current(
        &self,
        at: &Address,
        names: &[String],
        is_whole: bool,
    ) -> Result<Found, Error> {
        let writing = Writing::begin(&self.config.cache);
        let found = self.ask(at, names, is_whole).await;
        let failure = match &found {
            Ok(found) => found.failure.as_ref(),
            Err(failure) => Some(failure),
        };
        // A request that fails has written nothing, and must not cost what was there before it.
        if !matches!(failure, Some(Error::Unwritable { .. })) {
            writing.done();
        }
        found
    }

    async fn ask(&self, at: &Address, names: &[String], is_whole: bool) -> Result<Found, Error> {
        let online = self.online().as_ref().map_err(|reason| Error::Unreadable {
            url: shown(&at.url()),
            reason: reason.clone(),
        })?;
        online.keys.admit(at);
        if is_whole {
            online.forget(at);
        }
        let error = |failure| Error::of(&at.url(), &failure);
        // Damaged files in the cache make every question that looks into it fail: this one does not, and writes it
        // anew.
        let anew = gateway(
            &self.config.cache,
            online.client.clone(),
            CacheAction::NoCache,
            false,
        );
        let mut found = Found {
            names: list_anyway([&online.gateway, &anew], at)
                .await
                .map_err(error)?,
            files: Vec::new(),
            failure: None,
        };
        match files(&online.gateway, at, names).await {
            Ok(files) => found.files = files,
            Err(failure) if !concerns_some_alone(&failure) => {
                found.failure = Some(error(failure));
            }
            Err(_) => {
                online.forget(at);
                for name in names {
                    match files(&anew, at, std::slice::from_ref(name)).await {
                        Ok(files) => found.files.extend(files),
                        Err(failure) => found.failure = Some(error(failure)),
                    }
                }
            }
        }
        Ok(found)
    }
}

impl Online {
    fn forget(&self, at: &Address) {
        let subdirs = SubdirSelection::Some([at.subdir.to_string()].into());
        // In memory only, which has no way to fail.
        let _ =
            self.gateway
                .clear_repodata_cache(&at.channel(), subdirs, CacheClearMode::InMemoryOnly);
    }
}

pub(crate) fn gateway(
    cache: &Path,
    client: LazyClient,
    cache_action: CacheAction,
    missing_is_empty: bool,
) -> Gateway {
    Gateway::builder()
        .with_cache_dir(cache)
        .with_client(client)
        .with_max_concurrent_requests(REQUESTS)
        .with_channel_config(ChannelConfig {
            default: SourceConfig {
                cache_action,
                missing_shards_are_empty: missing_is_empty,
                ..SourceConfig::default()
            },
            ..ChannelConfig::default()
        })
        .finish()
}

/// Every name of a folder; none where the channel is without that folder.
pub(crate) async fn list(gateway: &Gateway, at: &Address) -> Result<Arc<[String]>, GatewayError> {
    let names = gateway
        .names([at.channel()], [at.subdir])
        .channel_relations(ChannelRelationsMode::Disabled)
        .await?;
    let mut names: Vec<String> = names
        .into_iter()
        // No tool finds a package by a name that is not in lower case.
        .filter(|name| name.as_source() == name.as_normalized())
        .map(|name| name.as_normalized().to_owned())
        .collect();
    names.sort_unstable();
    names.dedup();
    Ok(names.into())
}

/// The same from the second gateway, which asks without the cache, where the first may have failed for its cache's sake.
pub(crate) async fn list_anyway(
    [first, anew]: [&Gateway; 2],
    at: &Address,
) -> Result<Arc<[String]>, GatewayError> {
    match list(first, at).await {
        Err(failure) if may_be_the_cache(&failure) => list(anew, at).await,
        result => result,
    }
}

/// The files of exactly these names: a wildcard would fetch every shard.
async fn files(
    gateway: &Gateway,
    at: &Address,
    names: &[String],
) -> Result<Vec<(String, Files)>, GatewayError> {
    let wanted: Vec<PackageName> = names
        .iter()
        .filter_map(|name| PackageName::try_from(name.as_str()).ok())
        .collect();
    let output = gateway
        .query([at.channel()], [at.subdir], wanted)
        .recursive(false)
        .channel_relations(ChannelRelationsMode::Disabled)
        .await?;
    let records: Vec<_> = output.iter().flat_map(|data| data.iter()).collect();
    let removed: Vec<_> = output.iter().flat_map(|data| data.removed()).collect();
    Ok(names
        .iter()
        .map(|name| {
            let of_name = records
                .iter()
                .map(|record| &record.package_record)
                .filter(|record| record.name.as_normalized() == name);
            let mut files: Vec<PackageFile> = of_name
                .map(|record| PackageFile {
                    version: record.version.clone(),
                    build: record.build.to_string(),
                    build_number: record.build_number,
                    is_removed: false,
                })
                .collect();
            let of_name = removed
                .iter()
                .map(|removed| &removed.identifier.identifier)
                .filter(|removed| removed.name == *name);
            let mut gone: Vec<PackageFile> = of_name
                .filter_map(|removed| {
                    Some(PackageFile {
                        version: removed.version.parse().ok()?,
                        build: removed.build_string.clone(),
                        build_number: 0,
                        is_removed: true,
                    })
                })
                // One of two archives of the same build may be gone.
                .filter(|gone| {
                    let is_same = |file: &PackageFile| {
                        file.version == gone.version && file.build == gone.build
                    };
                    !files.iter().any(is_same)
                })
                .collect();
            // They come in no order, and are compared with those of the last time.
            gone.sort_by(|a, b| (&a.version, &a.build).cmp(&(&b.version, &b.build)));
            gone.dedup();
            files.extend(gone);
            (name.clone(), files.into())
        })
        .collect())
}

/// A request that failed, as far as anybody here asks.
pub(crate) struct Failed {
    pub(crate) url: Option<Url>,
    /// Whether the server will not give this one (4xx), whatever it says of others.
    pub(crate) is_refused: bool,
    /// Whether nothing came for too long.
    pub(crate) is_late: bool,
}

/// The request that a failure is about, if it is about one. The libraries hide it from the chain of causes.
pub(crate) fn failed_request(error: &GatewayError) -> Option<Failed> {
    let of = |url: Option<&Url>, status: Option<u16>, is_late: bool| {
        Some(Failed {
            url: url.cloned(),
            is_refused: status.is_some_and(|status| (400..500).contains(&status)),
            is_late,
        })
    };
    let status = |error: &reqwest::Error| error.status().map(|status| status.as_u16());
    match error {
        GatewayError::ReqwestError(error) => {
            return of(error.url(), status(error), error.is_timeout());
        }
        GatewayError::FetchRepoDataError(FetchRepoDataError::HttpError(error))
            if error.url().is_some() =>
        {
            let status = error.status().map(|status| status.as_u16());
            return of(error.url(), status, error.is_timeout());
        }
        GatewayError::FetchRepoDataError(FetchRepoDataError::FailedToDownload(url, _)) => {
            return of(Some(url), None, false);
        }
        _ => {}
    }
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<reqwest::Error>() {
            return of(error.url(), status(error), error.is_timeout());
        }
        cause = error.source();
    }
    None
}

/// Whether other files of the same folder may be had all the same.
fn concerns_some_alone(error: &GatewayError) -> bool {
    let is_refused = failed_request(error).is_some_and(|failed| failed.is_refused);
    is_refused || may_be_the_cache(error)
}

/// Whether asking without the cache may help: not where a request failed, nor where there is nothing.
pub(crate) fn may_be_the_cache(error: &GatewayError) -> bool {
    failed_request(error).is_none() && !matches!(error, GatewayError::SubdirNotFoundError(_))
}
