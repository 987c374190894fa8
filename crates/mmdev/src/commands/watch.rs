//! `mmdev watch`: in this terminal, in the background, once, or its end.

use std::path::Path;

use mmdev_core::artifact::FOLDER;

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
    if !root.join(FOLDER).exists() {
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
    let _lock = ProjectLock::acquire(root, printer)?;
    // What is wrong with the project, and with a lock that is there, is the watch's to say.
    if let Ok(workspace) = Workspace::read_at(root, &locate::current_folder()?, request)
        && !locking::missing(&workspace)?.is_empty()
    {
        locking::made(printer, request, workspace)?;
    }
    Ok(())
}
