//! From dependencies to records, over channels that are made here.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use expect_test::{Expect, expect};
use mmdev_conda::solve::{
    Change, Listener, Lookup, Outcome, Priority, Progress, Record, Request, Solver,
};
use mmdev_conda::{Config, Error};
use mmdev_core::virtual_packages::VirtualPackage;
use serde_json::{Value, json};

use crate::support::{Form, World};
use mmdev_testkit::Action;

/// `subdir name version build; depends, …; constrains, …`, the build number after the build's last `_`.
fn record(line: &str) -> Value {
    let mut parts = line.split(';');
    let head: Vec<&str> = parts.next().unwrap().split_whitespace().collect();
    let [subdir, name, version, build] = head[..] else {
        panic!("{line}");
    };
    let list = |text: Option<&str>| -> Vec<String> {
        let items = text.unwrap_or_default().split(',').map(str::trim);
        let items = items.filter(|item| !item.is_empty());
        // `|` stands for a comma within a MatchSpec.
        items.map(|item| item.replace('|', ",")).collect()
    };
    let number = build.rsplit('_').next().unwrap();
    json!({
        "name": name,
        "version": version,
        "build": build,
        "build_number": number.parse::<u64>().unwrap(),
        "subdir": subdir,
        "depends": list(parts.next()),
        "constrains": list(parts.next()),
        "md5": "0123456789abcdef0123456789abcdef",
        "sha256": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "size": 1234,
        "license": "MIT",
        "timestamp": 1_700_000_000_000_u64,
    })
}

impl World {
    fn with(channels: &[(&str, Form, &[&str])]) -> Self {
        let world = World::new();
        for (name, form, lines) in channels {
            world.rewrite(name, *form, lines);
        }
        world
    }

    fn rewrite(&self, name: &str, form: Form, lines: &[&str]) {
        let records: Vec<Value> = lines.iter().map(|line| record(line)).collect();
        self.write_records(name, form, &records);
    }

    fn solver(&self, offline: bool) -> Solver {
        Solver::new(Config {
            offline,
            ..self.config()
        })
    }

    /// What is asked of the channels `names`, each dependency by its text.
    fn request(&self, names: &[&str], dependencies: &[&str]) -> Request {
        Request {
            dependencies: dependencies.iter().map(|text| (*text).to_owned()).collect(),
            channels: names.iter().map(|name| self.channel(name)).collect(),
            platform: "linux-64".to_owned(),
            relaxing: Some(Duration::from_secs(60)),
            ..Request::default()
        }
    }

    async fn solve(&self, request: Request) -> Result<Outcome, Error> {
        self.solver(false).solve(request, Arc::new(|_| {})).await
    }

    async fn records(&self, request: Request) -> Vec<Record> {
        match self.solve(request).await.unwrap() {
            Outcome::Solved(records) => records,
            Outcome::Unsolvable(why) => panic!("{why:#?}"),
        }
    }

    async fn check(&self, request: Request, expected: Expect) {
        let dependencies = request.dependencies.clone();
        let outcome = self.solve(request).await;
        expected.assert_eq(&render(&dependencies, outcome).replace(&self.server.url(), "HOST"));
    }
}

fn render(dependencies: &[String], outcome: Result<Outcome, Error>) -> String {
    let mut text = String::new();
    match outcome {
        Err(error) => writeln!(text, "error: {error}").unwrap(),
        Ok(Outcome::Solved(records)) => {
            for record in records {
                let Record {
                    name,
                    version,
                    build,
                    ..
                } = record;
                let channel = record.channel.unwrap_or_default();
                let channel = channel.rsplit('/').next().unwrap();
                writeln!(text, "{name} {version} {build} {channel}/{}", record.subdir).unwrap();
            }
        }
        Ok(Outcome::Unsolvable(why)) => {
            for missing in why.missing {
                let what = match missing.has_version {
                    true => "builds",
                    false => "versions",
                };
                writeln!(
                    text,
                    "missing: {}; {what}: {}",
                    dependencies[missing.dependency],
                    missing.others.join(" ")
                )
                .unwrap();
            }
            if let Some(conflict) = why.conflict {
                let names: Vec<&str> = conflict
                    .dependencies
                    .iter()
                    .map(|index| dependencies[*index].as_str())
                    .collect();
                writeln!(text, "conflict: {}", names.join(", ")).unwrap();
                text += &conflict.explanation;
            }
            for lack in why.lacks {
                let all = if lack.is_all { " (all)" } else { "" };
                writeln!(
                    text,
                    "lacks: {} {} for {}{all}",
                    lack.name, lack.constraint, lack.asked_by
                )
                .unwrap();
            }
            for relaxation in why.relaxations {
                let change = match relaxation.change {
                    Change::AnyBuild { chosen } => format!("any build, such as {chosen}"),
                    Change::AnyVersion { chosen } => format!("any version, such as {chosen}"),
                    Change::LeftOut => "left out".to_owned(),
                };
                let dependency = &dependencies[relaxation.dependency];
                writeln!(text, "would help: {dependency}: {change}").unwrap();
            }
        }
    }
    text
}

const MAIN: &[&str] = &[
    "linux-64 python 3.12.1 h1_0; zlib >=1.2, __glibc >=2.17",
    "linux-64 python 3.13.0 h1_0; zlib >=1.2, __glibc >=2.17",
    "linux-64 numpy 1.26.4 py312_0; python >=3.12|<3.13",
    "linux-64 numpy 2.1.0 py312_0; python >=3.12|<3.13",
    "linux-64 numpy 2.1.0 py313_0; python >=3.13|<3.14",
    "noarch pandas 2.0.0 pyh_0; python >=3.8, numpy >=1.20|<2",
    "noarch pandas 2.2.0 pyh_0; python >=3.9, numpy >=1.22",
    "linux-64 zlib 1.3.0 h1_0",
    "linux-64 zlib 1.3.1 h1_1",
    "noarch pip 25.0 pyh_0; python >=3.9",
    "linux-64 torch 2.5.0 cuda_0; __cuda >=12, python",
    "noarch six 1.16.0 pyh_0; python",
    "noarch six 1.17.0 pyh_1; python",
];

fn glibc() -> Vec<VirtualPackage> {
    vec![VirtualPackage {
        name: "__glibc".to_owned(),
        version: "2.36".to_owned(),
        build: "0".to_owned(),
    }]
}

/// A request of one channel with a glibc.
fn main(world: &World, dependencies: &[&str]) -> Request {
    Request {
        virtual_packages: glibc(),
        ..world.request(&["main"], dependencies)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_that_go_together() {
    for form in [Form::Shards, Form::Whole] {
        let world = World::with(&[("main", form, MAIN)]);
        let request = main(&world, &["pandas", "python 3.12.*"]);
        let expected = expect![[r#"
            numpy 2.1.0 py312_0 main/linux-64
            pandas 2.2.0 pyh_0 main/noarch
            python 3.12.1 h1_0 main/linux-64
            zlib 1.3.1 h1_1 main/linux-64
        "#]];
        world.check(request, expected).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_holds_all_that_a_lock_needs() {
    let world = World::with(&[("main", Form::Shards, MAIN)]);
    let records = world.records(main(&world, &["six 1.16.*"])).await;
    let mut six = records
        .into_iter()
        .find(|record| record.name == "six")
        .unwrap();
    six.url = six.url.replace(&world.server.url(), "HOST");
    six.channel = six
        .channel
        .map(|url| url.replace(&world.server.url(), "HOST"));
    expect![[r#"
        Record {
            name: "six",
            version: "1.16.0",
            build: "pyh_0",
            build_number: 0,
            subdir: "noarch",
            url: "HOST/main/noarch/six-1.16.0-pyh_0.conda",
            channel: Some(
                "HOST/main",
            ),
            md5: Some(
                "0123456789abcdef0123456789abcdef",
            ),
            sha256: Some(
                "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            ),
            size: Some(
                1234,
            ),
            depends: [
                "python",
            ],
            constrains: [],
            license: Some(
                "MIT",
            ),
            timestamp: Some(
                1700000000000,
            ),
        }
    "#]]
    .assert_debug_eq(&six);
}

/// A list of records needs no solution: each has what its channel says, those of the first channel first.
#[tokio::test(flavor = "multi_thread")]
async fn records_are_found_by_their_names() {
    for form in [Form::Shards, Form::Whole] {
        let world = World::with(&[
            (
                "first",
                form,
                &[
                    "noarch python 3.12.1 h_0; zlib",
                    "linux-64 python 3.13.0 h_0; zlib",
                ],
            ),
            (
                "second",
                form,
                &["linux-64 python 3.14.0 h_0", "linux-64 zlib 1.3 h_0"],
            ),
        ]);
        let lookup = |names: &[&str]| Lookup {
            channels: ["first", "second"].map(|name| world.channel(name)).to_vec(),
            platform: "linux-64".to_owned(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            ..Lookup::default()
        };
        let solver = world.solver(false);
        let found = async |names: &[&str]| -> Vec<String> {
            let listener: Listener = Arc::new(|_| {});
            let found = solver.lookup(&lookup(names), &listener).await.unwrap();
            let shown = found.iter().map(|record| {
                let depends = record.depends.join(",");
                format!("{} {} {depends}", record.name, record.version)
            });
            shown.map(|text| text.trim().to_owned()).collect()
        };
        let mut all = found(&["python"]).await;
        assert_eq!(all.pop().unwrap(), "python 3.14.0");
        all.sort();
        assert_eq!(all, ["python 3.12.1 zlib", "python 3.13.0 zlib"]);
        assert_eq!(found(&["python>=3.13", "nothing"]).await.len(), 2);
        let names = solver.names(&lookup(&[])).await.unwrap();
        assert_eq!(names, ["python", "zlib"]);
        let offline = world.solver(true);
        assert_eq!(
            offline.names(&lookup(&[])).await.unwrap(),
            ["python", "zlib"]
        );
        let listener: Listener = Arc::new(|_| {});
        let cached = offline.lookup(&lookup(&["python"]), &listener).await;
        assert_eq!(cached.unwrap().len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn python_brings_pip_where_it_is_asked_to() {
    let world = World::with(&[("main", Form::Shards, MAIN)]);
    let mut request = main(&world, &["python 3.12.*"]);
    request.python_brings_pip = true;
    let records = world.records(request).await;
    let names: Vec<&str> = records.iter().map(|record| record.name.as_str()).collect();
    assert_eq!(names, ["pip", "python", "zlib"]);
    // What the record needs is said as the channel says it.
    assert_eq!(records[1].depends, ["zlib >=1.2", "__glibc >=2.17"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn priority_says_which_channel_counts() {
    let world = World::with(&[
        ("own", Form::Whole, &["noarch six 1.0.0 own_0"]),
        ("main", Form::Whole, &["noarch six 1.17.0 main_0"]),
    ]);
    for (priority, dependency, expected) in [
        (
            Priority::Strict,
            "six",
            expect![[r#"
            six 1.0.0 own_0 own/noarch
        "#]],
        ),
        (
            Priority::Flexible,
            "six",
            expect![[r#"
            six 1.0.0 own_0 own/noarch
        "#]],
        ),
        (
            Priority::Disabled,
            "six",
            expect![[r#"
            six 1.17.0 main_0 main/noarch
        "#]],
        ),
        (
            Priority::Strict,
            "six >=1.1",
            expect![[r#"
            six 1.17.0 main_0 main/noarch
        "#]],
        ),
        (
            Priority::Flexible,
            "six >=1.1",
            expect![[r#"
            six 1.17.0 main_0 main/noarch
        "#]],
        ),
        // By the name that its URL ends with.
        (
            Priority::Flexible,
            "main::six",
            expect![[r#"
            six 1.17.0 main_0 main/noarch
        "#]],
        ),
        (
            Priority::Strict,
            "own::six >=1.1",
            expect![[r#"
            missing: own::six >=1.1; versions: 1.0.0
            would help: own::six >=1.1: any version, such as 1.0.0
        "#]],
        ),
    ] {
        let mut request = world.request(&["own", "main"], &[dependency]);
        request.priority = priority;
        world.check(request, expected).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_only_a_dependency_names_is_asked_too() {
    let world = World::with(&[
        ("main", Form::Whole, &["noarch six 1.17.0 main_0"]),
        ("other", Form::Whole, &["noarch seven 7.0 other_0; six"]),
    ]);
    let dependency = format!("{}::seven", world.channel("other"));
    let request = world.request(&["main"], &[&dependency]);
    world
        .check(
            request,
            expect![[r#"
        seven 7.0 other_0 other/noarch
        six 1.17.0 main_0 main/noarch
    "#]],
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_locked_stays_where_it_satisfies() {
    let world = World::with(&[("main", Form::Shards, MAIN)]);
    let before = world
        .records(main(&world, &["python 3.12.*", "numpy 1.*", "zlib 1.3.0"]))
        .await;
    // The pins are gone, and one dependency came: nothing that was there moves.
    let mut request = main(&world, &["python", "numpy", "zlib", "six"]);
    request.keep = before.clone();
    let after = world.records(request.clone()).await;
    let six = after
        .iter()
        .position(|record| record.name == "six")
        .unwrap();
    let mut rest = after.clone();
    rest.remove(six);
    assert_eq!(rest, before);
    // One is to move forward.
    request.keep.retain(|record| record.name != "numpy");
    world
        .check(
            request.clone(),
            expect![[r#"
                numpy 2.1.0 py312_0 main/linux-64
                python 3.12.1 h1_0 main/linux-64
                six 1.17.0 pyh_1 main/noarch
                zlib 1.3.0 h1_0 main/linux-64
            "#]],
        )
        .await;
    // What the channel has no more stays, too; what does not satisfy goes.
    let left: Vec<&str> = MAIN
        .iter()
        .copied()
        .filter(|line| !line.contains("numpy 1.26.4"))
        .collect();
    world.rewrite("main", Form::Shards, &left);
    request.keep.clone_from(&before);
    assert_eq!(world.records(request.clone()).await, after);
    request.dependencies[1] = "numpy >=2".to_owned();
    world
        .check(
            request,
            expect![[r#"
        numpy 2.1.0 py312_0 main/linux-64
        python 3.12.1 h1_0 main/linux-64
        six 1.17.0 pyh_1 main/noarch
        zlib 1.3.0 h1_0 main/linux-64
    "#]],
        )
        .await;
}

/// A record of a channel that the spec names no more, or that gives way to another channel, is not kept.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_locked_goes_with_its_channel() {
    let world = World::with(&[
        ("own", Form::Whole, &["noarch six 1.0.0 own_0"]),
        ("main", Form::Whole, &["noarch six 1.17.0 main_0"]),
    ]);
    let before = world.records(world.request(&["main"], &["six"])).await;
    for (channels, dependency) in [
        (vec!["own"], "six"),
        (vec!["own", "main"], "six"),
        (vec!["main", "own"], "own::six"),
    ] {
        let mut request = world.request(&channels, &[dependency]);
        request.keep.clone_from(&before);
        let records = world.records(request).await;
        assert_eq!(records[0].version, "1.0.0", "{channels:?} {dependency}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_names_its_dependencies_and_what_would_help() {
    let world = World::with(&[("main", Form::Shards, MAIN)]);
    let dependencies = ["six", "numpy 1.26.4", "python >=3.13", "zlib"];
    world
        .check(
            main(&world, &dependencies),
            expect![[r#"
                conflict: numpy 1.26.4, python >=3.13
                The following packages are incompatible
                ├─ python >=3.13 can be installed with any of the following options:
                │  └─ python 3.13.0
                └─ numpy ==1.26.4 cannot be installed because there are no viable options:
                   └─ numpy 1.26.4 would require
                      └─ python >=3.12,<3.13, which cannot be installed because there are no viable options:
                         └─ python 3.12.1, which conflicts with the versions reported above.
                would help: numpy 1.26.4: any version, such as 2.1.0
                would help: python >=3.13: any version, such as 3.12.1
            "#]],
        )
        .await;
    // Two pins that exclude each other are both named.
    let dependencies = ["python 3.12.*", "six", "python 3.13.*"];
    world
        .check(
            main(&world, &dependencies),
            expect![[r#"
        conflict: python 3.12.*, python 3.13.*
        The following packages are incompatible
        ├─ python 3.13.* can be installed with any of the following options:
        │  └─ python 3.13.0
        └─ python 3.12.* cannot be installed because there are no viable options:
           └─ python 3.12.1, which conflicts with the versions reported above.
        would help: python 3.12.*: any version, such as 3.13.0
        would help: python 3.13.*: any version, such as 3.12.1
    "#]],
        )
        .await;
    // A build string is the mildest thing to let go.
    let dependencies = ["numpy 2.1.0 py313_0", "python 3.12.*"];
    world
        .check(
            main(&world, &dependencies),
            expect![[r#"
                conflict: numpy 2.1.0 py313_0, python 3.12.*
                The following packages are incompatible
                ├─ python 3.12.* can be installed with any of the following options:
                │  └─ python 3.12.1
                └─ numpy ==2.1.0 py313_0 cannot be installed because there are no viable options:
                   └─ numpy 2.1.0 would require
                      └─ python >=3.13,<3.14, which cannot be installed because there are no viable options:
                         └─ python 3.13.0, which conflicts with the versions reported above.
                would help: numpy 2.1.0 py313_0: any build, such as py312_0
                would help: python 3.12.*: any version, such as 3.13.0
            "#]],
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_missing_is_named_at_once() {
    for form in [Form::Shards, Form::Whole] {
        let world = World::with(&[("main", form, MAIN)]);
        let dependencies = ["nmpy", "pandas 3.*", "numpy 2.1.0 py39*", "six"];
        let expected = expect![[r#"
            missing: nmpy; versions: 
            missing: pandas 3.*; versions: 2.2.0 2.0.0
            missing: numpy 2.1.0 py39*; builds: py312_0 py313_0
        "#]];
        world.check(main(&world, &dependencies), expected).await;
    }
    let world = World::with(&[("main", Form::Shards, MAIN)]);
    world
        .check(
            main(&world, &["six", "pandas 3.*"]),
            expect![[r#"
                missing: pandas 3.*; versions: 2.2.0 2.0.0
                would help: pandas 3.*: any version, such as 2.2.0
            "#]],
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_machine_lacks_is_named() {
    let world = World::with(&[("main", Form::Shards, MAIN)]);
    world
        .check(
            main(&world, &["torch", "python"]),
            expect![[r#"
            conflict: torch
            torch * cannot be installed because there are no viable options:
            └─ torch 2.5.0 would require
               └─ __cuda >=12, for which no candidates were found.
            lacks: __cuda >=12 for torch=2.5.0=cuda_0 (all)
            would help: torch: left out
        "#]],
        )
        .await;
    let mut old = main(&world, &["python"]);
    old.virtual_packages[0].version = "2.5".to_owned();
    world
        .check(
            old,
            expect![[r#"
                conflict: python
                python * cannot be installed because there are no viable options:
                └─ python 3.12.1 | 3.13.0 would require
                   └─ __glibc >=2.17, for which no candidates were found.
                lacks: __glibc >=2.17 for python=3.12.1=h1_0 (all)
                would help: python: left out
            "#]],
        )
        .await;
    let mut with = main(&world, &["torch"]);
    with.virtual_packages.push(VirtualPackage {
        name: "__cuda".to_owned(),
        version: "12.4".to_owned(),
        build: "0".to_owned(),
    });
    let records = world.records(with).await;
    assert!(records.iter().any(|record| record.name == "torch"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_an_error() {
    let world = World::with(&[("main", Form::Shards, MAIN)]);
    for (dependency, expected) in [
        (
            "numpy >",
            expect![[r#"
            error: `numpy >` cannot be read as a dependency: unable to parse version spec: >
        "#]],
        ),
        (
            "num*",
            expect![[r#"
            error: `num*` cannot be read as a dependency: "num*" looks like a glob but only exact package names are allowed, package names can only contain 0-9, a-z, A-Z, -, _, or .
        "#]],
        ),
    ] {
        world.check(main(&world, &[dependency]), expected).await;
    }
    let mut mars = main(&world, &["six"]);
    mars.platform = "mars".to_owned();
    world
        .check(
            mars,
            expect![[r#"
        error: `mars` is no platform of conda's
    "#]],
        )
        .await;
    world
        .check(
            world.request(&["nothing"], &["six"]),
            expect![[r#"
            error: there is no channel at HOST/nothing/noarch/
        "#]],
        )
        .await;
    let nothing = world.request(&[], &["six"]);
    world
        .check(
            nothing,
            expect![[r#"
        missing: six; versions: 
        would help: six: left out
    "#]],
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn offline_the_cache_serves_and_says_what_it_lacks() {
    let world = World::with(&[("main", Form::Shards, MAIN)]);
    let ask = async |dependencies: &[&str]| {
        let request = main(&world, dependencies);
        let texts = request.dependencies.clone();
        let outcome = world.solver(true).solve(request, Arc::new(|_| {})).await;
        render(&texts, outcome).replace(&world.server.url(), "HOST")
    };
    expect![[r#"
        error: the channel HOST/main/linux-64/ is not in the cache, and mmdev is offline
    "#]]
    .assert_eq(&ask(&["six"]).await);
    world.records(main(&world, &["six", "python 3.12.*"])).await;
    world.server.rule(|request| panic!("{}", request.path));
    expect![[r#"
        python 3.13.0 h1_0 main/linux-64
        six 1.17.0 pyh_1 main/noarch
        zlib 1.3.1 h1_1 main/linux-64
    "#]]
    .assert_eq(&ask(&["six"]).await);
    // Nothing is known of pandas, which is not to say that there is none.
    expect![[r#"
        error: the records of `pandas` are not in the cache, and mmdev is offline
    "#]]
    .assert_eq(&ask(&["pandas"]).await);
}

/// A channel need not have a folder for the platform.
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_not_there_is_empty() {
    let world = World::with(&[("main", Form::Whole, &["noarch six 1.0 pyh_0"])]);
    let request = world.request(&["main"], &["six"]);
    world
        .check(
            request,
            expect![[r#"
        six 1.0 pyh_0 main/noarch
    "#]],
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_fails_for_a_moment_is_asked_again() {
    for form in [Form::Shards, Form::Whole] {
        let world = World::with(&[("main", form, MAIN)]);
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        world.server.rule(move |request| {
            let count = counts.entry(request.path.clone()).or_default();
            *count += 1;
            match count {
                1 => Action::Status(503),
                _ => Action::Serve,
            }
        });
        let records = world.records(main(&world, &["six"])).await;
        assert_eq!(records.len(), 3, "{form:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_down_is_named() {
    let world = World::with(&[("main", Form::Whole, MAIN), ("other", Form::Whole, &[])]);
    world.server.rule(
        |request| match request.path.starts_with("/other/linux-64") {
            true => Action::Status(503),
            false => Action::Serve,
        },
    );
    let request = world.request(&["main", "other"], &["six"]);
    world.check(request, expect![[r#"
        error: the channel HOST/other/linux-64/ cannot be read: HTTP status server error (503 Service Unavailable) for url (HOST/other/linux-64/repodata_shards.msgpack.zst)
    "#]]).await;
}

/// Such a server makes every question that looks into the cache fail.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_says_304_without_validators() {
    for form in [Form::Shards, Form::Whole] {
        let world = World::with(&[("main", form, MAIN)]);
        world.records(main(&world, &["six"])).await;
        world.server.rule(|request| {
            let asks_whether = request.headers.keys().any(|name| name.starts_with("if-"));
            if asks_whether {
                Action::Status(304)
            } else {
                Action::Serve
            }
        });
        assert_eq!(world.records(main(&world, &["six"])).await.len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_a_record_or_an_error() {
    let world = World::with(&[("t/s3cret/main", Form::Whole, MAIN)]);
    let mut request = main(&world, &["six"]);
    request.channels = vec![format!("{}/t/$TOKEN/main", world.server.url())];
    request.variables = BTreeMap::from([("TOKEN".to_owned(), "s3cret".to_owned())]);
    let records = world.records(request.clone()).await;
    let six = records.iter().find(|record| record.name == "six").unwrap();
    expect!["HOST/t/$TOKEN/main/noarch/six-1.17.0-pyh_1.conda"]
        .assert_eq(&six.url.replace(&world.server.url(), "HOST"));
    expect!["HOST/t/$TOKEN/main"].assert_eq(
        &six.channel
            .clone()
            .unwrap()
            .replace(&world.server.url(), "HOST"),
    );
    // Kept by its public URL.
    request.keep = records.clone();
    assert_eq!(world.records(request.clone()).await, records);
    // Written out in the spec.
    let mut plain = request.clone();
    plain.channels = vec![world.channel("t/s3cret/main")];
    let said = format!("{:?}", world.records(plain).await);
    assert!(!said.contains("s3cret"), "{said}");
    for status in [403, 503] {
        world.server.rule(move |_| Action::Status(status));
        let error = world.solve(request.clone()).await.unwrap_err();
        let said = format!("{error} {error:?}");
        assert!(!said.contains("s3cret"), "{said}");
    }
    world.server.rule(|_| Action::Serve);
    request.dependencies = vec!["six 99.*".to_owned(), "python 2.*".to_owned()];
    let said = format!("{:?}", world.solve(request).await);
    assert!(!said.contains("s3cret"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_told() {
    let world = World::with(&[("main", Form::Shards, MAIN)]);
    let told = Arc::new(Mutex::new(Vec::new()));
    let listener = {
        let told = Arc::clone(&told);
        Arc::new(move |progress| told.lock().unwrap().push(progress))
    };
    let request = main(&world, &["numpy 1.26.4", "python 3.13.*"]);
    world.solver(false).solve(request, listener).await.unwrap();
    let told = told.lock().unwrap();
    let fetched = told.iter().any(|progress| {
        matches!(progress, Progress::Fetching { files, done, bytes }
            if *files > 2 && files == done && *bytes > 0)
    });
    assert!(fetched, "{told:?}");
    assert!(
        told.iter()
            .any(|progress| matches!(progress, Progress::Solving { records } if *records > 2))
    );
    assert_eq!(told.last(), Some(&Progress::Relaxing));
}
