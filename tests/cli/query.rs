//! The commands that read the lock, on a channel of this machine.

use expect_test::expect;

use crate::lock::World;

/// A locked project.
fn locked() -> World {
    let world = World::new();
    world.spec("dependencies:\n  - six 1.16.*\n  - zlib\n  - python\n");
    let output = world.project.command(&["lock", "-q"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    world
}

#[test]
fn a_tree_grows_from_the_spec() {
    let world = locked();
    world.check(
        &["tree"],
        expect![[r#"
        exit code: 0
        ----- stdout
        six 1.16.0
        └── python 3.13.0
            ├── pip 25.0
            │   └── python 3.13.0 (*)
            └── zlib 1.3.1
        zlib 1.3.1
        python 3.13.0 (*)
        ----- stderr
             Showing conda-lock.yml for linux-64
    "#]],
    );
    world.check(
        &["tree", "--platform", "linux-aarch64", "--depth", "0"],
        expect![[r#"
            exit code: 0
            ----- stdout
            six 1.16.0
            zlib 1.3.1
            python 3.13.0
        "#]],
    );
    world.check(
        &["tree", "-q", "--invert", "zlib"],
        expect![[r#"
        exit code: 0
        ----- stdout
        zlib 1.3.1 (env.yaml:6)
        └── python 3.13.0 (env.yaml:7)
            ├── pip 25.0
            │   └── python 3.13.0 (env.yaml:7) (*)
            └── six 1.16.0 (env.yaml:5)
    "#]],
    );
    world.check(
        &["tree", "--invert", "zlip"],
        expect![[r#"
        exit code: 1
        ----- stderr
        error: no package `zlip` is locked in conda-lock.yml for linux-64
        hint: did you mean zlib?
    "#]],
    );
    world.check(
        &["tree", "--platform", "win-64"],
        expect![[r#"
        exit code: 1
        ----- stderr
        error: conda-lock.yml holds nothing for win-64
        hint: it has linux-64, linux-aarch64
    "#]],
    );
    world.check(
        &["tree", "-q", "--depth", "1", "--message-format", "json"],
        expect![[r#"
            exit code: 0
            ----- stdout
            {"format":1,"reason":"tree-package","name":"six","version":"1.16.0","build":"py_0","manager":"conda","platform":"linux-64","level":0,"constraint":"","repeated":false}
            {"format":1,"reason":"tree-package","name":"python","version":"3.13.0","build":"h1_0","manager":"conda","platform":"linux-64","level":1,"constraint":"","repeated":false}
            {"format":1,"reason":"tree-package","name":"zlib","version":"1.3.1","build":"h1_0","manager":"conda","platform":"linux-64","level":0,"constraint":"","repeated":false}
            {"format":1,"reason":"tree-package","name":"python","version":"3.13.0","build":"h1_0","manager":"conda","platform":"linux-64","level":0,"constraint":"","repeated":false}
            {"format":1,"reason":"tree-package","name":"pip","version":"25.0","build":"py_0","manager":"conda","platform":"linux-64","level":1,"constraint":"","repeated":false}
            {"format":1,"reason":"tree-package","name":"zlib","version":"1.3.1","build":"h1_0","manager":"conda","platform":"linux-64","level":1,"constraint":"","repeated":false}
        "#]],
    );
}

#[test]
fn why_something_is_there() {
    let world = locked();
    world.check(
        &["why", "zlib"],
        expect![[r#"
        exit code: 0
        ----- stdout
        zlib 1.3.1 is in conda-lock.yml for linux-64 because of:
          zlib (env.yaml:6)
          python (env.yaml:7) → zlib
          six 1.16.* (env.yaml:5) → python → zlib
    "#]],
    );
    world.check(
        &["why", "pip"],
        expect![[r#"
        exit code: 0
        ----- stdout
        pip 25.0 is in conda-lock.yml for linux-64 because of:
          python (env.yaml:7) → pip (which installers add to python)
          six 1.16.* (env.yaml:5) → python → pip (which installers add to python)
    "#]],
    );
    world.check(
        &["why", "pyhton"],
        expect![[r#"
        exit code: 1
        ----- stderr
        error: no package `pyhton` is locked in conda-lock.yml
        hint: did you mean python?
    "#]],
    );
    world.check(&["why", "pip", "--message-format", "json"], expect![[r#"
        exit code: 0
        ----- stdout
        {"format":1,"reason":"chain","package":"pip","platform":"linux-64","entry":"python","place":"env.yaml:7","steps":[{"name":"python","version":"3.13.0","constraint":""},{"name":"pip","version":"25.0","constraint":""}]}
        {"format":1,"reason":"chain","package":"pip","platform":"linux-64","entry":"six 1.16.*","place":"env.yaml:5","steps":[{"name":"six","version":"1.16.0","constraint":""},{"name":"python","version":"3.13.0","constraint":""},{"name":"pip","version":"25.0","constraint":""}]}
    "#]]);
}

#[test]
fn a_lock_that_is_not_the_specs_is_read_all_the_same() {
    let world = locked();
    world.spec("dependencies:\n  - six 1.16.*\n");
    world.check(
        &["tree", "-q"],
        expect![[r#"
        exit code: 0
        ----- stdout
        six 1.16.0
        └── python 3.13.0
            ├── pip 25.0
            │   └── python 3.13.0 (*)
            └── zlib 1.3.1
        ----- stderr
        warning: conda-lock.yml is not the lock of env.yaml: this is what it holds
        hint: mmdev lock makes it anew
    "#]],
    );
    world.spec("dependencies:\n  - mkl\n");
    world.check(
        &["why", "python"],
        expect![[r#"
        exit code: 0
        ----- stdout
        python 3.13.0 is in conda-lock.yml for linux-64 because of:
          six (no entry of env.yaml leads there) → python
        ----- stderr
        warning: conda-lock.yml is not the lock of env.yaml: this is what it holds
        hint: mmdev lock makes it anew
    "#]],
    );
    world.project.write("conda-lock.yml", "nothing: 1\n");
    world.check(
        &["tree"],
        expect![[r#"
        exit code: 1
        ----- stderr
        error: conda-lock.yml holds no package that can be read
        hint: mmdev lock makes it anew
    "#]],
    );
    std::fs::remove_file(world.project.root().join("conda-lock.yml")).unwrap();
    world.check(
        &["why", "python"],
        expect![[r#"
        exit code: 1
        ----- stderr
        error: there is no conda-lock.yml
        hint: mmdev lock makes it
    "#]],
    );
}
