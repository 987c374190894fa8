//! The packages of a lock that nothing in the spec asks for.

use std::collections::{HashMap, HashSet};

use super::Locked;
use crate::lock::{MAIN, Package};
use crate::spec::pip::normalized;
use crate::spec::{EnvSpec, PipLine};

/// The names of packages that no entry of `spec` needs, directly or not, without those that only such packages need.
/// Other categories than the main one belong to other specs.
pub(super) fn unneeded<'lock>(locked: &Locked<'lock>, spec: &EnvSpec) -> Vec<&'lock str> {
    let mut open: Vec<String> = Vec::new();
    for dependency in &spec.dependencies {
        open.extend(locked.asked(dependency).map(|(name, _)| name.to_owned()));
    }
    if !spec.pip.is_empty() {
        open.extend(["pip".to_owned(), "python".to_owned()]);
    }
    for entry in &spec.pip {
        match &entry.line {
            PipLine::Package { name } => open.push(name.clone()),
            PipLine::Option => {}
            // Nobody here knows what it is called and what it needs.
            _ => open.extend(locked.pip.keys().cloned()),
        }
    }
    let needed = reached(locked, open);
    let is_unneeded = |package: &Package| {
        package.category == MAIN && !needed.contains(&normalized(&package.name))
    };
    let unneeded: Vec<&'lock Package> = locked
        .conda
        .values()
        .chain(locked.pip.values())
        .copied()
        .filter(|package| is_unneeded(package))
        .collect();
    let beneath: HashSet<String> = unneeded
        .iter()
        .flat_map(|package| package.dependencies.keys())
        .map(|name| normalized(name))
        .collect();
    unneeded
        .into_iter()
        .filter(|package| !beneath.contains(&normalized(&package.name)))
        .map(|package| package.name.as_str())
        .collect()
}

/// The normalised names of all that `open` leads to. What a pip package needs may come from conda.
fn reached(locked: &Locked<'_>, mut open: Vec<String>) -> HashSet<String> {
    let by_name: HashMap<String, &Package> = locked
        .conda
        .values()
        .map(|package| (normalized(&package.name), *package))
        .collect();
    let mut seen = HashSet::new();
    while let Some(name) = open.pop() {
        let name = normalized(&name);
        let packages = [by_name.get(&name), locked.pip.get(&name)];
        if seen.insert(name) {
            for package in packages.into_iter().flatten() {
                open.extend(package.dependencies.keys().cloned());
                if package.name == "python" {
                    // conda and micromamba install pip with it, though no record says so.
                    open.push("pip".to_owned());
                }
            }
        }
    }
    seen
}
