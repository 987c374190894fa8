//! `mmdev watch`: in this terminal, in the background, once, or its end.

use crate::error::Result;
use crate::locate;
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
