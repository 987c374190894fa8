//! The platforms that one entry may be for, in each of the ways in which a spec can say so.

use std::fmt;
use std::str::FromStr;

use crate::spec::{EnvSpec, PLATFORMS, Selector, SelectorStyle};
use crate::text::{Span, Spanned};

/// The platforms that an entry is for: a conda subdir, or a family of them.
#[derive(Clone, Copy)]
pub struct Platform(&'static Words);

struct Words {
    /// What people call it.
    name: &'static str,
    /// conda-lock's word, in a comment (`# [linux64]`). It takes these and no others (conda_lock/src_parser/selectors.py).
    comment: &'static str,
    /// Whether micromamba has the same word (`sel(linux)`): it knows families only.
    is_key: bool,
    /// The environment marker (PEP 508) that says it to pip.
    marker: &'static str,
}

const KNOWN: [Words; 10] = [
    family("linux", r#"sys_platform == "linux""#),
    family("osx", r#"sys_platform == "darwin""#),
    family("win", r#"sys_platform == "win32""#),
    family("unix", r#"sys_platform != "win32""#),
    subdir(
        "linux-64",
        "linux64",
        r#"sys_platform == "linux" and platform_machine == "x86_64""#,
    ),
    subdir(
        "linux-aarch64",
        "aarch64",
        r#"sys_platform == "linux" and platform_machine == "aarch64""#,
    ),
    subdir(
        "linux-ppc64le",
        "ppc64le",
        r#"sys_platform == "linux" and platform_machine == "ppc64le""#,
    ),
    subdir(
        "osx-64",
        "osx64",
        r#"sys_platform == "darwin" and platform_machine == "x86_64""#,
    ),
    subdir(
        "osx-arm64",
        "arm64",
        r#"sys_platform == "darwin" and platform_machine == "arm64""#,
    ),
    subdir(
        "win-64",
        "win64",
        r#"sys_platform == "win32" and platform_machine == "AMD64""#,
    ),
];

const fn family(name: &'static str, marker: &'static str) -> Words {
    Words {
        name,
        comment: name,
        is_key: true,
        marker,
    }
}

const fn subdir(name: &'static str, comment: &'static str, marker: &'static str) -> Words {
    Words {
        name,
        comment,
        is_key: false,
        marker,
    }
}

impl Platform {
    /// The environment marker that says it to pip.
    pub fn marker(self) -> &'static str {
        self.0.marker
    }

    /// How it is written into a spec, in the words of whoever reads that: conda-lock, for which specs have
    /// `platforms:` or `category:`, or else micromamba, where it has a word for it.
    pub(super) fn selector(self, spec: &EnvSpec) -> Selector {
        let mut used = spec
            .dependencies
            .iter()
            .filter_map(|dependency| dependency.selector.as_ref());
        let is_for_conda_lock = || !spec.platforms.is_empty() || spec.category.is_some();
        let style = match used.next() {
            _ if !self.0.is_key => SelectorStyle::Comment,
            Some(selector) => selector.style,
            None if is_for_conda_lock() => SelectorStyle::Comment,
            None => SelectorStyle::Key,
        };
        self.written(style)
    }

    fn written(self, style: SelectorStyle) -> Selector {
        Selector {
            text: Spanned::new(self.0.comment.to_owned(), Span::default()),
            style,
        }
    }

    /// Whether `selector` is for exactly these platforms; without a platform, whether it is for all.
    pub(super) fn is_of(this: Option<Self>, selector: Option<&Selector>) -> bool {
        let this = this.map(|platform| platform.written(SelectorStyle::Comment));
        let applies = |selector: Option<&Selector>, platform: &str| {
            selector.is_none_or(|selector| selector.applies_to(platform).unwrap_or(true))
        };
        PLATFORMS
            .iter()
            .all(|platform| applies(this.as_ref(), platform) == applies(selector, platform))
    }
}

impl FromStr for Platform {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = KNOWN.iter().find(|words| words.name == text);
        known.map(Platform).ok_or_else(|| {
            let names: Vec<&str> = KNOWN.iter().map(|words| words.name).collect();
            format!("a spec can say {}", names.join(", "))
        })
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.name)
    }
}

impl fmt::Debug for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl PartialEq for Platform {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for Platform {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_one_that_is_read() {
        for words in &KNOWN {
            let platform: Platform = words.name.parse().unwrap();
            for style in [SelectorStyle::Comment, SelectorStyle::Key] {
                let selector = platform.written(style);
                let is_known = style == SelectorStyle::Comment || words.is_key;
                assert_eq!(
                    selector.applies_to("linux-64").is_some(),
                    is_known,
                    "{platform} {style:?}"
                );
                if is_known {
                    assert!(Platform::is_of(Some(platform), Some(&selector)));
                    assert!(!Platform::is_of(None, Some(&selector)));
                }
            }
            assert!(!Platform::is_of(Some(platform), None));
        }
        assert!(Platform::is_of(None, None));
        assert!("linux64".parse::<Platform>().is_err());
    }
}
