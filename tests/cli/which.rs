//! Which project, which spec, which settings: what is found, what is named, and what is refused.

use expect_test::expect;

use crate::project::Project;

const SPEC: &str = "channels: [conda-forge]\ndependencies:\n  - python=3.12\n";

#[test]
fn what_was_asked_for_is_kept() {
    let project = Project::new().file("a.yaml", SPEC).file(
        "b/env.yaml",
        "channels: [conda-forge]\ndependencies: [requests]\n",
    );
    project.check(
        &["generate", "-f", "a.yaml", "-f", "b/env.yaml", "-q"],
        expect![[r#"
            exit code: 0
        "#]],
    );
    project.check(
        &["generate"],
        expect![[r#"
        exit code: 0
        ----- stderr
               Fresh every file is as the spec says
    "#]],
    );
    expect![[r##"
        # mmdev: 6a64db6a1089dda7
        channels:
          - "conda-forge"
        dependencies:
          - "python=3.12"
          - "requests"
    "##]]
    .assert_eq(&project.read(".devcontainer/mmdev/env.yaml"));
    project.check(
        &[
            "generate",
            "--env",
            "one=a.yaml",
            "--env",
            "two=b/env.yaml",
            "--env",
            "two",
        ],
        expect![[r#"
            exit code: 0
            ----- stderr
                 Updated .devcontainer/mmdev/Dockerfile
                 Updated .devcontainer/mmdev/activate.sh
                 Updated .devcontainer/mmdev/activate.fish
                 Created .devcontainer/mmdev/one.env.yaml
                 Created .devcontainer/mmdev/two.env.yaml
                 Deleted .devcontainer/mmdev/env.yaml
                 Updated .devcontainer/devcontainer.json

            Updated 7 files; commit them.
            Next: mmdev up, or F1 → Reopen in Container.
        "#]],
    );
    project.check(
        &["-C", "b", "generate", "-f", "../a.yaml"],
        expect![[r#"
            exit code: 2
            ----- stderr
            error: [FOLDER]/project/a.yaml is outside of the project [FOLDER]/project/b
            hint: name the project's folder with -C, and the file from there
        "#]],
    );
    project.check(
        &["generate", "-f", "a.yaml", "--env", "x=a.yaml"],
        expect![[r#"
            exit code: 2
            ----- stderr
            error: -f and --env NAME=FILE cannot be used together
            hint: -f merges files into one environment, --env makes one of each
        "#]],
    );
}

#[test]
fn a_name_that_settings_refuse_is_never_written_into_them() {
    let project = Project::new().file("env.yaml", SPEC);
    project.check(&["generate", "--env", "../x=env.yaml"], expect![[r#"
        exit code: 2
        ----- stderr
        error: invalid value '../x=env.yaml' for '--env <NAME[=FILE]>': a name has letters, digits, `_`, `-` and `.`

        For more information, try '--help'.
    "#]]);
    project.check(&["generate", "--env", "a b=env.yaml"], expect![[r#"
        exit code: 2
        ----- stderr
        error: invalid value 'a b=env.yaml' for '--env <NAME[=FILE]>': a name has letters, digits, `_`, `-` and `.`

        For more information, try '--help'.
    "#]]);
    assert_eq!(project.tree(), "env.yaml\n");
}

#[test]
fn what_is_no_spec_is_never_taken_for_one() {
    let project = Project::new().file("env.yaml", "on: push\njobs: {a: {runs-on: x}}\n");
    project.check(&["generate"], expect![[r#"
        exit code: 2
        ----- stderr
        error: [FOLDER]/project has no spec called env.yaml, env.yml, environment.yml or environment.yaml; env.yaml is no conda environment: it is a GitHub workflow
        hint: mmdev init python requests writes a spec with these packages
    "#]]);
    project.check(
        &["check", "-f", "env.yaml"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: env.yaml is no conda environment: it is a GitHub workflow
        hint: name another file with -f, or mend `files` in the settings
    "#]],
    );
    project.check(
        &["generate", "-f", "env.yaml"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: env.yaml is no conda environment: it is a GitHub workflow
        hint: name another file with -f, or mend `files` in the settings
    "#]],
    );
    project.check(
        &["check", "-f", "."],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: [FOLDER]/project is a folder, not a spec
        hint: name a file
    "#]],
    );
    project.write("extra.yaml", "channels: [conda-forge]\ndependencies: []\n");
    project.check(
        &["check", "-f", "extra.yaml"],
        expect![[r#"
        exit code: 0
        ----- stdout
        warning[MM104]: `dependencies:` is empty, so that nothing would be installed
         --> extra.yaml:2:1
          |
        2 | dependencies: []
          | ^^^^^^^^^^^^
          |
          = hint: Add a package below it (`  - python`)

        ----- stderr
             Checked 1 file: 0 errors, 1 warning
        `mmdev explain CODE` says more about a rule
    "#]],
    );
}

#[test]
fn which_spec() {
    let project = Project::new();
    project.check(&["generate"], expect![[r#"
        exit code: 2
        ----- stderr
        error: [FOLDER]/project has no spec called env.yaml, env.yml, environment.yml or environment.yaml
        hint: mmdev init python requests writes a spec with these packages
    "#]]);
    project.write("ci/environment-dev.yaml", SPEC);
    project.check(&["generate"], expect![[r#"
        exit code: 2
        ----- stderr
        error: [FOLDER]/project has no spec called env.yaml, env.yml, environment.yml or environment.yaml
        hint: mmdev generate -f ci/environment-dev.yaml
        hint: mmdev init python requests writes a spec with these packages
    "#]]);
    project.write("environment.yml", SPEC);
    project.write("env.yaml", SPEC);
    project.check(
        &["check"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Checked 3 files, no problems
    "#]],
    );
    project.write("env.yaml", "DATABASE_URL: x\nDEBUG: 1\n");
    project.check(
        &["check"],
        expect![[r#"
            exit code: 0
            ----- stderr
                 Checked 2 files, no problems
        "#]],
    );
    project.check(
        &["check", "-f", "none.yaml"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: there is no none.yaml in [FOLDER]/project
        hint: name another file with -f, or mend `files` in the settings
    "#]],
    );
    project.check(
        &["check", "-f", "../x.yaml"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: [FOLDER]/x.yaml is outside of the project [FOLDER]/project
        hint: name the project's folder with -C, and the file from there
    "#]],
    );
}

#[test]
fn init_keeps_what_it_finds() {
    let project = Project::new().file("environment.yml", SPEC);
    project.check(
        &["init", "-q"],
        expect![[r#"
        exit code: 0
    "#]],
    );
    expect![[r#"
        .devcontainer/devcontainer.json
        .devcontainer/mmdev/.gitattributes
        .devcontainer/mmdev/.gitignore
        .devcontainer/mmdev/Dockerfile
        .devcontainer/mmdev/activate.fish
        .devcontainer/mmdev/activate.sh
        .devcontainer/mmdev/env.yaml
        .devcontainer/mmdev/shells.sh
        environment.yml
    "#]]
    .assert_eq(&project.tree());

    let project = Project::new().file("env.yaml", "DEBUG: 1\n");
    project.check(
        &["init", "python"],
        expect![[r#"
        exit code: 1
        ----- stderr
        error: env.yaml is here, and it is no conda spec
        hint: rename it, or write the spec to environment.yml yourself
    "#]],
    );
    assert_eq!(project.read("env.yaml"), "DEBUG: 1\n");
}

#[test]
fn hostile_packages_are_refused() {
    let project = Project::new();
    project.check(
        &["init", "python=>3"],
        expect![[r#"
            exit code: 2
            ----- stderr
            error[MM209]: `=>` is no operator; micromamba and rattler refuse it, conda takes it
             --> env.yaml:5:11
              |
            5 |   - python=>3
              |           ^^
              |
              = hint: The operators are `=`, `==`, `!=`, `>=`, `<=`, `>`, `<` and `~=`
            fix: Write `python>=3`
              |
            5 -   - python=>3
            5 +   - python>=3
              |

            error: env.yaml was not written: a package above is no MatchSpec
            hint: quote what the shell would change: mmdev init "numpy>=2"
        "#]],
    );
    for package in [
        "x\n  - y",
        "$(touch pwned)",
        "a; touch pwned",
        "`touch pwned`",
        "",
        "*",
        "-r x",
    ] {
        let output = project.command(&["init", "--", package]).output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(2),
            "{package:?}: {}",
            project.shown(output)
        );
    }
    assert_eq!(project.tree(), "");
}

#[test]
fn the_root_is_found_from_below() {
    let project = Project::new()
        .file("env.yaml", SPEC)
        .file(".git/HEAD", "")
        .file("src/a/b.py", "");
    project.check(
        &["-C", "src/a", "generate", "-q"],
        expect![[r#"
        exit code: 0
    "#]],
    );
    expect![[r#"
        .devcontainer/devcontainer.json
        .devcontainer/mmdev/.gitattributes
        .devcontainer/mmdev/.gitignore
        .devcontainer/mmdev/Dockerfile
        .devcontainer/mmdev/activate.fish
        .devcontainer/mmdev/activate.sh
        .devcontainer/mmdev/env.yaml
        .devcontainer/mmdev/shells.sh
        .git/HEAD
        env.yaml
        src/a/b.py
    "#]]
    .assert_eq(&project.tree());
}

#[test]
fn settings_stand_in_toml_too() {
    let project = Project::new().file("env.yaml", SPEC).file(
        "pyproject.toml",
        "[tool.mmdev]\nbase-image = \"mambaorg/micromamba:2.5\"\n",
    );
    let base = |project: &Project| {
        let text = project.read(".devcontainer/mmdev/Dockerfile");
        text.lines()
            .find(|line| line.starts_with("FROM"))
            .unwrap()
            .to_owned()
    };
    project.check(
        &["generate", "-q"],
        expect![[r#"
        exit code: 0
    "#]],
    );
    assert_eq!(base(&project), "FROM mambaorg/micromamba:2.5");
    project.check(
        &["generate", "-q", "--base", "mambaorg/micromamba:2.4"],
        expect![[r#"
            exit code: 0
        "#]],
    );
    assert_eq!(base(&project), "FROM mambaorg/micromamba:2.4");
    project.check(
        &["generate"],
        expect![[r#"
        exit code: 0
        ----- stderr
               Fresh every file is as the spec says
    "#]],
    );
    project.write("pyproject.toml", "[tool.mmdev]\nbase-imgae = 1\n");
    project.check(
        &["check"],
        expect![[r#"
            exit code: 0
            ----- stdout
            warning[MM606]: `base-imgae` is no setting
             --> pyproject.toml:2:1
              |
            2 | base-imgae = 1
              | ^^^^^^^^^^
              |
              = hint: Did you mean `base-image`?
            fix: Replace it by `base-image`
              |
            2 - base-imgae = 1
            2 + base-image = 1
              |

            ----- stderr
                 Checked 3 files: 0 errors, 1 warning
            `mmdev check --fix` mends 1 of them
            `mmdev explain CODE` says more about a rule
        "#]],
    );
}
