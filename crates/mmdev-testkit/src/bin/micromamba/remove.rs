//! remove: packages, what needs them, and what nobody needs any longer.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::Result;

use crate::cli::Remove;
use crate::console;
use crate::context::Context;
use crate::install::missing;
use crate::package::Package;
use crate::prefix;
use crate::solve::{accepts, dependencies, in_link_order};
use crate::spec::Spec;
use crate::transaction::Transaction;

/// `micromamba remove`.
pub(crate) fn remove(context: &Context, options: &Remove) -> Result<()> {
    let target = context.target(None, false)?;
    if !target.join("conda-meta").exists() {
        return Err(missing(&target));
    }
    let installed = prefix::installed(&target)?;
    let specs = options
        .specs
        .iter()
        .map(|text| Spec::parse(text))
        .collect::<Result<Vec<_>>>()?;
    if options.all {
        return remove_all(context, &target, &installed);
    }
    if specs.is_empty() {
        console::note("Nothing to do.");
        return Ok(());
    }
    let mut names: BTreeSet<String> = installed
        .values()
        .filter(|package| specs.iter().any(|spec| is_meant(spec, package)))
        .map(|package| package.name().to_owned())
        .collect();
    let remove_specs = if options.force {
        let exact = |name: &String| {
            let package = &installed[name];
            Spec::exact(package.name(), &package.version(), &package.build()).text
        };
        names.iter().map(exact).collect()
    } else {
        add_dependents(&mut names, &installed);
        if !options.no_prune_deps {
            add_orphans(&mut names, &installed, &prefix::requested(&target));
        }
        specs.iter().map(|spec| spec.text.clone()).collect()
    };
    let packages = names.iter().map(|name| installed[name].clone()).collect();
    let mut packages = in_link_order(packages);
    packages.reverse();
    let transaction = Transaction {
        remove: packages,
        remove_specs,
        ..Transaction::default()
    };
    transaction.execute(context, &target, &installed)?;
    Ok(())
}

/// `micromamba env remove`: the packages, then the folder.
pub(crate) fn remove_environment(context: &Context) -> Result<()> {
    let target = context.target(None, false)?;
    if !target.join("conda-meta").exists() {
        return Err(missing(&target));
    }
    remove_all(context, &target, &prefix::installed(&target)?)?;
    if !context.dry_run {
        fs::remove_dir_all(&target)?;
        if !context.quiet {
            console::note(&format!(
                "Environment removed at prefix: {}",
                target.display()
            ));
        }
    }
    Ok(())
}

fn remove_all(
    context: &Context,
    target: &std::path::Path,
    installed: &BTreeMap<String, Package>,
) -> Result<()> {
    let mut packages = in_link_order(installed.values().cloned().collect());
    packages.reverse();
    let transaction = Transaction {
        remove: packages,
        remove_specs: installed.keys().cloned().collect(),
        ..Transaction::default()
    };
    transaction.execute(context, target, installed)?;
    Ok(())
}

fn is_meant(spec: &Spec, package: &Package) -> bool {
    accepts(spec.matcher(), &package.record)
}

fn add_dependents(names: &mut BTreeSet<String>, installed: &BTreeMap<String, Package>) {
    loop {
        let more: Vec<String> = installed
            .iter()
            .filter(|(name, _)| !names.contains(*name))
            .filter(|(_, package)| dependencies(package).any(|needed| names.contains(&needed)))
            .map(|(name, _)| name.clone())
            .collect();
        if more.is_empty() {
            return;
        }
        names.extend(more);
    }
}

/// What the removed packages needed, unless a person asked for it or something still needs it.
fn add_orphans(
    names: &mut BTreeSet<String>,
    installed: &BTreeMap<String, Package>,
    requested: &BTreeMap<String, Spec>,
) {
    loop {
        let of_removed: BTreeSet<String> = names
            .iter()
            .filter_map(|name| installed.get(name))
            .flat_map(dependencies)
            .collect();
        let still_needed: BTreeSet<String> = installed
            .iter()
            .filter(|(name, _)| !names.contains(*name))
            .flat_map(|(_, package)| dependencies(package))
            .collect();
        let orphans: Vec<String> = of_removed
            .into_iter()
            .filter(|name| installed.contains_key(name) && !names.contains(name))
            .filter(|name| !requested.contains_key(name) && !still_needed.contains(name))
            .collect();
        if orphans.is_empty() {
            return;
        }
        names.extend(orphans);
    }
}
