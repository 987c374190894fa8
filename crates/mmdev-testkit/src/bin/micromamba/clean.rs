//! clean: what it keeps and what it removes is the real program's, and so is what it says.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::cli::Clean;
use crate::console::{self, Align, Table, human_size, note};
use crate::context::{Context, is_writable_cache};
use crate::query::known_prefixes;

/// `micromamba clean`: `-a` keeps the extracted folders of installed packages,
/// `-f` removes the caches whole.
pub(crate) fn clean(context: &Context, options: &Clean) -> Result<()> {
    let asked = [
        options.all,
        options.index_cache,
        options.packages,
        options.tarballs,
        options.locks,
        options.trash,
        options.force_pkgs_dirs,
    ];
    if !asked.contains(&true) {
        note("Nothing to do.");
        return Ok(());
    }
    note("Collect information..");
    let writable = context
        .pkgs_dirs
        .iter()
        .filter(|root| is_writable_cache(root));
    let roots: Vec<PathBuf> = writable.cloned().collect();
    let changes = !context.dry_run;
    if changes && (options.index_cache || options.all) {
        note("Cleaning index cache..");
        for root in &roots {
            remove(&root.join("cache"))?;
        }
    }
    if changes && (options.locks || options.all) {
        note("Cleaning lock files..");
        for file in roots.iter().flat_map(|root| files_below(root)) {
            if file
                .extension()
                .is_some_and(|extension| extension == "lock")
            {
                remove(&file)?;
            }
        }
    }
    if options.tarballs || options.all {
        let message = changes.then_some("Cleaning tarballs..");
        sweep(&roots, "Package file", archives_below, message)?;
    }
    if options.packages || options.all {
        let used = installed_stems(context);
        let unused = |root: &Path| {
            let mut folders = Vec::new();
            find_packages(root, &mut folders);
            folders.retain(|folder| !used.contains(&file_name(folder)));
            folders
        };
        let message = changes.then_some("Cleaning packages..");
        sweep(&roots, "Package folder", unused, message)?;
    }
    if changes && options.force_pkgs_dirs {
        for root in &roots {
            remove(root)?;
        }
    }
    Ok(())
}

fn archives_below(root: &Path) -> Vec<PathBuf> {
    let mut files = files_below(root);
    files.retain(|path| {
        let name = file_name(path);
        name.ends_with(".tar.bz2") || name.ends_with(".conda")
    });
    files
}

/// Shows what `collect` finds in each cache, and removes it.
fn sweep(
    roots: &[PathBuf],
    title: &'static str,
    collect: impl Fn(&Path) -> Vec<PathBuf>,
    removing: Option<&str>,
) -> Result<()> {
    let mut table = Table::new(&[(title, Align::Left, 2), ("Size", Align::Right, 4)]);
    let mut doomed = Vec::new();
    let mut total = 0;
    for root in roots.iter().filter(|root| root.exists()) {
        let mut paths = collect(root);
        paths.sort_by_key(|path| file_name(path));
        let sizes: Vec<u64> = paths.iter().map(|path| size_below(path)).collect();
        total += sizes.iter().sum::<u64>();
        let rows = paths
            .iter()
            .zip(&sizes)
            .map(|(path, size)| vec![file_name(path), human_size(*size)]);
        table.section(&root.display().to_string(), rows.collect());
        doomed.extend(paths);
    }
    if total > 0 {
        table.row(vec!["Total size: ".to_owned(), human_size(total)]);
        console::put(&format!("\n{}", table.render()));
    }
    if let Some(message) = removing {
        note(message);
        for path in doomed {
            remove(&path)?;
        }
    }
    Ok(())
}

fn installed_stems(context: &Context) -> BTreeSet<String> {
    known_prefixes(context)
        .iter()
        .filter_map(|prefix| fs::read_dir(prefix.join("conda-meta")).ok())
        .flatten()
        .filter_map(|entry| {
            Some(
                file_name(&entry.ok()?.path())
                    .strip_suffix(".json")?
                    .to_owned(),
            )
        })
        .collect()
}

/// Extracted packages below a cache; nothing is looked for inside of one.
fn find_packages(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in children(folder) {
        if path.is_symlink() || !path.is_dir() {
            continue;
        }
        if path.join("info/index.json").exists() {
            found.push(path);
        } else {
            find_packages(&path, found);
        }
    }
}

/// The files below a cache that are no part of an extracted package.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for path in children(folder) {
        if path.is_symlink() || !path.is_dir() {
            files.push(path);
        } else if !path.join("info/index.json").exists() {
            files.extend(files_below(&path));
        }
    }
    files
}

fn size_below(path: &Path) -> u64 {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => {
            children(path).iter().map(|path| size_below(path)).sum()
        }
        Ok(metadata) if metadata.is_file() => metadata.len(),
        _ => 0,
    }
}

fn children(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder)
        .map(|entries| {
            entries
                .filter_map(|entry| Some(entry.ok()?.path()))
                .collect()
        })
        .unwrap_or_default()
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn remove(path: &Path) -> Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(_) => Ok(()),
    };
    removed.with_context(|| format!("cannot remove {}", path.display()))
}
