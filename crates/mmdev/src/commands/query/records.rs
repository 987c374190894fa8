//! What the channels, or the cache alone, have of some packages.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use mmdev_conda::solve::{Lookup, Record, Solver};
use mmdev_core::lock::{Channel, Lock, Manager, Package};

use crate::channels;
use crate::engine;
use crate::environment;
use crate::error::{Error, Result};
use crate::printer::Printer;
use crate::progress::LastLine;

/// Which packages of which channels.
#[derive(Debug, Clone)]
pub(super) struct Question {
    /// The channels as a spec names them, first the most important.
    pub(super) channels: Vec<String>,
    /// The platforms.
    pub(super) platforms: Vec<String>,
    /// Names, or MatchSpecs.
    pub(super) names: Vec<String>,
}

/// What the channels have, by platform, those of the most important channel first. What stands in `noarch` is there
/// for each platform.
pub(super) fn ask(
    printer: &Printer,
    offline: bool,
    question: &Question,
) -> Result<BTreeMap<String, Vec<Record>>> {
    let shown: Vec<String> = question
        .channels
        .iter()
        .map(|channel| mmdev_conda::shown_channel(channel))
        .collect();
    let _line = LastLine::new(printer, &format!("asking {}", shown.join(", ")));
    look(offline, question)?.map_err(|error| {
        use mmdev_conda::Error::{NoChannel, NoMatchSpec, NoPlatform};
        let hint = channels::hint(&error);
        match error {
            NoPlatform { .. } | NoChannel { .. } | NoMatchSpec { .. } => {
                Error::problem(error.to_string())
            }
            _ => Error::world(anyhow::Error::new(error)),
        }
        .with_hint(hint)
    })
}

/// The records behind the conda packages of a lock that are on the disk, by URL. Nobody is asked.
pub(super) fn known<'lock>(
    lock: &Lock,
    packages: impl IntoIterator<Item = &'lock Package>,
) -> HashMap<String, Record> {
    let mut names = BTreeSet::new();
    let mut platforms = BTreeSet::new();
    for package in packages {
        if package.manager == Manager::Conda {
            names.insert(package.name.clone());
            platforms.insert(package.platform.clone());
        }
    }
    let channels = lock.metadata.channels.iter();
    let question = Question {
        channels: channels.map(|channel| channel.url.clone()).collect(),
        platforms: platforms.into_iter().collect(),
        names: names.into_iter().collect(),
    };
    if question.names.is_empty() {
        return HashMap::new();
    }
    // What the disk does not have is not known, and that is all there is to say.
    let found = look(true, &question).ok().and_then(std::result::Result::ok);
    let found = found.unwrap_or_default().into_values().flatten();
    found.map(|record| (record.url.clone(), record)).collect()
}

type Found = std::result::Result<BTreeMap<String, Vec<Record>>, mmdev_conda::Error>;

fn look(offline: bool, question: &Question) -> Result<Found> {
    let solver = Solver::new(channels::config(offline)?);
    let variables: BTreeMap<String, String> = question
        .channels
        .iter()
        .flat_map(|channel| Channel::of(channel).used_env_vars)
        .filter_map(|name| Some((name.clone(), environment::text(&name)?)))
        .collect();
    engine::block_on(engine::interruptible(async {
        let mut found = BTreeMap::new();
        for platform in &question.platforms {
            let lookup = Lookup {
                channels: question.channels.clone(),
                variables: variables.clone(),
                platform: platform.clone(),
                names: question.names.clone(),
            };
            match solver.lookup(&lookup, &(Arc::new(|_| {}) as _)).await {
                Ok(records) => found.insert(platform.clone(), records),
                Err(error) => return Ok(Err(error)),
            };
        }
        Ok(Ok(found))
    }))
}
