//! The first line of an owned file: `# mmdev: HASH` of the rest, by which a change made by hand is seen.

use crate::hash::sha256;

const START: &str = "# mmdev: ";

/// Whose a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ownership {
    /// mmdev wrote it, and nobody changed it but for line ends.
    Owned,
    /// mmdev wrote it, and somebody changed it since.
    Changed,
    /// mmdev did not write it.
    Foreign,
}

/// `content` under its stamp. `content` ends its lines with `\n`.
pub fn sign(content: &str) -> String {
    format!("{START}{}\n{content}", hash(content))
}

/// Whose the file with this text is. Line ends do not count: git may have changed them at checkout.
pub fn verify(text: &str) -> Ownership {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Some(rest) = text.strip_prefix(START) else {
        return Ownership::Foreign;
    };
    match rest.replace("\r\n", "\n").split_once('\n') {
        Some((stamp, content)) if stamp.trim() == hash(content) => Ownership::Owned,
        _ => Ownership::Changed,
    }
}

/// Whether two texts differ in nothing but line ends.
pub fn same_but_line_ends(one: &str, other: &str) -> bool {
    one.replace("\r\n", "\n") == other.replace("\r\n", "\n")
}

/// The first 16 hexadecimal digits of SHA-256: against accidents, not against attacks.
fn hash(content: &str) -> String {
    sha256(content)[..16].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_by_hand_is_seen_and_line_ends_are_not_one() {
        let signed = sign("FROM x\nRUN y\n");
        let cases = [
            (signed.clone(), Ownership::Owned),
            (signed.replace('\n', "\r\n"), Ownership::Owned),
            (format!("\u{feff}{signed}"), Ownership::Owned),
            (signed.replace("RUN y", "RUN z"), Ownership::Changed),
            (signed.replace("mmdev: ", "mmdev: 0"), Ownership::Changed),
            (format!("{signed}\n"), Ownership::Changed),
            ("# mmdev: ".to_owned(), Ownership::Changed),
            ("FROM x\n".to_owned(), Ownership::Foreign),
            (format!("\n{signed}"), Ownership::Foreign),
            (String::new(), Ownership::Foreign),
        ];
        for (text, expected) in cases {
            assert_eq!(verify(&text), expected, "{text:?}");
        }
    }
}
