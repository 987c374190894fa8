//! What is known of one folder of one channel, and what is to be asked next: no I/O, and time is a value.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::fetch::{Files, Found};

/// How long an answer of a channel counts as its present state. conda-forge publishes every few minutes, and a
/// question that finds nothing new costs one small request.
const FRESH: Duration = Duration::from_secs(30 * 60);

/// The wait after the first failure; it doubles with each.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(5 * 60);

/// Failures in a row after which only a new question makes a new attempt.
const ATTEMPTS: u32 = 10;

/// The next thing to do for a folder.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Job {
    /// Read what the disk has on these names.
    Cache(Vec<String>),
    /// Ask the channel; for everything anew when `is_whole`.
    Ask { names: Vec<String>, is_whole: bool },
}

/// What is known of one folder.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    names: Option<Arc<[String]>>,
    files: HashMap<String, Files>,
    wanted: BTreeSet<String>,
    /// The wanted names that were looked for on disk.
    looked_up: BTreeSet<String>,
    has_looked: bool,
    asked: Option<Instant>,
    failures: u32,
    retry_at: Option<Instant>,
    problem: Option<Error>,
    /// Whether somebody is at work on it.
    pub(crate) is_busy: bool,
}

impl Shelf {
    pub(crate) fn names(&self) -> Option<&Arc<[String]>> {
        self.names.as_ref()
    }

    pub(crate) fn problem(&self) -> Option<&Error> {
        self.problem.as_ref()
    }

    /// The files of a name that the list has; `None` where they are not known yet.
    pub(crate) fn files(&self, name: &str) -> Option<&Files> {
        self.files.get(name)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.as_ref().is_some_and(|names| {
            names
                .binary_search_by(|other| other.as_str().cmp(name))
                .is_ok()
        })
    }

    pub(crate) fn want(&mut self, names: &[String]) {
        for name in names {
            if !self.wanted.contains(name) {
                self.wanted.insert(name.clone());
            }
        }
    }

    /// What to do now, if anything.
    pub(crate) fn next(&self, now: Instant, is_offline: bool) -> Option<Job> {
        let missing = |name: &&String| {
            !self.files.contains_key(*name) && (self.names.is_none() || self.has(name))
        };
        let unread = |name: &&String| missing(name) && !self.looked_up.contains(*name);
        if !self.has_looked || self.wanted.iter().any(|name| unread(&name)) {
            return Some(Job::Cache(
                self.wanted.iter().filter(unread).cloned().collect(),
            ));
        }
        if is_offline || self.retry_at.is_some_and(|at| now < at) {
            return None;
        }
        let is_fresh = self.asked.is_some_and(|asked| now < asked + FRESH);
        if !is_fresh {
            return Some(Job::Ask {
                names: self.wanted.iter().cloned().collect(),
                is_whole: true,
            });
        }
        let names: Vec<String> = self.wanted.iter().filter(missing).cloned().collect();
        (!names.is_empty()).then_some(Job::Ask {
            names,
            is_whole: false,
        })
    }

    /// Notes what the disk had on `names`. Says whether more is known now.
    pub(crate) fn take_cached(&mut self, names: Vec<String>, found: Result<Found, Error>) -> bool {
        self.has_looked = true;
        self.looked_up.extend(names);
        match found {
            Ok(found) => self.put(found),
            Err(error) => {
                self.problem.get_or_insert(error);
                false
            }
        }
    }

    /// Notes what the channel said. Says whether more is known now, and when to try again after a failure.
    pub(crate) fn take_answer(
        &mut self,
        now: Instant,
        is_whole: bool,
        answer: Result<Found, Error>,
    ) -> (bool, Option<Duration>) {
        let (is_new, failure) = match answer {
            Ok(mut found) => {
                let failure = found.failure.take();
                if is_whole && failure.is_none() {
                    self.asked = Some(now);
                }
                (self.put(found), failure)
            }
            Err(error) => (false, Some(error)),
        };
        let Some(failure) = failure else {
            self.failures = 0;
            self.retry_at = None;
            return (is_new, None);
        };
        let wait = FIRST_WAIT * 2u32.saturating_pow(self.failures.min(16));
        let wait = wait.min(LONGEST_WAIT);
        self.failures = self.failures.saturating_add(1);
        self.retry_at = Some(now + wait);
        self.problem = Some(failure);
        (is_new, (self.failures < ATTEMPTS).then_some(wait))
    }

    fn put(&mut self, found: Found) -> bool {
        self.problem = None;
        let mut is_new = false;
        if self.names.as_ref() != Some(&found.names) {
            self.names = Some(found.names);
            is_new = true;
        }
        for (name, files) in found.files {
            if self.files.get(&name) != Some(&files) {
                self.files.insert(name, files);
                is_new = true;
            }
        }
        is_new
    }
}
