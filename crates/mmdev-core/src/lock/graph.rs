//! Who needs whom among the packages that a lock has for one platform.

use std::collections::{HashMap, HashSet, VecDeque};

use super::{Entry, Lock, Manager, Package};
use crate::spec::pip::normalized;
use crate::spec::{EnvSpec, PipLine, Selector};

/// The packages of one platform, and the dependencies between them.
#[derive(Debug, Clone)]
pub struct Graph<'lock> {
    platform: &'lock str,
    packages: Vec<&'lock Package>,
    conda: HashMap<&'lock str, usize>,
    /// By normalised name; of two managers' packages of one name pip's.
    by_normalized: HashMap<String, usize>,
    /// For each package what it needs, by name.
    needs: Vec<Vec<Edge<'lock>>>,
    /// python and pip, where python brings it without saying so.
    brought: Option<(usize, usize)>,
}

/// One package needs another.
#[derive(Debug, Clone, Copy)]
struct Edge<'lock> {
    to: usize,
    constraint: &'lock str,
}

/// An entry of a spec, and the package that it is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Direct<'lock> {
    /// The entry.
    pub entry: Entry,
    /// The package.
    pub package: &'lock Package,
}

/// One line of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch<'lock> {
    /// The package.
    pub package: &'lock Package,
    /// The rest of the MatchSpec between it and the package above it; empty at the top, and where any will do.
    pub constraint: &'lock str,
    /// How deep it stands; 0 at the top.
    pub level: usize,
    /// The lines that are drawn before its name: `│   ├── `. None at the top.
    pub guides: String,
    /// Whether what is below it was shown before, and is left out here.
    pub is_repeated: bool,
}

/// One step of a [`Graph::chains`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step<'lock> {
    /// The package.
    pub package: &'lock Package,
    /// What the package before it asks for: the rest of a MatchSpec. Empty for the first, and where any will do.
    pub constraint: &'lock str,
}

/// Which way a tree grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To what a package needs.
    Needs,
    /// To what needs it.
    NeededBy,
}

impl<'lock> Graph<'lock> {
    /// The packages that `lock` has for `platform`. A package of several categories is one.
    pub fn of(lock: &'lock Lock, platform: &'lock str) -> Self {
        let mut graph = Graph {
            platform,
            packages: Vec::new(),
            conda: HashMap::new(),
            by_normalized: HashMap::new(),
            needs: Vec::new(),
            brought: None,
        };
        // conda's come first in a lock.
        for package in lock.of(platform) {
            let index = graph.packages.len();
            let name = normalized(&package.name);
            let is_there = match package.manager {
                Manager::Conda => graph.conda.contains_key(package.name.as_str()),
                Manager::Pip => graph
                    .by_normalized
                    .get(&name)
                    .is_some_and(|other| graph.packages[*other].manager == Manager::Pip),
            };
            if is_there {
                continue;
            }
            graph.packages.push(package);
            if package.manager == Manager::Conda {
                graph.conda.insert(&package.name, index);
            }
            graph.by_normalized.insert(name, index);
        }
        graph.needs = graph
            .packages
            .iter()
            .map(|package| graph.edges(package))
            .collect();
        graph.brought = graph.brought();
        graph
    }

    fn edges(&self, package: &'lock Package) -> Vec<Edge<'lock>> {
        let dependencies = package.dependencies.iter();
        dependencies
            .filter_map(|(name, constraint)| {
                let to = match package.manager {
                    Manager::Conda => self.conda.get(name.as_str()),
                    // What a pip package needs may come from conda.
                    Manager::Pip => self.by_normalized.get(&normalized(name)),
                };
                // What the machine provides stands in no lock.
                Some(Edge {
                    to: *to?,
                    constraint,
                })
            })
            .collect()
    }

    /// conda and micromamba install pip with python, though no record says so.
    fn brought(&self) -> Option<(usize, usize)> {
        let python = *self.conda.get("python")?;
        let pip = *self.conda.get("pip")?;
        let version = &self.packages[python].version;
        let is_said = self.needs[python].iter().any(|edge| edge.to == pip);
        let brings = ["2.", "3."].iter().any(|major| version.starts_with(major));
        (brings && !is_said).then_some((python, pip))
    }

    /// The packages in the order of the lock.
    pub fn packages(&self) -> &[&'lock Package] {
        &self.packages
    }

    /// The package of a name: conda's, or pip's in whatever spelling.
    pub fn find(&self, name: &str) -> Option<&'lock Package> {
        let lower = name.to_ascii_lowercase();
        let index = self.conda.get(lower.as_str());
        let index = index.or_else(|| self.by_normalized.get(&normalized(name)))?;
        Some(self.packages[*index])
    }

    /// The packages that the entries of `spec` ask for, each once, in the order of the spec. What is not there, or is
    /// for other platforms, is left out.
    pub fn direct(&self, spec: &EnvSpec) -> Vec<Direct<'lock>> {
        let is_chosen = |selector: Option<&Selector>| {
            selector.is_none_or(|selector| selector.applies_to(self.platform).unwrap_or(true))
        };
        let conda = spec.dependencies.iter().enumerate();
        let conda = conda.filter_map(|(index, dependency)| {
            let name = &dependency.match_spec.as_ref()?.name.value;
            let found = self.conda.get(name.as_str())?;
            is_chosen(dependency.selector.as_ref()).then_some((Entry::Dependency(index), *found))
        });
        let pip = spec.pip.iter().enumerate();
        let pip = pip.filter_map(|(index, entry)| {
            let PipLine::Package { name } = &entry.line else {
                return None;
            };
            let found = self.by_normalized.get(&normalized(name))?;
            is_chosen(entry.selector.as_ref()).then_some((Entry::Pip(index), *found))
        });
        let mut seen = HashSet::new();
        conda
            .chain(pip)
            .filter(|(_, index)| seen.insert(*index))
            .map(|(entry, index)| Direct {
                entry,
                package: self.packages[index],
            })
            .collect()
    }

    fn index(&self, package: &Package) -> Option<usize> {
        match package.manager {
            Manager::Conda => self.conda.get(package.name.as_str()).copied(),
            Manager::Pip => self.by_normalized.get(&normalized(&package.name)).copied(),
        }
    }

    /// What a package needs, and pip below python.
    fn below(&self, index: usize) -> Vec<Edge<'lock>> {
        let mut edges = self.needs[index].clone();
        if let Some((python, pip)) = self.brought
            && python == index
        {
            edges.push(Edge {
                to: pip,
                constraint: "",
            });
        }
        edges.sort_by_key(|edge| &self.packages[edge.to].name);
        edges
    }

    /// For each package, what needs it.
    fn above(&self) -> Vec<Vec<Edge<'lock>>> {
        let mut above = vec![Vec::new(); self.packages.len()];
        for from in 0..self.packages.len() {
            for edge in self.below(from) {
                above[edge.to].push(Edge { to: from, ..edge });
            }
        }
        for edges in &mut above {
            edges.sort_by_key(|edge| &self.packages[edge.to].name);
        }
        above
    }

    /// The trees that grow from `tops`, line by line, no deeper than `depth`. What was shown before is not shown again.
    pub fn tree(
        &self,
        tops: &[&Package],
        direction: Direction,
        depth: Option<usize>,
    ) -> Vec<Branch<'lock>> {
        struct Open<'lock> {
            edge: Edge<'lock>,
            level: usize,
            is_last: bool,
        }
        let above = match direction {
            Direction::Needs => Vec::new(),
            Direction::NeededBy => self.above(),
        };
        let children = |index: usize| match direction {
            Direction::Needs => self.below(index),
            Direction::NeededBy => above[index].clone(),
        };
        // A stack of our own: a lock may hold a chain of any length.
        let tops = tops.iter().filter_map(|package| self.index(package));
        let mut open: Vec<Open<'_>> = tops
            .map(|to| Open {
                edge: Edge { to, constraint: "" },
                level: 0,
                is_last: true,
            })
            .collect();
        open.reverse();
        let mut branches = Vec::new();
        let mut shown = HashSet::new();
        // For each level but the last one: whether more comes there.
        let mut goes_on: Vec<bool> = Vec::new();
        while let Some(Open {
            edge,
            level,
            is_last,
        }) = open.pop()
        {
            let edges = children(edge.to);
            let may_go_on = depth.is_none_or(|depth| level < depth);
            let is_repeated = !edges.is_empty() && shown.contains(&edge.to);
            goes_on.truncate(level.saturating_sub(1));
            branches.push(Branch {
                package: self.packages[edge.to],
                constraint: edge.constraint,
                level,
                guides: guides(&goes_on, level, is_last),
                is_repeated,
            });
            if level > 0 {
                goes_on.push(!is_last);
            }
            if may_go_on && shown.insert(edge.to) {
                let last = edges.len().saturating_sub(1);
                let edges = edges.into_iter().enumerate().rev();
                open.extend(edges.map(|(position, edge)| Open {
                    edge,
                    level: level + 1,
                    is_last: position == last,
                }));
            }
        }
        branches
    }

    /// For each package of `tops` the shortest chain by which it needs `package`, the shortest first. A package that
    /// is itself among them is a chain of one.
    pub fn chains(&self, tops: &[&Package], package: &Package) -> Vec<Vec<Step<'lock>>> {
        let Some(goal) = self.index(package) else {
            return Vec::new();
        };
        let above = self.above();
        let mut distance: HashMap<usize, usize> = HashMap::from([(goal, 0)]);
        let mut open = VecDeque::from([goal]);
        while let Some(index) = open.pop_front() {
            let next = distance[&index] + 1;
            for edge in &above[index] {
                distance.entry(edge.to).or_insert_with(|| {
                    open.push_back(edge.to);
                    next
                });
            }
        }
        let tops = tops.iter().filter_map(|package| self.index(package));
        let mut chains: Vec<Vec<Step<'lock>>> = tops
            .filter(|top| distance.contains_key(top))
            .map(|top| {
                let mut at = top;
                let mut chain = vec![Step {
                    package: self.packages[at],
                    constraint: "",
                }];
                while at != goal {
                    let nearer = self.below(at).into_iter().find(|edge| {
                        distance
                            .get(&edge.to)
                            .is_some_and(|next| *next < distance[&at])
                    });
                    let Some(edge) = nearer else { break };
                    at = edge.to;
                    chain.push(Step {
                        package: self.packages[at],
                        constraint: edge.constraint,
                    });
                }
                chain
            })
            .collect();
        chains.sort_by_key(Vec::len);
        chains
    }

    /// Whether `needed` stands in no record of `package`: it is pip, which conda and micromamba install with python.
    pub fn is_brought(&self, package: &Package, needed: &Package) -> bool {
        self.brought.is_some_and(|(python, pip)| {
            self.index(package) == Some(python) && self.index(needed) == Some(pip)
        })
    }

    /// The packages, each after what it needs, as far as they do not need each other: the order in which an explicit
    /// list is installed.
    pub fn in_order(&self) -> Vec<&'lock Package> {
        let mut ordered = Vec::with_capacity(self.packages.len());
        let mut seen = vec![false; self.packages.len()];
        for start in 0..self.packages.len() {
            // An index, and whether what it needs has been looked at.
            let mut open = vec![(start, false)];
            while let Some((index, is_done)) = open.pop() {
                if is_done {
                    ordered.push(self.packages[index]);
                } else if !std::mem::replace(&mut seen[index], true) {
                    open.push((index, true));
                    open.extend(self.needs[index].iter().rev().map(|edge| (edge.to, false)));
                }
            }
        }
        ordered
    }

    /// The packages that nothing of `tops` leads to, without those that only such packages need: what a requirements
    /// file asks for, or what is left of an older spec.
    pub fn rest(&self, tops: &[&Package]) -> Vec<&'lock Package> {
        let mut reached = vec![false; self.packages.len()];
        let reach = |from: usize, reached: &mut Vec<bool>| {
            let mut open = vec![from];
            while let Some(index) = open.pop() {
                if !std::mem::replace(&mut reached[index], true) {
                    open.extend(self.below(index).iter().map(|edge| edge.to));
                }
            }
        };
        for top in tops.iter().filter_map(|package| self.index(package)) {
            reach(top, &mut reached);
        }
        let above = self.above();
        let mut rest = Vec::new();
        // Of those that need each other in a ring the first one stands for all.
        for is_ring in [false, true] {
            for index in 0..self.packages.len() {
                let is_top = is_ring || above[index].iter().all(|edge| edge.to == index);
                if is_top && !reached[index] {
                    rest.push(self.packages[index]);
                    reach(index, &mut reached);
                }
            }
        }
        rest
    }

    /// The packages that one needs and that are there, by name.
    pub fn needs(&self, package: &Package) -> Vec<&'lock Package> {
        let index = self.index(package);
        let edges = index.map(|index| self.needs[index].iter());
        edges
            .into_iter()
            .flatten()
            .map(|edge| self.packages[edge.to])
            .collect()
    }
}

/// What is drawn before a name.
fn guides(goes_on: &[bool], level: usize, is_last: bool) -> String {
    let mut guides: String = goes_on
        .iter()
        .map(|goes_on| if *goes_on { "│   " } else { "    " })
        .collect();
    if level > 0 {
        guides += if is_last { "└── " } else { "├── " };
    }
    guides
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::fixture::lock;
    use super::*;
    use crate::spec;

    fn sample() -> Lock {
        lock(&[
            "python 3.12.1 h_0 > zlib, openssl >=3",
            "pip 25.0 h_0 > python >=3.9, setuptools",
            "setuptools 80.0 h_0 > python",
            "numpy 2.1.0 h_0 > python >=3.12,<3.13.0a0, blas * openblas, __glibc >=2.17",
            "blas 1.0 openblas > zlib",
            "zlib 1.3 h_0",
            "openssl 3.1 h_0",
            "pip:Requests 2.0 > idna >=2, NumPy",
            "pip:idna 3.0",
            "osx-arm64:zlib 1.2 h_0",
        ])
    }

    const SPEC: &str = "dependencies:\n- numpy>=2\n- python\n- missing\n- zlib  # [osx]\n- pip:\n  - requests[x]>=2\n";

    fn drawn(branches: &[Branch<'_>]) -> String {
        let lines = branches.iter().map(|branch| {
            let again = if branch.is_repeated { " (*)" } else { "" };
            let package = branch.package;
            let constraint = match branch.constraint {
                "" => String::new(),
                constraint => format!(" [{constraint}]"),
            };
            format!(
                "{}{} {}{constraint}{again}\n",
                branch.guides, package.name, package.version
            )
        });
        lines.collect()
    }

    fn tops<'lock>(graph: &Graph<'lock>) -> Vec<&'lock Package> {
        let spec = spec::read("env.yaml", SPEC).spec;
        let direct = graph.direct(&spec);
        direct.iter().map(|direct| direct.package).collect()
    }

    #[test]
    fn what_is_asked_for_stands_at_the_top() {
        let lock = sample();
        let graph = Graph::of(&lock, "linux-64");
        let check = |depth, expected: Expect| {
            let tops = tops(&graph);
            expected.assert_eq(&drawn(&graph.tree(&tops, Direction::Needs, depth)));
        };
        check(
            None,
            expect![[r#"
                numpy 2.1.0
                ├── blas 1.0 [* openblas]
                │   └── zlib 1.3
                └── python 3.12.1 [>=3.12,<3.13.0a0]
                    ├── openssl 3.1 [>=3]
                    ├── pip 25.0
                    │   ├── python 3.12.1 [>=3.9] (*)
                    │   └── setuptools 80.0
                    │       └── python 3.12.1 (*)
                    └── zlib 1.3
                python 3.12.1 (*)
                Requests 2.0
                ├── idna 3.0 [>=2]
                └── numpy 2.1.0 (*)
            "#]],
        );
        check(
            Some(1),
            expect![[r#"
                numpy 2.1.0
                ├── blas 1.0 [* openblas]
                └── python 3.12.1 [>=3.12,<3.13.0a0]
                python 3.12.1
                ├── openssl 3.1 [>=3]
                ├── pip 25.0
                └── zlib 1.3
                Requests 2.0
                ├── idna 3.0 [>=2]
                └── numpy 2.1.0 (*)
            "#]],
        );
        check(
            Some(0),
            expect![[r#"
                numpy 2.1.0
                python 3.12.1
                Requests 2.0
            "#]],
        );
    }

    #[test]
    fn a_tree_may_stand_on_its_head() {
        let lock = sample();
        let graph = Graph::of(&lock, "linux-64");
        let zlib = graph.find("ZLIB").unwrap();
        expect![[r#"
            zlib 1.3
            ├── blas 1.0
            │   └── numpy 2.1.0 [* openblas]
            │       └── Requests 2.0
            └── python 3.12.1
                ├── numpy 2.1.0 [>=3.12,<3.13.0a0] (*)
                ├── pip 25.0 [>=3.9]
                │   └── python 3.12.1 (*)
                └── setuptools 80.0
                    └── pip 25.0 (*)
        "#]]
        .assert_eq(&drawn(&graph.tree(&[zlib], Direction::NeededBy, None)));
        assert_eq!(Graph::of(&lock, "osx-arm64").packages().len(), 1);
        assert!(graph.find("nothing").is_none());
    }

    #[test]
    fn the_shortest_chain_of_each_is_told() {
        let lock = sample();
        let graph = Graph::of(&lock, "linux-64");
        let check = |name: &str, expected: Expect| {
            let chains = graph.chains(&tops(&graph), graph.find(name).unwrap());
            let lines = chains.iter().map(|chain| {
                let steps: Vec<String> = chain
                    .iter()
                    .map(|step| {
                        format!("{} {}", step.package.name, step.constraint)
                            .trim()
                            .to_owned()
                    })
                    .collect();
                steps.join(" → ") + "\n"
            });
            expected.assert_eq(&lines.collect::<String>());
        };
        check(
            "zlib",
            expect![[r#"
                python → zlib
                numpy → blas * openblas → zlib
                Requests → numpy → blas * openblas → zlib
            "#]],
        );
        check(
            "pip",
            expect![[r#"
                python → pip
                numpy → python >=3.12,<3.13.0a0 → pip
                Requests → numpy → python >=3.12,<3.13.0a0 → pip
            "#]],
        );
        check("requests", expect!["Requests\n"]);
        let [python, pip] = ["python", "pip"].map(|name| graph.find(name).unwrap());
        assert!(graph.is_brought(python, pip) && !graph.is_brought(pip, python));
    }

    #[test]
    fn what_is_needed_comes_first() {
        let lock = sample();
        let graph = Graph::of(&lock, "linux-64");
        let names: Vec<&str> = graph.in_order().iter().map(|p| p.name.as_str()).collect();
        assert_eq!(
            names.join(" "),
            "zlib blas openssl python numpy setuptools pip idna Requests"
        );
    }

    #[test]
    fn what_nothing_asks_for_is_left_over() {
        let lock = lock(&[
            "a 1 h_0 > b",
            "b 1 h_0",
            "c 1 h_0 > d, b",
            "d 1 h_0",
            "e 1 h_0 > f",
            "f 1 h_0 > e",
        ]);
        let graph = Graph::of(&lock, "linux-64");
        let rest = graph.rest(&[graph.find("a").unwrap()]);
        let names: Vec<&str> = rest.iter().map(|package| package.name.as_str()).collect();
        assert_eq!(names, ["c", "e"]);
    }

    /// Two may need each other, and a chain may be long.
    #[test]
    fn every_lock_has_an_end() {
        let ring = lock(&["a 1 h_0 > b", "b 1 h_0 > a", "c 1 h_0 > c"]);
        let graph = Graph::of(&ring, "linux-64");
        assert_eq!(graph.in_order().len(), 3);
        let a = graph.find("a").unwrap();
        assert_eq!(graph.tree(&[a], Direction::Needs, None).len(), 3);
        let long: Vec<String> = (0..3000)
            .map(|index| format!("p{index} 1 h_0 > p{}", index + 1))
            .collect();
        let long: Vec<&str> = long.iter().map(String::as_str).collect();
        let long = lock(&long);
        let graph = Graph::of(&long, "linux-64");
        let [first, last] = ["p0", "p2999"].map(|name| graph.find(name).unwrap());
        assert_eq!(graph.tree(&[first], Direction::Needs, None).len(), 3000);
        assert_eq!(graph.chains(&[first], last)[0].len(), 3000);
        assert_eq!(graph.in_order().len(), 3000);
    }
}
