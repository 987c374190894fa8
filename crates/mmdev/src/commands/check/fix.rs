//! `--fix` and `--diff`: the fixes of many files, and what writing them may not do.

use std::collections::BTreeMap;
use std::path::PathBuf;

use mmdev_core::diagnostic::{Applicability, Code};
use mmdev_core::lint::{self, Fixed};
use mmdev_core::spec::Reader;
use mmdev_core::text::apply;
use rayon::prelude::*;

use super::discover::{Origin, Scope, Target};
use super::examine;
use crate::changes::Change;
use crate::error::Result;
use crate::files::{self, ProjectLock};
use crate::json::Message;
use crate::load::counted;
use crate::printer::Printer;
use crate::render::Findings;
use crate::settings::Request;

/// Which fixes are applied, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mending {
    /// The least sure ones.
    pub(crate) least: Applicability,
    /// Nothing is written.
    pub(crate) is_diff: bool,
}

/// What was mended.
#[derive(Debug, Default)]
pub(super) struct Mended {
    /// How many files.
    pub(super) files: usize,
    /// How many fixes were applied.
    pub(super) fixes: usize,
    /// What could not be written, in words.
    pub(super) failures: Vec<String>,
}

/// One file with its fixes.
struct Repair {
    file: String,
    path: PathBuf,
    before: String,
    after: String,
    applied: Vec<Code>,
}

/// Applies the fixes of everything in the scope; what is wrong still is found by looking again.
pub(super) fn mend(
    printer: &Printer,
    scope: &Scope,
    request: &Request,
    mending: Mending,
) -> Result<Mended> {
    // From reading to writing no other mmdev writes.
    let _lock = match mending.is_diff {
        true => None,
        false => Some(ProjectLock::acquire(&scope.base, printer)?),
    };
    let mut repairs = Vec::new();
    let mut targets: Vec<Target> = Vec::new();
    if let Some(project) = &scope.project {
        let settings = project.sources.findings.iter();
        repairs.extend(settings.filter_map(|findings| {
            let path = project.root.join(&findings.file);
            of_settings(findings, path, mending.least)
        }));
        let specs = project.specs.iter().flatten();
        targets.extend(specs.map(|spec| Target {
            file: spec.clone(),
            path: project.root.join(spec),
            origin: Origin::Named,
        }));
    }
    targets.extend(scope.targets.iter().cloned());
    let of_specs: Vec<Option<Repair>> = targets
        .par_iter()
        .map_init(Reader::default, |reader, target| {
            of_spec(target, request, mending.least, reader)
        })
        .collect();
    repairs.extend(of_specs.into_iter().flatten());

    let mut mended = Mended::default();
    for repair in repairs {
        if mending.is_diff {
            let change = Change {
                path: repair.file.clone(),
                before: Some(repair.before.clone()),
                after: Some(repair.after.clone()),
            };
            printer.result(&change.diff());
        } else if let Err(words) = repair.write() {
            mended.failures.push(words);
            continue;
        }
        repair.say(printer, !mending.is_diff);
        mended.files += 1;
        mended.fixes += repair.applied.len();
    }
    Ok(mended)
}

/// The bytes of stdin after its fixes, and how many there were: what is no spec, or no UTF-8, comes out as it went in.
pub(super) fn filter(
    bytes: Vec<u8>,
    target: &Target,
    request: &Request,
    least: Applicability,
) -> (Vec<u8>, usize) {
    match repaired(
        target,
        bytes.clone(),
        request,
        least,
        &mut Reader::default(),
    ) {
        Some((_, fixed)) => (fixed.text.into_bytes(), fixed.applied.len()),
        None => (bytes, 0),
    }
}

/// The fixes of a file with settings, in one round: its readers offer none that another one needs.
fn of_settings(findings: &Findings, path: PathBuf, least: Applicability) -> Option<Repair> {
    let fixes = lint::compatible(&findings.diagnostics, least);
    let edits: Vec<_> = fixes
        .iter()
        .flat_map(|(_, fix)| fix.edits.iter().cloned())
        .collect();
    let after = apply(&findings.text, &edits);
    (after != findings.text).then(|| Repair {
        file: findings.file.clone(),
        path,
        before: findings.text.clone(),
        after,
        applied: fixes.iter().map(|(code, _)| *code).collect(),
    })
}

/// The fixes of a spec; `None` where there are none, or it is not to be written at all.
fn of_spec(
    target: &Target,
    request: &Request,
    least: Applicability,
    reader: &mut Reader,
) -> Option<Repair> {
    let bytes = examine::read(target).ok()?;
    let (before, fixed) = repaired(target, bytes, request, least, reader)?;
    (fixed.text != before).then(|| Repair {
        file: target.file.clone(),
        path: target.path.clone(),
        before,
        after: fixed.text,
        applied: fixed.applied,
    })
}

/// The text of a spec as it was, and after its fixes; `None` where there are none, as for what is no UTF-8.
fn repaired(
    target: &Target,
    bytes: Vec<u8>,
    request: &Request,
    least: Applicability,
    reader: &mut Reader,
) -> Option<(String, Fixed)> {
    let judged = examine::judge(target, request, bytes, reader).ok()?;
    let text = judged.findings.text;
    let has_fix = judged.findings.diagnostics.iter().any(|diagnostic| {
        diagnostic
            .fix
            .as_ref()
            .is_some_and(|fix| fix.applicability >= least)
    });
    if !has_fix {
        return None;
    }
    let around = &judged.around;
    let asker = request.asker.as_deref();
    let index = asker.and_then(|asker| asker.index(&judged.read.spec, around));
    let fixed = lint::fix(&target.file, &text, around, index.as_deref(), least);
    Some((text, fixed))
}

impl Repair {
    /// Writes it, unless the file is not what was read any more, or is not to be written.
    fn write(&self) -> std::result::Result<(), String> {
        let file = &self.file;
        let is_read_only =
            std::fs::metadata(&self.path).is_ok_and(|metadata| metadata.permissions().readonly());
        if is_read_only {
            return Err(format!("{file} is read-only, and was not mended"));
        }
        match std::fs::read(&self.path) {
            Ok(bytes) if bytes == self.before.as_bytes() => {}
            _ => return Err(format!("{file} has changed meanwhile, and was not mended")),
        }
        files::write(&self.path, &self.after).map_err(|error| error.message())?;
        Ok(())
    }

    /// Says what was mended: each rule once, with how many of its fixes were applied.
    fn say(&self, printer: &Printer, is_written: bool) {
        let mut counts: BTreeMap<Code, usize> = BTreeMap::new();
        for code in &self.applied {
            *counts.entry(*code).or_default() += 1;
        }
        let rules: Vec<String> = counts
            .iter()
            .map(|(code, count)| match count {
                1 => code.to_string(),
                _ => format!("{count} × {code}"),
            })
            .collect();
        let verb = if is_written { "Fixed" } else { "Would fix" };
        printer.status(verb, &format!("{}: {}", self.file, rules.join(", ")));
        printer.message(&Message::FixedFile {
            file: &self.file,
            codes: &self.applied.iter().map(|code| code.0).collect::<Vec<_>>(),
            written: is_written,
        });
    }
}

impl Mended {
    /// Says what `--diff` has shown.
    pub(super) fn say_diff(&self, printer: &Printer) {
        match self.files {
            0 => printer.status("Checked", "nothing to fix"),
            files => printer.note(&format!(
                "`mmdev check --fix` would change {}",
                counted(files, "file")
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_else_wrote_meanwhile_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("env.yaml");
        let repair = Repair {
            file: "env.yaml".to_owned(),
            path: path.clone(),
            before: "old".to_owned(),
            after: "mended".to_owned(),
            applied: Vec::new(),
        };
        std::fs::write(&path, "newer").unwrap();
        let refused = repair.write().unwrap_err();
        assert_eq!(
            refused,
            "env.yaml has changed meanwhile, and was not mended"
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "newer");
        std::fs::write(&path, "old").unwrap();
        assert_eq!(repair.write(), Ok(()));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "mended");
    }
}
