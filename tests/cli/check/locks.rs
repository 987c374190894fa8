//! Locks, and specs that are held against them.

use expect_test::expect;

use crate::lock::World;
use crate::project::Project;

const LOCK: &str = "version: 1
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
  dependencies: {}
  url: https://conda.anaconda.org/conda-forge/linux-64/zlib-1.3.1-hb9d3cd8_2.conda
  hash:
    md5: c9f075ab2f33b3bbee9e62d4ad0a6cd8
    sha256: 5d7c0e5f0005f74112a34a7425179f4eb6e73c92f5d109e6af4ddeca407c92ab
  category: main
  optional: false
";

const SPEC: &str = "channels: [conda-forge]\ndependencies: [zlib]\n";

#[test]
fn a_spec_is_held_against_the_lock_that_names_it() {
    let project = Project::new()
        .file("env.yaml", &SPEC.replace("zlib", "zlib >=2, python=3.12"))
        .file("conda-lock.yml", LOCK)
        .file("other/env.yaml", SPEC)
        .file(
            "other/conda-lock.yml",
            &LOCK.replace("- env.yaml", "- ../env.yaml"),
        );
    let check = ["check", "--message-format", "concise"];
    project.check(
        &check,
        expect![[r#"
            exit code: 0
            ----- stdout
            env.yaml:2:16: warning[MM808] `zlib >=2` does not take the 1.3.1 that `conda-lock.yml` has
            env.yaml:2:26: warning[MM808] `conda-lock.yml` has nothing for `python=3.12`
            ----- stderr
                 Checked 3 files: 0 errors, 2 warnings
            `mmdev explain CODE` says more about a rule
        "#]],
    );
    project.write("env.yaml", SPEC);
    project.check(
        &check,
        expect![[r#"
            exit code: 0
            ----- stderr
                 Checked 3 files, no problems
        "#]],
    );
}

#[test]
fn what_is_wrong_with_a_lock_itself() {
    let project = Project::new()
        .file("env.yaml", SPEC)
        .file("conda-lock.yml", &format!("{LOCK}extra: 1\n"));
    let check = ["check", "--message-format", "concise"];
    project.check(
        &check,
        expect![[r#"
        exit code: 0
        ----- stdout
        conda-lock.yml:24:1: warning[MM804] conda-lock does not know the key `extra`
        ----- stderr
             Checked 2 files: 0 errors, 1 warning
        `mmdev explain CODE` says more about a rule
    "#]],
    );
    project.write(
        "conda-lock.yml",
        &format!("{LOCK}extra: 1 # mmdev: ignore[MM804]\n"),
    );
    project.check(
        &check,
        expect![[r#"
            exit code: 0
            ----- stderr
                 Checked 2 files, no problems
        "#]],
    );
    project.write("x.conda-lock.yml", "<<<<<<< ours\nversion: 1\n");
    project.check(
        &["check", "x.conda-lock.yml", "--message-format", "concise"],
        expect![[r#"
            exit code: 1
            ----- stdout
            x.conda-lock.yml:1:1: error[MM803] a merge conflict that git left here is not resolved
            ----- stderr
                 Checked 1 file: 1 error, 0 warnings
            `mmdev explain CODE` says more about a rule
        "#]],
    );
}

#[test]
fn a_lock_is_missed_where_that_is_asked_for() {
    let project = Project::new().file("env.yaml", SPEC);
    project.check(
        &["check", "--message-format", "concise", "--select", "MM8"],
        expect![[r#"
            exit code: 0
            ----- stdout
            env.yaml:2:1: information[MM806] the environment is not locked: there is no `conda-lock.yml`
            ----- stderr
                 Checked 1 file, no problems, 1 remark
            `mmdev explain CODE` says more about a rule
        "#]],
    );
    project.check(
        &["check", "--message-format", "concise", "--select", "MM806"],
        expect![[r#"
            exit code: 0
            ----- stdout
            env.yaml:2:1: information[MM806] the environment is not locked: there is no `conda-lock.yml`
            ----- stderr
                 Checked 1 file, no problems, 1 remark
            `mmdev explain CODE` says more about a rule
        "#]],
    );
}

#[test]
fn what_mmdev_locked_is_the_specs_until_it_changes() {
    let world = World::new();
    let check = ["check", "--message-format", "concise", "--select", "MM8"];
    let dev = "channels: []\ndependencies:\n  - six\n  - pip:\n    - -r requirements.txt\n";
    world.project.write("dev.yaml", dev);
    world.project.write("requirements.txt", "# nothing\n");
    world.project.write(
        "mmdev.toml",
        "files = ['env.yaml', 'dev.yaml']\nbase-image = 'debian:12'\n",
    );
    world.spec("dependencies:\n  - python=3.13\n  - pip\n");
    let output = world.project.command(&["lock"]).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    world.check(
        &check,
        expect![[r#"
            exit code: 0
            ----- stderr
                 Checked 4 files, no problems
        "#]],
    );
    world
        .project
        .write("dev.yaml", &dev.replace("  - six\n", ""));
    world.check(&check, expect![[r#"
        exit code: 0
        ----- stdout
        env.yaml:4:1: warning[MM807] `conda-lock.yml` is not the lock of this spec any more: nothing asks for `six` now
        ----- stderr
             Checked 4 files: 0 errors, 1 warning
        `mmdev explain CODE` says more about a rule
    "#]]);
    world.project.write("dev.yaml", dev);
    world.project.write(
        "mmdev.toml",
        "files = ['env.yaml', 'dev.yaml']\nbase-image = 'debian:13'\n",
    );
    world.check(&check, expect![[r#"
        exit code: 0
        ----- stdout
        env.yaml:4:1: warning[MM807] `conda-lock.yml` is not the lock of this spec any more: it was made for other channels, entries, or another base image
        ----- stderr
             Checked 4 files: 0 errors, 1 warning
        `mmdev explain CODE` says more about a rule
    "#]]);
}
