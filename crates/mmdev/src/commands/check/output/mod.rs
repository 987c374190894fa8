//! Findings as people, terminals, editors and forges read them.

mod concise;
mod github;
mod sarif;
mod statistics;

pub(super) use statistics::print as print_statistics;

use std::path::{Path, PathBuf};

use mmdev_core::diagnostic::Diagnostic;
use mmdev_core::text::{LineColumn, LineIndex};

use super::examine::Found;
use crate::locate;
use crate::printer::Printer;
use crate::render::{self, Stream};
use crate::settings::normalised;

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// As all commands write: for people, or as JSON lines.
    Plain,
    /// A line for each, as compilers write.
    Concise,
    /// Annotations of GitHub Actions.
    Github,
    /// One SARIF log.
    Sarif,
}

impl Format {
    /// What `--message-format` calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Format::Plain => "human",
            Format::Concise => "concise",
            Format::Github => "github",
            Format::Sarif => "sarif",
        }
    }
}

/// Writes everything that was found.
pub(super) fn print(printer: &Printer, format: Format, found: &Found, stream: Stream) {
    match format {
        Format::Plain => {
            for findings in &found.files {
                render::print(printer, findings, stream);
            }
            for problem in &found.problems {
                render::print_problem(printer, problem, stream);
            }
        }
        Format::Concise => printer.stdout(&concise::text(found)),
        Format::Github => printer.stdout(&github::text(found)),
        Format::Sarif => printer.stdout(&sarif::text(found)),
    }
}

/// Where a finding is, as a person counts; the end is exclusive.
struct Region {
    start: LineColumn,
    end: LineColumn,
}

impl Region {
    fn of(lines: &LineIndex<'_>, diagnostic: &Diagnostic) -> Self {
        Region {
            start: lines.line_column(diagnostic.span.start),
            end: lines.line_column(diagnostic.span.end),
        }
    }
}

/// Where forges count paths from: the root of the work tree, else the folder from which files are named.
fn root(found: &Found) -> PathBuf {
    locate::work_tree(&found.base).map_or_else(|| found.base.clone(), Path::to_owned)
}

/// The path of a file from that root, with `/`; the whole path where it is elsewhere.
fn path_from(root: &Path, found: &Found, file: &str) -> String {
    let path = normalised(&found.base.join(file));
    let inside = path.strip_prefix(normalised(root)).unwrap_or(&path);
    inside.display().to_string().replace('\\', "/")
}
