//! The records that a request can reach, from the cache or the network.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use rattler_conda_types::MatchSpec;
use rattler_networking::LazyClient;
use rattler_repodata_gateway::fetch::CacheAction;
use rattler_repodata_gateway::{
    ChannelRelationsMode, DownloadReporter, Gateway, GatewayError, RepoData, Reporter,
};
use url::Url;

use super::sources::Sources;
use super::{Listener, Progress, record};
use crate::address::Address;
use crate::cache::{self, Writing};
use crate::error::Error;
use crate::fetch::{Fetcher, failed_request, gateway, list, list_anyway, may_be_the_cache};

/// What is to be fetched.
pub(super) struct Wanted<'a> {
    pub(super) sources: &'a Sources,
    pub(super) specs: &'a [MatchSpec],
    pub(super) with_pip: bool,
    /// Whether what they need is wanted as well.
    pub(super) is_recursive: bool,
    pub(super) listener: &'a Listener,
}

impl Wanted<'_> {
    async fn ask(&self, gateway: &Gateway) -> Result<Vec<RepoData>, GatewayError> {
        let mut query = gateway
            .query(
                self.sources.gateway(),
                self.sources.subdirs(),
                self.specs.iter().cloned(),
            )
            .recursive(self.is_recursive)
            .channel_relations(ChannelRelationsMode::Disabled)
            .with_reporter(Downloads::new(self.listener));
        if self.with_pip {
            query = query.with_record_patch(record::with_pip);
        }
        Ok(query.await?.repodata)
    }
}

impl Fetcher {
    /// The records that `wanted` can reach, a bucket for each folder, those of the most important channel first; and
    /// whether there may be more that the cache does not have.
    pub(super) async fn records(
        &self,
        wanted: &Wanted<'_>,
    ) -> Result<(Vec<RepoData>, bool), Error> {
        if self.config.offline {
            cache::recover(&self.config.cache);
            let gateway = self.cache_only(true);
            let data = match wanted.ask(&gateway).await {
                Ok(data) => data,
                Err(error) => return Err(blame_cache(wanted, &gateway, &error).await),
            };
            return Ok((data, true));
        }
        let writing = Writing::begin(&self.config.cache);
        let first = wanted.sources.addresses().next();
        let url = first.map(Address::url);
        let Some(url) = url else {
            return Ok((Vec::new(), false));
        };
        let online = self.online().as_ref().map_err(|reason| Error::Unreadable {
            url: crate::error::shown(&url),
            reason: reason.clone(),
        })?;
        for address in wanted.sources.addresses() {
            online.keys.admit(address);
        }
        let mut failure = match wanted.ask(&online.gateway).await {
            Ok(data) => {
                writing.done();
                return Ok((data, false));
            }
            Err(failure) => failure,
        };
        // Nobody else uses these two, so that no question of theirs fails because another one did (the gateway lets
        // those who want the same wait for each other). Damaged files in the cache spoil every question that looks
        // into it: the second does not, and writes it anew.
        let [alone, anew] = [CacheAction::CacheOrFetch, CacheAction::NoCache]
            .map(|action| gateway(&self.config.cache, online.client.clone(), action, false));
        if may_be_the_cache(&failure) {
            match wanted.ask(&anew).await {
                Ok(data) => {
                    writing.done();
                    return Ok((data, false));
                }
                Err(again) => failure = again,
            }
        }
        Err(blame(wanted, [&alone, &anew], &failure).await)
    }

    /// The same from the cache alone, with an error where it lacks something.
    pub(super) async fn all_cached_records(&self, wanted: &Wanted<'_>) -> Result<(), Error> {
        let gateway = self.cache_only(false);
        match wanted.ask(&gateway).await {
            Ok(_) => Ok(()),
            Err(error) => Err(blame_cache(wanted, &gateway, &error).await),
        }
    }

    fn cache_only(&self, missing_is_empty: bool) -> Gateway {
        let never_used = LazyClient::new(Default::default);
        gateway(
            &self.config.cache,
            never_used,
            CacheAction::ForceCacheOnly,
            missing_is_empty,
        )
    }
}

/// Which folder a failure is about: the gateway does not say. Of several that fail it is always the first, though they
/// are asked for at once.
async fn blame(wanted: &Wanted<'_>, gateways: [&Gateway; 2], failure: &GatewayError) -> Error {
    let failed = failed_request(failure);
    let is_about = |address: &Address| {
        let url = failed.as_ref().and_then(|failed| failed.url.as_ref());
        url.is_some_and(|url| url.as_str().starts_with(address.url().as_str()))
    };
    // Whoever has waited long enough for one does not wait for another.
    if failed.as_ref().is_some_and(|failed| failed.is_late)
        && let Some(address) = wanted.sources.addresses().find(|address| is_about(address))
    {
        return Error::of(&address.url(), failure);
    }
    for address in wanted.sources.addresses() {
        if is_about(address) {
            return Error::of(&address.url(), failure);
        }
        if let Err(own) = list_anyway(gateways, address).await {
            return Error::of(&address.url(), &own);
        }
    }
    match wanted.sources.addresses().next() {
        Some(address) => Error::of(&address.url(), failure),
        None => Error::Cancelled,
    }
}

async fn blame_cache(wanted: &Wanted<'_>, gateway: &Gateway, failure: &GatewayError) -> Error {
    for address in wanted.sources.addresses() {
        if list(gateway, address).await.is_err() {
            return Error::not_cached(&address.url());
        }
    }
    let package = match failure {
        GatewayError::ShardNotCached(package) => Some(package.clone()),
        _ => None,
    };
    match (package, wanted.sources.addresses().next()) {
        (Some(package), _) => Error::PackageNotCached { package },
        (None, Some(address)) => Error::of(&address.url(), failure),
        (None, None) => Error::Cancelled,
    }
}

/// Counts what comes.
struct Downloads {
    listener: Listener,
    files: AtomicUsize,
    done: AtomicUsize,
    bytes: AtomicU64,
    /// By file, what came of it so far.
    seen: std::sync::Mutex<Vec<u64>>,
}

impl Downloads {
    fn new(listener: &Listener) -> Self {
        Downloads {
            listener: Arc::clone(listener),
            files: AtomicUsize::new(0),
            done: AtomicUsize::new(0),
            bytes: AtomicU64::new(0),
            seen: std::sync::Mutex::default(),
        }
    }

    fn tell(&self) {
        (self.listener)(Progress::Fetching {
            files: self.files.load(Ordering::Relaxed),
            done: self.done.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
        });
    }
}

impl Reporter for Downloads {
    fn download_reporter(&self) -> Option<&dyn DownloadReporter> {
        Some(self)
    }
}

impl DownloadReporter for Downloads {
    fn on_download_start(&self, _url: &Url) -> usize {
        self.files.fetch_add(1, Ordering::Relaxed);
        self.tell();
        let mut seen = self
            .seen
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        seen.push(0);
        seen.len() - 1
    }

    fn on_download_progress(&self, _url: &Url, index: usize, bytes: usize, _total: Option<usize>) {
        let mut seen = self
            .seen
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some(so_far) = seen.get_mut(index) else {
            return;
        };
        let bytes = bytes as u64;
        self.bytes
            .fetch_add(bytes.saturating_sub(*so_far), Ordering::Relaxed);
        *so_far = bytes;
        drop(seen);
        self.tell();
    }

    fn on_download_complete(&self, _url: &Url, _index: usize) {
        self.done.fetch_add(1, Ordering::Relaxed);
        self.tell();
    }
}
