//! A project as it stands on the disk, read for the pure core: settings, specs, and the files that they name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mmdev_core::artifact;
use mmdev_core::diagnostic::{Code, Diagnostic, Severity};
use mmdev_core::lint::{self, Selection, SpecFile, Suppressions, Surroundings};
use mmdev_core::project::{self, LOCAL_CHANNEL, LockTexts, MUSL_BASE_IMAGE, Problem, Project};
use mmdev_core::settings::Settings;
use mmdev_core::spec::{self, ReadSpec, SpecKind};
use mmdev_core::syntax::yaml;

use crate::channels::Asker;
use crate::container_files;
use crate::devcontainer::Devcontainer;
use crate::error::{Error, Result};
use crate::files;
use crate::locate;
use crate::printer::Printer;
use crate::render::{self, Findings, Stream};
use crate::requirements::requirements;
use crate::settings::{Request, overlay};
use crate::settings_files;
use crate::surroundings;

/// A project that was read.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// Its root.
    pub(crate) root: PathBuf,
    /// The devcontainer.json that is mmdev's business.
    pub(crate) devcontainer: Devcontainer,
    /// The settings of all sources.
    pub(crate) settings: Settings,
    /// Which rules are to speak in its files.
    pub(crate) selection: Selection,
    /// Those that were asked for on the command line or in the environment.
    pub(crate) asked: Settings,
    /// Those that stand in the devcontainer.json.
    pub(crate) written: Settings,
    /// What should be.
    pub(crate) project: Project,
    /// The specs, the requirements files that they name, and the locks, there or not: paths from the root, with `/`.
    pub(crate) inputs: Vec<String>,
    /// What was found in its files; one entry for each file that was read, in the order of reading.
    pub(crate) findings: Vec<Findings>,
    /// What is wrong without a place in a file.
    pub(crate) problems: Vec<Problem>,
}

impl Workspace {
    /// Reads the project that the request means.
    pub(crate) fn read(request: &Request) -> Result<Self> {
        let current = locate::current_folder()?;
        let root = locate::root(&current);
        Workspace::read_at(&root, &current, request)
    }

    /// Reads the project that the request means; `None` where nobody names a spec and none is there.
    pub(crate) fn find(request: &Request) -> Result<Option<Self>> {
        let current = locate::current_folder()?;
        let root = locate::root(&current);
        let sources = Sources::read(&root, &current, request)?;
        let paths = match sources.named_specs() {
            Some(paths) => paths,
            None if specs_at(&root)?.is_empty() => return Ok(None),
            None => vec![find_spec(&root, &request.command)?],
        };
        sources.with_specs(&root, &paths).map(Some)
    }

    /// Reads the project at `root`; the request's paths are from `current`.
    pub(crate) fn read_at(root: &Path, current: &Path, request: &Request) -> Result<Self> {
        let sources = Sources::read(root, current, request)?;
        let paths = match sources.named_specs() {
            Some(paths) => paths,
            None => vec![find_spec(root, &request.command)?],
        };
        sources.with_specs(root, &paths)
    }

    /// The text of the spec at `path`, as it was read.
    pub(crate) fn text(&self, path: &str) -> &str {
        let mut findings = self.findings.iter();
        let of_spec = findings.find(|findings| findings.file == path);
        of_spec.map_or("", |findings| &findings.text)
    }

    /// The texts of the active environment's specs, by their paths.
    pub(crate) fn spec_texts(&self) -> Vec<(&str, &str)> {
        let paths = self.project.active_environment().specs.iter();
        paths.map(|path| (path.as_str(), self.text(path))).collect()
    }

    /// Whether something was found that stops what writes and builds.
    pub(crate) fn has_error(&self) -> bool {
        let errors = |findings: &Findings| findings.count(Severity::Error) > 0;
        let is_error = |problem: &Problem| problem.severity == Severity::Error;
        self.findings.iter().any(errors) || self.problems.iter().any(is_error)
    }

    /// Says what was found, and stops where there is an error.
    pub(crate) fn sound(self, printer: &Printer) -> Result<Self> {
        let mut workspace = self.at_least(Severity::Warning);
        for findings in &mut workspace.findings {
            // How a spec stands to its lock is said by those who bring the lock to it.
            let is_of_lock = |found: &Diagnostic| found.code.0.starts_with("MM8");
            findings.diagnostics.retain(|found| !is_of_lock(found));
        }
        let errors = report(printer, &workspace, Stream::Stderr);
        workspace.stop_at(errors)
    }

    /// Says what is wrong, and stops where there is an error: for commands that are about the container, and are
    /// typed often. What could be better is said by `check` and `generate`.
    pub(crate) fn usable(self, printer: &Printer) -> Result<Self> {
        let workspace = self.at_least(Severity::Error);
        let errors = report(printer, &workspace, Stream::Stderr);
        workspace.stop_at(errors)
    }

    /// Says what is wrong, and stops where there is an error, for commands that are about locks.
    pub(crate) fn lockable(self, printer: &Printer) -> Result<Self> {
        self.for_locks().usable(printer)
    }

    /// The same with what is wrong for a lock, which may name what the build of an image does not have.
    pub(crate) fn for_locks(self) -> Self {
        self.without(LOCAL_CHANNEL).at_least(Severity::Error)
    }

    /// The same with what is at least as bad: remarks are said by `check` alone, which was asked for them.
    pub(crate) fn at_least(mut self, severity: Severity) -> Self {
        for findings in &mut self.findings {
            findings
                .diagnostics
                .retain(|diagnostic| diagnostic.severity >= severity);
        }
        self.problems.retain(|problem| problem.severity >= severity);
        self
    }

    /// The same without what a rule says, for a command that it does not concern.
    fn without(mut self, code: Code) -> Self {
        for findings in &mut self.findings {
            let others = |diagnostic: &Diagnostic| diagnostic.code != code;
            findings.diagnostics.retain(others);
        }
        self.problems.retain(|problem| problem.code != code);
        self
    }

    fn stop_at(self, errors: usize) -> Result<Self> {
        if errors == 0 {
            return Ok(self);
        }
        Err(Error::problem(format!(
            "nothing was done: the project has {}",
            counted(errors, "error")
        ))
        .with_hint("mend what is said above; mmdev explain CODE says more"))
    }
}

/// What the files of a project say of it besides its specs.
#[derive(Debug)]
pub(crate) struct Sources {
    /// As [`Workspace::devcontainer`].
    pub(crate) devcontainer: Devcontainer,
    /// What was found in the files with settings.
    pub(crate) findings: Vec<Findings>,
    /// Which rules are to speak in all of its files.
    pub(crate) selection: Selection,
    asker: Option<Arc<Asker>>,
    /// Whether all packages are laid out anew.
    compact: bool,
    overlay: BTreeMap<String, String>,
    settings: Settings,
    asked: Settings,
    written: Settings,
}

impl Sources {
    /// Reads those of the project at `root`; the request's paths are from `current`.
    pub(crate) fn read(root: &Path, current: &Path, request: &Request) -> Result<Self> {
        let mut findings = Vec::new();
        let devcontainer = Devcontainer::find(root, request.beside)?;
        let asked = request.settings(root, current)?;
        let written = settings_files::written(&devcontainer, &mut findings);
        let mut settings = overlay(asked.clone(), written.clone());
        settings = overlay(settings, settings_files::in_toml(root, &mut findings)?);
        let selection = request.selection.clone().or(&Selection::of(&settings));
        let findings = container_files::judge(root, &devcontainer, findings, &selection)?;
        Ok(Sources {
            devcontainer,
            findings,
            selection,
            asker: request.asker.clone(),
            compact: request.compact,
            overlay: request.overlay.clone(),
            settings,
            asked,
            written,
        })
    }

    /// The paths of the specs that somebody names, from the root; `None` where they are to be found.
    pub(crate) fn named_specs(&self) -> Option<Vec<String>> {
        if let Some(environments) = &self.settings.environments {
            return Some(environments.iter().map(|(_, path)| path.clone()).collect());
        }
        self.settings.files.clone()
    }

    /// The project with the specs at these paths.
    pub(crate) fn with_specs(self, root: &Path, paths: &[String]) -> Result<Workspace> {
        let mut findings = self.findings;
        let mut specs = Vec::new();
        let mut reader = spec::Reader::default();
        for path in paths {
            let another = "name another file with -f, or mend `files` in the settings";
            let bytes = match self.overlay.get(path) {
                Some(text) => Some(text.clone().into_bytes()),
                None => files::read_bytes(&root.join(path))?,
            };
            let Some(bytes) = bytes else {
                let message = format!("there is no {path} in {}", root.display());
                return Err(Error::invocation(message).with_hint(another));
            };
            let asker = self.asker.as_deref();
            let place = root.join(path);
            let around = Surroundings {
                selection: self.selection.clone(),
                ..around(&place, asker)
            };
            // A file that a person names need not have a spec's name.
            let judged = judge(
                &place,
                path,
                locate::SPEC_NAMES[0],
                bytes,
                around,
                asker,
                &mut reader,
            );
            if let SpecKind::NotASpec { reason } = judged.read.kind {
                let message = format!("{path} is no conda environment: {reason}");
                return Err(Error::invocation(message).with_hint(another));
            }
            findings.push(judged.findings);
            specs.push((path.clone(), judged.read.spec));
        }
        let (files, missing) = requirements(root, &specs)?;
        let inputs = project::Inputs {
            specs: &specs,
            settings: &self.settings,
            files: &files,
            locks: &BTreeMap::new(),
        };
        // Where locks stand depends on what the environments are.
        let (mut project, mut problems) = project::plan(inputs);
        let locks = locks(root, &project, self.compact)?;
        if !locks.is_empty() {
            (project, problems) = project::plan(project::Inputs {
                locks: &locks,
                ..inputs
            });
        }
        let paths = specs.iter().map(|(path, _)| path);
        let lock_paths = project.environments.iter();
        let inputs = paths
            .chain(files.keys())
            .chain(&missing)
            .chain(lock_paths.map(|environment| &environment.lock_path))
            .cloned()
            .collect();
        let mut problems = place(problems, &mut findings, &files);
        silence(&mut findings, &mut problems, &self.selection);
        Ok(Workspace {
            root: root.to_owned(),
            devcontainer: self.devcontainer,
            settings: self.settings,
            selection: self.selection,
            asked: self.asked,
            written: self.written,
            project,
            inputs,
            findings,
            problems,
        })
    }
}

/// A file that may be a spec, read and judged.
pub(crate) struct Judged {
    /// What was read out of it.
    pub(crate) read: ReadSpec,
    /// What is known of the world around it.
    pub(crate) around: Surroundings,
    /// Its text, and what is wrong with it; nothing where it is no spec.
    pub(crate) findings: Findings,
}

/// The surroundings of the spec at `path` but for what it names itself, with the best that is known of PyPI's names.
pub(crate) fn around(path: &Path, asker: Option<&Asker>) -> Surroundings {
    let around = surroundings::around(path);
    match asker {
        Some(asker) => asker.surroundings(around),
        None => around,
    }
}

/// Judges the bytes of the file at `path`, which people know as `file`; `name` is the name by which it is told from
/// other files. With somebody to ask also before what its channels have.
pub(crate) fn judge(
    path: &Path,
    file: &str,
    name: &str,
    bytes: Vec<u8>,
    around: Surroundings,
    asker: Option<&Asker>,
    reader: &mut spec::Reader,
) -> Judged {
    let (text, problem) = spec::decode(bytes);
    let is_recoded = problem.is_some();
    let tree = yaml::parse(&text);
    let mut read = reader.read_parsed(name, &text, &tree);
    if read.kind == SpecKind::Spec {
        read.diagnostics.splice(0..0, problem);
    }
    let around = Surroundings {
        missing_paths: surroundings::missing_paths(path, &read.spec),
        ..around
    };
    let spec = SpecFile {
        path: file,
        text: &text,
        tree: &tree,
        read: &read,
    };
    let index = asker
        .filter(|_| read.kind == SpecKind::Spec)
        .and_then(|asker| asker.index(&read.spec, &around));
    let mut diagnostics = lint::spec(&spec, &around, index.as_deref());
    if is_recoded {
        // Edits of the text are none of the file, which has other bytes.
        for diagnostic in &mut diagnostics {
            diagnostic.fix = None;
        }
    }
    Judged {
        read,
        around,
        findings: Findings {
            file: file.to_owned(),
            text,
            diagnostics,
        },
    }
}

/// Says everything that was found, and returns how many errors that were.
pub(crate) fn report(printer: &Printer, workspace: &Workspace, stream: Stream) -> usize {
    let mut errors = 0;
    for findings in &workspace.findings {
        render::print(printer, findings, stream);
        errors += findings.count(Severity::Error);
    }
    for problem in &workspace.problems {
        render::print_problem(printer, problem, stream);
        errors += usize::from(problem.severity == Severity::Error);
    }
    errors
}

/// `1 error`, `2 errors`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}

/// Problems that have a place become findings of their file.
fn place(
    problems: Vec<Problem>,
    findings: &mut Vec<Findings>,
    files: &BTreeMap<String, String>,
) -> Vec<Problem> {
    let mut left = Vec::new();
    for problem in problems {
        let Some(path) = problem.path.clone() else {
            left.push(problem);
            continue;
        };
        let known = findings.iter().position(|findings| findings.file == path);
        let index = match (known, files.get(&path)) {
            (Some(index), _) => index,
            (None, Some(text)) => {
                findings.push(Findings {
                    file: path,
                    text: text.clone(),
                    diagnostics: Vec::new(),
                });
                findings.len() - 1
            }
            (None, None) => {
                left.push(problem);
                continue;
            }
        };
        let found = problem.into_diagnostic();
        // What a spec alone shows was found when it was judged.
        if !findings[index].diagnostics.contains(&found) {
            findings[index].diagnostics.push(found);
        }
    }
    left
}

/// Takes away what comments silence in specs and in the files that they name, and what nobody selected.
fn silence(findings: &mut [Findings], problems: &mut Vec<Problem>, selection: &Selection) {
    for findings in findings.iter_mut() {
        // Files about the container are judged with their comments.
        if container_files::kind(&findings.file, &findings.text).is_some() {
            continue;
        }
        let tree = yaml::parse(&findings.text);
        let found = std::mem::take(&mut findings.diagnostics);
        findings.diagnostics =
            Suppressions::in_spec(&findings.text, &tree).filter(found, selection);
    }
    let is_placed = |code| {
        let mut found = findings.iter().flat_map(|findings| &findings.diagnostics);
        found.any(|diagnostic| diagnostic.code == code)
    };
    problems.retain(|problem| {
        // Where the image is named in a file, it is found there.
        let is_said = problem.code == MUSL_BASE_IMAGE && is_placed(problem.code);
        selection.takes(problem.code) && !is_said
    });
}

/// The one file at the root that has a spec's name and is one.
pub(crate) fn find_spec(root: &Path, command: &str) -> Result<String> {
    let NamedFiles {
        specs: named,
        others,
    } = named_files(root)?;
    match named.as_slice() {
        [name] => Ok(name.clone()),
        [] => Err(no_spec(root, command, &others)),
        [first, ..] => {
            let all: Vec<String> = named.iter().map(|name| format!("-f {name}")).collect();
            let mut error = Error::invocation(format!(
                "there is more than one spec in {}: {}",
                root.display(),
                named.join(", ")
            ));
            for name in &named {
                error = error.with_hint(format!("mmdev {command} -f {name}"));
            }
            Err(error.with_hint(format!(
                "mmdev {command} {} merges them into one environment; {first} comes first",
                all.join(" ")
            )))
        }
    }
}

/// The files at the root that have a spec's name and are conda specs.
pub(crate) fn specs_at(root: &Path) -> Result<Vec<String>> {
    Ok(named_files(root)?.specs)
}

/// The files at the root that have a spec's name.
#[derive(Default)]
struct NamedFiles {
    /// Those that are conda specs.
    specs: Vec<String>,
    /// The others, each with what it is instead.
    others: Vec<(String, String)>,
}

fn named_files(root: &Path) -> Result<NamedFiles> {
    let mut named = NamedFiles::default();
    for name in locate::named_specs(root) {
        let bytes = files::read_bytes(&root.join(name))?.unwrap_or_default();
        match spec::read_bytes(name, bytes).1.kind {
            SpecKind::Spec => named.specs.push(name.to_owned()),
            SpecKind::NotASpec { reason } => named.others.push((name.to_owned(), reason)),
        }
    }
    Ok(named)
}

fn no_spec(root: &Path, command: &str, others: &[(String, String)]) -> Error {
    let [first, second, third, fourth] = locate::SPEC_NAMES;
    let mut message = format!(
        "{} has no spec called {first}, {second}, {third} or {fourth}",
        root.display()
    );
    for (name, reason) in others {
        message.push_str(&format!("; {name} is no conda environment: {reason}"));
    }
    let mut error = Error::invocation(message);
    for path in locate::lookalikes(root) {
        if others.iter().all(|(name, _)| *name != path) {
            error = error.with_hint(format!("mmdev {command} -f {path}"));
        }
    }
    error.with_hint("mmdev init python requests writes a spec with these packages")
}

/// The locks of `project` that are there, with the slices that were made of them last; without these where all is to be
/// laid out anew.
fn locks(root: &Path, project: &Project, compact: bool) -> Result<BTreeMap<String, LockTexts>> {
    let mut found = BTreeMap::new();
    for environment in &project.environments {
        let Some(lock) = files::read(&root.join(&environment.lock_path))? else {
            continue;
        };
        let [base, delta] = artifact::slice_paths(project, environment);
        let base = match compact {
            true => None,
            false => files::read(&root.join(base))?,
        };
        let delta = files::read(&root.join(delta))?;
        let slices = base.map(|base| (base, delta));
        let path = environment.lock_path.clone();
        found.insert(path, LockTexts { lock, slices });
    }
    Ok(found)
}
