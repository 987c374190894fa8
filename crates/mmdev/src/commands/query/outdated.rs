//! `mmdev outdated`: which dependencies of the spec have newer versions than those that are locked.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use anstyle::Style;
use mmdev_conda::solve::Record;
use mmdev_core::lock::{Graph, Manager, compare_versions};
use mmdev_core::match_spec;

use super::open;
use super::records::{Asker, Found, Question};
use super::table::{Cell, table};
use crate::error::{Result, Status};
use crate::json::Message;
use crate::load::counted;
use crate::printer::{ADDED, CHANGED, FAINT, Printer, STRONG};
use crate::settings::Request;

/// One line of the table: what is so on the platforms that have it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    /// The place of the dependency in the spec.
    place: usize,
    name: String,
    locked: String,
    allowed: Option<String>,
    newest: String,
}

/// Shows the table.
pub(crate) fn outdated(printer: &Printer, request: &Request) -> Result {
    let (_, standing) = open(printer, request)?;
    let target = &standing.target;
    target.check_channels()?;
    let platforms = &standing.lock.metadata.platforms;
    // For each platform what the spec asks for, in its own words.
    let mut asked: BTreeMap<&str, Vec<Direct>> = BTreeMap::new();
    let mut by_pip = BTreeSet::new();
    for platform in platforms {
        for dependency in target.asked(&Graph::of(&standing.lock, platform)) {
            match dependency.package.manager {
                Manager::Conda => asked
                    .entry(platform)
                    .or_default()
                    .extend(Direct::of(&dependency.text, &dependency.package.version)),
                Manager::Pip => {
                    by_pip.insert(&dependency.package.name);
                }
            }
        }
    }
    let question = |names: BTreeSet<String>| Question {
        channels: target.channels().map(str::to_owned).collect(),
        platforms: platforms.clone(),
        names: names.into_iter().collect(),
    };
    let all = || asked.values().flatten();
    let asker = Asker::new(printer, request.offline)?;
    let allowed = asker.ask(&question(all().map(|direct| direct.text.clone()).collect()))?;
    let newest = asker.ask(&question(all().map(|direct| direct.any.clone()).collect()))?;
    let mut rows: BTreeMap<Row, Vec<String>> = BTreeMap::new();
    for (platform, directs) in &asked {
        for (place, direct) in directs.iter().enumerate() {
            let Some(newest) = newest_of(&newest, platform, &direct.name) else {
                continue;
            };
            let allowed = newest_of(&allowed, platform, &direct.name);
            let is_newer =
                |version: &str| compare_versions(version, &direct.locked) == Ordering::Greater;
            if is_newer(newest) || allowed.is_some_and(is_newer) {
                let row = Row {
                    place,
                    name: direct.name.clone(),
                    locked: direct.locked.clone(),
                    allowed: allowed.map(str::to_owned),
                    newest: newest.to_owned(),
                };
                rows.entry(row).or_default().push((*platform).to_owned());
            }
        }
    }
    show(printer, &rows, platforms.len());
    if rows.is_empty() {
        printer.note(&format!(
            "No channel has anything newer for the dependencies of {}.",
            target.names()
        ));
    }
    if !by_pip.is_empty() {
        printer.note(&format!(
            "Not looked at: {}. PyPI is not asked.",
            counted(by_pip.len(), "pip package")
        ));
    }
    Ok(Status::Done)
}

/// A dependency of the spec, as it is asked for.
struct Direct {
    name: String,
    /// The whole MatchSpec.
    text: String,
    /// The name with its channel.
    any: String,
    locked: String,
}

impl Direct {
    fn of(text: &str, locked: &str) -> Option<Self> {
        let spec = match_spec::parse(text).spec?;
        let name = spec.name.value;
        Some(Direct {
            any: match spec.channel {
                Some(channel) => format!("{}::{name}", channel.value),
                None => name.clone(),
            },
            name,
            text: text.to_owned(),
            locked: locked.to_owned(),
        })
    }
}

/// The newest version of a name on the most important channel that has it: others do not count beside it.
fn newest_of<'found>(found: &'found Found, platform: &str, name: &str) -> Option<&'found str> {
    let records = found.get(platform)?.iter();
    let mut records = records.filter(|record| record.name == name).peekable();
    let channel = &records.peek()?.channel;
    records
        .take_while(|record| record.channel == *channel)
        .map(|record: &Record| record.version.as_str())
        .max_by(|left, right| compare_versions(left, right))
}

fn show(printer: &Printer, rows: &BTreeMap<Row, Vec<String>>, all_platforms: usize) {
    let title = |text: &str| Cell::styled(text, STRONG);
    let mut cells = vec![["name", "locked", "allowed", "newest"].map(title).to_vec()];
    for (row, platforms) in rows {
        printer.message(&Message::Outdated {
            name: &row.name,
            platforms,
            locked: &row.locked,
            allowed: row.allowed.as_deref(),
            newest: &row.newest,
        });
        let allowed = row.allowed.as_deref().unwrap_or("none");
        let style = |differs: bool, style: Style| if differs { style } else { Style::new() };
        let only = match platforms.len() == all_platforms {
            true => String::new(),
            false => platforms.join(", "),
        };
        cells.push(vec![
            Cell::plain(&row.name),
            Cell::plain(&row.locked),
            Cell::styled(allowed, style(allowed != row.locked, ADDED)),
            Cell::styled(&row.newest, style(allowed != row.newest, CHANGED)),
            Cell::styled(only, FAINT),
        ]);
    }
    if !rows.is_empty() {
        printer.result(&table("", &cells));
    }
}
