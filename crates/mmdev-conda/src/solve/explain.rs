//! Why a spec cannot be satisfied, as data: what is missing, what does not go together, and what would help.

use std::collections::BTreeSet;

use rattler_conda_types::{MatchSpec, Matches, RepoDataRecord};
use rattler_repodata_gateway::RepoData;
use rattler_solve::CancellationToken;

use super::engine::{Clash, Verdict, is_for};
use super::relax::{self, Relaxation};
use super::{Listener, Problem, Progress};
use crate::error::Error;

/// The most versions or builds that are named instead of one that is missing.
const MOST_OTHERS: usize = 8;

/// Why nothing satisfies a request. Dependencies are named by their index in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unsolvable {
    /// The dependencies that nothing on the channels matches, all of them.
    pub missing: Vec<Missing>,
    /// The dependencies that do not go together; `None` where only something is missing.
    pub conflict: Option<Conflict>,
    /// What is asked of the machine in the conflict, and is not there.
    pub lacks: Vec<Lack>,
    /// The changes each of which would be enough, the mildest of each dependency. None were found, or none exist.
    pub relaxations: Vec<Relaxation>,
}

/// A dependency that nothing matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The dependency.
    pub dependency: usize,
    /// The name that it asks for.
    pub name: String,
    /// What there is of this name, newest first and not all: the builds of the version where the version is there,
    /// else versions. Empty where the channels have nothing of this name for the platform.
    pub others: Vec<String>,
    /// Whether the version is there, so that `others` are builds.
    pub has_version: bool,
}

/// Dependencies that do not go together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The dependencies in it.
    pub dependencies: Vec<usize>,
    /// The solver's explanation: a tree of several lines.
    pub explanation: String,
}

/// Something that the machine would have to provide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack {
    /// The virtual package (`__cuda`).
    pub name: String,
    /// What is asked of it (`>=12`).
    pub constraint: String,
    /// Who asks, as `name=version=build`; empty where a dependency does.
    pub asked_by: String,
    /// Whether it is all that is lacking: with it the request could be satisfied.
    pub is_all: bool,
}

/// Puts it together. `whole` is what the dependencies can reach as names alone.
pub(super) fn explain(
    problem: &Problem,
    clash: Clash,
    whole: Option<Vec<RepoData>>,
    listener: &Listener,
    token: &CancellationToken,
) -> Result<Unsolvable, Error> {
    let unmatched = problem.unmatched();
    let data = whole.as_deref().unwrap_or(&problem.data);
    // More is said in it of those that do not go together: what one of them excludes is there as well.
    let clash = match whole.as_ref().map(|whole| problem.solve_with(whole, token)) {
        Some(Ok(Verdict::Clash(clash))) => clash,
        Some(Err(error)) => return Err(error),
        _ => clash,
    };
    let missing = unmatched
        .iter()
        .filter_map(|index| missing(*index, &problem.specs[*index], data))
        .collect();
    let found = match problem.request.relaxing {
        Some(limit) => {
            listener(Progress::Relaxing);
            relax::relax(problem, &clash, &unmatched, data, limit, token)
        }
        None => relax::Found {
            relaxations: Vec::new(),
            with: Vec::new(),
        },
    };
    // The solver stops at the first thing that cannot be: where that is one of the missing, there is no conflict.
    let is_conflict = !clash.roots.iter().any(|index| unmatched.contains(index));
    Ok(Unsolvable {
        missing,
        conflict: is_conflict.then(|| Conflict {
            dependencies: clash.roots.iter().copied().collect(),
            explanation: shortened(&problem.sources.without_secrets(clash.text)),
        }),
        lacks: clash
            .lacks
            .into_iter()
            .map(|((name, constraint), asked_by)| Lack {
                is_all: found.with.contains(&name),
                name,
                constraint,
                asked_by,
            })
            .collect(),
        relaxations: found.relaxations,
    })
}

fn missing(index: usize, spec: &MatchSpec, data: &[RepoData]) -> Option<Missing> {
    let name = spec.name.as_exact()?;
    let anything = MatchSpec {
        name: spec.name.clone(),
        channel: spec.channel.clone(),
        ..MatchSpec::default()
    };
    let version = MatchSpec {
        version: spec.version.clone(),
        ..anything.clone()
    };
    let mut records: Vec<&RepoDataRecord> = data
        .iter()
        .flat_map(RepoData::iter)
        .filter(|record| record.package_record.name == *name && is_for(&anything, record))
        .collect();
    records.sort_by(|left, right| right.package_record.cmp(&left.package_record));
    let of_version: Vec<_> = records
        .iter()
        .filter(|record| version.matches(**record))
        .map(|record| record.package_record.build.to_string())
        .collect();
    let has_version = !of_version.is_empty();
    let others = match has_version {
        true => of_version,
        false => records
            .iter()
            .map(|record| record.package_record.version.to_string())
            .collect(),
    };
    let mut seen = BTreeSet::new();
    Some(Missing {
        dependency: index,
        name: name.as_normalized().to_owned(),
        others: others
            .into_iter()
            .filter(|other| seen.insert(other.clone()))
            .take(MOST_OTHERS)
            .collect(),
        has_version,
    })
}

/// The solver's tree with what it says of each of many versions said once. It merges candidates that stand alike in
/// the conflict, which those of one package that only exclude each other do not.
fn shortened(tree: &str) -> String {
    let mut lines: Vec<Line<'_>> = Vec::new();
    for line in tree.lines() {
        let line = Line::of(line);
        match lines.last_mut().filter(|last| last.is_like(&line)) {
            Some(last) => {
                last.branch = line.branch;
                let new = line.versions.into_iter();
                let known = &mut last.versions;
                for version in new {
                    if !known.contains(&version) {
                        known.push(version);
                    }
                }
            }
            None => lines.push(line),
        }
    }
    lines.iter().map(Line::text).collect()
}

/// One line of the tree: `│  ├─ python 3.11.1 | 3.11.2, which conflicts …`.
struct Line<'tree> {
    /// What draws the tree.
    branch: &'tree str,
    name: &'tree str,
    versions: Vec<&'tree str>,
    /// What is said of them; `None` where the line is of another kind, and stands for itself.
    tail: Option<&'tree str>,
}

impl<'tree> Line<'tree> {
    fn of(line: &'tree str) -> Self {
        let content = line.trim_start_matches(['│', '├', '└', '─', ' ']);
        let branch = &line[..line.len() - content.len()];
        // Those with something below them end in words that differ.
        let said = content
            .find(", which conflicts with")
            .map(|at| content.split_at(at));
        let (name, versions) = said
            .map_or(content, |(head, _)| head)
            .split_once(' ')
            .unwrap_or((content, ""));
        match said {
            Some((_, tail)) => Line {
                branch,
                name,
                versions: versions.split(" | ").collect(),
                tail: Some(tail),
            },
            None => Line {
                branch,
                name: content,
                versions: Vec::new(),
                tail: None,
            },
        }
    }

    fn is_like(&self, other: &Line<'_>) -> bool {
        let depth = |line: &Line<'_>| line.branch.chars().count();
        self.tail.is_some()
            && self.tail == other.tail
            && self.name == other.name
            && depth(self) == depth(other)
    }

    fn text(&self) -> String {
        let versions = match self.versions.as_slice() {
            [first, .., last] if self.versions.len() > 3 => {
                format!(" {first} … {last} ({} versions)", self.versions.len())
            }
            versions if self.tail.is_some() => format!(" {}", versions.join(" | ")),
            _ => String::new(),
        };
        format!(
            "{}{}{versions}{}\n",
            self.branch,
            self.name,
            self.tail.unwrap_or_default()
        )
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn what_is_said_of_many_versions_is_said_once() {
        let tree = "\
The following packages are incompatible
├─ pandas <2 cannot be installed because there are no viable options:
│  ├─ pandas 1.5.3 would require
│  │  └─ python >=3.11,<3.12.0a0, which cannot be installed because there are no viable options:
│  │     ├─ python 3.11.15, which conflicts with the versions reported above.
│  │     ├─ python 3.11.15, which conflicts with the versions reported above.
│  │     ├─ python 3.11.14 | 3.11.13, which conflicts with the versions reported above.
│  │     └─ python 3.11.0, which conflicts with the versions reported above.
│  └─ pandas 1.4.1 would require
│     └─ python >=3.10,<3.11.0a0, which cannot be installed because there are no viable options:
│        ├─ python 3.10.20, which conflicts with the versions reported above.
│        └─ python 3.10.19, which conflicts with the versions reported above.
└─ python 3.12.* can be installed with any of the following options:
   └─ python 3.12.1 | 3.12.2
";
        expect![[r#"
            The following packages are incompatible
            ├─ pandas <2 cannot be installed because there are no viable options:
            │  ├─ pandas 1.5.3 would require
            │  │  └─ python >=3.11,<3.12.0a0, which cannot be installed because there are no viable options:
            │  │     └─ python 3.11.15 … 3.11.0 (4 versions), which conflicts with the versions reported above.
            │  └─ pandas 1.4.1 would require
            │     └─ python >=3.10,<3.11.0a0, which cannot be installed because there are no viable options:
            │        └─ python 3.10.20 | 3.10.19, which conflicts with the versions reported above.
            └─ python 3.12.* can be installed with any of the following options:
               └─ python 3.12.1 | 3.12.2
        "#]].assert_eq(&shortened(tree));
        let plain = "No candidates were found for six 2.*.\n";
        assert_eq!(shortened(plain), plain);
    }
}
