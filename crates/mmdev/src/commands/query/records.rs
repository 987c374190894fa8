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

/// What was found, by platform, what is of the most important channel first. What stands in `noarch` is there for each
/// platform.
pub(super) type Found = BTreeMap<String, Vec<Record>>;

/// Those who ask channels, and keep what they have said.
pub(super) struct Asker<'printer> {
    printer: &'printer Printer,
    solver: Solver,
}

impl<'printer> Asker<'printer> {
    /// One that has asked nobody yet.
    pub(super) fn new(printer: &'printer Printer, offline: bool) -> Result<Self> {
        Ok(Asker {
            printer,
            solver: Solver::new(channels::config(offline)?),
        })
    }

    /// What the channels have.
    pub(super) fn ask(&self, question: &Question) -> Result<Found> {
        let _line = self.line(question);
        look(&self.solver, question)?.map_err(error)
    }

    /// The names of all that the channels have for the first of the platforms.
    pub(super) fn names(&self, question: &Question) -> Result<Vec<String>> {
        let _line = self.line(question);
        let lookups = question.lookups();
        let Some(lookup) = lookups.first() else {
            return Ok(Vec::new());
        };
        let work = async { Ok(self.solver.names(lookup).await) };
        engine::block_on(engine::interruptible(work))?.map_err(error)
    }

    fn line(&self, question: &Question) -> LastLine {
        let shown: Vec<String> = question
            .channels
            .iter()
            .map(|channel| mmdev_conda::shown_channel(channel))
            .collect();
        LastLine::new(self.printer, &format!("asking {}", shown.join(", ")))
    }
}

fn error(error: mmdev_conda::Error) -> Error {
    use mmdev_conda::Error::{NoChannel, NoMatchSpec, NoPlatform};
    let hint = channels::hint(&error);
    match error {
        NoPlatform { .. } | NoChannel { .. } | NoMatchSpec { .. } => {
            Error::problem(error.to_string())
        }
        _ => Error::world(anyhow::Error::new(error)),
    }
    .with_hint(hint)
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
    let found = channels::config(true)
        .and_then(|config| look(&Solver::new(config), &question))
        .ok()
        .and_then(std::result::Result::ok);
    let found = found.unwrap_or_default().into_values().flatten();
    found.map(|record| (record.url.clone(), record)).collect()
}

impl Question {
    /// One for each platform.
    fn lookups(&self) -> Vec<Lookup> {
        let channels = self.channels.iter();
        let variables: BTreeMap<String, String> = channels
            .flat_map(|channel| Channel::of(channel).used_env_vars)
            .filter_map(|name| Some((name.clone(), environment::text(&name)?)))
            .collect();
        let platforms = self.platforms.iter();
        platforms
            .map(|platform| Lookup {
                channels: self.channels.clone(),
                variables: variables.clone(),
                platform: platform.clone(),
                names: self.names.clone(),
            })
            .collect()
    }
}

fn look(
    solver: &Solver,
    question: &Question,
) -> Result<std::result::Result<Found, mmdev_conda::Error>> {
    engine::block_on(engine::interruptible(async {
        let mut found = BTreeMap::new();
        for lookup in question.lookups() {
            match solver.lookup(&lookup, &(Arc::new(|_| {}) as _)).await {
                Ok(records) => found.insert(lookup.platform, records),
                Err(error) => return Ok(Err(error)),
            };
        }
        Ok(Ok(found))
    }))
}
