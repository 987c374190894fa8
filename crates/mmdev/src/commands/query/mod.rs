//! The commands that read the lock of the active environment, and change nothing.

mod diff;
mod export;
mod outdated;
mod records;
mod search;
pub(super) mod table;
mod tree;
mod why;

use std::collections::BTreeSet;

use mmdev_core::lock::{Graph, Manager, Package};
use mmdev_core::project::DEFAULT_PLATFORMS;

pub(crate) use diff::{Sides, diff};
pub(crate) use export::{Format, Place, export};
pub(crate) use outdated::outdated;
pub(crate) use search::{Search, search};
pub(crate) use tree::tree;
pub(crate) use why::why;

use crate::error::{Error, Result};
use crate::load::Workspace;
use crate::locking::{Standing, did_you_mean};
use crate::printer::Printer;
use crate::settings::Request;

/// The lock that a command is about, with the project around it. One that is not its spec's is read all the same,
/// and that is said.
fn open(printer: &Printer, request: &Request) -> Result<(Workspace, Standing)> {
    let workspace = Workspace::read(request)?.lockable(printer)?;
    let standing = Standing::read(&workspace)?;
    let path = &standing.target.path;
    let again = "mmdev lock makes it";
    if !standing.is_there {
        return Err(Error::problem(format!("there is no {path}")).with_hint(again));
    }
    if standing.lock.packages.is_empty() && !standing.is_fresh {
        return Err(
            Error::problem(format!("{path} holds no package that can be read"))
                .with_hint(format!("{again} anew")),
        );
    }
    if !standing.is_fresh {
        printer.warning(&format!(
            "{path} is not the lock of {}: this is what it holds",
            standing.target.names()
        ));
        printer.hint(&format!("{again} anew"));
    }
    Ok((workspace, standing))
}

/// The platform that is asked for, else the one that is meant where nobody says: that of most containers.
fn platform<'lock>(standing: &'lock Standing, asked: Option<&str>) -> Result<&'lock str> {
    let platforms = &standing.lock.metadata.platforms;
    let found = match asked {
        Some(asked) => platforms.iter().find(|platform| *platform == asked),
        None => platforms
            .iter()
            .find(|platform| *platform == DEFAULT_PLATFORMS[0])
            .or(platforms.first()),
    };
    found.map(String::as_str).ok_or_else(|| {
        let path = &standing.target.path;
        let asked = asked.unwrap_or("any platform");
        Error::problem(format!("{path} holds nothing for {asked}")).with_hint(
            match platforms.as_slice() {
                [] => "mmdev lock makes it anew".to_owned(),
                _ => format!("it has {}", platforms.join(", ")),
            },
        )
    })
}

/// The error for a name that is not locked.
fn not_locked(standing: &Standing, platform: Option<&str>, name: &str) -> Error {
    let whereabouts = platform.map_or_else(String::new, |platform| format!(" for {platform}"));
    let error = Error::problem(format!(
        "no package `{name}` is locked in {}{whereabouts}",
        standing.target.path
    ));
    let packages = standing.lock.packages.iter();
    let names: BTreeSet<String> = packages.map(|package| package.name.clone()).collect();
    let names: Vec<String> = names.into_iter().collect();
    match did_you_mean(name, &names) {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}

/// The packages at the top of a tree: those that the spec asks for, and what none of them leads to.
fn tops<'lock>(standing: &Standing, graph: &Graph<'lock>) -> Vec<&'lock Package> {
    let asked = standing.target.asked(graph);
    let mut tops: Vec<&Package> = asked.iter().map(|asked| asked.package).collect();
    tops.extend(graph.rest(&tops));
    tops
}

/// What is said of a package that is not conda's.
fn by_pip(package: &Package) -> &'static str {
    match package.manager {
        Manager::Conda => "",
        Manager::Pip => " (pip)",
    }
}
