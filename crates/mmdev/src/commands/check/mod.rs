//! `mmdev check`: what is wrong with specs, and with what they name; and what is mended of it.

pub(crate) mod discover;
mod examine;
mod fix;
mod output;

use std::path::PathBuf;

use mmdev_core::diagnostic::{Applicability, Severity};
use mmdev_core::lint::{Selection, UnknownRule};
use mmdev_core::spec::Reader;

use self::discover::{Origin, Scope, Target};
use self::examine::Found;
use self::fix::Mended;
pub(crate) use self::fix::Mending;
pub(crate) use self::output::Format;
use crate::error::{Error, Result, Status};
use crate::json::Message;
use crate::load::counted;
use crate::printer::Printer;
use crate::render::Stream;
use crate::settings::Request;
use crate::watch;

/// What was asked for besides the project.
#[derive(Debug)]
pub(crate) struct Options {
    /// Files and folders instead of the project; `-` is stdin.
    pub(crate) paths: Vec<PathBuf>,
    /// The file that stdin is the text of.
    pub(crate) stdin: Option<PathBuf>,
    /// Whether and how findings are mended.
    pub(crate) mending: Option<Mending>,
    /// How findings are written.
    pub(crate) format: Format,
    /// Findings are counted instead.
    pub(crate) statistics: bool,
    /// A warning is as bad as an error.
    pub(crate) deny_warnings: bool,
    /// It is checked again on every change.
    pub(crate) watch: bool,
}

/// The selection that words of the command line make.
pub(crate) fn selection(select: &[String], ignore: &[String]) -> Result<Selection> {
    Selection::new(select, ignore).map_err(|UnknownRule { word, nearest }| {
        let mut error = Error::invocation(format!("there is no rule `{word}`"));
        if let Some(near) = nearest {
            error = error.with_hint(format!("did you mean {near}?"));
        }
        error.with_hint("list all rules: mmdev rules")
    })
}

/// Checks what the request and the options mean.
pub(crate) fn check(printer: &Printer, request: &Request, options: &Options) -> Result {
    options.refuse_what_cannot_be(printer)?;
    let mut scope = Scope::new(request, &options.paths, options.stdin.as_deref())?;
    if options.watch {
        let folder = scope.base.clone();
        return watch::follow(printer, &folder, scope.paths(), || {
            let scope = Scope::new(request, &options.paths, None)?;
            let mut paths = scope.paths();
            let mut found = examine::examine(printer, request, scope)?;
            paths.append(&mut found.inputs);
            say(printer, request, options, &found, 0).map(|_| paths)
        });
    }
    let mut mended = Mended::default();
    if let Some(mending) = options.mending {
        if let [target] = scope.targets.as_slice()
            && target.origin == Origin::Stdin
            && !mending.is_diff
        {
            return filter(printer, request, options, target, mending);
        }
        mended = fix::mend(printer, &scope, request, mending)?;
        if mending.is_diff {
            mended.say_diff(printer);
            say_problems(request);
            return Ok(match mended.files {
                0 => Status::Done,
                _ => Status::Problems,
            });
        }
        // The project's files with settings may be others now.
        scope = Scope::new(request, &options.paths, None)?;
    }
    let mut found = examine::examine(printer, request, scope)?;
    found.failures.append(&mut mended.failures);
    say(printer, request, options, &found, mended.fixes)
}

/// Mends stdin: the text goes to stdout, as of any filter, and what is wrong still to stderr.
fn filter(
    printer: &Printer,
    request: &Request,
    options: &Options,
    target: &Target,
    mending: Mending,
) -> Result {
    let before = examine::read(target)
        .map_err(|error| Error::world(anyhow::Error::new(error).context("cannot read stdin")))?;
    let (after, fixes) = fix::filter(before, target, request, mending.least);
    printer.bytes(&after);
    let mut found = Found::default();
    let judged = examine::judge(target, request, after, &mut Reader::default());
    found.add(printer, judged.into());
    output::print(printer, Format::Plain, &found, Stream::Stderr);
    finish(printer, request, options, &found, fixes)
}

/// Says what was found, and how it ends.
fn say(
    printer: &Printer,
    request: &Request,
    options: &Options,
    found: &Found,
    fixed: usize,
) -> Result {
    match options.statistics {
        true => output::print_statistics(printer, found),
        false => output::print(printer, options.format, found, Stream::Stdout),
    }
    finish(printer, request, options, found, fixed)
}

/// Says what kept channels from answering, where they were asked.
fn say_problems(request: &Request) {
    if let Some(asker) = &request.asker {
        asker.say_problems();
    }
}

/// Says how many findings there are, and how it ends.
fn finish(
    printer: &Printer,
    request: &Request,
    options: &Options,
    found: &Found,
    fixed: usize,
) -> Result {
    say_problems(request);
    let counts = Counts::of(found);
    counts.say(printer, fixed);
    examine::complete(printer, &found.failures)?;
    let is_bad = counts.errors > 0 || (options.deny_warnings && counts.warnings > 0);
    Ok(match is_bad {
        true => Status::Problems,
        false => Status::Done,
    })
}

impl Options {
    fn refuse_what_cannot_be(&self, printer: &Printer) -> Result<()> {
        let format = match printer.is_json() {
            true => "json",
            false => self.format.name(),
        };
        let has_stdin = self.paths.iter().any(|path| path.as_os_str() == "-");
        let is_filter = has_stdin && self.mending.is_some_and(|mending| !mending.is_diff);
        let refusal = match self {
            _ if is_filter && self.paths.len() > 1 => "stdin is mended alone".to_owned(),
            _ if is_filter && format != "human" => {
                format!("stdout is the mended text: it cannot be {format} as well")
            }
            _ if has_stdin && self.watch => "stdin cannot be watched".to_owned(),
            _ if self.watch && self.format == Format::Sarif => {
                "one SARIF log cannot hold many checks".to_owned()
            }
            _ if self.statistics && self.format != Format::Plain => {
                format!("counts cannot be written as {format}")
            }
            Options {
                mending: Some(Mending { is_diff: true, .. }),
                ..
            } if self.format != Format::Plain => {
                format!("a diff cannot be written as {format}")
            }
            _ if self.stdin.is_some() && !has_stdin => "--stdin-filename goes with `-`".to_owned(),
            _ => return Ok(()),
        };
        Err(Error::invocation(refusal).with_hint("see what goes together: mmdev check --help"))
    }
}

#[derive(Debug, Default)]
struct Counts {
    files: usize,
    errors: usize,
    warnings: usize,
    remarks: usize,
    safe: usize,
    r#unsafe: usize,
}

impl Counts {
    fn of(found: &Found) -> Self {
        let mut counts = Counts {
            files: found.files.len(),
            ..Counts::default()
        };
        for diagnostic in found
            .files
            .iter()
            .flat_map(|findings| &findings.diagnostics)
        {
            counts.count(diagnostic.severity);
            match diagnostic.fix.as_ref().map(|fix| fix.applicability) {
                Some(Applicability::Safe) => counts.safe += 1,
                Some(Applicability::Unsafe) => counts.r#unsafe += 1,
                None => {}
            }
        }
        for problem in &found.problems {
            counts.count(problem.severity);
        }
        counts
    }

    fn count(&mut self, severity: Severity) {
        match severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
            Severity::Information => self.remarks += 1,
        }
    }

    fn say(&self, printer: &Printer, fixed: usize) {
        printer.message(&Message::CheckFinished {
            files: self.files,
            errors: self.errors,
            warnings: self.warnings,
            remarks: self.remarks,
            safe_fixes: self.safe,
            unsafe_fixes: self.r#unsafe,
            fixed,
        });
        let mut text = counted(self.files, "file");
        text += &match self.errors + self.warnings {
            0 => ", no problems".to_owned(),
            _ => format!(
                ": {}, {}",
                counted(self.errors, "error"),
                counted(self.warnings, "warning")
            ),
        };
        if self.remarks > 0 {
            text += &format!(", {}", counted(self.remarks, "remark"));
        }
        printer.status("Checked", &text);
        match (self.safe, self.r#unsafe) {
            (0, 0) => {}
            (safe, 0) => printer.note(&format!("`mmdev check --fix` mends {safe} of them")),
            (0, more) => printer.note(&format!(
                "`mmdev check --fix --unsafe-fixes` mends {more} of them"
            )),
            (safe, more) => printer.note(&format!(
                "`mmdev check --fix` mends {safe} of them, with `--unsafe-fixes` {more} more"
            )),
        }
        if self.errors + self.warnings + self.remarks > 0 {
            printer.note("`mmdev explain CODE` says more about a rule");
        }
    }
}
