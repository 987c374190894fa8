//! Lists in all their styles: what is added, changed and removed, and that the rest keeps its bytes.

use expect_test::{Expect, expect};

use super::*;

fn conda(text: &str) -> Addition {
    Addition {
        section: Section::Conda,
        text: text.to_owned(),
        platform: None,
    }
}

fn pip(text: &str) -> Addition {
    Addition {
        section: Section::Pip,
        ..conda(text)
    }
}

fn on(platform: &str, text: &str) -> Addition {
    Addition {
        platform: Some(platform.parse().unwrap()),
        ..conda(text)
    }
}

/// The text after the addition, and that removing it gives back the bytes.
#[track_caller]
fn check(text: &str, addition: &Addition, expected: Expect) {
    let added = add("env.yaml", text, addition).expect("it can be planned");
    expected.assert_eq(&added);
    let removed = remove("env.yaml", &added, addition.section, &addition.name());
    assert_eq!(removed.as_deref(), Some(text), "removed again");
}

#[track_caller]
fn added(text: &str, addition: &Addition, expected: Expect) {
    let added = add("env.yaml", text, addition);
    expected.assert_eq(added.as_deref().unwrap_or("by hand"));
}

#[track_caller]
fn removed(text: &str, section: Section, name: &str, expected: Expect) {
    let removed = remove("env.yaml", text, section, name);
    expected.assert_eq(removed.as_deref().unwrap_or("by hand"));
}

#[test]
fn behind_the_last_package_in_the_style_of_the_list() {
    check(
        "name: x # é\nchannels: [a]\ndependencies:\n    - python # why\n    # - scipy\n    - pip:\n      - y\nvariables: {a: b}\n",
        &conda("numpy >=2,<3"),
        expect![[r#"
            name: x # é
            channels: [a]
            dependencies:
                - python # why
                - numpy >=2,<3
                # - scipy
                - pip:
                  - y
            variables: {a: b}
        "#]],
    );
    check(
        "dependencies:\n-   \"python\"\n-   \"b >1\"",
        &conda("numpy"),
        expect![[r#"
            dependencies:
            -   "python"
            -   "b >1"
            -   "numpy""#]],
    );
    check(
        "dependencies:\n- 'python'\n- 'zlib'\n",
        &conda("a[version='>1']"),
        expect![[r#"
            dependencies:
            - 'python'
            - 'zlib'
            - 'a[version=''>1'']'
        "#]],
    );
    check(
        "dependencies:\n  - pip:\n    - y\n",
        &conda("pip"),
        expect![[r#"
            dependencies:
              - pip
              - pip:
                - y
        "#]],
    );
}

#[test]
fn line_breaks_and_byte_order_marks_stay() {
    let text = "\u{feff}dependencies:\r\n  - python\r\n  - b";
    let added = add("env.yaml", text, &conda("a")).unwrap();
    assert_eq!(
        added,
        "\u{feff}dependencies:\r\n  - python\r\n  - b\r\n  - a"
    );
    let removed = remove("env.yaml", &added, Section::Conda, "a");
    assert_eq!(removed.as_deref(), Some(text));
    let added = add_channel("env.yaml", text, "c").unwrap();
    assert_eq!(
        added,
        "\u{feff}channels:\r\n  - c\r\ndependencies:\r\n  - python\r\n  - b"
    );
}

#[test]
fn a_sorted_list_stays_sorted() {
    check(
        "dependencies:\n  - python=3.12\n  # plots\n  - b\n  - d # x\n  - f\n  - pip\n  - pip: [x]\n",
        &conda("e"),
        expect![[r#"
            dependencies:
              - python=3.12
              # plots
              - b
              - d # x
              - e
              - f
              - pip
              - pip: [x]
        "#]],
    );
    check(
        "dependencies: # these\n  - b\n  - d\n  - f\n",
        &conda("a=1"),
        expect![[r#"
            dependencies: # these
              - a=1
              - b
              - d
              - f
        "#]],
    );
    check(
        "dependencies: [b, sel(linux)::d, f]\n",
        &conda("z"),
        expect![[r#"
            dependencies: [b, sel(linux)::d, f, z]
        "#]],
    );
    check(
        "dependencies:\n  - b\n  - d\n  - pip\n  - pip:\n    - a\n    - c\n    - e\n",
        &pip("b>1"),
        expect![[r#"
            dependencies:
              - b
              - d
              - pip
              - pip:
                - a
                - b>1
                - c
                - e
        "#]],
    );
}

#[test]
fn flow_lists() {
    check(
        "dependencies: [b, a]\n",
        &conda("c >=1,<2"),
        expect![[r#"
            dependencies: [b, a, "c >=1,<2"]
        "#]],
    );
    check(
        "dependencies: [\n  'b',\n  'a',\n]\n",
        &conda("c"),
        expect![[r#"
            dependencies: [
              'b',
              'a',
              'c',
            ]
        "#]],
    );
    check(
        "dependencies: [b,a]",
        &conda("c"),
        expect![[r#"dependencies: [b,a,c]"#]],
    );
    check(
        "dependencies: [b, d, f]",
        &conda("a"),
        expect!["dependencies: [a, b, d, f]"],
    );
    check(
        "dependencies: []\n",
        &conda("c"),
        expect![[r#"
        dependencies: [c]
    "#]],
    );
    check(
        "dependencies: [ ]\n",
        &conda("c"),
        expect![[r#"
        dependencies: [c ]
    "#]],
    );
    check(
        "dependencies: [b, pip, {pip: [x]}]\n",
        &pip("y>=1,<2"),
        expect![[r#"
            dependencies: [b, pip, {pip: [x, "y>=1,<2"]}]
        "#]],
    );
    check(
        "dependencies: [b, pip]\n",
        &pip("y"),
        expect![[r#"
            dependencies: [b, pip, {pip: [y]}]
        "#]],
    );
    added(
        "dependencies: [b, # why\n a]\n",
        &conda("c"),
        expect!["by hand"],
    );
    added("{dependencies: [b]}\n", &conda("c"), expect!["by hand"]);
}

#[test]
fn where_there_is_no_list_yet() {
    check(
        "channels:\n- a\ndependencies: # none yet\n",
        &conda("c"),
        expect![[r#"
            channels:
            - a
            dependencies: # none yet
            - c
        "#]],
    );
    added(
        "name: x\nchannels: [a]",
        &conda("c"),
        expect![[r#"
            name: x
            channels: [a]
            dependencies:
              - c"#]],
    );
    added(
        "# mine\n",
        &conda("c"),
        expect![[r#"
            # mine
            dependencies:
              - c
        "#]],
    );
    added(
        "",
        &conda("c"),
        expect![[r#"
            dependencies:
              - c
        "#]],
    );
    added("dependencies: ~\n", &conda("c"), expect!["by hand"]);
    added("dependencies: x\n", &conda("c"), expect!["by hand"]);
}

#[test]
fn the_pip_section_is_made_with_pip() {
    added(
        "dependencies:\n  - python\n",
        &pip("x==1"),
        expect![[r#"
            dependencies:
              - python
              - pip
              - pip:
                - x==1
        "#]],
    );
    check(
        "dependencies:\n-  python\n-  pip # for us\n",
        &pip("x"),
        expect![[r#"
            dependencies:
            -  python
            -  pip # for us
            -  pip:
               -  x
        "#]],
    );
    added(
        "dependencies:\n  - python\n  - pip:\n    - -e . # us\n",
        &pip("Foo.Bar>1"),
        expect![[r#"
            dependencies:
              - python
              - pip
              - pip:
                - -e . # us
                - Foo.Bar>1
        "#]],
    );
}

#[test]
fn platforms_are_said_to_whom_the_spec_is_for() {
    check(
        "dependencies:\n  - python\n",
        &on("linux", "a"),
        expect![[r#"
            dependencies:
              - python
              - sel(linux): a
        "#]],
    );
    check(
        "dependencies: [python]\n",
        &on("win", "a >=1,<2"),
        expect![[r#"
            dependencies: [python, {sel(win): "a >=1,<2"}]
        "#]],
    );
    check(
        "dependencies:\n  - python\nplatforms: [linux-64, osx-arm64]\n",
        &on("linux", "a"),
        expect![[r#"
            dependencies:
              - python
              - a  # [linux]
            platforms: [linux-64, osx-arm64]
        "#]],
    );
    check(
        "dependencies:\n  - python\n  - b # [win]\n",
        &on("osx", "a"),
        expect![[r#"
            dependencies:
              - python
              - b # [win]
              - a  # [osx]
        "#]],
    );
    check(
        "dependencies:\n  - python\n",
        &on("linux-aarch64", "a"),
        expect![[r#"
            dependencies:
              - python
              - a  # [aarch64]
        "#]],
    );
    // The comment has no place in a list on one line.
    added(
        "dependencies: [python]\n",
        &on("linux-64", "a"),
        expect!["by hand"],
    );
}

#[test]
fn what_is_there_gets_the_new_text() {
    added(
        "dependencies:\n  - \"c-f::numpy >=1\"  # why\n  - sel(win): numpy=1\n",
        &conda("numpy=2"),
        expect![[r#"
            dependencies:
              - "c-f::numpy=2"  # why
              - sel(win): numpy=1
        "#]],
    );
    added(
        "dependencies:\n  - numpy >=1  # [win]\n",
        &on("win", "x::numpy=2"),
        expect![[r#"
            dependencies:
              - x::numpy=2  # [win]
        "#]],
    );
    added(
        "dependencies:\n  - sel(win): numpy=1\n",
        &conda("numpy=2"),
        expect![[r#"
            dependencies:
              - sel(win): numpy=1
              - numpy=2
        "#]],
    );
    added(
        "dependencies: [pip, {pip: [Foo_bar==1, x]}]\n",
        &pip("foo-bar>=2,<3"),
        expect![[r#"
            dependencies: [pip, {pip: ["foo-bar>=2,<3", x]}]
        "#]],
    );
    added(
        "dependencies: [pip, {pip: ['x ; os_name == \"nt\"', y]}]\n",
        &pip("x>=2"),
        expect![[r#"
            dependencies: [pip, {pip: ['x ; os_name == "nt"', y, x>=2]}]
        "#]],
    );
    added(
        "a: &a numpy\ndependencies:\n  - *a\n",
        &conda("numpy=2"),
        expect![[r#"
            a: &a numpy=2
            dependencies:
              - *a
        "#]],
    );
}

#[test]
fn what_is_not_said_stays() {
    let conda = |old: &str, new: &str, expected: &str| {
        let text = format!("dependencies:\n  - '{old}'\n");
        let added = add("env.yaml", &text, &conda(new));
        let expected = format!("dependencies:\n  - '{expected}'\n");
        assert_eq!(added, Some(expected), "{old} and {new}");
    };
    conda("numpy >=1,<3", "bioconda::numpy", "bioconda::numpy >=1,<3");
    conda("c-f::numpy=1=py_0", "numpy", "c-f::numpy=1=py_0");
    conda("c-f::numpy=1=py_0", "numpy=2", "c-f::numpy=2");
    conda("c-f::numpy=1", "x::numpy", "x::numpy=1");
    conda("numpy[build=py_0]", "x::numpy", "x::numpy[build=py_0]");
    conda("numpy[channel=x]", "numpy=1", "numpy=1");
    let text = "dependencies: ['numpy[channel=x]']\n";
    assert_eq!(add("env.yaml", text, &self::conda("y::numpy")), None);

    let pip = |old: &str, new: &str, expected: &str| {
        let text = format!("dependencies:\n  - pip\n  - pip:\n    - \"{old}\"\n");
        let added = add("env.yaml", &text, &pip(new));
        let expected = format!("dependencies:\n  - pip\n  - pip:\n    - \"{expected}\"\n");
        assert_eq!(added, Some(expected), "{old} and {new}");
    };
    pip("x[a]>=1,<2", "x>=3", "x[a]>=3");
    pip("x >=1,<2", "x[a]", "x[a] >=1,<2");
    pip("x[a] >=1", "x[b]", "x[b] >=1");
    pip("X_y[a] >=1", "x-y", "X_y[a] >=1");
    pip("x[a] @ https://h/x.whl", "x==2", "x[a]==2");
    pip("x @ https://h/x.whl", "x[a]", "x[a] @ https://h/x.whl");
    let mark = "; os_name == 'nt'";
    pip(
        &format!("x>1{mark}"),
        &format!("x[a]{mark}"),
        &format!("x[a]>1{mark}"),
    );
}

#[test]
fn what_is_removed_goes_with_its_line() {
    removed(
        "dependencies:\n  # first\n  - NumPy >=1  # why\n  # second\n  - sel(linux): numpy=1\n  - b\n",
        Section::Conda,
        "numpy",
        expect![[r#"
            dependencies:
              # first
              # second
              - b
        "#]],
    );
    removed(
        "dependencies: [numpy, b, 'numpy>1', pip, {pip: [numpy]}]\n",
        Section::Conda,
        "numpy",
        expect![[r#"
            dependencies: [b, pip, {pip: [numpy]}]
        "#]],
    );
    removed(
        "dependencies:\n  - numpy\n",
        Section::Conda,
        "numpy",
        expect![[r#"
            dependencies:
        "#]],
    );
    removed(
        "dependencies:\n  - b\n",
        Section::Conda,
        "x",
        expect![[r#"
        dependencies:
          - b
    "#]],
    );
    removed(
        "a: &a numpy\ndependencies:\n  - *a\n  - b\n",
        Section::Conda,
        "numpy",
        expect![[r#"
            a: &a numpy
            dependencies:
              - b
        "#]],
    );
    // Who else needs the anchor cannot be told.
    removed(
        "dependencies:\n  - &a numpy\n  - b\nvariables:\n  x: *a\n",
        Section::Conda,
        "numpy",
        expect!["by hand"],
    );
    for text in [
        "dependencies:\n  - a\n  -\n    numpy\n",
        "dependencies:\n  - a\n  - >-\n    numpy\n",
    ] {
        removed(text, Section::Conda, "numpy", expect!["by hand"]);
    }
}

#[test]
fn a_pip_section_goes_with_its_last_entry() {
    removed(
        "dependencies:\n  - pip\n  - pip:  # ours\n    # from PyPI\n    - Foo_Bar>1  # why",
        Section::Pip,
        "foo.bar",
        expect![[r#"
            dependencies:
              - pip
                # from PyPI"#]],
    );
    removed(
        "dependencies:\n  - pip\n  - pip:\n    - x",
        Section::Pip,
        "x",
        expect![[r#"
            dependencies:
              - pip"#]],
    );
    removed(
        "dependencies:\n  - pip\n  - pip: [x]\n  - b\n",
        Section::Pip,
        "x",
        expect![[r#"
            dependencies:
              - pip
              - b
        "#]],
    );
    removed(
        "dependencies: [pip, {pip: [-e ., x]}]\n",
        Section::Pip,
        "-e .",
        expect![[r#"
            dependencies: [pip, {pip: [x]}]
        "#]],
    );
}

#[test]
fn channels_are_added_behind_the_others() {
    let check = |text: &str, expected: Expect| {
        expected.assert_eq(&add_channel("env.yaml", text, "bioconda").unwrap());
    };
    check(
        "channels:\n- conda-forge # first\n- nodefaults\ndependencies: []\n",
        expect![[r#"
            channels:
            - conda-forge # first
            - nodefaults
            - bioconda
            dependencies: []
        "#]],
    );
    check(
        "channels: [https://conda.anaconda.org/bioconda/]\ndependencies: []\n",
        expect![[r#"
            channels: [https://conda.anaconda.org/bioconda/]
            dependencies: []
        "#]],
    );
    check(
        "# mine\nname: x\n\n# these\ndependencies:\n- a\n",
        expect![[r#"
            # mine
            name: x
            channels:
            - bioconda

            # these
            dependencies:
            - a
        "#]],
    );
    check(
        "# mine\ndependencies: [a]\n",
        expect![[r#"
            # mine
            channels:
              - bioconda
            dependencies: [a]
        "#]],
    );
}

#[test]
fn two_texts_differ_in_their_entries() {
    let before = "dependencies: [a, b, 'c 1', {sel(win): d}, pip, {pip: [x, y]}]";
    let after = "dependencies: [c=2, a, {sel(win): d}, d, pip, {pip: [x>1]}]";
    let [before, after] = [before, after].map(|text| spec::read("env.yaml", text).spec);
    let shown: Vec<String> = changes(&before, &after)
        .iter()
        .map(|change| {
            let text = |listed: Option<Listed<'_>>| {
                listed.map_or("-".to_owned(), |listed| {
                    format!("{:?} {}", listed.section, listed.text.value)
                })
            };
            format!("{} → {}\n", text(change.before), text(change.after))
        })
        .collect();
    expect![[r#"
        Conda c 1 → Conda c=2
        - → Conda d
        Pip x → Pip x>1
        Conda b → -
        Pip y → -
    "#]]
    .assert_eq(&shown.concat());
}
