//! `mmdev tree`: what each locked package needs, or what needs it.

use mmdev_core::lock::{Direction, Graph};

use super::{by_pip, not_locked, open, platform, tops};
use crate::error::{Result, Status};
use crate::json::Message;
use crate::printer::{FAINT, LITERAL, Printer, visible};
use crate::settings::Request;

/// Shows the tree of `platform`, or the one that stands on its head on the package `invert`.
pub(crate) fn tree(
    printer: &Printer,
    request: &Request,
    asked_platform: Option<&str>,
    invert: Option<&str>,
    depth: Option<usize>,
) -> Result {
    let (_, standing) = open(printer, request)?;
    let platform = platform(&standing, asked_platform)?;
    let graph = Graph::of(&standing.lock, platform);
    let asked = standing.target.asked(&graph);
    let (tops, direction) = match invert {
        None => (tops(&standing, &graph), Direction::Needs),
        Some(name) => {
            let top = graph.find(name);
            let top = top.ok_or_else(|| not_locked(&standing, Some(platform), name))?;
            (vec![top], Direction::NeededBy)
        }
    };
    if asked_platform.is_none() && standing.lock.metadata.platforms.len() > 1 {
        printer.status(
            "Showing",
            &format!("{} for {platform}", standing.target.path),
        );
    }
    let mut text = String::new();
    for branch in graph.tree(&tops, direction, depth) {
        let package = branch.package;
        printer.message(&Message::TreePackage {
            name: &package.name,
            version: &package.version,
            build: package.build.as_deref(),
            manager: package.manager.name(),
            platform,
            level: branch.level,
            constraint: branch.constraint,
            repeated: branch.is_repeated,
        });
        let place = asked
            .iter()
            .find(|asked| direction == Direction::NeededBy && asked.package == package)
            .map_or_else(String::new, |asked| format!(" ({})", asked.place));
        let again = match branch.is_repeated {
            true => format!(" {FAINT}(*){FAINT:#}"),
            false => String::new(),
        };
        text += &format!(
            "{FAINT}{}{FAINT:#}{} {LITERAL}{}{LITERAL:#}{}{}{again}\n",
            branch.guides,
            package.name,
            visible(&package.version),
            by_pip(package),
            visible(&place)
        );
    }
    printer.result(&text);
    Ok(Status::Done)
}
