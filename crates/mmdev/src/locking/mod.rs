//! The locks of a project: exact records for every platform, in `conda-lock.yml` beside the spec, brought to what the
//! spec says and kept as far as they satisfy it.

mod all;
mod brought;
mod explain;
mod pip;
mod standing;
mod target;
mod unasked;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use mmdev_conda::solve::{
    Outcome as Solved, Priority, Progress, Record, Request as Solve, Solver, Unsolvable,
};
use mmdev_core::lock::{self, Channel, Lock, MEANING, Metadata, PIP_UNLOCKED, Package, State};
use mmdev_core::project::DEFAULT_PLATFORMS;
use mmdev_core::virtual_packages;

use crate::channels;
use crate::engine;
use crate::environment;
use crate::error::{Error, Result};
use crate::load::Workspace;
use crate::meaning::Machine;
use crate::printer::Printer;
use crate::progress::LastLine;
use crate::settings::Request;
pub(crate) use all::{Many, Outcome, bring_many};
pub(crate) use brought::Brought;
pub(crate) use standing::Standing;
pub(crate) use target::Target;
pub(crate) use unasked::{made, missing, refreshed};

/// How long may be tried what would make a spec satisfiable.
const RELAXING: Duration = Duration::from_secs(20);

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
            Update::Names(_) => !lock.packages.iter().all(|package| self.keeps(package)),
            Update::Everything => true,
        }
    }

    fn keeps(&self, package: &Package) -> bool {
        match self {
            Update::Nothing => true,
            Update::Names(names) => !names.contains(&package.name),
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
    let bring = bring_while(printer, request, workspace, wish);
    engine::block_on(engine::interruptible(bring))
}

/// The same where other things go on: it can be dropped at any time.
pub(crate) async fn bring_while(
    printer: &Printer,
    request: &Request,
    workspace: &Workspace,
    wish: &Wish,
) -> Result<Vec<Brought>> {
    let planned = plan_while(printer, request, workspace, wish).await?;
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

async fn plan_while(
    printer: &Printer,
    request: &Request,
    workspace: &Workspace,
    wish: &Wish,
) -> Result<Vec<Brought>> {
    let mut planned = Vec::new();
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
            let solver = Solver::new(channels::config(request.offline)?);
            make(
                printer,
                request,
                &solver,
                workspace,
                &target,
                &before.lock,
                &platforms,
                &wish.update,
            )
            .await?
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

/// The names of what is locked, conda's and pip's.
pub(crate) fn names(workspace: &Workspace) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for target in target::targets(workspace)? {
        let packages = target.locked(&workspace.root)?.lock.packages;
        names.extend(packages.into_iter().map(|package| package.name));
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

fn machine(workspace: &Workspace) -> Machine {
    let base_image = &workspace.project.base_image.reference;
    Machine::of(base_image, &workspace.settings)
}

/// What one platform gets: its packages, and the lines of the pip section that are left to pip.
struct Solution {
    packages: Vec<Package>,
    unlocked: Vec<String>,
}

/// Solves for every platform.
#[expect(clippy::too_many_arguments, reason = "each is a thing of its own")]
async fn make(
    printer: &Printer,
    request: &Request,
    solver: &Solver,
    workspace: &Workspace,
    target: &Target,
    before: &Lock,
    platforms: &Platforms,
    update: &Update,
) -> Result<Lock> {
    target.check_channels()?;
    for channel in target.channels() {
        if let Some(url) = solver.elsewhere(channel) {
            printer.status("Reading", &format!("{channel} from {url}, as condarc says"));
        }
    }
    if target.wants_cuda() && machine(workspace).image.cuda.is_none() {
        let default = virtual_packages::DEFAULT_CUDA;
        printer.status(
            "Assuming",
            &format!("CUDA {default}, as conda-lock does; the setting `cuda` names another"),
        );
    }
    printer.status(
        "Solving",
        &format!("{} for {}", target.names(), platforms.wanted.join(", ")),
    );
    let pip = pip::Resolver::new(printer, request, target, before, &platforms.wanted, update);
    let pip = pip.await?;
    let solves = platforms.wanted.iter().map(|platform| async {
        let bar = Arc::new(LastLine::new(printer, platform));
        let line = Arc::clone(&bar);
        let listener = Arc::new(move |progress| line.show(words(&progress).as_bytes()));
        let request = target.request(workspace, before, platform, update);
        let virtual_packages = request.virtual_packages.clone();
        let records = match solver.solve(request, listener).await {
            Ok(Solved::Solved(records)) => records,
            Ok(Solved::Unsolvable(why)) => return Ok(Err(Why::Conda(why))),
            Err(error) => return Err(explain::failed(&error)),
        };
        let records = records.iter();
        let mut packages: Vec<Package> = records.map(|record| record.to_locked(platform)).collect();
        bar.show(b"resolving the pip section");
        let resolved = pip.resolve(platform, &virtual_packages, &packages).await?;
        Ok(resolved.map_err(Why::Pip).map(|resolved| {
            packages.extend(resolved.packages);
            Solution {
                packages,
                unlocked: resolved.unlocked,
            }
        }))
    });
    let outcomes = join_all(solves).await;
    let mut locked = Vec::new();
    let mut failed = Vec::new();
    for (platform, outcome) in platforms.wanted.iter().zip(outcomes) {
        match outcome? {
            Ok(solution) => locked.push((platform.as_str(), solution)),
            Err(why) => failed.push((platform.as_str(), why)),
        }
    }
    // Only the second default may be left out, and only where the first can be had.
    let may_go = platforms.are_default
        && locked
            .iter()
            .any(|(platform, _)| *platform == DEFAULT_PLATFORMS[0]);
    if let Some((platform, why)) = failed.first() {
        if !may_go {
            return Err(match why {
                Why::Conda(why) => explain::error(target, platform, why),
                Why::Pip(why) => pip::error(target, platform, why),
            });
        }
        let reason = match why {
            Why::Conda(why) => {
                format!("{} on {platform}", explain::reason(target, platform, why))
            }
            Why::Pip(why) => pip::reason(target, platform, why),
        };
        printer.warning(&format!(
            "{reason}: only {} is locked, which is emulated on Apple Silicon (slower)",
            DEFAULT_PLATFORMS[0]
        ));
    }
    pip.say_notes();
    Ok(assembled(target, before, &locked))
}

/// What a bar says.
fn words(progress: &Progress) -> String {
    match progress {
        Progress::Fetching { files, done, bytes } => {
            format!("{done} of {files} files, {}", indicatif::HumanBytes(*bytes))
        }
        Progress::Solving { records } => format!("choosing among {records} packages"),
        Progress::Relaxing => "trying what would help".to_owned(),
    }
}

/// Why a platform cannot be had.
enum Why {
    Conda(Unsolvable),
    Pip(pip::Why),
}

/// The lock of the packages of all platforms. What other programs keep in the lock that was there stays.
fn assembled(target: &Target, before: &Lock, locked: &[(&str, Solution)]) -> Lock {
    let mut custom = before.metadata.custom.clone();
    let unlocked = locked.iter().flat_map(|(_, solution)| &solution.unlocked);
    let unlocked: BTreeSet<&str> = unlocked.map(String::as_str).collect();
    custom.remove(PIP_UNLOCKED);
    if !unlocked.is_empty() {
        let lines: Vec<&str> = unlocked.into_iter().collect();
        custom.insert(PIP_UNLOCKED.to_owned(), lines.join("\n"));
    }
    let packages = locked
        .iter()
        .flat_map(|(_, solution)| solution.packages.iter().cloned());
    let mut lock = Lock {
        metadata: Metadata {
            channels: target.channels().map(Channel::of).collect(),
            platforms: locked
                .iter()
                .map(|(platform, _)| (*platform).to_owned())
                .collect(),
            sources: target.sources(),
            custom,
            ..Metadata::default()
        },
        packages: packages.collect(),
    };
    stamp(&mut lock, target);
    lock.sort();
    lock
}

/// Writes into a lock of which text it is the lock, in conda-lock's words and in ours.
fn stamp(lock: &mut Lock, target: &Target) {
    let texts: Vec<&str> = target.files.iter().map(|file| file.text.as_str()).collect();
    let metadata = &mut lock.metadata;
    let meaning = target.meaning.clone();
    metadata.custom.insert(MEANING.to_owned(), meaning);
    let hashes = metadata.platforms.iter().map(|platform| {
        let defaults = lock::default_virtual_packages(platform);
        let hash = lock::content_hash(&texts, platform, &defaults);
        // What conda-lock cannot read it cannot compare, but those that read the lock want to find something.
        (
            platform.clone(),
            hash.unwrap_or_else(|| target.meaning.clone()),
        )
    });
    metadata.content_hash = hashes.collect();
}

impl Target {
    /// What is solved for one platform.
    fn request(
        &self,
        workspace: &Workspace,
        before: &Lock,
        platform: &str,
        update: &Update,
    ) -> Solve {
        let dependencies = self.dependencies(platform);
        let machine = machine(workspace);
        let mut image = machine.image;
        if image.cuda.is_none() && self.wants_cuda() {
            image.cuda = Some(virtual_packages::DEFAULT_CUDA.to_owned());
        }
        let variables = self
            .channels()
            .flat_map(|channel| Channel::of(channel).used_env_vars)
            .filter_map(|name| Some((name.clone(), environment::text(&name)?)))
            .collect();
        Solve {
            dependencies: dependencies.into_iter().map(|asked| asked.text).collect(),
            channels: self
                .channels()
                .map(|channel| Channel::of(channel).url)
                .collect(),
            variables,
            platform: platform.to_owned(),
            virtual_packages: virtual_packages::of(platform, &image, machine.archspec.as_deref()),
            priority: match machine.priority.as_deref() {
                Some("flexible") => Priority::Flexible,
                Some("disabled") => Priority::Disabled,
                _ => Priority::Strict,
            },
            keep: before
                .of(platform)
                .filter(|package| package.manager == lock::Manager::Conda && update.keeps(package))
                .map(Record::from_locked)
                .collect(),
            python_brings_pip: true,
            relaxing: Some(RELAXING),
        }
    }
}
