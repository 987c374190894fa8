//! What uv answered: packages, or why there are none.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::{Options, Question, wheel, without_options};
use crate::lock::{Hashes, MAIN, Manager, Package, without_secrets};
use crate::spec::pip::{normalized, options, requirement};

/// An answer that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoAnswer {
    /// None of a package's wheels has a hash that the section allows.
    Hash {
        /// The package's name.
        name: String,
        /// Its version.
        version: String,
    },
    /// It is not written as it should be.
    Unreadable(String),
}

/// The packages to be locked, without what conda provides, from uv's two answers.
///
/// # Errors
/// If they cannot be used.
pub fn packages(question: &Question, list: &str, pylock: &str) -> Result<Vec<Package>, NoAnswer> {
    let unreadable = |what: &str| NoAnswer::Unreadable(what.to_owned());
    let table: Table = pylock
        .parse()
        .map_err(|error: toml::de::Error| unreadable(error.message()))?;
    let needed = dependencies(list);
    let allowed = hashes(question);
    let entries = table.get("packages").and_then(Value::as_array);
    let mut packages = Vec::new();
    for entry in entries.into_iter().flatten() {
        let text = |key: &str| entry.get(key).and_then(Value::as_str);
        let name = text("name").ok_or_else(|| unreadable("a package has no name"))?;
        if question.is_provided(name) {
            continue;
        }
        let name = normalized(name);
        let version = text("version").unwrap_or_default().to_owned();
        let archive = entry.get("archive");
        let wheels = entry.get("wheels").and_then(Value::as_array);
        let mut files: Vec<File> = wheels
            .into_iter()
            .flatten()
            .chain(archive)
            .filter_map(File::read)
            .collect();
        if files.is_empty() {
            return Err(unreadable(&format!("`{name}` has no wheel")));
        }
        if let Some(allowed) = allowed.get(&name) {
            files.retain(|file| {
                let digits = file.sha256.as_ref();
                digits.is_some_and(|digits| allowed.contains(digits))
            });
        }
        files.sort_by_cached_key(|file| wheel::rank(file.name(), &question.python));
        let Some(file) = files.into_iter().next() else {
            return Err(NoAnswer::Hash { name, version });
        };
        let url = public(question, file.url);
        packages.push(Package {
            dependencies: needed.get(&name).cloned().unwrap_or_default(),
            version,
            build: None,
            manager: Manager::Pip,
            platform: question.platform.clone(),
            hash: Hashes {
                md5: None,
                sha256: file.sha256,
            },
            source: archive.is_some().then(|| url.clone()),
            url,
            size: file.size,
            category: MAIN.to_owned(),
            optional: false,
            name,
        });
    }
    Ok(packages)
}

/// The one file that a pylock.toml of [`Question::arguments_for_file`] has, or the version where there are several: what
/// [`fixed_line`](crate::lock::fixed_line) takes.
pub fn file_of(question: &Question, pylock: &str) -> Option<String> {
    let table: Table = pylock.parse().ok()?;
    let [package] = table.get("packages")?.as_array()?.as_slice() else {
        return None;
    };
    let archive = package.get("sdist").and_then(File::read);
    if let (None, Some(archive)) = (package.get("wheels"), archive)
        && let Some(sha256) = archive.sha256
    {
        return Some(format!("{}#sha256={sha256}", public(question, archive.url)));
    }
    Some(format!("=={}", package.get("version")?.as_str()?))
}

/// A wheel or a source archive in a pylock.toml.
struct File<'text> {
    url: &'text str,
    sha256: Option<String>,
    /// In bytes.
    size: Option<u64>,
}

impl<'text> File<'text> {
    fn read(value: &'text Value) -> Option<Self> {
        let sha256 = value.get("hashes").and_then(|hashes| hashes.get("sha256"));
        Some(File {
            url: value.get("url")?.as_str()?,
            sha256: sha256.and_then(Value::as_str).map(str::to_owned),
            size: value
                .get("size")
                .and_then(Value::as_integer)
                .and_then(|size| size.try_into().ok()),
        })
    }

    fn name(&self) -> &'text str {
        let path = self.url.split(['#', '?']).next().unwrap_or_default();
        path.rsplit('/').next().unwrap_or_default()
    }
}

/// What each package needs, by its name. uv tells who needs a package, and not in which versions: any, as conda-lock
/// writes it.
fn dependencies(list: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut found: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let mut package = String::new();
    for line in list.lines() {
        let Some(comment) = line.trim_start().strip_prefix('#') else {
            let end = line.find(['=', ' ', '@', '[']).unwrap_or(line.len());
            package = normalized(&line[..end]);
            continue;
        };
        let by = comment.trim();
        let by = by.strip_prefix("via").unwrap_or(by).trim();
        let by = by.split('[').next().unwrap_or(by);
        // `-r requirements.in`: the section itself.
        if !by.is_empty() && !by.starts_with('-') {
            let needs = found.entry(normalized(by)).or_default();
            needs.insert(package.clone(), "*".to_owned());
        }
    }
    found
}

/// The requirements of the section for which there are newer wheels than those that were chosen: index in
/// [`Question::lines`], name and version. `newest` is [`super::NEWEST`]. What was to be kept does not count.
pub fn newer(
    question: &Question,
    chosen: &[Package],
    newest: &str,
) -> Vec<(usize, String, String)> {
    let versions: BTreeMap<String, &str> = newest
        .lines()
        .filter_map(|line| line.split_once("=="))
        .map(|(name, version)| (normalized(name.trim()), version.trim()))
        .collect();
    let lines = question.lines.iter().enumerate();
    lines
        .filter_map(|(index, line)| {
            let name = normalized(requirement(without_options(line))?.name.as_ref());
            let package = chosen.iter().find(|package| package.name == name)?;
            let newest = versions.get(&name)?;
            let is_kept = question.keep.get(&name) == Some(&package.version);
            (!is_kept && package.version != **newest).then(|| (index, name, (*newest).to_owned()))
        })
        .collect()
}

/// The SHA-256 digests that the section allows, by name; nothing of a package for which it names none.
fn hashes(question: &Question) -> BTreeMap<String, BTreeSet<String>> {
    let mut allowed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in question.lines.iter().chain(&question.constraints) {
        let Some(asked) = requirement(without_options(line)) else {
            continue;
        };
        let options = options(line).into_iter();
        let digests: Vec<String> = options
            .filter(|(name, _)| *name == "--hash")
            .filter_map(|(_, value)| Some(value.strip_prefix("sha256:")?.to_ascii_lowercase()))
            .collect();
        if !digests.is_empty() {
            let of_name = allowed.entry(normalized(asked.name.as_ref())).or_default();
            of_name.extend(digests);
        }
    }
    allowed
}

/// The shortest value of a variable that is looked for everywhere: shorter ones may be there by chance.
const SHORTEST: usize = 6;

/// A file's URL as it may stand in a lock: with the variables that the section has for that server, and without what
/// they hold.
fn public(question: &Question, url: &str) -> String {
    let url = with_variables(question, url, SHORTEST);
    let url = without_secrets(&url).into_owned();
    let Some((scheme, rest)) = url.split_once("://") else {
        return url;
    };
    let host = rest.split('/').next().unwrap_or_default();
    if host.contains('@') {
        return url;
    }
    let options = Options::of(&question.lines);
    let credentials = options.places().find_map(|place| {
        let (other, rest) = place.split_once("://")?;
        let (credentials, of) = rest.split('/').next()?.rsplit_once('@')?;
        (other == scheme && of == host).then_some(credentials)
    });
    match credentials {
        Some(credentials) => {
            without_secrets(&format!("{scheme}://{credentials}@{rest}")).into_owned()
        }
        None => url,
    }
}

/// `text` with variables for what they hold, where that has at least `shortest` bytes.
fn with_variables(question: &Question, text: &str, shortest: usize) -> String {
    let variables = question.variables.iter();
    let mut variables: Vec<(&String, &String)> = variables
        .filter(|(_, value)| value.len() >= shortest)
        .collect();
    // One may hold what another holds and more.
    variables.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
    variables
        .into_iter()
        .fold(text.to_owned(), |text, (name, value)| {
            text.replace(value, &format!("${{{name}}}"))
        })
}

/// Why uv found nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// A package has no wheel, but could be built, which is foreign code.
    NeedsBuild {
        /// The package's name.
        name: String,
    },
    /// A version has wheels, but none for the platform and python.
    NoWheel {
        /// The package's name.
        name: String,
        /// The version.
        version: String,
    },
    /// The requirements exclude each other, or what one names is not there; in uv's words.
    Unsolvable {
        /// Lines of text.
        why: Vec<String>,
    },
    /// It did not come so far: the network, a malformed line.
    Failed {
        /// uv's words.
        why: Vec<String>,
    },
}

/// What uv's messages mean. They are for people, so that whatever is not recognised is only passed on.
pub fn failure(question: &Question, stderr: &str) -> Failure {
    let lines: Vec<&str> = stderr
        .lines()
        .map(plain)
        .filter(|line| !line.is_empty() && !line.starts_with("warning:"))
        .collect();
    let all = lines.join(" ");
    if let Some(name) = quoted_behind(&all, "Wheels are required for `") {
        return Failure::NeedsBuild {
            name: shown(question, name),
        };
    }
    for words in ["Wheels are available for `", "only found wheels for `"] {
        let Some(name) = quoted_behind(&all, words) else {
            continue;
        };
        if let Some(version) = all
            .split_once("` (v")
            .and_then(|(_, rest)| rest.split_once(')'))
        {
            return Failure::NoWheel {
                name: shown(question, name),
                version: shown(question, version.0),
            };
        }
    }
    let is_unsolvable = all.contains("No solution found");
    let lines = match is_unsolvable {
        true => explanation(&lines),
        false => &lines,
    };
    let why = lines.iter().map(|line| shown(question, line)).collect();
    match is_unsolvable {
        true => Failure::Unsolvable { why },
        false => Failure::Failed { why },
    }
}

/// What uv found in the way, without the heading above.
fn explanation<'all, 'text>(lines: &'all [&'text str]) -> &'all [&'text str] {
    let start = lines.iter().position(|line| line.starts_with("Because"));
    &lines[start.unwrap_or_default()..]
}

/// A line of uv's without its ornaments.
fn plain(line: &str) -> &str {
    let is_ornament = |char: char| char.is_whitespace() || "×╰─▶│├".contains(char);
    let line = line.trim_matches(is_ornament);
    let words = ["error:", "cause:", "Caused by:"];
    words.iter().fold(line, |line, word| {
        line.strip_prefix(word).unwrap_or(line).trim_start()
    })
}

/// What uv said as it may be shown: with variables for what they hold, of short values only in URLs.
fn shown(question: &Question, said: &str) -> String {
    with_variables(question, said, SHORTEST)
        .replace(&format!("+{}", super::CONDA), " (conda's)")
        .split(' ')
        .map(|word| {
            let shortest = if word.contains("://") { 1 } else { SHORTEST };
            without_secrets(&with_variables(question, word, shortest)).into_owned()
        })
        .collect::<Vec<String>>()
        .join(" ")
}

/// The text between `words` and the next backquote.
fn quoted_behind<'text>(text: &'text str, words: &str) -> Option<&'text str> {
    let rest = &text[text.find(words)? + words.len()..];
    Some(rest.split_once('`')?.0)
}

/// What conda provides of what somebody wants with an extra: name and extra. conda knows no extras, so what belongs
/// to it is not locked.
pub fn lost_extras(stderr: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for line in stderr.lines() {
        let package = quoted_behind(line, "The package `");
        let extra = quoted_behind(line, "does not have an extra named `");
        if let (Some(package), Some(extra)) = (package, extra)
            && let Some((name, version)) = package.split_once("==")
            && version.ends_with(super::CONDA)
        {
            found.push((name.to_owned(), extra.to_owned()));
        }
    }
    found
}
