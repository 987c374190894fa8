//! The locks of a project: exact records for every platform, in `conda-lock.yml` beside the spec, brought to what the
//! spec says and kept as far as they satisfy it.

mod brought;
mod explain;
mod target;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use mmdev_conda::solve::{Outcome, Progress, Record, Request as Solve, Solver};
use mmdev_core::lock::{self, Channel, Lock, MEANING, Metadata, PIP_UNLOCKED, Package, State};
use mmdev_core::project::DEFAULT_PLATFORMS;
use mmdev_core::virtual_packages;

use crate::channels;
use crate::engine;
use crate::environment;
use crate::error::{Error, Result};
use crate::load::Workspace;
use crate::printer::Printer;
use crate::progress::LastLine;
use crate::settings::Request;
pub(crate) use brought::Brought;
pub(crate) use target::Target;

/// How long may be tried what would make a spec satisfiable.
const RELAXING: Duration = Duration::from_secs(20);

/// What is wanted of the locks.
#[derive(Debug, Default)]
pub(crate) struct Wish {
    /// Platforms that they are to have besides those of their specs.
    pub(crate) platforms: Vec<String>,
    /// What is to move forward.
    pub(crate) update: Update,
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
    for target in target::targets(workspace) {
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

/// The same without writing anything.
pub(crate) fn plan(
    printer: &Printer,
    request: &Request,
    workspace: &Workspace,
    wish: &Wish,
) -> Result<Vec<Brought>> {
    let mut planned = Vec::new();
    for target in target::targets(workspace) {
        let before = target.locked(&workspace.root)?;
        let platforms = Platforms::of(&target, workspace, wish, &before.lock);
        let is_fresh = target.is_fresh(&before, &platforms.wanted);
        let is_made = !is_fresh || wish.update.concerns(&before.lock);
        let after = if !is_made {
            printer.status("Fresh", &target.path);
            before.lock.clone()
        } else if request.locked {
            return Err(Error::problem(format!(
                "{} is not the lock of {}, and --locked says that it is to stay",
                target.path,
                target.names()
            ))
            .with_hint("mmdev lock makes it anew"));
        } else {
            make(
                printer,
                request,
                workspace,
                &target,
                &before.lock,
                platforms,
                &wish.update,
            )?
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
    let targets = target::targets(workspace).into_iter();
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
    for target in target::targets(workspace) {
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

/// Solves for every platform.
fn make(
    printer: &Printer,
    request: &Request,
    workspace: &Workspace,
    target: &Target,
    before: &Lock,
    platforms: Platforms,
    update: &Update,
) -> Result<Lock> {
    target.check_channels()?;
    let solver = Solver::new(channels::config(request.offline)?);
    printer.status(
        "Solving",
        &format!("{} for {}", target.names(), platforms.wanted.join(", ")),
    );
    let outcomes = engine::block_on(engine::interruptible(async {
        let solves = platforms.wanted.iter().map(|platform| async {
            let bar = Arc::new(LastLine::new(printer, platform));
            let listener = Arc::new(move |progress| bar.show(words(&progress).as_bytes()));
            solver
                .solve(
                    target.request(workspace, before, platform, update),
                    listener,
                )
                .await
        });
        Ok(join_all(solves).await)
    }))?;
    let mut locked = Vec::new();
    let mut failed = Vec::new();
    for (platform, outcome) in platforms.wanted.iter().zip(outcomes) {
        match outcome {
            Ok(Outcome::Solved(records)) => locked.push((platform.as_str(), records)),
            Ok(Outcome::Unsolvable(why)) => failed.push((platform.as_str(), why)),
            Err(error) => {
                return Err(match error {
                    mmdev_conda::Error::NoPlatform { .. }
                    | mmdev_conda::Error::NoChannel { .. }
                    | mmdev_conda::Error::NoMatchSpec { .. } => Error::problem(error.to_string()),
                    _ => Error::world(anyhow::Error::new(error.clone())),
                }
                .with_hint(explain::hint(&error)));
            }
        }
    }
    // Only the second default may be left out, and only where the first can be had.
    let may_go = platforms.are_default
        && locked
            .iter()
            .any(|(platform, _)| *platform == DEFAULT_PLATFORMS[0]);
    if let Some((platform, why)) = failed.first() {
        if !may_go {
            return Err(explain::error(target, platform, why));
        }
        printer.warning(&format!(
            "{} on {platform}: only {} is locked, which is emulated on Apple Silicon (slower)",
            explain::reason(target, platform, why),
            DEFAULT_PLATFORMS[0]
        ));
    }
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

/// The lock of the records of all platforms. What other programs keep in the lock that was there stays.
fn assembled(target: &Target, before: &Lock, locked: &[(&str, Vec<Record>)]) -> Lock {
    let mut custom = before.metadata.custom.clone();
    if target.spec.pip.is_empty() {
        custom.remove(PIP_UNLOCKED);
    } else {
        custom.insert(PIP_UNLOCKED.to_owned(), "true".to_owned());
    }
    let packages = locked
        .iter()
        .flat_map(|(platform, records)| records.iter().map(|record| record.to_locked(platform)));
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
    let hashes = metadata.platforms.iter().filter_map(|platform| {
        let defaults = lock::default_virtual_packages(platform);
        let hash = lock::content_hash(&texts, platform, &defaults)?;
        Some((platform.clone(), hash))
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
        let mut image = virtual_packages::of_reference(&workspace.project.base_image.reference);
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
            virtual_packages: virtual_packages::of(platform, &image, None),
            keep: before
                .of(platform)
                .filter(|package| package.manager == lock::Manager::Conda && update.keeps(package))
                .map(Record::from_locked)
                .collect(),
            python_brings_pip: true,
            relaxing: Some(RELAXING),
            ..Solve::default()
        }
    }
}
