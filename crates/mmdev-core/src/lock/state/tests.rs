//! Specs against locks.

use super::super::fixture::lock;
use super::super::meaning;
use super::*;

const LOCK: &[&str] = &[
    "python 3.12.1 h_0_cpython > openssl >=3",
    "openssl 3.2.0 h_0 > __glibc >=2.17",
    "numpy 1.26.4 py312_0 > python, libblas >=3.9",
    "libblas 3.9.0 20_openblas > libopenblas",
    "libopenblas 0.3.26 h_0",
    "pip 24.0 py_0 > python",
    "pip:Flask 3.0.2 > click >=8",
    "pip:click 8.1.7",
];

const SPEC: &str = "channels: [conda-forge]
dependencies:
- python=3.12
- numpy >=1.26
- pip
- pip:
  - flask>=3
";

/// What is wrong with the lock, in words.
fn check(packages: &[&str], from: Option<&str>, spec: &str, platforms: &[&str], expected: &str) {
    let mut lock = lock(packages);
    let read = |text: &str| crate::spec::read("env.yaml", text).spec;
    let hash = |text: &str| meaning(&read(text), &Default::default());
    if let Some(from) = from {
        lock.metadata.custom.insert(MEANING.to_owned(), hash(from));
    }
    let platforms: Vec<String> = platforms.iter().map(|&name| name.to_owned()).collect();
    let spec_read = read(spec);
    let found = match state(&lock, &spec_read, &hash(spec), &platforms) {
        State::Fresh => "fresh".to_owned(),
        State::Changed(changes) => {
            let mut words = changes.missing_platforms;
            for it in changes.unsatisfied {
                let text = match it.entry {
                    Entry::Dependency(index) => &spec_read.dependencies[index].text.value,
                    Entry::Pip(index) => &spec_read.pip[index].text.value,
                };
                let locked = it.locked.unwrap_or("nothing".to_owned());
                words.push(format!(
                    "`{text}` has {locked} on {}",
                    it.platforms.join("+")
                ));
            }
            words.extend(changes.unneeded.iter().map(|name| format!("-{name}")));
            format!("changed: {}", words.join(", "))
        }
    };
    assert_eq!(found, expected, "{spec}");
}

#[test]
fn one_dependency_at_a_time() {
    let cases = [
        ("", "", "fresh"),
        ("name", "# comment\nname", "fresh"),
        ("channels: [conda-forge]", "channels: [other]", "changed: "),
        ("- python=3.12\n", "- python=3.12\n- openssl\n", "changed: "),
        (
            "python=3.12",
            "python=3.13",
            "changed: `python=3.13` has 3.12.1 on linux-64",
        ),
        ("python=3.12", "python=3.12.*=*_cpython", "changed: "),
        (
            "python=3.12",
            "python=3.12.*=*_pypy",
            "changed: `python=3.12.*=*_pypy` has 3.12.1 on linux-64",
        ),
        (
            "- pip\n",
            "- pip\n- scipy\n",
            "changed: `scipy` has nothing on linux-64",
        ),
        ("- pip\n", "- pip\n- scipy # [win]\n- __cuda\n", "changed: "),
        ("- numpy >=1.26\n", "", "changed: -numpy"),
        (
            "  - flask>=3\n",
            "  - rich\n",
            "changed: `rich` has nothing on linux-64, -Flask",
        ),
        (
            "flask>=3",
            "flask>=3,<3.0.2",
            "changed: `flask>=3,<3.0.2` has 3.0.2 on linux-64",
        ),
        (
            "  - flask>=3\n",
            "  - flask>=3\n  - NumPy>=2\n",
            "changed: `NumPy>=2` has 1.26.4 on linux-64",
        ),
        (
            "  - flask>=3\n",
            "  - flask>=3\n  - x; python_version < '3.12'\n  - y; sys_platform == 'win32'\n  - .\n",
            "changed: ",
        ),
        (
            "- numpy",
            "- bioconda::numpy",
            "changed: `bioconda::numpy >=1.26` has 1.26.4 on linux-64",
        ),
        ("- numpy", "- conda-forge::numpy", "changed: "),
        (
            "numpy >=1.26",
            "numpy[build_number='>=1']",
            "changed: `numpy[build_number='>=1']` has 1.26.4 on linux-64",
        ),
        (
            "numpy >=1.26",
            "numpy[md5=00000000000000000000000000000000]",
            "changed: `numpy[md5=00000000000000000000000000000000]` has 1.26.4 on linux-64",
        ),
    ];
    for (from, to, expected) in cases {
        let spec = SPEC.replacen(from, to, 1);
        check(LOCK, Some(SPEC), &spec, &["linux-64"], expected);
    }
}

#[test]
fn a_lock_of_conda_lock_is_judged_by_what_it_has() {
    let cases = [
        ("", "", "fresh"),
        ("channels: [conda-forge]", "channels: [other]", "changed: "),
        (
            "channels: [conda-forge]",
            "channels: [conda-forge, nodefaults]",
            "fresh",
        ),
        // Nothing tells that the pin is another one: it is satisfied.
        ("python=3.12", "python=3.12.1", "fresh"),
        ("- numpy >=1.26\n", "", "changed: -numpy"),
        // Whatever pip finds there may need any of the others.
        ("  - flask>=3\n", "  - ./local\n", "fresh"),
    ];
    for (from, to, expected) in cases {
        let spec = SPEC.replacen(from, to, 1);
        check(LOCK, None, &spec, &["linux-64"], expected);
    }
}

#[test]
fn platforms_are_judged_each() {
    check(
        LOCK,
        Some(SPEC),
        SPEC,
        &["linux-64", "linux-aarch64"],
        "changed: linux-aarch64",
    );
    let spec = "dependencies: [a >=2]\n";
    let both = ["a 1 h_0", "linux-aarch64:a 1 h_0"];
    check(
        &both,
        Some(spec),
        spec,
        &["linux-64", "linux-aarch64"],
        "changed: `a >=2` has 1 on linux-64+linux-aarch64",
    );
    // A platform that the spec does not name any more stays.
    let spec = "dependencies: [a]\n";
    check(&both, Some(spec), spec, &["linux-64"], "fresh");
}

#[test]
fn a_pip_section_may_be_left_to_pip() {
    let spec = "dependencies: [pip, pip: [flask]]\n";
    let mut locked = lock(&["pip 24.0 py_0"]);
    let read = crate::spec::read("env.yaml", spec).spec;
    let hash = meaning(&read, &Default::default());
    locked
        .metadata
        .custom
        .insert(MEANING.to_owned(), hash.clone());
    let platforms = ["linux-64".to_owned()];
    let other = "another meaning";
    let of = |locked: &Lock| match state(locked, &read, other, &platforms) {
        State::Fresh => panic!("{locked:?}"),
        State::Changed(changes) => changes.unsatisfied.len(),
    };
    assert_eq!(of(&locked), 1);
    // conda may have it by another name: the lock was made from this very spec.
    assert_eq!(state(&locked, &read, &hash, &platforms), State::Fresh);
    let unlocked = |lines: &str| {
        let mut locked = locked.clone();
        let lines = lines.to_owned();
        locked
            .metadata
            .custom
            .insert(PIP_UNLOCKED.to_owned(), lines);
        locked
    };
    assert_eq!(of(&unlocked("other\nflask")), 0);
    assert_eq!(of(&unlocked("other")), 1);
}
