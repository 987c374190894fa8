//! What would help where nothing satisfies: one change at a time is tried, a few at once, until the time is over.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use rattler_conda_types::{GenericVirtualPackage, MatchSpec, RepoDataRecord};
use rattler_repodata_gateway::RepoData;
use rattler_solve::CancellationToken;

use super::Problem;
use super::engine::{self, Clash, Task, Verdict};

/// The most changes that are tried.
const MOST_TRIES: usize = 48;

/// One change that makes a spec satisfiable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relaxation {
    /// The dependency by its index in the request.
    pub dependency: usize,
    /// What is done with it.
    pub change: Change,
}

/// A change of one dependency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Any build of the version that it asks for.
    AnyBuild {
        /// The build that is chosen then.
        chosen: String,
    },
    /// Any version.
    AnyVersion {
        /// The version that is chosen then.
        chosen: String,
    },
    /// It is left out.
    LeftOut,
}

/// A dependency that asks for a name, of its channel if it names one.
pub(super) fn any_version(spec: &MatchSpec) -> MatchSpec {
    if spec.url.is_some() {
        return spec.clone();
    }
    MatchSpec {
        name: spec.name.clone(),
        channel: spec.channel.clone(),
        ..MatchSpec::default()
    }
}

/// What is tried.
enum Try {
    AnyBuild(usize, MatchSpec),
    AnyVersion(usize, MatchSpec),
    LeftOut(usize),
    /// A virtual package that the machine lacks.
    With(GenericVirtualPackage),
}

/// What helped.
pub(super) struct Found {
    pub(super) relaxations: Vec<Relaxation>,
    /// The virtual packages each of which is all that is lacking.
    pub(super) with: Vec<String>,
}

/// Tries what would make `problem` satisfiable; `data` is what its dependencies can reach as names alone.
pub(super) fn relax(
    problem: &Problem,
    clash: &Clash,
    unmatched: &[usize],
    data: &[RepoData],
    limit: Duration,
    token: &CancellationToken,
) -> Found {
    let mut candidates: Vec<usize> = clash.roots.iter().copied().collect();
    candidates.extend(
        unmatched
            .iter()
            .filter(|index| !clash.roots.contains(index)),
    );
    let is_hopeless = |index: &usize| unmatched.iter().any(|other| other != index);
    let mut mild = Vec::new();
    let mut strong = Vec::new();
    for (name, constraint) in clash.lacks.keys() {
        let is_known = mild.iter().any(|other| match other {
            Try::With(package) => package.name.as_normalized() == name,
            _ => false,
        });
        if !is_known && unmatched.is_empty() {
            mild.extend(generous(name, constraint).map(Try::With));
        }
    }
    for index in candidates.into_iter().filter(|index| !is_hopeless(index)) {
        let spec = &problem.specs[index];
        if spec.build.is_some() || spec.build_number.is_some() {
            let mut any_build = spec.clone();
            any_build.build = None;
            any_build.build_number = None;
            mild.push(Try::AnyBuild(index, any_build));
        }
        if spec.version.is_some() {
            mild.push(Try::AnyVersion(index, any_version(spec)));
        }
        strong.push(Try::LeftOut(index));
    }
    mild.extend(strong);
    mild.truncate(MOST_TRIES);
    let deadline = SystemTime::now() + limit;
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(1, |count| count.get().min(4));
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((at, one)) = {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    mild.get(at).map(|one| (at, one))
                } {
                    if let Some(records) = attempt(problem, one, data, deadline, token) {
                        let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
                        results.push((at, records));
                    }
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(at, _)| *at);
    let mut found = Found {
        relaxations: Vec::new(),
        with: Vec::new(),
    };
    for (at, records) in results {
        let (dependency, change) = match &mild[at] {
            Try::With(package) => {
                found.with.push(package.name.as_normalized().to_owned());
                continue;
            }
            Try::AnyBuild(index, spec) => {
                let chosen = chosen(spec, &records, |record| {
                    record.package_record.build.to_string()
                });
                (*index, Change::AnyBuild { chosen })
            }
            Try::AnyVersion(index, spec) => {
                let chosen = chosen(spec, &records, |record| {
                    record.package_record.version.to_string()
                });
                (*index, Change::AnyVersion { chosen })
            }
            Try::LeftOut(index) => (*index, Change::LeftOut),
        };
        // The mildest change of a dependency comes first, and is enough.
        if found
            .relaxations
            .iter()
            .all(|other| other.dependency != dependency)
        {
            found.relaxations.push(Relaxation { dependency, change });
        }
    }
    found
}

/// A virtual package that satisfies whatever is asked of it: a version is a least one, and a build (the
/// microarchitecture of `__archspec`, whose version is always 1) is that very one.
fn generous(name: &str, constraint: &str) -> Option<GenericVirtualPackage> {
    let (version, build) = match constraint.split_once(' ') {
        Some((_, build)) => ("1", build),
        None => ("99", "0"),
    };
    Some(GenericVirtualPackage {
        name: name.parse().ok()?,
        version: version.parse().ok()?,
        build_string: build.parse().ok()?,
    })
}

fn chosen(
    spec: &MatchSpec,
    records: &[RepoDataRecord],
    part: impl Fn(&RepoDataRecord) -> String,
) -> String {
    records
        .iter()
        .find(|record| spec.name.as_exact() == Some(&record.package_record.name))
        .map(part)
        .unwrap_or_default()
}

/// The records that satisfy after one change; `None` too where the time was over first.
fn attempt(
    problem: &Problem,
    one: &Try,
    data: &[RepoData],
    deadline: SystemTime,
    token: &CancellationToken,
) -> Option<Vec<RepoDataRecord>> {
    if SystemTime::now() >= deadline {
        return None;
    }
    let mut specs = problem.specs.clone();
    let mut virtual_packages = problem.virtual_packages.clone();
    match one {
        Try::AnyBuild(index, spec) | Try::AnyVersion(index, spec) => {
            specs[*index] = spec.clone();
        }
        Try::LeftOut(index) => {
            specs.remove(*index);
        }
        Try::With(package) => {
            virtual_packages.retain(|other| other.name != package.name);
            virtual_packages.push(package.clone());
        }
    }
    let verdict = engine::solve(&Task {
        data,
        specs: &specs,
        virtual_packages: &virtual_packages,
        favored: Vec::new(),
        priority: problem.request.priority,
        deadline: Some(deadline),
        token,
    });
    match verdict {
        Ok(Verdict::Solved(records)) => Some(records),
        _ => None,
    }
}
