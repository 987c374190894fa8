//! From specs to a set of records (resolvo), in the order in which they are linked.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use rattler_conda_types::{
    GenericVirtualPackage, MatchSpec, Matches as _, ParseStrictness, RepoDataRecord,
};
use rattler_solve::{ChannelPriority, SolveError, SolverImpl as _, SolverTask, resolvo};
use rattler_virtual_packages::VirtualPackage;

use crate::console;
use crate::explain;
use crate::host;
use crate::package::{Package, Source};
use crate::spec::Spec;

/// What a solve starts from.
pub(crate) struct Request<'a> {
    /// Specs of this command.
    pub(crate) specs: &'a [Spec],
    /// Specs of earlier commands, from history.
    pub(crate) kept: &'a BTreeMap<String, Spec>,
    /// What is installed.
    pub(crate) installed: &'a BTreeMap<String, Package>,
    /// Names that may move to another version, in place of staying where they are.
    pub(crate) moving: Moving,
}

/// Which installed packages may be exchanged without need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Moving {
    /// None but those that the specs force.
    Nothing,
    /// These names.
    Names(BTreeSet<String>),
    /// All of them.
    Everything,
}

/// The virtual packages of this machine. `CONDA_OVERRIDE_…` count; set but empty
/// means that there is none.
pub(crate) fn virtual_packages() -> Result<Vec<GenericVirtualPackage>> {
    let found = VirtualPackage::detect(&host::overrides(), None)?;
    Ok(found.into_iter().map(GenericVirtualPackage::from).collect())
}

/// Solves, and says why when nothing satisfies the specs.
///
/// # Errors
/// When nothing satisfies the specs; the reason has been printed as libmamba prints it.
pub(crate) fn solve_loudly(
    request: &Request<'_>,
    channels: &[Vec<RepoDataRecord>],
) -> Result<Vec<Package>> {
    match solve(request, channels)? {
        Ok(packages) => Ok(packages),
        Err(reasons) => {
            let lines = explain::problem(request.specs, channels, &virtual_packages()?, &reasons);
            console::log(
                "error",
                &format!("Could not solve for environment specs\n{lines}"),
            );
            bail!("Could not solve for environment specs")
        }
    }
}

/// Solves for what the environment should hold; the inner error holds the solver's reasons
/// why nothing does.
pub(crate) fn solve(
    request: &Request<'_>,
    channels: &[Vec<RepoDataRecord>],
) -> Result<Result<Vec<Package>, Vec<String>>> {
    let virtual_packages = virtual_packages()?;
    let own: Vec<MatchSpec> = request
        .specs
        .iter()
        .map(|spec| spec.matcher().clone())
        .collect();
    let named: BTreeSet<&str> = request
        .specs
        .iter()
        .map(|spec| spec.name.as_str())
        .collect();
    let kept = request
        .kept
        .iter()
        .filter(|(name, _)| !named.contains(name.as_str()));
    let kept: Vec<MatchSpec> = kept.map(|(_, spec)| spec.matcher().clone()).collect();
    let present: Vec<MatchSpec> = request
        .installed
        .keys()
        .filter(|name| !named.contains(name.as_str()))
        .filter_map(|name| MatchSpec::from_str(name, ParseStrictness::Lenient).ok())
        .collect();
    // libsolv keeps what is installed unless it is in the way. So all of it is asked
    // for first, then only what a person asked for, then this command's own specs.
    let attempts = [
        [own.clone(), kept.clone(), present].concat(),
        [own.clone(), kept].concat(),
        own,
    ];
    let mut conflict = Vec::new();
    for specs in attempts {
        match solve_once(request, channels, specs, virtual_packages.clone()) {
            Ok(records) => return Ok(Ok(in_link_order(records))),
            Err(SolveError::Unsolvable(reasons)) => conflict = reasons,
            Err(other) => return Err(other.into()),
        }
    }
    Ok(Err(conflict))
}

fn solve_once(
    request: &Request<'_>,
    channels: &[Vec<RepoDataRecord>],
    specs: Vec<MatchSpec>,
    virtual_packages: Vec<GenericVirtualPackage>,
) -> Result<Vec<Package>, SolveError> {
    let stays = |name: &str| match &request.moving {
        Moving::Nothing => true,
        Moving::Names(names) => !names.contains(name),
        Moving::Everything => false,
    };
    let locked = request
        .installed
        .values()
        .filter(|package| stays(package.name()));
    let installed: Vec<RepoDataRecord> = request
        .installed
        .values()
        .map(|package| package.record.clone())
        .collect();
    // An installed package that its channel has lost is still a candidate, behind the others.
    let mut available: Vec<&[RepoDataRecord]> = channels.iter().map(Vec::as_slice).collect();
    let known: BTreeSet<&str> = channels
        .iter()
        .flatten()
        .map(|record| record.url.as_str())
        .collect();
    let lost: Vec<RepoDataRecord> = installed
        .into_iter()
        .filter(|record| !known.contains(record.url.as_str()))
        .collect();
    available.push(&lost);
    let task = SolverTask {
        virtual_packages,
        specs,
        locked_packages: locked.map(|package| &package.record).collect(),
        // micromamba's default.
        channel_priority: ChannelPriority::Flexible,
        ..SolverTask::from_iter(available)
    };
    let solved = resolvo::Solver.solve(task)?;
    Ok(solved
        .records
        .into_iter()
        .map(|record| Package {
            record,
            source: Source::Repodata,
        })
        .collect())
}

/// Dependencies before what needs them, by name where there is a choice.
pub(crate) fn in_link_order(packages: Vec<Package>) -> Vec<Package> {
    let mut waiting: BTreeMap<String, Package> = packages
        .into_iter()
        .map(|package| (package.name().to_owned(), package))
        .collect();
    let mut order = Vec::new();
    while !waiting.is_empty() {
        let free: Vec<String> = waiting
            .iter()
            .filter(|(name, package)| {
                dependencies(package)
                    .all(|needed| needed == **name || !waiting.contains_key(&needed))
            })
            .map(|(name, _)| name.clone())
            .collect();
        // A cycle (python and pip) is broken at its first name; python leads every cycle.
        let next = free.into_iter().next().or_else(|| {
            let python = waiting.contains_key("python").then(|| "python".to_owned());
            python.or_else(|| waiting.keys().next().cloned())
        });
        order.extend(next.and_then(|name| waiting.remove(&name)));
    }
    order
}

/// The names that a package depends on.
pub(crate) fn dependencies(package: &Package) -> impl Iterator<Item = String> {
    package
        .record
        .package_record
        .depends
        .iter()
        .filter_map(|text| dependency_name(text))
}

/// The name in one line of `depends`.
pub(crate) fn dependency_name(text: &str) -> Option<String> {
    let end = text
        .find([' ', '=', '<', '>', '!', '~', '['])
        .unwrap_or(text.len());
    Some(text[..end].rsplit("::").next()?.to_lowercase()).filter(|name| !name.is_empty())
}

/// Whether a record is one that the spec accepts.
pub(crate) fn accepts(spec: &MatchSpec, record: &RepoDataRecord) -> bool {
    spec.matches(&record.package_record)
}

/// Whether this machine has the virtual package that `spec` wants.
pub(crate) fn has_virtual(spec: &MatchSpec, packages: &[GenericVirtualPackage]) -> bool {
    packages.iter().any(|package| spec.matches(package))
}
