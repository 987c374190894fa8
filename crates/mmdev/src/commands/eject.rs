//! `mmdev eject`: plain files that mmdev no longer owns.

use mmdev_core::artifact::{FOLDER, devcontainer, stamp};

use crate::changes::Change;
use crate::commands::generate::announce;
use crate::devcontainer::Devcontainer;
use crate::error::{Error, Result, Status};
use crate::files::{self, ProjectLock};
use crate::load::counted;
use crate::locate;
use crate::printer::Printer;

/// Takes the stamps off the generated files, and the record of what mmdev wrote out of devcontainer.json.
pub(crate) fn eject(printer: &Printer) -> Result {
    let root = locate::root(&locate::current_folder()?);
    let _lock = ProjectLock::acquire(&root, printer)?;
    let mut changes = Vec::new();
    for name in locate::file_names(&root.join(FOLDER)) {
        let path = format!("{FOLDER}/{name}");
        let Some(before) = files::read(&root.join(&path))? else {
            continue;
        };
        if let Some(after) = without_stamp(&before) {
            changes.push(Change {
                path,
                before: Some(before),
                after: Some(after),
            });
        }
    }
    let found = Devcontainer::find(&root, false)?;
    if let Some(before) = found.text {
        let after = devcontainer::eject(&before).ok_or_else(|| {
            Error::problem(format!("{} cannot be understood", found.path))
                .with_hint("mmdev check says what is wrong with it")
        })?;
        if after != before {
            changes.push(Change {
                path: found.path,
                before: Some(before),
                after: Some(after),
            });
        }
    }
    for change in &changes {
        if let Some(text) = &change.after {
            files::write(&root.join(&change.path), text)?;
        }
        announce(printer, change, true);
    }
    if changes.is_empty() {
        printer.note("mmdev owns no file here.");
    } else {
        printer.note(&format!(
            "\n{} no longer mmdev's: edit, move or delete as you like, and commit.\n\
             Next: F1 → Reopen in Container builds them as they are. A change of the spec now needs a change of\n\
             {FOLDER} by hand. To give them back to mmdev, delete .devcontainer and run mmdev generate.",
            match changes.len() {
                1 => "1 file is".to_owned(),
                count => format!("{} are", counted(count, "file")),
            }
        ));
    }
    Ok(Status::Done)
}

/// The text without the line by which mmdev knows its own; `None` where it has no such line.
fn without_stamp(text: &str) -> Option<String> {
    if stamp::verify(text) == stamp::Ownership::Foreign {
        return None;
    }
    let (_, rest) = text.split_once('\n')?;
    Some(rest.to_owned())
}
