//! Which of two versions is newer, as conda orders them.

use std::cmp::Ordering;
use std::str::FromStr;

use rattler_conda_version::Version;

/// The order of two versions, the older one first. One that conda cannot read is older than all that it can.
pub fn compare_versions(left: &str, right: &str) -> Ordering {
    match (Version::from_str(left), Version::from_str(right)) {
        (Ok(left), Ok(right)) => left.cmp(&right),
        (Ok(_), Err(_)) => Ordering::Greater,
        (Err(_), Ok(_)) => Ordering::Less,
        (Err(_), Err(_)) => left.cmp(right),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_as_conda_orders_them() {
        let ordered = ["no version", "1.0rc1", "1.0", "1.2", "1.10", "1!0.1"];
        for pair in ordered.windows(2) {
            assert_eq!(
                compare_versions(pair[0], pair[1]),
                Ordering::Less,
                "{pair:?}"
            );
            assert_eq!(
                compare_versions(pair[1], pair[0]),
                Ordering::Greater,
                "{pair:?}"
            );
        }
        assert_eq!(compare_versions("1.0", "1.0.0"), Ordering::Equal);
    }
}
