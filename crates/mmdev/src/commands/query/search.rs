//! `mmdev search`: what the channels have of one package.

use std::collections::BTreeSet;

use indicatif::HumanBytes;
use mmdev_conda::solve::Record;
use mmdev_core::lint;
use mmdev_core::lock::compare_versions;
use mmdev_core::match_spec;
use mmdev_core::project::DEFAULT_PLATFORMS;

use super::records::{Asker, Question};
use super::table::{Cell, table};
use crate::error::{Error, Result, Status};
use crate::json::Message;
use crate::load::{Workspace, counted};
use crate::locking::Standing;
use crate::printer::{FAINT, LITERAL, Printer, STRONG, visible};
use crate::settings::Request;

/// The channel that is asked where neither the command line nor a spec names one.
const CHANNEL: &str = "conda-forge";

/// The most versions that are listed unless all are wanted.
const MOST: usize = 15;

/// The most names that are offered instead of one that no channel has.
const MOST_NAMES: usize = 8;

/// What is looked for.
#[derive(Debug, Clone)]
pub(crate) struct Search {
    /// A name, or a MatchSpec.
    pub(crate) text: String,
    /// The channels; those of the spec where there is none.
    pub(crate) channels: Vec<String>,
    /// The platforms; those of the project where there is none.
    pub(crate) platforms: Vec<String>,
    /// Whether every version is listed.
    pub(crate) is_whole: bool,
}

/// Shows the newest record that matches, and which others there are.
pub(crate) fn search(printer: &Printer, request: &Request, search: &Search) -> Result {
    let parsed = match_spec::parse(&search.text).spec;
    let Some(name) = parsed.map(|spec| spec.name.value) else {
        let message = format!("`{}` names no package", search.text);
        return Err(Error::invocation(message)
            .with_hint("give a name, or a MatchSpec such as \"numpy>=2\""));
    };
    let question = question(printer, request, search)?;
    let asker = Asker::new(printer, request.offline)?;
    let mut records: Vec<Record> = asker.ask(&question)?.into_values().flatten().collect();
    let mut seen = BTreeSet::new();
    records.retain(|record| seen.insert(record.url.clone()));
    records.sort_by(|left, right| {
        compare_versions(&right.version, &left.version)
            .then(right.build_number.cmp(&left.build_number))
            .then(left.subdir.cmp(&right.subdir))
            .then(right.build.cmp(&left.build))
    });
    let Some(newest) = records.first() else {
        return Err(nothing(&asker, &question, &search.text, &name)?);
    };
    for record in &records {
        printer.message(&Message::FoundPackage {
            name: &record.name,
            version: &record.version,
            build: &record.build,
            build_number: record.build_number,
            subdir: &record.subdir,
            channel: record.channel.as_deref(),
            url: &record.url,
            size: record.size,
            license: record.license.as_deref(),
            depends: &record.depends,
            constrains: &record.constrains,
            timestamp: record.timestamp,
        });
    }
    let mut text = details(newest);
    text += &list(&records, search);
    printer.result(&text);
    Ok(Status::Done)
}

/// Which channels are asked, for which platforms.
fn question(printer: &Printer, request: &Request, search: &Search) -> Result<Question> {
    // Who searches need not have a project.
    let workspace = Workspace::find(request)?;
    let mut channels = search.channels.clone();
    if let Some(workspace) = workspace.as_ref().filter(|_| channels.is_empty()) {
        let target = Standing::read(workspace)?.target;
        channels.extend(target.channels().map(str::to_owned));
    }
    if channels.is_empty() {
        printer.status(
            "Searching",
            &format!("{CHANNEL}, since no channel is named"),
        );
        channels.push(CHANNEL.to_owned());
    }
    let platforms = match (search.platforms.as_slice(), workspace) {
        ([], Some(workspace)) => workspace.project.platforms,
        ([], None) => DEFAULT_PLATFORMS.map(str::to_owned).to_vec(),
        (given, _) => given.to_vec(),
    };
    Ok(Question {
        channels,
        platforms,
        names: vec![search.text.clone()],
    })
}

/// The error for what no channel has: which versions there are, or which names.
fn nothing(asker: &Asker<'_>, question: &Question, text: &str, name: &str) -> Result<Error> {
    let channels: Vec<String> = question
        .channels
        .iter()
        .map(|channel| mmdev_conda::shown_channel(channel))
        .collect();
    let error = Error::problem(format!(
        "no package `{text}` on {} for {}",
        channels.join(", "),
        question.platforms.join(", ")
    ));
    if text != name {
        let any = Question {
            names: vec![name.to_owned()],
            ..question.clone()
        };
        let found = asker.ask(&any)?.into_values().flatten();
        let mut versions: Vec<String> = found.map(|record| record.version).collect();
        versions.sort_unstable();
        versions.dedup();
        versions.sort_by(|left, right| compare_versions(right, left));
        versions.truncate(MOST_NAMES);
        if !versions.is_empty() {
            let versions = versions.join(", ");
            return Ok(error.with_hint(format!("the newest versions of {name} are {versions}")));
        }
    }
    let name = name.to_lowercase();
    let names = asker.names(question)?;
    let containing = names.iter().filter(|other| other.contains(&name));
    let mut near: Vec<&str> = containing.map(String::as_str).collect();
    near.sort_by_key(|other| other.len());
    // A name within another is meant more often than one that is spelt alike.
    let alike = lint::channels::nearest(&name, &names).into_iter();
    near.extend(alike.filter(|other| !other.contains(&name)));
    near.truncate(MOST_NAMES);
    Ok(match near.as_slice() {
        [] => error,
        [one] => error.with_hint(format!("there is {one}")),
        several => error.with_hint(format!("there are {}", several.join(", "))),
    })
}

/// All that is known of one record.
fn details(record: &Record) -> String {
    let mut text = format!(
        "{STRONG}{} {}{STRONG:#} {}\n",
        record.name,
        visible(&record.version),
        visible(&record.build)
    );
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    let mut row = |title: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            rows.push(vec![Cell::styled(title, FAINT), Cell::plain(value)]);
        }
    };
    row("channel", record.channel.clone());
    row("licence", record.license.clone());
    row("size", record.size.map(|size| HumanBytes(size).to_string()));
    row("built", record.timestamp.and_then(day));
    row("url", Some(record.url.clone()));
    for (title, list) in [("needs", &record.depends), ("limits", &record.constrains)] {
        for (index, entry) in list.iter().enumerate() {
            row(if index == 0 { title } else { "" }, Some(entry.clone()));
        }
    }
    text += &table("  ", &rows);
    text
}

/// The day of a time in milliseconds since 1970.
fn day(timestamp: i64) -> Option<String> {
    let at = time::OffsetDateTime::from_unix_timestamp(timestamp.div_euclid(1000)).ok()?;
    Some(at.date().to_string())
}

/// The versions, or where there is one only its builds.
fn list(records: &[Record], search: &Search) -> String {
    let mut versions: Vec<&str> = records.iter().map(|record| &*record.version).collect();
    // `1.0` and `1.00` are the same, so that builds of both stand among each other.
    let mut seen = BTreeSet::new();
    versions.retain(|version| seen.insert(*version));
    let is_of_builds = versions.len() == 1;
    let channels: BTreeSet<&Option<String>> =
        records.iter().map(|record| &record.channel).collect();
    let has_channels = channels.len() > 1;
    let size = |record: &Record| {
        let size = record.size.map(|size| HumanBytes(size).to_string());
        Cell::plain(size.unwrap_or_default())
    };
    let date = |record: &Record| {
        let day = record.timestamp.and_then(day);
        Cell::styled(day.unwrap_or_default(), FAINT)
    };
    let mut rows: Vec<Vec<Cell>> = if is_of_builds {
        let rows = records.iter();
        rows.map(|record| {
            let build = Cell::styled(&record.build, LITERAL);
            vec![
                build,
                Cell::plain(&record.subdir),
                size(record),
                date(record),
            ]
        })
        .collect()
    } else {
        let rows = versions.iter().filter_map(|version| {
            let of_version = || records.iter().filter(|record| record.version == *version);
            let first = of_version().next()?;
            let subdirs: BTreeSet<&str> = of_version().map(|record| &*record.subdir).collect();
            let subdirs: Vec<&str> = subdirs.into_iter().collect();
            Some(vec![
                Cell::styled(version, LITERAL),
                Cell::plain(counted(of_version().count(), "build")),
                Cell::plain(subdirs.join(", ")),
                size(first),
                date(first),
            ])
        });
        rows.collect()
    };
    if has_channels {
        // Rows stand for records in both lists: that of a version for its first one.
        for (row, key) in rows.iter_mut().zip(0..) {
            let of_row = if is_of_builds {
                records.get(key)
            } else {
                records
                    .iter()
                    .find(|record| record.version == versions[key])
            };
            let channel = of_row.and_then(|record| record.channel.as_deref());
            row.push(Cell::plain(channel.unwrap_or_default()));
        }
    }
    let title = if is_of_builds { "builds" } else { "versions" };
    let all = rows.len();
    if !search.is_whole {
        rows.truncate(MOST);
    }
    let mut text = format!("{STRONG}{title}{STRONG:#}\n{}", table("  ", &rows));
    if rows.len() < all {
        let more = all - rows.len();
        text += &format!("  {FAINT}… and {more} more: --all lists them{FAINT:#}\n");
    }
    text
}
