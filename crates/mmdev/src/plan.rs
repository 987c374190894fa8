//! What `generate` is going to do: the files that should be against those that are, before anything is written.

use std::io::{BufRead, IsTerminal};

use mmdev_core::artifact::devcontainer::{Instruction, Mode, Outcome};
use mmdev_core::artifact::stamp::Ownership;
use mmdev_core::artifact::{self, FOLDER};
use mmdev_core::reconcile::{self, Action, Goal, Observed};

use crate::changes::Change;
use crate::desired;
use crate::devcontainer::Devcontainer;
use crate::error::{Error, Result, Status};
use crate::files;
use crate::load::Workspace;
use crate::locate;
use crate::printer::Printer;
use crate::render::{self, Findings, Stream};

/// How far writing may go.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Writing {
    /// Overwrite what mmdev owns even where a person changed it.
    pub(crate) force: bool,
    /// Adopt a devcontainer.json that mmdev did not write without asking.
    pub(crate) yes: bool,
    /// Leave the devcontainer.json that is there, and write one beside it.
    pub(crate) beside: bool,
}

/// Everything that is to be done, and what is in the way.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// The files, each as it is and as it should be.
    pub(crate) changes: Vec<Change>,
    /// What a person changed in what mmdev owns.
    pub(crate) conflicts: Vec<Conflict>,
    /// What there is to say about the devcontainer.json.
    pub(crate) findings: Option<Findings>,
    /// The path of a devcontainer.json that mmdev did not write and would now edit.
    pub(crate) adopted: Option<String>,
    /// The path of a devcontainer.json that cannot be understood; `findings` say why.
    pub(crate) broken: Option<String>,
}

/// Something that mmdev owns and a person changed.
#[derive(Debug)]
pub(crate) struct Conflict {
    /// The file, from the project's root.
    pub(crate) path: String,
    /// What it is, as a sentence without a full stop.
    pub(crate) message: String,
    /// What to do.
    pub(crate) hint: String,
}

impl Conflict {
    /// Says it as a warning.
    pub(crate) fn say(&self, printer: &Printer) {
        printer.warning(&self.message);
        printer.hint(&self.hint);
    }
}

/// Compares what should be with what is. Nothing is written.
pub(crate) fn plan(workspace: &Workspace, writing: &Writing) -> Result<Plan> {
    let mut plan = Plan::default();
    owned_files(workspace, writing, &mut plan)?;
    devcontainer_json(workspace, writing, &mut plan)?;
    Ok(plan)
}

/// The same for what is there already; of a devcontainer.json that only a person can bring to it, nothing is said.
pub(crate) fn of_generated(workspace: &Workspace) -> Result<Plan> {
    let writing = Writing::default();
    let mut plan = Plan::default();
    owned_files(workspace, &writing, &mut plan)?;
    if let Err(error) = devcontainer_json(workspace, &writing, &mut plan)
        && error.status != Status::Problems
    {
        return Err(error);
    }
    Ok(plan)
}

impl Plan {
    /// Says what a person should know.
    pub(crate) fn say(&self, printer: &Printer) {
        if let Some(findings) = &self.findings {
            render::print(printer, findings, Stream::Stderr);
        }
    }

    /// Nothing is written where a person's work would be lost.
    pub(crate) fn refuse_conflicts(&self, printer: &Printer) -> Result<()> {
        if let Some(path) = &self.broken {
            return Err(cannot_be_understood(path));
        }
        if self.conflicts.is_empty() {
            return Ok(());
        }
        for conflict in &self.conflicts {
            conflict.say(printer);
        }
        Err(
            Error::problem("nothing was written: files were changed by hand")
                .with_hint("see the difference: mmdev generate --diff --force")
                .with_hint("overwrite what was changed: mmdev generate --force"),
        )
    }

    /// Asks whether a devcontainer.json that mmdev did not write may be edited.
    pub(crate) fn ask(&self, printer: &Printer, writing: &Writing) -> Result<()> {
        let Some(path) = self.adopted.as_ref().filter(|_| !writing.yes) else {
            return Ok(());
        };
        for change in &self.changes {
            if &change.path == path {
                printer.result(&change.diff());
            }
        }
        let refused = Error::problem(format!(
            "nothing was written: mmdev did not write {path}, and the change above was not agreed to"
        ))
        .with_hint("agree to it: --yes")
        .with_hint("leave the file, and add a second configuration: --beside");
        if !std::io::stdin().is_terminal() || printer.is_json() {
            return Err(refused);
        }
        printer.note(&format!("Change {path} as shown? [y/N]"));
        let mut answer = String::new();
        let read = std::io::stdin().lock().read_line(&mut answer);
        match (read, answer.trim().to_lowercase().as_str()) {
            (Ok(_), "y" | "yes") => Ok(()),
            _ => Err(refused),
        }
    }
}

/// The files of the folder that mmdev owns, as the reconciler decides about them.
fn owned_files(workspace: &Workspace, writing: &Writing, plan: &mut Plan) -> Result<()> {
    let mut wanted = artifact::files(&workspace.project);
    wanted.extend(artifact::specs_file(
        &workspace.project,
        &workspace.spec_texts(),
    ));
    let mut observed = Observed::default();
    for name in locate::file_names(&workspace.root.join(FOLDER)) {
        let path = format!("{FOLDER}/{name}");
        let is_wanted = wanted.iter().any(|file| file.path == path);
        match files::read(&workspace.root.join(&path)) {
            Ok(text) => observed.files.extend(text.map(|text| (path, text))),
            // A picture that somebody put there is none of our business.
            Err(_) if !is_wanted => {}
            Err(error) => return Err(error),
        }
    }
    let desired = reconcile::Desired {
        files: &wanted,
        plan_hash: "",
        goal: Goal::Files,
        overwrite: writing.force,
        replace: false,
    };
    for action in reconcile::reconcile(desired, &observed) {
        match action {
            Action::Write(file) => plan.changes.push(Change {
                before: observed.files.get(&file.path).cloned(),
                path: file.path,
                after: Some(file.text),
            }),
            Action::Remove { path } => plan.changes.push(Change {
                before: observed.files.get(&path).cloned(),
                path,
                after: None,
            }),
            Action::Leave { path, ownership } => {
                plan.conflicts.push(changed_by_hand(&path, ownership));
            }
            // The goal is files alone.
            _ => {}
        }
    }
    Ok(())
}

fn changed_by_hand(path: &str, ownership: Ownership) -> Conflict {
    match ownership {
        Ownership::Foreign => Conflict {
            path: path.to_owned(),
            message: format!("{path} was not written by mmdev, and mmdev has a file of that name"),
            hint: format!("move it out of {}", FOLDER),
        },
        _ => Conflict {
            path: path.to_owned(),
            message: format!("{path} was changed by hand since mmdev wrote it"),
            hint: if path.ends_with("/Dockerfile") {
                "put lines of your own into `dockerfile.before` or `dockerfile.after` of customizations.mmdev"
            } else {
                "change the spec or customizations.mmdev instead: this file comes out of them"
            }
            .to_owned(),
        },
    }
}

/// The devcontainer.json: created, kept up to date, or adopted.
fn devcontainer_json(workspace: &Workspace, writing: &Writing, plan: &mut Plan) -> Result<()> {
    let Devcontainer { path, text } = &workspace.devcontainer;
    let mode = if writing.force {
        Mode::Force
    } else {
        Mode::Merge
    };
    let desired = desired::desired(workspace);
    let planned = mmdev_core::artifact::devcontainer::plan(path, text.as_deref(), &desired, mode);
    plan.findings = Some(Findings {
        file: path.clone(),
        text: text.clone().unwrap_or_default(),
        diagnostics: planned.diagnostics,
    });
    let after = match planned.outcome {
        Outcome::Create { text } => Some(text),
        Outcome::Unchanged => text.clone(),
        Outcome::Update(change) => Some(change.text),
        Outcome::Adopt(change) => {
            plan.adopted = Some(path.clone());
            Some(change.text)
        }
        Outcome::Manual {
            reason,
            instructions,
        } => return Err(by_hand(&reason, &instructions)),
        Outcome::Invalid => {
            plan.broken = Some(path.clone());
            return Ok(());
        }
    };
    plan.changes.push(Change {
        path: path.clone(),
        before: text.clone(),
        after,
    });
    Ok(())
}

/// Nothing can be merged into it, and nothing overwrites it.
pub(crate) fn cannot_be_understood(path: &str) -> Error {
    Error::problem(format!("nothing was written: {path} cannot be understood"))
        .with_hint("mend what is said above; mmdev explain CODE says more")
        .with_hint("or leave it, and add a second configuration: mmdev generate --beside")
}

/// What a person must do, because a file is theirs.
fn by_hand(reason: &str, instructions: &[Instruction]) -> Error {
    let mut error = Error::problem(format!("nothing was written: {reason}"));
    for Instruction { file, lines } in instructions {
        let lines: String = lines.lines().map(|line| format!("\n    {line}")).collect();
        error = error.with_hint(format!("add to {file}:{lines}"));
    }
    error.with_hint("or leave it, and add a second configuration: mmdev generate --beside")
}
