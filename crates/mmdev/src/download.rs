//! Downloads of whole files that are no channel's.

use std::path::PathBuf;

use mmdev_conda::Config;

use crate::condarc;

/// The bytes at `url`, reached as channels are, in the format `accept`, which is a media type.
///
/// # Errors
/// If they cannot be had.
pub(crate) async fn bytes(url: &str, accept: &str) -> anyhow::Result<Vec<u8>> {
    let mut config = Config::new(PathBuf::new());
    condarc::apply(&mut config);
    let bytes = config.network.download(url, accept).await;
    bytes.map_err(|reason| anyhow::anyhow!("cannot download {url}: {reason}"))
}
