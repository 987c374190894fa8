//! `mmdev outdated`: which dependencies of the spec have newer versions than those that are locked.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use anstyle::Style;
use mmdev_conda::solve::{Priority, Record};
use mmdev_core::lock::{Graph, Manager, compare_versions};
use mmdev_core::match_spec;

use super::open;
use super::records::{Asker, Question};
use super::table::{Cell, table};
use crate::error::{Result, Status};
use crate::json::Message;
use crate::load::counted;
use crate::locking::Standing;
use crate::meaning::Machine;
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
    let (workspace, standing) = open(printer, request)?;
    let target = &standing.target;
    target.check_channels()?;
    let machine = Machine::of(&workspace.project.base_image.reference, &workspace.settings);
    let priority = machine.priority();
    let platforms = &standing.lock.metadata.platforms;
    let asker = Asker::new(printer, request.offline)?;
    let mut rows: BTreeMap<Row, Vec<String>> = BTreeMap::new();
    for platform in platforms {
        let directs = directs(&standing, platform);
        let channels: Vec<String> = target.channels().map(str::to_owned).collect();
        let ask = |texts: fn(&Direct) -> &[String]| {
            let texts = directs
                .iter()
                .map(|(name, direct)| (name.as_str(), texts(direct)));
            matching(&asker, &channels, platform, texts.collect())
        };
        let (any, allowed) = (ask(|direct| &direct.any)?, ask(|direct| &direct.texts)?);
        for (name, direct) in &directs {
            let Some(any) = any.get(name.as_str()).map(Vec::as_slice) else {
                continue;
            };
            let first = any.first();
            let allowed = allowed.get(name.as_str()).map_or(&[][..], Vec::as_slice);
            let allowed = match priority {
                Priority::Strict => best(allowed, first),
                Priority::Flexible => best(allowed, allowed.first()),
                Priority::Disabled => best(allowed, None),
            };
            let newest = match priority {
                Priority::Disabled => best(any, None),
                Priority::Strict | Priority::Flexible => best(any, first),
            };
            // Where the first channel has nothing that is allowed, that of another counts.
            let newest = newest.into_iter().chain(allowed);
            let Some(newest) = newest.max_by(|left, right| compare_versions(left, right)) else {
                continue;
            };
            if compare_versions(newest, &direct.locked) == Ordering::Greater {
                let row = Row {
                    place: direct.place,
                    name: name.clone(),
                    locked: direct.locked.clone(),
                    allowed: allowed.map(str::to_owned),
                    newest: newest.to_owned(),
                };
                rows.entry(row).or_default().push(platform.clone());
            }
        }
    }
    let graphs = platforms
        .iter()
        .map(|platform| Graph::of(&standing.lock, platform));
    let by_pip: BTreeSet<&str> = graphs
        .flat_map(|graph| target.asked(&graph))
        .filter(|asked| asked.package.manager == Manager::Pip)
        .map(|asked| asked.package.name.as_str())
        .collect();
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

/// A dependency of the spec, as it is asked for on one platform.
struct Direct {
    /// The place of its first entry in the spec.
    place: usize,
    /// Its MatchSpecs.
    texts: Vec<String>,
    /// The name with each channel that they name.
    any: Vec<String>,
    locked: String,
}

/// The dependencies for a platform that are locked, by their names.
fn directs(standing: &Standing, platform: &str) -> BTreeMap<String, Direct> {
    let packages = standing.lock.of(platform);
    let locked: BTreeMap<&str, &str> = packages
        .filter(|package| package.manager == Manager::Conda)
        .map(|package| (package.name.as_str(), package.version.as_str()))
        .collect();
    let all = standing.target.spec.dependencies.iter();
    let names: Vec<&str> = all
        .filter_map(|dependency| Some(dependency.match_spec.as_ref()?.name.value.as_str()))
        .collect();
    let mut directs: BTreeMap<String, Direct> = BTreeMap::new();
    for entry in standing.target.entries(platform) {
        let Some(spec) = match_spec::parse(&entry.text).spec else {
            continue;
        };
        let name = spec.name.value;
        let (Some(locked), Some(place)) = (
            locked.get(name.as_str()),
            names.iter().position(|other| *other == name),
        ) else {
            continue;
        };
        let any = match spec.channel {
            Some(channel) => format!("{}::{name}", channel.value),
            None => name.clone(),
        };
        let direct = directs.entry(name).or_insert_with(|| Direct {
            place,
            texts: Vec::new(),
            any: Vec::new(),
            locked: (*locked).to_owned(),
        });
        direct.texts.push(entry.text);
        if !direct.any.contains(&any) {
            direct.any.push(any);
        }
    }
    directs
}

/// By its name, what satisfies all MatchSpecs of each: of the most important channel first.
fn matching<'name>(
    asker: &Asker<'_>,
    channels: &[String],
    platform: &str,
    texts: BTreeMap<&'name str, &[String]>,
) -> Result<BTreeMap<&'name str, Vec<Record>>> {
    let mut found: BTreeMap<&str, Vec<Record>> = BTreeMap::new();
    let rounds = texts.values().map(|texts| texts.len()).max();
    // A question with two MatchSpecs of one name is answered with what satisfies either.
    for round in 0..rounds.unwrap_or_default() {
        let of_round = texts.iter();
        let of_round = of_round.filter_map(|(name, texts)| Some((*name, texts.get(round)?)));
        let of_round: BTreeMap<&str, &String> = of_round.collect();
        let question = Question {
            channels: channels.to_vec(),
            platforms: vec![platform.to_owned()],
            names: of_round.values().map(|text| (*text).clone()).collect(),
        };
        let mut answers: BTreeMap<String, Vec<Record>> = BTreeMap::new();
        for record in asker.ask(&question)?.into_values().flatten() {
            answers.entry(record.name.clone()).or_default().push(record);
        }
        for name in of_round.into_keys() {
            let answer = answers.remove(name).unwrap_or_default();
            match found.get_mut(name) {
                None => drop(found.insert(name, answer)),
                Some(records) => {
                    let urls: HashSet<&str> = answer.iter().map(|record| &*record.url).collect();
                    records.retain(|record| urls.contains(&*record.url));
                }
            }
        }
    }
    Ok(found)
}

/// The newest version on the channel of `first`, or on all.
fn best<'found>(records: &'found [Record], first: Option<&Record>) -> Option<&'found str> {
    records
        .iter()
        .filter(|record| first.is_none_or(|first| first.channel == record.channel))
        .map(|record| record.version.as_str())
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
