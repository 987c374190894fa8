//! The records of some names, as the channels have them: for lists and tables, where nothing is to be solved.

use std::collections::BTreeMap;

use rattler_repodata_gateway::RepoData;

use super::sources::Sources;
use super::{Listener, Record, Request, Solver, record, records};
use crate::error::Error;

/// Which records are wanted.
#[derive(Debug, Clone, Default)]
pub struct Lookup {
    /// The channels as the spec names them, first the most important; as in [`Request::channels`].
    pub channels: Vec<String>,
    /// As in [`Request::variables`].
    pub variables: BTreeMap<String, String>,
    /// The conda subdir; `noarch` is looked at besides.
    pub platform: String,
    /// The names. MatchSpecs leave out what they do not match.
    pub names: Vec<String>,
}

impl Solver {
    /// The records of these names on all channels, those of the most important channel first. A name that no channel
    /// has gives none; offline, nor does one that the cache has nothing of.
    ///
    /// # Errors
    /// If a channel cannot be had, or a name or platform cannot be understood.
    pub async fn lookup(&self, lookup: &Lookup, listener: &Listener) -> Result<Vec<Record>, Error> {
        let request = lookup.request();
        let mut sources = Sources::new(&request, &self.fetcher.config.names)?;
        let specs = sources.specs(&request)?;
        let wanted = records::Wanted {
            sources: &sources,
            specs: &specs,
            with_pip: false,
            is_recursive: false,
            listener,
        };
        let found = self.fetcher.records(&wanted).await;
        let (data, _) = found.map_err(|error| sources.redacted(error))?;
        let mut found: Vec<_> = data.iter().flat_map(RepoData::iter).collect();
        // The folders of one channel come in the order of their names, its records in that of their files.
        found.sort_by_key(|record| sources.position(record));
        Ok(found
            .into_iter()
            .map(|record| record::plain(record, &sources))
            .collect())
    }

    /// The names of all packages that the channels have, sorted.
    ///
    /// # Errors
    /// If a channel cannot be had.
    pub async fn names(&self, lookup: &Lookup) -> Result<Vec<String>, Error> {
        let sources = Sources::new(&lookup.request(), &self.fetcher.config.names)?;
        let mut names = Vec::new();
        let mut not_cached = None;
        for address in sources.addresses() {
            let found = match self.fetcher.config.offline {
                true => self.fetcher.cached(address, &[]).await,
                false => self.fetcher.current(address, &[], false).await,
            };
            match found {
                Ok(found) => names.extend(found.names.iter().cloned()),
                // The cache does not tell a folder that a channel is without from one that was never asked for.
                Err(error @ Error::NotCached { .. }) => not_cached = Some(error),
                Err(error) => return Err(sources.redacted(error)),
            }
        }
        if let Some(error) = not_cached.filter(|_| names.is_empty()) {
            return Err(sources.redacted(error));
        }
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }
}

impl Lookup {
    fn request(&self) -> Request {
        Request {
            dependencies: self.names.clone(),
            channels: self.channels.clone(),
            variables: self.variables.clone(),
            platform: self.platform.clone(),
            ..Request::default()
        }
    }
}
