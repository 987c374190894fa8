//! One look at the project: what is wrong with it, what it means, and which files say so.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use mmdev_core::artifact::devcontainer::{BESIDE_PATH, DEFAULT_PATH};
use mmdev_core::change::Meaning;
use mmdev_core::diagnostic::{Code, Severity};

use super::files::hash;
use crate::changes::ChangeKind;
use crate::error::{Error, Result};
use crate::files;
use crate::load::{self, Workspace};
use crate::locate;
use crate::locking;
use crate::plan::Writing;
use crate::plan::{self, Plan};
use crate::printer::Printer;
use crate::render::Stream;
use crate::settings::Request;
use crate::source::Source;
use crate::target::Target;

/// The rules that say of a spec that its lock is not its own any more.
const OF_OUTDATED: [Code; 2] = [Code("MM807"), Code("MM808")];

/// A project without errors.
pub(super) struct Sound {
    /// It, as it was read.
    pub(super) workspace: Workspace,
    /// Its files, as they are and as they should be.
    pub(super) plan: Plan,
    /// Whether some of them are not as they should be.
    pub(super) drift: bool,
    /// Its dev container.
    pub(super) target: Rc<Target>,
    /// What it means.
    pub(super) meaning: Meaning,
    /// What tells the locks apart that are there and not their specs' any more: what is asked for, and what is there.
    pub(super) outdated: Vec<String>,
}

/// What a look has found.
pub(super) struct Seen {
    /// The project; `None` where it has errors, which were said. An error is why it could not be read at all.
    pub(super) sound: Result<Option<Box<Sound>>>,
    /// How many errors were found.
    pub(super) errors: usize,
    /// How many warnings.
    pub(super) warnings: usize,
    /// The files that were read or looked for.
    pub(super) paths: BTreeSet<PathBuf>,
}

/// Looks at projects at one place, and remembers what it has said.
pub(super) struct Looker<'a> {
    printer: &'a Printer,
    request: &'a Request,
    root: &'a Path,
    current: PathBuf,
    /// The findings that were last said, without their places: a new line above moves them and changes nothing.
    said: Vec<(String, String)>,
}

impl<'a> Looker<'a> {
    /// It has said nothing yet.
    pub(super) fn new(
        printer: &'a Printer,
        request: &'a Request,
        root: &'a Path,
        current: PathBuf,
    ) -> Self {
        Looker {
            printer,
            request,
            root,
            current,
            said: Vec::new(),
        }
    }

    /// The files that are of interest whatever stands in them.
    pub(super) fn usual_paths(&self) -> BTreeSet<PathBuf> {
        let fixed = [
            "mmdev.toml",
            "pyproject.toml",
            ".devcontainer.json",
            DEFAULT_PATH,
            BESIDE_PATH,
        ];
        let names = locate::SPEC_NAMES.iter().chain(&fixed);
        let mut paths: BTreeSet<PathBuf> = names.map(|name| self.root.join(name)).collect();
        let named = self.request.environments.iter().map(|(_, file)| file);
        paths.extend((self.request.files.iter().chain(named)).map(|file| self.current.join(file)));
        paths
    }

    /// Reads the project, and says what was found if it is not what was said last.
    pub(super) fn look(&mut self) -> Seen {
        let mut seen = Seen {
            sound: Ok(None),
            errors: 0,
            warnings: 0,
            paths: self.usual_paths(),
        };
        let workspace = match Workspace::read_at(self.root, &self.current, self.request) {
            Ok(workspace) => workspace.at_least(Severity::Warning),
            Err(error) => {
                seen.errors = 1;
                seen.sound = Err(error);
                return seen;
            }
        };
        let mut workspace = workspace;
        let outdated = match locking::outdated(&workspace) {
            Ok(outdated) => outdated,
            Err(error) => {
                seen.errors = 1;
                seen.sound = Err(error);
                return seen;
            }
        };
        if !outdated.is_empty() {
            // It is brought to its spec in a moment.
            for findings in &mut workspace.findings {
                findings
                    .diagnostics
                    .retain(|found| !OF_OUTDATED.contains(&found.code));
            }
        }
        let inputs = workspace.inputs.iter();
        seen.paths.extend(inputs.map(|path| self.root.join(path)));
        let found: Vec<Severity> = severities(&workspace);
        let count = |wanted| found.iter().filter(|found| **found == wanted).count();
        seen.errors = count(Severity::Error);
        seen.warnings = count(Severity::Warning);
        self.say(&workspace);
        if seen.errors > 0 {
            return seen;
        }
        let sound = self.understand(workspace, &outdated, &mut seen.paths);
        seen.sound = sound.map(Some);
        seen.errors = usize::from(seen.sound.is_err());
        seen
    }

    /// What the project means; the files that it reads or has besides its specs go into `paths`.
    fn understand(
        &self,
        workspace: Workspace,
        outdated: &[locking::Target],
        paths: &mut BTreeSet<PathBuf>,
    ) -> Result<Box<Sound>> {
        let plan = plan::plan(&workspace, &Writing::default())?;
        paths.extend(
            plan.changes
                .iter()
                .map(|change| self.root.join(&change.path)),
        );
        plan.refuse_conflicts(self.printer)?;
        if let Some(path) = &plan.adopted {
            return Err(Error::problem(format!("mmdev did not write {path}"))
                .with_hint("mmdev generate shows what it would change, and asks"));
        }
        let devcontainer = plan
            .changes
            .iter()
            .find(|change| change.path == workspace.devcontainer.path)
            .and_then(|change| change.after.clone())
            .unwrap_or_default();
        let target = Target::new(self.printer, &workspace, &devcontainer)?;
        paths.extend(target.files.iter().map(|file| self.root.join(&file.path)));
        if let Source::Dockerfile { context, path, .. } = &target.source {
            paths.insert(context.join(path));
        }
        let drift = plan
            .changes
            .iter()
            .any(|change| change.kind() != ChangeKind::Unchanged);
        Ok(Box::new(Sound {
            meaning: Meaning {
                plan_hash: target.plan_hash.clone(),
                devcontainer: target.file.properties.clone(),
            },
            target: Rc::new(target),
            outdated: outdated
                .iter()
                .map(|target| asked(&workspace, target))
                .collect::<Result<_>>()?,
            workspace,
            plan,
            drift,
        }))
    }

    fn say(&mut self, workspace: &Workspace) {
        let of_files = workspace.findings.iter().flat_map(|findings| {
            let diagnostics = findings.diagnostics.iter();
            diagnostics.map(|found| (findings.file.clone(), found.message.clone()))
        });
        let problems = workspace.problems.iter();
        let others = problems.map(|problem| (String::new(), problem.message.clone()));
        let found: Vec<_> = of_files.chain(others).collect();
        if found != self.said {
            load::report(self.printer, workspace, Stream::Stdout);
            self.said = found;
        }
    }
}

/// What a lock is made from.
fn asked(workspace: &Workspace, target: &locking::Target) -> Result<String> {
    let there = files::read(&workspace.root.join(&target.path))?;
    let there = hash(there.unwrap_or_default().as_bytes());
    let platforms = workspace.settings.platforms.as_deref().unwrap_or_default();
    let platforms = platforms.join(" ");
    Ok(format!(
        "{} {} {platforms} {there:x}",
        target.path, target.meaning
    ))
}

fn severities(workspace: &Workspace) -> Vec<Severity> {
    let of_files = workspace
        .findings
        .iter()
        .flat_map(|findings| &findings.diagnostics)
        .map(|diagnostic| diagnostic.severity);
    let others = workspace.problems.iter().map(|problem| problem.severity);
    of_files.chain(others).collect()
}
