//! The pip section before uv: what `uv pip compile` is asked, and what it answers. Who runs it hands in its texts.
//!
//! uv resolves what has wheels: to build anything else is to run foreign code, and that is left to pip in the
//! container ([`is_for_uv`]). What conda provides is shown to uv as wheels without content ([`Question::stubs`]), so
//! that it need not be on PyPI, is never replaced, and brings nothing with it: conda installs what it needs.
//!
//! uv is asked twice: for an annotated list, which alone says who needs what, and for a pylock.toml (PEP 751) of the
//! same versions, which alone says where the files are.

mod answer;
mod options;
#[cfg(test)]
mod tests;
mod wheel;

use std::collections::BTreeMap;
use std::str::FromStr;

use pep508_rs::VersionOrUrl;
use pep508_rs::pep440_rs::Version;

pub use answer::{Failure, NoAnswer, failure, file_of, lost_extras, newer, packages};
use options::Options;

use crate::spec::PipLine;
pub use crate::spec::pip::normalized;
use crate::spec::pip::{parse_line, requirement, split_marker};
use crate::virtual_packages::VirtualPackage;

/// The oldest uv that is asked: it writes pylock.toml and knows all of [`Question::arguments`].
pub const OLDEST: &str = "0.8.0";

/// What is asked for.
const REQUIREMENTS: &str = "requirements.in";
/// Versions that must be if anything of that name is.
const CONSTRAINTS: &str = "constraints.txt";
/// The folder of wheels for what conda provides.
pub const PROVIDED: &str = "provided";
/// The first answer, and the versions to be preferred before it is there.
pub const LIST: &str = "requirements.txt";
/// The second answer.
pub const PYLOCK: &str = "pylock.toml";
/// uv's settings for [`Question::arguments_for_file`].
const NO_NEEDS: &str = "no-needs.toml";
/// The answer to [`Question::arguments_for_newest`].
pub const NEWEST: &str = "newest.txt";

/// The version's local part that tells a wheel of [`Question::stubs`] from any that an index has.
const CONDA: &str = "conda";

/// The pip section of one platform, and what is already decided there.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// The lines of the section that are [for uv](is_for_uv), options among them.
    pub lines: Vec<String>,
    /// The lines of its constraints files.
    pub constraints: Vec<String>,
    /// The conda subdir.
    pub platform: String,
    /// The locked version of python.
    pub python: String,
    /// What the container provides.
    pub virtual_packages: Vec<VirtualPackage>,
    /// What conda provides: versions by normalised names of PyPI.
    pub provided: BTreeMap<String, String>,
    /// The versions that stay where they satisfy, by name.
    pub keep: BTreeMap<String, String>,
    /// The values of the variables ([`variables`]) that are set.
    pub variables: BTreeMap<String, String>,
    /// Whether indexes are asked what is new, and not answered for from what uv heard within the last minutes.
    pub is_refreshed: bool,
}

/// Whether uv can resolve a line without running foreign code. Options are for everybody.
pub fn is_for_uv(line: &str) -> bool {
    let is_wheel = |url: &str| {
        let path = url.split(['#', '?']).next().unwrap_or_default();
        ["https://", "http://"]
            .iter()
            .any(|scheme| url.starts_with(scheme))
            && path.ends_with(".whl")
    };
    match parse_line(line).0 {
        PipLine::Option => true,
        PipLine::Url => is_wheel(url(line)),
        PipLine::Package { .. } => {
            let named = requirement(without_options(line));
            match named.and_then(|it| it.version_or_url) {
                Some(VersionOrUrl::Url(_)) => is_wheel(url(line)),
                _ => true,
            }
        }
        // Of those that are left one is a URL, which uv reads as pip does.
        PipLine::RequirementsFile { .. } | PipLine::ConstraintsFile { .. } => true,
        PipLine::Path { .. } | PipLine::Malformed => false,
    }
}

/// Whether a line asks for something to be installed, as options do not.
pub fn is_requirement(line: &str) -> bool {
    parse_line(line).0 != PipLine::Option
}

/// Whether a line asks for the package of that name.
pub fn is_about(line: &str, name: &str) -> bool {
    let asked = requirement(without_options(line));
    asked.is_some_and(|asked| normalized(asked.name.as_ref()) == normalized(name))
}

/// The names of the variables in lines, which pip and uv replace by what the environment has (`${TOKEN}`).
pub fn variables<'line>(lines: impl IntoIterator<Item = &'line String>) -> Vec<&'line str> {
    let mut names: Vec<&str> = lines
        .into_iter()
        .flat_map(|line| line.split("${").skip(1))
        .filter_map(|rest| Some(rest.split_once('}')?.0))
        .filter(|name| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// A requirement without the `--hash=…` behind it.
fn without_options(line: &str) -> &str {
    line.split(" --").next().unwrap_or(line).trim()
}

/// The URL in `name @ https://…; marker` or `https://…`.
fn url(line: &str) -> &str {
    let (line, _) = split_marker(line);
    let start = line.find("://").map_or(0, |at| {
        let before = line[..at].rfind([' ', '@']);
        before.map_or(0, |before| before + 1)
    });
    let rest = &line[start..];
    rest.split(' ').next().unwrap_or(rest)
}

/// A wheel that holds nothing, for what conda provides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stub {
    /// Its file name in [`PROVIDED`].
    pub file: String,
    /// Path and text of the files in it.
    pub content: Vec<(String, String)>,
}

impl Question {
    /// Path and text of the files that uv is to find in the folder where it runs, besides [`Self::stubs`].
    pub fn files(&self) -> [(&'static str, String); 4] {
        let options = Options::of(&self.lines);
        let mut requirements = options.lines();
        requirements.extend(
            self.lines
                .iter()
                .filter(|line| is_requirement(line))
                .map(|line| without_options(line).to_owned()),
        );
        let mut constraints: Vec<String> = self
            .constraints
            .iter()
            .filter(|line| is_requirement(line))
            .map(|line| without_options(line).to_owned())
            .collect();
        constraints.extend(
            self.known()
                .map(|(name, version)| format!("{name}=={version}")),
        );
        let keep = self.keep.iter();
        let keep = keep.filter(|(name, _)| !self.provided.contains_key(*name));
        let keep = keep.map(|(name, version)| format!("{name}=={version}"));
        [
            (REQUIREMENTS, text(requirements)),
            (CONSTRAINTS, text(constraints)),
            (LIST, text(keep)),
            (NO_NEEDS, self.no_needs()),
        ]
    }

    /// That all that is asked for needs nothing: then uv builds nothing to find out.
    fn no_needs(&self) -> String {
        let lines = self.lines.iter();
        let asked = lines.filter_map(|line| requirement(without_options(line)));
        asked
            .map(|asked| {
                let name = asked.name;
                format!("[[dependency-metadata]]\nname = \"{name}\"\nrequires-dist = []\n")
            })
            .collect()
    }

    /// The wheels of what conda provides.
    pub fn stubs(&self) -> Vec<Stub> {
        self.known()
            .map(|(name, version)| {
                let stem = format!("{}-{version}", name.replace('-', "_"));
                let folder = format!("{stem}.dist-info");
                Stub {
                    file: format!("{stem}-py3-none-any.whl"),
                    content: vec![
                        (
                            format!("{folder}/METADATA"),
                            format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"),
                        ),
                        (
                            format!("{folder}/WHEEL"),
                            "Wheel-Version: 1.0\nGenerator: mmdev\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
                                .to_owned(),
                        ),
                        (format!("{folder}/RECORD"), String::new()),
                    ],
                }
            })
            .collect()
    }

    /// What conda provides, as far as its version is one to Python, with a mark that no index has.
    fn known(&self) -> impl Iterator<Item = (&str, String)> {
        self.provided.iter().filter_map(|(name, version)| {
            let version = Version::from_str(version).ok()?;
            let version = match version.local().is_empty() {
                true => format!("{version}+{CONDA}"),
                false => version.to_string(),
            };
            Some((name.as_str(), version))
        })
    }

    /// The arguments for the first answer, [`LIST`], and for the second, [`PYLOCK`]; `None` where uv resolves nothing
    /// for the platform.
    pub fn arguments(&self) -> Option<[Vec<String>; 2]> {
        let mut first = vec!["--annotation-style", "split", "--output-file", LIST];
        if self.is_refreshed {
            first.push("--refresh");
        }
        let second = &[
            "--constraints",
            LIST,
            "--no-annotate",
            "--generate-hashes",
            "--format",
            PYLOCK,
            "--output-file",
            PYLOCK,
        ];
        Some([self.with_common(&first)?, self.with_common(second)?])
    }

    /// The arguments for [`NEWEST`]: what the section's own requirements would be if they needed nothing.
    pub fn arguments_for_newest(&self) -> Option<Vec<String>> {
        self.with_common(&["--no-deps", "--no-annotate", "--output-file", NEWEST])
    }

    /// The arguments for a [`PYLOCK`] of the section's own requirements, also where they have to be built. Nothing is:
    /// of what they need nobody asks, and [`NO_NEEDS`] answers.
    pub fn arguments_for_file(&self) -> Option<Vec<String>> {
        self.with(
            &["--config-file", NO_NEEDS, "--no-deps"],
            &[
                "--no-annotate",
                "--generate-hashes",
                "--format",
                PYLOCK,
                "--output-file",
                PYLOCK,
            ],
        )
    }

    /// Nothing of this machine's user may change the result, and nothing foreign runs here.
    fn with_common(&self, more: &[&str]) -> Option<Vec<String>> {
        self.with(&["--no-config", "--no-build"], more)
    }

    fn with(&self, settings: &[&str], more: &[&str]) -> Option<Vec<String>> {
        let mut common = vec![
            "pip".to_owned(),
            "compile".to_owned(),
            REQUIREMENTS.to_owned(),
        ];
        let mut add = |name: &str, value: &str| {
            common.push(name.to_owned());
            common.push(value.to_owned());
        };
        add("--constraints", CONSTRAINTS);
        add("--find-links", PROVIDED);
        add("--python-version", &self.python);
        add("--python-platform", &self.target()?);
        // pip takes the best version of all indexes; uv by itself that of the first index with the name.
        add("--index-strategy", "unsafe-best-match");
        add("--color", "never");
        let options = Options::of(&self.lines);
        if options.is_pre {
            add("--prerelease", "allow");
        }
        for host in &options.trusted {
            add("--allow-insecure-host", host);
        }
        let words = settings.iter().chain(&["--no-progress", "--no-header"]);
        common.extend(words.chain(more).map(|&word| word.to_owned()));
        Some(common)
    }

    /// The platform as uv calls it.
    fn target(&self) -> Option<String> {
        let machine = match self.platform.rsplit_once('-')?.1 {
            "64" => "x86_64",
            "aarch64" | "arm64" => "aarch64",
            "riscv64" => "riscv64",
            _ => return None,
        };
        Some(match (self.platform.split('-').next()?, machine) {
            ("linux", "riscv64") => "riscv64-unknown-linux".to_owned(),
            ("linux", _) => format!("{machine}-manylinux_2_{}", self.manylinux()),
            ("osx", _) => format!("{machine}-apple-darwin"),
            ("win", _) => format!("{machine}-pc-windows-msvc"),
            _ => return None,
        })
    }

    /// The newest glibc that uv has a name for and that the container's is not older than: 2.`17`.
    fn manylinux(&self) -> u32 {
        const NAMED: [u32; 12] = [40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 28, 17];
        let minor = self
            .version_of("__glibc")
            .and_then(|version| version.strip_prefix("2.")?.split('.').next()?.parse().ok());
        let fits = |named: &u32| minor.is_some_and(|minor: u32| *named <= minor);
        NAMED.into_iter().find(fits).unwrap_or(17)
    }

    /// The macOS that uv is to count on, which it takes from the environment (`MACOSX_DEPLOYMENT_TARGET`).
    pub fn macos(&self) -> Option<&str> {
        self.version_of("__osx")
    }

    fn version_of(&self, name: &str) -> Option<&str> {
        let mut packages = self.virtual_packages.iter();
        let package = packages.find(|package| package.name == name)?;
        Some(&package.version)
    }

    /// Whether conda provides it.
    fn is_provided(&self, name: &str) -> bool {
        self.provided.contains_key(&normalized(name))
    }
}

fn text(lines: impl IntoIterator<Item = String>) -> String {
    lines.into_iter().map(|line| line + "\n").collect()
}
