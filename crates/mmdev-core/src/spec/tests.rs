//! Tests of reading whole specs: what is understood, and what is said.

mod odd;

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::text::apply;

fn render(file_name: &str, text: &str) -> String {
    let ReadSpec {
        kind,
        spec,
        diagnostics,
    } = read(file_name, text);
    if let SpecKind::NotASpec { reason } = kind {
        assert!(diagnostics.is_empty() && spec == EnvSpec::default());
        return format!("no spec: {reason}\n");
    }
    let mut result = String::new();
    let show = |value: &Spanned<String>| format!("{:?} {:?}", value.value, value.span.range());
    let selector = |selector: &Option<Selector>| match selector {
        None => String::new(),
        Some(selector) => format!(" for {:?} {}", selector.style, show(&selector.text)),
    };
    for (key, value) in [
        ("name", &spec.name),
        ("prefix", &spec.prefix),
        ("category", &spec.category),
    ] {
        if let Some(value) = value {
            result += &format!("{key} {}\n", show(value));
        }
    }
    for channel in spec.channels.iter().flatten() {
        result += &format!("channel {}\n", show(channel));
    }
    for dependency in &spec.dependencies {
        result += &format!(
            "dependency {}{}\n",
            show(&dependency.text),
            selector(&dependency.selector)
        );
    }
    for entry in &spec.pip {
        result += &format!("pip {}{}\n", show(&entry.text), selector(&entry.selector));
    }
    for variable in &spec.variables {
        result += &format!("{}={}\n", show(&variable.name), show(&variable.value));
    }
    for platform in &spec.platforms {
        result += &format!("platform {}\n", show(platform));
    }
    for diagnostic in &diagnostics {
        result += &format!(
            "{} {:?} {:?}: {}\n",
            diagnostic.code,
            diagnostic.severity,
            &text[diagnostic.span.range()],
            diagnostic.message
        );
        if let Some(fix) = &diagnostic.fix {
            result += &format!(
                "  fix ({:?}): {}: {:?}\n",
                fix.applicability,
                fix.title,
                crate::text::apply(text, &fix.edits)
            );
        }
    }
    result
}

#[test]
fn bytes_that_are_not_utf_8() {
    let utf_16 = |unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        "\u{feff}dependencies:\n- a=>1\n"
            .encode_utf16()
            .flat_map(unit)
            .collect()
    };
    for (bytes, expected) in [
        (
            b"dependencies: [a]\n".to_vec(),
            expect![[r#"
            "dependencies: [a]\n" Spec
        "#]],
        ),
        (
            b"dependencies:\n- caf\xe9\n- b=>1\n".to_vec(),
            expect![[r#"
            "dependencies:\n- caf�\n- b=>1\n" Spec
            MM001 Span { start: 19, end: 22 } this character is not UTF-8
            MM201 Span { start: 19, end: 22 } a package name cannot hold `�`; conda and rattler refuse it, micromamba takes it
            MM209 Span { start: 26, end: 28 } `=>` is no operator; micromamba and rattler refuse it, conda takes it
        "#]],
        ),
        (
            b"dependencies: [a] # caf\xe9".to_vec(),
            expect![[r#"
            "dependencies: [a] # caf�" Spec
            MM001 Span { start: 23, end: 26 } this character is not UTF-8
        "#]],
        ),
        (
            utf_16(u16::to_le_bytes),
            expect![[r#"
            "dependencies:\n- a=>1\n" Spec
            MM001 Span { start: 0, end: 0 } the file is UTF-16, which `>` writes in PowerShell
            MM209 Span { start: 17, end: 19 } `=>` is no operator; micromamba and rattler refuse it, conda takes it
        "#]],
        ),
        (
            utf_16(u16::to_be_bytes),
            expect![[r#"
            "dependencies:\n- a=>1\n" Spec
            MM001 Span { start: 0, end: 0 } the file is UTF-16, which `>` writes in PowerShell
            MM209 Span { start: 17, end: 19 } `=>` is no operator; micromamba and rattler refuse it, conda takes it
        "#]],
        ),
        (
            b"\xff\xfed\0".to_vec(),
            expect![[r#"
            "d" Spec
            MM001 Span { start: 0, end: 0 } the file is UTF-16, which `>` writes in PowerShell
            MM102 Span { start: 0, end: 1 } an environment is a mapping, this is a string
        "#]],
        ),
        (
            b"- \xff".to_vec(),
            expect![[r#"
            "- �" NotASpec { reason: "it is a list, not a mapping" }
        "#]],
        ),
    ] {
        let (text, read) = read_bytes("env.yaml", bytes);
        let mut said = format!("{text:?} {:?}\n", read.kind);
        for diagnostic in read.diagnostics {
            said += &format!(
                "{} {:?} {}\n",
                diagnostic.code, diagnostic.span, diagnostic.message
            );
        }
        expected.assert_eq(&said);
    }
}

#[track_caller]
fn check(text: &str, expected: Expect) {
    expected.assert_eq(&render("env.yaml", text));
}

#[test]
fn everything_that_a_spec_can_say() {
    check(
        "name: base\nchannels:\n  - conda-forge\n  - nodefaults\ndependencies:\n  - python=3.11\n  - 'numpy >=1,<2'  # [linux64]\n  - sel(win): pywin32\n  - pip\n  - pip:\n    - requests  # [unix]\n    - -e .\nvariables:\n  A: 'b'\nplatforms: [linux-64]\ncategory: dev\nprefix: /opt/x\n",
        expect![[r#"
            name "base" 6..10
            prefix "/opt/x" 253..259
            category "dev" 241..244
            channel "conda-forge" 25..36
            channel "nodefaults" 41..51
            dependency "python=3.11" 70..81
            dependency "numpy >=1,<2" 86..100 for Comment "linux64" 105..112
            dependency "pywin32" 128..135 for Key "win" 122..125
            dependency "pip" 140..143
            pip "requests" 159..167 for Comment "unix" 172..176
            pip "-e ." 184..188
            "A" 202..203="b" 205..208
            platform "linux-64" 221..229
            MM115 Information "prefix": `prefix:` belongs to one machine and is not used here
              fix (Safe): Remove the line: "name: base\nchannels:\n  - conda-forge\n  - nodefaults\ndependencies:\n  - python=3.11\n  - 'numpy >=1,<2'  # [linux64]\n  - sel(win): pywin32\n  - pip\n  - pip:\n    - requests  # [unix]\n    - -e .\nvariables:\n  A: 'b'\nplatforms: [linux-64]\ncategory: dev\n"
        "#]],
    );
}

#[test]
fn unknown_keys() {
    check(
        "nmae: x\ndependecies:\n  - a\nversion: 3\n",
        expect![[r#"
        dependency "a" 25..26
        MM101 Warning "nmae": no tool knows the key `nmae`, it is ignored
          fix (Safe): Rename it to `name`: "name: x\ndependecies:\n  - a\nversion: 3\n"
        MM101 Error "dependecies": no tool knows the key `dependecies`, it is ignored
          fix (Safe): Rename it to `dependencies`: "nmae: x\ndependencies:\n  - a\nversion: 3\n"
        MM101 Warning "version": no tool knows the key `version`, it is ignored
    "#]],
    );
    check(
        "name: x\nName: y\ndependencies: [a]\n",
        expect![[r#"
        name "x" 6..7
        dependency "a" 31..32
        MM101 Warning "Name": no tool knows the key `Name`, it is ignored
    "#]],
    );
}

#[test]
fn wrong_types() {
    check(
        "name: [a]\nchannels: conda-forge\ndependencies: {numpy: 1}\nvariables: [A=b]\nplatforms: linux-64\n",
        expect![[r#"
            MM102 Error "[a]": `name:` takes a text, this is a list
            MM102 Error "conda-forge": `channels:` takes a list, this is a string
              fix (Safe): Make it a list: "name: [a]\nchannels: [conda-forge]\ndependencies: {numpy: 1}\nvariables: [A=b]\nplatforms: linux-64\n"
            MM102 Error "{numpy: 1}": `dependencies:` takes a list, this is a mapping
            MM102 Error "[A=b]": `variables:` takes a mapping, this is a list
            MM102 Warning "linux-64": `platforms:` takes a list, this is a string
              fix (Unsafe): Make it a list: "name: [a]\nchannels: conda-forge\ndependencies: {numpy: 1}\nvariables: [A=b]\nplatforms: [linux-64]\n"
        "#]],
    );
    check(
        "name:\nchannels:\ndependencies:\nvariables:\nplatforms:\ncategory:\nprefix: 3\n",
        expect![[r#"
            prefix "3" 70..71
            MM102 Warning "name": `name:` has no value
            MM102 Error "channels": `channels:` has no entries, which no tool takes
            MM104 Warning "dependencies": `dependencies:` is empty, so that nothing would be installed
            MM102 Error "variables": `variables:` has no entries, which conda and micromamba refuse
            MM102 Warning "platforms": `platforms:` has no entries, which no tool takes
            MM102 Warning "category": `category:` has no value
            MM115 Information "prefix": `prefix:` belongs to one machine and is not used here
              fix (Safe): Remove the line: "name:\nchannels:\ndependencies:\nvariables:\nplatforms:\ncategory:\n"
            MM107 Warning "3": without quotes, `prefix:` is a number, not text
              fix (Safe): Quote it: "name:\nchannels:\ndependencies:\nvariables:\nplatforms:\ncategory:\nprefix: \"3\"\n"
        "#]],
    );
    check(
        "name: 3.10\nchannels: [1, [a], ~]\ndependencies: [3.10, true, [a], ~, '', b]\n",
        expect![[r#"
            name "3.10" 6..10
            dependency "b" 72..73
            MM107 Warning "3.10": without quotes, `name:` is a number, not text
              fix (Safe): Quote it: "name: \"3.10\"\nchannels: [1, [a], ~]\ndependencies: [3.10, true, [a], ~, '', b]\n"
            MM107 Error "1": an entry of `channels:` is text, this is a number
            MM102 Error "[a]": an entry of `channels:` is text, this is a list
            MM106 Error "~": an entry of `channels:` is empty
            MM107 Error "3.10": an entry of `dependencies:` is text, this is a number
            MM107 Error "true": an entry of `dependencies:` is text, this is a boolean
            MM102 Error "[a]": an entry of `dependencies:` is text, this is a list
            MM106 Error "~": an entry of `dependencies:` is empty
            MM106 Error "''": an entry of `dependencies:` is empty
        "#]],
    );
}

#[test]
fn names() {
    check(
        "name: 'a b'\ndependencies: [a]\n",
        expect![[r#"
        name "a b" 6..11
        dependency "a" 27..28
        MM105 Error " ": the name `a b` contains a space
    "#]],
    );
    check(
        "name: a/b\ndependencies: [a]\n",
        expect![[r#"
        name "a/b" 6..9
        dependency "a" 25..26
        MM105 Error "/": the name `a/b` contains `/`
    "#]],
    );
    check(
        "name: \"\\x41:\"\ndependencies: [a]\n",
        expect![[r#"
        name "A:" 6..13
        dependency "a" 29..30
        MM105 Error "\"\\x41:\"": the name `A:` contains `:`
    "#]],
    );
    check(
        "name: ..\ndependencies: [a]\n",
        expect![[r#"
        name ".." 6..8
        dependency "a" 24..25
        MM105 Error "..": `..` is no name for an environment
    "#]],
    );
}

#[test]
fn missing_dependencies() {
    check(
        "name: a\nname: b\n",
        expect![[r#"
        name "a" 6..7
        MM103 Error "name": `dependencies:` is missing, so that nothing would be installed
        MM005 Error "name": the key `name` is here a second time
    "#]],
    );
    check(
        "name: a\n? [\n",
        expect![[r#"
        name "a" 6..7
        MM001 Error "[": not YAML: a bracket is not closed
    "#]],
    );
    check(
        "name: a\nchannels: [b]\n",
        expect![[r#"
        name "a" 6..7
        channel "b" 19..20
        MM103 Error "name": `dependencies:` is missing, so that nothing would be installed
    "#]],
    );
    check(
        "dependencies: []\n",
        expect![[r#"
        MM104 Warning "dependencies": `dependencies:` is empty, so that nothing would be installed
    "#]],
    );
}

#[test]
fn empty_entries() {
    check(
        "dependencies:\n  - a\n  -\n  - pip:\n    - # gone\n    - b\n",
        expect![[r#"
            dependency "a" 18..19
            pip "b" 52..53
            MM106 Error "-": an entry of `dependencies:` is empty
            MM116 Information "pip": pip is used, but is no dependency; conda adds it with a warning, at any version
              fix (Safe): Add `- pip`: "dependencies:\n  - a\n  -\n  - pip\n  - pip:\n    - # gone\n    - b\n"
            MM106 Error "-": an entry of `pip:` is empty
        "#]],
    );
}

#[test]
fn several_words_in_the_place_of_a_list() {
    let mended = |text: &str| {
        let read = read("env.yaml", text);
        let fix = read
            .diagnostics
            .iter()
            .find_map(|found| found.fix.as_ref())?;
        Some(apply(text, &fix.edits))
    };
    assert_eq!(
        mended("channels: a, b # c\ndependencies: [d]\n").as_deref(),
        Some("channels: [a, b] # c\ndependencies: [d]\n")
    );
    assert_eq!(mended("channels: a b\ndependencies: [d]\n"), None);
    assert_eq!(mended("dependencies:\n- pip\n- pip: a b\n"), None);
    assert_eq!(mended("dependencies:\n- pip\n- pip: a, b\n"), None);
}

#[test]
fn pip_sections() {
    check(
        "dependencies:\n  - pip:\n  - requests\n",
        expect![[r#"
        dependency "requests" 27..35
        MM109 Error "pip": `pip:` has no entries
    "#]],
    );
    check(
        "dependencies:\n  - pip\n  - pip: requests==1\n",
        expect![[r#"
            dependency "pip" 18..21
            pip "requests==1" 31..42
            MM109 Error "requests==1": `pip:` takes a list, this is a text
              fix (Safe): Make it a list: "dependencies:\n  - pip\n  - pip: [requests==1]\n"
        "#]],
    );
    check(
        "dependencies:\n  - pip\n  - pip: {a: b}\n  - pip: [c]\n",
        expect![[r#"
            dependency "pip" 18..21
            pip "c" 48..49
            MM109 Error "{a: b}": `pip:` takes a list, this is a mapping
            MM109 Warning "pip": a second pip section: conda drops the first, micromamba installs both
        "#]],
    );
    check(
        "pip:\n  - a\ndependencies:\n  - b\n",
        expect![[r#"
        dependency "b" 29..30
        MM108 Warning "pip": `pip:` at the top level is ignored: nothing below it is installed
    "#]],
    );
    check(
        "dependencies:\r\n  - python\r\n  - pip:\r\n    - a\r\n",
        expect![[r#"
            dependency "python" 19..25
            pip "a" 43..44
            MM116 Information "pip": pip is used, but is no dependency; conda adds it with a warning, at any version
              fix (Safe): Add `- pip`: "dependencies:\r\n  - python\r\n  - pip\r\n  - pip:\r\n    - a\r\n"
        "#]],
    );
    check(
        "dependencies: [python, pip: [a]]\n",
        expect![[r#"
        dependency "python" 15..21
        pip "a" 29..30
        MM116 Information "pip": pip is used, but is no dependency; conda adds it with a warning, at any version
    "#]],
    );
    check(
        "dependencies:\n  - python\n  - pip:\n      - a\n       - b\n",
        expect![[r#"
            dependency "python" 18..24
            pip "a" 42..43
            pip "b" 53..54
            MM116 Information "pip": pip is used, but is no dependency; conda adds it with a warning, at any version
              fix (Safe): Add `- pip`: "dependencies:\n  - python\n  - pip\n  - pip:\n      - a\n       - b\n"
            MM118 Error "- b": this line is read as the rest of the entry above it, because it is indented deeper
              fix (Safe): Give it the indentation of the other entries: "dependencies:\n  - python\n  - pip:\n      - a\n      - b\n"
        "#]],
    );
}

#[test]
fn other_sections() {
    check(
        "dependencies:\n  - npm:\n    - a\n  - conda: [b]\n  - python: 3.9\n  - numpy: '>=1'\n  - pandas:\n  - : x\n",
        expect![[r#"
            MM110 Error "npm": no tool installs a `npm:` section: micromamba drops it, and conda refuses it
            MM110 Error "conda": `conda:` is no section: micromamba drops what is in it, conda drops what stands before it
            MM110 Error "python: 3.9": `:` stands between `python` and its version
              fix (Unsafe): Write `python=3.9`: "dependencies:\n  - npm:\n    - a\n  - conda: [b]\n  - python=3.9\n  - numpy: '>=1'\n  - pandas:\n  - : x\n"
            MM110 Error "numpy: '>=1'": `:` stands between `numpy` and its version
              fix (Unsafe): Write `numpy>=1`: "dependencies:\n  - npm:\n    - a\n  - conda: [b]\n  - python: 3.9\n  - numpy>=1\n  - pandas:\n  - : x\n"
            MM110 Error "pandas": `pandas` has a `:` behind it, so that no tool takes it for a package
            MM110 Error "-": an entry of `dependencies:` begins with `:`
        "#]],
    );
}

#[test]
fn selectors() {
    check(
        "dependencies:\n  - sel(linux): [a, b]\n  - sel(linux64): c\n  - sel(osx):\n  - sel(win): {pip: [d]}\n  - sel(win: e\n",
        expect![[r#"
            dependency "a" 31..32 for Key "linux" 22..27
            dependency "b" 34..35 for Key "linux" 22..27
            dependency "c" 55..56 for Key "linux64" 45..52
            dependency "e" 109..110 for Key "win" 104..107
            MM102 Error "sel(linux)": `sel(linux):` takes one package, this is a list
            MM111 Error "sel(linux64)": `sel(linux64)` is no selector that micromamba knows
            MM106 Error "sel(osx)": `sel(osx):` has no package
            MM102 Error "sel(win)": `sel(win):` takes one package, this is a mapping
            MM111 Error "sel(win": `sel(win` is no selector that micromamba knows
        "#]],
    );
    check(
        "dependencies:\n  - a  # [py27]\n  - b # [macos]\n  - b2 # [windows]\n  - c # [see the docs]\n  - d # note\n  # [win]\n  - e\n",
        expect![[r#"
            dependency "a" 18..19 for Comment "py27" 24..28
            dependency "b" 34..35 for Comment "macos" 39..44
            dependency "b2" 50..52 for Comment "windows" 56..63
            dependency "c" 69..70
            dependency "d" 92..93
            dependency "e" 115..116
            MM111 Warning "py27": `py27` is no platform selector: conda-lock drops this entry everywhere, other tools take it
            MM111 Warning "macos": `macos` is no platform selector: conda-lock drops this entry everywhere, other tools take it
              fix (Safe): Write `osx`: "dependencies:\n  - a  # [py27]\n  - b # [osx]\n  - b2 # [windows]\n  - c # [see the docs]\n  - d # note\n  # [win]\n  - e\n"
            MM111 Warning "windows": `windows` is no platform selector: conda-lock drops this entry everywhere, other tools take it
              fix (Safe): Write `win`: "dependencies:\n  - a  # [py27]\n  - b # [macos]\n  - b2 # [win]\n  - c # [see the docs]\n  - d # note\n  # [win]\n  - e\n"
        "#]],
    );
}

#[test]
fn variables() {
    check(
        "dependencies: [a]\nvariables:\n  A: true\n  B: 1.10\n  C: 010\n  D: 3\n  E: 1.5\n  F: yes\n  G:\n  H: [x]\n  1I: x\n  J-K: x\n  'L=M': x\n  N: 2024-01-01\n",
        expect![[r#"
            dependency "a" 15..16
            "A" 31..32="true" 34..38
            "B" 41..42="1.10" 44..48
            "C" 51..52="010" 54..57
            "D" 60..61="3" 63..64
            "E" 67..68="1.5" 70..73
            "F" 76..77="yes" 79..82
            "G" 85..86="" 86..86
            "1I" 99..101="x" 103..104
            "J-K" 107..110="x" 112..113
            "N" 127..128="2024-01-01" 130..140
            MM113 Information "true": without quotes, conda reads the value of `A` as a boolean
              fix (Safe): Quote it: "dependencies: [a]\nvariables:\n  A: \"true\"\n  B: 1.10\n  C: 010\n  D: 3\n  E: 1.5\n  F: yes\n  G:\n  H: [x]\n  1I: x\n  J-K: x\n  'L=M': x\n  N: 2024-01-01\n"
            MM113 Information "1.10": without quotes, conda reads the value of `B` as a number
              fix (Safe): Quote it: "dependencies: [a]\nvariables:\n  A: true\n  B: \"1.10\"\n  C: 010\n  D: 3\n  E: 1.5\n  F: yes\n  G:\n  H: [x]\n  1I: x\n  J-K: x\n  'L=M': x\n  N: 2024-01-01\n"
            MM113 Information "010": without quotes, conda reads the value of `C` as a number
              fix (Safe): Quote it: "dependencies: [a]\nvariables:\n  A: true\n  B: 1.10\n  C: \"010\"\n  D: 3\n  E: 1.5\n  F: yes\n  G:\n  H: [x]\n  1I: x\n  J-K: x\n  'L=M': x\n  N: 2024-01-01\n"
            MM113 Warning "G": the variable `G` has no value
            MM102 Error "[x]": the variable `H` takes a text, this is a list
            MM112 Warning "1I": `1I` is no name that every shell takes for a variable
            MM112 Warning "J-K": `J-K` is no name that every shell takes for a variable
            MM112 Error "'L=M'": `L=M` is no name that every shell takes for a variable
        "#]],
    );
}

#[test]
fn platforms_and_channels() {
    check(
        "channels: [a, b, a, 'c d']\nplatforms: [linux-64, noarch, linux]\ndependencies: [a]\n",
        expect![[r#"
            channel "a" 11..12
            channel "b" 14..15
            channel "a" 17..18
            channel "c d" 20..25
            dependency "a" 79..80
            platform "linux-64" 39..47
            platform "noarch" 49..55
            platform "linux" 57..62
            MM117 Information "a": the channel `a` stands here a second time
            MM117 Error "'c d'": `c d` is no channel: it contains a space
            MM114 Warning "noarch": `noarch` is no platform that conda knows
            MM114 Warning "linux": `linux` is no platform that conda knows
        "#]],
    );
}

#[test]
fn an_entry_that_goes_on() {
    check(
        "dependencies:\n  - a\n   - b\n  - c >=1,\n    <2\n",
        expect![[r#"
            dependency "a" 18..19
            dependency "b" 25..26
            dependency "c >=1, <2" 31..44
            MM118 Error "- b": this line is read as the rest of the entry above it, because it is indented deeper
              fix (Safe): Give it the indentation of the other entries: "dependencies:\n  - a\n  - b\n  - c >=1,\n    <2\n"
        "#]],
    );
}

#[test]
fn anchors_are_read_where_they_are_used() {
    check(
        "dependencies:\n  - &py python=3.11\n  - *py # [linux]\n  - pip: &p [a, 1]\n  - pip: *p\n",
        expect![[r#"
            dependency "python=3.11" 22..33
            dependency "python=3.11" 22..33 for Comment "linux" 45..50
            pip "a" 65..66
            pip "a" 65..66
            MM116 Information "pip": pip is used, but is no dependency; conda adds it with a warning, at any version
              fix (Safe): Add `- pip`: "dependencies:\n  - &py python=3.11\n  - *py # [linux]\n  - pip\n  - pip: &p [a, 1]\n  - pip: *p\n"
            MM107 Error "1": an entry of `pip:` is text, this is a number
            MM109 Warning "pip": a second pip section: conda drops the first, micromamba installs both
        "#]],
    );
}

#[test]
fn broken_text_still_gives_its_dependencies() {
    check(
        "name: x\ndependencies:\n  - a\n  pip:\n    - b\n  - c\n",
        expect![[r#"
            name "x" 6..7
            dependency "a" 26..27
            dependency "c" 47..48
            pip "b" 41..42
            MM001 Error "pip:": `pip:` stands inside a list without `- ` before it
              fix (Safe): Write `- pip:`: "name: x\ndependencies:\n  - a\n  - pip:\n    - b\n  - c\n"
        "#]],
    );
    check(
        "\u{feff}name: x\r\ndependencies:\r\n\t- a\r\n\t- b # é\r\n",
        expect![[r#"
            name "x" 9..10
            dependency "a" 30..31
            dependency "b" 36..37
            MM002 Error "\t": a tab indents this line, where YAML takes only spaces
              fix (Unsafe): Replace each tab by spaces: "\u{feff}name: x\r\ndependencies:\r\n  - a\r\n  - b # é\r\n"
        "#]],
    );
    check(
        "name: {{ cookiecutter.name }}\ndependencies:\n  - a\n",
        expect![[r#"
            dependency "a" 48..49
            MM001 Error "{{ cookiecutter.name }": this is a template, not YAML: `{{ … }}` or `{% … %}` stands here
        "#]],
    );
    check(
        "",
        expect![[r#"
        MM004 Error "": the file is empty
    "#]],
    );
    check(
        "depend\n",
        expect![[r#"
        MM102 Error "depend": an environment is a mapping, this is a string
    "#]],
    );
}

#[test]
fn ten_thousand_dependencies() {
    let mut text = "dependencies:\n".to_owned();
    for index in 0..10_000 {
        text += &format!("  - package-{index}>=1.{index}  # [linux]\n");
    }
    let ReadSpec {
        spec, diagnostics, ..
    } = read("env.yaml", &text);
    assert_eq!(diagnostics, []);
    assert_eq!(spec.dependencies.len(), 10_000);
    let last = &spec.dependencies[9_999];
    assert_eq!(&text[last.text.span.range()], "package-9999>=1.9999");
    assert!(
        spec.dependencies
            .iter()
            .all(|dependency| dependency.selector.is_some())
    );
}

const WHOLE: &str = "\
# comment
name: base
channels: [conda-forge, 'nodefaults']
dependencies:
  - python=3.11  # [linux64]
  - sel(win): pywin32
  - &np \"numpy >=1,<2\"
  - *np
  - pip
  - pip:
    - requests[socks]>=2; python_version < '3.9'
    - -e .
variables:
  A: 'é'
  B: 1.10
platforms: [linux-64]
category: dev
prefix: /opt/x
";

/// Reads, and checks what holds for any text.
fn assert_sound(text: &str) {
    let read_spec = read("env.yaml", text);
    let is_spec = read_spec.kind == SpecKind::Spec;
    assert!(is_spec || read_spec.diagnostics.is_empty());
    for diagnostic in &read_spec.diagnostics {
        assert!(
            text.get(diagnostic.span.range()).is_some(),
            "{diagnostic:?}"
        );
        assert!(
            !diagnostic.message.ends_with('.') && !diagnostic.message.chars().any(char::is_control),
            "{diagnostic:?}"
        );
        assert!(
            crate::lint::rule(diagnostic.code.0).is_some(),
            "{} is documented",
            diagnostic.code
        );
        if let Some(fix) = &diagnostic.fix {
            crate::text::apply(text, &fix.edits);
        }
    }
    for dependency in &read_spec.spec.dependencies {
        assert!(text.get(dependency.text.span.range()).is_some());
    }
}

proptest! {
    #[test]
    fn any_text_is_read(text: String) {
        assert_sound(&text);
    }

    #[test]
    fn a_spec_with_pieces_cut_out_and_put_in_is_read(
        edits in prop::collection::vec(
            (0..WHOLE.len(), 0..12_usize, "[-:#\\[\\]{},&*!|>'\"% \t\n\ra-c<]{0,4}"),
            1..5,
        )
    ) {
        let edits: Vec<crate::text::Edit> = edits
            .into_iter()
            .map(|(start, length, piece)| {
                let start = WHOLE.floor_char_boundary(start);
                let end = WHOLE.floor_char_boundary((start + length).min(WHOLE.len()));
                crate::text::Edit::replace(crate::text::Span::new(start, end), piece)
            })
            .collect();
        assert_sound(&crate::text::apply(WHOLE, &edits));
    }
}

#[test]
fn hostile_texts_are_read() {
    for text in [
        "dependencies:\n  -\n".to_owned() + &"  -\n".repeat(5_000),
        format!("dependencies:\n  - a  # [{}]\n", "(".repeat(100_000)),
        "name: x\n".repeat(5_000),
        format!("dependencies: {}\n", "[".repeat(100_000)),
        "dependencies:\n  - \"\0\\n$(touch x)\"\n".to_owned(),
        "\"a\\nb\": 1\n\"a\\nb\": 1\ndependencies: [\"a\\n\\e[31mb\", pip: [\"a\\nb\"]]\n"
            .to_owned(),
        "? [a]\n: b\ndependencies:\n  - ? a\n    : b\n  - [[]]\n".to_owned(),
    ] {
        assert_sound(&text);
    }
}

#[test]
fn other_files_are_left_alone() {
    for (name, text, reason) in [
        ("env.yaml", "A: b\nC: 1\n", "it is a list of variables"),
        (
            "env.yaml",
            "on: push\njobs: {a: b}\n",
            "it is a GitHub workflow",
        ),
        (
            "env.yaml",
            "- hosts: all\n  tasks: []\n",
            "it is an Ansible playbook or task list",
        ),
        (
            "env.yaml",
            "$schema: https://azuremlschemas.azureedge.net/x\nname: a\n",
            "it is an Azure ML environment",
        ),
        (
            "Chart.yaml",
            "name: a\ndependencies:\n  - name: b\n    version: 1\n",
            "its `dependencies:` are not conda's",
        ),
        (
            "pubspec.yaml",
            "name: a\ndependencies:\n  b: 1\n",
            "its `dependencies:` are not conda's",
        ),
        (
            "main.yml",
            "galaxy_info: {a: b}\ndependencies: [role]\n",
            "its `dependencies:` are not conda's",
        ),
        ("a.yaml", "", "the file has no content"),
        ("envs/a.yaml", "", "the file has no content"),
        (
            "a.yaml",
            "\0ELF",
            "it holds a zero byte, as a program does, or UTF-16 without a byte order mark",
        ),
        ("envs/a.yaml", "name: dev\n", "it is a list of variables"),
        (
            "envs/a.yaml",
            "name: a\nchannels: [x]\nrelease: b\n",
            "it has no `dependencies:`",
        ),
        ("a.yaml", "hello", "it is a text, not a mapping"),
    ] {
        let expected = SpecKind::NotASpec {
            reason: reason.to_owned(),
        };
        assert_eq!(read(name, text).kind, expected, "{text}");
    }
    for (name, text) in [
        ("anything.yml", "channels: [a]\ndependencies: [b]\n"),
        ("anything.yml", "name: a\ndependencies: [b]\n"),
        ("anything.yml", "name: a\0\ndependencies: [b]\n"),
        ("env.yaml", "dependecies: [b]\n"),
        ("dir/environment.yml", "name: x\n"),
        ("env.yaml", "dependencies:\n  numpy: 1\n"),
        ("workflow/envs/a.yaml", "channels: [a]\n"),
        ("conda-envs\\a.yaml", "dependencies:\n"),
        ("envs/a.yaml", "x: 1\ny: 2\ndependencies: [b]\n"),
    ] {
        assert_eq!(read(name, text).kind, SpecKind::Spec, "{text}");
    }
}

#[test]
fn a_pip_section_at_the_top_level_becomes_an_entry() {
    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let found = read("env.yaml", text).diagnostics;
        let found = found
            .iter()
            .find(|found| found.code == codes::TOP_LEVEL_PIP);
        let fix = found.unwrap().fix.as_ref();
        let fixed = fix.map(|fix| crate::text::apply(text, &fix.edits));
        assert_eq!(fixed.as_deref(), expected, "{text}");
    }
    check(
        "dependencies:\n  - a\npip:\n  - b # why\n  # c\n  - d\nname: x\n",
        Some("dependencies:\n  - a\n  - pip:\n    - b # why\n    # c\n    - d\nname: x\n"),
    );
    check(
        "dependencies:\n- a\npip:\n- b\n- c",
        Some("dependencies:\n- a\n- pip:\n  - b\n  - c"),
    );
    check(
        "dependencies:\r\n  - a\r\npip:\r\n  - b\r\n",
        Some("dependencies:\r\n  - a\r\n  - pip:\r\n    - b\r\n"),
    );
    check("dependencies: [a]\npip:\n  - b\n", None);
    check("dependencies:\n  - a\nname: x\npip:\n  - b\n", None);
    check("dependencies:\n  - a\npip: [b]\n", None);
}

#[test]
fn repositories_of_conda_lock_are_options_of_pip() {
    let spec = |rest: &str| {
        let text = format!("dependencies:\n  - pip\n  - pip: [six]\n{rest}");
        let lines = read("env.yaml", &text).spec.pip.into_iter();
        lines.map(|entry| entry.text.value).collect::<Vec<_>>()
    };
    let repositories = "pip-repositories:\n  - https://$USER:${PASS}@a/simple\n  - https://b/$\n";
    let extra = [
        "--extra-index-url https://${USER}:${PASS}@a/simple",
        "--extra-index-url https://b/$",
        "six",
    ];
    assert_eq!(spec(repositories), extra);
    let alone = spec(&format!("{repositories}allow-pypi-requests: false\n"));
    assert_eq!(alone[0], "--index-url https://${USER}:${PASS}@a/simple");
    assert_eq!(alone[1..], extra[1..]);
    // Without a pip section they are for nothing.
    let text = format!("dependencies: [python]\n{repositories}");
    assert_eq!(read("env.yaml", &text).spec.pip, []);
}
