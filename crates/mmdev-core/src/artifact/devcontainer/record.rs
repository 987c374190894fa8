//! `customizations.mmdev.generated`: what mmdev wrote last. The format is described in the parent module.

use super::WRONG_TYPE;
use crate::diagnostic::Diagnostic;
use crate::hash::sha256;
use crate::syntax::jsonc::{Kind, Value};
use serde_json::Value as Json;

/// Where the record stands.
pub(super) const PATH: [&str; 3] = ["customizations", "mmdev", "generated"];

/// What the record says about one pointer.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Entry {
    /// mmdev wrote a value with this hash.
    Written(String),
    /// The key is the person's.
    Left,
    /// mmdev added these members to the array.
    Members(Vec<String>),
}

/// The record of one file, in its order.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Record {
    entries: Vec<(String, Entry)>,
}

impl Record {
    /// Reads the record's object.
    pub(super) fn read(value: &Value) -> Result<Self, Box<Diagnostic>> {
        let wrong = |value: &Value, expected: &str| {
            let found = value.type_name();
            let message =
                format!("`customizations.mmdev.generated` holds {found} where {expected} belongs");
            Box::new(
                Diagnostic::error(WRONG_TYPE, value.span, message)
                    .with_hint("Restore what mmdev wrote there from version control"),
            )
        };
        let members = value.as_object().ok_or_else(|| wrong(value, "an object"))?;
        let mut record = Record::default();
        for member in members {
            let name = &member.name.value;
            // What is no pointer is nothing that mmdev wrote, and must not be taken for the key that it is like.
            if pointer(&path(name)) != *name {
                continue;
            }
            let expected = "a hash, a list or `false`";
            let entry = match &member.value.kind {
                Kind::String(hash) => Entry::Written(hash.clone()),
                Kind::Bool(false) => Entry::Left,
                Kind::Array(items) => Entry::Members(
                    items
                        .iter()
                        .map(|item| item.as_str().map(str::to_owned))
                        .map(|item| item.ok_or_else(|| wrong(&member.value, "a list of strings")))
                        .collect::<Result<_, _>>()?,
                ),
                _ => return Err(wrong(&member.value, expected)),
            };
            record.put(name, entry);
        }
        Ok(record)
    }

    pub(super) fn entries(&self) -> &[(String, Entry)] {
        &self.entries
    }

    pub(super) fn get(&self, pointer: &str) -> Option<&Entry> {
        let (_, entry) = self.entries.iter().find(|(key, _)| key == pointer)?;
        Some(entry)
    }

    pub(super) fn put(&mut self, pointer: &str, entry: Entry) {
        match self.entries.iter_mut().find(|(key, _)| key == pointer) {
            Some((_, old)) => *old = entry,
            None => self.entries.push((pointer.to_owned(), entry)),
        }
    }

    pub(super) fn forget(&mut self, pointer: &str) {
        self.entries.retain(|(key, _)| key != pointer);
    }

    /// Whether the key at `path`, or one around it, is the person's.
    pub(super) fn is_left(&self, path: &[String]) -> bool {
        (1..=path.len()).any(|depth| self.get(&pointer(&path[..depth])) == Some(&Entry::Left))
    }

    /// Whether it says whose `build` is: then mmdev has been in this file.
    pub(super) fn knows_build(&self) -> bool {
        self.entries
            .iter()
            .any(|(key, _)| key == "/build" || key.starts_with("/build/"))
    }
}

impl Entry {
    pub(super) fn to_json(&self) -> Json {
        match self {
            Entry::Written(hash) => Json::from(hash.as_str()),
            Entry::Left => Json::Bool(false),
            Entry::Members(items) => Json::from(items.clone()),
        }
    }
}

/// The JSON Pointer (RFC 6901) of `path`.
pub(super) fn pointer<S: AsRef<str>>(path: &[S]) -> String {
    path.iter()
        .map(|name| format!("/{}", name.as_ref().replace('~', "~0").replace('/', "~1")))
        .collect()
}

/// The path of a JSON Pointer.
pub(super) fn path(pointer: &str) -> Vec<String> {
    pointer
        .split('/')
        .skip(1)
        .map(|name| name.replace("~1", "/").replace("~0", "~"))
        .collect()
}

/// The hash of a value, the same whatever its layout and the order of its keys.
pub(super) fn hash(value: &Json) -> String {
    sha256(sorted(value).to_string())[..8].to_owned()
}

fn sorted(value: &Json) -> Json {
    match value {
        Json::Array(items) => items.iter().map(sorted).collect(),
        Json::Object(members) => {
            let mut members: Vec<_> = members
                .iter()
                .map(|(name, value)| (name.clone(), sorted(value)))
                .collect();
            members.sort_by(|(a, _), (b, _)| a.cmp(b));
            Json::Object(members.into_iter().collect())
        }
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn pointers_come_back() {
        let names = ["a/b", "~1", "files.exclude", "", "**/x~"];
        assert_eq!(pointer(&names), "/a~1b/~01/files.exclude//**~1x~0");
        assert_eq!(path(&pointer(&names)), names);
    }

    #[test]
    fn a_hash_stands_for_the_value_alone() {
        // Committed files hold these: another algorithm would call every key changed by hand.
        assert_eq!(hash(&json!("mmdev/Dockerfile")), "8cd089f1");
        assert_eq!(
            hash(&json!({"b": [1, {"d": 2, "c": 3}], "a": null})),
            hash(&json!({"a": null, "b": [1, {"c": 3, "d": 2}]}))
        );
        assert_ne!(hash(&json!([1, 2])), hash(&json!([2, 1])));
        assert_ne!(hash(&json!("1")), hash(&json!(1)));
    }
}
