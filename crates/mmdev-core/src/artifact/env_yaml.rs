//! The normalised spec: what the image build hashes. It holds no comment, no name and no selector, so that a change
//! of these costs nobody a rebuild.

use serde_json::{Value, json};

use super::quote::yaml_scalar;
use crate::project::{Environment, PackageList};

pub(super) fn render(
    environment: &Environment,
    list: &PackageList,
    variables: &[(String, String)],
) -> String {
    let mut text = String::new();
    sequence(&mut text, "channels", "", &environment.channels);
    sequence(&mut text, "dependencies", "", &list.dependencies);
    if !list.pip.is_empty() {
        if list.dependencies.is_empty() {
            text.truncate(text.len() - " []\n".len());
            text.push('\n');
        }
        let mut lines = Vec::new();
        if !environment.constraints.is_empty() {
            lines.push("-c constraints.txt".to_owned());
        }
        lines.extend(list.pip.iter().cloned());
        sequence(&mut text, "- pip", "    ", &lines);
    }
    if !variables.is_empty() {
        text.push_str("variables:\n");
        for (name, value) in variables {
            let value = yaml_scalar(&between_quotes(value));
            text.push_str(&format!("  {name}: {value}\n"));
        }
    }
    text
}

/// The variables of an environment in the format of `conda-meta/state`, which micromamba writes of a spec's.
pub(super) fn state(variables: &[(String, String)]) -> String {
    let variables: serde_json::Map<String, Value> = variables
        .iter()
        .map(|(name, value)| (name.clone(), between_quotes(value).into()))
        .collect();
    let state = json!({ "version": 1, "env_vars": variables });
    format!("{state:#}\n")
}

/// micromamba 2 prints `export NAME='VALUE'` with the value as it is, for the shell to read: a quote in it would break
/// the activation, or run what follows. So the value is written as it must stand between single quotes.
fn between_quotes(value: &str) -> String {
    value.replace('\'', r"'\''")
}

fn sequence(text: &mut String, key: &str, indent: &str, entries: &[String]) {
    let outer = indent.get(2..).unwrap_or_default();
    if entries.is_empty() {
        text.push_str(&format!("{outer}{key}: []\n"));
        return;
    }
    text.push_str(&format!("{outer}{key}:\n"));
    for entry in entries {
        text.push_str(&format!("{indent}  - {}\n", yaml_scalar(entry)));
    }
}
