//! A conda environment spec (CEP 24, and what mamba and conda-lock add), lowered from its tree with spans.

pub(crate) mod codes;
mod dependencies;
pub(crate) mod keys;
mod lower;
mod merge;
pub mod pip;
mod pip_section;
mod recognise;
mod repositories;
mod selector;
#[cfg(test)]
mod tests;
mod variables;

pub use crate::subdir::PLATFORMS;
pub use codes::MISSING_DEPENDENCIES;
pub use merge::merge;

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::match_spec::{Differently, MatchSpec, Memory};
use crate::syntax::yaml;
use crate::text::{Span, Spanned};

/// What a file is as a spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadSpec {
    /// Whether it is one.
    pub kind: SpecKind,
    /// Its meaning, as far as it could be understood; empty where it is none.
    pub spec: EnvSpec,
    /// What is wrong, in the order of the text; nothing where it is no spec.
    pub diagnostics: Vec<Diagnostic>,
}

/// Whether a file is a spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpecKind {
    /// A conda environment spec, possibly with mistakes.
    Spec,
    /// Another file of the same name, to be left alone.
    NotASpec {
        /// What it is instead, in words that can follow "this is no conda environment: ".
        reason: String,
    },
}

/// Reads the bytes of a spec file, and returns the text in them, which the spans are in, as well. Text that is not
/// UTF-8 is an error among the diagnostics; the rest of the file is read all the same.
pub fn read_bytes(file_name: &str, bytes: Vec<u8>) -> (String, ReadSpec) {
    let (text, problem) = decode(bytes);
    let mut read = read(file_name, &text);
    if read.kind == SpecKind::Spec {
        read.diagnostics.splice(0..0, problem);
    }
    (text, read)
}

/// The names of the one spec of a project, which is found by itself, in the order of their fame.
pub const COMMON_NAMES: [&str; 4] = ["env.yaml", "env.yml", "environment.yml", "environment.yaml"];

/// Whether people give specs this name, or keep them in a folder of this name, so that its content is worth a look. A
/// file of another name may be a spec all the same.
pub fn has_spec_name(path: &str) -> bool {
    recognise::has_spec_name(path)
}

/// The text in `bytes`, and what is wrong with its encoding. Where something is, the text has other bytes than the file.
pub fn decode(bytes: Vec<u8>) -> (String, Option<Diagnostic>) {
    let error = match String::from_utf8(bytes) {
        Ok(text) => return (text, None),
        Err(error) => error,
    };
    let unit: fn([u8; 2]) -> u16 = match error.as_bytes() {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        bytes => {
            let start = error.utf8_error().valid_up_to();
            let span = Span::new(start, start + char::REPLACEMENT_CHARACTER.len_utf8());
            let problem =
                Diagnostic::error(yaml::codes::SYNTAX, span, "this character is not UTF-8")
                    .with_hint("Save the file as UTF-8");
            return (String::from_utf8_lossy(bytes).into_owned(), Some(problem));
        }
    };
    let pairs = error.as_bytes()[2..].chunks_exact(2);
    let units = pairs.map(|pair| unit([pair[0], pair[1]]));
    let text = char::decode_utf16(units)
        .map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    let problem = Diagnostic::error(
        yaml::codes::SYNTAX,
        Span::empty(0),
        "the file is UTF-16, which `>` writes in PowerShell",
    )
    .with_hint("Save it as UTF-8, or write it with `conda env export --file`");
    (text, Some(problem))
}

/// Reads a spec file. `file_name` is its name or path, which counts where the content alone does not tell a spec from
/// other files.
pub fn read(file_name: &str, text: &str) -> ReadSpec {
    read_parsed(file_name, text, &yaml::parse(text))
}

/// The same for a `text` whose tree is there already.
pub fn read_parsed(file_name: &str, text: &str, parsed: &yaml::Parsed) -> ReadSpec {
    Reader::default().read_parsed(file_name, text, parsed)
}

/// Reads many specs, and a MatchSpec that stands in several of them once.
#[derive(Debug, Default)]
pub struct Reader {
    memory: Memory,
}

impl Reader {
    /// As [`read_parsed`].
    pub fn read_parsed(&mut self, file_name: &str, text: &str, parsed: &yaml::Parsed) -> ReadSpec {
        if let Some(reason) = recognise::reason_against(file_name, text, parsed) {
            return ReadSpec {
                kind: SpecKind::NotASpec { reason },
                spec: EnvSpec::default(),
                diagnostics: Vec::new(),
            };
        }
        let (spec, found) = lower::lower(text, parsed, &mut self.memory);
        let mut diagnostics = parsed.diagnostics.clone();
        let is_broken = diagnostics.iter().any(|diagnostic| {
            matches!(
                diagnostic.code,
                yaml::codes::SYNTAX | yaml::codes::CONFLICT_MARKER | yaml::codes::ALIAS
            )
        });
        // Each beginning of a broken place, and the furthest end of those up to it.
        let mut furthest = 0;
        let broken: Vec<(usize, usize)> = diagnostics
            .iter()
            .map(|broken| {
                furthest = furthest.max(broken.span.end);
                (broken.span.start, furthest)
            })
            .collect();
        // What the reader's recovery may have made or lost is no finding of its own.
        diagnostics.extend(found.into_iter().filter(|found| {
            let before = broken.partition_point(|(start, _)| *start < found.span.end);
            let stands_in_broken = broken[..before]
                .last()
                .is_some_and(|(_, end)| found.span.start < *end);
            let may_be_lost = is_broken
                && matches!(
                    found.code,
                    codes::MISSING_DEPENDENCIES | codes::EMPTY_DEPENDENCIES | codes::PIP_NOT_LISTED
                );
            !stands_in_broken && !may_be_lost
        }));
        // A value that an alias repeats is read more than once.
        diagnostics.sort_by(|left, right| {
            (left.span, left.code, &left.message).cmp(&(right.span, right.code, &right.message))
        });
        diagnostics.dedup();
        // A template is one mistake, on however many of its lines.
        let mut is_said = false;
        diagnostics.retain(|diagnostic| {
            diagnostic.message != yaml::TEMPLATE || !std::mem::replace(&mut is_said, true)
        });
        for diagnostic in &mut diagnostics {
            escape_control(&mut diagnostic.message);
            if let Some(hint) = &mut diagnostic.hint {
                escape_control(hint);
            }
        }
        ReadSpec {
            kind: SpecKind::Spec,
            spec,
            diagnostics,
        }
    }
}

/// A quoted scalar may hold a line break or an escape sequence; a message that names it stays one harmless line.
fn escape_control(message: &mut String) {
    if message.chars().any(char::is_control) {
        *message = message
            .chars()
            .map(|char| match char.is_control() {
                true => char.escape_debug().to_string(),
                false => char.to_string(),
            })
            .collect();
    }
}

/// Whether two texts name one channel, as far as their letters tell.
pub(crate) fn is_same_channel(left: &str, right: &str) -> bool {
    bare_channel(left) == bare_channel(right)
}

/// A channel without what all of anaconda.org have in common.
pub(crate) fn bare_channel(channel: &str) -> &str {
    let channel = channel.trim_end_matches('/');
    channel
        .strip_prefix("https://conda.anaconda.org/")
        .unwrap_or(channel)
}

/// One spec file, understood as far as it could be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EnvSpec {
    /// `name:`.
    pub name: Option<Spanned<String>>,
    /// `channels:`; `None` where the key is absent, which is not the same as an empty list.
    pub channels: Option<Vec<Spanned<String>>>,
    /// `dependencies:` without the pip section, in the order of the file.
    pub dependencies: Vec<Dependency>,
    /// The entries of `pip:` sections, in the order of the file.
    pub pip: Vec<PipEntry>,
    /// `variables:` in the order of the file.
    pub variables: Vec<Variable>,
    /// `prefix:`, which belongs to one machine and is not used.
    pub prefix: Option<Spanned<String>>,
    /// `platforms:` (conda-lock).
    pub platforms: Vec<Spanned<String>>,
    /// `category:` (conda-lock).
    pub category: Option<Spanned<String>>,
}

/// One entry of `dependencies:` that is a MatchSpec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The text as the tools get it (quotes and escapes resolved, selector comment not included).
    pub text: Spanned<String>,
    /// What it means; `None` where it is malformed, which a diagnostic says.
    pub match_spec: Option<Arc<MatchSpec>>,
    /// How conda, micromamba and rattler understand it, where that is not the same.
    pub(crate) differently: Option<Arc<Differently>>,
    /// The platforms that it is for; `None` is all.
    pub selector: Option<Selector>,
    /// Where the text's first byte stands; `None` where escapes or folded lines have moved its bytes.
    pub text_start: Option<usize>,
}

impl Dependency {
    /// Where in the document the bytes `inner` of the text stand.
    pub fn place(&self, inner: Span) -> Option<Span> {
        self.text_start.map(|start| inner.shifted(start))
    }
}

/// One entry of `pip:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PipEntry {
    /// The text as pip gets it: one line of a requirements file.
    pub text: Spanned<String>,
    /// What it is.
    pub line: PipLine,
    /// The platforms that it is for; `None` is all.
    pub selector: Option<Selector>,
}

/// What one line of a requirements file is (pip's "Requirements File Format").
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PipLine {
    /// A package by name, with what PEP 508 allows (`requests[socks]>=2; python_version < "3.9"`, `name @ url`).
    Package {
        /// The name, normalised as PEP 503 says.
        name: String,
    },
    /// A wheel, archive or version control URL without a name.
    Url,
    /// A file or folder of the project (`.`, `./pkg[extra]`), relative to the spec's folder.
    Path {
        /// The path as written, without extras.
        path: String,
        /// Whether it stood after `-e`.
        editable: bool,
    },
    /// `-r FILE`.
    RequirementsFile {
        /// The path as written.
        path: String,
    },
    /// `-c FILE`.
    ConstraintsFile {
        /// The path as written.
        path: String,
    },
    /// An option for pip as a whole (`--extra-index-url URL`).
    Option,
    /// Not understood; a diagnostic says why.
    Malformed,
}

/// One entry of `variables:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// The name.
    pub name: Spanned<String>,
    /// The value as text: YAML's numbers and booleans as they were written.
    pub value: Spanned<String>,
}

/// Which platforms an entry is for: `sel(linux):` (micromamba) or `# [linux64]` (conda-lock).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    /// What was written between the brackets or parentheses, and where.
    pub text: Spanned<String>,
    /// How it was written.
    pub style: SelectorStyle,
}

/// The two ways to write a selector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SelectorStyle {
    /// A `sel(linux):` key, which micromamba and mamba honour.
    Key,
    /// A `# [linux]` comment, which conda-lock honours.
    Comment,
}
