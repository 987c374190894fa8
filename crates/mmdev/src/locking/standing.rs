//! A lock as it stands, for the commands that only read it.

use mmdev_core::lock::{Entry, Graph, Lock, Package};
use mmdev_core::text::LineIndex;

use super::{Platforms, Target, Wish, target};
use crate::error::Result;
use crate::load::Workspace;

/// The lock of the active environment as it stands.
pub(crate) struct Standing {
    /// The environment.
    pub(crate) target: Target,
    /// What is locked.
    pub(crate) lock: Lock,
    /// Whether there is a lock.
    pub(crate) is_there: bool,
    /// Whether it is the lock of its spec.
    pub(crate) is_fresh: bool,
}

/// A package that the spec asks for itself.
pub(crate) struct Asked<'lock> {
    pub(crate) package: &'lock Package,
    /// The entry's text.
    pub(crate) text: String,
    /// `env.yaml:5`.
    pub(crate) place: String,
}

impl Standing {
    /// Reads the lock of the environment that is active.
    pub(crate) fn read(workspace: &Workspace) -> Result<Self> {
        let mut targets = target::targets(workspace)?;
        let target = targets.swap_remove(workspace.project.active);
        let locked = target.locked(&workspace.root)?;
        let platforms = Platforms::of(&target, workspace, &Wish::default(), &locked.lock);
        Ok(Standing {
            is_fresh: target.is_fresh(&locked, &platforms.wanted),
            is_there: locked.is_there,
            lock: locked.lock,
            target,
        })
    }
}

impl Target {
    /// The packages that the spec files ask for, in their order, those of the pip sections last.
    pub(crate) fn asked<'lock>(&self, graph: &Graph<'lock>) -> Vec<Asked<'lock>> {
        let mut asked: Vec<(bool, Asked<'lock>)> = Vec::new();
        for file in &self.files {
            let lines = LineIndex::new(&file.text);
            for direct in graph.direct(&file.spec) {
                let is_new = asked
                    .iter()
                    .all(|(_, other)| other.package != direct.package);
                let (is_pip, text) = match direct.entry {
                    Entry::Dependency(index) => (false, &file.spec.dependencies[index].text),
                    Entry::Pip(index) => (true, &file.spec.pip[index].text),
                };
                if is_new {
                    let line = lines.line_column(text.span.start).line;
                    let own = Asked {
                        package: direct.package,
                        text: text.value.trim().to_owned(),
                        place: format!("{}:{line}", file.path),
                    };
                    asked.push((is_pip, own));
                }
            }
        }
        asked.sort_by_key(|(is_pip, _)| *is_pip);
        asked.into_iter().map(|(_, asked)| asked).collect()
    }
}
