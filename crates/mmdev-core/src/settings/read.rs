//! From the text of a file to settings. JSON and TOML become one small tree, which one table of keys reads.

use super::key::{SettingDoc, Slot, documented};
use super::{REFUSED_VALUE, Settings, TOML_SYNTAX, UNKNOWN_SETTING, WRONG_TYPE};
use crate::diagnostic::{Applicability, Diagnostic};
use crate::syntax::jsonc;
use crate::text::{Edit, Span, Spanned};
use toml::de::{DeTable, DeValue};

/// Names further away than this share of their length are no slip of the pen.
const NEAR: f64 = 0.7;

/// A value of either format.
struct Node {
    span: Span,
    kind: Kind,
}

enum Kind {
    Text(String),
    Flag(bool),
    /// `None` where it is no whole number.
    Number(Option<u64>),
    List(Vec<Node>),
    Table(Vec<(Spanned<String>, Node)>),
    /// A type that no setting has, with its article.
    Other(&'static str),
}

impl Node {
    fn type_name(&self) -> &'static str {
        match self.kind {
            Kind::Text(_) => "a string",
            Kind::Flag(_) => "a boolean",
            Kind::Number(_) => "a number",
            Kind::List(_) => "a list",
            Kind::Table(_) => "an object",
            Kind::Other(name) => name,
        }
    }
}

/// How a file spells its keys.
#[derive(Clone, Copy, PartialEq)]
enum Spelling {
    Camel,
    Kebab,
}

impl Spelling {
    fn key(self, setting: &SettingDoc) -> String {
        match self {
            Spelling::Camel => setting.key.to_owned(),
            Spelling::Kebab => setting.toml_key(),
        }
    }
}

/// The settings in `customizations.mmdev` of a devcontainer.json, with what is wrong in its JSON.
pub fn from_devcontainer(text: &str) -> (Settings, Vec<Diagnostic>) {
    let (document, diagnostics) = jsonc::parse(text);
    let mut reader = Reader::new(text, Spelling::Camel, diagnostics);
    if let Some(value) = document.at(&["customizations", "mmdev"]) {
        reader.read_root(&from_json(value));
    }
    (reader.settings, reader.diagnostics)
}

/// The settings in the table at `table` (`["tool", "mmdev"]` in pyproject.toml, nothing in mmdev.toml), with what is
/// wrong in the file's TOML. `None` where the file has no such table: another file may speak then.
pub fn from_toml(text: &str, table: &[&str]) -> (Option<Settings>, Vec<Diagnostic>) {
    let (node, diagnostics) = toml_node(text, table);
    let mut reader = Reader::new(text, Spelling::Kebab, diagnostics);
    let Some(node) = node else {
        return (None, reader.diagnostics);
    };
    reader.read_root(&node);
    (Some(reader.settings), reader.diagnostics)
}

/// Where settings stand.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// `customizations.mmdev` of a devcontainer.json, which was read.
    Devcontainer(&'a jsonc::Document<'a>),
    /// The table of a TOML file with this text, as [`from_toml`] takes it.
    Toml(&'a str, &'a [&'a str]),
}

/// The texts that `source` holds for the setting `key` ([`SettingDoc::key`]), a list's each for itself, with their
/// places. Refused ones are among them.
pub fn written(source: Source<'_>, key: &str) -> Vec<Spanned<String>> {
    let Some(setting) = documented().iter().find(|doc| doc.key == key) else {
        return Vec::new();
    };
    let (node, key) = match source {
        Source::Devcontainer(document) => (
            document.at(&["customizations", "mmdev"]).map(from_json),
            Spelling::Camel.key(setting),
        ),
        Source::Toml(text, table) => (toml_node(text, table).0, Spelling::Kebab.key(setting)),
    };
    let found = key.split('.').try_fold(node, |node, name| {
        let Kind::Table(members) = node?.kind else {
            return None;
        };
        let mut named = members.into_iter().rev();
        let member = named.find(|(own, _)| own.value == name);
        Some(member.map(|(_, value)| value))
    });
    let items = match found.flatten() {
        Some(Node {
            kind: Kind::List(items),
            ..
        }) => items,
        node => node.into_iter().collect(),
    };
    items
        .into_iter()
        .filter_map(|node| match node.kind {
            Kind::Text(text) => Some(Spanned::new(text, node.span)),
            _ => None,
        })
        .collect()
}

/// The table at `table` of a TOML file, and what is wrong in its TOML.
fn toml_node(text: &str, table: &[&str]) -> (Option<Node>, Vec<Diagnostic>) {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let offset = text.len() - body.len();
    let (root, errors) = DeTable::parse_recoverable(body);
    let diagnostics = errors
        .iter()
        .map(|error| {
            let range = error.span().unwrap_or_default();
            let span = Span::new(range.start, range.end).shifted(offset);
            let reason = error.message().lines().next().unwrap_or_default();
            Diagnostic::error(TOML_SYNTAX, span, format!("this is not TOML: {reason}"))
        })
        .collect();
    let root = table_node(root.get_ref(), Span::empty(0), offset);
    let node = table.iter().try_fold(root, |node, name| match node.kind {
        Kind::Table(members) => members
            .into_iter()
            .find(|(key, _)| key.value == *name)
            .map(|(_, value)| value),
        _ => None,
    });
    (node, diagnostics)
}

fn from_json(value: &jsonc::Value) -> Node {
    let kind = match &value.kind {
        jsonc::Kind::String(text) => Kind::Text(text.clone()),
        jsonc::Kind::Bool(flag) => Kind::Flag(*flag),
        jsonc::Kind::Array(items) => Kind::List(items.iter().map(from_json).collect()),
        jsonc::Kind::Object(members) => Kind::Table(
            members
                .iter()
                .map(|member| (member.name.clone(), from_json(&member.value)))
                .collect(),
        ),
        jsonc::Kind::Number(digits) => Kind::Number(digits.parse().ok()),
        jsonc::Kind::Null => Kind::Other(value.type_name()),
    };
    Node {
        span: value.span,
        kind,
    }
}

fn from_toml_value(value: &toml::Spanned<DeValue<'_>>, offset: usize) -> Node {
    let range = value.span();
    let span = Span::new(range.start, range.end).shifted(offset);
    let kind = match value.get_ref() {
        DeValue::String(text) => Kind::Text(text.to_string()),
        DeValue::Boolean(flag) => Kind::Flag(*flag),
        DeValue::Array(items) => Kind::List(
            items
                .iter()
                .map(|item| from_toml_value(item, offset))
                .collect(),
        ),
        DeValue::Table(table) => return table_node(table, span, offset),
        DeValue::Integer(digits) => Kind::Number(digits.to_string().parse().ok()),
        DeValue::Float(_) => Kind::Number(None),
        DeValue::Datetime(_) => Kind::Other("a date"),
    };
    Node { span, kind }
}

/// The parser sorts tables by name; their order in the file is that of their keys.
fn table_node(table: &DeTable<'_>, span: Span, offset: usize) -> Node {
    let mut members: Vec<_> = table
        .iter()
        .map(|(key, value)| {
            let range = key.span();
            let span = Span::new(range.start, range.end).shifted(offset);
            let name = Spanned::new(key.get_ref().to_string(), span);
            (name, from_toml_value(value, offset))
        })
        .collect();
    members.sort_by_key(|(name, _)| name.span);
    Node {
        span,
        kind: Kind::Table(members),
    }
}

struct Reader<'text> {
    text: &'text str,
    spelling: Spelling,
    settings: Settings,
    diagnostics: Vec<Diagnostic>,
}

impl<'text> Reader<'text> {
    fn new(text: &'text str, spelling: Spelling, diagnostics: Vec<Diagnostic>) -> Self {
        Reader {
            text,
            spelling,
            settings: Settings::default(),
            diagnostics,
        }
    }

    fn read_root(&mut self, node: &Node) {
        self.read_table("", node);
        // To name none is to say nothing: a project has at least one spec.
        let settings = &mut self.settings;
        settings.files.take_if(|files| files.is_empty());
        settings
            .environments
            .take_if(|environments| environments.is_empty());
        self.check_active_environment(node);
    }

    fn check_active_environment(&mut self, node: &Node) {
        let (Some(active), Some(environments)) = (
            &self.settings.active_environment,
            &self.settings.environments,
        ) else {
            return;
        };
        if environments.iter().any(|(name, _)| name == active) {
            return;
        }
        let names: Vec<&str> = environments.iter().map(|(name, _)| &**name).collect();
        let message = format!(
            "no environment is called `{active}`: there are {}",
            names.join(", ")
        );
        let key = match self.spelling {
            Spelling::Camel => "activeEnvironment",
            Spelling::Kebab => "active-environment",
        };
        let member = match &node.kind {
            Kind::Table(members) => members.iter().rev().find(|(name, _)| name.value == key),
            _ => None,
        };
        let span = member.map_or(node.span, |(_, value)| value.span);
        self.diagnostics
            .push(Diagnostic::error(REFUSED_VALUE, span, message));
    }

    /// Reads the members of `node`, which stands at `prefix` (empty, or with a dot at its end).
    fn read_table(&mut self, prefix: &str, node: &Node) {
        let Kind::Table(members) = &node.kind else {
            let name = prefix.strip_suffix('.').unwrap_or("mmdev");
            self.wrong_type(name, "an object", node);
            return;
        };
        for (name, value) in members {
            let key = format!("{prefix}{}", name.value);
            // mmdev's own record (see artifact::devcontainer) is no setting.
            if key == "generated" && self.spelling == Spelling::Camel {
                continue;
            }
            let spelling = self.spelling;
            let settings = documented().iter();
            if let Some(setting) = settings.clone().find(|doc| spelling.key(doc) == key) {
                self.read_value(&key, setting, value);
            } else if settings
                .clone()
                .any(|doc| spelling.key(doc).starts_with(&format!("{key}.")))
            {
                self.read_table(&format!("{key}."), value);
            } else {
                self.unknown(prefix, name);
            }
        }
    }

    fn read_value(&mut self, key: &str, setting: &SettingDoc, node: &Node) {
        match (&setting.slot, &node.kind) {
            (Slot::Flag(field), Kind::Flag(flag)) => *field(&mut self.settings) = Some(*flag),
            (Slot::Share(field), Kind::Number(Some(share @ 0..=100))) => {
                *field(&mut self.settings) = Some(*share);
            }
            (Slot::Text(field, check), Kind::Text(text)) => {
                if self.accepts(key, *check, text, node.span) {
                    *field(&mut self.settings) = Some(text.clone());
                }
            }
            (Slot::List(field, check), Kind::List(items)) => {
                let mut list = Vec::new();
                for item in items {
                    match &item.kind {
                        Kind::Text(text) => {
                            if self.accepts(key, *check, text, item.span) {
                                list.push(text.clone());
                            }
                        }
                        _ => self.wrong_type(&format!("{key}[]"), "a string", item),
                    }
                }
                *field(&mut self.settings) = Some(list);
            }
            (Slot::Table(field, check_name, check_text), Kind::Table(members)) => {
                let mut table = Vec::new();
                for (name, value) in members {
                    let inner = format!("{key}.{}", name.value);
                    let Kind::Text(text) = &value.kind else {
                        self.wrong_type(&inner, "a string", value);
                        continue;
                    };
                    if self.accepts(key, *check_name, &name.value, name.span)
                        && self.accepts(&inner, *check_text, text, value.span)
                    {
                        table.retain(|(known, _)| *known != name.value);
                        table.push((name.value.clone(), text.clone()));
                    }
                }
                *field(&mut self.settings) = Some(table);
            }
            (Slot::List(..), Kind::Text(_)) => {
                let text = format!("[{}]", &self.text[node.span.range()]);
                let diagnostic = wrong_type(key, setting.type_name(), node).with_fix(
                    "Make it a list",
                    vec![Edit::replace(node.span, text)],
                    Applicability::Safe,
                );
                self.diagnostics.push(diagnostic);
            }
            _ => self.wrong_type(key, setting.type_name(), node),
        }
    }

    fn accepts(&mut self, key: &str, check: super::check::Check, text: &str, span: Span) -> bool {
        let Err(expected) = check(text) else {
            return true;
        };
        let shown: String = text.escape_debug().take(80).collect();
        let message = format!("`{key}` holds \"{shown}\", which is not {expected}");
        self.diagnostics
            .push(Diagnostic::error(REFUSED_VALUE, span, message));
        false
    }

    fn wrong_type(&mut self, key: &str, expected: &str, node: &Node) {
        self.diagnostics.push(wrong_type(key, expected, node));
    }

    fn unknown(&mut self, prefix: &str, name: &Spanned<String>) {
        let keys = documented().iter().map(|doc| self.spelling.key(doc));
        let mut siblings: Vec<String> = keys
            .filter_map(|key| Some(key.strip_prefix(prefix)?.split('.').next()?.to_owned()))
            .collect();
        siblings.dedup();
        let shown: String = name.value.escape_debug().take(80).collect();
        let diagnostic = Diagnostic::warning(
            UNKNOWN_SETTING,
            name.span,
            format!("`{prefix}{shown}` is no setting"),
        );
        self.diagnostics
            .push(match nearest(&name.value, &siblings) {
                Some(near) => {
                    let text = match self.spelling {
                        Spelling::Camel => format!("\"{near}\""),
                        Spelling::Kebab => near.to_owned(),
                    };
                    diagnostic
                        .with_hint(format!("Did you mean `{prefix}{near}`?"))
                        .with_fix(
                            format!("Replace it by `{near}`"),
                            vec![Edit::replace(name.span, text)],
                            Applicability::Safe,
                        )
                }
                None => {
                    diagnostic.with_hint(format!("The settings here are {}", siblings.join(", ")))
                }
            });
    }
}

fn wrong_type(key: &str, expected: &str, node: &Node) -> Diagnostic {
    let message = format!("`{key}` is {} where {expected} belongs", node.type_name());
    Diagnostic::error(WRONG_TYPE, node.span, message)
}

/// The name that `written` was meant to be, whatever its spelling.
fn nearest<'name>(written: &str, names: &'name [String]) -> Option<&'name str> {
    let plain = |name: &str| -> String {
        name.chars()
            .filter(|char| char.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect()
    };
    let written = plain(written);
    let scores = names.iter().map(|name| {
        (
            strsim::normalized_damerau_levenshtein(&plain(name), &written),
            name,
        )
    });
    let (score, name) = scores.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    (score >= NEAR).then_some(name)
}
