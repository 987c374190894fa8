//! A MatchSpec as conda-lock keeps it, in the words of the conda that it carries along.

use serde_json::{Value, json};

use crate::match_spec::{self, MatchSpec};

/// A dependency on a version of a package.
pub(super) fn versioned(name: &str, manager: &str, category: &str, version: &str) -> Value {
    json!({
        "name": name,
        "manager": manager,
        "category": category,
        "extras": [],
        "version": version,
        "build": null,
        "conda_channel": null,
        "hash": null,
    })
}

/// The name, and what is hashed, of one entry.
pub(super) fn dependency(text: &str, category: &str) -> Option<(String, Value)> {
    let spec = match_spec::parse(text).spec?;
    if spec.attribute("url").is_some() {
        return None;
    }
    let version = match &spec.version {
        None => String::new(),
        Some(version) => {
            let compact: String = version.value.chars().filter(|char| *char != ' ').collect();
            let is_in_brackets = text[..version.span.start].contains('[');
            let compact = match is_in_brackets {
                true => compact,
                false => match_spec::without_equals(&compact, has_plain_build(&spec, text)),
            };
            normal_version(&compact)?
        }
    };
    let mut value = versioned(&spec.name.value, "conda", category, &version);
    if let Some(build) = &spec.build {
        value["build"] = json!(build.value);
    }
    if let Some(channel) = &spec.channel {
        value["conda_channel"] = json!(canonical(&channel.value)?);
    }
    Some((spec.name.value, value))
}

/// Whether a build string stands behind the version, and not in brackets.
fn has_plain_build(spec: &MatchSpec, text: &str) -> bool {
    let build = spec.build.as_ref();
    build.is_some_and(|build| !text[..build.span.start].contains('['))
}

/// The name that conda gives a channel, without what a `.condarc` may say of it.
fn canonical(channel: &str) -> Option<&str> {
    let name = channel
        .strip_prefix("https://conda.anaconda.org/")
        .unwrap_or(channel);
    match name {
        "pkgs/main" | "pkgs/r" => Some("defaults"),
        _ if name.contains("://") || name.starts_with(['/', '.', '~']) => None,
        _ => Some(name),
    }
}

/// A version's text after conda's `VersionSpec` has read it: `1.2*` is `1.2.*`, and groups stand in parentheses.
fn normal_version(text: &str) -> Option<String> {
    if !text.contains(['(', ')', '|', ',', '^', '$']) {
        return Some(normal_leaf(text));
    }
    if text.contains(['^', '$']) {
        return None;
    }
    let mut reader = Reader { rest: text };
    let tree = reader.either()?;
    reader.rest.is_empty().then(|| tree.write(false, 0))
}

fn normal_leaf(text: &str) -> String {
    let is_relation = text.starts_with(['=', '<', '>', '!', '~']);
    match text.strip_suffix('*') {
        Some(start) if !is_relation && !start.is_empty() && !start.contains('*') => {
            match start.ends_with('.') {
                true => text.to_owned(),
                false => format!("{start}.*"),
            }
        }
        _ => text.to_owned(),
    }
}

enum Tree {
    Leaf(String),
    All(Vec<Tree>),
    Any(Vec<Tree>),
}

impl Tree {
    /// conda's `untreeify`.
    fn write(&self, in_all: bool, depth: usize) -> String {
        let join = |items: &[Tree], in_all: bool, separator: &str| {
            let items: Vec<String> = items
                .iter()
                .map(|item| item.write(in_all, depth + 1))
                .collect();
            items.join(separator)
        };
        match self {
            Tree::Leaf(text) => text.clone(),
            Tree::Any(items) if in_all || depth > 0 => format!("({})", join(items, false, "|")),
            Tree::Any(items) => join(items, false, "|"),
            Tree::All(items) if depth > 0 => format!("({})", join(items, true, ",")),
            Tree::All(items) => join(items, true, ","),
        }
    }
}

struct Reader<'text> {
    rest: &'text str,
}

impl Reader<'_> {
    fn take(&mut self, sign: char) -> bool {
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn either(&mut self) -> Option<Tree> {
        let mut items = Vec::new();
        loop {
            // A group of the same kind is one with that around it.
            match self.both()? {
                Tree::Any(inner) => items.extend(inner),
                other => items.push(other),
            }
            if !self.take('|') {
                break;
            }
        }
        Some(one_or(items, Tree::Any))
    }

    fn both(&mut self) -> Option<Tree> {
        let mut items = Vec::new();
        loop {
            match self.one()? {
                Tree::All(inner) => items.extend(inner),
                other => items.push(other),
            }
            if !self.take(',') {
                break;
            }
        }
        Some(one_or(items, Tree::All))
    }

    fn one(&mut self) -> Option<Tree> {
        if self.take('(') {
            let tree = self.either()?;
            return self.take(')').then_some(tree);
        }
        let end = self
            .rest
            .find(['(', ')', '|', ','])
            .unwrap_or(self.rest.len());
        let (leaf, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!leaf.is_empty()).then(|| Tree::Leaf(normal_leaf(leaf)))
    }
}

fn one_or(mut items: Vec<Tree>, several: fn(Vec<Tree>) -> Tree) -> Tree {
    match items.len() {
        1 => items.remove(0),
        _ => several(items),
    }
}
