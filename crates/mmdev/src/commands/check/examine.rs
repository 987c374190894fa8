//! Reading and judging files, many at once.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use mmdev_core::lint::{self, Surroundings};
use mmdev_core::lock;
use mmdev_core::project::Problem;
use mmdev_core::spec::{self, Reader, SpecKind};
use rayon::prelude::*;

use super::discover::{Origin, Scope, Target};
use crate::drift;
use crate::error::{Error, Result};
use crate::load::{self, Judged};
use crate::printer::Printer;
use crate::render::Findings;
use crate::settings::Request;

/// What a spec is smaller than: the biggest exports have a hundredth of it. Data of that size is not parsed.
const MOST_BYTES: u64 = 1 << 20;

/// Everything that was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The folder from which files are named.
    pub(super) base: PathBuf,
    /// The files that were checked, the project's first, and what was found in each.
    pub(super) files: Vec<Findings>,
    /// What is wrong with the project without a place in a file.
    pub(super) problems: Vec<Problem>,
    /// What could not be read, in words.
    pub(super) failures: Vec<String>,
    /// Where everything is that was read.
    pub(super) inputs: BTreeSet<PathBuf>,
}

/// What one file turned out to be.
pub(super) enum Seen {
    /// A spec or a lock, and what was found in it. What else was read out of it is not kept: there may be thousands.
    Spec(Findings),
    /// Another file.
    Other(NoSpec),
    /// Nothing that could be read; why, in words.
    Failed(String),
}

/// What is to be said of a file that is no spec, where anything is.
pub(super) struct NoSpec(Option<String>);

impl From<std::result::Result<Judged, NoSpec>> for Seen {
    fn from(judged: std::result::Result<Judged, NoSpec>) -> Self {
        match judged {
            Ok(judged) => Seen::Spec(judged.findings),
            Err(other) => Seen::Other(other),
        }
    }
}

impl Found {
    /// Adds what a file turned out to be.
    pub(super) fn add(&mut self, printer: &Printer, seen: Seen) {
        match seen {
            Seen::Spec(findings) => self.files.push(findings),
            Seen::Other(NoSpec(Some(words))) => printer.warning(&words),
            Seen::Other(NoSpec(None)) => {}
            Seen::Failed(words) => self.failures.push(words),
        }
    }
}

/// Checks everything in the scope.
pub(super) fn examine(printer: &Printer, request: &Request, scope: Scope) -> Result<Found> {
    let mut found = Found {
        base: scope.base,
        files: Vec::new(),
        problems: Vec::new(),
        failures: scope.failures,
        inputs: BTreeSet::new(),
    };
    let mut is_alone = false;
    if let Some(project) = scope.project {
        let root = project.root;
        is_alone = project.specs.is_none();
        found.files = match project.specs {
            Some(specs) => {
                let mut workspace = project.sources.with_specs(&root, &specs)?;
                drift::add(&mut workspace)?;
                drift::add_locks(&mut workspace)?;
                found.problems = workspace.problems;
                let inputs = workspace.inputs.iter();
                found.inputs.extend(inputs.map(|path| root.join(path)));
                workspace.findings
            }
            None => project.sources.findings,
        };
        let files = found.files.iter();
        found
            .inputs
            .extend(files.map(|findings| root.join(&findings.file)));
    }
    let seen: Vec<Seen> = scope
        .targets
        .par_iter()
        .map_init(Reader::default, |reader, target| {
            look(target, request, reader)
        })
        .collect();
    let before = found.files.len();
    for seen in seen {
        found.add(printer, seen);
    }
    if is_alone && found.files.len() == before && found.failures.is_empty() {
        // There is no spec anywhere: the words for a project without one say what to do.
        load::find_spec(&found.base, &request.command)?;
    }
    Ok(found)
}

/// Reads and judges one file.
fn look(target: &Target, request: &Request, reader: &mut Reader) -> Seen {
    let is_named = target.origin == Origin::Named;
    match read(target) {
        Ok(bytes) if is_named && lock::has_lock_name(&target.file) => {
            lock_of(target, request, bytes)
        }
        Ok(bytes) => judge(target, request, bytes, reader).into(),
        Err(error) => Seen::Failed(format!("cannot read {}: {error}", target.file)),
    }
}

/// Judges the bytes of a lock.
fn lock_of(target: &Target, request: &Request, bytes: Vec<u8>) -> Seen {
    let (text, problem) = spec::decode(bytes);
    let selection = around(target, request).selection;
    let mut diagnostics = lint::lock(&text, &selection);
    diagnostics.splice(0..0, problem);
    Seen::Spec(Findings {
        file: target.file.clone(),
        text,
        diagnostics,
    })
}

/// Judges the bytes of one file.
pub(super) fn judge(
    target: &Target,
    request: &Request,
    bytes: Vec<u8>,
    reader: &mut Reader,
) -> std::result::Result<Judged, NoSpec> {
    let file = &target.file;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(NoSpec((target.origin != Origin::Guessed).then(|| {
            format!("{file} is bigger than 1 MiB, which no spec is: it was left alone")
        })));
    }
    if target.origin == Origin::Guessed && !has_spec_keys(&bytes) {
        return Err(NoSpec(None));
    }
    let asker = request.asker.as_deref();
    let around = around(target, request);
    let judged = load::judge(&target.path, file, file, bytes, around, asker, reader);
    match &judged.read.kind {
        SpecKind::Spec => Ok(judged),
        SpecKind::NotASpec { reason } => {
            let is_named = matches!(target.origin, Origin::Named | Origin::Stdin);
            Err(NoSpec(is_named.then(|| {
                format!("{file} is no conda environment and was left alone: {reason}")
            })))
        }
    }
}

/// The surroundings of a file; what was asked for on the command line goes before its project's settings.
fn around(target: &Target, request: &Request) -> Surroundings {
    let around = load::around(&target.path, request.asker.as_deref());
    Surroundings {
        selection: request.selection.clone().or(&around.selection),
        ..around
    }
}

/// The bytes of a file: all of stdin's, and of others as many as tell whether it is too big for a spec.
pub(super) fn read(target: &Target) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match target.origin {
        Origin::Stdin => io::stdin().read_to_end(&mut bytes)?,
        Origin::Named if lock::has_lock_name(&target.file) => {
            File::open(&target.path)?.read_to_end(&mut bytes)?
        }
        _ => File::open(&target.path)?
            .take(MOST_BYTES + 1)
            .read_to_end(&mut bytes)?,
    };
    Ok(bytes)
}

/// Whether a file of any name has the two keys that make a spec of it, and few other files.
fn has_spec_keys(bytes: &[u8]) -> bool {
    let has = |key: &[u8]| {
        bytes
            .split(|byte| *byte == b'\n')
            .any(|line| line.starts_with(key))
    };
    has(b"dependencies:") && has(b"channels:")
}

/// Says what could not be read or written, each in a line of its own, after everything else was done: the last one is
/// how it ends.
pub(super) fn complete(printer: &Printer, failures: &[String]) -> Result<()> {
    let error = |words: &String| Error::world(anyhow::Error::msg(words.clone()));
    let Some((last, others)) = failures.split_last() else {
        return Ok(());
    };
    for words in others {
        printer.error(&error(words));
    }
    Err(error(last))
}
