//! A line of a pip section as conda-lock keeps it, and the markers that it looks at.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::conda::versioned;
use crate::spec::pip::{self, normalized};

/// One requirement.
pub(super) struct Line {
    pub(super) name: String,
    pub(super) marker: Option<String>,
    pub(super) value: Value,
}

/// What conda-lock makes of a line; `None` where it stops, or looks for a file.
pub(super) fn requirement(text: &str, category: &str) -> Option<Line> {
    let (text, marker) = match text.rsplit_once(';') {
        Some((text, marker)) => (text.trim(), Some(marker.trim().to_owned())),
        None => (text, None),
    };
    let is_url = |text: &str| {
        ["git+", "https://", "ssh://"]
            .iter()
            .any(|start| text.starts_with(start))
    };
    // A URL alone is named after its last part.
    let named = match is_url(text) {
        true => {
            let last = text.rsplit('/').next()?.split('@').next()?;
            let name = last.strip_suffix(".git").unwrap_or(last);
            format!("{name} @ {text}")
        }
        false => text.to_owned(),
    };
    let (named, hash) = match named.split_once(" --hash=") {
        Some((named, hash)) if !hash.contains(" --hash=") => (named.to_owned(), Some(hash)),
        _ => (named.clone(), None),
    };
    let hash = hash.map(str::to_owned);
    let (written_name, rest) = split_name(&named)?;
    let name = normalized(written_name);
    let (extras, rest) = extras(rest)?;
    let mut value = if let Some(url) = rest.strip_prefix('@') {
        let url = url.trim();
        if url.is_empty() || url.contains([' ', '\t']) {
            return None;
        }
        if let Some(repository) = url.strip_prefix("git+") {
            let (source, revision, subdirectory) = git(url, repository)?;
            let mut value = json!({
                "name": name, "manager": "pip", "category": category, "extras": [],
                "source": source, "vcs": "git", "rev": revision,
            });
            if let Some(subdirectory) = subdirectory {
                value["subdirectory"] = json!(subdirectory);
            }
            value
        } else if is_url(url) {
            let (url, fragment) = url.split_once('#').unwrap_or((url, ""));
            json!({
                "name": name, "manager": "pip", "category": category, "extras": extras,
                "url": url, "hashes": [fragment.replace('=', ":")],
            })
        } else {
            return None;
        }
    } else {
        // packaging reads what it is, and nothing else is taken for a requirement.
        pip::requirement(&named)?;
        let mut value = versioned(&name, "pip", category, &specifiers(rest));
        value["extras"] = json!(extras);
        value["hash"] = json!(hash);
        value
    };
    if let Some(marker) = &marker {
        value["markers"] = json!(marker);
    }
    Some(Line {
        name,
        marker,
        value,
    })
}

/// A requirement's name, and what follows.
fn split_name(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    let end = text
        .find(|char: char| !(char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.')))
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let is_edge = |char: char| char.is_ascii_alphanumeric();
    let is_name = name.starts_with(is_edge) && name.ends_with(is_edge);
    is_name.then_some((name, rest.trim_start()))
}

/// The extras in brackets, sorted, and what follows.
fn extras(text: &str) -> Option<(BTreeSet<&str>, &str)> {
    let Some(inner) = text.strip_prefix('[') else {
        return Some((BTreeSet::new(), text));
    };
    let (inner, rest) = inner.split_once(']')?;
    let extras = inner
        .split(',')
        .map(str::trim)
        .filter(|extra| !extra.is_empty());
    Some((extras.collect(), rest.trim_start()))
}

/// The version's constraints, sorted; `*` for none. To conda-lock a `~1.2` would be poetry's, but PEP 508 has none.
fn specifiers(text: &str) -> String {
    let inner = text
        .strip_prefix('(')
        .and_then(|text| text.strip_suffix(')'))
        .unwrap_or(text);
    let parts: BTreeSet<String> = inner
        .split(',')
        .map(|part| part.split_whitespace().collect::<String>())
        .filter(|part| !part.is_empty())
        .map(|part| part.replace("===", "=="))
        .collect();
    if parts.is_empty() {
        return "*".to_owned();
    }
    parts.into_iter().collect::<Vec<String>>().join(",")
}

/// Repository, revision and folder of a `git+` URL.
fn git<'url>(
    whole: &'url str,
    repository: &'url str,
) -> Option<(String, Option<&'url str>, Option<&'url str>)> {
    let url = match whole.ends_with(".git") {
        true => &repository[..repository.len() - ".git".len()],
        false => repository,
    };
    let parts: Vec<&str> = url.split('@').collect();
    let (url, revision) = match parts.as_slice() {
        [url] => ((*url).to_owned(), None),
        [url, revision] => ((*url).to_owned(), Some(*revision)),
        [user, url, revision] => (format!("{user}@{url}"), Some(*revision)),
        _ => return None,
    };
    match revision.and_then(|revision| revision.split_once("#subdirectory=")) {
        Some((revision, folder)) if !folder.contains("#subdirectory=") => {
            Some((url, Some(revision), Some(folder)))
        }
        Some(_) => None,
        None => Some((url, revision, None)),
    }
}

/// Whether a marker holds on `platform`, as far as conda-lock looks: at the system alone; all else holds. `None` where
/// it cannot be read.
pub(super) fn applies(marker: Option<&str>, platform: &str) -> Option<bool> {
    let Some(marker) = marker else {
        return Some(true);
    };
    let system = match platform.split('-').next()? {
        "linux" => ["linux", "Linux", "posix"],
        "osx" => ["darwin", "Darwin", "posix"],
        "win" => ["win32", "Windows", "nt"],
        _ => return None,
    };
    let words = words(marker)?;
    let mut reader = Marker {
        words: &words,
        system,
    };
    let holds = reader.either()?;
    reader.words.is_empty().then_some(holds)
}

/// The words, quoted texts, operators and parentheses of a marker.
fn words(marker: &str) -> Option<Vec<&str>> {
    let mut words = Vec::new();
    let mut rest = marker.trim_start();
    while let Some(first) = rest.chars().next() {
        let is_operator = |char: char| matches!(char, '=' | '<' | '>' | '!' | '~');
        let length = match first {
            '\'' | '"' => rest[1..].find(first)? + 2,
            '(' | ')' => 1,
            _ if is_operator(first) => rest.find(|char| !is_operator(char))?,
            _ => rest
                .find(|char: char| !(char.is_ascii_alphanumeric() || matches!(char, '_' | '.')))
                .unwrap_or(rest.len()),
        };
        if length == 0 {
            return None;
        }
        words.push(&rest[..length]);
        rest = rest[length..].trim_start();
    }
    Some(words)
}

struct Marker<'words> {
    words: &'words [&'words str],
    system: [&'static str; 3],
}

impl<'words> Marker<'words> {
    fn take(&mut self, word: &str) -> bool {
        match self.words.split_first() {
            Some((first, rest)) if *first == word => {
                self.words = rest;
                true
            }
            _ => false,
        }
    }

    fn next(&mut self) -> Option<&'words str> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }

    fn either(&mut self) -> Option<bool> {
        let mut holds = self.both()?;
        while self.take("or") {
            holds |= self.both()?;
        }
        Some(holds)
    }

    fn both(&mut self) -> Option<bool> {
        let mut holds = self.one()?;
        while self.take("and") {
            holds &= self.one()?;
        }
        Some(holds)
    }

    fn one(&mut self) -> Option<bool> {
        if self.take("(") {
            let holds = self.either()?;
            return self.take(")").then_some(holds);
        }
        let left = self.next()?;
        let is_negated = self.take("not");
        let operator = self.next()?;
        let right = self.next()?;
        let quoted = |word: &'words str| {
            word.strip_prefix(['\'', '"'])
                .map(|rest| &rest[..rest.len() - 1])
        };
        let value = |word: &str| match word {
            "sys_platform" | "sys.platform" => Some(self.system[0]),
            "platform_system" => Some(self.system[1]),
            "os_name" | "os.name" => Some(self.system[2]),
            _ => None,
        };
        let (is, text) = match (quoted(left), quoted(right)) {
            (None, Some(text)) => (value(left), text),
            (Some(text), None) => (value(right), text),
            _ => return None,
        };
        let Some(is) = is else { return Some(true) };
        Some(match (operator, is_negated) {
            ("==" | "===", false) => is == text,
            ("!=", false) => is != text,
            // poetry splits the text at spaces and commas.
            ("in", negated) => text.split([' ', ',']).any(|word| word == is) != negated,
            _ => return None,
        })
    }
}
