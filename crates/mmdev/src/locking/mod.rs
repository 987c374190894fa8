//! The locks of a project: exact records for every platform, in `conda-lock.yml` beside the spec, brought to what the
//! spec says and kept as far as they satisfy it.

mod all;
mod brought;
mod commits;
mod explain;
mod make;
mod pip;
mod standing;
mod target;
mod unasked;

use std::collections::BTreeSet;

use mmdev_core::lock::{self, Lock, State};
use mmdev_core::project::DEFAULT_PLATFORMS;

use crate::engine;
use crate::error::{Error, Result};
use crate::load::Workspace;
use crate::printer::Printer;
use crate::settings::Request;
pub(crate) use all::{Many, Outcome, bring_many};
pub(crate) use brought::Brought;
pub(crate) use explain::did_you_mean;
use make::{Maker, stamp};
pub(crate) use standing::Standing;
pub(crate) use target::Target;
pub(crate) use unasked::{is_wanted, made, made_at_first, missing};

/// What is wanted of the locks.
#[derive(Debug, Default)]
pub(crate) struct Wish {
    /// Platforms that they are to have besides those of their specs.
    pub(crate) platforms: Vec<String>,
    /// What is to move forward.
    pub(crate) update: Update,
    /// Only locks that are there are brought to their specs: none is made.
    pub(crate) only_present: bool,
}

impl Wish {
    /// That the locks that are there are their specs'.
    pub(crate) const PRESENT: Wish = Wish {
        platforms: Vec::new(),
        update: Update::Nothing,
        only_present: true,
    };
}

/// Which packages are not kept although they satisfy the spec.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Update {
    /// None.
    #[default]
    Nothing,
    /// These, and what they need newer versions of.
    Names(Vec<String>),
    /// All.
    Everything,
}

impl Update {
    /// Whether it is about a package of this lock.
    fn concerns(&self, lock: &Lock) -> bool {
        match self {
            Update::Nothing => false,
            Update::Names(_) => !names_of(lock).all(|name| self.keeps(&name)),
            Update::Everything => true,
        }
    }

    /// Whether what is called so is kept.
    fn keeps(&self, name: &str) -> bool {
        match self {
            Update::Nothing => true,
            Update::Names(names) => names.iter().all(|other| other != name),
            Update::Everything => false,
        }
    }
}

/// The paths of the locks that are missing or not their specs'.
pub(crate) fn stale(printer: &Printer, workspace: &Workspace, wish: &Wish) -> Result<Vec<String>> {
    let mut stale = Vec::new();
    for target in target::targets(workspace)? {
        let before = target.locked(&workspace.root)?;
        let platforms = Platforms::of(&target, workspace, wish, &before.lock);
        if target.is_fresh(&before, &platforms.wanted) {
            printer.status("Fresh", &target.path);
        } else {
            stale.push(target.path);
        }
    }
    Ok(stale)
}

/// The environments whose locks are there and are not their specs'.
pub(crate) fn outdated(workspace: &Workspace) -> Result<Vec<Target>> {
    let mut outdated = Vec::new();
    for target in target::targets(workspace)? {
        let before = target.locked(&workspace.root)?;
        let platforms = Platforms::of(&target, workspace, &Wish::default(), &before.lock);
        if before.is_there && !target.is_fresh(&before, &platforms.wanted) {
            outdated.push(target);
        }
    }
    Ok(outdated)
}

/// Brings the lock of every environment to its spec, and writes those that change. The caller holds the project's
/// lock ([`crate::files::ProjectLock`]). With `--locked` it is an error that one would change.
pub(crate) fn bring(
    printer: &Printer,
    request: &Request,
    workspace: &Workspace,
    wish: &Wish,
) -> Result<Vec<Brought>> {
    let planned = plan(printer, request, workspace, wish)?;
    for lock in &planned {
        lock.write(printer, &workspace.root)?;
    }
    Ok(planned)
}

/// What [`bring`] would write.
pub(crate) fn plan(
    printer: &Printer,
    request: &Request,
    workspace: &Workspace,
    wish: &Wish,
) -> Result<Vec<Brought>> {
    let plan = plan_while(printer, request, workspace, wish);
    engine::block_on(engine::interruptible(plan))
}

/// The same where other things go on: it can be dropped at any time.
pub(crate) async fn plan_while(
    printer: &Printer,
    request: &Request,
    workspace: &Workspace,
    wish: &Wish,
) -> Result<Vec<Brought>> {
    let mut planned = Vec::new();
    let mut maker = None;
    for target in target::targets(workspace)? {
        let before = target.locked(&workspace.root)?;
        if wish.only_present && !before.is_there {
            continue;
        }
        let platforms = Platforms::of(&target, workspace, wish, &before.lock);
        let is_fresh = target.is_fresh(&before, &platforms.wanted);
        let is_made = !is_fresh || wish.update.concerns(&before.lock);
        let after = if !is_made {
            if !wish.only_present {
                printer.status("Fresh", &target.path);
            }
            before.lock.clone()
        } else if request.locked {
            return Err(Error::problem(format!(
                "{} is not the lock of {}, and --locked says that it is to stay",
                target.path,
                target.names()
            ))
            .with_hint("mmdev lock makes it anew"));
        } else {
            let maker = match &maker {
                Some(maker) => maker,
                None => maker.insert(Maker::new(printer, request, &wish.update)?),
            };
            let made = maker.make(workspace, &target, &before.lock, &platforms);
            made.await?
        };
        planned.push(Brought {
            target,
            before: before.lock,
            after,
            is_made,
        });
    }
    Ok(planned)
}

/// What `planned` is for specs that ask for no more than they did: what was chosen for them before satisfies them too.
pub(crate) fn narrowed(
    printer: &Printer,
    request: &Request,
    workspace: &Workspace,
    planned: Vec<Brought>,
) -> Result<Vec<Brought>> {
    let targets = target::targets(workspace)?.into_iter();
    let mut narrowed = Vec::new();
    for (target, mut brought) in targets.zip(planned) {
        stamp(&mut brought.after, &target);
        let platforms = &brought.after.metadata.platforms;
        if lock::state(&brought.after, &target.spec, &target.meaning, platforms) != State::Fresh {
            return plan(printer, request, workspace, &Wish::default());
        }
        narrowed.push(Brought { target, ..brought });
    }
    Ok(narrowed)
}

/// The names of what a lock holds: packages, and what is left to pip.
fn names_of(lock: &Lock) -> impl Iterator<Item = String> {
    let packages = lock.packages.iter().map(|package| package.name.clone());
    packages.chain(lock.unlocked_pip().filter_map(lock::line_name))
}

/// The names of what is locked, conda's and pip's.
pub(crate) fn names(workspace: &Workspace) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for target in target::targets(workspace)? {
        names.extend(names_of(&target.locked(&workspace.root)?.lock));
    }
    Ok(names)
}

/// What is locked for, and whether anybody asked for it.
struct Platforms {
    wanted: Vec<String>,
    /// Nobody named one: what cannot be had on the second default is left out.
    are_default: bool,
}

impl Platforms {
    fn of(target: &Target, workspace: &Workspace, wish: &Wish, before: &Lock) -> Self {
        let mut wanted: Vec<String> = Vec::new();
        let named = target.spec.platforms.iter().map(|platform| &platform.value);
        let settings = workspace.settings.platforms.iter().flatten();
        for platform in named
            .chain(settings)
            .chain(&before.metadata.platforms)
            .chain(&wish.platforms)
        {
            if !wanted.contains(platform) {
                wanted.push(platform.clone());
            }
        }
        let are_default = wanted.is_empty();
        if are_default {
            wanted.extend(DEFAULT_PLATFORMS.map(str::to_owned));
        }
        wanted.sort();
        Platforms {
            wanted,
            are_default,
        }
    }
}
