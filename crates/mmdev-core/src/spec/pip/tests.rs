//! What is said about lines of a pip section.

use super::*;

use expect_test::{Expect, expect};

fn check(text: &str, expected: Expect) {
    use std::fmt::Write as _;
    let (line, problems) = parse_line(text);
    let mut shown = format!("{line:?}\n");
    for problem in problems {
        let place = &text[problem.span.range()];
        writeln!(
            shown,
            "{} {:?} at {place:?}: {}",
            problem.code, problem.severity, problem.message
        )
        .unwrap();
        for (title, line) in [("hint", problem.hint), ("repair", problem.repair)] {
            if let Some(line) = line {
                writeln!(shown, "  {title}: {line}").unwrap();
            }
        }
    }
    expected.assert_eq(&shown);
}

#[test]
fn packages_are_named_as_pep_503_says() {
    check(
        "Foo_Bar[x,y]>=1 ; python_version < '3.9'",
        expect![[r#"
        Package { name: "foo-bar" }
    "#]],
    );
    check(
        "x @ https://h/a.whl",
        expect![[r#"
        Package { name: "x" }
    "#]],
    );
    check(
        "numpy==1 --hash=sha256:ab  # comment",
        expect![[r#"
        Package { name: "numpy" }
    "#]],
    );
    check(
        "a \\\n ==1",
        expect![[r#"
        Package { name: "a" }
    "#]],
    );
}

#[test]
fn a_comma_at_the_end_is_taken() {
    check(
        "numpy>=1.2, ; python_version > '3'",
        expect![[r#"
        Package { name: "numpy" }
    "#]],
    );
    check(
        "numpy>=1.2,,",
        expect![[r#"
            Malformed
            MM401 Error at ",": `numpy>=1.2,,` is no requirement: unexpected end of version specifier, expected operator; pip refuses it
              repair: numpy>=1.2
        "#]],
    );
}

#[test]
fn urls_and_paths_are_told_apart() {
    check(
        "git+https://h/a@v1#egg=a",
        expect![[r#"
        Url
    "#]],
    );
    check(
        "-e git+https://h/a#egg=a",
        expect![[r#"
        Url
    "#]],
    );
    check(
        "https://h/a.whl",
        expect![[r#"
        Url
    "#]],
    );
    check(
        ".",
        expect![[r#"
        Path { path: ".", editable: false }
    "#]],
    );
    check(
        "./pkg[extra]",
        expect![[r#"
        Path { path: "./pkg", editable: false }
    "#]],
    );
    check(
        "-e ./pkg[extra]",
        expect![[r#"
        Path { path: "./pkg", editable: true }
    "#]],
    );
    check(
        "--editable=.",
        expect![[r#"
        Path { path: ".", editable: true }
    "#]],
    );
    check(
        "-e.",
        expect![[r#"
        Path { path: ".", editable: true }
    "#]],
    );
    check(
        "pkg-1.0-py3-none-any.whl",
        expect![[r#"
        Path { path: "pkg-1.0-py3-none-any.whl", editable: false }
    "#]],
    );
}

#[test]
fn files_are_named_as_written() {
    check(
        "-r ../requirements.txt",
        expect![[r#"
        RequirementsFile { path: "../requirements.txt" }
    "#]],
    );
    check(
        "--requirement=a.txt",
        expect![[r#"
        RequirementsFile { path: "a.txt" }
    "#]],
    );
    check(
        "-rb.txt",
        expect![[r#"
        RequirementsFile { path: "b.txt" }
    "#]],
    );
    check(
        "-c c.txt",
        expect![[r#"
        ConstraintsFile { path: "c.txt" }
    "#]],
    );
}

#[test]
fn options_of_the_file_are_options() {
    check(
        "--extra-index-url https://h",
        expect![[r#"
        Option
    "#]],
    );
    check(
        "-i https://h",
        expect![[r#"
        Option
    "#]],
    );
    check(
        "--pre --find-links x",
        expect![[r#"
        Option
    "#]],
    );
    check(
        "--no-binary :all:",
        expect![[r#"
        Option
    "#]],
    );
}

#[test]
fn options_that_pip_does_not_take_here() {
    check(
        "--no-deps",
        expect![[r#"
        Option
        MM402 Error at "--no-deps": pip does not take `--no-deps` in a requirements file
          hint: Only options of pip's requirements file format have an effect here; remove the others
    "#]],
    );
    check(
        "--index-url",
        expect![[r#"
        Option
        MM403 Error at "--index-url": `--index-url` has no value; pip refuses it
    "#]],
    );
    check(
        "numpy==1 --pre",
        expect![[r#"
        Package { name: "numpy" }
        MM404 Warning at "--pre": `--pre` behind a requirement has no effect; pip passes over it
          hint: Give the option an entry of its own
    "#]],
    );
    check(
        "--pre numpy",
        expect![[r#"
        Option
        MM404 Warning at "numpy": pip passes over `numpy`
    "#]],
    );
    check(
        "-",
        expect![[r#"
        Option
        MM404 Warning at "-": pip passes over `-`
    "#]],
    );
}

#[test]
fn condas_language_is_recognised() {
    check(
        "numpy=1.2=py39_0",
        expect![[r#"
            Malformed
            MM405 Error at "numpy=1.2=py39_0": `numpy=1.2=py39_0` is in conda's language, which pip refuses
              hint: pip writes `==` for a version, joins comparisons with commas, and knows no build strings or channels
              repair: numpy==1.2
        "#]],
    );
    check(
        "fiona=~1.9",
        expect![[r#"
            Malformed
            MM405 Error at "fiona=~1.9": `fiona=~1.9` is in conda's language, which pip refuses
              hint: pip writes `==` for a version, joins comparisons with commas, and knows no build strings or channels
              repair: fiona~=1.9
        "#]],
    );
    check(
        "ConfigArgParse 0.13.*",
        expect![[r#"
            Malformed
            MM405 Error at "ConfigArgParse 0.13.*": `ConfigArgParse 0.13.*` is in conda's language, which pip refuses
              hint: pip writes `==` for a version, joins comparisons with commas, and knows no build strings or channels
              repair: ConfigArgParse==0.13.*
        "#]],
    );
    check(
        "conda-forge::numpy",
        expect![[r#"
            Malformed
            MM405 Error at "conda-forge::numpy": `conda-forge::numpy` is in conda's language, which pip refuses
              hint: pip writes `==` for a version, joins comparisons with commas, and knows no build strings or channels
              repair: numpy
        "#]],
    );
    check(
        "numpy >=1 <2",
        expect![[r#"
            Malformed
            MM405 Error at "numpy >=1 <2": `numpy >=1 <2` is in conda's language, which pip refuses
              hint: pip writes `==` for a version, joins comparisons with commas, and knows no build strings or channels
              repair: numpy >=1,<2
        "#]],
    );
    check(
        "numpy =>1",
        expect![[r#"
            Malformed
            MM405 Error at "numpy =>1": `numpy =>1` is in conda's language, which pip refuses
              hint: pip writes `==` for a version, joins comparisons with commas, and knows no build strings or channels
              repair: numpy>=1
        "#]],
    );
}

#[test]
fn malformed_requirements_have_a_caret() {
    check(
        "numpy==",
        expect![[r#"
            Malformed
            MM401 Error at "==": `numpy==` is no requirement: unexpected end of version specifier, expected version; pip refuses it
        "#]],
    );
    check(
        "foo @ ./bar",
        expect![[r#"
        Malformed
        MM401 Error at "./bar": `foo @ ./bar` is no requirement: `./bar` is no URL; pip refuses it
    "#]],
    );
    check(
        "git@github.com:x/y.git",
        expect![[r#"
            Malformed
            MM401 Error at "git@github.com:x/y.git": `git@github.com:x/y.git` is no requirement; pip refuses it
              hint: Write `git+ssh://git@host/owner/name.git`
              repair: git+ssh://git@github.com/x/y.git
        "#]],
    );
    check(
        "git+git@github.com:x/y.git",
        expect![[r#"
            Malformed
            MM401 Error at "git+git@github.com:x/y.git": `git+git@github.com:x/y.git` is no URL: it lacks `://`; pip refuses it
              hint: Write `git+ssh://git@host/owner/name.git` or `git+https://host/owner/name.git`
              repair: git+ssh://git@github.com/x/y.git
        "#]],
    );
    check(
        "x;python_version<3",
        expect![[r#"
            Malformed
            MM401 Error at "3": `x;python_version<3` is no requirement: expected a quoted string or a valid marker name, found `3`; pip refuses it
              repair: x; python_version < "3"
        "#]],
    );
    check(
        "é",
        expect![[r#"
            Malformed
            MM401 Error at "é": `é` is no requirement: expected package name starting with an alphanumeric character, found `é`; pip refuses it
        "#]],
    );
    check(
        "=",
        expect![[r#"
            Malformed
            MM401 Error at "=": `=` is no requirement: expected package name starting with an alphanumeric character, found `=`; pip refuses it
        "#]],
    );
    check(
        "a\nb",
        expect![[r#"
        Malformed
        MM406 Error at "a\nb": one entry holds several lines
          hint: Write one entry for each line
    "#]],
    );
    check(
        "# only a comment",
        expect![[r##"
        Malformed
        MM404 Warning at "# only a comment": the entry holds no requirement; pip passes over it
    "##]],
    );
}

#[test]
fn the_usual_slips_are_repaired() {
    for (text, repair) in [
        ("numpy>1.0,<", "numpy>1.0"),
        ("numpy>1,,<2", "numpy>1,<2"),
        ("numpy>=1.0 and <2", "numpy>=1.0,<2"),
        ("numpy==1.0.*.*", "numpy==1.0.*"),
        ("numpy>=1.*", "numpy>=1"),
        ("numpy>=1.0.x", "numpy>=1.0"),
        ("numpy=~1", "numpy~=1.0"),
        ("numpy~1.2", "numpy~=1.2"),
        ("numpy<>1.2", "numpy!=1.2"),
        ("numpy:1.2", "numpy==1.2"),
        ("numpy> =1.0", "numpy>=1.0"),
        ("a[b", "a[b]"),
        ("a[b c]]>1", "a[b,c]>1"),
        ("'a==1'", "a==1"),
        ("pip install a", "a"),
        (
            "a >= 1.0 ; python_version < 3",
            "a>=1.0; python_version < \"3\"",
        ),
        ("a;python_version>='3.8", "a; python_version >= '3.8'"),
        ("a>=1 python_version<\"3\"", "a>=1; python_version < \"3\""),
        (
            "a; sys_platform=linux && os_name != 'nt' or",
            "a; sys_platform == \"linux\" and os_name != 'nt'",
        ),
        ("a>=1;", "a>=1"),
        ("-e git@h.org:o/n.git", "-e git+ssh://git@h.org/o/n.git"),
        ("git@h.org:o/n.git", "git+ssh://git@h.org/o/n.git"),
        ("git+git@h.org:o/n.git", "git+ssh://git@h.org/o/n.git"),
        ("git://h.org/o/n@v1", "git+https://h.org/o/n@v1"),
        // What was meant is not known.
        ("numpy==", ""),
        ("numpy==latest", ""),
        ("a b", ""),
        ("a==1.0 if python", ""),
        ("a==1.0==1.1", ""),
        ("a; platform == 'linux'", ""),
    ] {
        let (_, problems) = parse_line(text);
        let repaired = problems.first().and_then(|problem| problem.repair.clone());
        assert_eq!(repaired.unwrap_or_default(), repair, "{text}");
        if !repair.is_empty() {
            assert_eq!(parse_line(repair).1, [], "{repair}");
        }
    }
}

/// What packaging 26.3, which pip carries, refuses among the entries of the corpus. `-` is an option to pip,
/// and without meaning.
const REFUSED: &[&str] = &[
    "--no-deps",
    "-",
    "-e git+{ARGH_PATH_PLACEHOLDER}#egg=argh",
    "=",
    "ConfigArgParse 0.13.*",
    "classy=2.8.0",
    "classy=3.2.0.1",
    "dataclasses-json 0.2.*",
    "fiona=~1.9",
    "multiqc=1.4",
    "multiqc=1.6",
    "python-crontab 2.3.*",
];

#[test]
#[ignore = "needs MMDEV_CORPUS"]
fn real_entries_raise_no_false_alarm() {
    let mut count = 0;
    for (_, text) in crate::corpus::specs() {
        let read = crate::spec::read("env.yaml", &text);
        // What a broken file still gives may be cut short.
        if read.diagnostics.iter().any(|found| found.code.0 == "MM001") {
            continue;
        }
        for entry in read.spec.pip {
            count += 1;
            let entry = entry.text.value;
            let (_, problems) = parse_line(&entry);
            let is_error = problems
                .iter()
                .any(|problem| problem.severity == Severity::Error);
            assert!(
                !is_error || REFUSED.contains(&entry.as_str()),
                "{entry:?}: {problems:?}"
            );
        }
    }
    assert!(count > 2000, "only {count} entries were found");
}

proptest::proptest! {
    #[test]
    fn no_text_breaks_it(text in "\\PC{0,40}|[-a-z0-9=<>!~;,@:/.+#\\[\\] \\\\\n\"'$é]{0,40}") {
        let (_, problems) = parse_line(&text);
        for problem in problems {
            proptest::prop_assert!(text.get(problem.span.range()).is_some(), "{problem:?}");
        }
    }

    #[test]
    fn a_repaired_requirement_is_one(
        text in "[ab][-a1=<>!~:,;.* \\[\\]x&|'\"]{0,12}( ?;? ?(python_version|os_name|b) ?[<>=!~]{0,2} ?['\"]?[3.nt]{0,4}['\"]?)?"
    ) {
        let (_, problems) = parse_line(&text);
        for repair in problems.into_iter().filter_map(|problem| problem.repair) {
            let (line, left) = parse_line(&repair);
            // An option behind it is another mistake.
            let of_it = [codes::REQUIREMENT, codes::CONDA_SYNTAX];
            let is_mended = !left.iter().any(|problem| of_it.contains(&problem.code));
            let is_good = line != PipLine::Malformed && is_mended;
            proptest::prop_assert!(is_good, "{text:?} became {repair:?}: {left:?}");
        }
    }
}

/// pep508_rs panics on each of them as it stands.
#[test]
fn what_breaks_the_library_is_read() {
    for text in [
        "a ; sys_platform == 'linux'¡ not x in 'y'",
        "a ; sys_platform == 'linux' and'é' == x",
        "a_ >= 1",
        "a[b_] >= 1",
    ] {
        assert_eq!(parse_line(text).0, PipLine::Malformed, "{text}");
        assert!(requirement(text).is_none(), "{text}");
    }
    let quoted = "a ; platform_version == 'é'";
    assert!(matches!(parse_line(quoted).0, PipLine::Package { .. }));
    assert!(requirement(quoted).is_some());
}
