//! How a watch stands, and who is told: JSON lines on stdout, and for a detached one the files and the socket by which
//! others see it. docs/reference/json.md describes the line.

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mmdev_core::artifact::{self, FOLDER, STATE_FILE};
use tokio::sync::watch;

use crate::files;
use crate::json::{self, Message};
use crate::printer::Printer;

/// How often the state is written anew though nothing changed. A reader takes one older than a minute for that of a
/// watch that was killed.
pub(super) const BEAT: Duration = Duration::from_secs(15);

/// What a watch is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// The image is as the spec says.
    Ready,
    /// The project has errors: nothing is built.
    Problems,
    /// The image is built, or the container made.
    Building,
    /// That failed.
    Failed,
    /// The container engine is gone.
    Waiting,
    /// The watch has ended.
    Stopped,
}

impl State {
    /// The word for it in JSON.
    fn word(self) -> &'static str {
        match self {
            State::Ready => "ready",
            State::Problems => "problems",
            State::Building => "building",
            State::Failed => "failed",
            State::Waiting => "waiting",
            State::Stopped => "stopped",
        }
    }
}

/// How the project's container stands to its image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// There is none.
    Absent,
    /// It was made from the image.
    Current,
    /// It was made from an older one.
    Behind,
}

impl Standing {
    /// The word for it in JSON.
    fn word(self) -> &'static str {
        match self {
            Standing::Absent => "absent",
            Standing::Current => "current",
            Standing::Behind => "behind",
        }
    }
}

/// All that is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Snapshot {
    /// What the watch is at.
    pub(super) state: State,
    /// How many errors the project has.
    pub(super) errors: usize,
    /// How many warnings it has.
    pub(super) warnings: usize,
    /// How the container stands.
    pub(super) container: Standing,
    /// The image that was built last.
    pub(super) image: Option<String>,
    /// What was last said to a person.
    pub(super) message: String,
}

impl Snapshot {
    fn line(&self) -> String {
        json::line(&self.as_message())
    }

    fn as_message(&self) -> Message<'_> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        Message::WatchState {
            state: self.state.word(),
            errors: self.errors,
            warnings: self.warnings,
            container: self.container.word(),
            image: self.image.as_deref(),
            message: &self.message,
            pid: std::process::id(),
            updated: now.unwrap_or_default().as_secs(),
        }
    }
}

/// Where a watch is seen by other processes.
pub(super) struct Mirrors {
    /// The project's root, if the state stands in its [`FOLDER`] too, for those who are in the container.
    pub(super) root: Option<PathBuf>,
    /// The folder of this watch in the user's state folder.
    pub(super) folder: PathBuf,
    /// The line, for those who ask at the socket.
    pub(super) line: watch::Sender<String>,
}

/// Says what happens, and tells how the watch stands.
pub(super) struct Report<'a> {
    printer: &'a Printer,
    /// How it stands; [`Report::tell`] tells it.
    pub(super) now: Snapshot,
    told: Option<Snapshot>,
    mirrors: Option<Mirrors>,
}

impl<'a> Report<'a> {
    /// Nothing is told yet.
    pub(super) fn new(printer: &'a Printer, mirrors: Option<Mirrors>) -> Self {
        Report {
            printer,
            now: Snapshot {
                state: State::Waiting,
                errors: 0,
                warnings: 0,
                container: Standing::Absent,
                image: None,
                message: String::new(),
            },
            told: None,
            mirrors,
        }
    }

    /// Says something to a person, as Cargo does.
    pub(super) fn say(&mut self, verb: &str, text: &str) {
        self.printer.status(verb, text);
        self.now.message = format!("{verb} {text}");
    }

    /// Tells how the watch stands, where that has changed.
    pub(super) fn tell(&mut self) {
        if self.told.as_ref() == Some(&self.now) {
            return;
        }
        self.printer.message(&self.now.as_message());
        self.told = Some(self.now.clone());
        self.beat();
    }

    /// The next time it is told though nothing has changed: whoever reads along sees the end of what a save asked for.
    pub(super) fn tell_anyway(&mut self) {
        self.told = None;
    }

    /// Writes the state anew, so that its time is of now.
    pub(super) fn beat(&mut self) {
        let Some(mirrors) = &self.mirrors else {
            return;
        };
        let line = self.now.line();
        if let Err(error) = mirrors.write(&line) {
            // Whoever watches the spec goes on doing so where a disk is full.
            self.printer.detail(&error.message());
        }
        mirrors.line.send_replace(line);
    }
}

impl Mirrors {
    fn write(&self, line: &str) -> crate::error::Result<()> {
        files::write(&self.folder.join(STATE_FILE), line)?;
        let Some(root) = &self.root else {
            return Ok(());
        };
        // git must know to ignore it before it is there.
        let ignored = artifact::ignored();
        let path = root.join(&ignored.path);
        if !path.exists() {
            files::write(&path, &ignored.text)?;
        }
        files::write(&root.join(FOLDER).join(STATE_FILE), line)?;
        Ok(())
    }
}
