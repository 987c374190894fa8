//! `mmdev diff`: what differs between two locks.

use std::path::{Path, PathBuf};

use indicatif::HumanBytes;
use mmdev_core::lock::{self, Difference, Lock, Package};

use super::by_pip;
use super::table::{Cell, table};
use crate::error::{Error, Result, Status};
use crate::files;
use crate::git;
use crate::json::{LockedPackage, Message};
use crate::load::Workspace;
use crate::locking::Standing;
use crate::printer::{ADDED, CHANGED, FAINT, Printer, REMOVED, STRONG};
use crate::settings::Request;

/// Which locks are compared.
#[derive(Debug, Clone)]
pub(crate) enum Sides {
    /// The project's, with what it was in a revision that git knows.
    Revision(String),
    /// Two files, the older one first.
    Files(PathBuf, PathBuf),
}

/// Says what the newer lock has other than the older one.
pub(crate) fn diff(printer: &Printer, request: &Request, sides: &Sides) -> Result {
    let (old, new) = match sides {
        Sides::Files(old, new) => (of_file(printer, old)?, of_file(printer, new)?),
        Sides::Revision(revision) => of_revision(printer, request, revision)?,
    };
    let diffs = lock::diff(&old, &new);
    for (platform, diff) in &diffs {
        let message = |change, package: &Package, from: Option<&Package>, to: Option<&Package>| {
            printer.message(&Message::LockDifference {
                path: None,
                platform,
                name: &package.name,
                manager: package.manager.name(),
                change,
                from: from.map(LockedPackage::of),
                to: to.map(LockedPackage::of),
                written: None,
            });
        };
        for package in &diff.removed {
            message("removed", package, Some(package), None);
        }
        for package in &diff.added {
            message("added", package, None, Some(package));
        }
        for change in &diff.changed {
            message("changed", change.to, Some(change.from), Some(change.to));
        }
    }
    if diffs.is_empty() {
        printer.note("No package differs.");
        return Ok(Status::Done);
    }
    let mut text = String::new();
    for group in lock::common(&diffs) {
        let platforms = group.platforms.join(", ");
        text += &format!("{STRONG}{platforms}{STRONG:#}\n");
        let rows: Vec<Vec<Cell>> = group.differences.iter().filter_map(row).collect();
        text += &table("  ", &rows);
    }
    for (platform, diff) in &diffs {
        let counts = [
            (diff.added.len(), "added"),
            (diff.removed.len(), "removed"),
            (diff.changed.len(), "changed"),
        ];
        let counts: Vec<String> = counts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, verb)| format!("{count} {verb}"))
            .collect();
        let changed = || diff.changed.iter();
        let sum = |packages: &mut dyn Iterator<Item = &Package>| -> Option<u64> {
            packages.map(|package| package.size).sum()
        };
        let before = sum(&mut diff
            .removed
            .iter()
            .copied()
            .chain(changed().map(|c| c.from)));
        let after = sum(&mut diff.added.iter().copied().chain(changed().map(|c| c.to)));
        let size = match before.zip(after) {
            Some((before, after)) if after >= before => {
                format!(", +{}", HumanBytes(after - before))
            }
            Some((before, after)) => format!(", -{}", HumanBytes(before - after)),
            None => String::new(),
        };
        text += &format!("{platform}: {}{size}\n", counts.join(", "));
    }
    printer.result(&text);
    Ok(Status::Done)
}

/// What a person reads of one difference. Of several platforms, the first one's builds and sizes are told.
fn row(difference: &Difference<'_>) -> Option<Vec<Cell>> {
    let from = difference.from.first();
    let to = difference.to.first();
    let package = to.or(from)?;
    let version = |package: &Package, other: Option<&&Package>| match (&package.build, other) {
        // Where the version is the same, something else is not.
        (Some(build), Some(other)) if other.version == package.version => {
            format!("{} {build}", package.version)
        }
        _ => package.version.clone(),
    };
    let (sign, style, versions) = match (from, to) {
        (None, _) => ("+", ADDED, package.version.clone()),
        (_, None) => ("-", REMOVED, package.version.clone()),
        (Some(old), Some(new)) if version(old, to) == version(new, from) => {
            let what = match old.url == new.url {
                true => "other dependencies",
                false => "another file",
            };
            ("~", CHANGED, format!("{} ({what})", version(new, from)))
        }
        (Some(old), Some(new)) => {
            let versions = format!("{} -> {}", version(old, to), version(new, from));
            ("~", CHANGED, versions)
        }
    };
    let size = package
        .size
        .map_or_else(String::new, |size| HumanBytes(size).to_string());
    Some(vec![
        Cell::styled(format!("{sign} {}{}", package.name, by_pip(package)), style),
        Cell::plain(versions),
        Cell::styled(size, FAINT),
    ])
}

fn of_file(printer: &Printer, path: &Path) -> Result<Lock> {
    let name = path.display().to_string();
    match files::read(path)? {
        Some(text) => understood(printer, &name, &text),
        None => Err(Error::invocation(format!("there is no {name}"))),
    }
}

fn of_revision(printer: &Printer, request: &Request, revision: &str) -> Result<(Lock, Lock)> {
    let workspace = Workspace::read(request)?;
    let Standing { target, .. } = Standing::read(&workspace)?;
    let path = &target.path;
    let new = match files::read(&workspace.root.join(path))? {
        Some(text) => understood(printer, path, &text)?,
        None => {
            return Err(
                Error::problem(format!("there is no {path}")).with_hint("mmdev lock makes it")
            );
        }
    };
    let old = match git::show(&workspace.root, revision, path)? {
        Some(text) => understood(printer, &format!("{path} of {revision}"), &text)?,
        None => {
            return Err(Error::problem(format!(
                "there is no {path} in {revision} to compare with"
            ))
            .with_hint(format!(
                "git add {path} and commit it, or give another revision"
            )));
        }
    };
    Ok((old, new))
}

/// The lock in a text, with a warning where it is not whole.
fn understood(printer: &Printer, name: &str, text: &str) -> Result<Lock> {
    use mmdev_core::diagnostic::Severity;
    let read = lock::read(text);
    let error = read
        .diagnostics
        .iter()
        .find(|diagnostic| diagnostic.severity == Severity::Error);
    match error {
        Some(error) if read.lock.packages.is_empty() => Err(Error::problem(format!(
            "{name} is no lock that can be read: {}",
            error.message
        ))),
        Some(error) => {
            printer.warning(&format!("{name} is not whole: {}", error.message));
            Ok(read.lock)
        }
        None => Ok(read.lock),
    }
}
