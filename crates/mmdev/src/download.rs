//! Downloads of whole files.

use std::time::Duration;

use anyhow::Context as _;
use sha2::{Digest, Sha256};
use ureq::tls::{RootCerts, TlsConfig};

/// The largest download that is taken: uv has about 25 MB.
const LIMIT: u64 = 200 * 1024 * 1024;

/// How long is waited for a server, and for its answer to begin.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a download may take, with a slow line in mind.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// The bytes at `url`.
///
/// # Errors
/// If they cannot be had.
pub(crate) fn bytes(url: &str) -> anyhow::Result<Vec<u8>> {
    accepting(url, "*/*")
}

/// The same, as a server has it in the format `accept`, which is a media type.
///
/// # Errors
/// If they cannot be had.
pub(crate) fn accepting(url: &str, accept: &str) -> anyhow::Result<Vec<u8>> {
    // The machine's own certificates: a company's are among them.
    let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier);
    let agent = ureq::Agent::config_builder()
        .tls_config(tls.build())
        .timeout_connect(Some(PATIENCE))
        .timeout_recv_response(Some(PATIENCE))
        .timeout_global(Some(LONGEST))
        .build()
        .new_agent();
    let answer = || -> Result<Vec<u8>, ureq::Error> {
        let mut response = agent.get(url).header("Accept", accept).call()?;
        response.body_mut().with_config().limit(LIMIT).read_to_vec()
    };
    answer().with_context(|| format!("cannot download {url}"))
}

/// The SHA-256 digest, in hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
