//! `mmdev why`: which dependencies of the spec a locked package is there for.

use mmdev_core::lock::Graph;

use super::{by_pip, not_locked, open, platform, tops};
use crate::error::{Result, Status};
use crate::json::{ChainStep, Message};
use crate::printer::{FAINT, LITERAL, Printer, STRONG, visible};
use crate::settings::Request;

/// Says the shortest chain from each dependency of the spec to the package of that name.
pub(crate) fn why(
    printer: &Printer,
    request: &Request,
    asked_platform: Option<&str>,
    name: &str,
) -> Result {
    let (_, standing) = open(printer, request)?;
    let first = platform(&standing, asked_platform)?;
    let others = standing.lock.metadata.platforms.iter().map(String::as_str);
    let mut platforms = vec![first];
    platforms.extend(others.filter(|_| asked_platform.is_none()));
    let found = platforms.into_iter().find_map(|platform| {
        let graph = Graph::of(&standing.lock, platform);
        let package = graph.find(name)?;
        Some((platform, graph, package))
    });
    let Some((platform, graph, package)) = found else {
        return Err(not_locked(&standing, asked_platform, name));
    };
    let asked = standing.target.asked(&graph);
    let tops = tops(&standing, &graph);
    let mut text = format!(
        "{STRONG}{} {}{STRONG:#}{} is in {} for {platform} because of:\n",
        package.name,
        visible(&package.version),
        by_pip(package),
        standing.target.path,
    );
    for chain in graph.chains(&tops, package) {
        let entry = asked.iter().find(|asked| {
            chain
                .first()
                .is_some_and(|top| top.package == asked.package)
        });
        printer.message(&Message::Chain {
            package: &package.name,
            platform,
            entry: entry.map(|entry| entry.text.as_str()),
            place: entry.map(|entry| entry.place.as_str()),
            steps: chain
                .iter()
                .map(|step| ChainStep {
                    name: &step.package.name,
                    version: &step.package.version,
                    constraint: step.constraint,
                })
                .collect(),
        });
        let mut before = None;
        for step in &chain {
            text += &match (before, entry) {
                (None, Some(entry)) => format!(
                    "  {} {FAINT}({}){FAINT:#}",
                    visible(&entry.text),
                    visible(&entry.place)
                ),
                (None, None) => format!(
                    "  {} {FAINT}(no entry of {} leads there){FAINT:#}",
                    step.package.name,
                    standing.target.names()
                ),
                (Some(_), _) => {
                    let constraint = match step.constraint {
                        "" => String::new(),
                        constraint => format!(" {LITERAL}{}{LITERAL:#}", visible(constraint)),
                    };
                    format!(" → {}{constraint}", step.package.name)
                }
            };
            if before.is_some_and(|before| graph.is_brought(before, step.package)) {
                text += &format!(" {FAINT}(which installers add to python){FAINT:#}");
            }
            before = Some(step.package);
        }
        text.push('\n');
    }
    printer.result(&text);
    Ok(Status::Done)
}
