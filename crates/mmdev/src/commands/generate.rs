//! `mmdev generate`: the dev container's files, written, compared or shown.

use std::path::Path;

use mmdev_core::artifact;
use mmdev_core::lock::Decision;

use crate::changes::{Change, ChangeKind};
use crate::error::{Error, Result, Status};
use crate::files::{self, ProjectLock};
use crate::json::Message;
use crate::load::{Workspace, counted};
use crate::locate;
use crate::locking::{self, Target};
use crate::plan::{self, Plan, Writing};
use crate::printer::Printer;
use crate::settings::Request;

/// What to do with the files that should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Write them.
    Write,
    /// Fail where they differ.
    Check,
    /// Show how they differ.
    Diff,
    /// Name those that differ.
    DryRun,
}

/// Generates the files of the project that the request means.
pub(crate) fn generate(
    printer: &Printer,
    request: &Request,
    mode: Mode,
    writing: &Writing,
) -> Result {
    let current = locate::current_folder()?;
    let root = locate::root(&current);
    match mode {
        Mode::Write => write(printer, request, &root, writing, 0),
        Mode::Check | Mode::Diff | Mode::DryRun => {
            let workspace = Workspace::read_at(&root, &current, request)?.sound(printer)?;
            let plan = plan::plan(&workspace, writing)?;
            let locks = Locks {
                missing: locking::missing(&workspace)?,
                outdated: locking::outdated(&workspace)?,
            };
            compare(printer, mode, &plan, &locks)
        }
    }
}

/// Writes the files of the project at `root`, and says what comes next. `created` files were made already.
pub(crate) fn write(
    printer: &Printer,
    request: &Request,
    root: &Path,
    writing: &Writing,
    created: usize,
) -> Result {
    let _lock = ProjectLock::acquire(root, printer)?;
    let current = locate::current_folder()?;
    let workspace = Workspace::read_at(root, &current, request)?;
    let unlocked = unlocked(&workspace);
    let workspace = locking::made(printer, request, workspace)?.sound(printer)?;
    let plan = plan::plan(&workspace, writing)?;
    let written = apply(printer, &workspace, plan, writing)?;
    let locks = unlocked.saturating_sub(self::unlocked(&workspace));
    say_next(printer, &written, created + locks);
    Ok(Status::Done)
}

/// How many environments are solved when the image is built.
fn unlocked(workspace: &Workspace) -> usize {
    let environments = workspace.project.environments.iter();
    environments
        .filter(|environment| environment.locked.is_none())
        .count()
}

/// Brings the files to what they should be, and returns what was changed. The caller holds the project's lock.
pub(crate) fn apply(
    printer: &Printer,
    workspace: &Workspace,
    plan: Plan,
    writing: &Writing,
) -> Result<Vec<Change>> {
    plan.say(printer);
    plan.refuse_conflicts(printer)?;
    plan.ask(printer, writing)?;
    let mut written = Vec::new();
    for change in plan.changes {
        if change.kind() == ChangeKind::Unchanged {
            continue;
        }
        let path = workspace.root.join(&change.path);
        match &change.after {
            Some(text) => {
                files::write(&path, text)?;
            }
            None => files::remove(&path)?,
        }
        announce(printer, &change, true);
        written.push(change);
    }
    say_layout(printer, workspace, &written);
    Ok(written)
}

/// Says why the next build installs everything, where that is for another reason than that nothing was there.
fn say_layout(printer: &Printer, workspace: &Workspace, written: &[Change]) {
    let project = &workspace.project;
    for environment in &project.environments {
        let decision = environment.locked.as_ref().map(|locked| &locked.decision);
        let why = match decision {
            Some(Decision::OtherPython) => "python has another minor version".to_owned(),
            Some(Decision::Waste(share)) => format!("{share} % of its bytes would be wasted"),
            _ => continue,
        };
        let [base, _] = artifact::slice_paths(project, environment);
        if written.iter().any(|change| change.path == base) {
            let text = format!(
                "{}: all in one layer again, because {why}",
                environment.name
            );
            printer.status("Laid out", &text);
        }
    }
}

/// The locks that are not as they should be.
struct Locks {
    missing: Vec<Target>,
    outdated: Vec<Target>,
}

fn compare(printer: &Printer, mode: Mode, plan: &Plan, locks: &Locks) -> Result {
    plan.say(printer);
    if let Some(path) = &plan.broken {
        return Err(plan::cannot_be_understood(path));
    }
    for conflict in &plan.conflicts {
        conflict.say(printer);
    }
    for target in &locks.outdated {
        let text = format!("{} is not the lock of {}", target.path, target.names());
        printer.status("Outdated", &text);
    }
    let mut differing = locks.outdated.len();
    // A project can do without a lock, so that it is no mistake to have none.
    if mode != Mode::Check {
        let named = |target: &&Target| target.check_channels().is_ok();
        for target in locks.missing.iter().filter(named) {
            printer.status(
                "Would lock",
                &format!("{}, in {}", target.names(), target.path),
            );
            differing += 1;
        }
    }
    for change in &plan.changes {
        if change.kind() == ChangeKind::Unchanged {
            continue;
        }
        differing += 1;
        if mode == Mode::Diff {
            printer.message(&Message::GeneratedFile {
                path: &change.path,
                change: change.kind().word(),
                written: false,
            });
            printer.result(&change.diff());
        } else {
            announce(printer, change, false);
        }
    }
    let drift = differing + plan.conflicts.len();
    if drift == 0 {
        printer.status("Fresh", "every file is as the spec says");
        return Ok(Status::Done);
    }
    match mode {
        Mode::Check => Err(Error::problem(format!(
            "{} not as the spec says",
            match drift {
                1 => "1 file is".to_owned(),
                _ => format!("{drift} files are"),
            }
        ))
        .with_hint("mmdev generate writes them; mmdev generate --diff shows the difference")),
        _ => {
            printer.note(&format!(
                "\nNothing was written: {} would change.\nNext: mmdev generate writes {}.",
                counted(differing, "file"),
                if differing == 1 { "it" } else { "them" }
            ));
            Ok(Status::Done)
        }
    }
}

/// Says what was, or would be, done with one file.
pub(crate) fn announce(printer: &Printer, change: &Change, written: bool) {
    let kind = change.kind();
    printer.message(&Message::GeneratedFile {
        path: &change.path,
        change: kind.word(),
        written,
    });
    let verb = match (kind, written) {
        (ChangeKind::Unchanged, _) => return,
        (ChangeKind::Created, true) => "Created",
        (ChangeKind::Changed, true) => "Updated",
        (ChangeKind::Deleted, true) => "Deleted",
        (ChangeKind::Created, false) => "Would create",
        (ChangeKind::Changed, false) => "Would update",
        (ChangeKind::Deleted, false) => "Would delete",
    };
    printer.status(verb, &change.path);
}

fn say_next(printer: &Printer, written: &[Change], created_before: usize) {
    let total = written.len() + created_before;
    if total == 0 {
        printer.status("Fresh", "every file is as the spec says");
        return;
    }
    let all_created = written
        .iter()
        .all(|change| change.kind() == ChangeKind::Created);
    let next = "Next: mmdev up, or F1 → Reopen in Container.";
    let files = counted(total, "file");
    let them = if total == 1 { "it" } else { "them" };
    if all_created {
        printer.note(&format!(
            "\nCreated {files}; commit {them}. Teammates need only VS Code and Docker.\n{next}"
        ));
    } else {
        printer.note(&format!("\nUpdated {files}; commit {them}.\n{next}"));
    }
}
