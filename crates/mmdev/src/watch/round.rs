//! What follows from a save: the project is looked at and judged, its files are written, and what is to be built is
//! known.

use mmdev_core::change::Change;
use tokio::time::Instant;

use super::look::Sound;
use super::once::{Began, nothing_built};
use super::work::Job;
use super::{Kind, Watch};
use crate::commands::generate;
use crate::error::{Error, Result};
use crate::json::Message;
use crate::plan::Writing;
use crate::sync;

impl Watch<'_> {
    /// Looks at the project after a save, or because something is left to do.
    pub(super) fn look(&mut self, saved: Option<Instant>) -> Result<()> {
        let mut changed = Vec::new();
        let seen = loop {
            // What is changed after this is told, so what is read after this is the newest or told.
            self.files.watch(self.paths.clone(), self.printer)?;
            changed.extend(self.files.take());
            if changed.is_empty() && !self.is_forced {
                return Ok(());
            }
            let seen = self.looker.look();
            if seen.paths.is_subset(&self.paths) {
                break seen;
            }
            self.paths.extend(seen.paths);
        };
        self.is_forced = false;
        self.report.now.errors = seen.errors;
        self.report.now.warnings = seen.warnings;
        if matches!(seen.sound, Ok(Some(_))) {
            self.paths = seen.paths;
        }
        changed.sort();
        changed.dedup();
        // A save may be seen before it is told.
        let saved = saved.or_else(|| (!changed.is_empty()).then(Instant::now));
        match seen.sound {
            Ok(Some(sound)) => self.judge(*sound, saved, &changed),
            Ok(None) => self.stand_still(None),
            Err(error) => self.stand_still(Some(error)),
        }
        self.look_soon();
        self.tell();
        Ok(())
    }

    /// The project has errors: what was under way is not wanted any more.
    fn stand_still(&mut self, error: Option<Error>) {
        self.cancel();
        self.wanted = None;
        self.sound = None;
        self.locks = None;
        match error {
            Some(error) => {
                self.printer.error(&error);
                self.report.now.message = error.message();
            }
            None => {
                let text = nothing_built(self.report.now.errors);
                self.report.say("Checked", &text);
            }
        }
    }

    /// Judges what the project means now against what is built or to be built, and does what that asks for.
    fn judge(&mut self, sound: Sound, saved: Option<Instant>, changed: &[String]) {
        if !sound.outdated.is_empty() {
            self.lock_first(sound, saved, changed);
            return;
        }
        let base = match &self.wanted {
            Some((_, meaning)) if !self.is_failed => Some(meaning),
            _ => self.done.as_ref(),
        };
        let change = base.map_or(Change::Rebuild, |base| {
            base.change_to(&sound.meaning, sound.drift)
        });
        if saved.is_some() && !changed.is_empty() {
            self.say_change(change, changed);
        }
        if matches!(&self.step, Some(step) if step.kind == Kind::Lock) {
            // It would be the lock of what the spec says no more.
            self.step = None;
            self.lock = None;
            self.report
                .say("Cancelled", "the lock: a newer save is here");
        }
        if self.locks.take().is_some() || self.sound.is_none() {
            // An image that was removed meanwhile was not missed.
            self.is_stale |= self.done.is_some();
        }
        if change <= Change::Regenerate && self.is_failed {
            // What failed is not wanted any more.
            self.wanted = None;
            self.is_failed = false;
        }
        let job = Job {
            target: sound.target.clone(),
            recreate: self.manner.recreate,
            outdated: self.outdated(&sound.meaning),
            locked: sync::locked_prefixes(&sound.workspace).into(),
        };
        let meaning = sound.meaning.clone();
        self.sound = Some((job.clone(), meaning.clone()));
        if change == Change::Nothing {
            return;
        }
        if change > Change::Regenerate
            && let Some(at) = saved
        {
            self.began = Began { at, with: "save" };
        }
        if self.lock.is_none() && !self.take_lock() {
            // Another mmdev may be writing the very files: the look is taken again.
            self.is_forced = true;
            return;
        }
        if let Err(error) = self.write(sound) {
            self.report.now.errors = 1;
            self.stand_still(Some(error));
            return;
        }
        if change == Change::Regenerate {
            match &mut self.wanted {
                Some((_, wanted)) => *wanted = meaning,
                None => self.done = Some(meaning),
            }
            if !self.is_building() {
                self.lock = None;
            }
            return;
        }
        if self.is_building() {
            self.step = None;
            let text = "the build: a newer save is here";
            self.report.say("Cancelled", text);
        }
        self.wanted = Some((job, meaning));
        self.begin();
    }

    /// Brings the generated files to what they should be, which is no change of a person's.
    fn write(&mut self, sound: Sound) -> Result<()> {
        if !sound.drift {
            return Ok(());
        }
        let writing = Writing::default();
        let written = generate::apply(self.printer, &sound.workspace, sound.plan, &writing)?;
        for change in written {
            self.files.wrote(&change.path, change.after.as_deref());
        }
        Ok(())
    }

    pub(super) fn say_change(&mut self, change: Change, changed: &[String]) {
        let files = changed.join(", ");
        self.report.tell_anyway();
        self.printer.message(&Message::WatchChange {
            files: changed,
            change: word(change),
        });
        match change {
            Change::Nothing => {
                let text = format!("{files} means the same");
                self.report.say("Unchanged", &text);
            }
            _ => self.report.say("Changed", &files),
        }
    }
}

/// The word for a change in JSON.
fn word(change: Change) -> &'static str {
    match change {
        Change::Nothing => "nothing",
        Change::Regenerate => "regenerate",
        Change::Recreate => "recreate",
        Change::Rebuild => "rebuild",
    }
}
