//! config: reads and writes the person's rc file, ~/.condarc.

use std::fs;

use anyhow::{Context as _, Result, bail};
use serde_yaml_ng::{Mapping, Value};

use crate::cli::ConfigCommand;
use crate::console::{note, put};
use crate::context::{Context, home};

/// `micromamba config`.
pub(crate) fn config(_context: &Context, command: &ConfigCommand) -> Result<()> {
    let path = home().join(".condarc");
    let text = fs::read_to_string(&path).unwrap_or_default();
    let mut map: Mapping = match serde_yaml_ng::from_str(&text) {
        Ok(Value::Mapping(map)) => map,
        Ok(Value::Null) => Mapping::new(),
        _ => bail!("{} is not a YAML mapping", path.display()),
    };
    match command {
        ConfigCommand::List => {
            put(&shown(&map)?);
            return Ok(());
        }
        ConfigCommand::Get { key } => {
            let Some(value) = map.get(key.as_str()) else {
                note("Key is not present in file");
                return Ok(());
            };
            let mut one = Mapping::new();
            one.insert(key.clone().into(), value.clone());
            put(&shown(&one)?);
            return Ok(());
        }
        ConfigCommand::Set { key, value } => {
            map.insert(key.clone().into(), parsed(value));
        }
        ConfigCommand::Append { key, value } | ConfigCommand::Prepend { key, value } => {
            let list = map
                .entry(key.clone().into())
                .or_insert_with(|| Value::Sequence(Vec::new()));
            let Value::Sequence(items) = list else {
                bail!("{key} is not a list")
            };
            items.retain(|item| *item != parsed(value));
            let place = match command {
                ConfigCommand::Append { .. } => items.len(),
                _ => 0,
            };
            items.insert(place, parsed(value));
        }
        ConfigCommand::RemoveKey { key } => {
            if map.remove(key.as_str()).is_none() {
                note("Key is not present in file");
                return Ok(());
            }
        }
    }
    fs::write(&path, shown(&map)?).with_context(|| format!("cannot write {}", path.display()))
}

fn shown(map: &Mapping) -> Result<String> {
    match map.is_empty() {
        true => Ok(String::new()),
        false => Ok(serde_yaml_ng::to_string(map)?),
    }
}

/// A value's own type: numbers and booleans stay what they are.
fn parsed(value: &str) -> Value {
    serde_yaml_ng::from_str(value).unwrap_or_else(|_| value.into())
}
