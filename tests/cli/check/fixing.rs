//! `--fix` and `--diff`: what is written, and what is left as it is.

use expect_test::expect;

use super::{BROKEN, with_stdin};
use crate::project::Project;

const UPPER: &str = "channels: [conda-forge]\ndependencies:\n  - Scipy # why\n";

#[test]
fn fixes() {
    let project = Project::new()
        .file("env.yaml", BROKEN)
        .file("ci/env-dev.yml", UPPER);
    project.check(
        &["check", "--diff"],
        expect![[r#"
        exit code: 1
        ----- stdout
        --- a/env.yaml
        +++ b/env.yaml
        @@ -1,5 +1,5 @@
         name: é
         channels: [conda-forge]
         dependencies:
        -  - python=>3
        +  - python>=3
           - numpy==
        --- a/ci/env-dev.yml
        +++ b/ci/env-dev.yml
        @@ -1,3 +1,3 @@
         channels: [conda-forge]
         dependencies:
        -  - Scipy # why
        +  - scipy # why
        ----- stderr
           Would fix env.yaml: MM209
           Would fix ci/env-dev.yml: MM219
        `mmdev check --fix` would change 2 files
    "#]],
    );
    project.check(
        &[
            "check",
            "--diff",
            "--unsafe-fixes",
            "--message-format",
            "json",
        ],
        expect![[r#"
            exit code: 1
            ----- stdout
            {"format":1,"reason":"fixed-file","file":"env.yaml","codes":["MM209","MM210"],"written":false}
            {"format":1,"reason":"fixed-file","file":"ci/env-dev.yml","codes":["MM219"],"written":false}
            ----- stderr
               Would fix env.yaml: MM209, MM210
               Would fix ci/env-dev.yml: MM219
            `mmdev check --fix` would change 2 files
        "#]],
    );
    assert_eq!(project.read("env.yaml"), BROKEN, "--diff writes nothing");
    project.check(&["check", "--fix", "--message-format", "json"], expect![[r#"
        exit code: 1
        ----- stdout
        {"format":1,"reason":"fixed-file","file":"env.yaml","codes":["MM209"],"written":true}
        {"format":1,"reason":"fixed-file","file":"ci/env-dev.yml","codes":["MM219"],"written":true}
        {"format":1,"file":"env.yaml","code":"MM611","severity":"warning","line":1,"column":7,"end_line":1,"end_column":8,"message":"the environment is `base` alone: `é` cannot be its second name","hint":"Use letters, digits, `_`, `-` and `.`","fixable":false}
        {"format":1,"file":"env.yaml","code":"MM210","severity":"error","line":5,"column":10,"end_line":5,"end_column":12,"message":"the operator `==` has no version after it; conda and rattler refuse it, micromamba takes it as any version","fixable":true,"fix":{"title":"Write `numpy`","safe":false,"edits":[{"line":5,"column":5,"end_line":5,"end_column":12,"text":"numpy"}]}}
        {"format":1,"reason":"check-finished","files":2,"errors":1,"warnings":1,"remarks":0,"safe_fixes":0,"unsafe_fixes":1,"fixed":2}
        ----- stderr
               Fixed env.yaml: MM209
               Fixed ci/env-dev.yml: MM219
             Checked 2 files: 1 error, 1 warning
        `mmdev check --fix --unsafe-fixes` mends 1 of them
        `mmdev explain CODE` says more about a rule
    "#]]);
    project.check(
        &["check", "--fix", "--unsafe-fixes"],
        expect![[r#"
        exit code: 0
        ----- stdout
        warning[MM611]: the environment is `base` alone: `é` cannot be its second name
         --> env.yaml:1:7
          |
        1 | name: é
          |       ^
          |
          = hint: Use letters, digits, `_`, `-` and `.`

        ----- stderr
               Fixed env.yaml: MM210
             Checked 2 files: 0 errors, 1 warning
        `mmdev explain CODE` says more about a rule
    "#]],
    );
    expect![[r#"
        name: é
        channels: [conda-forge]
        dependencies:
          - python>=3
          - numpy
    "#]]
    .assert_eq(&project.read("env.yaml"));
    expect![[r#"
        channels: [conda-forge]
        dependencies:
          - scipy # why
    "#]]
    .assert_eq(&project.read("ci/env-dev.yml"));
    project.check(
        &["check", "--diff", "--unsafe-fixes"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Checked nothing to fix
    "#]],
    );
}

#[test]
fn settings_are_mended_as_well() {
    let project = Project::new()
        .file(
            "env.yaml",
            "channels: [conda-forge]\ndependencies: [python=3.12]\n",
        )
        .file("mmdev.toml", "# ours\nbase-imag = \"x:1\"\n");
    project.check(
        &["check", "--fix"],
        expect![[r#"
        exit code: 0
        ----- stderr
               Fixed mmdev.toml: MM606
             Checked 2 files, no problems
    "#]],
    );
    expect![[r##"
        # ours
        base-image = "x:1"
    "##]]
    .assert_eq(&project.read("mmdev.toml"));
}

#[cfg(unix)]
#[test]
fn a_fixed_file_is_the_same_file_otherwise() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    let text =
        "\u{feff}channels: [conda-forge]\r\ndependencies:\r\n  - Scipy # why\r\n  - numpy\r\n";
    let project = Project::new().file("env.yaml", text).file(
        "good/env.yaml",
        "channels: [conda-forge]\ndependencies: [python=3.12]\n",
    );
    let path = project.root().join("env.yaml");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let good = project.root().join("good/env.yaml");
    let inode = std::fs::metadata(&good).unwrap().ino();
    project.check(
        &["check", "--fix"],
        expect![[r#"
        exit code: 0
        ----- stderr
               Fixed env.yaml: MM219
             Checked 2 files, no problems
    "#]],
    );
    assert_eq!(project.read("env.yaml"), text.replace("Scipy", "scipy"));
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert_eq!(std::fs::metadata(&good).unwrap().ino(), inode);
}

#[test]
fn what_is_not_to_be_written_is_not() {
    let project = Project::new()
        .file("env.yaml", UPPER)
        .file("b/env.yaml", UPPER)
        .file("c/env.yaml", UPPER);
    for path in ["env.yaml", "c/env.yaml"] {
        let path = project.root().join(path);
        let mut permissions = std::fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        std::fs::set_permissions(&path, permissions).unwrap();
    }
    std::fs::write(
        project.root().join("latin.yaml"),
        b"channels: [conda-forge]\ndependencies:\n  - Scipy # caf\xe9\n",
    )
    .unwrap();
    project.check(
        &[
            "check",
            "env.yaml",
            "b/env.yaml",
            "latin.yaml",
            "c/env.yaml",
            "--fix",
            "--message-format",
            "concise",
        ],
        expect![[r#"
            exit code: 3
            ----- stdout
            env.yaml:3:5: information[MM219] package names are in lower case; `Scipy` is read as `scipy`
            latin.yaml:3:5: information[MM219] package names are in lower case; `Scipy` is read as `scipy`
            latin.yaml:3:16: error[MM001] this character is not UTF-8
            c/env.yaml:3:5: information[MM219] package names are in lower case; `Scipy` is read as `scipy`
            ----- stderr
                   Fixed b/env.yaml: MM219
                 Checked 4 files: 1 error, 0 warnings, 3 remarks
            `mmdev check --fix` mends 2 of them
            `mmdev explain CODE` says more about a rule
            error: env.yaml is read-only, and was not mended
            error: c/env.yaml is read-only, and was not mended
        "#]],
    );
    assert_eq!(project.read("env.yaml"), UPPER);
    let latin = std::fs::read(project.root().join("latin.yaml")).unwrap();
    assert!(latin.contains(&0xe9), "another encoding is left alone");
}

#[test]
fn stdin_is_mended_on_the_way() {
    let project = Project::new();
    let mend = |text: &[u8]| with_stdin(&project, &["check", "-", "--fix"], text);
    expect![[r#"
        exit code: 1
        ----- stdout
        name: é
        channels: [conda-forge]
        dependencies:
          - python>=3
          - numpy==
        ----- stderr
        error[MM210]: the operator `==` has no version after it; conda and rattler refuse it, micromamba takes it as any version
         --> stdin:5:10
          |
        5 |   - numpy==
          |          ^^
          |
        unsafe fix: Write `numpy`
          |
        5 -   - numpy==
        5 +   - numpy
          |

             Checked 1 file: 1 error, 0 warnings
        `mmdev check --fix --unsafe-fixes` mends 1 of them
        `mmdev explain CODE` says more about a rule
    "#]].assert_eq(&project.shown(mend(BROKEN.as_bytes())));
    for text in [
        &b"on: push\njobs: {}\n"[..],
        b"dependencies:\n  - Scipy # \xe9\x1b[1m\r\n",
    ] {
        assert_eq!(mend(text).stdout, text);
    }
    let diff = with_stdin(&project, &["check", "-", "--diff"], UPPER.as_bytes());
    expect![[r#"
        exit code: 1
        ----- stdout
        --- a/stdin
        +++ b/stdin
        @@ -1,3 +1,3 @@
         channels: [conda-forge]
         dependencies:
        -  - Scipy # why
        +  - scipy # why
        ----- stderr
           Would fix stdin: MM219
        `mmdev check --fix` would change 1 file
    "#]]
    .assert_eq(&project.shown(diff));
    project.check(
        &["check", "-", "--fix", "--message-format", "json"],
        expect![[r#"
            exit code: 2
            ----- stdout
            {"format":1,"reason":"error","message":"stdout is the mended text: it cannot be json as well","hints":["see what goes together: mmdev check --help"],"exit_code":2}
            ----- stderr
            error: stdout is the mended text: it cannot be json as well
            hint: see what goes together: mmdev check --help
        "#]],
    );
    project.check(
        &["check", "-", "env.yaml", "--fix"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: stdin is mended alone
        hint: see what goes together: mmdev check --help
    "#]],
    );
    project.check(
        &["check", "--unsafe-fixes"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: the following required arguments were not provided:
          <--fix|--diff>

        Usage: mmdev check --unsafe-fixes <--fix|--diff> [FILES]...

        For more information, try '--help'.
    "#]],
    );
}
