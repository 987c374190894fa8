//! One round of a watch, and what both the one and the endless one say.

use std::path::Path;

use tokio::time::Instant;

use super::Manner;
use super::look::{Looker, Sound};
use super::state::{Report, Standing, State};
use super::work::{self, Done, Job};
use crate::commands::generate;
use crate::engine;
use crate::error::{Error, Result, Status};
use crate::files::ProjectLock;
use crate::json::Message;
use crate::load::counted;
use crate::locate;
use crate::locking::{self, Wish};
use crate::plan::Writing;
use crate::printer::Printer;
use crate::settings::Request;
use crate::sync;

/// One round: what is to be done now, and no more.
pub(crate) fn once(printer: &Printer, request: &Request, root: &Path, manner: Manner) -> Result {
    let current = locate::current_folder()?;
    let began = Began::now("start");
    let mut report = Report::new(printer, None);
    let _lock = ProjectLock::acquire(root, printer)?;
    let mut looker = Looker::new(printer, request, root, current);
    let mut seen = looker.look();
    let fail = |report: &mut Report, error: Error| {
        report.now.state = state_after(&error);
        if report.now.state == State::Problems {
            report.now.errors = report.now.errors.max(1);
        }
        report.now.message = error.message();
        report.tell();
        Err(error)
    };
    if let Ok(Some(sound)) = &seen.sound
        && !sound.outdated.is_empty()
    {
        let brought = locking::bring(printer, request, &sound.workspace, &Wish::PRESENT);
        if let Err(error) = brought {
            report.now.warnings = seen.warnings;
            return fail(&mut report, error);
        }
        seen = looker.look();
    }
    report.now.errors = seen.errors;
    report.now.warnings = seen.warnings;
    let sound = match seen.sound {
        Ok(Some(sound)) => sound,
        Ok(None) => {
            report.say("Checked", &nothing_built(seen.errors));
            report.now.state = State::Problems;
            report.tell();
            return Ok(Status::Problems);
        }
        Err(error) => return fail(&mut report, error),
    };
    let locked = sync::locked_prefixes(&sound.workspace);
    let Sound {
        workspace,
        plan,
        target,
        ..
    } = *sound;
    let written = generate::apply(printer, &workspace, plan, &Writing::default());
    if let Err(error) = written {
        return fail(&mut report, error);
    }
    report.now.state = State::Building;
    report.tell();
    let job = Job {
        target: target.clone(),
        recreate: manner.recreate,
        outdated: None,
        locked: locked.into(),
    };
    let work = engine::interruptible(work::work(printer, request, job));
    match engine::block_on(work) {
        Ok(done) => {
            report.now.image = Some(target.image.clone());
            report.now.container = match (&done.container.id, done.container.is_behind) {
                (None, _) => Standing::Absent,
                (Some(_), true) => Standing::Behind,
                (Some(_), false) => Standing::Current,
            };
            say_done(printer, &mut report, &done, began);
            report.now.state = State::Ready;
            report.tell();
            Ok(Status::Done)
        }
        Err(error) => fail(&mut report, error),
    }
}

/// How a round stands that has ended with an error.
fn state_after(error: &Error) -> State {
    match error.status {
        Status::Problems => State::Problems,
        Status::Interrupted => State::Stopped,
        _ if is_absence(error) => State::Waiting,
        _ => State::Failed,
    }
}

/// From when on the time of a build counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Began {
    /// That moment.
    pub(super) at: Instant,
    /// What was then: the `save`, the `start` of the watch, or the `removal` of the image.
    pub(super) with: &'static str,
}

impl Began {
    /// This moment.
    pub(super) fn now(with: &'static str) -> Began {
        let at = Instant::now();
        Began { at, with }
    }
}

/// What is said of a project with errors.
pub(super) fn nothing_built(errors: usize) -> String {
    format!(
        "{}: nothing is built until that is mended",
        counted(errors, "error")
    )
}

/// Whether the engine is gone, and not what was asked of it wrong.
pub(super) fn is_absence(error: &Error) -> bool {
    let cause = error.cause.downcast_ref::<mmdev_docker::Error>();
    cause.is_some_and(mmdev_docker::Error::is_absence)
}

/// One line: what is there now, how long that took from the save, and what is behind.
pub(super) fn say_done(printer: &Printer, report: &mut Report, done: &Done, began: Began) {
    let image = report.now.image.clone().unwrap_or_default();
    let seconds = began.at.elapsed().as_secs_f64();
    let mut text = image.clone();
    if done.built || done.recreated {
        text.push_str(&format!(" {seconds:.1} s after the {}", began.with));
    } else {
        text.push_str(" is as the spec says");
    }
    if let Some(features) = done.features {
        let features = features.as_secs_f64();
        text.push_str(&format!(", {features:.1} s of them for Features"));
    }
    match report.now.container {
        _ if done.recreated => text.push_str("; the container is a new one"),
        Standing::Behind => text.push_str("; the container is behind: mmdev up --recreate"),
        Standing::Absent | Standing::Current => {}
    }
    printer.message(&Message::WatchBuilt {
        image: &image,
        built: done.built,
        seconds,
        recreated: done.recreated,
        features_seconds: done.features.map(|time| time.as_secs_f64()),
    });
    let verb = if done.built { "Rebuilt" } else { "Fresh" };
    report.say(verb, &text);
}
