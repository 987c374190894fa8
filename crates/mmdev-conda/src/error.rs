//! What stands between mmdev and a channel. No error holds a credential.

use rattler_redaction::{DEFAULT_REDACTION_STR, Redact};
use rattler_repodata_gateway::GatewayError;
use url::Url;

/// Why nothing, or only something old, is known of a channel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The text names no channel that could be asked.
    #[error("`{channel}` names no channel: {reason}")]
    NoChannel {
        /// The channel as the spec names it, without credentials.
        channel: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No channel has packages for such a platform.
    #[error("`{platform}` is no platform of conda's")]
    NoPlatform {
        /// The platform as it was given.
        platform: String,
    },
    /// The server, or the disk, has no such channel.
    #[error("there is no channel at {url}")]
    NotThere {
        /// The URL of the channel and subdir, without credentials.
        url: String,
    },
    /// It was asked, and no usable answer came.
    #[error("the channel {url} cannot be read: {reason}")]
    Unreadable {
        /// The URL of the channel and subdir, without credentials.
        url: String,
        /// What happened.
        reason: String,
    },
    /// It was asked, and what it said cannot be kept in the cache.
    #[error("what the channel {url} has cannot be kept: {reason}")]
    Unwritable {
        /// The URL of the channel and subdir, without credentials.
        url: String,
        /// What happened, with the folder.
        reason: String,
    },
    /// A dependency cannot be read as a MatchSpec.
    #[error("`{text}` cannot be read as a dependency: {reason}")]
    NoMatchSpec {
        /// The dependency, without credentials.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// What a machine is said to provide is not written as conda writes it.
    #[error("`{package}` is no virtual package")]
    BadVirtualPackage {
        /// The package as it was given.
        package: String,
    },
    /// A channel contradicts itself.
    #[error("the channels cannot be used: {reason}")]
    Inconsistent {
        /// What they say.
        reason: String,
    },
    /// The cache has nothing of one package, and nothing else may be read.
    #[error("the records of `{package}` are not in the cache, and mmdev is offline")]
    PackageNotCached {
        /// The package's name.
        package: String,
    },
    /// Nobody waits for it any more, or its time was over.
    #[error("it was cancelled")]
    Cancelled,
    /// The cache has nothing of it, and nothing else may be read.
    #[error("the channel {url} is not in the cache, and mmdev is offline")]
    NotCached {
        /// The URL of the channel and subdir, without credentials.
        url: String,
    },
    /// The mapping of names has no URL that could be asked.
    #[error("the URL of the mapping from PyPI's names to conda's is wrong: {reason}")]
    NoMapping {
        /// What is wrong with it.
        reason: String,
    },
    /// The mapping of names was asked for, and no usable one came.
    #[error("the mapping from PyPI's names to conda's cannot be read from {url}: {reason}")]
    MappingUnreadable {
        /// The URL, without credentials.
        url: String,
        /// What happened.
        reason: String,
    },
    /// The cache has no mapping of names, and nothing else may be read.
    #[error("the mapping from PyPI's names to conda's is not in the cache, and mmdev is offline")]
    MappingNotCached,
}

impl Error {
    /// Whether asking again soon would bring the same.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self, Error::NotThere { .. })
    }

    pub(crate) fn of(url: &Url, error: &GatewayError) -> Self {
        match error {
            GatewayError::SubdirNotFoundError(_) => Error::NotThere { url: shown(url) },
            _ if url.scheme() != "file" && is_of_the_disk(error) => Error::Unwritable {
                url: shown(url),
                reason: reason(error),
            },
            _ => Error::Unreadable {
                url: shown(url),
                reason: without_secrets(url, reason(error)),
            },
        }
    }

    /// The same error with every text in it changed.
    pub(crate) fn map_text(mut self, change: impl Fn(String) -> String) -> Self {
        let texts: Vec<&mut String> = match &mut self {
            Error::NoChannel { channel, reason } => vec![channel, reason],
            Error::NoMatchSpec { text, reason } => vec![text, reason],
            Error::Unreadable { url, reason } | Error::Unwritable { url, reason } => {
                vec![url, reason]
            }
            Error::NotThere { url } | Error::NotCached { url } => vec![url],
            Error::Inconsistent { reason } => vec![reason],
            Error::NoPlatform { .. }
            | Error::BadVirtualPackage { .. }
            | Error::PackageNotCached { .. }
            | Error::NoMapping { .. }
            | Error::MappingUnreadable { .. }
            | Error::MappingNotCached
            | Error::Cancelled => Vec::new(),
        };
        for text in texts {
            *text = change(std::mem::take(text));
        }
        self
    }

    pub(crate) fn not_cached(url: &Url) -> Self {
        Error::NotCached { url: shown(url) }
    }
}

/// Whether a file could not be written: there is no room, or nobody may.
fn is_of_the_disk(error: &(dyn std::error::Error + 'static)) -> bool {
    use std::io::ErrorKind::{
        FileTooLarge, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
    };
    let kinds = [
        FileTooLarge,
        PermissionDenied,
        QuotaExceeded,
        ReadOnlyFilesystem,
        StorageFull,
    ];
    let mut cause = Some(error);
    while let Some(error) = cause {
        let of_system = error.downcast_ref::<std::io::Error>();
        if of_system.is_some_and(|error| kinds.contains(&error.kind())) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// The URL for a person to read.
pub(crate) fn shown(url: &Url) -> String {
    without_secrets(url, url.clone().redact().to_string())
}

/// An error and its causes in one line.
pub(crate) fn reason(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        // Many errors repeat what their cause says.
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
        cause = error.source();
    }
    // What follows is a debug print of the resolver's query.
    if let Some(at) = text.find("error resolving DNS") {
        text.truncate(at);
        text.push_str("no address is known for the host");
    }
    text.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

/// Whatever the libraries below have put into `text`, the credentials of `url` are not in the result.
pub(crate) fn without_secrets(url: &Url, text: String) -> String {
    let token = url.path().split('/').skip_while(|part| *part != "t").nth(1);
    let user = Some(url.username()).filter(|name| !name.is_empty());
    [url.password(), token, user]
        .into_iter()
        .flatten()
        // Behind a channel called `t` there may be nothing.
        .filter(|secret| !secret.is_empty())
        .fold(text, |text, secret| {
            text.replace(secret, DEFAULT_REDACTION_STR)
        })
}
