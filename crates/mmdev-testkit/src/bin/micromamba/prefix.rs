//! What a prefix holds: conda-meta records, history and state.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use rattler_conda_types::PrefixRecord;
use serde::Serialize as _;
use serde_json::{Map, Value};

use crate::package::{Package, Source};
use crate::spec::Spec;

/// The installed packages by name; of two records of one name the later file counts.
pub(crate) fn installed(prefix: &Path) -> Result<BTreeMap<String, Package>> {
    let mut files: Vec<PathBuf> = match fs::read_dir(prefix.join("conda-meta")) {
        Ok(entries) => entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect(),
        Err(_) => return Ok(BTreeMap::new()),
    };
    files.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "json")
    });
    files.sort();
    let mut packages = BTreeMap::new();
    for file in files {
        let record = PrefixRecord::from_path(&file)
            .with_context(|| format!("{} cannot be read", file.display()))?;
        let package = Package {
            record: record.repodata_record,
            source: Source::Repodata,
        };
        packages.insert(package.name().to_owned(), package);
    }
    Ok(packages)
}

/// Makes conda-meta and its history, which is what makes a folder an environment.
pub(crate) fn create(prefix: &Path) -> Result<()> {
    let folder = prefix.join("conda-meta");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let history = folder.join("history");
    if !history.exists() {
        fs::write(&history, "").with_context(|| format!("cannot write {}", history.display()))?;
    }
    Ok(())
}

/// One entry of conda-meta/history.
#[derive(Default)]
pub(crate) struct Entry {
    /// Removed packages.
    pub(crate) unlinked: Vec<String>,
    /// Installed packages.
    pub(crate) linked: Vec<String>,
    /// Specs that were asked for.
    pub(crate) update: Vec<String>,
    /// Specs that were to be removed.
    pub(crate) remove: Vec<String>,
}

impl Entry {
    /// Appends the entry, with this moment (UTC) and this command line.
    pub(crate) fn write(&self, prefix: &Path) -> Result<()> {
        let now = time::OffsetDateTime::now_utc();
        let command: Vec<String> = std::env::args().collect();
        let mut text = format!(
            "==> {} {:02}:{:02}:{:02} <==\n# cmd: {}\n# conda version: 3.8.0\n",
            now.date(),
            now.hour(),
            now.minute(),
            now.second(),
            command.join(" "),
        );
        for dist in &self.unlinked {
            text.push_str(&format!("-{dist}\n"));
        }
        for dist in &self.linked {
            text.push_str(&format!("+{dist}\n"));
        }
        for (action, specs) in [("update", &self.update), ("remove", &self.remove)] {
            if !specs.is_empty() {
                let quoted: Vec<String> = specs
                    .iter()
                    .map(|spec| format!("\"{}\"", spec.replace('\\', "\\\\").replace('"', "\\\"")))
                    .collect();
                text.push_str(&format!("# {action} specs: [{}]\n", quoted.join(", ")));
            }
        }
        let path = prefix.join("conda-meta/history");
        fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(&path)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

/// The specs that a person asked for and has not removed since, by name.
pub(crate) fn requested(prefix: &Path) -> BTreeMap<String, Spec> {
    let text = fs::read_to_string(prefix.join("conda-meta/history")).unwrap_or_default();
    let mut specs = BTreeMap::new();
    for line in text.lines() {
        let Some((action, list)) = line
            .strip_prefix("# ")
            .and_then(|rest| rest.split_once(" specs: "))
        else {
            continue;
        };
        for spec in quoted_strings(list)
            .iter()
            .filter_map(|text| Spec::parse(text).ok())
        {
            match action {
                "update" | "install" | "create" | "neutered" => {
                    specs.insert(spec.name.clone(), spec)
                }
                _ => specs.remove(&spec.name),
            };
        }
    }
    specs
}

/// The strings of a list, in conda's or in C's quotes.
fn quoted_strings(list: &str) -> Vec<String> {
    let mut strings = Vec::new();
    let mut characters = list.chars();
    while let Some(quote) = characters.find(|c| matches!(c, '"' | '\'')) {
        let mut text = String::new();
        while let Some(character) = characters.next() {
            match character {
                '\\' => text.extend(characters.next()),
                end if end == quote => break,
                other => text.push(other),
            }
        }
        strings.push(text);
    }
    strings
}

/// The environment's own variables in order: those of packages, then conda-meta/state.
pub(crate) fn variables(prefix: &Path) -> Vec<(String, String)> {
    let mut files: Vec<PathBuf> = fs::read_dir(prefix.join("etc/conda/env_vars.d"))
        .map(|entries| {
            entries
                .filter_map(|entry| Some(entry.ok()?.path()))
                .collect()
        })
        .unwrap_or_default();
    files.sort();
    let mut all: Vec<(String, String)> = Vec::new();
    let of_packages = files.iter().filter_map(|file| read_object(file));
    let of_state = read_object(&prefix.join("conda-meta/state"))
        .and_then(|state| state.get("env_vars").and_then(Value::as_object).cloned());
    for map in of_packages.chain(of_state) {
        for (key, value) in map {
            let key = key.to_uppercase();
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            match all.iter_mut().find(|(known, _)| *known == key) {
                Some(entry) => entry.1 = value,
                None => all.push((key, value)),
            }
        }
    }
    all
}

/// Sets and unsets variables in conda-meta/state; other fields of it stay.
pub(crate) fn change_variables(
    prefix: &Path,
    set: &[(String, String)],
    unset: &[String],
) -> Result<()> {
    let path = prefix.join("conda-meta/state");
    let mut state = read_object(&path).unwrap_or_default();
    let entry = state
        .entry("env_vars")
        .or_insert_with(|| Value::Object(Map::new()));
    if let Some(map) = entry.as_object_mut() {
        for (key, value) in set {
            map.insert(key.to_uppercase(), value.clone().into());
        }
        for key in unset {
            map.remove(&key.to_uppercase());
        }
    }
    fs::create_dir_all(prefix.join("conda-meta"))?;
    let mut text = Vec::new();
    let indent = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    state.serialize(&mut serde_json::Serializer::with_formatter(
        &mut text, indent,
    ))?;
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
}

fn read_object(path: &Path) -> Option<Map<String, Value>> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}
