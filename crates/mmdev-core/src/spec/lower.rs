//! From the tree to the spec: the top-level keys. What conda or micromamba would refuse is an error here, what they
//! would silently read otherwise than it is written is a warning.

use std::collections::HashSet;

use super::dependencies::is_template;
use super::pip_section::PipSection;
use super::{EnvSpec, codes, keys};
use crate::diagnostic::{Applicability, Code, Diagnostic, Fix, Severity};
use crate::match_spec::Memory;
use crate::subdir::PLATFORMS;
use crate::syntax::yaml::{Entry, Kind, Loaded, Node, Parsed, RENDER_FIRST, Scalar};
use crate::text::{Edit, Span, Spanned};

/// Reads the tree of one file.
pub(super) fn lower(
    text: &str,
    parsed: &Parsed,
    memory: &mut Memory,
) -> (EnvSpec, Vec<Diagnostic>) {
    let mut lowering = Lowering {
        text,
        parsed,
        memory,
        spec: EnvSpec::default(),
        diagnostics: Vec::new(),
        pip_section: None,
    };
    if let Some(root) = &parsed.root {
        lowering.root(root);
    }
    (lowering.spec, lowering.diagnostics)
}

pub(super) struct Lowering<'text> {
    pub(super) text: &'text str,
    pub(super) parsed: &'text Parsed,
    /// The MatchSpecs that were read before.
    pub(super) memory: &'text mut Memory,
    pub(super) spec: EnvSpec,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// The first pip section inside `dependencies:`.
    pub(super) pip_section: Option<PipSection>,
}

impl Lowering<'_> {
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn root(&mut self, root: &Node) {
        let Kind::Mapping(entries) = &root.kind else {
            if root.kind != Kind::Null {
                self.report(
                    Diagnostic::error(
                        codes::WRONG_TYPE,
                        root.span,
                        format!(
                            "an environment is a mapping, this is {}",
                            root.kind.describe()
                        ),
                    )
                    .with_hint("Begin with `dependencies:` and put the packages below it"),
                );
            }
            return;
        };
        let mut seen = HashSet::new();
        for entry in entries {
            // Of a key that stands twice the first is read; the YAML reader has said it.
            if let Some(name) = entry.name()
                && seen.insert(name)
            {
                self.key(name, entry, entries);
            }
        }
        if !entries.iter().any(|entry| is_dependencies(entry, entries)) {
            let span = entries
                .first()
                .map_or(Span::empty(root.span.start), |entry| entry.key.span);
            self.report(
                Diagnostic::error(
                    codes::MISSING_DEPENDENCIES,
                    span,
                    "`dependencies:` is missing, so that nothing would be installed",
                )
                .with_hint("Add `dependencies:` and a list of packages"),
            );
        }
        self.pip_must_be_listed();
        self.pip_repositories(entries);
    }

    fn key(&mut self, name: &str, entry: &Entry, entries: &[Entry]) {
        match name {
            "name" => self.name(entry),
            "channels" => self.channels(entry),
            "dependencies" => self.dependencies(&entry.value, entry.key.span),
            "variables" => self.variables(entry),
            "prefix" => self.prefix(entry),
            "platforms" => self.platforms(entry),
            "category" => {
                self.spec.category = self.string(entry, Severity::Warning);
            }
            // conda-lock's own, which the pip section takes in the end.
            "pip-repositories" | "allow-pypi-requests" => {}
            "pip" => self.top_level_pip(entry, entries),
            _ => self.unknown_key(name, entry, entries),
        }
    }

    fn top_level_pip(&mut self, entry: &Entry, entries: &[Entry]) {
        let found = Diagnostic::warning(
            codes::TOP_LEVEL_PIP,
            entry.key.span,
            "`pip:` at the top level is ignored: nothing below it is installed",
        );
        self.report(match self.moved_below_dependencies(entry, entries) {
            Some(edits) => found.with_fix(
                "Make it an entry of `dependencies:`",
                edits,
                Applicability::Unsafe,
            ),
            None => found.with_hint("Move it into `dependencies:` as `- pip:`"),
        });
    }

    /// The edits that make a top-level key the last entry of the block list of `dependencies:`, where that ends above
    /// it.
    fn moved_below_dependencies(&self, entry: &Entry, entries: &[Entry]) -> Option<Vec<Edit>> {
        let place = entries
            .iter()
            .position(|other| other.key.span == entry.key.span)?;
        let above = entries[..place]
            .last()
            .filter(|above| is_dependencies(above, entries))?;
        let Kind::Sequence(items) = &above.value.kind else {
            return None;
        };
        let start = items.first()?.span.start;
        let line_start = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
        let indent = self.text[line_start..start].strip_suffix("- ")?;
        let is_block = indent.bytes().all(|byte| byte == b' ');
        let key = entry.key.span;
        let is_list =
            matches!(entry.value.kind, Kind::Sequence(_)) && self.text[key.end..].starts_with(':');
        if !is_block || !is_list || self.text[..key.start].ends_with(|char| char != '\n') {
            return None;
        }
        let line_end = self.text[key.end..]
            .find('\n')
            .map(|length| key.end + length)?;
        let mut edits = vec![Edit::insert(key.start, format!("{indent}- "))];
        // What stands below it must stand deeper than it, also where it was not indented.
        let mut start = line_end + 1;
        let below = self.text.get(start..entry.value.span.end)?;
        let is_deeper = below.trim_start_matches(['\r', '\n']).starts_with("  ");
        let shift = if is_deeper {
            indent.to_owned()
        } else {
            format!("{indent}  ")
        };
        for line in below.split_inclusive('\n') {
            if !line.trim().is_empty() {
                edits.push(Edit::insert(start, shift.as_str()));
            }
            start += line.len();
        }
        Some(edits)
    }

    fn unknown_key(&mut self, name: &str, entry: &Entry, entries: &[Entry]) {
        let message = format!("no tool knows the key `{name}`, it is ignored");
        let is_absent = |key: &str| !entries.iter().any(|entry| entry.name() == Some(key));
        let Some(nearest) = keys::nearest(name).filter(|key| is_absent(key)) else {
            self.report(
                Diagnostic::warning(codes::UNKNOWN_KEY, entry.key.span, message).with_hint(
                    format!(
                        "Known keys are {}",
                        keys::KNOWN.map(|key| format!("`{key}`")).join(", ")
                    ),
                ),
            );
            return;
        };
        let mut diagnostic = Diagnostic::warning(codes::UNKNOWN_KEY, entry.key.span, message)
            .with_hint(format!("Did you mean `{nearest}`?"));
        // Of two keys that were meant to be the same one, only a person knows which is to have the name.
        let is_alike = |entry: &&Entry| entry.name().and_then(keys::nearest) == Some(nearest);
        if entries.iter().filter(is_alike).count() == 1 {
            diagnostic = diagnostic.with_fix(
                format!("Rename it to `{nearest}`"),
                vec![Edit::replace(entry.key.span, nearest)],
                Applicability::Safe,
            );
        }
        if nearest == "dependencies" {
            // Without it nothing is installed, which nobody wants. Its entries are read, so that theirs is seen too.
            diagnostic.severity = Severity::Error;
            self.report(diagnostic);
            self.dependencies(&entry.value, entry.key.span);
        } else {
            self.report(diagnostic);
        }
    }

    fn name(&mut self, entry: &Entry) {
        let Some(name) = self.string(entry, Severity::Error) else {
            return;
        };
        let forbidden = name
            .value
            .char_indices()
            .find(|(_, char)| matches!(char, '/' | ' ' | ':' | '#') || char.is_control());
        if let Some((at, char)) = forbidden {
            let span = self
                .inner_span(&entry.value, Span::new(at, at + char.len_utf8()))
                .unwrap_or(name.span);
            let what = if char == ' ' {
                "a space".to_owned()
            } else {
                format!("`{}`", char.escape_debug())
            };
            let hint = if is_template(&name.value) {
                RENDER_FIRST
            } else {
                "Use a name without `/`, `:`, `#` and spaces: it becomes a folder"
            };
            let message = format!("the name `{}` contains {what}", name.value.escape_debug());
            self.report(Diagnostic::error(codes::INVALID_NAME, span, message).with_hint(hint));
        } else if matches!(name.value.as_str(), "" | "." | "..") {
            self.report(
                Diagnostic::error(
                    codes::INVALID_NAME,
                    name.span,
                    format!("`{}` is no name for an environment", name.value),
                )
                .with_hint("Use a name without `/`, `:`, `#` and spaces: it becomes a folder"),
            );
        }
        self.spec.name = Some(name);
    }

    fn prefix(&mut self, entry: &Entry) {
        self.spec.prefix = self.string(entry, Severity::Warning);
        if self.spec.prefix.is_some() {
            let found = Diagnostic::information(
                codes::PREFIX,
                entry.key.span,
                "`prefix:` belongs to one machine and is not used here",
            );
            self.report(match self.line_of(entry) {
                Some(line) => found.with_fix(
                    "Remove the line",
                    vec![Edit::delete(line)],
                    Applicability::Safe,
                ),
                None => found.with_hint("Remove the line"),
            });
        }
    }

    /// The line of a top-level key that has nothing else on it, with its line break.
    fn line_of(&self, entry: &Entry) -> Option<Span> {
        let (start, value) = (entry.key.span.start, entry.value.span);
        let is_first = start == 0 || self.text[..start].ends_with('\n');
        let end = match self.text[value.end..].find('\n') {
            Some(length) => value.end + length + 1,
            None => self.text.len(),
        };
        let is_alone = self.text[value.end..end].trim().is_empty();
        let line = Span::new(start, end);
        let is_one = !self.text[start..value.end].contains('\n');
        (is_first && is_alone && is_one).then_some(line)
    }

    fn channels(&mut self, entry: &Entry) {
        let Some(items) = self.list(entry, Severity::Error) else {
            return;
        };
        let mut channels: Vec<Spanned<String>> = Vec::new();
        let mut seen = HashSet::new();
        for item in items {
            let Some(channel) = self.list_string(item, "channels", Severity::Error) else {
                continue;
            };
            let value = channel.value.as_str();
            if value
                .chars()
                .any(|char| char.is_whitespace() || char.is_control())
            {
                self.report(
                    Diagnostic::error(
                        codes::CHANNEL,
                        channel.span,
                        format!(
                            "`{}` is no channel: it contains a space",
                            value.escape_debug()
                        ),
                    )
                    .with_hint("Write one channel an entry, by name or URL"),
                );
            } else if !seen.insert(value.to_owned()) {
                self.report(
                    Diagnostic::information(
                        codes::CHANNEL,
                        channel.span,
                        format!("the channel `{value}` stands here a second time"),
                    )
                    .with_hint("Remove one of them"),
                );
            }
            channels.push(channel);
        }
        self.spec.channels = Some(channels);
    }

    fn platforms(&mut self, entry: &Entry) {
        for item in self.list(entry, Severity::Warning).unwrap_or_default() {
            let Some(platform) = self.list_string(item, "platforms", Severity::Warning) else {
                continue;
            };
            if !PLATFORMS.contains(&platform.value.as_str()) {
                self.report(
                    Diagnostic::warning(
                        codes::UNKNOWN_PLATFORM,
                        platform.span,
                        format!(
                            "`{}` is no platform that conda knows",
                            platform.value.escape_debug()
                        ),
                    )
                    .with_hint(
                        "Use names such as `linux-64`, `linux-aarch64`, `osx-arm64`, `win-64`",
                    ),
                );
            }
            self.spec.platforms.push(platform);
        }
    }

    /// The items of a list under a top-level key.
    fn list<'tree>(&mut self, entry: &'tree Entry, severity: Severity) -> Option<&'tree [Node]> {
        let key = entry.name().unwrap_or_default();
        let (span, message) = match &entry.value.kind {
            Kind::Sequence(items) => return Some(items),
            Kind::Null => (
                entry.key.span,
                format!("`{key}:` has no entries, which no tool takes"),
            ),
            kind => (
                entry.value.span,
                format!("`{key}:` takes a list, this is {}", kind.describe()),
            ),
        };
        let hint = if entry.value.kind == Kind::Null {
            "Add an entry that begins with `- ` below it, or remove the key"
        } else {
            "Put each entry on a line of its own that begins with `- `"
        };
        let mut diagnostic = Diagnostic::error(codes::WRONG_TYPE, span, message).with_hint(hint);
        diagnostic.severity = severity;
        // Of several lines each may have been meant as an entry.
        let is_one_line = !self.text[entry.value.span.range()].contains('\n');
        // What is only warned of is read by some tool as it stands.
        let applicability = match severity {
            Severity::Error => Applicability::Safe,
            _ => Applicability::Unsafe,
        };
        if let Kind::Scalar(scalar) = &entry.value.kind
            && is_one_line
            && let Some(text) = flow_items(scalar)
        {
            diagnostic = diagnostic.with_fix(
                "Make it a list",
                vec![Edit::replace(entry.value.span, format!("[{text}]"))],
                applicability,
            );
        }
        self.report(diagnostic);
        None
    }

    /// The text of one item of a list of strings.
    pub(super) fn list_string(
        &mut self,
        item: &Node,
        list: &str,
        severity: Severity,
    ) -> Option<Spanned<String>> {
        let (code, message, hint): (Code, String, &str) = match &item.kind {
            Kind::Scalar(scalar) if scalar.loaded() == Loaded::String => {
                if !scalar.value.trim().is_empty() {
                    return Some(Spanned::new(scalar.value.clone(), item.span));
                }
                (
                    codes::EMPTY_ENTRY,
                    format!("an entry of `{list}:` is empty"),
                    "Remove it",
                )
            }
            Kind::Scalar(scalar) => (
                codes::NOT_A_STRING,
                format!(
                    "an entry of `{list}:` is text, this is {}",
                    describe(scalar)
                ),
                "Quote it if it is meant, or write what belongs here",
            ),
            Kind::Null => (
                codes::EMPTY_ENTRY,
                format!("an entry of `{list}:` is empty"),
                "Write something behind the `-`, or remove it",
            ),
            kind => (
                codes::WRONG_TYPE,
                format!("an entry of `{list}:` is text, this is {}", kind.describe()),
                "Write each entry as one text behind its own `-`",
            ),
        };
        let mut diagnostic = Diagnostic::error(code, self.visible(item), message).with_hint(hint);
        diagnostic.severity = severity;
        self.report(diagnostic);
        None
    }

    /// The text of a top-level key that takes one. `severity` is that of a collection in its place: a number or
    /// nothing is milder, because micromamba takes it.
    fn string(&mut self, entry: &Entry, severity: Severity) -> Option<Spanned<String>> {
        let key = entry.name().unwrap_or_default();
        match &entry.value.kind {
            Kind::Scalar(scalar) => {
                if scalar.loaded() != Loaded::String {
                    let message =
                        format!("without quotes, `{key}:` is {}, not text", describe(scalar));
                    let mut diagnostic =
                        Diagnostic::warning(codes::NOT_A_STRING, entry.value.span, message)
                            .with_hint("Quote it");
                    diagnostic.fix = quote(&entry.value, &scalar.value);
                    self.report(diagnostic);
                }
                Some(Spanned::new(scalar.value.clone(), entry.value.span))
            }
            Kind::Null => {
                self.report(
                    Diagnostic::warning(
                        codes::WRONG_TYPE,
                        entry.key.span,
                        format!("`{key}:` has no value"),
                    )
                    .with_hint("Write one behind it, or remove the key"),
                );
                None
            }
            kind => {
                let message = format!("`{key}:` takes a text, this is {}", kind.describe());
                let mut diagnostic =
                    Diagnostic::error(codes::WRONG_TYPE, entry.value.span, message)
                        .with_hint("Write one text behind it");
                diagnostic.severity = severity;
                self.report(diagnostic);
                None
            }
        }
    }

    /// The bytes to show for a value: an empty one is shown at the `-` or `:` before it, past comments.
    pub(super) fn visible(&self, node: &Node) -> Span {
        if !node.span.is_empty() {
            return node.span;
        }
        let mut end = node.span.start;
        loop {
            let start = self.text[..end].rfind('\n').map_or(0, |at| at + 1);
            let line = &self.text[start..end];
            let content = match self.parsed.comment_behind(self.text, start) {
                Some(comment) if comment.span.start < end => &self.text[start..comment.span.start],
                _ => line,
            };
            let content = content.trim_end();
            if content.ends_with(['-', ':', ',', '[']) {
                return Span::new(start + content.len() - 1, start + content.len());
            }
            if !content.is_empty() || start == 0 {
                return node.span;
            }
            end = start - 1;
        }
    }
}

fn is_dependencies(entry: &Entry, entries: &[Entry]) -> bool {
    entry.name().is_some_and(|name| {
        name == "dependencies"
            || (keys::nearest(name) == Some("dependencies")
                && !keys::KNOWN.contains(&name)
                && !entries
                    .iter()
                    .any(|entry| entry.name() == Some("dependencies")))
    })
}

/// What a scalar is loaded as, with its article.
pub(super) fn describe(scalar: &Scalar) -> &'static str {
    match scalar.loaded() {
        Loaded::String => "text",
        Loaded::Boolean => "a boolean",
        Loaded::Integer | Loaded::Float => "a number",
        Loaded::Timestamp => "a date",
    }
}

/// Puts quotes around a plain scalar.
pub(super) fn quote(node: &Node, raw: &str) -> Option<Fix> {
    Some(Fix {
        title: "Quote it".to_owned(),
        edits: vec![Edit::replace(node.span, format!("\"{raw}\""))],
        applicability: Applicability::Safe,
    })
}

/// A scalar as what stands in a flow list: `a, b` are two items. Not where spaces leave open what they are.
fn flow_items(scalar: &Scalar) -> Option<String> {
    let in_flow = Scalar {
        in_flow: true,
        ..scalar.clone()
    };
    let is_item = |item: &&str| !item.is_empty() && !item.contains(char::is_whitespace);
    let items = scalar.value.split(',').map(str::trim).map(|item| {
        Some(item)
            .filter(is_item)
            .and_then(|item| in_flow.rewrite(item))
    });
    Some(items.collect::<Option<Vec<_>>>()?.join(", "))
}
