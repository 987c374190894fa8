//! Locks that are not their specs' any more are brought to them before anything is made of them.

use std::time::Duration;

use mmdev_core::change::{Change, Meaning};
use tokio::time::Instant;

use super::look::Sound;
use super::once::Began;
use super::{Ended, Kind, Step, Watch};
use crate::error::{Result, Status};
use crate::locking::{self, Brought, Wish};

/// How long a channel is left alone that did not answer: at first, and at most.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Locks that are to be brought to their specs.
pub(super) struct Locks {
    /// What tells this from any other such wish: those of [`Sound::outdated`].
    asked: Vec<String>,
    /// What the project meant when it was looked at last, with the locks as they were.
    meaning: Meaning,
    standing: Standing,
    /// How many times in a row the world was in the way.
    failures: u32,
}

/// How it stands with them.
enum Standing {
    /// They are being made.
    UnderWay,
    /// They cannot be made of these specs: that was said, and is tried once.
    Impossible,
    /// The world was in the way; from then on it is tried again.
    Delayed(Option<Instant>),
}

impl Locks {
    /// When it is to be tried again.
    pub(super) fn due(&self) -> Option<Instant> {
        match self.standing {
            Standing::Delayed(due) => due,
            Standing::UnderWay | Standing::Impossible => None,
        }
    }

    /// Whether that time has come, which is said once.
    pub(super) fn take_due(&mut self, now: Instant) -> bool {
        let is_due = self.due().is_some_and(|due| now >= due);
        if is_due {
            self.standing = Standing::Delayed(None);
        }
        is_due
    }

    /// Whether the world was in the way, and it is waited for that.
    pub(super) fn are_delayed(&self) -> bool {
        self.failures > 0 && matches!(self.standing, Standing::Delayed(_))
    }
}

impl Watch<'_> {
    /// Brings locks to their specs. Image and container stay as they are until then.
    pub(super) fn lock_first(&mut self, sound: Sound, saved: Option<Instant>, changed: &[String]) {
        let known = self.locks.take();
        let known = known.filter(|locks| locks.asked == sound.outdated);
        if saved.is_some() && !changed.is_empty() {
            let change = match &known {
                Some(locks) => locks.meaning.change_to(&sound.meaning, false),
                None => Change::Rebuild,
            };
            self.say_change(change, changed);
        }
        let failures = known.as_ref().map_or(0, |locks| locks.failures);
        let locks = self.locks.insert(Locks {
            asked: sound.outdated.clone(),
            meaning: sound.meaning.clone(),
            standing: Standing::Delayed(None),
            failures,
        });
        match known.map(|locks| locks.standing) {
            Some(Standing::UnderWay) => {
                locks.standing = Standing::UnderWay;
                return;
            }
            Some(Standing::Impossible) => {
                locks.standing = Standing::Impossible;
                self.report.now.errors = 1;
                return;
            }
            Some(Standing::Delayed(_)) => {}
            None => {
                if let Some(at) = saved {
                    self.began = Began { at, with: "save" };
                }
            }
        }
        if self.is_building() {
            self.step = None;
            self.report
                .say("Cancelled", "what was under way: a newer save is here");
        }
        // Who goes back to what was being built begins anew.
        self.wanted = None;
        self.is_failed = false;
        if self.lock.is_none() && !self.take_lock() {
            self.is_forced = true;
            return;
        }
        self.begin_to_lock(sound, failures > 0);
    }

    /// `is_again`: whether it was tried before, and what is done was said.
    fn begin_to_lock(&mut self, sound: Sound, is_again: bool) {
        let (printer, request, root) = (self.printer, self.request, self.root);
        let future = async move {
            let (wish, quiet) = (Wish::PRESENT, printer.quiet());
            let said_by = if is_again { &quiet } else { printer };
            let plan = locking::plan_while(said_by, request, &sound.workspace, &wish);
            let written = plan.await.and_then(|planned| {
                for lock in &planned {
                    lock.write(printer, root)?;
                }
                Ok(planned)
            });
            Ended::Locked(written)
        };
        // A look at the engine that this ends is taken later.
        self.is_stale |= self.step.is_some();
        self.step = Some(Step {
            kind: Kind::Lock,
            future: Box::pin(future),
        });
        if let Some(locks) = &mut self.locks {
            locks.standing = Standing::UnderWay;
        }
    }

    /// Goes on with the locks that are their specs' now; where they could not be made, all stays as it was.
    pub(super) fn locked(&mut self, result: Result<Vec<Brought>>) {
        let error = match result {
            Ok(brought) => {
                for lock in brought {
                    if let Some(text) = lock.text() {
                        self.files.wrote(&lock.target.path, Some(&text));
                    }
                }
                self.locks = None;
                self.is_forced = true;
                self.again = Some(Instant::now());
                return;
            }
            Err(error) => error,
        };
        let Some(locks) = &mut self.locks else {
            return;
        };
        if error.status != Status::World {
            locks.standing = Standing::Impossible;
            self.report.now.errors = 1;
            self.report.now.message = error.message();
            self.printer.error(&error);
            return;
        }
        let pause = PAUSE * 2_u32.saturating_pow(locks.failures);
        let due = Instant::now() + pause.min(LONGEST_PAUSE);
        locks.standing = Standing::Delayed(Some(due));
        locks.failures = locks.failures.saturating_add(1);
        // An hour without a network is said once.
        if locks.failures == 1 {
            self.printer.error(&error);
            let text = "to try again, with pauses of up to a minute";
            self.printer.status("Waiting", text);
        }
        self.report.now.message = error.message();
    }
}
