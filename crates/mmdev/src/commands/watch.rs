//! `mmdev watch`: in this terminal, in the background, once, or its end.

use std::path::Path;

use crate::error::Result;
use crate::files::ProjectLock;
use crate::load::Workspace;
use crate::locate;
use crate::locking;
use crate::printer::Printer;
use crate::settings::Request;
use crate::watch::{self, Manner, detach};

/// What was asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// One round only.
    pub(crate) once: bool,
    /// The container is replaced when it is behind.
    pub(crate) recreate: bool,
    /// In the background.
    pub(crate) detach: bool,
    /// The end of the one that runs.
    pub(crate) stop: bool,
    /// This process is the one in the background.
    pub(crate) detached: bool,
}

/// Watches the project that the request means, or ends the watch of it.
pub(crate) fn watch(printer: &Printer, request: &Request, options: Options) -> Result {
    let current = locate::current_folder()?;
    let root = locate::root(&current);
    if options.stop {
        return detach::stop(printer, &root);
    }
    if !options.detached {
        lock_at_first(printer, request, &root)?;
    }
    if options.detach {
        return detach::start(printer, request, &root, options.recreate);
    }
    let manner = Manner {
        recreate: options.recreate,
        detached: options.detached,
    };
    if options.once {
        return watch::once(printer, request, &root, manner);
    }
    watch::watch(printer, request, &root, manner)
}

/// What is built for the first time is locked first, as `build` has it.
fn lock_at_first(printer: &Printer, request: &Request, root: &Path) -> Result<()> {
    let current = locate::current_folder()?;
    // What is wrong with the project is the watch's to say.
    let read = || Workspace::read_at(root, &current, request).ok();
    let wants = |workspace: &Workspace| -> Result<bool> {
        Ok(locking::is_wanted(workspace) && !locking::missing(workspace)?.is_empty())
    };
    let Some(workspace) = read() else {
        return Ok(());
    };
    if wants(&workspace)? {
        // Another one may have made it meanwhile.
        let _lock = ProjectLock::acquire(root, printer)?;
        if let Some(workspace) = read() {
            locking::made_at_first(printer, request, workspace)?;
        }
    }
    Ok(())
}
