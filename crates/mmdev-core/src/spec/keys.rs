//! The top-level keys of a spec, and which of them a misspelt one was meant to be.

/// CEP 24's keys and its optional extensions.
pub(crate) const KNOWN: [&str; 7] = [
    "name",
    "channels",
    "dependencies",
    "variables",
    "prefix",
    "platforms",
    "category",
];

/// The known key that `key` was probably meant to be.
pub(crate) fn nearest(key: &str) -> Option<&'static str> {
    let key = key.to_ascii_lowercase();
    if let Some(same) = KNOWN.into_iter().find(|known| *known == key) {
        return Some(same);
    }
    KNOWN
        .into_iter()
        .map(|known| (strsim::damerau_levenshtein(&key, known), known))
        .filter(|(distance, known)| *distance <= if known.len() > 7 { 3 } else { 1 })
        .min()
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_keys_are_understood_and_others_left_alone() {
        for (key, expected) in [
            ("dependecies", Some("dependencies")),
            ("dependancies", Some("dependencies")),
            ("Dependencies", Some("dependencies")),
            ("dependency", Some("dependencies")),
            ("chanels", Some("channels")),
            ("channel", Some("channels")),
            ("nmae", Some("name")),
            ("platform", Some("platforms")),
            ("extras", None),
            ("version", None),
            ("build", None),
            ("local_dependencies", None),
            ("", None),
        ] {
            assert_eq!(nearest(key), expected, "{key}");
        }
    }
}
