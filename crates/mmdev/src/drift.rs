//! What `mmdev check` says of generated files: those that are not as the spec says, and those that a person changed;
//! and of locks.

use mmdev_core::artifact::devcontainer::CHANGED_BY_HAND;
use mmdev_core::artifact::stamp::{self, Ownership};
use mmdev_core::artifact::{FOLDER, OUT_OF_DATE};
use mmdev_core::diagnostic::{Diagnostic, Severity};
use mmdev_core::lint;
use mmdev_core::project::Problem;
use mmdev_core::syntax::jsonc;
use mmdev_core::text::Span;

use crate::changes::{Change, ChangeKind};
use crate::container_files;
use crate::error::Result;
use crate::files;
use crate::load::Workspace;
use crate::locate;
use crate::plan;
use crate::render::Findings;

/// Adds what is wrong with the locks of `workspace` themselves.
pub(crate) fn add_locks(workspace: &mut Workspace) -> Result<()> {
    let environments = workspace.project.environments.iter();
    let paths: Vec<String> = environments
        .map(|environment| environment.lock_path.clone())
        .collect();
    for file in paths {
        let Some(text) = files::read(&workspace.root.join(&file))? else {
            continue;
        };
        workspace.findings.push(Findings {
            diagnostics: lint::lock(&text, &workspace.selection),
            file,
            text,
        });
    }
    Ok(())
}

/// Adds to what was found in `workspace` how its generated files differ from what `mmdev generate` would write. A
/// project that was never generated is not wrong, and of one with an error it is not known what should be.
pub(crate) fn add(workspace: &mut Workspace) -> Result<()> {
    if workspace.has_error() || !is_generated(workspace)? {
        return Ok(());
    }
    let plan = plan::of_generated(workspace)?;
    for conflict in plan.conflicts {
        let problem = Problem {
            path: Some(conflict.path),
            span: None,
            code: CHANGED_BY_HAND,
            severity: Severity::Warning,
            message: conflict.message,
            hint: Some(conflict.hint),
        };
        workspace.problems.push(problem);
    }
    if let Some(findings) = plan.findings {
        add_findings(workspace, findings);
    }
    for change in &plan.changes {
        // A devcontainer.json that is not mmdev's is no generated file.
        if plan.adopted.as_ref() == Some(&change.path) {
            continue;
        }
        match (change.kind(), &change.before) {
            (ChangeKind::Unchanged, _) => {}
            (ChangeKind::Changed, Some(before)) => {
                let findings = Findings {
                    file: change.path.clone(),
                    text: before.clone(),
                    diagnostics: vec![changed(change, before)],
                };
                add_findings(workspace, findings);
            }
            (ChangeKind::Created | ChangeKind::Changed, _) => {
                let message = format!("{} is missing, which the spec asks for", change.path);
                workspace
                    .problems
                    .push(missing_or_left_over(change, message));
            }
            (ChangeKind::Deleted, _) => {
                let message = format!("{} is left over: the spec asks for it no more", change.path);
                workspace
                    .problems
                    .push(missing_or_left_over(change, message));
            }
        }
    }
    let selection = &workspace.selection;
    let problems = &mut workspace.problems;
    problems.retain(|problem| selection.takes(problem.code));
    Ok(())
}

/// Whether mmdev has written a file of the project already.
fn is_generated(workspace: &Workspace) -> Result<bool> {
    let text = workspace.devcontainer.text.as_deref().unwrap_or_default();
    let (document, _) = jsonc::parse(text);
    if document
        .at(&["customizations", "mmdev", "generated"])
        .is_some()
    {
        return Ok(true);
    }
    let folder = workspace.root.join(FOLDER);
    for name in locate::file_names(&folder) {
        // Neither a picture nor a file that may not be read is one of ours.
        let text = files::read(&folder.join(name)).ok().flatten();
        if text.is_some_and(|text| stamp::verify(&text) != Ownership::Foreign) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn missing_or_left_over(change: &Change, message: String) -> Problem {
    Problem {
        path: Some(change.path.clone()),
        span: None,
        code: OUT_OF_DATE,
        severity: Severity::Warning,
        message,
        hint: Some(HINT.to_owned()),
    }
}

const HINT: &str = "Run `mmdev generate`";

/// The first line that would become another one; the stamp, which always does, does not count.
fn changed(change: &Change, before: &str) -> Diagnostic {
    let after = change.after.as_deref().unwrap_or_default();
    let mut start = 0;
    let mut others = after.lines();
    let mut lines = before.split_inclusive('\n').enumerate();
    let span = lines.find_map(|(number, line)| {
        let own = Span::new(start, start + line.trim_end_matches(['\n', '\r']).len());
        start += line.len();
        let is_stamp = number == 0 && stamp::verify(before) != Ownership::Foreign;
        let is_other = others.next() != Some(line.trim_end_matches(['\n', '\r']));
        (is_other && !is_stamp).then_some(own)
    });
    let message = match span {
        Some(_) => format!(
            "{} is out of date: from this line on the spec says something else",
            change.path
        ),
        None => format!("{} is out of date: the spec says more", change.path),
    };
    let span = span.unwrap_or(Span::empty(before.len()));
    Diagnostic::warning(OUT_OF_DATE, span, message).with_hint(HINT)
}

fn add_findings(workspace: &mut Workspace, findings: Findings) {
    let selection = &workspace.selection;
    let Findings {
        file,
        text,
        mut diagnostics,
    } = findings;
    diagnostics = match container_files::kind(&file, &text) {
        Some(kind) => lint::unsilenced(kind, diagnostics, selection),
        None => diagnostics,
    };
    diagnostics.retain(|diagnostic| selection.takes(diagnostic.code));
    let mut known = workspace.findings.iter_mut();
    match known.find(|known| known.file == file) {
        Some(known) => known.diagnostics.extend(diagnostics),
        None if diagnostics.is_empty() => {}
        None => workspace.findings.push(Findings {
            file,
            text,
            diagnostics,
        }),
    }
}
