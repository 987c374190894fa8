//! One lock made: solved for every platform, with the pip section around it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use mmdev_conda::solve::{
    Lookup, Outcome as Solved, Progress, Record, Request as Solve, Solver, Unsolvable,
};
use mmdev_core::lock::{self, Channel, Lock, MEANING, Metadata, PIP_FIXED, PIP_UNLOCKED, Package};
use mmdev_core::project::DEFAULT_PLATFORMS;
use mmdev_core::virtual_packages;
use tokio::sync::OnceCell;

use super::commits::Commits;
use super::{Platforms, Target, Update, explain, pip};
use crate::channels;
use crate::environment;
use crate::error::Result;
use crate::load::Workspace;
use crate::meaning::Machine;
use crate::printer::Printer;
use crate::progress::LastLine;
use crate::settings::Request;

/// How long may be tried what would make a spec satisfiable.
const RELAXING: Duration = Duration::from_secs(20);

/// Makes locks. What it has heard for one from channels and PyPI, and the uv that it found, serves the next ones.
pub(super) struct Maker<'a> {
    pub(super) printer: &'a Printer,
    pub(super) request: &'a Request,
    pub(super) update: &'a Update,
    solver: Solver,
    pip: OnceCell<pip::Tools>,
}

impl<'a> Maker<'a> {
    /// One that has asked nobody yet.
    pub(super) fn new(
        printer: &'a Printer,
        request: &'a Request,
        update: &'a Update,
    ) -> Result<Self> {
        Ok(Maker {
            printer,
            request,
            update,
            solver: Solver::new(channels::config(request.offline)?),
            pip: OnceCell::new(),
        })
    }

    /// Solves for every platform.
    pub(super) async fn make(
        &self,
        workspace: &Workspace,
        target: &Target,
        before: &Lock,
        platforms: &Platforms,
    ) -> Result<Lock> {
        let Maker {
            printer,
            solver,
            update,
            ..
        } = self;
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
        let pip = pip::Resolver::new(self, target, before, &platforms.wanted).await?;
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
            let mut packages: Vec<Package> =
                records.map(|record| record.to_locked(platform)).collect();
            bar.show(b"resolving the pip section");
            let resolved = pip.resolve(platform, &virtual_packages, &packages).await?;
            Ok(resolved.map_err(Why::Pip).map(|resolved| {
                packages.extend(resolved.packages);
                Solution {
                    packages,
                    unlocked: resolved.unlocked,
                    fixed: resolved.fixed,
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
                    Why::Conda(why) => {
                        let names = self.names(target, platform, why).await;
                        explain::error(target, platform, why, &names)
                    }
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
        Ok(assembled(target, before, &locked, &pip.commits))
    }

    /// What resolves pip sections, looked for where it is needed first.
    pub(super) async fn pip(&self) -> Result<&pip::Tools> {
        let found = pip::Tools::find(self.printer, self.request.offline);
        self.pip.get_or_try_init(|| found).await
    }

    /// All names that the channels have, where a dependency has one that they do not have; none where nobody says.
    async fn names(&self, target: &Target, platform: &str, why: &Unsolvable) -> Vec<String> {
        if why.missing.iter().all(|missing| !missing.others.is_empty()) {
            return Vec::new();
        }
        let lookup = Lookup {
            channels: target.urls(),
            variables: target.variables(),
            platform: platform.to_owned(),
            names: Vec::new(),
        };
        self.solver.names(&lookup).await.unwrap_or_default()
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
    fixed: BTreeMap<String, String>,
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
fn assembled(
    target: &Target,
    before: &Lock,
    locked: &[(&str, Solution)],
    commits: &Commits,
) -> Lock {
    let mut custom = before.metadata.custom.clone();
    let unlocked = locked.iter().flat_map(|(_, solution)| &solution.unlocked);
    let unlocked: BTreeSet<&str> = unlocked.map(String::as_str).collect();
    let fixed = unlocked.iter().filter_map(|&line| {
        // What differs between platforms no one line can say.
        let mut known = locked
            .iter()
            .filter_map(|(_, solution)| solution.fixed.get(line));
        let first = known.next();
        let same = first.filter(|first| known.all(|other| other == *first));
        let fix = commits.to_lock(line).or(same.map(String::as_str))?;
        Some(format!("{fix} {line}"))
    });
    let fixed: Vec<String> = fixed.collect();
    let unlocked: Vec<&str> = unlocked.into_iter().collect();
    for (key, lines) in [
        (PIP_UNLOCKED, unlocked.join("\n")),
        (PIP_FIXED, fixed.join("\n")),
    ] {
        custom.remove(key);
        if !lines.is_empty() {
            custom.insert(key.to_owned(), lines);
        }
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
pub(super) fn stamp(lock: &mut Lock, target: &Target) {
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
    /// The channels as they may stand in a lock.
    fn urls(&self) -> Vec<String> {
        let channels = self.channels();
        channels.map(|channel| Channel::of(channel).url).collect()
    }

    /// The variables that the channels name, as far as they are set.
    fn variables(&self) -> BTreeMap<String, String> {
        self.channels()
            .flat_map(|channel| Channel::of(channel).used_env_vars)
            .filter_map(|name| Some((name.clone(), environment::text(&name)?)))
            .collect()
    }

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
        let priority = machine.priority();
        let mut image = machine.image;
        if image.cuda.is_none() && self.wants_cuda() {
            image.cuda = Some(virtual_packages::DEFAULT_CUDA.to_owned());
        }
        Solve {
            dependencies: dependencies.into_iter().map(|asked| asked.text).collect(),
            channels: self.urls(),
            variables: self.variables(),
            platform: platform.to_owned(),
            virtual_packages: virtual_packages::of(platform, &image, machine.archspec.as_deref()),
            priority,
            keep: before
                .of(platform)
                .filter(|package| {
                    package.manager == lock::Manager::Conda && update.keeps(&package.name)
                })
                .map(Record::from_locked)
                .collect(),
            python_brings_pip: true,
            relaxing: Some(RELAXING),
        }
    }
}
