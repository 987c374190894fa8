//! Telling a conda environment spec from the many other files that are called env.yaml.

use super::keys;
use crate::syntax::yaml::{Entry, Kind, Node, Parsed};

/// Why the file is no spec, as the end of "this is no conda environment: …"; `None` where it is one.
pub(super) fn reason_against(file_name: &str, text: &str, parsed: &Parsed) -> Option<String> {
    let is_named_like_a_spec = is_spec_name(file_name);
    match parsed.root.as_ref().map(|root| &root.kind) {
        // Of such a file nothing was read.
        None if text.contains('\0') => {
            (!is_named_like_a_spec && !has_spec_lines(text)).then(|| {
                "it holds a zero byte, as a program does, or UTF-16 without a byte order mark"
                    .to_owned()
            })
        }
        None | Some(Kind::Null) => {
            (!is_named_like_a_spec).then(|| "the file has no content".to_owned())
        }
        Some(Kind::Scalar(_)) => (!is_named_like_a_spec && !has_spec_lines(text))
            .then(|| "it is a text, not a mapping".to_owned()),
        Some(Kind::Sequence(items)) => Some(describe_list(items).to_owned()),
        Some(Kind::Mapping(entries)) => {
            let is_in_envs = is_in_an_envs_folder(file_name);
            (!is_spec(entries, is_named_like_a_spec, is_in_envs, text, parsed))
                .then(|| describe(entries))
        }
    }
}

fn is_spec(
    entries: &[Entry],
    is_named_like_a_spec: bool,
    is_in_envs: bool,
    text: &str,
    parsed: &Parsed,
) -> bool {
    let value = |key: &str| {
        entries
            .iter()
            .find(|entry| entry.name() == Some(key))
            .map(|entry| &entry.value.kind)
    };
    let dependencies = value("dependencies").or_else(|| {
        entries
            .iter()
            .find(|entry| entry.name().and_then(keys::nearest) == Some("dependencies"))
            .map(|entry| &entry.value.kind)
    });
    let has_channels = matches!(value("channels"), Some(Kind::Sequence(_) | Kind::Null));
    let is_known = |entry: &&Entry| entry.name().and_then(keys::nearest).is_some();
    let known = entries.iter().filter(is_known).count();
    let is_mostly_known = known * 2 > entries.len();
    let is_broken = !parsed.diagnostics.is_empty();
    // A folder says less than a name: it counts for a file that has something of a spec besides.
    let is_placed_like_a_spec = is_named_like_a_spec || is_in_envs;
    match dependencies {
        Some(Kind::Sequence(items)) if !items.is_empty() => {
            looks_like_dependencies(items)
                && (has_channels || is_placed_like_a_spec || is_mostly_known)
                || (has_channels && is_mostly_known)
                || (is_placed_like_a_spec && is_mostly_known)
        }
        Some(_) => has_channels || (is_placed_like_a_spec && is_mostly_known),
        None if is_broken && has_spec_lines(text) => has_channels || is_placed_like_a_spec,
        None if is_in_envs && has_channels => known == entries.len(),
        None => is_named_like_a_spec && known == entries.len(),
    }
}

/// Package names, pip sections and selectors; a chart's or role's dependencies are mappings with names of their own.
fn looks_like_dependencies(items: &[Node]) -> bool {
    items.iter().any(|item| match &item.kind {
        Kind::Scalar(_) => true,
        Kind::Mapping(entries) => entries.iter().any(|entry| {
            entry
                .name()
                .is_some_and(|key| matches!(key, "pip" | "conda") || key.starts_with("sel("))
        }),
        _ => false,
    })
}

/// Whether a line of a text that is not YAML as a whole begins as a spec's do.
fn has_spec_lines(text: &str) -> bool {
    text.lines()
        .any(|line| line.starts_with("dependencies:") || line.starts_with("channels:"))
}

/// Whether people give specs this name, or keep them in this folder, so that its content is worth a look.
pub(super) fn has_spec_name(file_name: &str) -> bool {
    is_spec_name(file_name) || is_in_an_envs_folder(file_name)
}

/// Whether people give this name to specs (`env.yaml`, `environment-dev.yml`, `docs_env.yml`, `conda.yaml`).
fn is_spec_name(file_name: &str) -> bool {
    let name = file_name
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or(file_name)
        .to_ascii_lowercase();
    let Some(stem) = name
        .strip_suffix(".yaml")
        .or_else(|| name.strip_suffix(".yml"))
    else {
        return false;
    };
    stem.split(['-', '_', '.', '@'])
        .any(|word| matches!(word, "env" | "environment" | "conda"))
}

/// Whether it stands in a folder where people keep specs (`workflow/envs/mapping.yaml`, `conda-envs/docs.yml`).
fn is_in_an_envs_folder(file_name: &str) -> bool {
    file_name
        .rsplit(['/', '\\'])
        .nth(1)
        .is_some_and(|folder| folder.split(['-', '_', '.']).any(|word| word == "envs"))
}

fn describe(entries: &[Entry]) -> String {
    let has = |key: &str| entries.iter().any(|entry| entry.name() == Some(key));
    let is_azure = entries.iter().any(|entry| {
        entry.name() == Some("$schema")
            && matches!(&entry.value.kind, Kind::Scalar(schema) if schema.value.contains("azureml"))
    });
    let all_values = !entries.is_empty()
        && entries
            .iter()
            .all(|entry| matches!(entry.value.kind, Kind::Scalar(_) | Kind::Null));
    if is_azure || has("conda_file") {
        "it is an Azure ML environment"
    } else if has("jobs") && (has("on") || has("true")) {
        "it is a GitHub workflow"
    } else if has("services") {
        "it is a Compose file"
    } else if has("apiVersion") && has("kind") {
        "it is a Kubernetes object"
    } else if all_values {
        "it is a list of variables"
    } else if has("dependencies") {
        "its `dependencies:` are not conda's"
    } else {
        "it has no `dependencies:`"
    }
    .to_owned()
}

fn describe_list(items: &[Node]) -> &'static str {
    let has_task_keys = items.iter().any(|item| {
        matches!(&item.kind, Kind::Mapping(entries) if entries.iter().any(|entry| {
            matches!(entry.name(), Some("hosts" | "tasks" | "become" | "roles" | "when"))
        }))
    });
    if has_task_keys {
        "it is an Ansible playbook or task list"
    } else {
        "it is a list, not a mapping"
    }
}
