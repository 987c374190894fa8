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
    /// The wanted names whose files are not known, among them those that the list does not have.
    lacking: BTreeSet<String>,
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
                self.lacking.insert(name.clone());
            }
        }
    }

    /// Whether waiting brings nothing more: all is known, or the channel was asked again in vain.
    pub(crate) fn is_settled(&self, now: Instant, is_offline: bool) -> bool {
        let is_given_up = match &self.problem {
            None => true,
            Some(problem) => is_offline || problem.is_final() || self.failures > 1,
        };
        !self.is_busy && is_given_up && self.next(now, is_offline).is_none()
    }

    /// What to do now, if anything.
    pub(crate) fn next(&self, now: Instant, is_offline: bool) -> Option<Job> {
        let may_be_had = |name: &&String| self.names.is_none() || self.has(name);
        let lacking = self.lacking.iter().filter(may_be_had);
        let can_ask = !is_offline && self.retry_at.is_none_or(|at| at <= now);
        if !self.has_looked || !can_ask {
            // Whoever asks the channel looks on the disk, too.
            let unread = lacking.filter(|name| !self.looked_up.contains(*name));
            let unread: Vec<String> = unread.cloned().collect();
            return (!self.has_looked || !unread.is_empty()).then_some(Job::Cache(unread));
        }
        if self.asked.is_none_or(|asked| asked + FRESH <= now) {
            return Some(Job::Ask {
                names: self.wanted.iter().cloned().collect(),
                is_whole: true,
            });
        }
        let names: Vec<String> = lacking.cloned().collect();
        (!names.is_empty()).then_some(Job::Ask {
            names,
            is_whole: false,
        })
    }

    /// Notes what the disk had on `names`. Says whether anything is different now.
    pub(crate) fn take_cached(
        &mut self,
        names: Vec<String>,
        found: Result<Found, Error>,
        is_offline: bool,
    ) -> bool {
        self.has_looked = true;
        self.looked_up.extend(names);
        match found {
            Ok(found) => self.put(found),
            // Where the channel can be asked, an empty cache is no problem.
            Err(error) => is_offline && self.say(Some(error)),
        }
    }

    /// Notes what the channel said. Says whether anything is different now, and when to try again after a failure.
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
            return (self.say(None) || is_new, None);
        };
        // A channel that is not there may be a name that somebody is typing.
        let is_final = failure.is_final();
        let wait = match is_final {
            true => LONGEST_WAIT,
            false => FIRST_WAIT * 2u32.saturating_pow(self.failures.min(16)),
        };
        let wait = wait.min(LONGEST_WAIT);
        self.failures = self.failures.saturating_add(1);
        self.retry_at = Some(now + wait);
        let is_said = self.say(Some(failure));
        let is_retried = !is_final && self.failures < ATTEMPTS;
        (is_said || is_new, is_retried.then_some(wait))
    }

    fn say(&mut self, problem: Option<Error>) -> bool {
        let is_new = self.problem != problem;
        self.problem = problem;
        is_new
    }

    fn put(&mut self, found: Found) -> bool {
        let mut is_new = false;
        if self.names.as_ref() != Some(&found.names) {
            self.names = Some(found.names);
            is_new = true;
        }
        for (name, files) in found.files {
            self.lacking.remove(&name);
            if self.files.get(&name) != Some(&files) {
                self.files.insert(name, files);
                is_new = true;
            }
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    /// What a folder with these names holds, with one file of each of `read`.
    fn found(all: &[&str], read: &[&str]) -> Found {
        Found {
            names: names(all).into(),
            files: read
                .iter()
                .map(|name| ((*name).to_owned(), Files::default()))
                .collect(),
            failure: None,
        }
    }

    fn error(reason: &str) -> Error {
        Error::Unreadable {
            url: "there".to_owned(),
            reason: reason.to_owned(),
        }
    }

    /// A shelf whose disk has nothing, on which `a` is wanted.
    fn shelf() -> Shelf {
        let mut shelf = Shelf::default();
        shelf.want(&names(&["a"]));
        assert!(!shelf.take_cached(names(&["a"]), Err(error("empty")), false));
        shelf
    }

    fn ask(names: &[&str], is_whole: bool) -> Option<Job> {
        Some(Job::Ask {
            names: self::names(names),
            is_whole,
        })
    }

    #[test]
    fn the_disk_is_read_first_and_the_channel_asked_then() {
        let now = Instant::now();
        let mut shelf = Shelf::default();
        shelf.want(&names(&["a", "typo"]));
        assert_eq!(
            shelf.next(now, false),
            Some(Job::Cache(names(&["a", "typo"])))
        );
        assert!(shelf.take_cached(names(&["a", "typo"]), Ok(found(&["a"], &["a"])), false));
        assert_eq!(shelf.next(now, true), None);
        assert_eq!(shelf.next(now, false), ask(&["a", "typo"], true));
        // The channel says the same.
        let answer = Ok(found(&["a"], &["a"]));
        assert_eq!(shelf.take_answer(now, true, answer), (false, None));
        assert_eq!(shelf.next(now, false), None);
    }

    #[test]
    fn later_names_are_asked_for_alone() {
        let now = Instant::now();
        let mut shelf = shelf();
        shelf.take_answer(now, true, Ok(found(&["a", "b", "c"], &["a"])));
        assert_eq!(shelf.next(now, false), None);
        shelf.want(&names(&["b", "typo"]));
        assert_eq!(shelf.next(now, true), Some(Job::Cache(names(&["b"]))));
        assert_eq!(shelf.next(now, false), ask(&["b"], false));
        shelf.take_answer(now, false, Ok(found(&["a", "b", "c"], &["b"])));
        assert_eq!(shelf.next(now, false), None);
        // After a while everything is asked for anew.
        assert_eq!(
            shelf.next(now + FRESH, false),
            ask(&["a", "b", "typo"], true)
        );
    }

    #[test]
    fn failures_are_retried_ever_more_slowly_and_not_for_ever() {
        let mut now = Instant::now();
        let mut shelf = shelf();
        let mut waits = Vec::new();
        while let (is_new, Some(wait)) = shelf.take_answer(now, true, Err(error("down"))) {
            // The same problem is no news.
            assert_eq!(is_new, waits.is_empty());
            assert_eq!(shelf.next(now, false), None);
            now += wait;
            assert_eq!(shelf.next(now, false), ask(&["a"], true));
            waits.push(wait.as_secs());
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256]);
        assert_eq!(shelf.next(now, false), None);
        assert_eq!(shelf.next(now + LONGEST_WAIT, false), ask(&["a"], true));
        assert!(shelf.problem().is_some());
        let answer = Ok(found(&["a"], &["a"]));
        assert_eq!(shelf.take_answer(now, true, answer), (true, None));
        assert_eq!(shelf.problem(), None);
        let (_, wait) = shelf.take_answer(now, true, Err(error("down")));
        assert_eq!(wait, Some(FIRST_WAIT));
    }

    #[test]
    fn a_failure_is_settled_when_it_happens_again() {
        let mut now = Instant::now();
        let mut shelf = Shelf::default();
        shelf.want(&names(&["a"]));
        assert!(!shelf.is_settled(now, false));
        shelf.take_cached(names(&["a"]), Err(error("empty")), false);
        assert!(!shelf.is_settled(now, false), "the channel is to be asked");
        shelf.take_answer(now, true, Err(error("down")));
        assert!(!shelf.is_settled(now, false), "it is asked again");
        now += FIRST_WAIT;
        shelf.take_answer(now, true, Err(error("down")));
        assert!(shelf.is_settled(now, false));
        now += LONGEST_WAIT;
        shelf.take_answer(now, true, Ok(found(&["a"], &["a"])));
        assert!(shelf.is_settled(now, false));
        shelf.is_busy = true;
        assert!(!shelf.is_settled(now, false));
        let mut offline = Shelf::default();
        offline.take_cached(Vec::new(), Err(error("empty")), true);
        assert!(offline.is_settled(now, true));
    }

    #[test]
    fn a_channel_that_is_not_there_is_not_asked_again_soon() {
        let now = Instant::now();
        let mut shelf = shelf();
        let url = "there".to_owned();
        let answer = Err(Error::NotThere { url });
        assert_eq!(shelf.take_answer(now, true, answer), (true, None));
        assert_eq!(shelf.next(now, false), None);
        assert!(shelf.is_settled(now, false));
        assert_eq!(shelf.next(now + LONGEST_WAIT, false), ask(&["a"], true));
    }

    /// While the channel cannot be asked, the disk may know a new name.
    #[test]
    fn new_names_are_looked_for_on_disk_while_the_channel_is_silent() {
        let now = Instant::now();
        let mut shelf = shelf();
        shelf.take_answer(now, true, Err(error("down")));
        shelf.want(&names(&["b"]));
        assert_eq!(shelf.next(now, false), Some(Job::Cache(names(&["b"]))));
        assert!(shelf.take_cached(names(&["b"]), Ok(found(&["a", "b"], &["b"])), false));
        assert_eq!(shelf.next(now, false), None);
    }

    #[test]
    fn what_was_read_counts_although_the_rest_failed() {
        let now = Instant::now();
        let mut shelf = shelf();
        let half = Found {
            failure: Some(error("one shard")),
            ..found(&["a", "b"], &[])
        };
        assert_eq!(
            shelf.take_answer(now, true, Ok(half)),
            (true, Some(FIRST_WAIT))
        );
        assert!(shelf.has("a") && shelf.files("a").is_none());
        assert_eq!(shelf.next(now, false), None);
        assert_eq!(shelf.next(now + FIRST_WAIT, false), ask(&["a"], true));
    }

    #[test]
    fn an_empty_cache_is_a_problem_offline_alone() {
        let mut shelf = shelf();
        assert_eq!(shelf.problem(), None);
        assert!(shelf.take_cached(Vec::new(), Err(error("empty")), true));
        assert!(shelf.problem().is_some());
    }
}
