//! What a spec asks a lock for, as a hash: comments, order, white space and quoting do not count.

use std::collections::{BTreeMap, BTreeSet};

use pep508_rs::VersionOrUrl;

use crate::hash::sha256;
use crate::spec::{EnvSpec, PLATFORMS, PipEntry, Selector, pip};

/// The key of [`super::Metadata::custom`] that holds the meaning of the spec that a lock was made from.
pub const MEANING: &str = "mmdev-spec";

/// A hash of what `spec` asks for, and of `others` that the solution depends on besides, by name (`channel-priority`,
/// `__glibc`). The platforms do not count: a lock may hold more of them than its spec names.
pub fn meaning(spec: &EnvSpec, others: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    let mut add = |key: &str, value: &str| {
        // A length in front: no text can pretend to be two.
        text.push_str(&format!("{key} {} {value}\n", value.len()));
    };
    for channel in spec.channels.iter().flatten() {
        add("channel", &channel.value);
    }
    let dependencies: BTreeSet<String> = spec
        .dependencies
        .iter()
        .map(|dependency| {
            let asked = match &dependency.match_spec {
                Some(match_spec) => match_spec.to_string(),
                None => dependency.text.value.trim().to_owned(),
            };
            format!("{asked}{}", platforms(dependency.selector.as_ref()))
        })
        .collect();
    for dependency in &dependencies {
        add("dependency", dependency);
    }
    // To pip the order of options counts, and that of packages does not.
    let mut lines: Vec<String> = spec.pip.iter().map(requirement).collect();
    lines.sort_by_key(|line| (!line.starts_with('-')).then(|| line.clone()));
    lines.dedup();
    for line in &lines {
        add("pip", line);
    }
    if let Some(category) = &spec.category {
        add("category", &category.value);
    }
    for (key, value) in others {
        add(key, value);
    }
    sha256(text)[..16].to_owned()
}

/// One entry of the pip section without what only looks different.
fn requirement(entry: &PipEntry) -> String {
    let text = entry.text.value.trim();
    let text = match pip::requirement(text) {
        // A URL is not kept there.
        Some(requirement) if !matches!(requirement.version_or_url, Some(VersionOrUrl::Url(_))) => {
            requirement.to_string()
        }
        _ => text.split_whitespace().collect::<Vec<_>>().join(" "),
    };
    format!("{text}{}", platforms(entry.selector.as_ref()))
}

/// The platforms that an entry is for, where it is not for all: `# [linux]` and `sel(linux):` mean the same.
fn platforms(selector: Option<&Selector>) -> String {
    let Some(selector) = selector else {
        return String::new();
    };
    let chosen: Vec<&str> = PLATFORMS
        .into_iter()
        .filter(|platform| selector.applies_to(platform).unwrap_or(true))
        .collect();
    match chosen.len() == PLATFORMS.len() {
        true => String::new(),
        false => format!(" [{}]", chosen.join(" ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(text: &str) -> String {
        meaning(&crate::spec::read("env.yaml", text).spec, &BTreeMap::new())
    }

    const SPEC: &str = "name: x
channels: [conda-forge, bioconda]
dependencies:
  - python =3.12
  - numpy>=1.26  # [linux]
  - pip
  - pip:
    - --extra-index-url https://a
    - --extra-index-url https://b
    - requests >= 2
    - Rich
";

    #[test]
    fn what_looks_different_means_the_same() {
        let same = [
            SPEC.replace("name: x", "# a comment\nname: y"),
            SPEC.replace("python =3.12", "\"python=3.12\""),
            SPEC.replace("  - python =3.12\n", "")
                .replace("  - pip\n", "  - pip\n  - python = 3.12\n"),
            SPEC.replace("  - numpy>=1.26  # [linux]", "  - sel(linux): numpy >=1.26"),
            SPEC.replace("requests >= 2", "requests>=2"),
            SPEC.replace(
                "    - requests >= 2\n    - Rich\n",
                "    - Rich\n    - requests>=2\n",
            ),
            SPEC.replace('\n', "\r\n"),
            format!("{SPEC}platforms: [linux-64]\nvariables: {{A: b}}\n"),
        ];
        for text in same {
            assert_eq!(hash(&text), hash(SPEC), "{text}");
        }
    }

    #[test]
    fn what_is_different_means_another() {
        let others = [
            SPEC.replace("conda-forge, bioconda", "bioconda, conda-forge"),
            SPEC.replace("python =3.12", "python =3.13"),
            SPEC.replace("  - python =3.12\n", ""),
            SPEC.replace("# [linux]", ""),
            SPEC.replace("# [linux]", "# [osx]"),
            SPEC.replace("requests >= 2", "requests >= 3"),
            SPEC.replace("    - requests >= 2\n", ""),
            SPEC.replace("https://a", "https://c"),
            SPEC.replace("Rich", "rich @ https://a/rich.whl"),
            SPEC.replace("Rich", "rich @ https://b/rich.whl"),
            SPEC.replace("index-url https://a", "index-url https://x")
                .replace("https://b", "https://a")
                .replace("https://x", "https://b"),
            format!("{SPEC}category: dev\n"),
        ];
        let hashes: BTreeSet<String> = others.iter().map(|text| hash(text)).collect();
        assert_eq!(hashes.len(), others.len());
        assert!(!hashes.contains(&hash(SPEC)));
        let spec = crate::spec::read("env.yaml", SPEC).spec;
        let others = [("__glibc".to_owned(), "2.36".to_owned())].into();
        assert_ne!(meaning(&spec, &others), hash(SPEC));
    }
}
