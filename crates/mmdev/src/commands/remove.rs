//! `mmdev remove`: dependencies out of the spec, and the lock that goes with it.

use std::collections::BTreeSet;

use mmdev_core::amend::{self, Section};

use super::amend::{Amendment, Options};
use crate::error::{Error, Result, Status};
use crate::locking::did_you_mean;
use crate::printer::Printer;
use crate::settings::Request;

/// Removes `names` from the specs of the active environment, from the pip section alone or from both.
pub(crate) fn remove(
    printer: &Printer,
    request: &Request,
    names: &[String],
    is_pip: bool,
    options: Options,
) -> Result {
    let mut amendment = Amendment::begin(printer, request, options)?;
    let sections: &[Section] = match is_pip {
        true => &[Section::Pip],
        false => &[Section::Conda, Section::Pip],
    };
    for name in names {
        let mut is_there = false;
        for file in &mut amendment.files {
            for &section in sections {
                if amend::called(&file.spec, section, name).next().is_none() {
                    continue;
                }
                is_there = true;
                file.edit(
                    |path, text| amend::remove(path, text, section, name),
                    &format!("remove {name}"),
                )?;
            }
        }
        if !is_there {
            return Err(unknown(&amendment, name, sections));
        }
    }
    let locks = amendment.locks().map_err(|error| match error.status {
        Status::World => error.with_hint("--no-lock changes the spec alone"),
        _ => error,
    })?;
    amendment.finish(&locks)?;
    Ok(Status::Done)
}

/// The error for a name that no spec has, with what could have been meant.
fn unknown(amendment: &Amendment<'_>, name: &str, sections: &[Section]) -> Error {
    let paths: Vec<&str> = amendment
        .files
        .iter()
        .map(|file| file.path.as_str())
        .collect();
    let all = || {
        let files = amendment.files.iter();
        files.flat_map(|file| amend::listed(&file.spec))
    };
    let names: BTreeSet<String> = all()
        .filter(|listed| sections.contains(&listed.section))
        .map(|listed| listed.name())
        .collect();
    let names: Vec<String> = names.into_iter().collect();
    let place = match sections {
        [Section::Pip] => "in the pip section of",
        _ => "in",
    };
    let error = Error::problem(format!(
        "there is no dependency {name} {place} {}",
        paths.join(" and ")
    ));
    if all().any(|listed| listed.name() == name) {
        return error.with_hint(format!("it is one of conda's: mmdev remove {name}"));
    }
    error.with_hint(did_you_mean(name, &names).unwrap_or_else(|| {
        format!("mmdev tree --invert {name} shows what needs it, if it is locked")
    }))
}
