//! Which files are checked, and what is said of those that cannot be.

use expect_test::expect;

use super::{BROKEN, with_stdin};
use crate::project::Project;

const GOOD: &str = "channels: [conda-forge]\ndependencies: [python=3.12]\n";
const BAD: &str = "channels: [conda-forge]\ndependencies: [\"a==\"]\n";

/// A project with specs where people keep them, and files that are none or nobody's.
fn everywhere() -> Project {
    let mut project = Project::new();
    for path in [
        // Specs.
        "env.yaml",
        ".binder/environment.yml",
        "ci/envs/docs.yaml",
        "ci/deps/py312.yml",
        "ci/env-dev.yml",
        // None's work, or not to be looked at.
        ".devcontainer/mmdev/env.yaml",
        "ignored/env.yaml",
        "node_modules/x/env.yaml",
        ".snakemake/conda/env.yaml",
        "prefix/lib/env.yaml",
        "venv/env.yaml",
    ] {
        project = project.file(path, BAD);
    }
    project
        .file(".gitignore", "/ignored\n")
        .file("prefix/conda-meta/history", "")
        .file("venv/pyvenv.cfg", "")
        .file("compose/env.yaml", "services: {}\n")
        .file("chart/Chart.yaml", "dependencies: [a]\nname: x\n")
        .file("ci/deps/readme.md", BAD)
}

#[test]
fn every_spec_of_the_project() {
    let project = everywhere();
    project.check(&["check", "--message-format", "concise"], expect![[r#"
        exit code: 1
        ----- stdout
        env.yaml:2:18: error[MM210] the operator `==` has no version after it; conda and rattler refuse it, micromamba takes it as any version
        .binder/environment.yml:2:18: error[MM210] the operator `==` has no version after it; conda and rattler refuse it, micromamba takes it as any version
        ci/deps/py312.yml:2:18: error[MM210] the operator `==` has no version after it; conda and rattler refuse it, micromamba takes it as any version
        ci/env-dev.yml:2:18: error[MM210] the operator `==` has no version after it; conda and rattler refuse it, micromamba takes it as any version
        ci/envs/docs.yaml:2:18: error[MM210] the operator `==` has no version after it; conda and rattler refuse it, micromamba takes it as any version
        ----- stderr
             Checked 5 files: 5 errors, 0 warnings
        `mmdev check --fix --unsafe-fixes` mends 5 of them
        `mmdev explain CODE` says more about a rule
    "#]]);
    project.check(
        &[
            "check",
            "ci",
            "env.yaml",
            "ci/env-dev.yml",
            "./env.yaml",
            "--message-format",
            "concise",
        ],
        expect![[r#"
            exit code: 1
            ----- stdout
            ci/deps/py312.yml:2:18: error[MM210] the operator `==` has no version after it; conda and rattler refuse it, micromamba takes it as any version
            ci/env-dev.yml:2:18: error[MM210] the operator `==` has no version after it; conda and rattler refuse it, micromamba takes it as any version
            ci/envs/docs.yaml:2:18: error[MM210] the operator `==` has no version after it; conda and rattler refuse it, micromamba takes it as any version
            env.yaml:2:18: error[MM210] the operator `==` has no version after it; conda and rattler refuse it, micromamba takes it as any version
            ----- stderr
                 Checked 4 files: 4 errors, 0 warnings
            `mmdev check --fix --unsafe-fixes` mends 4 of them
            `mmdev explain CODE` says more about a rule
        "#]],
    );
    // What is asked for is all that is checked.
    project.check(
        &[
            "check",
            "-f",
            "ci/env-dev.yml",
            "--message-format",
            "concise",
        ],
        expect![[r#"
            exit code: 1
            ----- stdout
            ci/env-dev.yml:2:18: error[MM210] the operator `==` has no version after it; conda and rattler refuse it, micromamba takes it as any version
            ----- stderr
                 Checked 1 file: 1 error, 0 warnings
            `mmdev check --fix --unsafe-fixes` mends 1 of them
            `mmdev explain CODE` says more about a rule
        "#]],
    );
}

#[test]
fn a_gitignore_counts_in_its_own_work_tree() {
    let project = Project::new().file(".gitignore", "*\n");
    for path in ["tree/.git/HEAD", "tree/.gitignore", "plain/a/.gitignore"] {
        project.write(path, "no\n");
    }
    for path in [
        "tree/a/env.yaml",
        "tree/a/no/env.yaml",
        "plain/a/env.yaml",
        "plain/a/no/env.yaml",
    ] {
        project.write(path, BAD);
    }
    for folder in ["tree", "tree/a", "plain"] {
        let arguments = ["-C", folder, "check", "--message-format", "concise"];
        let output = project.command(&arguments).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let file = text.split(':').next().unwrap();
        assert_eq!(text.lines().count(), 1, "{folder}: {text}");
        assert!(
            file.ends_with("env.yaml") && !file.contains("no/"),
            "{folder}: {text}"
        );
    }
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_into_circles() {
    let project = Project::new().file("a/env.yaml", BAD);
    std::os::unix::fs::symlink("..", project.root().join("a/up")).unwrap();
    std::os::unix::fs::symlink("self", project.root().join("self")).unwrap();
    std::os::unix::fs::symlink("a", project.root().join("b")).unwrap();
    project.check(
        &["check", ".", "b", "--message-format", "concise"],
        expect![[r#"
            exit code: 1
            ----- stdout
            a/env.yaml:2:18: error[MM210] the operator `==` has no version after it; conda and rattler refuse it, micromamba takes it as any version
            b/env.yaml:2:18: error[MM210] the operator `==` has no version after it; conda and rattler refuse it, micromamba takes it as any version
            ----- stderr
                 Checked 2 files: 2 errors, 0 warnings
            `mmdev check --fix --unsafe-fixes` mends 2 of them
            `mmdev explain CODE` says more about a rule
        "#]],
    );
    project.check(&["check", "self", "a/env.yaml", "-q"], expect![[r#"
        exit code: 3
        ----- stdout
        error[MM210]: the operator `==` has no version after it; conda and rattler refuse it, micromamba takes it as any version
         --> a/env.yaml:2:18
          |
        2 | dependencies: ["a=="]
          |                  ^^
          |
        unsafe fix: Write `a`
          |
        2 - dependencies: ["a=="]
        2 + dependencies: ["a"]
          |

        ----- stderr
        error: cannot read self: Too many levels of symbolic links (os error 40)
    "#]]);
}

#[test]
fn without_a_project_the_specs_are_checked_alone() {
    let project = Project::new()
        .file("env.yaml", GOOD)
        .file("environment.yml", BAD);
    project.check(&["check", "--message-format", "concise"], expect![[r#"
        exit code: 1
        ----- stdout
        environment.yml:2:18: error[MM210] the operator `==` has no version after it; conda and rattler refuse it, micromamba takes it as any version
        ----- stderr
             Checked 2 files: 1 error, 0 warnings
        `mmdev check --fix --unsafe-fixes` mends 1 of them
        `mmdev explain CODE` says more about a rule
    "#]]);
    let project = Project::new().file("sub/env.yaml", GOOD);
    project.check(
        &["check"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Checked 1 file, no problems
    "#]],
    );
    let project = Project::new().file("sub/other.yaml", "a: 1\n");
    project.check(&["check"], expect![[r#"
        exit code: 2
        ----- stderr
        error: [FOLDER]/project has no spec called env.yaml, env.yml, environment.yml or environment.yaml
        hint: mmdev init python requests writes a spec with these packages
    "#]]);
    project.check(
        &["check", "sub"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Checked 0 files, no problems
    "#]],
    );
}

#[test]
fn what_cannot_be_read_is_said() {
    let long = format!("{GOOD}# {}\n", "x".repeat(1 << 20));
    let project = Project::new()
        .file("env.yaml", GOOD)
        .file("big/env.yaml", &long)
        .file("big/data.yaml", &long);
    project.check(
        &["check"],
        expect![[r#"
        exit code: 0
        ----- stderr
        warning: big/env.yaml is bigger than 1 MiB, which no spec is: it was left alone
             Checked 1 file, no problems
    "#]],
    );
    project.check(
        &["check", "big/data.yaml", "env.yaml"],
        expect![[r#"
        exit code: 0
        ----- stderr
        warning: big/data.yaml is bigger than 1 MiB, which no spec is: it was left alone
             Checked 1 file, no problems
    "#]],
    );
    std::fs::write(
        project.root().join("env.yaml"),
        b"channels: [conda-forge]\ndependencies: [python] # caf\xe9\n",
    )
    .unwrap();
    let utf16: Vec<u8> = GOOD.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf16 = [&[0xff, 0xfe], utf16.as_slice()].concat();
    std::fs::write(project.root().join("env16.yaml"), utf16).unwrap();
    project.check(
        &[
            "check",
            "env.yaml",
            "env16.yaml",
            "--message-format",
            "concise",
        ],
        expect![[r#"
            exit code: 1
            ----- stdout
            env.yaml:2:16: information[MM503] `python` may be any version: the newest that fits, which changes
            env.yaml:2:29: error[MM001] this character is not UTF-8
            env16.yaml:1:1: error[MM001] the file is UTF-16, which `>` writes in PowerShell
            ----- stderr
                 Checked 2 files: 2 errors, 0 warnings, 1 remark
            `mmdev explain CODE` says more about a rule
        "#]],
    );
}

#[test]
fn stdin_may_have_a_name() {
    let project = Project::new();
    let arguments = ["check", "-", "--stdin-filename", "a/env.yaml"];
    let arguments = [&arguments[..], &["--message-format", "concise"]].concat();
    let output = with_stdin(&project, &arguments, BAD.as_bytes());
    expect![[r#"
        exit code: 1
        ----- stdout
        a/env.yaml:2:18: error[MM210] the operator `==` has no version after it; conda and rattler refuse it, micromamba takes it as any version
        ----- stderr
             Checked 1 file: 1 error, 0 warnings
        `mmdev check --fix --unsafe-fixes` mends 1 of them
        `mmdev explain CODE` says more about a rule
    "#]].assert_eq(&project.shown(output));
    project.check(
        &["check", "--stdin-filename", "env.yaml"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: --stdin-filename goes with `-`
        hint: see what goes together: mmdev check --help
    "#]],
    );
}

#[test]
fn rules_are_selected() {
    let project = Project::new().file("env.yaml", BROKEN);
    project.check(
        &[
            "check",
            "--select",
            "MM209,missing-version",
            "--ignore",
            "MM210",
            "--message-format",
            "concise",
        ],
        expect![[r#"
            exit code: 1
            ----- stdout
            env.yaml:1:7: warning[MM611] the environment is `base` alone: `é` cannot be its second name
            env.yaml:4:11: error[MM209] `=>` is no operator; micromamba and rattler refuse it, conda takes it
            ----- stderr
                 Checked 1 file: 1 error, 1 warning
            `mmdev check --fix` mends 1 of them
            `mmdev explain CODE` says more about a rule
        "#]],
    );
    project.check(
        &[
            "check",
            "--ignore",
            "MM2",
            "--ignore",
            "mm611",
            "--message-format",
            "concise",
        ],
        expect![[r#"
            exit code: 0
            ----- stdout
            env.yaml:1:7: warning[MM611] the environment is `base` alone: `é` cannot be its second name
            ----- stderr
                 Checked 1 file: 0 errors, 1 warning
            `mmdev explain CODE` says more about a rule
        "#]],
    );
    project.check(
        &["check", "--select", "MM3O5"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: there is no rule `MM3O5`
        hint: did you mean MM305?
        hint: list all rules: mmdev rules
    "#]],
    );
    project.check(
        &["check", "--ignore", "E501"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: there is no rule `E501`
        hint: list all rules: mmdev rules
    "#]],
    );
}

#[test]
fn warnings_may_be_denied() {
    let project = Project::new().file(
        "env.yaml",
        "channels: [\"http://example.org/a\"]\ndependencies: [python=3.12]\n",
    );
    project.check(&["check", "--message-format", "concise"], expect![[r#"
        exit code: 0
        ----- stdout
        env.yaml:1:12: warning[MM305] the channel `http://example.org/a` is read over HTTP, where anybody can change it
        ----- stderr
             Checked 1 file: 0 errors, 1 warning
        `mmdev check --fix --unsafe-fixes` mends 1 of them
        `mmdev explain CODE` says more about a rule
    "#]]);
    project.check(
        &[
            "check",
            "--deny-warnings",
            "-q",
            "--message-format",
            "concise",
        ],
        expect![[r#"
            exit code: 1
            ----- stdout
            env.yaml:1:12: warning[MM305] the channel `http://example.org/a` is read over HTTP, where anybody can change it
        "#]],
    );
}

#[test]
fn what_no_container_can_have_is_said_of_a_file_and_once_of_a_project() {
    let project = Project::new().file(
        "env.yaml",
        "channels: ['https://host/t/ab-1234/c', ./local]\ndependencies: [python=3.12]\nvariables: {PATH: x}\n",
    );
    for arguments in [
        &["check", "env.yaml", "--message-format", "concise"][..],
        &["check", "--message-format", "concise"],
    ] {
        project.check(arguments, expect![[r#"
            exit code: 1
            ----- stdout
            env.yaml:1:12: error[MM613] the channel `https://host/t/***/c` holds a secret
            env.yaml:1:40: error[MM614] the channel `./local` is a folder of this machine, which an image build does not see
            env.yaml:3:13: error[MM611] the variable `PATH` belongs to the image and cannot be set
            ----- stderr
                 Checked 1 file: 3 errors, 0 warnings
            `mmdev explain CODE` says more about a rule
        "#]]);
    }
}
