//! `mmdev check`: what is wrong with the spec, and with what it names.

use std::io::Read;
use std::path::{Path, PathBuf};

use mmdev_core::diagnostic::Severity;
use mmdev_core::lint::Suppressions;
use mmdev_core::spec::{self, SpecKind};
use mmdev_core::syntax::yaml;

use crate::drift;
use crate::error::{Error, Result, Status};
use crate::files;
use crate::json::Message;
use crate::load::{self, Workspace, counted};
use crate::printer::Printer;
use crate::render::{self, Findings, Stream};
use crate::settings::Request;
use crate::surroundings;

/// Checks the project that the request means, or the files alone where some are named.
pub(crate) fn check(printer: &Printer, request: &Request, paths: &[PathBuf]) -> Result {
    let mut counts = Counts::default();
    if paths.is_empty() {
        let mut workspace = Workspace::read(request)?;
        drift::add(&mut workspace)?;
        load::report(printer, &workspace, Stream::Stdout);
        for findings in &workspace.findings {
            counts.add(findings);
        }
        for problem in &workspace.problems {
            counts.count(problem.severity);
        }
    } else {
        for path in paths {
            if let Some(findings) = read(printer, path)? {
                render::print(printer, &findings, Stream::Stdout);
                counts.add(&findings);
            }
        }
    }
    counts.say(printer);
    Ok(match counts.errors {
        0 => Status::Done,
        _ => Status::Problems,
    })
}

/// What is wrong with one file; `None` if it is no conda spec, which is said.
fn read(printer: &Printer, path: &Path) -> Result<Option<Findings>> {
    let (file, bytes) = if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin()
            .read_to_end(&mut bytes)
            .map_err(|error| Error::problem(format!("stdin cannot be read: {error}")))?;
        ("stdin".to_owned(), bytes)
    } else {
        let file = path.display().to_string();
        let Some(bytes) = files::read_bytes(path)? else {
            return Err(Error::invocation(format!("there is no {file}")));
        };
        (file, bytes)
    };
    let (text, read) = spec::read_bytes(&file, bytes);
    if let SpecKind::NotASpec { reason } = read.kind {
        printer.warning(&format!(
            "{file} is no conda environment and was left alone: {reason}"
        ));
        return Ok(None);
    }
    let around = surroundings::around(path);
    let suppressions = Suppressions::in_spec(&text, &yaml::parse(&text));
    Ok(Some(Findings {
        diagnostics: suppressions.filter(read.diagnostics, &around.selection),
        file,
        text,
    }))
}

#[derive(Debug, Default)]
struct Counts {
    files: usize,
    errors: usize,
    warnings: usize,
    fixable: usize,
}

impl Counts {
    fn add(&mut self, findings: &Findings) {
        self.files += 1;
        for diagnostic in &findings.diagnostics {
            self.count(diagnostic.severity);
            self.fixable += usize::from(diagnostic.fix.is_some());
        }
    }

    fn count(&mut self, severity: Severity) {
        match severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
            Severity::Information => {}
        }
    }

    fn say(&self, printer: &Printer) {
        printer.message(&Message::CheckFinished {
            files: self.files,
            errors: self.errors,
            warnings: self.warnings,
        });
        let files = counted(self.files, "file");
        if self.errors + self.warnings == 0 {
            printer.status("Checked", &format!("{files}, no problems"));
            return;
        }
        printer.status(
            "Checked",
            &format!(
                "{files}: {}, {}",
                counted(self.errors, "error"),
                counted(self.warnings, "warning"),
            ),
        );
        printer.note("`mmdev explain CODE` says more about a rule");
    }
}
