//! The lock beside a spec, as rules and editors see it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::context::Context;
use crate::lock::{self, Lock, Manager, State};
use crate::spec::pip::normalized;
use crate::spec::{self, EnvSpec};

/// The lock of the environment that a spec is of.
#[derive(Debug, Clone, Default)]
pub enum Locked {
    /// Nobody looked for one, or it cannot be understood, or it is another spec's.
    #[default]
    Unknown,
    /// There is none at this path.
    Missing(String),
    /// It is there.
    There(SpecLock),
}

/// A lock that names the spec among its sources.
#[derive(Debug, Clone)]
pub struct SpecLock {
    /// Its path, as people know it.
    pub path: String,
    /// What is locked.
    pub lock: Arc<Lock>,
    /// Whether the spec, and those that are merged with it, are all that it was made from.
    pub is_whole: bool,
    /// What its solution depends on besides the specs, as [`lock::meaning`] takes it.
    pub others: BTreeMap<String, String>,
    /// How many of the specs that are merged with the spec stand before it.
    pub before: usize,
}

impl Locked {
    /// The lock, where it is there.
    pub(crate) fn there(&self) -> Option<&SpecLock> {
        match self {
            Locked::There(lock) => Some(lock),
            Locked::Unknown | Locked::Missing(_) => None,
        }
    }
}

impl SpecLock {
    /// How it stands to all of the specs that it was made from.
    pub(super) fn state(&self, context: &Context<'_>) -> State {
        let mut specs: Vec<&EnvSpec> = context
            .around
            .merged_with
            .iter()
            .map(|(_, spec)| spec)
            .collect();
        specs.insert(self.before.min(specs.len()), context.spec());
        let specs: Vec<EnvSpec> = specs.into_iter().cloned().collect();
        let (merged, _) = spec::merge(&specs);
        let named = merged.platforms.iter().map(|platform| &platform.value);
        let settings = context.around.platforms.iter();
        let platforms: Vec<String> = self
            .lock
            .metadata
            .platforms
            .iter()
            .chain(named)
            .chain(settings)
            .cloned()
            .collect();
        let meaning = lock::meaning(&merged, &self.others);
        lock::state(&self.lock, &merged, &meaning, &unique(platforms))
    }

    /// The versions that are locked of a package, each with its platforms. pip's names may be written in any way.
    pub(crate) fn versions(&self, manager: Manager, name: &str) -> Vec<(&str, Vec<&str>)> {
        let is_it = |other: &str| match manager {
            Manager::Conda => other == name,
            Manager::Pip => normalized(other) == normalized(name),
        };
        let mut versions: Vec<(&str, Vec<&str>)> = Vec::new();
        for package in &self.lock.packages {
            if package.manager != manager || !is_it(&package.name) {
                continue;
            }
            let platform = package.platform.as_str();
            match versions.iter_mut().find(|(own, _)| *own == package.version) {
                Some((_, platforms)) if platforms.contains(&platform) => {}
                Some((_, platforms)) => platforms.push(platform),
                None => versions.push((&package.version, vec![platform])),
            }
        }
        versions
    }
}

fn unique(platforms: Vec<String>) -> Vec<String> {
    let mut unique: Vec<String> = Vec::new();
    for platform in platforms {
        if !unique.contains(&platform) {
            unique.push(platform);
        }
    }
    unique
}
