//! From the text of a devcontainer.json to its properties, with the place of everything that is wrong.

use serde_json::{Map, Value};

use super::DevContainer;
use crate::artifact::devcontainer::WRONG_TYPE;
use crate::container::variables::{Local, substitute};
use crate::diagnostic::{Diagnostic, Severity};
use crate::syntax::jsonc;
use crate::text::Span;

/// A devcontainer.json as it stands: every property, variables not yet filled in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct File {
    /// All properties, also those that mmdev does not know, in their order.
    pub properties: Map<String, Value>,
}

impl File {
    /// The file with its variables filled in, and in words what could not be (each already a diagnostic of [`read`],
    /// but for what only the values of variables show).
    pub fn resolve(&self, local: &Local) -> (DevContainer, Vec<String>) {
        let mut messages = Vec::new();
        let value = substitute(
            &Value::Object(self.properties.clone()),
            &mut |name, arguments| {
                local
                    .lookup(name, arguments)
                    .map_err(|message| messages.push(message))
                    .unwrap_or_default()
            },
        );
        let Value::Object(properties) = value else {
            return (DevContainer::default(), messages);
        };
        let (config, problems) = DevContainer::lower(&properties);
        messages.extend(problems.into_iter().map(|problem| problem.message));
        (config, messages)
    }
}

/// Reads a devcontainer.json. It takes what [`jsonc`] takes: comments, trailing commas, a byte order mark.
pub fn read(text: &str) -> (File, Vec<Diagnostic>) {
    let (document, mut diagnostics) = jsonc::parse(text);
    let Some(root) = document.root() else {
        return (File::default(), diagnostics);
    };
    let Value::Object(properties) = root.to_json() else {
        let message = format!(
            "devcontainer.json must hold one object, but holds {}",
            root.type_name()
        );
        diagnostics.push(
            Diagnostic::error(WRONG_TYPE, root.span, message)
                .with_hint("Write `{ \"image\": \"…\" }`, or let `mmdev generate` make the file"),
        );
        return (File::default(), diagnostics);
    };
    let (_, problems) = DevContainer::lower(&properties);
    diagnostics.extend(problems.into_iter().map(|problem| Diagnostic {
        severity: if problem.fatal {
            Severity::Error
        } else {
            Severity::Warning
        },
        ..Diagnostic::error(WRONG_TYPE, place(root, &problem.path), problem.message)
    }));
    (File { properties }, diagnostics)
}

/// The place of the value at `path`, or of the nearest one around it.
fn place(root: &jsonc::Value, path: &[String]) -> Span {
    let mut value = root;
    for segment in path {
        let next = match &value.kind {
            jsonc::Kind::Object(_) => value.get(segment).map(|member| &member.value),
            jsonc::Kind::Array(items) => segment
                .parse::<usize>()
                .ok()
                .and_then(|index| items.get(index)),
            _ => None,
        };
        let Some(next) = next else { break };
        value = next;
    }
    value.span
}
