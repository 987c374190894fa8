//! From the dependencies of a spec to exact records: one platform, one answer, with what the channels have now.
//!
//! [`Solver::solve`] fetches what the dependencies can reach ([`records`]), has resolvo choose among it ([`engine`]),
//! and where nothing satisfies, says why ([`explain`]) and what would help ([`relax`]). That a spec cannot be
//! satisfied is an answer; an error is the world failing.

mod engine;
mod explain;
mod locked;
mod lookup;
mod record;
mod records;
mod relax;
mod sources;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use mmdev_core::virtual_packages::VirtualPackage;
use rattler_conda_types::{GenericVirtualPackage, MatchSpec, RepoDataRecord};
use rattler_repodata_gateway::RepoData;
use rattler_solve::CancellationToken;

pub use explain::{Conflict, Lack, Missing, Unsolvable};
pub use lookup::Lookup;
pub use record::Record;
pub use relax::{Change, Relaxation};

use crate::Config;
use crate::error::Error;
use crate::fetch::Fetcher;
use engine::{Task, Verdict};
use sources::Sources;

/// What is to be solved.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The MatchSpecs of one platform. An answer speaks of each by its index here.
    pub dependencies: Vec<String>,
    /// The channels as the spec names them, first the most important. `$NAME` and `${NAME}` stand for `variables`.
    pub channels: Vec<String>,
    /// The environment variables that stand in `channels`. Their values are taken for secrets: no answer, record or
    /// error holds one.
    pub variables: BTreeMap<String, String>,
    /// The conda subdir that is solved for.
    pub platform: String,
    /// What the machine itself provides.
    pub virtual_packages: Vec<VirtualPackage>,
    /// Which channel a package may come from.
    pub priority: Priority,
    /// The records of a lock that stay wherever they satisfy; those that are to move forward are left out.
    pub keep: Vec<Record>,
    /// Whether python brings pip, as with conda and micromamba.
    pub python_brings_pip: bool,
    /// How long may be tried what could be relaxed where nothing satisfies; `None` does not try.
    pub relaxing: Option<Duration>,
}

/// Which channel a package may come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Priority {
    /// Only the most important one that has a package of this name.
    #[default]
    Strict,
    /// The most important one that has a record that can be used.
    Flexible,
    /// Any: the newest version counts.
    Disabled,
}

/// What happens meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// A file of a channel was begun, is on its way, or came.
    Fetching {
        /// Files that were begun.
        files: usize,
        /// Files that came.
        done: usize,
        /// The bytes that came so far, of all files.
        bytes: u64,
    },
    /// Everything came, and the solver is at work.
    Solving {
        /// How many records it chooses from.
        records: usize,
    },
    /// Nothing satisfies, and it is tried what would.
    Relaxing,
}

/// Who is told.
pub type Listener = Arc<dyn Fn(Progress) + Send + Sync>;

/// The answer to a [`Request`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// These records satisfy; sorted by name.
    Solved(Vec<Record>),
    /// Nothing does.
    Unsolvable(Unsolvable),
}

/// Solves. What it fetched for one request serves the next ones.
pub struct Solver {
    fetcher: Arc<Fetcher>,
}

impl Solver {
    /// A solver that has fetched nothing yet.
    pub fn new(config: Config) -> Self {
        Solver {
            fetcher: Arc::new(Fetcher::new(config)),
        }
    }

    /// Where `channel` stands if that is not where it stands for everybody, without credentials.
    pub fn elsewhere(&self, channel: &str) -> Option<String> {
        self.fetcher.config.names.elsewhere(channel)
    }

    /// Finds the records that satisfy `request`. Whoever drops the future ends the work.
    ///
    /// # Errors
    /// If a channel cannot be had, or a dependency or platform cannot be understood.
    pub async fn solve(&self, request: Request, listener: Listener) -> Result<Outcome, Error> {
        let mut sources = Sources::new(&request, &self.fetcher.config.names)?;
        let specs = sources.specs(&request)?;
        let virtual_packages = generic(&request.virtual_packages)?;
        let with_pip = request.python_brings_pip;
        let wanted = records::Wanted {
            sources: &sources,
            specs: &specs,
            with_pip,
            is_recursive: true,
            listener: &listener,
        };
        let found = self.fetcher.records(&wanted).await;
        let (data, is_partial) = found.map_err(|error| sources.redacted(error))?;
        listener(Progress::Solving {
            records: data.iter().map(RepoData::len).sum(),
        });
        let problem = Arc::new(Problem {
            request,
            sources,
            specs,
            data,
            virtual_packages,
        });
        let clash = match problem.clone().in_background(Problem::solve).await? {
            Verdict::Solved(records) => {
                return Ok(Outcome::Solved(problem.records(&records)));
            }
            Verdict::Clash(clash) => clash,
        };
        if is_partial {
            // What satisfies may be among what the cache does not have.
            let wanted = problem.wanted(&problem.specs, &listener);
            let whole = self.fetcher.all_cached_records(&wanted).await;
            whole.map_err(|error| problem.sources.redacted(error))?;
        }
        let whole = self.of_any_version(&problem, &listener).await;
        let unsolvable = problem
            .clone()
            .in_background(move |problem, token| {
                explain::explain(problem, clash, whole, &listener, token)
            })
            .await?;
        Ok(Outcome::Unsolvable(unsolvable))
    }

    /// All that the dependencies can reach as names alone. What was fetched for solving is without the records that
    /// no pin matches, but it is these that an explanation speaks of, and that may be chosen once a pin is relaxed.
    async fn of_any_version(
        &self,
        problem: &Problem,
        listener: &Listener,
    ) -> Option<Vec<RepoData>> {
        let specs: Vec<MatchSpec> = problem.specs.iter().map(relax::any_version).collect();
        // Without it there is an explanation all the same, if a poorer one.
        let found = self
            .fetcher
            .records(&problem.wanted(&specs, listener))
            .await;
        Some(found.ok()?.0)
    }
}

/// Everything that one request is decided from.
struct Problem {
    request: Request,
    sources: Sources,
    specs: Vec<MatchSpec>,
    data: Vec<RepoData>,
    virtual_packages: Vec<GenericVirtualPackage>,
}

impl Problem {
    /// Runs `work` where it disturbs nobody, and ends it when nobody waits for it any more.
    async fn in_background<T: Send + 'static>(
        self: Arc<Self>,
        work: impl FnOnce(&Self, &CancellationToken) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        struct CancelOnDrop(CancellationToken);
        impl Drop for CancelOnDrop {
            fn drop(&mut self) {
                self.0.cancel();
            }
        }
        let token = CancellationToken::new();
        let _guard = CancelOnDrop(token.clone());
        match tokio::task::spawn_blocking(move || work(&self, &token)).await {
            Ok(result) => result,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The runtime is going down, and nobody reads this.
                Err(_) => Err(Error::Cancelled),
            },
        }
    }

    fn solve(&self, token: &CancellationToken) -> Result<Verdict, Error> {
        self.solve_with(&self.data, token)
    }

    fn solve_with(&self, data: &[RepoData], token: &CancellationToken) -> Result<Verdict, Error> {
        let kept = record::kept(&self.request.keep, &self.specs, &self.sources, data);
        engine::solve(&Task {
            data,
            specs: &self.specs,
            virtual_packages: &self.virtual_packages,
            favored: kept.iter().map(AsRef::as_ref).collect(),
            priority: self.request.priority,
            deadline: None,
            token,
        })
    }

    /// The dependencies that no record matches.
    fn unmatched(&self) -> Vec<usize> {
        engine::unmatched(&self.specs, &self.data, &self.virtual_packages)
    }

    fn wanted<'a>(&'a self, specs: &'a [MatchSpec], listener: &'a Listener) -> records::Wanted<'a> {
        records::Wanted {
            sources: &self.sources,
            specs,
            with_pip: self.request.python_brings_pip,
            is_recursive: true,
            listener,
        }
    }

    fn records(&self, records: &[RepoDataRecord]) -> Vec<Record> {
        let mut records: Vec<Record> = records
            .iter()
            .map(|record| record::plain(record, &self.sources))
            .collect();
        records.sort_by(|left, right| left.name.cmp(&right.name));
        records
    }
}

fn generic(packages: &[VirtualPackage]) -> Result<Vec<GenericVirtualPackage>, Error> {
    packages
        .iter()
        .map(|package| {
            let wrong = || Error::BadVirtualPackage {
                package: format!("{} {}", package.name, package.version),
            };
            Ok(GenericVirtualPackage {
                name: package.name.parse().map_err(|_| wrong())?,
                version: package.version.parse().map_err(|_| wrong())?,
                build_string: package.build.parse().map_err(|_| wrong())?,
            })
        })
        .collect()
}
