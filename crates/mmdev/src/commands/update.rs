//! `mmdev update`: what is locked moves forward within the spec.

use std::collections::BTreeSet;

use mmdev_core::spec::pip::normalized;

use crate::error::{Error, Result, Status};
use crate::files::ProjectLock;
use crate::load::Workspace;
use crate::locate;
use crate::locking::{self, Update, Wish};
use crate::printer::Printer;
use crate::settings::Request;

/// Moves the packages of these names forward, all without any; shows what would change where it `is_dry`.
pub(crate) fn update(
    printer: &Printer,
    request: &Request,
    names: &[String],
    is_dry: bool,
) -> Result {
    if request.locked {
        return Err(Error::invocation(
            "mmdev update changes locks, and --locked says that they stay",
        ));
    }
    let current = locate::current_folder()?;
    let root = locate::root(&current);
    let _guard = match is_dry {
        true => None,
        false => Some(ProjectLock::acquire(&root, printer)?),
    };
    let workspace = Workspace::read_at(&root, &current, request)?.lockable(printer)?;
    let update = match names {
        [] => Update::Everything,
        _ => Update::Names(locked(names, locking::names(&workspace)?)?),
    };
    let wish = Wish {
        update,
        ..Wish::default()
    };
    let locks = locking::plan(printer, request, &workspace, &wish)?;
    for lock in &locks {
        match is_dry {
            true => lock.show(printer, &workspace.root)?,
            false => lock.write(printer, &workspace.root)?,
        }
    }
    if is_dry {
        printer.note("nothing was written (--dry-run)");
    }
    Ok(Status::Done)
}

/// The names as the locks have them; an error for one that none has.
fn locked(names: &[String], known: BTreeSet<String>) -> Result<Vec<String>> {
    let known: Vec<String> = known.into_iter().collect();
    let find = |name: &String| {
        let is_it = |known: &&String| {
            known.eq_ignore_ascii_case(name) || normalized(known) == normalized(name)
        };
        if let Some(known) = known.iter().find(is_it) {
            return Ok(known.clone());
        }
        let error = Error::problem(format!("no lock has a package {name}"));
        Err(error.with_hint(match locking::did_you_mean(name, &known) {
            Some(hint) => hint,
            None if known.is_empty() => "mmdev lock makes one".to_owned(),
            None => "mmdev add puts a package into the spec".to_owned(),
        }))
    };
    names.iter().map(find).collect()
}
