//! The conda world, over rattler: what packages the channels of a spec hold, and what PyPI's are called there.
//!
//! [`Channels`] answers at once with what is known, in memory or on disk, and fetches the rest behind the asker's
//! back. It decides nothing: rules and editor features are the core's, and see it as a
//! [`PackageIndex`](mmdev_core::index::PackageIndex). [`solve`] says which records satisfy a spec.
//! Nothing here reads an environment variable but for what reqwest takes from the system: proxies (`HTTPS_PROXY` …)
//! and trusted certificates.

mod address;
mod cache;
mod channels;
mod condarc;
mod error;
mod fetch;
mod login;
mod names;
mod network;
mod shelf;
mod snapshot;
pub mod solve;

pub use address::{ChannelNames, shown_channel};
pub use channels::Channels;
pub use condarc::Condarc;
pub use error::Error;
pub use login::Logins;
pub use names::{MAPPING, Mapping, Names};
pub use network::{Network, Trust};

use std::path::PathBuf;

/// How channels are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The folder of the cache, made when needed. Several processes may share it.
    pub cache: PathBuf,
    /// Whether only the cache and local folders may be read.
    pub offline: bool,
    /// The URL of the mapping from PyPI's names to conda's; [`MAPPING`] is the public one.
    pub mapping: String,
    /// How servers are reached.
    pub network: Network,
    /// What the names of channels stand for.
    pub names: ChannelNames,
}

impl Config {
    /// How anybody's channels are asked, online, with what is known kept in `cache`.
    pub fn new(cache: PathBuf) -> Self {
        Config {
            cache,
            offline: false,
            mapping: MAPPING.to_owned(),
            network: Network::default(),
            names: ChannelNames::default(),
        }
    }
}
