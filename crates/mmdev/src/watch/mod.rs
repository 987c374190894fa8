//! The watch: one loop over one closed [`Event`]. A change is judged by what the project means; what takes time is one
//! future, which is dropped when a newer save has overtaken it.

mod debounce;
pub(crate) mod detach;
mod files;
mod follow;
mod handed_over;
mod locks;
mod look;
mod monitor;
mod once;
mod round;
mod signals;
mod state;
mod work;

pub(crate) use self::follow::follow;
pub(crate) use self::once::once;

use std::collections::BTreeSet;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::Duration;

use mmdev_core::artifact::devcontainer::DEFAULT_PATH;
use mmdev_core::change::{Change, Meaning};
use tokio::sync::mpsc;
use tokio::time::Instant;

use self::debounce::Debouncer;
use self::files::Files;
use self::locks::Locks;
use self::look::Looker;
use self::monitor::Notice;
use self::once::{Began, is_absence, say_done};
use self::signals::{Signal, Signals};
use self::state::{BEAT, Report, Standing, State};
use self::work::{Done, Found, Job};
use crate::devcontainer::Devcontainer;
use crate::engine::{self, OwnEnd};
use crate::error::{Result, Status};
use crate::files::ProjectLock;
use crate::locate;
use crate::locking::Brought;
use crate::printer::Printer;
use crate::settings::Request;
use crate::target;

/// In which way is watched.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    /// The container is replaced when it is behind.
    pub(crate) recreate: bool,
    /// This process is in the background.
    pub(crate) detached: bool,
}

/// Everything that can happen.
enum Event {
    /// A file has changed, perhaps.
    Changed,
    /// A time has come that was waited for.
    Timer,
    /// The step under way has ended.
    Finished(Ended),
    /// Something was heard of the container engine.
    Engine(Notice),
    /// Somebody wants the watch to end.
    Signal(Signal),
}

/// How a step has ended.
enum Ended {
    /// The image was built, and all that comes with it.
    Worked(Result<Done>),
    /// The engine was looked at: the container, and whether the image is there.
    Looked(Result<(Found, bool)>),
    /// Locks were brought to their specs.
    Locked(Result<Vec<Brought>>),
}

/// A step under way. Dropping it cancels it, in the engine as well.
struct Step<'a> {
    kind: Kind,
    future: Pin<Box<dyn Future<Output = Ended> + 'a>>,
}

/// What a step is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Locks are brought to their specs, which needs no engine.
    Lock,
    /// The image is built.
    Work,
    /// It is only looked.
    Look,
}

/// How long what happens in the engine is given to come to its end.
const SETTLED: Duration = Duration::from_millis(100);
/// How long the project's lock is waited for before another look, and the engine after it failed.
const RETRY: Duration = Duration::from_millis(200);
/// The longest pause before a failed step is tried again.
const LONGEST_RETRY: Duration = Duration::from_secs(10);

/// Follows the project at `root` until somebody ends it.
pub(crate) fn watch(printer: &Printer, request: &Request, root: &Path, manner: Manner) -> Result {
    #[cfg(unix)]
    if manner.detached {
        // The session of the terminal ends without us.
        let _ = rustix::process::setsid();
    }
    let current = locate::current_folder()?;
    engine::block_on(async {
        let (stop, stops) = mpsc::channel(1);
        let signals = Signals::new(stops)?;
        let place = detach::Place::of(root)?;
        #[cfg(unix)]
        let mut hold = detach::Hold::take(place.clone(), root)?;
        let (line, lines) = tokio::sync::watch::channel(String::new());
        #[cfg(unix)]
        if let Some(listener) = hold.listener() {
            tokio::spawn(detach::serve(listener, lines, stop));
        }
        #[cfg(not(unix))]
        let _ = (lines, stop);
        let mirrors = state::Mirrors {
            root: manner.detached.then(|| root.to_owned()),
            folder: place.folder().to_owned(),
            line,
        };
        let (sender, notices) = mpsc::channel(8);
        let devcontainer = Devcontainer::find(root, false).map(|found| found.path);
        let path = devcontainer.unwrap_or_else(|_| DEFAULT_PATH.to_owned());
        tokio::spawn(monitor::listen(target::identity(root, &path)?, sender));
        let mut watch = Watch {
            printer,
            request,
            root,
            manner,
            looker: Looker::new(printer, request, root, current),
            report: Report::new(printer, Some(mirrors)),
            files: Files::new(root, printer),
            signals,
            notices,
            start: Instant::now(),
            debouncer: Debouncer::default(),
            again: Some(Instant::now()),
            is_forced: true,
            next_beat: Instant::now() + BEAT,
            began: Began::now("start"),
            engine: None,
            lock: None,
            step: None,
            sound: None,
            done: None,
            wanted: None,
            failures: 0,
            waits_for_lock: false,
            is_failed: false,
            is_stale: false,
            locks: None,
            made: None,
            paths: BTreeSet::new(),
        };
        watch.paths = watch.looker.usual_paths();
        let result = watch.run().await;
        watch.end();
        result
    })
}

/// A watch at work.
struct Watch<'a> {
    printer: &'a Printer,
    request: &'a Request,
    root: &'a Path,
    manner: Manner,
    looker: Looker<'a>,
    report: Report<'a>,
    files: Files,
    signals: Signals,
    notices: mpsc::Receiver<Notice>,
    /// What the debouncer counts from.
    start: Instant,
    debouncer: Debouncer,
    /// When to go on with what could not be done at once.
    again: Option<Instant>,
    /// Whether the project is looked at though no file has changed.
    is_forced: bool,
    next_beat: Instant,
    /// When the save was made that is worked at, or what else began the work.
    began: Began,
    /// Whether the engine is there; `None` until something was heard of it.
    engine: Option<bool>,
    /// The project's lock, held while something is written or made.
    lock: Option<ProjectLock>,
    /// Whether another process holds it, which was said.
    waits_for_lock: bool,
    step: Option<Step<'a>>,
    /// Whether the project has no errors, and the dev container and meaning of when it had none last.
    sound: Option<(Job, Meaning)>,
    /// What the image that is there means.
    done: Option<Meaning>,
    /// What is to be built, or is being built while there is a step.
    wanted: Option<(Job, Meaning)>,
    /// How many times in a row the engine has failed.
    failures: u32,
    /// Whether the last step failed for a reason of its own.
    is_failed: bool,
    /// Whether something happened in the engine since it was looked at.
    is_stale: bool,
    /// The locks that are not their specs' yet.
    locks: Option<Locks>,
    /// The container, and what the project meant when it was first seen: its labels do not say all that it was made of.
    made: Option<(String, Meaning)>,
    /// The files that are watched.
    paths: BTreeSet<PathBuf>,
}

impl Watch<'_> {
    async fn run(&mut self) -> Result {
        let name = self.root.display().to_string();
        self.report.say("Watching", &name);
        loop {
            match self.next().await {
                Event::Changed => self.debouncer.change(self.start.elapsed()),
                Event::Timer => self.timer()?,
                Event::Finished(ended) => self.finished(ended),
                Event::Engine(notice) => self.heard(notice),
                Event::Signal(Signal::Interrupt) => {
                    self.undo().await;
                    return Ok(Status::Interrupted);
                }
                Event::Signal(Signal::Stop) => return Ok(Status::Done),
            }
        }
    }

    async fn next(&mut self) -> Event {
        let burst = self.debouncer.deadline().map(|time| self.start + time);
        let locks = self.locks.as_ref().and_then(Locks::due);
        let times = [burst, self.again, locks, Some(self.next_beat)];
        let next = times.into_iter().flatten().min().unwrap_or(self.next_beat);
        let step = async {
            match &mut self.step {
                Some(step) => step.future.as_mut().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            signal = self.signals.next() => Event::Signal(signal),
            () = self.files.changed() => Event::Changed,
            () = tokio::time::sleep_until(next) => Event::Timer,
            ended = step => Event::Finished(ended),
            Some(notice) = self.notices.recv() => Event::Engine(notice),
        }
    }

    /// Lets a step that has something to undo in a container, and hears Ctrl-C itself, come to its end.
    async fn undo(&mut self) {
        if let Some(step) = &mut self.step
            && OwnEnd::is_taken()
        {
            // Another signal, or a container that does not answer, ends it as it is.
            tokio::select! {
                _ = step.future.as_mut() => {}
                _ = self.signals.next() => {}
            }
        }
    }

    fn end(&mut self) {
        self.cancel();
        let text = format!("watching {}", self.root.display());
        self.report.say("Stopped", &text);
        self.report.now.state = State::Stopped;
        self.report.tell();
    }

    fn timer(&mut self) -> Result<()> {
        let now = Instant::now();
        if now >= self.next_beat {
            self.next_beat = now + BEAT;
            self.report.beat();
        }
        let burst = self.burst();
        let is_again = self.again.is_some_and(|again| now >= again);
        if is_again {
            self.again = None;
        }
        let goes_on = is_again && !self.is_forced;
        let locks = self.locks.as_mut();
        self.is_forced |= locks.is_some_and(|locks| locks.take_due(now));
        if let Some(began) = burst {
            self.look(Some(self.start + began))?;
        } else if self.is_forced && self.debouncer.deadline().is_none() {
            // What is being saved now is looked at when that is over.
            self.look(None)?;
        }
        if goes_on {
            self.go_on();
        }
        Ok(())
    }

    /// Takes the project's lock; where another process holds it, it is tried again soon.
    fn take_lock(&mut self) -> bool {
        match ProjectLock::try_acquire(self.root, self.printer) {
            Ok(Some(lock)) => {
                self.lock = Some(lock);
                self.waits_for_lock = false;
                return true;
            }
            _ if self.waits_for_lock => {}
            Ok(None) => {
                let text = format!("for another mmdev that works on {}", self.root.display());
                self.report.say("Waiting", &text);
            }
            Err(error) => self.printer.error(&error),
        }
        self.waits_for_lock = true;
        self.again = Some(Instant::now() + RETRY);
        false
    }

    fn is_building(&self) -> bool {
        self.step
            .as_ref()
            .is_some_and(|step| step.kind != Kind::Look)
    }

    /// Begins with what is wanted, if there is something and the engine is there.
    fn begin(&mut self) {
        let Some((job, _)) = &self.wanted else {
            return;
        };
        if self.is_building() {
            return;
        }
        if self.engine != Some(true) {
            self.lock = None;
            return;
        }
        let job = job.clone();
        if self.lock.is_none() && !self.take_lock() {
            return;
        }
        self.is_failed = false;
        let work = work::work(self.printer, self.request, job);
        self.step = Some(Step {
            kind: Kind::Work,
            future: Box::pin(async { Ended::Worked(work.await) }),
        });
        self.tell();
    }

    fn cancel(&mut self) {
        self.step = None;
        self.lock = None;
        self.again = None;
    }

    fn finished(&mut self, ended: Ended) {
        self.step = None;
        self.lock = None;
        match ended {
            Ended::Worked(Ok(done)) => self.worked(&done),
            Ended::Worked(Err(error)) | Ended::Looked(Err(error)) if is_absence(&error) => {
                self.failures += 1;
                let pause = RETRY * 2_u32.saturating_pow(self.failures);
                self.again = Some(Instant::now() + pause.min(LONGEST_RETRY));
                if self.failures == 1 {
                    self.report.say(
                        "Waiting",
                        &format!("for the container engine: {}", error.message()),
                    );
                }
            }
            Ended::Worked(Err(error)) => {
                self.is_failed = true;
                self.printer.error(&error);
                self.report.now.message = error.message();
            }
            Ended::Looked(Err(error)) => self.printer.error(&error),
            Ended::Looked(Ok((container, is_there))) => self.looked(&container, is_there),
            Ended::Locked(result) => self.locked(result),
        }
        self.look_soon();
        self.tell();
    }

    fn worked(&mut self, done: &Done) {
        self.failures = 0;
        let Some((job, meaning)) = self.wanted.take() else {
            return;
        };
        self.report.now.image = Some(job.target.image.clone());
        self.report.now.container = self.standing(&done.container, &meaning);
        self.done = Some(meaning);
        say_done(self.printer, &mut self.report, done, self.began);
    }

    fn looked(&mut self, container: &Found, is_there: bool) {
        self.failures = 0;
        let Some((job, meaning)) = self.sound.clone() else {
            return;
        };
        let standing = self.standing(container, &meaning);
        let before = std::mem::replace(&mut self.report.now.container, standing);
        if standing == Standing::Absent && before != Standing::Absent {
            self.report.say(
                "Gone",
                "the container was removed: mmdev up makes a new one",
            );
        }
        // What is wanted was never there, and nothing is while a newer lock is.
        if !is_there && self.wanted.is_none() && self.locks.is_none() {
            self.report.say("Gone", "the image was removed");
            self.began = Began::now("removal");
            self.wanted = Some((job, meaning));
            self.begin();
        }
    }

    /// How a container stands to what the project means now.
    fn standing(&mut self, found: &Found, now: &Meaning) -> Standing {
        let Some(id) = &found.id else {
            self.made = None;
            return Standing::Absent;
        };
        match &self.made {
            Some((made, _)) if made == id => {}
            _ => self.made = Some((id.clone(), now.clone())),
        }
        if found.is_behind || self.outdated(now).is_some() {
            Standing::Behind
        } else {
            Standing::Current
        }
    }

    /// The container that was made when the project meant another one.
    fn outdated(&self, now: &Meaning) -> Option<String> {
        let (id, meaning) = self.made.as_ref()?;
        (meaning.change_to(now, false) >= Change::Recreate).then(|| id.clone())
    }

    fn heard(&mut self, notice: Notice) {
        match notice {
            Notice::Here => {
                if self.engine == Some(false) {
                    // What failed may have failed because of that.
                    self.is_failed = false;
                    self.report
                        .say("Connected", "to the container engine again");
                }
                self.engine = Some(true);
                self.failures = 0;
                self.go_on();
            }
            Notice::Something => {
                self.is_stale = true;
                self.look_soon();
            }
            Notice::Absent(error) => {
                // The step that failed for that has said so.
                if self.engine != Some(false) && self.failures == 0 {
                    self.report.say(
                        "Waiting",
                        &format!("for the container engine: {}", error.message()),
                    );
                    for hint in &error.hints {
                        self.printer.hint(hint);
                    }
                }
                self.engine = Some(false);
                if self
                    .step
                    .as_ref()
                    .is_some_and(|step| step.kind != Kind::Lock)
                {
                    self.step = None;
                    self.lock = None;
                }
            }
        }
        self.tell();
    }

    /// Where a burst of changes is over: when it began.
    fn burst(&mut self) -> Option<Duration> {
        let now = self.start.elapsed();
        let is_over = self.debouncer.deadline().is_some_and(|time| now >= time);
        if is_over && self.files.is_half_written() && self.debouncer.wait_on(now) {
            return None;
        }
        self.debouncer.take(now)
    }

    /// Looks at the engine soon, if something happened there that was not seen yet and nothing is under way.
    fn look_soon(&mut self) {
        if self.is_stale && self.step.is_none() {
            self.again.get_or_insert(Instant::now() + SETTLED);
        }
    }

    /// Begins with what is wanted, or looks what there is.
    fn go_on(&mut self) {
        if self.step.is_some() || self.engine != Some(true) {
            return;
        }
        if self.wanted.is_some() && !self.is_failed {
            self.begin();
        } else if let Some((job, _)) = &self.sound {
            self.is_stale = false;
            let look = work::look(job.target.clone());
            self.step = Some(Step {
                kind: Kind::Look,
                future: Box::pin(async { Ended::Looked(look.await) }),
            });
        }
    }

    /// Tells how the watch stands, which follows from what it has and what it wants.
    fn tell(&mut self) {
        let is_waiting = self.engine == Some(false) || self.failures > 0;
        self.report.now.state = if self.report.now.errors > 0 {
            State::Problems
        } else if self.locks.as_ref().is_some_and(Locks::are_delayed) {
            State::Failed
        } else if is_waiting {
            State::Waiting
        } else if self.is_failed {
            State::Failed
        } else if self.wanted.is_some() || self.is_building() {
            State::Building
        } else {
            State::Ready
        };
        // Before the engine was heard of and the project looked at, there is nothing to tell.
        if self.engine.is_some() && self.is_looked_at() {
            self.report.tell();
        }
    }

    fn is_looked_at(&self) -> bool {
        self.sound.is_some() || self.locks.is_some() || self.report.now.errors > 0
    }
}
