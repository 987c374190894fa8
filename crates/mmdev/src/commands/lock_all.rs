//! `mmdev lock --all`: the locks of many specs, each for itself.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use ignore::overrides::OverrideBuilder;
use mmdev_core::spec::{self, SpecKind};

use super::check::discover::{Origin, Scope, Target};
use super::lock::Mode;
use crate::error::{Error, Result, Status};
use crate::files::{self, ProjectLock};
use crate::json::Message;
use crate::load::{self, Workspace, counted};
use crate::locate;
use crate::locking::{self, Many, Outcome, Wish};
use crate::printer::Printer;
use crate::progress::Count;
use crate::render::Stream;
use crate::settings::{Request, normalised};

/// Locks every spec that the patterns mean, all below the current folder where there is none. One that cannot be locked
/// keeps no other from it.
pub(crate) fn lock_all(
    printer: &Printer,
    request: &Request,
    mode: Mode,
    wish: &Wish,
    patterns: &[String],
) -> Result {
    if !request.files.is_empty() || !request.environments.is_empty() {
        return Err(Error::invocation("--all finds the specs itself")
            .with_hint("name them behind it, without -f and --env"));
    }
    let current = locate::current_folder()?;
    let root = locate::root(&current);
    let writes = mode == Mode::Write && !request.locked;
    let _guard = match writes {
        true => Some(ProjectLock::acquire(&root, printer)?),
        false => None,
    };
    let found = find(request, patterns)?;
    if found.is_empty() {
        return Err(Error::invocation(match patterns {
            [] => format!("there is no spec in {}", current.display()),
            _ => format!("no spec is meant by {}", patterns.join(" ")),
        }));
    }
    let mut summary = Summary::default();
    let mut specs: Vec<(String, Many)> = Vec::new();
    for target in found {
        let spec = read(printer, request, &root, &current, &target, wish);
        let spec = spec.and_then(|spec| is_alone(spec, &specs));
        match spec {
            Ok(spec) => specs.push((target.file, spec)),
            Err(error) => summary.failed(printer, &target.file, None, &error),
        }
    }
    if !writes {
        for (file, spec) in &specs {
            match spec.is_fresh() {
                true => summary.told(printer, file, spec.lock_path(), Outcome::Fresh),
                false => {
                    let message = format!("{} is not its lock", spec.lock_path());
                    let error = Error::problem(message);
                    summary.failed(printer, file, Some(spec.lock_path()), &error);
                }
            }
        }
        return summary.end(
            printer,
            "are without their lock",
            "mmdev lock --all makes it",
        );
    }
    let count = Count::new(printer, specs.len());
    let names: Vec<(String, String)> = specs
        .iter()
        .map(|(file, spec)| (file.clone(), spec.lock_path().to_owned()))
        .collect();
    let specs = specs.into_iter().map(|(_, spec)| spec).collect();
    locking::bring_many(printer, request, &root, specs, wish, |place, outcome| {
        let (file, lock) = &names[place];
        match outcome {
            Ok(outcome) => summary.told(printer, file, lock, outcome),
            Err(error) => summary.failed(printer, file, Some(lock), error),
        }
        count.done(file);
    })?;
    drop(count);
    let hint = "mmdev lock --all goes on with these once they are mended";
    summary.end(printer, "could not be locked", hint)
}

/// The files that are meant, those that may be specs among what was not named.
fn find(request: &Request, patterns: &[String]) -> Result<Vec<Target>> {
    let current = locate::current_folder()?;
    let (named, patterns): (Vec<&String>, Vec<&String>) = patterns
        .iter()
        .partition(|pattern| current.join(pattern).exists());
    let mut paths: Vec<PathBuf> = named.iter().map(PathBuf::from).collect();
    if named.is_empty() && patterns.is_empty() {
        paths.push(PathBuf::from("."));
    }
    let mut found = match paths.is_empty() {
        true => Vec::new(),
        false => Scope::new(request, &paths, None)?.targets,
    };
    if !patterns.is_empty() {
        let mut globs = OverrideBuilder::new(&current);
        for pattern in patterns {
            globs.add(pattern).map_err(|error| {
                Error::invocation(format!("`{pattern}` is no pattern: {error}"))
            })?;
        }
        let globs = globs
            .build()
            .map_err(|error| Error::invocation(error.to_string()))?;
        let all = Scope::new(request, &[PathBuf::from(".")], None)?.targets;
        let is_meant = |target: &Target| globs.matched(&target.file, false).is_whitelist();
        found.extend(all.into_iter().filter(is_meant));
    }
    let mut seen = HashSet::new();
    let mut specs = Vec::new();
    for target in found {
        if !seen.insert(normalised(&target.path)) {
            continue;
        }
        // What nobody named, and is no spec, is not meant.
        let is_spec = || -> Result<bool> {
            let bytes = files::read_bytes(&target.path)?.unwrap_or_default();
            Ok(spec::read_bytes(&target.file, bytes).1.kind == SpecKind::Spec)
        };
        if target.origin == Origin::Named || is_spec()? {
            specs.push(target);
        }
    }
    Ok(specs)
}

/// Reads one spec as a project of its own, with the settings that are there.
fn read(
    printer: &Printer,
    request: &Request,
    root: &Path,
    current: &Path,
    target: &Target,
    wish: &Wish,
) -> Result<Many> {
    let request = Request {
        files: vec![target.path.clone()],
        active_environment: None,
        ..request.clone()
    };
    let workspace = Workspace::read_at(root, current, &request)?.for_locks();
    if workspace.has_error() {
        let errors = load::report(printer, &workspace, Stream::Stderr);
        return Err(
            Error::problem(format!("it has {}", counted(errors, "error")))
                .with_hint("mmdev explain CODE says more of what is said above"),
        );
    }
    Many::new(workspace, wish)
}

/// Two specs cannot have one lock.
fn is_alone(spec: Many, others: &[(String, Many)]) -> Result<Many> {
    let twin = others
        .iter()
        .find(|(_, other)| other.lock_path() == spec.lock_path());
    match twin {
        Some((file, _)) => Err(Error::problem(format!(
            "its lock would be {}, which is that of {file}",
            spec.lock_path()
        ))
        .with_hint("rename one of them, or put it into a folder of its own")),
        None => Ok(spec),
    }
}

/// What became of all.
#[derive(Default)]
struct Summary {
    fresh: usize,
    solved: usize,
    alike: usize,
    /// The specs that could not be locked, each with the reason.
    failed: Vec<String>,
}

impl Summary {
    fn told(&mut self, printer: &Printer, spec: &str, lock: &str, outcome: Outcome) {
        let (count, state, verb) = match outcome {
            Outcome::Fresh => (&mut self.fresh, "fresh", "Fresh"),
            Outcome::Solved => (&mut self.solved, "solved", "Locked"),
            Outcome::Alike => (&mut self.alike, "alike", "Locked"),
        };
        *count += 1;
        printer.message(&Message::SpecLocked {
            spec,
            lock: Some(lock),
            state,
            message: None,
            hints: &[],
        });
        printer.status(verb, lock);
    }

    fn failed(&mut self, printer: &Printer, spec: &str, lock: Option<&str>, error: &Error) {
        let message = error.message();
        printer.message(&Message::SpecLocked {
            spec,
            lock,
            state: "failed",
            message: Some(&message),
            hints: &error.hints,
        });
        printer.explain(&format!("{spec}: "), error);
        self.failed.push(format!("{spec}: {message}"));
    }

    fn end(self, printer: &Printer, what: &str, hint: &str) -> Result {
        let specs = self.fresh + self.solved + self.alike + self.failed.len();
        printer.message(&Message::AllLocked {
            specs,
            fresh: self.fresh,
            solved: self.solved,
            alike: self.alike,
            failed: self.failed.len(),
        });
        let counts: Vec<String> = [
            (self.solved, "solved"),
            (self.alike, "that ask for the same"),
            (self.fresh, "fresh"),
            (self.failed.len(), "failed"),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, state)| format!("{count} {state}"))
        .collect();
        let text = format!("{}: {}", counted(specs, "spec"), counts.join(", "));
        printer.status("Finished", &text);
        if self.failed.is_empty() {
            return Ok(Status::Done);
        }
        let mut error = Error::problem(format!(
            "{} of {} {what}",
            self.failed.len(),
            counted(specs, "spec")
        ));
        error.log = self.failed;
        Err(error.with_hint(hint))
    }
}
