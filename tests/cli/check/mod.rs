//! `mmdev check`: findings for people and for programs.

mod channels;
mod finding;
mod fixing;
mod locks;
mod output;
#[cfg(unix)]
mod watching;

use std::io::Write;
use std::process::{Output, Stdio};

use expect_test::expect;

use crate::project::Project;

const BROKEN: &str =
    "name: é\nchannels: [conda-forge]\ndependencies:\n  - python=>3\n  - numpy==\n";

#[test]
fn findings() {
    let project = Project::new().file("env.yaml", BROKEN);
    project.check(
        &["check"],
        expect![[r#"
            exit code: 1
            ----- stdout
            warning[MM611]: the environment is `base` alone: `é` cannot be its second name
             --> env.yaml:1:7
              |
            1 | name: é
              |       ^
              |
              = hint: Use letters, digits, `_`, `-` and `.`

            error[MM209]: `=>` is no operator; micromamba and rattler refuse it, conda takes it
             --> env.yaml:4:11
              |
            4 |   - python=>3
              |           ^^
              |
              = hint: The operators are `=`, `==`, `!=`, `>=`, `<=`, `>`, `<` and `~=`
            fix: Write `python>=3`
              |
            4 -   - python=>3
            4 +   - python>=3
              |

            error[MM210]: the operator `==` has no version after it; conda and rattler refuse it, micromamba takes it as any version
             --> env.yaml:5:10
              |
            5 |   - numpy==
              |          ^^
              |
            unsafe fix: Write `numpy`
              |
            5 -   - numpy==
            5 +   - numpy
              |

            ----- stderr
                 Checked 1 file: 2 errors, 1 warning
            `mmdev check --fix` mends 1 of them, with `--unsafe-fixes` 1 more
            `mmdev explain CODE` says more about a rule
        "#]],
    );
    project.check(&["check", "--message-format", "json"], expect![[r#"
        exit code: 1
        ----- stdout
        {"format":1,"file":"env.yaml","code":"MM611","severity":"warning","line":1,"column":7,"end_line":1,"end_column":8,"message":"the environment is `base` alone: `é` cannot be its second name","hint":"Use letters, digits, `_`, `-` and `.`","fixable":false}
        {"format":1,"file":"env.yaml","code":"MM209","severity":"error","line":4,"column":11,"end_line":4,"end_column":13,"message":"`=>` is no operator; micromamba and rattler refuse it, conda takes it","hint":"The operators are `=`, `==`, `!=`, `>=`, `<=`, `>`, `<` and `~=`","fixable":true,"fix":{"title":"Write `python>=3`","safe":true,"edits":[{"line":4,"column":5,"end_line":4,"end_column":14,"text":"python>=3"}]}}
        {"format":1,"file":"env.yaml","code":"MM210","severity":"error","line":5,"column":10,"end_line":5,"end_column":12,"message":"the operator `==` has no version after it; conda and rattler refuse it, micromamba takes it as any version","fixable":true,"fix":{"title":"Write `numpy`","safe":false,"edits":[{"line":5,"column":5,"end_line":5,"end_column":12,"text":"numpy"}]}}
        {"format":1,"reason":"check-finished","files":1,"errors":2,"warnings":1,"remarks":0,"safe_fixes":1,"unsafe_fixes":1,"fixed":0}
        ----- stderr
             Checked 1 file: 2 errors, 1 warning
        `mmdev check --fix` mends 1 of them, with `--unsafe-fixes` 1 more
        `mmdev explain CODE` says more about a rule
    "#]]);
    project.check(
        &["generate"],
        expect![[r#"
            exit code: 1
            ----- stderr
            warning[MM611]: the environment is `base` alone: `é` cannot be its second name
             --> env.yaml:1:7
              |
            1 | name: é
              |       ^
              |
              = hint: Use letters, digits, `_`, `-` and `.`

            error[MM209]: `=>` is no operator; micromamba and rattler refuse it, conda takes it
             --> env.yaml:4:11
              |
            4 |   - python=>3
              |           ^^
              |
              = hint: The operators are `=`, `==`, `!=`, `>=`, `<=`, `>`, `<` and `~=`
            fix: Write `python>=3`
              |
            4 -   - python=>3
            4 +   - python>=3
              |

            error[MM210]: the operator `==` has no version after it; conda and rattler refuse it, micromamba takes it as any version
             --> env.yaml:5:10
              |
            5 |   - numpy==
              |          ^^
              |
            unsafe fix: Write `numpy`
              |
            5 -   - numpy==
            5 +   - numpy
              |

            error: nothing was done: the project has 2 errors
            hint: mend what is said above; mmdev explain CODE says more
        "#]],
    );
    project.write(
        "env.yaml",
        "channels: [conda-forge]\ndependencies: [python=3.12]\n",
    );
    project.check(
        &["check"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Checked 1 file, no problems
    "#]],
    );
    project.check(
        &["check", "-q"],
        expect![[r#"
        exit code: 0
    "#]],
    );
}

#[test]
fn files_by_name() {
    let project = Project::new()
        .file(
            "good.yaml",
            "channels: [conda-forge]\ndependencies: [python=3.12]\n",
        )
        .file("workflow.yaml", "on: push\njobs: {}\n");
    project.check(
        &["check", "good.yaml", "workflow.yaml"],
        expect![[r#"
        exit code: 0
        ----- stderr
        warning: workflow.yaml is no conda environment and was left alone: it is a GitHub workflow
             Checked 1 file, no problems
    "#]],
    );
    project.check(
        &["check", "absent.yaml"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: there is no absent.yaml
    "#]],
    );
}

/// Runs the binary with `text` on stdin.
fn with_stdin(project: &Project, arguments: &[&str], text: &[u8]) -> Output {
    let mut child = project
        .command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn stdin_is_a_file() {
    let project = Project::new();
    let arguments = ["check", "-", "--message-format=json"];
    let output = with_stdin(&project, &arguments, b"dependencies: [\"a==\"]\n");
    expect![[r#"
        exit code: 1
        ----- stdout
        {"format":1,"file":"stdin","code":"MM303","severity":"information","line":1,"column":1,"end_line":1,"end_column":13,"message":"the spec names no channels: conda and micromamba take those of each person's configuration, mmdev conda-forge","hint":"Add `channels:` above","fixable":true,"fix":{"title":"Add `conda-forge`","safe":false,"edits":[{"line":1,"column":1,"end_line":1,"end_column":1,"text":"channels:\n  - conda-forge\n"}]}}
        {"format":1,"file":"stdin","code":"MM210","severity":"error","line":1,"column":18,"end_line":1,"end_column":20,"message":"the operator `==` has no version after it; conda and rattler refuse it, micromamba takes it as any version","fixable":true,"fix":{"title":"Write `a`","safe":false,"edits":[{"line":1,"column":16,"end_line":1,"end_column":21,"text":"\"a\""}]}}
        {"format":1,"reason":"check-finished","files":1,"errors":1,"warnings":0,"remarks":1,"safe_fixes":0,"unsafe_fixes":2,"fixed":0}
        ----- stderr
             Checked 1 file: 1 error, 0 warnings, 1 remark
        `mmdev check --fix --unsafe-fixes` mends 2 of them
        `mmdev explain CODE` says more about a rule
    "#]]
    .assert_eq(&project.shown(output));
}

#[test]
fn nobody_reads() {
    let project = Project::new().file("env.yaml", BROKEN);
    let mut child = project
        .command(&["check"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The reader goes away at once, as `head` does.
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    expect![[r#"
        exit code: 1
        ----- stderr
             Checked 1 file: 2 errors, 1 warning
        `mmdev check --fix` mends 1 of them, with `--unsafe-fixes` 1 more
        `mmdev explain CODE` says more about a rule
    "#]]
    .assert_eq(&project.shown(output));
}

#[test]
fn colours_are_as_asked() {
    let project = Project::new().file("env.yaml", BROKEN);
    let has_colours = |arguments: &[&str], variable: (&str, &str)| {
        let output = project
            .command(arguments)
            .env(variable.0, variable.1)
            .output()
            .unwrap();
        output.stdout.contains(&0x1b)
    };
    assert!(!has_colours(&["check"], ("NO_COLOR", "")));
    assert!(has_colours(&["check"], ("CLICOLOR_FORCE", "1")));
    assert!(has_colours(&["check"], ("MMDEV_COLOR", "always")));
    assert!(has_colours(
        &["check", "--color", "always"],
        ("NO_COLOR", "1")
    ));
    assert!(!has_colours(
        &["--color", "never", "check"],
        ("MMDEV_COLOR", "always")
    ));
}
