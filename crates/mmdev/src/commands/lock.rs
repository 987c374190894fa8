//! `mmdev lock`: exact records for every platform, in `conda-lock.yml` beside the spec.

use super::generate;
use crate::error::{Error, Result, Status};
use crate::files::ProjectLock;
use crate::load::Workspace;
use crate::locate;
use crate::locking::{self, Wish};
use crate::plan::{self, Writing};
use crate::printer::Printer;
use crate::settings::Request;

/// What is to be done with the locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Bring them to their specs.
    Write,
    /// Fail where one is missing or not its spec's; ask nobody.
    Check,
}

/// Locks every environment of the project that the request means.
pub(crate) fn lock(printer: &Printer, request: &Request, mode: Mode, wish: &Wish) -> Result {
    let current = locate::current_folder()?;
    let root = locate::root(&current);
    let read = || Workspace::read_at(&root, &current, request);
    if mode == Mode::Write {
        let _guard = ProjectLock::acquire(&root, printer)?;
        let workspace = read()?;
        if !request.compact {
            let workspace = workspace.lockable(printer)?;
            locking::bring(printer, request, &workspace, wish)?;
            return Ok(Status::Done);
        }
        // What an image cannot have stops it before anything is written.
        let workspace = workspace.usable(printer)?;
        locking::bring(printer, request, &workspace, wish)?;
        let workspace = read()?.sound(printer)?;
        let writing = Writing::default();
        let plan = plan::plan(&workspace, &writing)?;
        generate::apply(printer, &workspace, plan, &writing)?;
        return Ok(Status::Done);
    }
    let workspace = read()?.lockable(printer)?;
    let stale = locking::stale(printer, &workspace, wish)?;
    if stale.is_empty() {
        return Ok(Status::Done);
    }
    let what = match stale.len() {
        1 => "is not the lock of its spec",
        _ => "are not the locks of their specs",
    };
    Err(Error::problem(format!("{} {what}", stale.join(", ")))
        .with_hint("mmdev lock makes it anew"))
}
