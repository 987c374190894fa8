//! SHA-256 in the hexadecimal digits that files, labels and names hold.

use sha2::{Digest, Sha256};

/// The 64 digits of the hash of `content`. Where an accident is the enemy, and no attacker, their beginning is enough.
pub fn sha256(content: impl AsRef<[u8]>) -> String {
    hex(&Sha256::digest(content))
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
