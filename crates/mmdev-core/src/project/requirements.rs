//! What a pip section takes from other places: requirements and constraints files, and the workspace itself.

use std::collections::BTreeMap;

use super::{MISSING_FILE, Problem, check};
use crate::spec::pip::parse_line;
use crate::spec::{EnvSpec, PipEntry, PipLine};
use crate::text::Span;

/// A pip section, resolved.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pip {
    /// What pip installs when the image is built: lines of a requirements file.
    pub lines: Vec<String>,
    /// The lines of constraints files.
    pub constraints: Vec<String>,
    /// Arguments of the `pip install` in the workspace.
    pub(super) workspace: Vec<String>,
}

/// Options of a requirements file that say where pip looks and what it takes, and that it takes as arguments too.
const WHERE_TO_LOOK: &[&str] = &[
    "-f",
    "-i",
    "--extra-index-url",
    "--find-links",
    "--index-url",
    "--no-binary",
    "--no-index",
    "--only-binary",
    "--pre",
    "--prefer-binary",
    "--pypi-url",
    "--trusted-host",
];

impl Pip {
    /// The arguments of the `pip install` in the workspace, which looks where the section's other packages come from.
    ///
    /// What pip would unquote or take from a variable is left out: it does that in files alone.
    pub(super) fn workspace_arguments(&self) -> Vec<String> {
        if self.workspace.is_empty() {
            return Vec::new();
        }
        let options = self.lines.iter().filter(|line| {
            let name = line.split([' ', '\t', '=']).next().unwrap_or_default();
            WHERE_TO_LOOK.contains(&name) && !line.contains(['\'', '"', '\\', '$'])
        });
        options
            .flat_map(|line| line.split_whitespace())
            .map(str::to_owned)
            .chain(self.workspace.iter().cloned())
            .collect()
    }
}

/// What a requirements or constraints file says to pip: its text without comments and line breaks inside of lines.
pub fn requirement_lines(text: &str) -> String {
    logical_lines(text).join("\n")
}

/// The requirements and constraints files that `specs` name and that `files` does not hold yet, relative to the
/// project's root. A requirements file may name others: read what is asked for, and ask again until nothing is.
pub fn wanted_files(specs: &[(String, EnvSpec)], files: &BTreeMap<String, String>) -> Vec<String> {
    let mut wanted: Vec<String> = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let name = |folder_of: &str, line: &PipLine, open: &mut Vec<String>| {
        let (PipLine::RequirementsFile { path } | PipLine::ConstraintsFile { path }) = line else {
            return;
        };
        open.extend(join(folder_of, path));
    };
    for (spec_path, spec) in specs {
        for entry in &spec.pip {
            name(spec_path, &entry.line, &mut open);
        }
    }
    while let Some(path) = open.pop() {
        if seen.contains(&path) {
            continue;
        }
        match files.get(&path) {
            None => wanted.push(path.clone()),
            Some(text) => {
                for line in logical_lines(text) {
                    name(&path, &parse_line(&line).0, &mut open);
                }
            }
        }
        seen.push(path);
    }
    wanted.sort();
    wanted
}

/// Where a line was written.
#[derive(Clone, Copy)]
struct Place<'a> {
    path: &'a str,
    span: Option<Span>,
}

/// Adds what `entry` of the spec at `spec_path` means to `pip`.
pub(super) fn resolve(
    files: &BTreeMap<String, String>,
    spec_path: &str,
    entry: &PipEntry,
    pip: &mut Pip,
    problems: &mut Vec<Problem>,
) {
    if check::pip_entry(entry).is_some() {
        // `check::entries` says it.
        return;
    }
    let place = Place {
        path: spec_path,
        span: Some(entry.text.span),
    };
    let mut resolver = Resolver {
        files,
        pip,
        problems,
        open: Vec::new(),
    };
    resolver.line(place, &entry.text.value, &entry.line, false);
}

struct Resolver<'a> {
    files: &'a BTreeMap<String, String>,
    pip: &'a mut Pip,
    problems: &'a mut Vec<Problem>,
    /// The files that are being read, against circles.
    open: Vec<String>,
}

impl Resolver<'_> {
    fn line(&mut self, place: Place, text: &str, line: &PipLine, is_constraint: bool) {
        if let Some(problem) = check::entry("pip entry", text) {
            self.problems.push(problem.at(place.path, place.span));
            return;
        }
        match line {
            PipLine::RequirementsFile { path } => self.file(place, path, is_constraint),
            PipLine::ConstraintsFile { path } => self.file(place, path, true),
            PipLine::Path { path, editable } => self.workspace(place, text, path, *editable),
            PipLine::Malformed => {}
            PipLine::Package { .. } | PipLine::Url | PipLine::Option => {
                let lines = if is_constraint {
                    &mut self.pip.constraints
                } else {
                    &mut self.pip.lines
                };
                if !lines.iter().any(|other| other == text) {
                    lines.push(text.to_owned());
                }
            }
        }
    }

    fn file(&mut self, place: Place, written: &str, is_constraint: bool) {
        if written.contains("://") {
            // pip fetches it itself.
            let option = if is_constraint { "-c" } else { "-r" };
            self.pip.lines.push(format!("{option} {written}"));
            return;
        }
        let Some(path) = join(place.path, written) else {
            self.problems.push(
                Problem::error(
                    MISSING_FILE,
                    format!("the file `{written}` is outside the project"),
                )
                .at(place.path, place.span)
                .hint("Move it into the project's folder"),
            );
            return;
        };
        if self.open.contains(&path) {
            return;
        }
        let Some(text) = self.files.get(&path) else {
            self.problems.push(
                Problem::error(MISSING_FILE, format!("the file `{path}` is not there"))
                    .at(place.path, place.span)
                    .hint("Create it, or remove this entry"),
            );
            return;
        };
        self.open.push(path.clone());
        for line in logical_lines(text) {
            let inside = Place {
                path: &path,
                span: None,
            };
            self.line(inside, &line, &parse_line(&line).0, is_constraint);
        }
        self.open.pop();
    }

    /// A path is installed from the workspace. It always starts with a dot, so that pip takes it for no option.
    fn workspace(&mut self, place: Place, text: &str, path: &str, editable: bool) {
        let Some(joined) = join(place.path, path) else {
            let problem = check::outside(path);
            self.problems.push(problem.at(place.path, place.span));
            return;
        };
        let extras = text
            .rfind(path)
            .map(|at| text[at + path.len()..].trim())
            .filter(|rest| rest.starts_with('['))
            .unwrap_or_default();
        let target = if joined.is_empty() {
            format!(".{extras}")
        } else {
            format!("./{joined}{extras}")
        };
        if editable {
            self.pip.workspace.push("-e".to_owned());
        }
        self.pip.workspace.push(target);
    }
}

/// `written` in the folder of the file at `file`, without `.` and `..`; empty for the root itself, `None` where that
/// leaves the root.
fn join(file: &str, written: &str) -> Option<String> {
    if check::is_absolute(written) {
        return None;
    }
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(written.split(['/', '\\'])) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The lines of a requirements file as pip reads them: continued ones joined, comments and empty ones left out.
fn logical_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut joined = String::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for line in text.lines() {
        // A comment starts the line or follows a space; it ends what a backslash continued.
        let comment = line
            .match_indices('#')
            .map(|(at, _)| at)
            .find(|&at| at == 0 || line[..at].ends_with([' ', '\t']));
        let content = &line[..comment.unwrap_or(line.len())];
        match content.strip_suffix('\\') {
            Some(start) if comment.is_none() => joined.push_str(start),
            _ => {
                joined.push_str(content);
                lines.push(std::mem::take(&mut joined));
            }
        }
    }
    lines.push(joined);
    lines
        .into_iter()
        .map(|line| line.replace('\t', " ").trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}
