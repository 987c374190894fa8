//! What is said about malformed MatchSpecs, and that nothing breaks the reading.

use expect_test::{Expect, expect};

use super::*;
use crate::diagnostic::{Applicability, Severity};

/// The problems of one text: code, severity, caret, message, hint and repair.
fn check(text: &str, expected: Expect) {
    expected.assert_eq(&shown(text));
}

fn shown(text: &str) -> String {
    use std::fmt::Write as _;
    let mut shown = format!("{text}\n");
    for problem in parse(text).problems {
        let before = text[..problem.span.start].chars().count();
        let length = text[problem.span.range()].chars().count().max(1);
        writeln!(shown, "{}{}", " ".repeat(before), "^".repeat(length)).unwrap();
        writeln!(
            shown,
            "{} {:?}: {}",
            problem.code, problem.severity, problem.message
        )
        .unwrap();
        for (title, line) in [("hint", problem.hint), ("repair", problem.repair)] {
            if let Some(line) = line {
                writeln!(shown, "  {title}: {line}").unwrap();
            }
        }
    }
    shown
}

#[test]
fn spaces_where_none_belong() {
    check(
        "numpy\t>=1.2",
        expect![[r#"
        numpy	>=1.2
             ^
        MM202 Error: the character U+0009 does not belong here; conda refuses it, micromamba and rattler take it
          repair: numpy >=1.2
    "#]],
    );
    check(
        "\u{a0}numpy",
        expect![[r#"
         numpy
        ^
        MM202 Error: the character U+00A0 does not belong here; conda refuses it, micromamba and rattler take it
          repair: numpy
    "#]],
    );
    check(
        " numpy >=1.2",
        expect![[r#"
         numpy >=1.2
        ^
        MM201 Error: a space stands before the package name; conda refuses it, micromamba and rattler take it
          repair: numpy >=1.2
    "#]],
    );
    check(
        "numpy >=1.2, =1.3",
        expect![[r#"
        numpy >=1.2, =1.3
                   ^
        MM211 Error: the `,` joins nothing: behind a space, `=` begins a build string; conda refuses it, micromamba and rattler take it
          repair: numpy >=1.2,=1.3
    "#]],
    );
    check(
        "numpy =2.4 | =2.6|  =2.7",
        expect![[r#"
        numpy =2.4 | =2.6|  =2.7
                   ^
        MM211 Error: the `|` joins nothing: behind a space, `=` begins a build string; conda and micromamba refuse it, rattler takes it
          repair: numpy =2.4 |=2.6|=2.7
    "#]],
    );
    check(
        "python=3.9\nnumpy",
        expect![[r#"
        python=3.9
        numpy
                  ^
        MM220 Error: a line break stands in the MatchSpec; micromamba refuses it, conda and rattler take it
          hint: Put each package on a line of its own that begins with `- `
    "#]],
    );
}

#[test]
fn an_operator_without_a_version() {
    check(
        "numpy==",
        expect![[r#"
        numpy==
             ^^
        MM210 Error: the operator `==` has no version after it; conda and rattler refuse it, micromamba takes it as any version
          repair: numpy
    "#]],
    );
    check(
        "numpy>=",
        expect![[r#"
        numpy>=
             ^^
        MM210 Error: the operator `>=` has no version after it; conda, micromamba and rattler refuse it
          repair: numpy
    "#]],
    );
    check(
        "python<3.9>",
        expect![[r#"
        python<3.9>
                  ^
        MM210 Error: the operator `>` has no version after it; conda and micromamba refuse it, rattler takes it
          repair: python<3.9
    "#]],
    );
    check(
        "numpy=1.0 ,<",
        expect![[r#"
        numpy=1.0 ,<
                   ^
        MM210 Error: the operator `<` has no version after it; conda and rattler refuse it, micromamba takes it
          repair: numpy=1.0
    "#]],
    );
    check(
        "numpy=1.2=",
        expect![[r#"
        numpy=1.2=
                 ^
        MM210 Error: the `=` has no build string after it; conda refuses it, micromamba and rattler take it
          repair: numpy=1.2
    "#]],
    );
}

#[test]
fn an_operator_that_is_none() {
    check(
        "numpy=>1.2",
        expect![[r#"
        numpy=>1.2
             ^^
        MM209 Error: `=>` is no operator; micromamba and rattler refuse it, conda takes it
          hint: The operators are `=`, `==`, `!=`, `>=`, `<=`, `>`, `<` and `~=`
          repair: numpy>=1.2
    "#]],
    );
    check(
        "numpy===1.2",
        expect![[r#"
        numpy===1.2
             ^^^
        MM209 Error: `===` is no operator; micromamba and rattler refuse it, conda takes it
          hint: The operators are `=`, `==`, `!=`, `>=`, `<=`, `>`, `<` and `~=`
          repair: numpy==1.2
    "#]],
    );
    check(
        "numpy~1.2",
        expect![[r#"
            numpy~1.2
                 ^
            MM209 Error: `~` is no operator; conda, micromamba and rattler refuse it
              hint: `~=1.2` takes 1.3 as well; write `=1.2` for 1.2 alone
              repair: numpy~=1.2
        "#]],
    );
    check(
        "numpy = = 1",
        expect![[r#"
        numpy = = 1
              ^^^
        MM209 Error: `= =` is no operator; conda and rattler refuse it, micromamba takes it
          hint: The operators are `=`, `==`, `!=`, `>=`, `<=`, `>`, `<` and `~=`
          repair: numpy ==1
    "#]],
    );
    check(
        "numpy > =1.2",
        expect![[r#"
        numpy > =1.2
              ^^^
        MM209 Error: `> =` is no operator; conda and rattler refuse it, micromamba takes it
          hint: The operators are `=`, `==`, `!=`, `>=`, `<=`, `>`, `<` and `~=`
          repair: numpy >=1.2
    "#]],
    );
    check(
        "numpy >>>1.2",
        expect![[r#"
        numpy >>>1.2
              ^^^
        MM209 Error: `>>>` is no operator; conda, micromamba and rattler refuse it
          hint: The operators are `=`, `==`, `!=`, `>=`, `<=`, `>`, `<` and `~=`
    "#]],
    );
}

#[test]
fn two_entries_on_one_line() {
    check(
        "dask~=2.9.1  - zarr~=2.1.0",
        expect![[r#"
        dask~=2.9.1  - zarr~=2.1.0
                     ^^^^^^^^^^^^^
        MM212 Error: `- zarr~=2.1.0` is an entry of its own; conda and micromamba refuse it, rattler takes it
          hint: Put it on a line of its own
    "#]],
    );
}

#[test]
fn commas_and_spaces() {
    check(
        "numpy >=1 <2",
        expect![[r#"
        numpy >=1 <2
                 ^
        MM212 Error: a comma must stand before `<2`; conda refuses it, micromamba and rattler take it
          repair: numpy >=1,<2
    "#]],
    );
    check(
        "numpy>=1<2",
        expect![[r#"
        numpy>=1<2
                ^^
        MM212 Error: a comma must stand before `<2`; conda and micromamba refuse it, rattler takes it
          repair: numpy>=1,<2
    "#]],
    );
    check(
        "numpy=1.2 <2 <3",
        expect![[r#"
        numpy=1.2 <2 <3
                 ^
        MM212 Error: a comma must stand before `<2`; conda refuses it, micromamba and rattler take it
          repair: numpy=1.2,<2,<3
    "#]],
    );
    check(
        "numpy>=1,,<2",
        expect![[r#"
        numpy>=1,,<2
                 ^
        MM211 Error: the `,` joins nothing; conda, micromamba and rattler refuse it
          repair: numpy>=1,<2
    "#]],
    );
    check(
        "numpy>=1.2|",
        expect![[r#"
        numpy>=1.2|
                  ^
        MM211 Error: the `|` joins nothing; conda, micromamba and rattler refuse it
          repair: numpy>=1.2
    "#]],
    );
    check(
        "numpy ,<2",
        expect![[r#"
        numpy ,<2
              ^
        MM211 Error: the `,` joins nothing; conda, micromamba and rattler refuse it
          repair: numpy<2
    "#]],
    );
}

#[test]
fn pips_language() {
    check(
        "numpy >=1; python_version<\"3\"",
        expect![[r#"
        numpy >=1; python_version<"3"
                 ^^^^^^^^^^^^^^^^^^^^
        MM204 Error: `; python_version<"3"` is an environment marker, which only pip knows; conda and micromamba refuse it, rattler takes it
          hint: Write `sel(linux): …` for one platform, or move the entry under `pip:`
          repair: numpy >=1
    "#]],
    );
    check(
        "psycopg[binary]>=3",
        expect![[r#"
        psycopg[binary]>=3
               ^^^^^^^^
        MM206 Error: `[binary]` names extras, which only pip knows; rattler refuses it, conda and micromamba take it without them
          hint: Name the conda packages that the extras need, or move the entry under `pip:`
          repair: psycopg>=3
    "#]],
    );
    check(
        "-r requirements.txt",
        expect![[r#"
        -r requirements.txt
        ^^
        MM217 Error: `-r` is an option of pip, not a package; conda refuses it, micromamba and rattler take it
          hint: Move the entry under `pip:`
    "#]],
    );
    check(
        "-e .",
        expect![[r#"
        -e .
        ^^
        MM217 Error: `-e` is an option of pip, not a package; conda and rattler refuse it, micromamba takes it
          hint: Move the entry under `pip:`
    "#]],
    );
    check(
        "git+https://github.com/a/b.git",
        expect![[r#"
        git+https://github.com/a/b.git
        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        MM208 Error: this is no URL of a package file; conda and rattler refuse it, micromamba takes it
          hint: Name a file like `https://host/channel/noarch/name-1.0-0.conda`, or write `channel::name`; what pip installs stands under `pip:`
    "#]],
    );
    check(
        "numpy @ https://x/y",
        expect![[r#"
        numpy @ https://x/y
        ^^^^^^^^^^^^^^^^^^^
        MM208 Error: this is no URL of a package file; conda and rattler refuse it, micromamba takes it
          hint: Name a file like `https://host/channel/noarch/name-1.0-0.conda`, or write `channel::name`; what pip installs stands under `pip:`
    "#]],
    );
}

#[test]
fn brackets_and_quotes() {
    check(
        "numpy[version=1.2",
        expect![[r#"
        numpy[version=1.2
             ^
        MM205 Error: `[` is never closed; conda, micromamba and rattler refuse it
          repair: numpy[version=1.2]
    "#]],
    );
    check(
        "numpy=1.2]",
        expect![[r#"
        numpy=1.2]
                 ^
        MM205 Error: `]` closes nothing; conda, micromamba and rattler refuse it
          repair: numpy=1.2
    "#]],
    );
    check(
        "numpy=1.2[",
        expect![[r#"
        numpy=1.2[
                 ^
        MM205 Error: `[` is never closed; conda, micromamba and rattler refuse it
          repair: numpy=1.2
    "#]],
    );
    check(
        "\"numpy\">=1.2",
        expect![[r#"
        "numpy">=1.2
        ^
        MM203 Error: the quote `"` does not belong here; conda and rattler refuse it, micromamba takes it
          hint: Quote the whole entry as YAML, or only a value in brackets
          repair: numpy>=1.2
    "#]],
    );
    check(
        "\"nvidia::cudatoolkit=11.3",
        expect![[r#"
        "nvidia::cudatoolkit=11.3
        ^
        MM203 Warning: the quote `"` does not belong here
          repair: nvidia::cudatoolkit=11.3
    "#]],
    );
    check(
        "numpy[foo=1]",
        expect![[r#"
        numpy[foo=1]
             ^^^^^^^
        MM207 Error: `[foo=1]` is malformed: `foo` is no key that it can match on; conda and rattler refuse it, micromamba takes it
          hint: Write `[key="value"]` with a key such as version, build, build_number, channel, subdir or md5
    "#]],
    );
    check(
        "numpy[md5=12]",
        expect![[r#"
        numpy[md5=12]
             ^^^^^^^^
        MM207 Error: `[md5=12]` is malformed: `12` is no digest of 32 digits; rattler refuses it, conda and micromamba take it
          hint: Write `[key="value"]` with a key such as version, build, build_number, channel, subdir or md5
    "#]],
    );
    check(
        "numpy(>=1.2)",
        expect![[r#"
        numpy(>=1.2)
        ^^^^^^^^^^^^
        MM220 Error: `numpy(>=1.2)` is no MatchSpec: a package name cannot hold `(`; rattler refuses it, conda and micromamba take it
    "#]],
    );
}

#[test]
fn characters_that_only_look_right() {
    check(
        "numpy ≥1.2",
        expect![[r#"
        numpy ≥1.2
              ^
        MM202 Error: `≥` only looks like `>=`; conda and rattler refuse it, micromamba takes it
          repair: numpy >=1.2
    "#]],
    );
    check(
        "r—base=4.0",
        expect![[r#"
        r—base=4.0
         ^
        MM202 Error: `—` only looks like `-`; conda and rattler refuse it, micromamba takes it
          repair: r-base=4.0
    "#]],
    );
    check(
        "conda—forge::r-base=4.2.3",
        expect![[r#"
        conda—forge::r-base=4.2.3
             ^
        MM202 Warning: `—` only looks like `-`
          repair: conda-forge::r-base=4.2.3
    "#]],
    );
    check(
        "numpy >=1.2",
        expect![[r#"
        numpy >=1.2
             ^
        MM202 Error: the character U+00A0 does not belong here; conda refuses it, micromamba and rattler take it
          repair: numpy >=1.2
    "#]],
    );
}

#[test]
fn versions_and_builds() {
    check(
        "numpy=1..2",
        expect![[r#"
        numpy=1..2
                ^
        MM213 Error: the version `1..2` has an empty part; conda, micromamba and rattler refuse it
          repair: numpy=1.2
    "#]],
    );
    check(
        "numpy>=1.2.",
        expect![[r#"
        numpy>=1.2.
                  ^
        MM213 Error: the version `1.2.` has an empty part; conda and rattler refuse it, micromamba takes it
          repair: numpy>=1.2
    "#]],
    );
    check(
        "numpy=1.2*.1",
        expect![[r#"
            numpy=1.2*.1
                     ^
            MM214 Error: the `*` in `1.2*.1` is not at the end; rattler refuses it, conda and micromamba take it
              hint: Write a range such as `>=1.2,<1.3`, or end the version with `.*`
              repair: numpy=1.2.*
        "#]],
    );
    check(
        "numpy=1.2=foo-bar",
        expect![[r#"
        numpy=1.2=foo-bar
                  ^^^^^^^
        MM216 Error: `foo-bar` is no build string; conda refuses it, micromamba and rattler take it
          hint: A build string has letters, digits, `_`, `.`, `+`, and `*` for anything
    "#]],
    );
    check(
        "numpy=1.2-3_4",
        expect![[r#"
        numpy=1.2-3_4
              ^^^^^^^
        MM215 Error: `1.2-3_4` is no version: a version cannot hold `-`; conda, micromamba and rattler refuse it
    "#]],
    );
    check(
        "numpy=^1.*$",
        expect![[r#"
        numpy=^1.*$
                 ^
        MM214 Error: the `*` in `^1.*$` is not at the end; micromamba and rattler refuse it, conda takes it
          hint: Write a range such as `>=1.2,<1.3`, or end the version with `.*`
    "#]],
    );
}

#[test]
fn names() {
    check(
        ">=1.2",
        expect![[r#"
        >=1.2
        ^^^^^
        MM201 Error: there is no package name before `>=1.2`; conda, micromamba and rattler refuse it
    "#]],
    );
    check(
        "",
        expect![[r#"

        ^
        MM201 Error: there is no package name; rattler refuses it, conda and micromamba take it
    "#]],
    );
    check(
        "ruamel..yaml>=0.11.14,<0.20",
        expect![[r#"
            ruamel..yaml>=0.11.14,<0.20
            ^^^^^^^^^^^^
            MM201 Error: `ruamel..yaml` is no package name; conda refuses it, micromamba and rattler take it
              hint: A name has letters, digits and single `.`, `_` or `-` between them
              repair: ruamel.yaml>=0.11.14,<0.20
        "#]],
    );
    check(
        "py*",
        expect![[r#"
        py*
          ^
        MM201 Error: a package name cannot hold `*`; rattler refuses it, conda and micromamba take it
          hint: A name has letters, digits and single `.`, `_` or `-` between them
    "#]],
    );
    check(
        "NumPy>=1.2",
        expect![[r#"
        NumPy>=1.2
        ^^^^^
        MM219 Information: package names are in lower case; `NumPy` is read as `numpy`
          repair: numpy>=1.2
    "#]],
    );
    check(
        "numpy:1.8",
        expect![[r#"
        numpy:1.8
        ^^^^^^^^^
        MM218 Warning: `numpy:1.8` asks for a package named `1.8`: what stands before a single `:` is passed over
          hint: Write `name=version`, or `channel::name`
          repair: numpy=1.8
    "#]],
    );
    check(
        "conda-forge:numpy",
        expect![[r#"
            conda-forge:numpy
            ^^^^^^^^^^^^^^^^^
            MM218 Warning: `conda-forge:numpy` asks for a package named `numpy`: what stands before a single `:` is passed over
              hint: Write `name=version`, or `channel::name`
              repair: conda-forge::numpy
        "#]],
    );
}

#[test]
fn urls() {
    check(
        "https://x/y.conda",
        expect![[r#"
        https://x/y.conda
        ^^^^^^^^^^^^^^^^^
        MM208 Error: this is no URL of a package file; micromamba and rattler refuse it, conda takes it
          hint: Name a file like `https://host/channel/noarch/name-1.0-0.conda`, or write `channel::name`; what pip installs stands under `pip:`
    "#]],
    );
    check(
        "https://github.com/a/b",
        expect![[r#"
        https://github.com/a/b
        ^^^^^^^^^^^^^^^^^^^^^^
        MM208 Error: this is no URL of a package file; conda and rattler refuse it, micromamba takes it
          hint: Name a file like `https://host/channel/noarch/name-1.0-0.conda`, or write `channel::name`; what pip installs stands under `pip:`
    "#]],
    );
    check(
        "https://conda.anaconda.org/conda-forge/linux-64/pkg-6.4-bld.conda",
        expect![[r#"
            https://conda.anaconda.org/conda-forge/linux-64/pkg-6.4-bld.conda
        "#]],
    );
}

#[test]
fn nothing_to_say() {
    check(
        "numpy",
        expect![[r#"
        numpy
    "#]],
    );
    check(
        "numpy >=1.2,<2 # why",
        expect![[r#"
        numpy >=1.2,<2 # why
    "#]],
    );
    check(
        "conda-forge/linux-64::numpy=1.26=py312*",
        expect![[r#"
        conda-forge/linux-64::numpy=1.26=py312*
    "#]],
    );
    check(
        "numpy[version='>=1.2',build_number=3]",
        expect![[r#"
        numpy[version='>=1.2',build_number=3]
    "#]],
    );
    check(
        "blas=*=openblas",
        expect![[r#"
        blas=*=openblas
    "#]],
    );
    check(
        "python=3.9.*=*_cpython",
        expect![[r#"
        python=3.9.*=*_cpython
    "#]],
    );
}

/// What is understood, and its canonical form.
fn check_meaning(text: &str, expected: Expect) {
    let parsed = parse(text);
    let shown = match &parsed.spec {
        Some(spec) => {
            let constraint = spec.constraint.as_ref().map(VersionSpec::to_string);
            format!(
                "{constraint:?} {:?} {spec}",
                spec.build.as_ref().map(|build| &build.value)
            )
        }
        None => "refused".to_owned(),
    };
    expected.assert_eq(&shown);
}

#[test]
fn the_meaning_is_rattlers() {
    check_meaning("numpy", expect!["None None numpy"]);
    check_meaning("numpy=1.26", expect![[r#"Some("1.26.*") None numpy=1.26"#]]);
    check_meaning("numpy 1.26", expect![[r#"Some("==1.26") None numpy 1.26"#]]);
    check_meaning(
        "numpy==1.26",
        expect![[r#"Some("==1.26") None numpy==1.26"#]],
    );
    check_meaning(
        "numpy=1.26=py310_0",
        expect![[r#"Some("==1.26") Some("py310_0") numpy==1.26=py310_0"#]],
    );
    // The real micromamba reads text and canonical form alike.
    check_meaning(
        "numpy = 1.26 = py310_0",
        expect![[r#"Some("==1.26") Some("py310_0") numpy==1.26=py310_0"#]],
    );
    check_meaning("numpy = 1.2.", expect![[r#"Some("1.2.*") None numpy=1.2"#]]);
    check_meaning(
        "numpy >=1.2 , <2 py3*",
        expect![[r#"Some(">=1.2,<2") Some("py3*") numpy[version=">=1.2,<2",build="py3*"]"#]],
    );
    check_meaning(
        "NumPy[version='>=1.2',build=py3*]",
        expect![[r#"Some(">=1.2") Some("py3*") numpy[version=">=1.2",build="py3*"]"#]],
    );
    check_meaning(
        "conda-forge/linux-64::numpy=1.26.*",
        expect![[r#"Some("1.26.*") None conda-forge/linux-64::numpy=1.26.*"#]],
    );
    check_meaning(
        "numpy==1.2.*[build=py*]",
        expect![[r#"Some("1.2.*") Some("py*") numpy[version="1.2.*",build="py*"]"#]],
    );
    check_meaning(
        "blas[build=mkl]",
        expect![[r#"None Some("mkl") blas[build="mkl"]"#]],
    );
    check_meaning(
        "numpy[channel=c,subdir=noarch,md5=d41d8cd98f00b204e9800998ecf8427e]",
        expect![[r#"None None c/noarch::numpy[md5="d41d8cd98f00b204e9800998ecf8427e"]"#]],
    );
    check_meaning(
        "https://h/c/noarch/pkg-6.4-bld.conda",
        expect!["None None https://h/c/noarch/pkg-6.4-bld.conda"],
    );
    check_meaning(
        "conda-forge:ns:numpy",
        expect!["None None conda-forge::numpy"],
    );
}

#[test]
fn spans_are_places_in_the_text() {
    let text = " conda-forge/linux-64::NumPy >=1.2,<2 py3*[md5=d41d8cd98f00b204e9800998ecf8427e]";
    let spec = parse(text).spec.unwrap();
    let (version, build) = (spec.version.unwrap(), spec.build.unwrap());
    let (channel, subdir) = (spec.channel.unwrap(), spec.subdir.unwrap());
    let (key, value) = &spec.attributes[0];
    for part in [&version, &build, &channel, &subdir, key, value] {
        assert_eq!(text[part.span.range()], part.value);
    }
    assert_eq!(&text[spec.name.span.range()], "NumPy");
}

#[test]
fn a_name_is_found_in_what_is_half_typed() {
    for (text, name) in [
        ("NumPy>=", Some("numpy")),
        ("conda-forge::ruamel.yaml [", Some("ruamel.yaml")),
        ("psycopg[binary", Some("psycopg")),
        ("numpy ; x", Some("numpy")),
        (">=1", None),
        ("", None),
        ("é", None),
    ] {
        assert_eq!(normalized_name(text).as_deref(), name, "{text}");
    }
}

#[test]
fn hostile_lengths_are_refused() {
    for text in [
        "(".repeat(100_000),
        format!("a{}", "[".repeat(100_000)),
        format!("a[{}", "a=".repeat(100_000)),
        format!("a >={}1", "(".repeat(4000)),
    ] {
        assert!(parse(&text).spec.is_none());
    }
}

/// Parts of MatchSpecs in any order: closer to what breaks a reader than arbitrary characters.
fn pieces() -> impl proptest::strategy::Strategy<Value = String> {
    let piece = proptest::sample::select(vec![
        "numpy",
        "NumPy",
        "1.2",
        "1.*",
        "*",
        "=",
        "==",
        ">=",
        "<",
        "!=",
        "~=",
        "!",
        "~",
        ",",
        "|",
        " ",
        "  ",
        "[",
        "]",
        "(",
        ")",
        "\"",
        "'",
        ";",
        "#",
        ":",
        "::",
        "version",
        "build",
        "channel",
        "md5",
        "/",
        ".",
        "-",
        "_",
        "+",
        "^",
        "$",
        "@",
        "https://h/",
        ".conda",
        "≥",
        "—",
        "é",
        "\t",
        "\n",
        "\\",
        " if ",
        "linux-64",
        "py39_0",
    ]);
    use proptest::strategy::Strategy as _;
    proptest::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest::proptest! {
    #[test]
    fn no_text_breaks_it(text in proptest::prop_oneof![pieces(), ".{0,40}"]) {
        let parsed = parse(&text);
        let is_valid = parsed.problems.iter().all(|problem| problem.severity != Severity::Error);
        proptest::prop_assert_eq!(is_valid, parsed.spec.is_some());
        for problem in &parsed.problems {
            proptest::prop_assert!(text.get(problem.span.range()).is_some(), "{:?}", problem);
            if let Some(repair) = &problem.repair {
                proptest::prop_assert!(parse(repair).spec.is_some(), "{:?}", problem);
            }
        }
        if let Some(spec) = parsed.spec {
            spec.to_string();
            let [conda, micromamba, rattler] = understanding::understandings(&text).unwrap();
            let are_alike = conda == micromamba && micromamba == rattler;
            let found = differently(&text, &spec);
            proptest::prop_assert_eq!(found.is_none(), are_alike);
        }
        normalized_name(&text);
    }
}

#[test]
fn a_letter_of_another_script_is_not_dropped() {
    let repair = |text: &str| parse(text).problems.remove(0).repair;
    assert_eq!(repair("pyth\u{43e}n").as_deref(), Some("python"));
    assert_eq!(repair("übung"), None);
}

#[test]
fn a_repair_that_is_a_guess_is_not_safe() {
    let applicability = |text: &str| {
        let problem = parse(text).problems.remove(0);
        (problem.repair.is_some(), problem.applicability)
    };
    assert_eq!(applicability("numpy~>1.2"), (true, Applicability::Safe));
    assert_eq!(applicability("numpy~1.2"), (true, Applicability::Unsafe));
    assert_eq!(applicability("scikit–learn"), (true, Applicability::Safe));
    assert_eq!(applicability("numpy–1.2"), (true, Applicability::Unsafe));
    assert_eq!(applicability("numpy='1.2'"), (true, Applicability::Safe));
    assert_eq!(applicability("num'py"), (true, Applicability::Unsafe));
    for other_name in ["numpy,scipy", "numpy, scipy", "numpy||1"] {
        assert!(!applicability(other_name).0, "{other_name}");
    }
}

#[test]
fn what_other_tools_write() {
    check(
        "numpy^1.2",
        expect![[r#"
        numpy^1.2
             ^
        MM209 Error: `^` is no operator; conda and rattler refuse it, micromamba takes it
          hint: The operators are `=`, `==`, `!=`, `>=`, `<=`, `>`, `<` and `~=`
          repair: numpy>=1.2,<2
    "#]],
    );
    check(
        "numpy ^0.2.1",
        expect![[r#"
        numpy ^0.2.1
              ^
        MM209 Error: `^` is no operator; conda, micromamba and rattler refuse it
          hint: The operators are `=`, `==`, `!=`, `>=`, `<=`, `>`, `<` and `~=`
          repair: numpy>=0.2.1,<0.3
    "#]],
    );
    check(
        "numpy@1.2",
        expect![[r#"
        numpy@1.2
             ^
        MM209 Error: `@` is no operator; conda and rattler refuse it, micromamba takes it
          hint: The operators are `=`, `==`, `!=`, `>=`, `<=`, `>`, `<` and `~=`
          repair: numpy=1.2
    "#]],
    );
    check(
        "numpy@latest",
        expect![[r#"
            numpy@latest
                 ^
            MM201 Error: a package name cannot hold `@`; conda and rattler refuse it, micromamba takes it
              hint: A name has letters, digits and single `.`, `_` or `-` between them
        "#]],
    );
    check(
        "python>=3.8 and <3.9",
        expect![[r#"
        python>=3.8 and <3.9
                   ^^^^^
        MM212 Error: a comma must stand before `<3.9`; conda refuses it, micromamba and rattler take it
          repair: python>=3.8,<3.9
    "#]],
    );
    check(
        "python>=3.8 && <3.9",
        expect![[r#"
        python>=3.8 && <3.9
                   ^^^^
        MM212 Error: a comma must stand before `<3.9`; conda refuses it, micromamba and rattler take it
          repair: python>=3.8,<3.9
    "#]],
    );
    check(
        "numpy=1.2 py39_0 <2",
        expect![[r#"
        numpy=1.2 py39_0 <2
                        ^
        MM212 Error: a comma must stand before `<2`; conda refuses it, micromamba and rattler take it
    "#]],
    );
    check(
        "numpy>===1.2",
        expect![[r#"
        numpy>===1.2
             ^^^^
        MM209 Error: `>===` is no operator; conda, micromamba and rattler refuse it
          hint: The operators are `=`, `==`, `!=`, `>=`, `<=`, `>`, `<` and `~=`
          repair: numpy>=1.2
    "#]],
    );
    check(
        "numpy>=1.2.*.3",
        expect![[r#"
        numpy>=1.2.*.3
                   ^
        MM214 Error: the `*` in `1.2.*.3` is not at the end; rattler refuses it, conda and micromamba take it
          hint: Write a range such as `>=1.2,<1.3`, or end the version with `.*`
          repair: numpy>=1.2
    "#]],
    );
    check(
        "numpy=1.*.3",
        expect![[r#"
        numpy=1.*.3
                ^
        MM214 Error: the `*` in `1.*.3` is not at the end; rattler refuses it, conda and micromamba take it
          hint: Write a range such as `>=1.2,<1.3`, or end the version with `.*`
          repair: numpy=1.*
    "#]],
    );
    check(
        "ruamel..yaml",
        expect![[r#"
        ruamel..yaml
        ^^^^^^^^^^^^
        MM201 Error: `ruamel..yaml` is no package name; conda refuses it, micromamba and rattler take it
          hint: A name has letters, digits and single `.`, `_` or `-` between them
          repair: ruamel.yaml
    "#]],
    );
}
