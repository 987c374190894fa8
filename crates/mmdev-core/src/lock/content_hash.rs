//! conda-lock's `content_hash`: SHA-256 of what it takes a spec for, as JSON (its `content_hash.py`, version 4.0).
//!
//! conda-lock locks anew where its hash is another one than the lock's, so this takes a spec for what conda-lock takes
//! it for, its own language of selectors included, and not for what it means. Where conda-lock stops with an error,
//! or looks at files and variables of the machine, there is no hash.

mod conda;
mod pip;
mod selectors;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Channel, MAIN};
use crate::diagnostic::Severity;
use crate::hash::sha256;
use crate::syntax::yaml::{self, Entry, Kind, Loaded, Node};
use crate::virtual_packages::VirtualPackage;

/// What conda-lock takes for granted on `platform` (its default-virtual-packages.yaml); nothing on one that it does
/// not know.
pub fn default_virtual_packages(platform: &str) -> Vec<VirtualPackage> {
    let (archspec, others): (&str, &[(&str, &str)]) = match platform {
        "linux-64" => ("x86_64", LINUX),
        "linux-aarch64" => ("aarch64", LINUX),
        "linux-ppc64le" => ("ppc64le", LINUX),
        // conda-lock holds on to the older version, which it once added by mistake.
        "osx-64" => (
            "x86_64",
            &[("__unix", "0"), ("__osx", "11.0"), ("__osx", "10.15")],
        ),
        "osx-arm64" => ("arm64", &[("__unix", "0"), ("__osx", "11.0")]),
        "win-64" => ("x86_64", &[("__win", "0"), ("__cuda", "11.4")]),
        _ => return Vec::new(),
    };
    let package = |name: &str, version: &str, build: &str| VirtualPackage {
        name: name.to_owned(),
        version: version.to_owned(),
        build: build.to_owned(),
    };
    let mut packages = vec![package("__archspec", "1", archspec)];
    packages.extend(
        others
            .iter()
            .map(|(name, version)| package(name, version, "")),
    );
    packages
}

const LINUX: &[(&str, &str)] = &[
    ("__unix", "0"),
    ("__linux", "5.10"),
    ("__glibc", "2.28"),
    ("__cuda", "11.4"),
];

/// conda-lock's hash of the spec files with these texts, for one platform; `None` where it would stop with an error.
///
/// A lock must have one all the same, or micromamba refuses it: where there is none, the [`meaning`](super::meaning)
/// stands in its place, and conda-lock locks anew.
///
/// `virtual_packages` are [`default_virtual_packages`], unless a virtual-packages.yml says otherwise: whoever runs
/// `conda-lock --check-input-hash` without one is answered by the defaults.
pub fn content_hash(
    specs: &[&str],
    platform: &str,
    virtual_packages: &[VirtualPackage],
) -> Option<String> {
    let content = content(specs, platform, virtual_packages)?;
    Some(sha256(python_json(&content)))
}

/// What is hashed.
fn content(specs: &[&str], platform: &str, virtual_packages: &[VirtualPackage]) -> Option<Value> {
    let mut channels: Vec<Vec<String>> = Vec::new();
    let mut repositories: Vec<Vec<String>> = Vec::new();
    // The last of two dependencies on one package counts.
    let mut dependencies = BTreeMap::new();
    for text in specs {
        let source = Source::read(text, platform)?;
        channels.push(source.channels);
        repositories.push(source.repositories);
        for (manager, name, dependency) in source.dependencies {
            dependencies.insert((manager, name), dependency);
        }
    }
    let mut content = json!({
        "channels": unified(channels)?,
        "specs": dependencies.into_values().collect::<Vec<Value>>(),
        "virtual_package_hash": {
            "noarch": repodata("noarch", &[]),
            platform: match KNOWN.contains(&platform) || !virtual_packages.is_empty() {
                true => repodata(platform, virtual_packages),
                false => json!({}),
            },
        },
    });
    let repositories = unified(repositories)?;
    if !repositories.is_empty() {
        content["pip_repositories"] = json!(repositories);
    }
    Some(content)
}

/// The platforms that conda-lock makes repodata for, even where it has nothing for them.
const KNOWN: [&str; 6] = [
    "linux-64",
    "linux-aarch64",
    "linux-ppc64le",
    "osx-64",
    "osx-arm64",
    "win-64",
];

/// The longest of `lists`, of which each other must be the end.
fn unified(lists: Vec<Vec<String>>) -> Option<Vec<String>> {
    let mut longest: &[String] = &[];
    for list in &lists {
        if list.len() > longest.len() {
            longest = list;
        }
    }
    let is_unified = lists.iter().all(|list| longest.ends_with(list));
    is_unified.then(|| longest.to_vec())
}

/// The repodata that conda-lock writes for the virtual packages of `subdir`.
fn repodata(subdir: &str, packages: &[VirtualPackage]) -> Value {
    let packages: serde_json::Map<String, Value> = packages
        .iter()
        .map(|package| {
            let VirtualPackage {
                name,
                version,
                build,
            } = package;
            // Its version 2 put the build number behind the build string, and its hashes still have it.
            let full_build = match build.as_str() {
                "" => "0".to_owned(),
                build => format!("{build}_0"),
            };
            let record = json!({
                "name": name,
                "version": version,
                "build_string": build,
                "build_number": 0,
                "build": full_build,
                "noarch": "",
                "depends": [],
                "timestamp": 1_577_854_800_000_u64,
                "package_type": "virtual_system",
                "subdir": subdir,
            });
            (format!("{name}-{version}-{full_build}.tar.bz2"), record)
        })
        .collect();
    json!({ "info": { "subdir": subdir }, "packages": packages })
}

/// One spec file as conda-lock takes it.
struct Source {
    channels: Vec<String>,
    repositories: Vec<String>,
    /// Manager, name, and all that is hashed of each.
    dependencies: Vec<(&'static str, String, Value)>,
}

impl Source {
    fn read(text: &str, platform: &str) -> Option<Self> {
        // All but the dependencies is read from the whole text.
        let whole = yaml::parse(text);
        let filtered = yaml::parse(&selectors::filter(text, platform)?);
        let is_broken = |parsed: &yaml::Parsed| {
            let errors = parsed.diagnostics.iter();
            // PyYAML takes the last of two keys.
            errors
                .filter(|found| found.code != yaml::codes::DUPLICATE_KEY)
                .any(|found| found.severity == Severity::Error)
        };
        if is_broken(&whole) || is_broken(&filtered) {
            return None;
        }
        let entries = mapping(whole.root.as_ref()?)?;
        let mut channels = texts(entries, "channels")?;
        if let Some(at) = channels.iter().position(|name| name == "nodefaults") {
            channels.remove(at);
        }
        if channels.iter().any(|name| name == "nodefaults") {
            return None;
        }
        let category = match find(entries, "category").map(|node| &node.kind) {
            None | Some(Kind::Null) => MAIN.to_owned(),
            Some(Kind::Scalar(scalar)) if !scalar.value.is_empty() => scalar.value.clone(),
            Some(_) => return None,
        };
        let repositories = texts(entries, "pip-repositories")?;
        let mut dependencies = Vec::new();
        let entries = mapping(filtered.root.as_ref()?)?;
        let Kind::Sequence(items) = &find(entries, "dependencies")?.kind else {
            return None;
        };
        // Sections stand behind everything else, whatever their order.
        for item in items {
            if let Kind::Scalar(scalar) = &item.kind {
                if scalar.loaded() != Loaded::String {
                    return None;
                }
                let (name, value) = conda::dependency(&scalar.value, &category)?;
                dependencies.push(("conda", name, value));
            }
        }
        for item in items {
            match &item.kind {
                Kind::Scalar(_) => {}
                Kind::Mapping(entries) => {
                    pip_section(entries, &category, platform, &mut dependencies)?;
                }
                _ => return None,
            }
        }
        Some(Source {
            channels: channels
                .iter()
                .map(|name| {
                    let channel = Channel::with_secrets(name);
                    let url = json!(channel.url);
                    let variables = json!(channel.used_env_vars);
                    format!("{{\"url\":{url},\"used_env_vars\":{variables}}}")
                })
                .collect(),
            repositories: repositories
                .iter()
                .map(|url| json!({ "url": url }).to_string())
                .collect(),
            dependencies,
        })
    }
}

fn pip_section(
    entries: &[Entry],
    category: &str,
    platform: &str,
    dependencies: &mut Vec<(&'static str, String, Value)>,
) -> Option<()> {
    let items = match find(entries, "pip").map(|node| &node.kind) {
        None | Some(Kind::Null) => return Some(()),
        Some(Kind::Sequence(items)) => items,
        Some(_) => return None,
    };
    for item in items {
        let Kind::Scalar(scalar) = &item.kind else {
            return None;
        };
        if scalar.value.starts_with("-e ") {
            continue;
        }
        let requirement = pip::requirement(&scalar.value, category)?;
        if pip::applies(requirement.marker.as_deref(), platform)? {
            dependencies.push(("pip", requirement.name, requirement.value));
        }
    }
    let pip = conda::versioned("pip", "conda", MAIN, "*");
    dependencies.push(("conda", "pip".to_owned(), pip));
    Some(())
}

fn mapping(node: &Node) -> Option<&[Entry]> {
    match &node.kind {
        Kind::Mapping(entries) => Some(entries),
        _ => None,
    }
}

/// The value of a key; the last one counts where it is there twice.
fn find<'node>(entries: &'node [Entry], key: &str) -> Option<&'node Node> {
    let mut entries = entries.iter().rev();
    let entry = entries.find(|entry| entry.name() == Some(key))?;
    Some(&entry.value)
}

/// A list of texts; an empty one where the key is absent, `None` where it holds something else.
fn texts(entries: &[Entry], key: &str) -> Option<Vec<String>> {
    let Some(node) = find(entries, key) else {
        return Some(Vec::new());
    };
    let Kind::Sequence(items) = &node.kind else {
        return None;
    };
    let text = |item: &Node| match &item.kind {
        Kind::Scalar(scalar) if scalar.loaded() == Loaded::String => Some(scalar.value.clone()),
        _ => None,
    };
    items.iter().map(text).collect()
}

/// JSON as Python's `json.dumps(…, sort_keys=True)` writes it: keys sorted, spaces behind `,` and `:`, ASCII only.
fn python_json(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(python_json).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(entries) => {
            let sorted: BTreeMap<&String, &Value> = entries.iter().collect();
            let entries: Vec<String> = sorted
                .into_iter()
                .map(|(key, value)| format!("{}: {}", python_string(key), python_json(value)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::String(text) => python_string(text),
        other => other.to_string(),
    }
}

fn python_string(text: &str) -> String {
    let mut result = String::from("\"");
    for char in text.chars() {
        match char {
            '"' => result.push_str("\\\""),
            '\\' => result.push_str("\\\\"),
            '\n' => result.push_str("\\n"),
            '\r' => result.push_str("\\r"),
            '\t' => result.push_str("\\t"),
            '\u{8}' => result.push_str("\\b"),
            '\u{c}' => result.push_str("\\f"),
            ' '..='~' => result.push(char),
            _ => {
                for unit in char.encode_utf16(&mut [0; 2]) {
                    result.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    result.push('"');
    result
}

#[cfg(test)]
mod tests;
