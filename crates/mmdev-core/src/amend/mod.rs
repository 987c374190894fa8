//! Dependencies that are added to the text of a spec, or taken out: byte edits in the style in which it is written.
//!
//! A step is planned on the tree, and its outcome is read again: it must be the spec that was there with exactly that
//! difference, comments included. Where a text is written so that no step can be planned, or none that keeps the rest,
//! there is none, and a person has to do it.

mod list;
mod merge;
mod pin;
mod platform;
#[cfg(test)]
mod tests;

pub use pin::{PinStyle, pin};
pub use platform::Platform;

use crate::diagnostic::Severity;
use crate::match_spec;
use crate::spec::pip::split_marker;
use crate::spec::{self, EnvSpec, PipLine, ReadSpec, Selector, SelectorStyle, SpecKind};
use crate::syntax::yaml::{self, Kind, Node, Parsed, Scalar, Style};
use crate::text::{Edit, Span, Spanned, apply};
use list::{List, New};

/// The indentation of entries where a spec has none yet.
const INDENT: &str = "  ";

/// A list of fewer names may be sorted by chance.
const FEWEST_SORTED: usize = 3;

/// Where a dependency stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// Among the entries of `dependencies:`.
    Conda,
    /// In its `pip:` section.
    Pip,
}

/// A dependency that is to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addition {
    /// Where.
    pub section: Section,
    /// A MatchSpec, or for pip a requirement.
    pub text: String,
    /// For which platforms; `None` is all. A requirement says it itself, by its marker.
    pub platform: Option<Platform>,
}

/// A dependency of a spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed<'spec> {
    /// Where it stands.
    pub section: Section,
    /// Its text, and its place in the document.
    pub text: &'spec Spanned<String>,
    /// The platforms that it is for.
    pub selector: Option<&'spec Selector>,
    line: Option<&'spec PipLine>,
}

impl Listed<'_> {
    /// The package's name, as conda and PyPI compare it; what has none (`-e .`) goes by its text.
    pub fn name(&self) -> String {
        let text = self.text.value.trim();
        match self.line {
            Some(PipLine::Package { name }) => Some(name.clone()),
            Some(_) => None,
            None => match_spec::normalized_name(text),
        }
        .unwrap_or_else(|| text.to_owned())
    }

    fn is_called(&self, name: &str) -> bool {
        let own = self.name();
        match self.line {
            Some(PipLine::Package { .. }) => own == spec::pip::normalized(name),
            Some(_) => own == name,
            None => own.eq_ignore_ascii_case(name),
        }
    }

    /// What stands behind `;` in a requirement.
    fn marker(&self) -> Option<&str> {
        self.line?;
        split_marker(&self.text.value).1
    }
}

/// The dependencies of a spec in the order of the file, those for pip last.
pub fn listed(spec: &EnvSpec) -> impl Iterator<Item = Listed<'_>> {
    let conda = spec.dependencies.iter().map(|dependency| Listed {
        section: Section::Conda,
        text: &dependency.text,
        selector: dependency.selector.as_ref(),
        line: None,
    });
    let pip = spec.pip.iter().map(|entry| Listed {
        section: Section::Pip,
        text: &entry.text,
        selector: entry.selector.as_ref(),
        line: Some(&entry.line),
    });
    conda.chain(pip)
}

/// The dependencies of that name.
pub fn called<'spec>(
    spec: &'spec EnvSpec,
    section: Section,
    name: &str,
) -> impl Iterator<Item = Listed<'spec>> {
    listed(spec).filter(move |listed| listed.section == section && listed.is_called(name))
}

/// The dependency that `addition` is another version of: one of the same name for the same platforms.
pub fn there<'spec>(spec: &'spec EnvSpec, addition: &Addition) -> Option<Listed<'spec>> {
    called(spec, addition.section, &addition.name()).find(|listed| match addition.section {
        Section::Conda => Platform::is_of(addition.platform, listed.selector),
        Section::Pip => listed.marker() == split_marker(&addition.text).1,
    })
}

impl Addition {
    /// The package's name.
    pub fn name(&self) -> String {
        let text = self.text.trim();
        match self.section {
            Section::Conda => match_spec::normalized_name(text),
            Section::Pip => match spec::pip::parse_line(text).0 {
                PipLine::Package { name } => Some(name),
                _ => None,
            },
        }
        .unwrap_or_else(|| text.to_owned())
    }
}

/// What a dependency was, and what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change<'spec> {
    /// `None` where it was not there.
    pub before: Option<Listed<'spec>>,
    /// `None` where it is gone.
    pub after: Option<Listed<'spec>>,
}

/// The dependencies in which two texts of one spec differ.
pub fn changes<'spec>(before: &'spec EnvSpec, after: &'spec EnvSpec) -> Vec<Change<'spec>> {
    let mut gone: Vec<Listed<'_>> = listed(before).collect();
    let mut new: Vec<Listed<'_>> = Vec::new();
    for listed in listed(after) {
        match gone.iter().position(|other| is_same(other, &listed)) {
            Some(index) => drop(gone.remove(index)),
            None => new.push(listed),
        }
    }
    let mut changes = Vec::new();
    for after in new {
        let old = gone.iter().position(|before| {
            before.section == after.section
                && before.name() == after.name()
                && selector(before) == selector(&after)
        });
        changes.push(Change {
            before: old.map(|index| gone.remove(index)),
            after: Some(after),
        });
    }
    changes.extend(gone.into_iter().map(|before| Change {
        before: Some(before),
        after: None,
    }));
    changes
}

fn is_same(left: &Listed<'_>, right: &Listed<'_>) -> bool {
    left.section == right.section
        && left.text.value == right.text.value
        && selector(left) == selector(right)
}

fn selector<'spec>(listed: &Listed<'spec>) -> Option<(&'spec str, SelectorStyle)> {
    let selector = listed.selector?;
    Some((&selector.text.value, selector.style))
}

/// Whether a dependency that is [there] already says all that `addition` says.
pub fn is_said(there: &Listed<'_>, addition: &Addition) -> bool {
    let merged = merge::merged(there, &addition.text);
    merged.is_some_and(|merged| merged == there.text.value.trim())
}

/// The text of a spec with a dependency more, or with another text in the place of the one that is there. Of that
/// stays what the new one does not say: channel, constraint, extras. `file_name` is as [`spec::read`] takes it. `None` where a person
/// has to do it.
pub fn add(file_name: &str, text: &str, addition: &Addition) -> Option<String> {
    let document = Document::read(file_name, text);
    if let Some(there) = there(&document.read.spec, addition) {
        return document.replace(&there, addition);
    }
    let spec = &document.read.spec;
    let is_pip = |listed: Listed<'_>| matches!(listed.name().as_str(), "pip" | "uv");
    let mut conda = listed(spec).filter(|listed| listed.section == Section::Conda);
    if addition.section == Section::Pip && !conda.any(is_pip) {
        let pip = Addition {
            section: Section::Conda,
            text: "pip".to_owned(),
            platform: None,
        };
        return add(file_name, &add(file_name, text, &pip)?, addition);
    }
    document.insert(addition)
}

/// The text of a spec with another channel behind those that it has. `None` where a person has to do it.
pub fn add_channel(file_name: &str, text: &str, channel: &str) -> Option<String> {
    let document = Document::read(file_name, text);
    let mut known = document.read.spec.channels.iter().flatten();
    if known.any(|known| spec::is_same_channel(&known.value, channel)) {
        return Some(text.to_owned());
    }
    let new = New::Text(channel, None);
    let edit = match document.list("channels")? {
        Some(list) => list.insert(list.items.len().checked_sub(1), &new, &document.indent())?,
        None => document.new_list("channels", channel)?,
    };
    let mut wanted = document.meaning();
    wanted
        .channels
        .get_or_insert_default()
        .push(channel.to_owned());
    document.after(&[edit], wanted)
}

/// The text of a spec without the dependencies of that name in that section, each with its line and the comment behind
/// it; comments on lines of their own stay. A pip section that loses its last entry goes, and the dependency `pip`
/// stays. `None` where a person has to do it.
pub fn remove(file_name: &str, text: &str, section: Section, name: &str) -> Option<String> {
    let mut text = text.to_owned();
    loop {
        let document = Document::read(file_name, &text);
        let Some(listed) = called(&document.read.spec, section, name).next() else {
            return Some(text);
        };
        text = document.remove(&listed)?;
    }
}

/// A spec with its tree.
struct Document<'a> {
    file_name: &'a str,
    text: &'a str,
    parsed: Parsed,
    read: ReadSpec,
}

/// What a step has to keep, and what it changes. Lists whose order a step chooses are sorted.
#[derive(Debug, PartialEq)]
struct Meaning {
    name: Option<String>,
    channels: Option<Vec<String>>,
    entries: Vec<Piece>,
    variables: Vec<(String, String)>,
    platforms: Vec<String>,
    others: [Option<String>; 2],
    comments: Vec<String>,
}

type Piece = (Section, String, Option<(String, bool)>);

fn piece(section: Section, text: &str, selector: Option<&Selector>) -> Piece {
    let selector = selector.map(|selector| {
        let is_key = selector.style == SelectorStyle::Key;
        (selector.text.value.clone(), is_key)
    });
    (section, text.to_owned(), selector)
}

impl<'a> Document<'a> {
    fn read(file_name: &'a str, text: &'a str) -> Self {
        let parsed = yaml::parse(text);
        let read = spec::read_parsed(file_name, text, &parsed);
        Document {
            file_name,
            text,
            parsed,
            read,
        }
    }

    fn errors(&self) -> usize {
        let found = self.read.diagnostics.iter();
        found
            .filter(|diagnostic| diagnostic.severity == Severity::Error)
            .count()
    }

    fn meaning(&self) -> Meaning {
        let spec = &self.read.spec;
        let value = |text: &Option<Spanned<String>>| text.as_ref().map(|text| text.value.clone());
        let values = |texts: &[Spanned<String>]| -> Vec<String> {
            texts.iter().map(|text| text.value.clone()).collect()
        };
        let entries =
            listed(spec).map(|listed| piece(listed.section, &listed.text.value, listed.selector));
        let variables = spec.variables.iter();
        let comments = self.parsed.comments.iter();
        Meaning {
            name: value(&spec.name),
            channels: spec.channels.as_deref().map(values),
            entries: entries.collect(),
            variables: variables
                .map(|variable| (variable.name.value.clone(), variable.value.value.clone()))
                .collect(),
            platforms: values(&spec.platforms),
            others: [value(&spec.prefix), value(&spec.category)],
            comments: comments
                .map(|comment| comment.text.trim().to_owned())
                .collect(),
        }
    }

    /// The text after `edits`, where it means what is `wanted`: a comment in what they delete may go.
    fn after(&self, edits: &[Edit], mut wanted: Meaning) -> Option<String> {
        for comment in &self.parsed.comments {
            let goes = edits.iter().any(|edit| {
                edit.span.start <= comment.span.start && comment.span.end <= edit.span.end
            });
            let same = |other: &String| other == comment.text.trim();
            if goes && let Some(index) = wanted.comments.iter().position(same) {
                wanted.comments.remove(index);
            }
        }
        let text = apply(self.text, edits);
        let after = Document::read(self.file_name, &text);
        let mut found = after.meaning();
        for meaning in [&mut wanted, &mut found] {
            meaning.entries.sort();
            meaning.comments.sort();
        }
        let is_spec = after.read.kind == SpecKind::Spec;
        let is_sound = after.errors() <= self.errors() && found == wanted;
        (is_spec && is_sound).then_some(text)
    }

    fn entries(&self) -> Option<&[yaml::Entry]> {
        match &self.parsed.root {
            None => Some(&[]),
            Some(root) => match &root.kind {
                Kind::Null => Some(&[]),
                Kind::Mapping(entries) if !self.text[root.span.range()].starts_with('{') => {
                    Some(entries)
                }
                _ => None,
            },
        }
    }

    /// The list below a top-level key; `Some(None)` where there is no such key.
    fn list(&self, key: &str) -> Option<Option<List<'_>>> {
        let mut entries = self.entries()?.iter();
        match entries.find(|entry| entry.name() == Some(key)) {
            Some(entry) => List::of(self.text, &self.parsed, entry).map(Some),
            None => Some(None),
        }
    }

    /// The indentation of the lists that are there.
    fn indent(&self) -> String {
        let lists = ["dependencies", "channels", "platforms"];
        let mut lists = lists.iter().filter_map(|key| self.list(key)?);
        let known = lists.find_map(|list| list.indent());
        known.unwrap_or(INDENT).to_owned()
    }

    /// A top-level key with a list of one text: channels before what they are for, dependencies last.
    fn new_list(&self, key: &str, text: &str) -> Option<Edit> {
        let entries = self.entries()?;
        let break_at = |offset| list::line_break(self.text, offset);
        let lines = |line_break: &str| {
            let text = list::scalar(text, Style::Plain, false)?;
            Some(format!("{key}:{line_break}{}- {text}", self.indent()))
        };
        let above = match key {
            "channels" => entries.iter().find(|entry| entry.name() == Some("name")),
            _ => entries.last(),
        };
        if let Some(entry) = above {
            let value = entry.value.place();
            let end = list::line_end(self.text, value.end.max(entry.key.span.end));
            let line_break = break_at(end);
            return Some(Edit::insert(
                end,
                format!("{line_break}{}", lines(line_break)?),
            ));
        }
        let place = match entries.first() {
            Some(first) => first.key.span.start,
            None => self.text.len(),
        };
        let line_break = break_at(self.text.len());
        let before = &self.text[..place];
        let is_line = before.is_empty() || before.ends_with(['\n', '\u{feff}']);
        let above = if is_line { "" } else { line_break };
        Some(Edit::insert(
            place,
            format!("{above}{}{line_break}", lines(line_break)?),
        ))
    }

    /// The item of `dependencies:` that is a pip section, and its key.
    fn section<'list>(&self, list: &List<'list>) -> Option<(usize, &'list yaml::Entry)> {
        list.items.iter().enumerate().find_map(|(index, item)| {
            let Kind::Mapping(entries) = &item.kind else {
                return None;
            };
            let mut entries = entries.iter();
            let entry = entries.find(|entry| entry.name() == Some("pip"))?;
            Some((index, entry))
        })
    }

    fn insert(&self, addition: &Addition) -> Option<String> {
        let text = addition.text.trim();
        let platform = match addition.section {
            Section::Conda => addition.platform,
            Section::Pip => None,
        };
        let selector = platform.map(|platform| platform.selector(&self.read.spec));
        let key;
        let new = match &selector {
            None => New::Text(text, None),
            Some(selector) => match selector.style {
                SelectorStyle::Comment => New::Text(text, Some(&selector.text.value)),
                SelectorStyle::Key => {
                    key = format!("sel({})", selector.text.value);
                    New::Keyed(&key, text)
                }
            },
        };
        let name = addition.name();
        let edit = match (self.list("dependencies")?, addition.section) {
            (None, _) if selector.is_none() => self.new_list("dependencies", text)?,
            (None, _) => return None,
            (Some(list), Section::Conda) => {
                list.insert(self.place(&list, &name), &new, &self.indent())?
            }
            (Some(list), Section::Pip) => match self.section(&list) {
                Some((_, entry)) => {
                    let inner = List::of(self.text, &self.parsed, entry)?;
                    inner.insert(self.place(&inner, &name), &new, &self.indent())?
                }
                None => {
                    let section = New::Section("pip", text);
                    list.insert(list.items.len().checked_sub(1), &section, &self.indent())?
                }
            },
        };
        let mut wanted = self.meaning();
        wanted
            .entries
            .push(piece(addition.section, text, selector.as_ref()));
        if let New::Text(_, Some(word)) = new {
            wanted.comments.push(format!("[{word}]"));
        }
        self.after(&[edit], wanted)
    }

    /// The index of the item behind which a package of that name belongs; `None` is before all. A sorted list stays
    /// sorted, whether or not python stands in front and pip at the end; else it is the last one that is a package.
    fn place(&self, list: &List<'_>, name: &str) -> Option<usize> {
        let items = list.items.iter().enumerate();
        let named: Vec<(usize, String)> = items
            .filter_map(|(index, item)| {
                let mut listed = listed(&self.read.spec);
                let listed = listed.find(|listed| is_in(listed.text.span, item))?;
                let is_section = listed.section == Section::Pip && item.span != listed.text.span;
                (!is_section).then(|| (index, listed.name()))
            })
            .collect();
        let last = named.last().map(|(index, _)| *index);
        let mut sorted = named.as_slice();
        let mut before = None;
        if let [(index, first), rest @ ..] = sorted
            && first == "python"
        {
            (before, sorted) = (Some(*index), rest);
        }
        if let [rest @ .., (_, last)] = sorted
            && last == "pip"
        {
            sorted = rest;
        }
        if sorted.len() < FEWEST_SORTED || !sorted.is_sorted_by(|left, right| left.1 <= right.1) {
            return last;
        }
        let smaller = sorted.iter().rfind(|(_, other)| other.as_str() <= name);
        smaller.map(|(index, _)| *index).or(before)
    }

    fn replace(&self, there: &Listed<'_>, addition: &Addition) -> Option<String> {
        let text = merge::merged(there, &addition.text)?;
        let old = &there.text.value;
        let scalar = scalar_at(self.parsed.root.as_ref()?, there.text.span)?;
        let edit = Edit::replace(there.text.span, scalar.rewrite(&text)?);
        let mut wanted = self.meaning();
        let is_old = piece(there.section, old, there.selector);
        let index = wanted.entries.iter().position(|other| *other == is_old)?;
        wanted.entries[index] = piece(there.section, &text, there.selector);
        self.after(&[edit], wanted)
    }

    fn remove(&self, listed: &Listed<'_>) -> Option<String> {
        let list = self.list("dependencies")??;
        let item = |list: &List<'_>| {
            let mut items = list.items.iter();
            items.position(|item| is_in(listed.text.span, item))
        };
        let index = item(&list)?;
        let edits = match (listed.section, self.section(&list)) {
            (Section::Conda, _) => list.remove(index)?,
            (Section::Pip, section) => {
                let (index, entry) = section?;
                let inner = List::of(self.text, &self.parsed, entry)?;
                match inner.items.len() {
                    1 => list.remove_section(index, &inner)?,
                    _ => inner.remove(item(&inner)?)?,
                }
            }
        };
        let mut wanted = self.meaning();
        let gone = piece(listed.section, &listed.text.value, listed.selector);
        let index = wanted.entries.iter().position(|other| *other == gone)?;
        wanted.entries.remove(index);
        self.after(&edits, wanted)
    }
}

fn is_in(span: Span, item: &Node) -> bool {
    item.span.start <= span.start && span.end <= item.span.end
}

/// The scalar that is written at `span`, and not by an alias.
fn scalar_at(node: &Node, span: Span) -> Option<&Scalar> {
    if node.alias.is_some() {
        return None;
    }
    match &node.kind {
        Kind::Scalar(scalar) => (node.span == span).then_some(scalar),
        Kind::Null => None,
        Kind::Sequence(items) => items.iter().find_map(|item| scalar_at(item, span)),
        Kind::Mapping(entries) => entries
            .iter()
            .find_map(|entry| scalar_at(&entry.value, span)),
    }
}
