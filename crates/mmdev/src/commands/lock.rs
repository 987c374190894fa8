//! `mmdev lock`: exact records for every platform, in `conda-lock.yml` beside the spec.

use mmdev_core::project::LOCAL_CHANNEL;

use super::generate;
use crate::error::{Error, Result, Status};
use crate::files::ProjectLock;
use crate::load::Workspace;
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
    // A lock may name what the build of an image does not have.
    let workspace = Workspace::read(request)?.without(LOCAL_CHANNEL);
    let workspace = workspace.usable(printer)?;
    if mode == Mode::Write {
        let _guard = ProjectLock::acquire(&workspace.root, printer)?;
        locking::bring(printer, request, &workspace, wish)?;
        if request.compact {
            let workspace = Workspace::read(request)?;
            let writing = Writing::default();
            let plan = plan::plan(&workspace, &writing)?;
            generate::apply(printer, &workspace, plan, &writing)?;
        }
        return Ok(Status::Done);
    }
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
