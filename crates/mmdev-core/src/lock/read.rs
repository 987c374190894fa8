//! From the text of a conda-lock.yml to a lock.
//!
//! Every key that conda-lock knows is read, but for those that only tell how that one file came about
//! (`time_metadata`, `git_metadata`, `inputs_metadata`): they would be untrue of any other. Keys that conda-lock does
//! not know are passed over, and named, because it refuses the file that has them.

use std::collections::{BTreeMap, HashSet};

use super::{
    Channel, Hashes, Lock, MAIN, Manager, Metadata, Package, SIZE, both_sides, codes,
    file_name_parts,
};
use crate::diagnostic::Diagnostic;
use crate::spec::PLATFORMS;
use crate::stamp::{Ownership, verify};
use crate::syntax::yaml::{self, Entry, Kind, Node};
use crate::text::Span;

/// The longest key that is read. YAML would write a longer one in another way, and none is.
pub(super) const LONGEST_KEY: usize = 128;

/// A lock's text, read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadLock {
    /// The lock, as far as it could be understood. Only one without errors is whole.
    pub lock: Lock,
    /// What is wrong with it, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads the text of a lock. One that git left conflicts in is not read: [`both_sides`] gives two that can be.
pub fn read(text: &str) -> ReadLock {
    if let Some(place) = conflict(text) {
        let hint = match both_sides(text) {
            Some(_) => "Run `mmdev lock`: it locks anew, and keeps what both sides have",
            None => "Take one side (`git checkout --ours conda-lock.yml`), and run `mmdev lock`",
        };
        let diagnostic = Diagnostic::error(
            codes::CONFLICT,
            place,
            "a merge conflict that git left here is not resolved",
        )
        .with_hint(hint);
        return ReadLock {
            diagnostics: vec![diagnostic],
            ..ReadLock::default()
        };
    }
    let parsed = yaml::parse(text);
    let mut reader = Reader {
        diagnostics: Vec::new(),
    };
    if verify(text) == Ownership::Changed {
        let end = text.find(['\r', '\n']).unwrap_or(text.len());
        let message = "somebody changed this lock since mmdev wrote it";
        reader.diagnostics.push(
            Diagnostic::warning(codes::EDITED, Span::new(0, end), message)
                .with_hint("Edit the spec instead, and run `mmdev lock`"),
        );
    }
    let mut lock = reader.lock(parsed.root.as_ref());
    lock.sort();
    let mut diagnostics = reader.diagnostics;
    // The reader of YAML speaks of specs where a file is empty.
    diagnostics.extend(
        parsed
            .diagnostics
            .into_iter()
            .filter(|diagnostic| diagnostic.code != yaml::codes::EMPTY),
    );
    diagnostics.sort_by_key(|diagnostic| (diagnostic.span, diagnostic.code));
    ReadLock { lock, diagnostics }
}

/// The first line that git marked a conflict with.
fn conflict(text: &str) -> Option<Span> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        let is_marker = ["<<<<<<<", ">>>>>>>"].iter().any(|marker| {
            content
                .strip_prefix(marker)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        });
        if is_marker {
            return Some(Span::new(start, start + content.len()));
        }
        start += line.len();
    }
    None
}

struct Reader {
    diagnostics: Vec<Diagnostic>,
}

impl Reader {
    fn malformed(&mut self, span: Span, message: impl Into<String>) {
        self.diagnostics.push(
            Diagnostic::error(codes::MALFORMED, span, message)
                .with_hint("Run `mmdev lock`, which writes it anew"),
        );
    }

    fn lock(&mut self, root: Option<&Node>) -> Lock {
        let Some((span, entries)) = root.and_then(|root| Some((root.span, mapping(root)?))) else {
            self.malformed(
                Span::empty(0),
                "this is no lock: `version`, `metadata` and `package` are missing",
            );
            return Lock::default();
        };
        let start = Span::empty(span.start);
        match find(entries, "version") {
            Some(Node {
                kind: Kind::Scalar(scalar),
                ..
            }) if scalar.value == "1" => {}
            Some(node) => {
                let version = match &node.kind {
                    Kind::Scalar(scalar) => format!(" {}", scalar.value),
                    _ => String::new(),
                };
                self.unknown_version(
                    node.span,
                    format!("version{version} of conda-lock's format is not known"),
                );
                return Lock::default();
            }
            None => self.unknown_version(start, "the lock does not say the version of its format"),
        }
        self.check_keys(entries, &["version", "metadata", "package"]);
        let metadata = match find(entries, "metadata").map(|node| (node, mapping(node))) {
            Some((_, Some(entries))) => self.metadata(entries),
            Some((node, None)) => {
                let message = format!("`metadata` is {}, not a mapping", node.kind.describe());
                self.malformed(node.span, message);
                Metadata::default()
            }
            None => {
                self.malformed(start, "`metadata` is missing");
                Metadata::default()
            }
        };
        let mut packages = match find(entries, "package") {
            Some(node) => self.packages(node),
            None => {
                self.malformed(start, "`package` is missing");
                Vec::new()
            }
        };
        let mut metadata = metadata;
        for package in &mut packages {
            let size = metadata.custom.get(&package.size_key());
            package.size = size.and_then(|size| size.parse().ok());
        }
        metadata.custom.retain(|key, _| !key.starts_with(SIZE));
        Lock { metadata, packages }
    }

    fn unknown_version(&mut self, span: Span, message: impl Into<String>) {
        self.diagnostics.push(
            Diagnostic::error(codes::VERSION, span, message)
                .with_hint("mmdev reads version 1 of conda-lock's unified format: run `mmdev lock`, which writes it"),
        );
    }

    fn check_keys(&mut self, entries: &[Entry], known: &[&str]) {
        for entry in entries {
            let name = entry.name().unwrap_or_default();
            if !known.contains(&name) {
                self.diagnostics.push(
                    Diagnostic::warning(
                        codes::UNKNOWN_KEY,
                        entry.key.span,
                        format!("conda-lock does not know the key `{}`", name.escape_debug()),
                    )
                    .with_hint("Remove it: conda-lock refuses a lock that has it"),
                );
            }
        }
    }

    fn metadata(&mut self, entries: &[Entry]) -> Metadata {
        self.check_keys(
            entries,
            &[
                "content_hash",
                "channels",
                "platforms",
                "sources",
                "time_metadata",
                "git_metadata",
                "inputs_metadata",
                "custom_metadata",
            ],
        );
        let channels = find(entries, "channels").map(|node| self.list(node, "channels"));
        Metadata {
            content_hash: self.texts_by_name(entries, "content_hash"),
            channels: channels
                .unwrap_or_default()
                .iter()
                .filter_map(|node| self.channel(node))
                .collect(),
            platforms: self.texts(entries, "platforms"),
            sources: self.texts(entries, "sources"),
            custom: self.texts_by_name(entries, "custom_metadata"),
        }
    }

    fn channel(&mut self, node: &Node) -> Option<Channel> {
        // conda-lock takes a name alone, too.
        if let Some(url) = text(node) {
            if url.is_empty() {
                self.malformed(node.span, "a channel has no name".to_owned());
                return None;
            }
            return Some(Channel {
                url: url.to_owned(),
                used_env_vars: Vec::new(),
            });
        }
        let entries = self.mapping(node, "a channel")?;
        Some(Channel {
            url: self.needed(node, entries, "url", "a channel")?,
            used_env_vars: self.texts(entries, "used_env_vars"),
        })
    }

    fn packages(&mut self, node: &Node) -> Vec<Package> {
        let nodes = self.list(node, "package");
        let mut packages = Vec::with_capacity(nodes.len());
        let mut seen = HashSet::with_capacity(nodes.len());
        for node in nodes {
            let Some(package) = self.package(node) else {
                continue;
            };
            let (manager, name, platform, category) = package.key();
            if seen.insert((
                manager,
                name.to_owned(),
                platform.to_owned(),
                category.to_owned(),
            )) {
                packages.push(package);
            } else {
                let message = format!("`{name}` for {platform} is here a second time");
                self.malformed(node.span, message);
            }
        }
        packages
    }

    fn package(&mut self, node: &Node) -> Option<Package> {
        let entries = self.mapping(node, "a package")?;
        self.check_keys(
            entries,
            &[
                "name",
                "version",
                "manager",
                "platform",
                "dependencies",
                "url",
                "hash",
                "source",
                "build",
                "category",
                "optional",
            ],
        );
        let name = self.needed(node, entries, "name", "a package")?;
        let of = format!("`{}`", name.escape_debug());
        if !is_name(&name) {
            let span = find(entries, "name").map_or(node.span, |node| node.span);
            self.malformed(span, format!("{of} is no package name"));
            return None;
        }
        let version = self.needed(node, entries, "version", &of);
        let url = self.needed(node, entries, "url", &of);
        let manager = match self.needed(node, entries, "manager", &of)?.as_str() {
            "conda" => Manager::Conda,
            "pip" => Manager::Pip,
            other => {
                let message = format!("no manager is called `{}`", other.escape_debug());
                let span = find(entries, "manager").map_or(node.span, |node| node.span);
                self.malformed(span, message);
                return None;
            }
        };
        let platform = self.needed(node, entries, "platform", &of)?;
        if !PLATFORMS.contains(&platform.as_str()) {
            let span = find(entries, "platform").map_or(node.span, |node| node.span);
            let message = format!("no platform is called `{}`", platform.escape_debug());
            self.malformed(span, message);
            return None;
        }
        let hash = self.hashes(node, entries, &of, manager);
        let (version, url) = (version?, url?);
        let category = optional(entries, "category").unwrap_or_else(|| MAIN.to_owned());
        let build = match manager {
            Manager::Conda => {
                let written = optional(entries, "build");
                written.or_else(|| Some(file_name_parts(&url)?.2.to_owned()))
            }
            Manager::Pip => None,
        };
        let source = find(entries, "source").and_then(mapping);
        Some(Package {
            name,
            version,
            build,
            manager,
            platform,
            dependencies: self.texts_by_name(entries, "dependencies"),
            url,
            hash,
            source: source.and_then(|entries| optional(entries, "url")),
            optional: optional(entries, "optional").map_or(category != MAIN, |text| {
                matches!(text.as_str(), "true" | "True" | "TRUE")
            }),
            category,
            size: None,
        })
    }

    fn hashes(&mut self, node: &Node, entries: &[Entry], of: &str, manager: Manager) -> Hashes {
        let Some(entries) = find(entries, "hash").and_then(mapping) else {
            self.malformed(node.span, format!("{of} has no `hash`"));
            return Hashes::default();
        };
        let mut read = |key: &str, length: usize| {
            let node = find(entries, key)?;
            let digits = text(node).filter(|digits| !digits.is_empty())?;
            if digits.len() == length && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Some(digits.to_ascii_lowercase());
            }
            self.malformed(node.span, format!("this is no {key} of {of}"));
            None
        };
        let hashes = Hashes {
            md5: read("md5", 32),
            sha256: read("sha256", 64),
        };
        if manager == Manager::Conda && hashes.md5.is_none() {
            self.diagnostics.push(
                Diagnostic::warning(
                    codes::MALFORMED,
                    node.span,
                    format!("{of} has no MD5, without which conda-lock does not read the lock"),
                )
                .with_hint("Run `mmdev lock`, which writes it anew"),
            );
        }
        hashes
    }

    /// The text under `key`, which `of` must have.
    fn needed(&mut self, node: &Node, entries: &[Entry], key: &str, of: &str) -> Option<String> {
        let found = find(entries, key);
        match found.and_then(text) {
            Some(text) if !text.is_empty() => Some(text.to_owned()),
            _ => {
                let span = found.map_or(node.span, |found| found.span);
                self.malformed(span, format!("{of} has no `{key}`"));
                None
            }
        }
    }

    fn mapping<'node>(&mut self, node: &'node Node, what: &str) -> Option<&'node [Entry]> {
        let entries = mapping(node);
        if entries.is_none() {
            let message = format!("{what} is {}, not a mapping", node.kind.describe());
            self.malformed(node.span, message);
        }
        entries
    }

    fn list<'node>(&mut self, node: &'node Node, key: &str) -> &'node [Node] {
        match &node.kind {
            Kind::Sequence(items) => items,
            Kind::Null => &[],
            kind => {
                self.malformed(
                    node.span,
                    format!("`{key}` is {}, not a list", kind.describe()),
                );
                &[]
            }
        }
    }

    fn texts(&mut self, entries: &[Entry], key: &str) -> Vec<String> {
        let Some(node) = find(entries, key) else {
            return Vec::new();
        };
        let items = self.list(node, key).iter();
        items
            .filter_map(|item| text(item).map(str::to_owned))
            .collect()
    }

    fn texts_by_name(&mut self, entries: &[Entry], key: &str) -> BTreeMap<String, String> {
        let Some(node) = find(entries, key).filter(|node| node.kind != Kind::Null) else {
            return BTreeMap::new();
        };
        let entries = self.mapping(node, &format!("`{key}`")).unwrap_or_default();
        for entry in entries {
            if entry.name().is_none_or(|name| name.len() > LONGEST_KEY) {
                self.malformed(entry.key.span, format!("this is no key of `{key}`"));
            }
        }
        let entries = entries
            .iter()
            .filter(|entry| entry.name().is_some_and(|name| name.len() <= LONGEST_KEY));
        let pair = |entry: &Entry| {
            let value = match &entry.value.kind {
                Kind::Null => "",
                _ => text(&entry.value)?,
            };
            Some((entry.name()?.to_owned(), value.to_owned()))
        };
        entries.filter_map(pair).collect()
    }
}

fn mapping(node: &Node) -> Option<&[Entry]> {
    match &node.kind {
        Kind::Mapping(entries) => Some(entries),
        _ => None,
    }
}

fn find<'node>(entries: &'node [Entry], key: &str) -> Option<&'node Node> {
    let entry = entries.iter().find(|entry| entry.name() == Some(key))?;
    Some(&entry.value)
}

/// A scalar as it is written: `1.10` is no number here.
fn text(node: &Node) -> Option<&str> {
    match &node.kind {
        Kind::Scalar(scalar) => Some(&scalar.value),
        _ => None,
    }
}

fn optional(entries: &[Entry], key: &str) -> Option<String> {
    find(entries, key).and_then(text).map(str::to_owned)
}

/// Whether a text can name a package: nothing else may reach a command line.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}
