//! Locks that nobody asked for: before anything is generated or built they are made, and brought to their specs, as
//! Cargo does it.

use mmdev_core::artifact::{FOLDER, slice_paths};
use mmdev_core::project::Environment;

use super::{Target, Wish, bring, outdated, target};
use crate::error::{Error, Result, Status};
use crate::load::Workspace;
use crate::locate;
use crate::printer::Printer;
use crate::settings::Request;

/// The project with the locks that are there brought to their specs: read again where one changed. The caller holds
/// the project's lock.
fn refreshed(printer: &Printer, request: &Request, workspace: Workspace) -> Result<Workspace> {
    // With errors in it nothing is made of it.
    if workspace.has_error() || outdated(&workspace)?.is_empty() {
        return Ok(workspace);
    }
    bring(printer, request, &workspace, &Wish::PRESENT)?;
    read_again(request, &workspace)
}

/// The same, with a lock made where there is none, unless the settings are against it. If the channels cannot be asked,
/// or nobody named one, that is said, and the image is solved when it is built.
///
/// # Errors
/// If the spec cannot be satisfied, and if `--locked` keeps the lock from being made.
pub(crate) fn made(
    printer: &Printer,
    request: &Request,
    workspace: Workspace,
) -> Result<Workspace> {
    let missing = match workspace.has_error() {
        true => Vec::new(),
        false => missing(&workspace)?,
    };
    for target in &missing {
        if let Err(error) = target.check_channels() {
            say(printer, target, &error);
            return refreshed(printer, request, workspace);
        }
    }
    let Some(first) = missing.first() else {
        return refreshed(printer, request, workspace);
    };
    if request.locked {
        let message = format!(
            "there is no {}, and --locked says that none is made",
            first.path
        );
        let hint = "mmdev lock makes it; `autoLock` in the settings can say that there is none";
        return Err(Error::problem(message).with_hint(hint));
    }
    match bring(printer, request, &workspace, &Wish::default()) {
        Ok(_) => read_again(request, &workspace),
        Err(error) if cannot_ask(&error) && outdated(&workspace)?.is_empty() => {
            say(printer, first, &error);
            Ok(workspace)
        }
        // A spec that cannot be satisfied cannot be built either, and a lock must not be left behind its spec.
        Err(error) => Err(error),
    }
}

/// The same, with a lock made only where [`is_wanted`] says so.
pub(crate) fn made_at_first(
    printer: &Printer,
    request: &Request,
    workspace: Workspace,
) -> Result<Workspace> {
    match is_wanted(&workspace) {
        true => made(printer, request, workspace),
        false => refreshed(printer, request, workspace),
    }
}

/// Whether a missing lock is made though nobody asked for files: where nothing was generated yet, or where it was there
/// when they were. Where files were generated without one, somebody wants it so, or no channel could be reached: to try
/// again whenever a container is wanted would make a person wait each time.
pub(crate) fn is_wanted(workspace: &Workspace) -> bool {
    let (root, project) = (&workspace.root, &workspace.project);
    let was_there = |environment: &Environment| {
        let [base, _] = slice_paths(project, environment);
        environment.locked.is_none() && root.join(base).exists()
    };
    !root.join(FOLDER).exists() || project.environments.iter().any(was_there)
}

/// Whether the solver never came to solve, which another program may do all the same.
fn cannot_ask(error: &Error) -> bool {
    // An environment without a place for the cache is an invocation that has to change.
    matches!(error.status, Status::World | Status::Invocation)
        || error.cause.is::<mmdev_conda::Error>()
}

fn say(printer: &Printer, target: &Target, error: &Error) {
    printer.warning(&format!(
        "there is no {}, so that the image is solved when it is built: {}",
        target.path,
        error.message()
    ));
    printer.hint(
        "mmdev lock makes it, or says more; `autoLock` in the settings is for those who want none",
    );
}

/// The environments that are to have a lock and have none.
pub(crate) fn missing(workspace: &Workspace) -> Result<Vec<Target>> {
    let mut missing = Vec::new();
    if workspace.settings.auto_lock == Some(false) {
        return Ok(missing);
    }
    for target in target::targets(workspace)? {
        if !target.locked(&workspace.root)?.is_there {
            missing.push(target);
        }
    }
    Ok(missing)
}

fn read_again(request: &Request, workspace: &Workspace) -> Result<Workspace> {
    Workspace::read_at(&workspace.root, &locate::current_folder()?, request)
}
