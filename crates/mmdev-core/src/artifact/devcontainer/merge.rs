//! Bringing what mmdev wants into the text of one devcontainer.json, key by key.

use super::record::{self, Entry, Record, hash, pointer};
use super::{
    CHANGED_BY_HAND, Change, Desired, Elsewise, LIFECYCLE_TAKEN, Members, Mode, Property,
    WRONG_TYPE,
};
use crate::diagnostic::Diagnostic;
use crate::syntax::jsonc::{Document, Editor, Obstacle, Value};
use crate::text::Span;
use serde_json::Value as Json;

/// The lifecycle properties that run once in a new container, the better one first.
const LIFECYCLE: [&str; 2] = ["onCreateCommand", "updateContentCommand"];

/// The setting that says what the generated Dockerfile begins with.
pub(super) const BASE_IMAGE: [&str; 3] = ["customizations", "mmdev", "baseImage"];

/// Where the extensions of VS Code stand.
const EXTENSIONS: [&str; 3] = ["customizations", "vscode", "extensions"];

/// One file on its way from what it says to what it should say.
pub(super) struct Merge<'text> {
    original: &'text Document<'text>,
    editor: Editor,
    record: Record,
    mode: Mode,
    /// Whether the whole file is being taken over: then mmdev's values replace a person's.
    is_adopting: bool,
    diagnostics: Vec<Diagnostic>,
    summary: Vec<String>,
    base_image: Option<String>,
    /// The pointers that are wanted; what else the record knows is no longer needed.
    wanted: Vec<String>,
}

impl<'text> Merge<'text> {
    /// Begins with `original`, which parsed into `editor`.
    pub(super) fn new(
        original: &'text Document<'text>,
        editor: Editor,
        record: Record,
        mode: Mode,
        is_adopting: bool,
    ) -> Self {
        Merge {
            original,
            editor,
            record,
            mode,
            is_adopting,
            diagnostics: Vec::new(),
            summary: Vec::new(),
            base_image: None,
            wanted: Vec::new(),
        }
    }

    /// Makes `image` the setting that says what the Dockerfile begins with.
    pub(super) fn set_base_image(&mut self, image: &str) {
        self.base_image = Some(image.to_owned());
    }

    /// Puts `build: value` in the place of `image`; where there is a `build` already, `image` only goes.
    pub(super) fn replace_image(&mut self, build: &Json) {
        if self.original.at(&["build"]).is_none() {
            self.editor.replace_member(&["image"], "build", build);
        }
        self.editor.remove(&["image"]);
    }

    pub(super) fn say(&mut self, clause: String) {
        self.summary.push(clause);
    }

    /// Merges everything, and the record at the end.
    pub(super) fn run(
        mut self,
        build: &[Property],
        desired: &Desired,
    ) -> Result<(Change, Vec<Diagnostic>), Box<Diagnostic>> {
        // A person's own Dockerfile has its own users and commands: only what editors read is mmdev's there. Services
        // of compose were told to build the generated one.
        let is_all_ours = !self.record.is_left(&["build".to_owned()])
            || self.original.at(&["dockerComposeFile"]).is_some();
        let (shared, top): (Vec<_>, Vec<_>) = build
            .iter()
            .chain(&desired.properties)
            .partition(|property| is_shared(&property.path));
        for property in top {
            if is_all_ours {
                self.property(property)?;
            } else {
                self.wanted.push(pointer(&property.path));
            }
        }
        if let Some(command) = &desired.on_create {
            if is_all_ours {
                self.lifecycle(command)?;
            } else {
                self.wanted.extend(LIFECYCLE.map(|name| pointer(&[name])));
            }
        }
        for property in shared {
            self.property(property)?;
        }
        for members in &desired.members {
            if is_all_ours || is_shared(&members.path) {
                self.members(members)?;
            }
        }
        self.remove_unneeded();
        if let Some(image) = self.base_image.take() {
            self.set(&BASE_IMAGE.map(str::to_owned), &Json::from(image))?;
        }
        self.write_record()?;
        let change = Change {
            edits: self.editor.edits(),
            text: self.editor.text().to_owned(),
            summary: self.summary,
        };
        Ok((change, self.diagnostics))
    }

    fn property(&mut self, property: &Property) -> Result<(), Box<Diagnostic>> {
        let Property {
            path,
            value,
            elsewise,
        } = property;
        let pointer = pointer(path);
        self.wanted.push(pointer.clone());
        if self.record.is_left(path) {
            return Ok(());
        }
        let current = self.editor.get(path).map(|value| value.to_json());
        let written = match self.record.get(&pointer) {
            Some(Entry::Written(hash)) => Some(hash.clone()),
            _ => None,
        };
        let is_as_written = match (&current, &written) {
            (Some(current), _) if current == value => true,
            (Some(current), Some(written)) => hash(current) == *written,
            (current, written) => current.is_none() && written.is_none(),
        };
        let may_replace = match elsewise {
            Elsewise::Replace => self.is_adopting || self.mode == Mode::Force,
            Elsewise::Keep => written.is_some() && self.mode == Mode::Force,
        };
        if is_as_written || may_replace {
            self.summarize(path, current.as_ref(), value);
            self.set(path, value)?;
            self.record.put(&pointer, Entry::Written(hash(value)));
        } else if written.is_none() && *elsewise == Elsewise::Keep {
            self.record.put(&pointer, Entry::Left);
        } else {
            self.report(path, current.as_ref(), value);
        }
        Ok(())
    }

    /// The step that runs in a new container goes where it was, or where nothing is.
    fn lifecycle(&mut self, command: &Json) -> Result<(), Box<Diagnostic>> {
        let slots = LIFECYCLE.map(|name| Property::new(&[name], command.clone()));
        let is_written = |slot: &&Property| {
            matches!(
                self.record.get(&pointer(&slot.path)),
                Some(Entry::Written(_))
            )
        };
        if let Some(slot) = slots.iter().find(is_written) {
            return self.property(slot);
        }
        if slots.iter().any(|slot| self.record.is_left(&slot.path)) {
            return Ok(());
        }
        let line = command_line(command);
        let theirs: Vec<Option<Value>> = slots
            .iter()
            .map(|slot| self.editor.get(&slot.path))
            .collect();
        let runs_it = |value: &Value| {
            let value = value.to_json();
            value == *command || runs(&command_line(&value), &line)
        };
        if theirs.iter().flatten().any(runs_it) {
            return Ok(());
        }
        if let Some(free) = theirs.iter().position(Option::is_none) {
            return self.property(&slots[free]);
        }
        let span = self.span(&slots[0].path);
        self.diagnostics.push(
            Diagnostic::warning(
                LIFECYCLE_TAKEN,
                span,
                "`onCreateCommand` and `updateContentCommand` are taken, and mmdev has a command to run",
            )
            .with_hint(format!("Add to `onCreateCommand`: {line}")),
        );
        Ok(())
    }

    fn members(&mut self, members: &Members) -> Result<(), Box<Diagnostic>> {
        let Members { path, items } = members;
        let pointer = pointer(path);
        self.wanted.push(pointer.clone());
        if self.record.is_left(path) {
            return Ok(());
        }
        let mut ours = match self.record.get(&pointer) {
            Some(Entry::Members(items)) => items.clone(),
            _ => Vec::new(),
        };
        for item in items {
            if self.answers(path, item) {
                continue;
            }
            let was_added = ours.contains(item);
            if was_added && self.mode == Mode::Merge {
                self.report_missing_member(path, item);
                continue;
            }
            self.editor
                .append(path, &Json::from(item.as_str()))
                .map_err(|obstacle| refuse(self.original, &obstacle))?;
            self.summary
                .push(format!("`{item}` is added to `{}`", dotted(path)));
            if !was_added {
                ours.push(item.clone());
            }
        }
        let (kept, unneeded): (Vec<_>, Vec<_>) =
            ours.into_iter().partition(|item| items.contains(item));
        self.remove_members(path, &unneeded);
        if kept.is_empty() {
            self.record.forget(&pointer);
        } else {
            self.record.put(&pointer, Entry::Members(kept));
        }
        Ok(())
    }

    /// Whether the array at `path` has `item`, or a person's word against it.
    fn answers(&self, path: &[String], item: &str) -> bool {
        let is_extension = path == EXTENSIONS;
        // Before 2022 the extensions stood at the top; the tools still merge them into `customizations`.
        let legacy = is_extension
            .then(|| self.editor.get(&["extensions"]))
            .flatten();
        let current = self.editor.get(path);
        let theirs = [&current, &legacy].into_iter().flatten();
        theirs
            .filter_map(Value::as_array)
            .flatten()
            .filter_map(Value::as_str)
            .any(|text| match text.strip_prefix('-').unwrap_or(text) {
                id if is_extension => id.eq_ignore_ascii_case(item),
                _ => text == item,
            })
    }

    fn remove_members(&mut self, path: &[String], items: &[String]) {
        for item in items {
            let before = self.editor.text().len();
            self.editor.remove_item(path, &Json::from(item.as_str()));
            if self.editor.text().len() != before {
                self.summary
                    .push(format!("`{item}` is removed from `{}`", dotted(path)));
            }
        }
    }

    /// Removes what mmdev wrote once and wants no more; what a person made of it is theirs from now on.
    fn remove_unneeded(&mut self) {
        let entries = self.record.entries().to_vec();
        for (pointer, entry) in entries {
            if self.wanted.contains(&pointer) {
                continue;
            }
            let path = record::path(&pointer);
            match entry {
                Entry::Left => continue,
                Entry::Members(items) => self.remove_members(&path, &items),
                Entry::Written(written) => {
                    let current = self.editor.get(&path);
                    if current.is_some_and(|value| hash(&value.to_json()) == written) {
                        self.editor.remove(&path);
                        self.summary.push(format!("`{}` is removed", dotted(&path)));
                    }
                }
            }
            self.record.forget(&pointer);
        }
    }

    fn write_record(&mut self) -> Result<(), Box<Diagnostic>> {
        let under = |pointer: &str| {
            let mut path = record::PATH.map(str::to_owned).to_vec();
            path.push(pointer.to_owned());
            path
        };
        let current = self.editor.get(&record::PATH);
        if current.is_none() {
            let entries = self.record.entries().iter();
            let all: Json = entries
                .map(|(pointer, entry)| (pointer.clone(), entry.to_json()))
                .collect();
            return self.set(&record::PATH.map(str::to_owned), &all);
        }
        for member in current.iter().filter_map(Value::as_object).flatten() {
            if self.record.get(&member.name.value).is_none() {
                self.editor.remove(&under(&member.name.value));
            }
        }
        for (pointer, entry) in self.record.entries().to_vec() {
            self.set(&under(&pointer), &entry.to_json())?;
        }
        Ok(())
    }

    fn set(&mut self, path: &[String], value: &Json) -> Result<(), Box<Diagnostic>> {
        self.editor
            .set(path, value)
            .map_err(|obstacle| refuse(self.original, &obstacle))
    }

    fn summarize(&mut self, path: &[String], current: Option<&Json>, value: &Json) {
        let name = dotted(path);
        let clause = match current {
            Some(current) if current == value => return,
            Some(current) => format!(
                "`{name}` changes from {} to {}",
                brief(current),
                brief(value)
            ),
            None => format!("`{name}` is added: {}", brief(value)),
        };
        self.summary.push(clause);
    }

    fn report(&mut self, path: &[String], current: Option<&Json>, value: &Json) {
        let name = dotted(path);
        let message = match current {
            Some(current) => format!(
                "`{name}` was changed by hand: it is {}, and mmdev would write {}",
                brief(current),
                brief(value)
            ),
            None => format!(
                "`{name}` was removed by hand: mmdev would write {}",
                brief(value)
            ),
        };
        let hint = format!(
            "Take mmdev's value with `mmdev generate --force`, or keep yours with `\"{}\": false` in \
             customizations.mmdev.generated",
            pointer(path)
        );
        let span = self.span(path);
        self.diagnostics
            .push(Diagnostic::warning(CHANGED_BY_HAND, span, message).with_hint(hint));
    }

    fn report_missing_member(&mut self, path: &[String], item: &str) {
        let name = dotted(path);
        let message = format!("`{item}` was removed from `{name}` by hand: mmdev would add it");
        let hint = format!(
            "Take it back with `mmdev generate --force`, or keep the list yours with `\"{}\": false` in \
             customizations.mmdev.generated",
            pointer(path)
        );
        let span = self.span(path);
        self.diagnostics
            .push(Diagnostic::information(CHANGED_BY_HAND, span, message).with_hint(hint));
    }

    /// Where to point for the key at `path`: at its value, or the nearest object around it.
    fn span(&self, path: &[String]) -> Span {
        let place = (0..=path.len())
            .rev()
            .find_map(|depth| self.original.at(&path[..depth]));
        match place {
            // A whole object is no place: its opening brace is.
            Some(value) if value.as_object().is_some() => {
                Span::new(value.span.start, value.span.start + 1)
            }
            Some(value) => value.span,
            None => Span::empty(0),
        }
    }
}

fn refuse(document: &Document<'_>, obstacle: &Obstacle) -> Box<Diagnostic> {
    wrong_type(document, &obstacle.path, obstacle.found, obstacle.expected)
}

/// What stands at `path` of `document` is `found` where `expected` belongs.
pub(super) fn wrong_type<S: AsRef<str>>(
    document: &Document<'_>,
    path: &[S],
    found: &str,
    expected: &str,
) -> Box<Diagnostic> {
    let subject = if path.is_empty() {
        "the file".to_owned()
    } else {
        format!("`{}`", dotted(path))
    };
    let span = document.at(path).map_or(Span::empty(0), |value| value.span);
    let message = format!("{subject} is {found} where {expected} belongs");
    let hint = format!("Make it {expected}, or remove it");
    Box::new(Diagnostic::error(WRONG_TYPE, span, message).with_hint(hint))
}

/// A path as people write it: `customizations.vscode.settings["python.languageServer"]`.
pub(super) fn dotted<S: AsRef<str>>(path: &[S]) -> String {
    let is_word = |name: &str| {
        name.chars()
            .all(|char| char.is_alphanumeric() || char == '_')
    };
    let mut text = String::new();
    for name in path.iter().map(AsRef::as_ref) {
        if !is_word(name) {
            text += &format!("[{}]", Json::from(name));
        } else if text.is_empty() {
            text += name;
        } else {
            text += &format!(".{name}");
        }
    }
    text
}

/// A value, short enough for a message.
fn brief(value: &Json) -> String {
    const LONGEST: usize = 80;
    let text = value.to_string();
    if text.chars().count() <= LONGEST {
        return text;
    }
    let start: String = text.chars().take(LONGEST).collect();
    format!("{start}…")
}

/// A lifecycle command as one line for a shell; the parts of an object one after the other.
fn command_line(command: &Json) -> String {
    match command {
        Json::String(line) => line.clone(),
        Json::Array(words) => {
            let words: Vec<String> = words
                .iter()
                .filter_map(Json::as_str)
                .map(shell_word)
                .collect();
            words.join(" ")
        }
        Json::Object(commands) => {
            let lines: Vec<String> = commands.values().map(command_line).collect();
            lines.join(" && ")
        }
        _ => String::new(),
    }
}

/// Whether a key says nothing of the image: it is for the tools that share `customizations`.
fn is_shared(path: &[String]) -> bool {
    path.first().is_some_and(|name| name == "customizations")
}

/// Whether `line` stands in `script` as a command, not as the beginning of another.
fn runs(script: &str, line: &str) -> bool {
    let ends = |char: char| char.is_whitespace() || ";&|()'\"".contains(char);
    script.match_indices(line).any(|(start, _)| {
        script[..start].chars().next_back().is_none_or(ends)
            && script[start + line.len()..].chars().next().is_none_or(ends)
    })
}

fn shell_word(word: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "-_./=:@%+,".contains(char);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
