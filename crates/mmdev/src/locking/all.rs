//! The locks of many specs at once: the channels are read once, and specs that ask for the same are solved once.

use std::path::Path;

use futures_util::StreamExt;
use mmdev_core::lock::Lock;

use super::make::{Maker, stamp};
use super::target::{self, Locked};
use super::{Brought, Platforms, Target, Wish};
use crate::engine;
use crate::error::{Error, Result};
use crate::load::Workspace;
use crate::printer::Printer;
use crate::settings::Request;

/// One of many specs, with all that its lock is made from.
pub(crate) struct Many {
    workspace: Workspace,
    target: Target,
    before: Locked,
    platforms: Platforms,
}

/// What became of the lock of one spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is as the spec says already.
    Fresh,
    /// It was solved for, and written.
    Solved,
    /// It was written with what another spec was solved for, which asks for the same.
    Alike,
}

impl Many {
    /// The one environment of a workspace that was read for one spec.
    pub(crate) fn new(workspace: Workspace, wish: &Wish) -> Result<Self> {
        let target = target::targets(&workspace)?.swap_remove(workspace.project.active);
        let before = target.locked(&workspace.root)?;
        let platforms = Platforms::of(&target, &workspace, wish, &before.lock);
        Ok(Many {
            workspace,
            target,
            before,
            platforms,
        })
    }

    /// The path of its lock.
    pub(crate) fn lock_path(&self) -> &str {
        &self.target.path
    }

    /// Whether its lock is as its spec says.
    pub(crate) fn is_fresh(&self) -> bool {
        self.target.is_fresh(&self.before, &self.platforms.wanted)
    }

    /// Whether the same is to be solved: the same is asked for, on the same platforms, and the same is kept.
    fn is_alike(&self, other: &Many) -> bool {
        self.target.meaning == other.target.meaning
            && self.platforms.wanted == other.platforms.wanted
            && self.platforms.are_default == other.platforms.are_default
            && self.before.lock.packages == other.before.lock.packages
            && self.before.lock.metadata.custom == other.before.lock.metadata.custom
    }

    /// With `lock`, which was made for this spec or for one that asks for the same.
    fn brought(self, mut lock: Lock) -> Brought {
        lock.metadata.sources = self.target.sources();
        stamp(&mut lock, &self.target);
        Brought {
            target: self.target,
            before: self.before.lock,
            after: lock,
            is_made: true,
        }
    }
}

/// Brings the locks of all `specs` to them, and tells `told` what became of each as soon as it is known, by its place in
/// the list. The caller holds the lock of the project at `root`.
pub(crate) fn bring_many(
    printer: &Printer,
    request: &Request,
    root: &Path,
    specs: Vec<Many>,
    wish: &Wish,
    mut told: impl FnMut(usize, std::result::Result<Outcome, &Error>),
) -> Result<()> {
    // Those that ask for the same, each with its place.
    let mut groups: Vec<Vec<(usize, Many)>> = Vec::new();
    for (place, spec) in specs.into_iter().enumerate() {
        if spec.is_fresh() {
            told(place, Ok(Outcome::Fresh));
            continue;
        }
        let alike = groups.iter_mut().find(|group| group[0].1.is_alike(&spec));
        match alike {
            Some(group) => group.push((place, spec)),
            None => groups.push(vec![(place, spec)]),
        }
    }
    if groups.is_empty() {
        return Ok(());
    }
    let quiet = printer.quiet();
    let maker = Maker::new(&quiet, request, &wish.update)?;
    let jobs = std::thread::available_parallelism().map_or(1, Into::into);
    let bring = async |spec: Many, shared: &mut Option<Lock>| {
        let (lock, outcome) = match shared {
            Some(lock) => (lock.clone(), Outcome::Alike),
            None => {
                let made = maker.make(
                    &spec.workspace,
                    &spec.target,
                    &spec.before.lock,
                    &spec.platforms,
                );
                (shared.insert(made.await?).clone(), Outcome::Solved)
            }
        };
        spec.brought(lock).write(&quiet, root)?;
        Ok(outcome)
    };
    let work = async {
        let solves = groups.into_iter().map(|group| async {
            let mut shared = None;
            let mut outcomes = Vec::new();
            // Where there is no lock, each is told why by its own lines.
            for (place, spec) in group {
                outcomes.push((place, bring(spec, &mut shared).await));
            }
            outcomes
        });
        let mut solves = futures_util::stream::iter(solves).buffer_unordered(jobs);
        while let Some(outcomes) = solves.next().await {
            for (place, outcome) in outcomes {
                told(place, outcome.as_ref().copied());
            }
        }
        Ok(())
    };
    engine::block_on(engine::interruptible(work))
}
