//! Questions: list, env list, env export, info.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use serde_json::json;

use crate::activate;
use crate::cache::hex;
use crate::cli::List;
use crate::console::{Align, Table, note, put};
use crate::context::Context;
use crate::install::missing;
use crate::package::{Package, subdir_of};
use crate::prefix;
use crate::solve;

/// Which form `env export` has.
pub(crate) struct Export {
    /// An `@EXPLICIT` list.
    pub(crate) explicit: bool,
    /// Without the MD5 sums.
    pub(crate) no_md5: bool,
    /// Without build strings.
    pub(crate) no_build: bool,
    /// Only what was asked for, as it was asked for.
    pub(crate) from_history: bool,
    /// With `channel/subdir::` before each name.
    pub(crate) channel_subdir: bool,
}

/// `micromamba list`.
pub(crate) fn list(context: &Context, options: &List) -> Result<()> {
    let target = existing_target(context)?;
    let mut packages: Vec<Package> = prefix::installed(&target)?.into_values().collect();
    if let Some(pattern) = &options.pattern {
        packages.retain(|package| match options.full_name {
            true => package.name() == pattern,
            false => package.name().contains(pattern.as_str()),
        });
    }
    if options.reverse {
        packages.reverse();
    }
    let hash = |package: &Package| match (options.md5, options.sha256) {
        (true, _) => format!("#{}", md5_of(package)),
        (_, true) => {
            let sum = package.record.package_record.sha256.as_ref();
            format!("#{}", sum.map(|sum| hex(sum)).unwrap_or_default())
        }
        _ => String::new(),
    };
    if context.json {
        let entries: Vec<_> = packages.iter().map(as_json).collect();
        note(&serde_json::to_string_pretty(&entries)?);
        return Ok(());
    }
    if options.explicit || options.canonical || options.export {
        if options.export {
            let target = target.display();
            note(&format!("List of packages in environment: \"{target}\"\n"));
        }
        for package in &packages {
            note(&match (options.explicit, options.canonical) {
                (true, _) => format!("{}{}", package.record.url, hash(package)),
                (_, true) => package.dist(),
                _ => format!(
                    "{}={}={}",
                    package.name(),
                    package.version(),
                    package.build()
                ),
            });
        }
        return Ok(());
    }
    let mut table = Table::new(&[
        ("Name", Align::Left, 2),
        ("Version", Align::Left, 2),
        ("Build", Align::Left, 2),
        ("Channel", Align::Left, 2),
    ]);
    for package in &packages {
        table.row(vec![
            package.name().to_owned(),
            package.version(),
            package.build(),
            package.channel(),
        ]);
    }
    note(&format!(
        "List of packages in environment: \"{}\"\n",
        target.display()
    ));
    put(&table.render());
    Ok(())
}

/// `micromamba env list`.
pub(crate) fn environments(context: &Context) -> Result<()> {
    let prefixes = known_prefixes(context);
    if context.json {
        note(&serde_json::to_string_pretty(&json!({ "envs": prefixes }))?);
        return Ok(());
    }
    let active = context.target(None, true)?;
    let mut table = Table::new(&[
        ("Name", Align::Left, 2),
        ("Active", Align::Left, 2),
        ("Path", Align::Left, 2),
    ]);
    for prefix in prefixes {
        let mark = if prefix == active { "*" } else { "" };
        table.row(vec![
            name_of(context, &prefix),
            mark.to_owned(),
            prefix.display().to_string(),
        ]);
    }
    put(&table.render());
    Ok(())
}

/// `micromamba env export`.
pub(crate) fn export(context: &Context, options: &Export) -> Result<()> {
    let target = existing_target(context)?;
    let installed = prefix::installed(&target)?;
    if options.explicit {
        note("# This file may be used to create an environment using:");
        note("# $ conda create --name <env> --file <this file>");
        note(&format!("# platform: {}\n@EXPLICIT", context.platform));
        for package in solve::in_link_order(installed.into_values().collect()) {
            let hash = if options.no_md5 {
                String::new()
            } else {
                format!("#{}", md5_of(&package))
            };
            note(&format!("{}{hash}", package.record.url));
        }
        return Ok(());
    }
    let requested = prefix::requested(&target);
    let mut channels = BTreeSet::new();
    let mut dependencies = Vec::new();
    for package in installed.values() {
        if options.from_history {
            let Some(spec) = requested.get(package.name()) else {
                continue;
            };
            dependencies.push(spec.text.clone());
        } else {
            let channel = match options.channel_subdir {
                true => format!("{}/{}::", package.channel(), subdir_of(&package.record.url)),
                false => String::new(),
            };
            let build = if options.no_build {
                String::new()
            } else {
                format!("={}", package.build())
            };
            dependencies.push(format!(
                "{channel}{}={}{build}",
                package.name(),
                package.version()
            ));
        }
        channels.insert(package.channel());
    }
    if context.json {
        let answer = json!({
            "name": name_of(context, &target),
            "channels": channels,
            "dependencies": dependencies,
        });
        note(&serde_json::to_string_pretty(&answer)?);
        return Ok(());
    }
    note(&format!("name: {}\nchannels:", name_of(context, &target)));
    for channel in channels {
        note(&format!("  - {channel}"));
    }
    note("dependencies:");
    for dependency in dependencies {
        note(&format!("  - {dependency}"));
    }
    note(&format!("\nprefix: \"{}\"", target.display()));
    Ok(())
}

/// `micromamba info`.
pub(crate) fn info(context: &Context) -> Result<()> {
    let target = context.target(None, true)?;
    let virtual_packages: Vec<String> = solve::virtual_packages()?
        .iter()
        .map(|package| {
            format!(
                "{}={}={}",
                package.name.as_normalized(),
                package.version,
                package.build_string
            )
        })
        .collect();
    let caches: Vec<String> = context
        .pkgs_dirs
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let facts: BTreeMap<&str, serde_json::Value> = BTreeMap::from([
        ("micromamba version", crate::VERSION.into()),
        (
            "libmamba version",
            "none: a stand-in over the rattler crates".into(),
        ),
        (
            "base environment",
            context.root_prefix.display().to_string().into(),
        ),
        (
            "envs directories",
            vec![context.root_prefix.join("envs").display().to_string()].into(),
        ),
        ("package cache", caches.into()),
        ("environment", name_of(context, &target).into()),
        ("env location", target.display().to_string().into()),
        ("virtual packages", virtual_packages.into()),
        ("channels", context.channel_urls(&[])?.into()),
        ("platform", context.platform.clone().into()),
    ]);
    if context.json {
        note(&serde_json::to_string_pretty(&facts)?);
        return Ok(());
    }
    for (fact, value) in facts {
        let lines: Vec<String> = match &value {
            serde_json::Value::Array(items) => items
                .iter()
                .map(|item| item.as_str().unwrap_or_default().to_owned())
                .collect(),
            one => vec![one.as_str().unwrap_or_default().to_owned()],
        };
        note(&format!(
            "{fact:>20} : {}",
            lines.join(&format!("\n{:>23}", ""))
        ));
    }
    Ok(())
}

/// The root prefix and every environment below `envs`.
pub(crate) fn known_prefixes(context: &Context) -> Vec<PathBuf> {
    let mut prefixes = vec![context.root_prefix.clone()];
    let mut named: Vec<PathBuf> = fs::read_dir(context.root_prefix.join("envs"))
        .map(|entries| {
            entries
                .filter_map(|entry| Some(entry.ok()?.path()))
                .collect()
        })
        .unwrap_or_default();
    named.retain(|prefix| prefix.join("conda-meta").exists());
    named.sort();
    prefixes.extend(named);
    prefixes
}

fn name_of(context: &Context, prefix: &Path) -> String {
    if *prefix == context.root_prefix {
        return "base".to_owned();
    }
    let below = prefix.strip_prefix(context.root_prefix.join("envs"));
    below
        .map(|name| name.display().to_string())
        .unwrap_or_default()
}

fn existing_target(context: &Context) -> Result<PathBuf> {
    let target = context.target(None, true)?;
    if target.join("conda-meta").exists() {
        return Ok(target);
    }
    if !target.exists() {
        return Err(missing(&target));
    }
    bail!("The given path is not an environment: {}", target.display())
}

fn md5_of(package: &Package) -> String {
    package
        .record
        .package_record
        .md5
        .as_ref()
        .map(|sum| hex(sum))
        .unwrap_or_default()
}

fn as_json(package: &Package) -> serde_json::Value {
    json!({
        "name": package.name(),
        "version": package.version(),
        "build": package.build(),
        "build_string": package.build(),
        "build_number": package.record.package_record.build_number,
        "channel": package.channel(),
        "base_url": package.channel(),
        "platform": subdir_of(&package.record.url),
        "dist_name": package.stem(),
        "md5": md5_of(package),
        "url": package.record.url.as_str(),
    })
}

/// The shells that this program knows by name.
pub(crate) fn shell_named(name: &str) -> Result<activate::Shell> {
    match name {
        "bash" | "zsh" | "posix" | "dash" | "sh" | "ash" => Ok(activate::Shell::Posix),
        "fish" => Ok(activate::Shell::Fish),
        _ => bail!("Unknown shell type: {name}; the stand-in knows bash, zsh, posix and fish"),
    }
}
