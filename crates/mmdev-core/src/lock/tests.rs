//! Tests of reading and writing.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::text::LineIndex;

/// What is wrong with a lock, with the line and the text of each place.
fn check(text: &str, expected: Expect) {
    let index = LineIndex::new(text);
    let found: Vec<String> = read(text)
        .diagnostics
        .iter()
        .map(|diagnostic| {
            let place = index.line_column(diagnostic.span.start);
            let marked = text[diagnostic.span.range()].lines().next().unwrap_or("");
            format!(
                "{} {:?} {}:{} `{marked}`: {} ({})\n",
                diagnostic.code,
                diagnostic.severity,
                place.line,
                place.column,
                diagnostic.message,
                diagnostic.hint.as_deref().unwrap_or("-")
            )
        })
        .collect();
    expected.assert_eq(&found.concat());
}

/// A lock of one package, with a line of it replaced.
fn with(line: &str, replacement: &str) -> String {
    let text = "version: 1
metadata:
  content_hash:
    linux-64: a0123
  channels:
  - url: conda-forge
    used_env_vars: []
  platforms:
  - linux-64
  sources:
  - env.yaml
package:
- name: zlib
  version: 1.3.1
  manager: conda
  platform: linux-64
  dependencies:
    __glibc: '>=2.17,<3.0.a0'
  url: https://conda.anaconda.org/conda-forge/linux-64/zlib-1.3.1-hb9d3cd8_2.conda
  hash:
    md5: c9f075ab2f33b3bbee9e62d4ad0a6cd8
    sha256: 5d7c0e5f0005f74112a34a7425179f4eb6e73c92f5d109e6af4ddeca407c92ab
  category: main
  optional: false
";
    assert!(text.contains(line), "{line}");
    text.replacen(line, replacement, 1)
}

#[test]
fn a_lock_is_read() {
    let found = read(&with("", ""));
    assert_eq!(found.diagnostics, []);
    expect![[r#"
        Lock {
            metadata: Metadata {
                content_hash: {
                    "linux-64": "a0123",
                },
                channels: [
                    Channel {
                        url: "conda-forge",
                        used_env_vars: [],
                    },
                ],
                platforms: [
                    "linux-64",
                ],
                sources: [
                    "env.yaml",
                ],
                custom: {},
            },
            packages: [
                Package {
                    name: "zlib",
                    version: "1.3.1",
                    build: Some(
                        "hb9d3cd8_2",
                    ),
                    manager: Conda,
                    platform: "linux-64",
                    dependencies: {
                        "__glibc": ">=2.17,<3.0.a0",
                    },
                    url: "https://conda.anaconda.org/conda-forge/linux-64/zlib-1.3.1-hb9d3cd8_2.conda",
                    hash: Hashes {
                        md5: Some(
                            "c9f075ab2f33b3bbee9e62d4ad0a6cd8",
                        ),
                        sha256: Some(
                            "5d7c0e5f0005f74112a34a7425179f4eb6e73c92f5d109e6af4ddeca407c92ab",
                        ),
                    },
                    source: None,
                    category: "main",
                    optional: false,
                    size: None,
                },
            ],
        }
    "#]].assert_debug_eq(&found.lock);
}

#[test]
fn what_a_hand_left_out_has_its_usual_meaning() {
    let text = with("  category: main\n  optional: false\n", "")
        .replace("'>=2.17,<3.0.a0'", "")
        .replace("- url: conda-forge\n    used_env_vars: []", "- conda-forge")
        .replace("version: 1.3.1", "version: 1.30");
    let found = read(&text);
    assert_eq!(found.diagnostics, []);
    let package = &found.lock.packages[0];
    assert_eq!(package.version, "1.30");
    assert_eq!(package.category, MAIN);
    assert!(!package.optional);
    assert_eq!(package.dependencies["__glibc"], "");
    assert_eq!(found.lock.metadata.channels[0].url, "conda-forge");
}

#[test]
fn mistakes_have_a_place() {
    check(
        "",
        expect![[r#"
        MM801 Error 1:1 ``: this is no lock: `version`, `metadata` and `package` are missing (Run `mmdev lock`, which writes it anew)
    "#]],
    );
    check(
        "a list\n",
        expect![[r#"
        MM801 Error 1:1 ``: this is no lock: `version`, `metadata` and `package` are missing (Run `mmdev lock`, which writes it anew)
    "#]],
    );
    check(
        &with("version: 1\n", ""),
        expect![[r#"
        MM802 Error 1:1 ``: the lock does not say the version of its format (mmdev reads version 1 of conda-lock's unified format: run `mmdev lock`, which writes it)
    "#]],
    );
    check(
        &with("version: 1\n", "version: 4\n"),
        expect![[r#"
        MM802 Error 1:10 `4`: version 4 of conda-lock's format is not known (mmdev reads version 1 of conda-lock's unified format: run `mmdev lock`, which writes it)
    "#]],
    );
    check(
        "version: 1\npackage: []\n",
        expect![[r#"
        MM801 Error 1:1 ``: `metadata` is missing (Run `mmdev lock`, which writes it anew)
    "#]],
    );
    check(
        "version: 1\nmetadata: text\npackage: text\n",
        expect![[r#"
        MM801 Error 2:11 `text`: `metadata` is a string, not a mapping (Run `mmdev lock`, which writes it anew)
        MM801 Error 3:10 `text`: `package` is a string, not a list (Run `mmdev lock`, which writes it anew)
    "#]],
    );
    check(
        &with("- name: zlib", "- nmae: zlib"),
        expect![[r#"
        MM804 Warning 13:3 `nmae`: conda-lock does not know the key `nmae` (Remove it: conda-lock refuses a lock that has it)
        MM801 Error 13:3 `nmae: zlib`: a package has no `name` (Run `mmdev lock`, which writes it anew)
    "#]],
    );
    check(
        &with("name: zlib", "name: --help"),
        expect![[r#"
        MM801 Error 13:9 `--help`: `--help` is no package name (Run `mmdev lock`, which writes it anew)
    "#]],
    );
    check(
        &with("manager: conda", "manager: npm"),
        expect![[r#"
        MM801 Error 15:12 `npm`: no manager is called `npm` (Run `mmdev lock`, which writes it anew)
    "#]],
    );
    check(
        &with("platform: linux-64", "platform: linux-65"),
        expect![[r#"
            MM801 Error 16:13 `linux-65`: no platform is called `linux-65` (Run `mmdev lock`, which writes it anew)
        "#]],
    );
    check(
        &with("  hash:\n", "  hsah:\n"),
        expect![[r#"
        MM801 Error 13:3 `name: zlib`: `zlib` has no `hash` (Run `mmdev lock`, which writes it anew)
        MM804 Warning 20:3 `hsah`: conda-lock does not know the key `hsah` (Remove it: conda-lock refuses a lock that has it)
    "#]],
    );
    check(
        &with("md5: c9f0", "md5: x9f0"),
        expect![[r#"
        MM801 Warning 13:3 `name: zlib`: `zlib` has no MD5, without which conda-lock does not read the lock (Run `mmdev lock`, which writes it anew)
        MM801 Error 21:10 `x9f075ab2f33b3bbee9e62d4ad0a6cd8`: this is no md5 of `zlib` (Run `mmdev lock`, which writes it anew)
    "#]],
    );
    check(
        &with("  url: https", "  url:\n  #"),
        expect![[r#"
        MM801 Error 19:6 ``: `zlib` has no `url` (Run `mmdev lock`, which writes it anew)
    "#]],
    );
    check(
        &with("  category: main\n", "  category: main\n- 3\n"),
        expect![[r#"
            MM801 Error 24:3 `3`: a package is a number, not a mapping (Run `mmdev lock`, which writes it anew)
            MM001 Error 25:3 `optional: false`: not YAML: a `:` stands where no key can be (Quote the text if the `:` belongs to it, and look at the line above)
        "#]],
    );
    check(
        &with("  version: 1.3.1\n", "  version: 1.3.1\n   x: [\n"),
        expect![[r#"
            MM001 Error 15:4 `x: [`: not YAML: a bracket is not closed (Close the bracket)
        "#]],
    );
    check(
        &with("  channels:\n", "  channels:\n  - ''\n"),
        expect![[r#"
            MM801 Error 6:5 `''`: a channel has no name (Run `mmdev lock`, which writes it anew)
        "#]],
    );
    let twice = with("", "");
    let package = twice.split_once("package:\n").unwrap().1.to_owned();
    check(
        &format!("{twice}{package}"),
        expect![[r#"
        MM801 Error 25:3 `name: zlib`: `zlib` for linux-64 is here a second time (Run `mmdev lock`, which writes it anew)
    "#]],
    );
}

#[test]
fn a_conflict_is_one_finding() {
    let text = with(
        "    linux-64: a0123\n",
        "<<<<<<< HEAD\n    linux-64: a0123\n=======\n    linux-64: 4567\n>>>>>>> other\n",
    );
    check(
        &text,
        expect![[r#"
        MM803 Error 4:1 `<<<<<<< HEAD`: a merge conflict that git left here is not resolved (Run `mmdev lock`: it locks anew, and keeps what both sides have)
    "#]],
    );
    let sides = both_sides(&text).unwrap();
    let hashes = sides.map(|side| read(&side).lock.metadata.content_hash["linux-64"].clone());
    assert_eq!(hashes, ["a0123", "4567"]);
    check(
        &text.replace("=======\n", ""),
        expect![[r#"
        MM803 Error 4:1 `<<<<<<< HEAD`: a merge conflict that git left here is not resolved (Take one side (`git checkout --ours conda-lock.yml`), and run `mmdev lock`)
    "#]],
    );
}

#[test]
fn a_file_name_tells_the_build() {
    let cases = [
        (
            "https://x/linux-64/a-b-1.0-h_0.conda",
            Some(("a-b", "1.0", "h_0")),
        ),
        (
            "https://x/noarch/a-1!2-py_1.tar.bz2#0123",
            Some(("a", "1!2", "py_1")),
        ),
        ("https://x/a-1.0.tar.gz", None),
        ("https://x/a.conda", None),
    ];
    for (url, expected) in cases {
        assert_eq!(file_name_parts(url), expected, "{url}");
    }
}

#[test]
fn a_lock_is_written_as_conda_lock_writes_it() {
    let text = with("", "");
    let lock = read(&text).lock;
    assert_eq!(write::body(&lock), text);
    let written = write(&lock);
    assert_eq!(read(&written).lock, lock);
    assert_eq!(write(&read(&written).lock), written);
    let header: Vec<&str> = written.lines().take(4).collect();
    expect![[r#"
        # mmdev: 575e18af27318c22
        # The exact packages of every platform, which `mmdev lock` made from env.yaml.
        # Do not edit it: edit the spec, and lock again. conda-lock, micromamba and mamba read it as well.
        version: 1"#]].assert_eq(&header.join("\n"));
}

#[test]
fn all_that_a_lock_can_hold_survives() {
    let package = read(&with("", "")).lock.packages.remove(0);
    let mut lock = Lock {
        metadata: Metadata {
            custom: [("mmdev".to_owned(), "1e5".to_owned())].into(),
            ..Metadata::default()
        },
        packages: vec![
            Package {
                manager: Manager::Pip,
                build: None,
                hash: Hashes {
                    md5: None,
                    ..package.hash.clone()
                },
                source: Some("git+https://host/x.git@0123".to_owned()),
                category: "dev: \u{e9}".to_owned(),
                optional: true,
                ..package.clone()
            },
            Package {
                name: "y".to_owned(),
                build: Some("another".to_owned()),
                dependencies: BTreeMap::new(),
                ..package.clone()
            },
            Package {
                platform: "linux-aarch64".to_owned(),
                ..package
            },
        ],
    };
    let written = write(&lock);
    lock.sort();
    let found = read(&written);
    assert_eq!(found.diagnostics, []);
    assert_eq!(found.lock, lock);
    expect![[r##"
        # mmdev: d7e5b96ca2de7aac
        # The exact packages of every platform, which `mmdev lock` made from the spec.
        # Do not edit it: edit the spec, and lock again. conda-lock, micromamba and mamba read it as well.
        version: 1
        metadata:
          content_hash: {}
          channels: []
          platforms: []
          sources: []
          custom_metadata:
            mmdev: '1e5'
        package:
        - name: y
          version: 1.3.1
          manager: conda
          platform: linux-64
          dependencies: {}
          url: https://conda.anaconda.org/conda-forge/linux-64/zlib-1.3.1-hb9d3cd8_2.conda
          hash:
            md5: c9f075ab2f33b3bbee9e62d4ad0a6cd8
            sha256: 5d7c0e5f0005f74112a34a7425179f4eb6e73c92f5d109e6af4ddeca407c92ab
          build: another
          category: main
          optional: false
        - name: zlib
          version: 1.3.1
          manager: conda
          platform: linux-aarch64
          dependencies:
            __glibc: '>=2.17,<3.0.a0'
          url: https://conda.anaconda.org/conda-forge/linux-64/zlib-1.3.1-hb9d3cd8_2.conda
          hash:
            md5: c9f075ab2f33b3bbee9e62d4ad0a6cd8
            sha256: 5d7c0e5f0005f74112a34a7425179f4eb6e73c92f5d109e6af4ddeca407c92ab
          category: main
          optional: false
        - name: zlib
          version: 1.3.1
          manager: pip
          platform: linux-64
          dependencies:
            __glibc: '>=2.17,<3.0.a0'
          url: https://conda.anaconda.org/conda-forge/linux-64/zlib-1.3.1-hb9d3cd8_2.conda
          hash:
            sha256: 5d7c0e5f0005f74112a34a7425179f4eb6e73c92f5d109e6af4ddeca407c92ab
          source:
            type: url
            url: git+https://host/x.git@0123
          category: "dev: \xE9"
          optional: true
    "##]].assert_eq(&written);
}

/// Any lock whose texts hold anything.
fn any_lock() -> impl Strategy<Value = Lock> {
    let text = || {
        prop_oneof![
            "[ -~]{1,12}",
            "[-+0-9._:xeE]{1,8}",
            "([a-z'#:]{1,9} ){1,20}[a-z]",
            "\\PC{1,6}",
            Just("null".to_owned()),
            Just("a\nb\t\u{7}".to_owned()),
        ]
    };
    let map = move || {
        let key = prop_oneof!["[ -~]{1,12}", "\\PC{1,6}", Just("null".to_owned())];
        proptest::collection::btree_map(key, prop_oneof![text(), Just(String::new())], 0..4)
    };
    let package = (
        "[a-z0-9_][a-zA-Z0-9_.-]{0,6}",
        text(),
        prop_oneof![Just(Manager::Conda), Just(Manager::Pip)],
        proptest::sample::select(vec!["linux-64", "osx-arm64"]),
        map(),
        text(),
        proptest::option::of("[0-9a-f]{64}|[0-9]{5}e[0-9]{58}"),
        text(),
        any::<bool>(),
    );
    let packages = proptest::collection::vec(package, 0..5);
    (packages, map(), map(), text()).prop_map(|(packages, content_hash, custom, source)| {
        let packages = packages.into_iter().map(
            |(name, version, manager, platform, dependencies, url, sha256, category, optional)| {
                let is_conda = manager == Manager::Conda;
                Package {
                    size: name.len().is_multiple_of(2).then_some(name.len() as u64),
                    name,
                    build: is_conda.then(|| version.clone()),
                    version,
                    manager,
                    platform: platform.to_owned(),
                    dependencies,
                    hash: Hashes {
                        md5: is_conda.then(|| "0".repeat(32)),
                        sha256,
                    },
                    source: (!is_conda && optional).then(|| url.clone()),
                    url,
                    category,
                    optional,
                }
            },
        );
        let mut lock = Lock {
            metadata: Metadata {
                content_hash,
                channels: vec![Channel::of(&source)],
                platforms: vec![source.clone()],
                sources: vec![source],
                custom,
            },
            packages: packages.collect(),
        };
        lock.sort();
        lock.packages
            .dedup_by(|left, right| left.key() == right.key());
        lock
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_is_written_is_read(lock in any_lock()) {
        let text = write(&lock);
        let found = read(&text);
        prop_assert_eq!(&found.diagnostics, &[], "{}", text);
        prop_assert_eq!(&found.lock, &lock, "{}", text);
        prop_assert_eq!(write(&found.lock), text);
    }

    /// Whatever stands in a file, reading it ends well, and every place is one of the text.
    #[test]
    fn reading_never_fails(
        at in any::<proptest::sample::Index>(),
        length in 0..40_usize,
        inserted in prop_oneof!["\\PC{0,8}", "[-\\[\\]{}:#&*!|>'\"\n <=]{0,8}"],
    ) {
        for text in [with("", ""), SPEC.to_owned()] {
            let start = text.floor_char_boundary(at.index(text.len()));
            let end = text.floor_char_boundary((start + length).min(text.len()));
            let text = format!("{}{inserted}{}", &text[..start], &text[end..]);
            let found = read(&text);
            for diagnostic in &found.diagnostics {
                prop_assert!(text.get(diagnostic.span.range()).is_some());
            }
            prop_assert_eq!(read(&write(&found.lock)).lock, found.lock);
            both_sides(&text);
            let spec = crate::spec::read("env.yaml", &text).spec;
            let hash = meaning(&spec, &BTreeMap::new());
            for platform in ["linux-64", "win-64", "linux-riscv64"] {
                content_hash(&[&text], platform, &default_virtual_packages(platform));
                state(&read(&with("", "")).lock, &spec, &hash, &[platform.to_owned()]);
            }
        }
    }
}

const SPEC: &str = "channels: [conda-forge, 'https://u:$P@h/t/$T/c']
dependencies:
- zlib>=1,<2|3.*=h*  # [linux]
- conda-forge::é[version='=1', build=x]
- sel(win): x
- pip
- pip:
  - Foo_Bar[b,a] >= 1.0 ; sys_platform == 'linux' and not x in 'y'
  - git+https://h/x.git@v1#subdirectory=s
  - 'z @ https://h/z.whl#sha256=0'
";

#[test]
fn a_change_by_hand_is_seen() {
    let written = write(&read(&with("", "")).lock);
    let codes = |text: &str| -> Vec<_> {
        let found = read(text).diagnostics;
        found.iter().map(|found| found.code.0).collect()
    };
    assert!(codes(&written).is_empty());
    assert!(codes(&written.replace('\n', "\r\n")).is_empty());
    assert_eq!(codes(&written.replace("1.3.1", "1.3.2")), ["MM805"]);
    // conda-lock writes other first lines.
    let (_, without_stamp) = written.split_once('\n').unwrap();
    assert!(codes(without_stamp).is_empty());
}

/// Every lock of the corpus is read, and the newer ones of conda-lock are written as it wrote them.
#[test]
#[ignore = "needs MMDEV_CORPUS"]
fn the_corpus_is_read_and_written() {
    let mut same = Vec::new();
    for (name, text) in crate::corpus::files("locks/conda-lock") {
        let found = read(&text);
        assert_eq!(
            found.diagnostics.is_empty(),
            !name.contains("invalid-lockfiles"),
            "{name}: {:#?}",
            found.diagnostics
        );
        if found.diagnostics.is_empty() {
            let written = write(&found.lock);
            assert_eq!(read(&written).lock, found.lock, "{name}");
            if text.ends_with(&write::body(&found.lock)) {
                same.push(name);
            }
        }
    }
    // Others were sorted otherwise, or hold the time when they were made.
    assert!(same.len() >= 6, "{same:?}");
}

/// What is said of a lock is said of every lock of the corpus, and holds together.
#[test]
#[ignore = "needs MMDEV_CORPUS"]
fn the_corpus_is_walked() {
    let files = crate::corpus::files("locks/conda-lock");
    let locks: Vec<Lock> = files.iter().map(|(_, text)| read(text).lock).collect();
    let mut packages = 0;
    for lock in &locks {
        for platform in &lock.metadata.platforms {
            packages += walk(lock, platform);
        }
        for other in &locks {
            let diffs = diff(other, lock);
            let told: usize = common(&diffs)
                .iter()
                .flat_map(|group| &group.differences)
                .map(|difference| difference.from.len().max(difference.to.len()))
                .sum();
            let all: usize = diffs
                .values()
                .map(|diff| diff.added.len() + diff.removed.len() + diff.changed.len())
                .sum();
            assert_eq!(told, all);
        }
    }
    assert!(packages > 100, "{packages}");
}

/// How many packages there are.
fn walk(lock: &Lock, platform: &str) -> usize {
    use std::collections::BTreeSet;
    let graph = Graph::of(lock, platform);
    let all: BTreeSet<_> = graph
        .packages()
        .iter()
        .map(|package| package.key())
        .collect();
    assert_eq!(all.len(), graph.packages().len());
    let ordered: BTreeSet<_> = graph
        .in_order()
        .iter()
        .map(|package| package.key())
        .collect();
    assert_eq!(ordered, all);
    // With what nothing leads to on top, a tree holds all, and what is repeated was shown.
    let tops = graph.rest(&[]);
    let tree = graph.tree(&tops, Direction::Needs, None);
    let mut shown = BTreeSet::new();
    for branch in &tree {
        let is_new = shown.insert(branch.package.key());
        assert!(
            !(is_new && branch.is_repeated),
            "{:?}",
            branch.package.key()
        );
    }
    assert_eq!(shown, all);
    for package in graph.packages() {
        let chains = graph.chains(&tops, package);
        assert!(!chains.is_empty(), "{:?}", package.key());
        for chain in chains {
            assert_eq!(chain.last().unwrap().package, *package);
            for pair in chain.windows(2) {
                let [from, to] = [pair[0].package, pair[1].package];
                assert!(graph.needs(from).contains(&to) || graph.is_brought(from, to));
            }
        }
        let above = graph.tree(&[package], Direction::NeededBy, Some(1));
        assert!(above.iter().all(|branch| branch.level == 0
            || graph.needs(branch.package).contains(package)
            || graph.is_brought(branch.package, package)));
    }
    let by = |manager| {
        let packages = graph.packages().iter();
        packages
            .filter(|package| package.manager == manager)
            .count()
    };
    let list = explicit(lock, platform);
    let urls = list.lines().skip_while(|line| *line != "@EXPLICIT").skip(1);
    assert_eq!(urls.count(), by(Manager::Conda));
    let exact = exact_spec(lock, platform, &crate::spec::EnvSpec::default());
    let exact = crate::spec::read("env.yaml", &exact);
    assert_eq!(exact.diagnostics, []);
    assert_eq!(exact.spec.dependencies.len(), by(Manager::Conda));
    assert_eq!(exact.spec.pip.len(), by(Manager::Pip));
    let about = About {
        name: "it",
        platform,
        tool_version: "0",
        direct: &tops,
    };
    let bill = sbom(&graph, about, |_| None);
    assert_eq!(bill["components"].as_array().unwrap().len(), all.len());
    all.len()
}

#[test]
fn a_lock_is_beside_its_spec() {
    let cases = [
        ("env.yaml", "conda-lock.yml"),
        ("a/environment.yml", "a/conda-lock.yml"),
        ("envs/dev.yaml", "envs/dev.conda-lock.yml"),
        ("a.b.yml", "a.b.conda-lock.yml"),
        (".env", ".env.conda-lock.yml"),
        ("x/.y", "x/.y.conda-lock.yml"),
    ];
    for (spec, expected) in cases {
        assert_eq!(path_of(spec), expected, "{spec}");
        assert!(has_lock_name(expected));
    }
}
