//! The top-level keys in a person's words.

use crate::spec::keys;

/// What one key is for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Key {
    /// The key.
    pub(super) name: &'static str,
    /// What it is for, in Markdown.
    pub(super) documentation: &'static str,
    /// What follows it when it is typed.
    pub(super) begin: &'static str,
    /// Whether it is offered to somebody who writes a spec.
    pub(super) is_offered: bool,
}

/// Every key that has a meaning, in the order in which specs are written.
pub(super) const KEYS: [Key; 9] = [
    Key {
        name: "name",
        documentation: "The environment's name. It becomes a folder, so it holds no `/`, `:`, `#` and no space. Nothing depends on it in the container: the environment of the image is active under any name.",
        begin: ": ",
        is_offered: true,
    },
    Key {
        name: "channels",
        documentation: "Where packages come from, the most important first: names of channels (`conda-forge`) or URLs. `nodefaults` keeps conda from adding its own.",
        begin: ":\n  - ",
        is_offered: true,
    },
    Key {
        name: "dependencies",
        documentation: "The packages, each a MatchSpec: `python=3.12`, `numpy>=1.26,<3`, `conda-forge::pytorch`. Below `- pip:` stand requirements for pip, which are installed after the others.",
        begin: ":\n  - ",
        is_offered: true,
    },
    Key {
        name: "variables",
        documentation: "Environment variables that are set while the environment is active, each `NAME: value`.",
        begin: ":\n  ",
        is_offered: true,
    },
    Key {
        name: "platforms",
        documentation: "The platforms that the environment is for (`linux-64`, `osx-arm64`), as conda-lock reads them. Containers are built for those of Linux.",
        begin: ":\n  - ",
        is_offered: true,
    },
    Key {
        name: "category",
        documentation: "The category of the dependencies (`main`, `dev`), as conda-lock reads it.",
        begin: ": ",
        is_offered: true,
    },
    Key {
        name: "prefix",
        documentation: "The folder of the environment on one machine, which `conda env export` writes. It is not used here.",
        begin: ": ",
        is_offered: false,
    },
    Key {
        name: "pip-repositories",
        documentation: "Package indexes besides PyPI, as conda-lock reads them.",
        begin: ":\n  - ",
        is_offered: false,
    },
    Key {
        name: "allow-pypi-requests",
        documentation: "`false`: conda-lock asks PyPI for nothing.",
        begin: ": ",
        is_offered: false,
    },
];

/// The key of that name, or the one that a misspelt name was probably meant to be.
pub(super) fn find(name: &str) -> Option<&'static Key> {
    let by_name = |name: &str| KEYS.iter().find(|key| key.name == name);
    by_name(name).or_else(|| by_name(keys::nearest(name)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_a_spec_is_documented() {
        for name in keys::KNOWN {
            assert!(KEYS.iter().any(|key| key.name == name), "{name}");
        }
        assert_eq!(
            find("dependecies").map(|key| key.name),
            Some("dependencies")
        );
        assert_eq!(find("extras"), None);
    }
}
