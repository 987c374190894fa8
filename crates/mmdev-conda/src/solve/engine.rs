//! The solver: resolvo over rattler's reading of conda's rules, as `rattler_solve::resolvo::Solver` runs it. Where
//! that one gives a text, the graph of a conflict says here which dependencies are in it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::SystemTime;

use rattler_conda_types::{
    GenericVirtualPackage, MatchSpec, Matches, NamelessMatchSpec, PackageNameMatcher,
    RepoDataRecord,
};
use rattler_repodata_gateway::RepoData;
use rattler_solve::resolvo::{
    CondaDependencyProvider, NameType, RepoData as SolverData, SolverPackageRecord,
};
use rattler_solve::{CancellationToken, ChannelPriority, SolveError, SolveStrategy};
use resolvo::conflict::{Conflict, ConflictCause, ConflictEdge, ConflictNode};
use resolvo::{Interner, Problem, Requirement, Solver, UnsolvableOrCancelled, VersionSetId};

use super::Priority;
use crate::error::Error;

/// What is solved.
pub(super) struct Task<'a> {
    pub(super) data: &'a [RepoData],
    pub(super) specs: &'a [MatchSpec],
    pub(super) virtual_packages: &'a [GenericVirtualPackage],
    /// Taken wherever they satisfy.
    pub(super) favored: Vec<&'a RepoDataRecord>,
    pub(super) priority: Priority,
    /// When to give up.
    pub(super) deadline: Option<SystemTime>,
    pub(super) token: &'a CancellationToken,
}

/// What the solver says.
pub(super) enum Verdict {
    Solved(Vec<RepoDataRecord>),
    Clash(Clash),
}

/// Why nothing satisfies.
pub(super) struct Clash {
    /// resolvo's tree, for people.
    pub(super) text: String,
    /// The dependencies in it, by index.
    pub(super) roots: BTreeSet<usize>,
    /// What is asked of virtual packages in it and is not there: by name and constraint, one of those who ask.
    pub(super) lacks: BTreeMap<(String, String), String>,
}

/// Solves on the thread of the caller.
///
/// # Errors
/// [`Error::Cancelled`] when the token says so or the deadline is over.
pub(super) fn solve(task: &Task<'_>) -> Result<Verdict, Error> {
    let data = task.data.iter().map(|data| SolverData {
        records: data.iter().collect(),
        multi_channel: data.multi_channel(),
    });
    let provider = CondaDependencyProvider::new(
        data,
        &task.favored,
        &[],
        task.virtual_packages,
        task.specs,
        task.deadline,
        Some(task.token.clone()),
        match task.priority {
            Priority::Strict => ChannelPriority::Strict,
            Priority::Flexible => ChannelPriority::Flexible,
            Priority::Disabled => ChannelPriority::Disabled,
        },
        None,
        SolveStrategy::Highest,
        Vec::new(),
        &HashMap::new(),
    )
    .map_err(|error| match error {
        SolveError::Cancelled => Error::Cancelled,
        error => Error::Inconsistent {
            reason: error.to_string(),
        },
    })?;
    let mut dependency_of: HashMap<VersionSetId, Vec<usize>> = HashMap::new();
    let mut requirements = Vec::new();
    let intern = |name: &rattler_conda_types::PackageName, spec: NamelessMatchSpec| {
        let name = provider.pool.intern_package_name(NameType::from(name));
        provider.pool.intern_version_set(name, spec.into())
    };
    // A virtual package is there whether or not anybody asks for it, since others may have constraints on it.
    for package in task.virtual_packages {
        let id = intern(&package.name, NamelessMatchSpec::default());
        requirements.push(Requirement::from(id).into());
    }
    for (index, spec) in task.specs.iter().enumerate() {
        let (PackageNameMatcher::Exact(name), spec) = spec.clone().into_nameless() else {
            continue;
        };
        let id = intern(&name, spec);
        dependency_of.entry(id).or_default().push(index);
        requirements.push(Requirement::from(id).into());
    }
    let mut solver = Solver::new(provider);
    let problem = Problem::new().requirements(requirements);
    match solver.solve(problem) {
        Ok(chosen) => {
            let pool = &solver.provider().pool;
            let records = chosen
                .into_iter()
                .filter_map(|id| match &pool.resolve_solvable(id).record {
                    SolverPackageRecord::Record(record) => Some((*record).clone()),
                    _ => None,
                })
                .collect();
            Ok(Verdict::Solved(records))
        }
        Err(UnsolvableOrCancelled::Unsolvable(conflict)) => {
            Ok(Verdict::Clash(read(&conflict, &solver, &dependency_of)))
        }
        Err(UnsolvableOrCancelled::Cancelled(_)) => Err(Error::Cancelled),
    }
}

fn read(
    conflict: &Conflict,
    solver: &Solver<CondaDependencyProvider<'_>>,
    dependency_of: &HashMap<VersionSetId, Vec<usize>>,
) -> Clash {
    let provider = solver.provider();
    let found = conflict.graph(solver);
    let graph = &found.graph;
    let mut roots = BTreeSet::new();
    let mut lacks = BTreeMap::new();
    for edge in graph.raw_edges() {
        let is_from_root = edge.source() == found.root_node;
        let set = match edge.weight {
            ConflictEdge::Requires(Requirement::Single(set)) => {
                if is_from_root {
                    roots.extend(dependency_of.get(&set).into_iter().flatten());
                }
                if Some(edge.target()) != found.unresolved_node {
                    continue;
                }
                set
            }
            ConflictEdge::Conflict(ConflictCause::Constrains(set)) => set,
            _ => continue,
        };
        let name = provider
            .display_name(provider.version_set_name(set))
            .to_string();
        if name.starts_with("__") {
            let asked_by = match graph[edge.source()] {
                ConflictNode::Solvable(id) => provider.display_solvable(id).to_string(),
                _ => String::new(),
            };
            let constraint = provider.display_version_set(set).to_string();
            lacks.entry((name, constraint)).or_insert(asked_by);
        }
    }
    Clash {
        text: conflict.display_user_friendly(solver).to_string(),
        roots,
        lacks,
    }
}

/// The dependencies that nothing matches, by index.
pub(super) fn unmatched(
    specs: &[MatchSpec],
    data: &[RepoData],
    virtual_packages: &[GenericVirtualPackage],
) -> Vec<usize> {
    let mut unmatched: Vec<usize> = (0..specs.len()).collect();
    let mut by_name: HashMap<&str, Vec<&RepoDataRecord>> = HashMap::new();
    for record in data.iter().flat_map(RepoData::iter) {
        let name = record.package_record.name.as_normalized();
        by_name.entry(name).or_default().push(record);
    }
    unmatched.retain(|index| {
        let spec = &specs[*index];
        let Some(name) = spec.name.as_exact() else {
            return false;
        };
        let records = by_name.get(name.as_normalized());
        let is_matched = records
            .into_iter()
            .flatten()
            .any(|record| is_for(spec, record))
            || virtual_packages.iter().any(|package| spec.matches(package));
        !is_matched
    });
    unmatched
}

/// Whether a record matches a dependency, its channel included.
pub(super) fn is_for(spec: &MatchSpec, record: &RepoDataRecord) -> bool {
    let is_of_channel = spec.channel.as_ref().is_none_or(|channel| {
        // Of a name that is several channels the solver knows the members.
        channel.name.as_deref() == Some("defaults")
            || record.channel.as_ref() == Some(&channel.canonical_name())
    });
    is_of_channel && spec.matches(record)
}
