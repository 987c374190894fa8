//! The commands that read the lock, on a channel of this machine.

use std::process::Command;

use expect_test::{Expect, expect};

use crate::lock::World;

/// Runs the machine's git in the project.
fn git(world: &World, arguments: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@example.org"])
        .args(arguments)
        .current_dir(world.project.root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// A locked project.
pub(crate) fn locked() -> World {
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
        &["tree", "--invert", "zlbi"],
        expect![[r#"
        exit code: 1
        ----- stderr
        error: no package `zlbi` is locked in conda-lock.yml for linux-64
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

#[test]
fn what_differs_from_a_revision_and_between_files() {
    let world = locked();
    let with_git = |arguments: &[&str], expected: Expect| {
        let mut command = world.project.command(arguments);
        command.env("PATH", std::env::var_os("PATH").unwrap());
        expected.assert_eq(&world.project.shown(command.output().unwrap()));
    };
    with_git(
        &["diff"],
        expect![[r#"
            exit code: 2
            ----- stderr
            error: git says: not a git repository (or any of the parent directories): .git
            hint: without a repository, give two files: mmdev diff LOCK_A LOCK_B
        "#]],
    );
    git(&world, &["init", "-q"]);
    git(&world, &["commit", "-q", "--allow-empty", "-m", "nothing"]);
    with_git(
        &["diff"],
        expect![[r#"
        exit code: 1
        ----- stderr
        error: there is no conda-lock.yml in HEAD to compare with
        hint: git add conda-lock.yml and commit it, or give another revision
    "#]],
    );
    git(&world, &["add", "."]);
    git(&world, &["commit", "-q", "-m", "locked"]);
    with_git(
        &["diff"],
        expect![[r#"
        exit code: 0
        ----- stderr
        No package differs.
    "#]],
    );
    std::fs::copy(
        world.project.root().join("conda-lock.yml"),
        world.project.root().join("old.yml"),
    )
    .unwrap();
    world.spec("dependencies:\n  - six >=1.17\n  - mkl\nplatforms: [linux-64]\n");
    world.channel(
        "noarch",
        &[
            "six 1.16.0 py_0; python",
            "six 1.18.0 py_0; zlib",
            "pip 25.0 py_0; python",
        ],
    );
    world.channel(
        "linux-64",
        &[
            "python 3.13.0 h1_0; zlib",
            "zlib 1.3.1 h1_0",
            "mkl 2025.0 h1_0",
        ],
    );
    world.channel("linux-aarch64", &["zlib 1.3.1 h2_0", "mkl 2025.0 h2_0"]);
    world.check(
        &["lock", "-q"],
        expect![[r#"
        exit code: 0
    "#]],
    );
    with_git(
        &["diff"],
        expect![[r#"
            exit code: 0
            ----- stdout
            linux-64, linux-aarch64
              + mkl     2025.0            878.91 KiB
              - pip     25.0              683.59 KiB
              - python  3.13.0            1.14 MiB
              ~ six     1.16.0 -> 1.18.0  878.91 KiB
            linux-64: 1 added, 2 removed, 1 changed, -976.56 KiB
            linux-aarch64: 1 added, 2 removed, 1 changed, -976.56 KiB
        "#]],
    );
    with_git(
        &["diff", "HEAD~1"],
        expect![[r#"
        exit code: 1
        ----- stderr
        error: there is no conda-lock.yml in HEAD~1 to compare with
        hint: git add conda-lock.yml and commit it, or give another revision
    "#]],
    );
    with_git(
        &["diff", "nothing"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: git knows no revision `nothing`
        hint: to compare two files, give both: mmdev diff LOCK_A LOCK_B
    "#]],
    );
    with_git(
        &["diff", "--message-format", "json"],
        expect![[r#"
            exit code: 0
            ----- stdout
            {"format":1,"reason":"lock-difference","platform":"linux-64","name":"pip","manager":"conda","change":"removed","from":{"version":"25.0","build":"py_0","size":700000}}
            {"format":1,"reason":"lock-difference","platform":"linux-64","name":"python","manager":"conda","change":"removed","from":{"version":"3.13.0","build":"h1_0","size":1200000}}
            {"format":1,"reason":"lock-difference","platform":"linux-64","name":"mkl","manager":"conda","change":"added","to":{"version":"2025.0","build":"h1_0","size":900000}}
            {"format":1,"reason":"lock-difference","platform":"linux-64","name":"six","manager":"conda","change":"changed","from":{"version":"1.16.0","build":"py_0","size":900000},"to":{"version":"1.18.0","build":"py_0","size":900000}}
            {"format":1,"reason":"lock-difference","platform":"linux-aarch64","name":"pip","manager":"conda","change":"removed","from":{"version":"25.0","build":"py_0","size":700000}}
            {"format":1,"reason":"lock-difference","platform":"linux-aarch64","name":"python","manager":"conda","change":"removed","from":{"version":"3.13.0","build":"h2_0","size":1200000}}
            {"format":1,"reason":"lock-difference","platform":"linux-aarch64","name":"mkl","manager":"conda","change":"added","to":{"version":"2025.0","build":"h2_0","size":900000}}
            {"format":1,"reason":"lock-difference","platform":"linux-aarch64","name":"six","manager":"conda","change":"changed","from":{"version":"1.16.0","build":"py_0","size":900000},"to":{"version":"1.18.0","build":"py_0","size":900000}}
        "#]],
    );
    with_git(
        &["diff", "conda-lock.yml", "old.yml"],
        expect![[r#"
            exit code: 0
            ----- stdout
            linux-64, linux-aarch64
              - mkl     2025.0            878.91 KiB
              + pip     25.0              683.59 KiB
              + python  3.13.0            1.14 MiB
              ~ six     1.18.0 -> 1.16.0  878.91 KiB
            linux-64: 2 added, 1 removed, 1 changed, +976.56 KiB
            linux-aarch64: 2 added, 1 removed, 1 changed, +976.56 KiB
        "#]],
    );
    with_git(
        &["diff", "conda-lock.yml", "env.yaml"],
        expect![[r#"
        exit code: 1
        ----- stderr
        error: env.yaml is no lock that can be read: `metadata` is missing
    "#]],
    );
    with_git(
        &["diff", "conda-lock.yml", "none.yml"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: there is no none.yml
    "#]],
    );
    // Without git.
    world.check(
        &["diff"],
        expect![[r#"
        exit code: 3
        ----- stderr
        error: cannot run git: No such file or directory (os error 2)
        hint: install git, or give two files
    "#]],
    );
}

#[test]
fn what_has_newer_versions() {
    let world = World::new();
    world.spec("dependencies:\n  - python 3.12.*\n  - six\n  - zlib\n  - old\n");
    world.check(&["lock", "-q"], expect![[r#"
        exit code: 0
        ----- stderr
        warning: `python 3.12.*` (env.yaml:5) has no package on linux-aarch64: only linux-64 is locked, which is emulated on Apple Silicon (slower)
    "#]]);
    world.check(
        &["outdated"],
        expect![[r#"
        exit code: 0
        ----- stdout
        name    locked  allowed  newest
        python  3.12.1  3.12.1   3.13.0
    "#]],
    );
    world.channel(
        "noarch",
        &[
            "old 1.0 py_0; python <3.13",
            "six 1.17.0 py_0; python",
            "six 1.18.0 py_0; python",
            "pip 25.0 py_0; python",
        ],
    );
    world.channel(
        "linux-aarch64",
        &["python 3.13.0 h2_0; zlib", "zlib 1.4 h2_0"],
    );
    // The server says nothing of how long its lists are good.
    std::fs::remove_dir_all(world.project.root().join("../home/.cache")).unwrap();
    world.check(
        &["outdated"],
        expect![[r#"
        exit code: 0
        ----- stdout
        name    locked  allowed  newest
        python  3.12.1  3.12.1   3.13.0
        six     1.17.0  1.18.0   1.18.0
    "#]],
    );
    world.check(&["outdated", "--message-format", "json"], expect![[r#"
        exit code: 0
        ----- stdout
        {"format":1,"reason":"outdated","name":"python","platforms":["linux-64"],"locked":"3.12.1","allowed":"3.12.1","newest":"3.13.0"}
        {"format":1,"reason":"outdated","name":"six","platforms":["linux-64"],"locked":"1.17.0","allowed":"1.18.0","newest":"1.18.0"}
    "#]]);
    std::fs::remove_dir_all(world.project.root().join("../home/.cache")).unwrap();
    world.check(
        &["outdated", "--offline"],
        expect![[r#"
        exit code: 3
        ----- stderr
        error: the channel HOST/main/linux-64/ is not in the cache, and mmdev is offline
        hint: run it once without --offline
    "#]],
    );
}

#[test]
fn what_channels_have_of_a_package() {
    let world = World::new();
    let channel = format!("{}/main", world.url());
    // Without a project.
    world.check(
        &["search", "six", "--channel", &channel],
        expect![[r#"
        exit code: 0
        ----- stdout
        six 1.17.0 py_0
          channel  HOST/main
          licence  MIT
          size     878.91 KiB
          url      HOST/main/noarch/six-1.17.0-py_0.conda
          needs    python
        versions
          1.17.0  1 build  noarch  878.91 KiB
          1.16.0  1 build  noarch  878.91 KiB
    "#]],
    );
    world.spec("dependencies: [six]\n");
    world.check(
        &["search", "python"],
        expect![[r#"
        exit code: 0
        ----- stdout
        python 3.13.0 h1_0
          channel  HOST/main
          licence  MIT
          size     1.14 MiB
          url      HOST/main/linux-64/python-3.13.0-h1_0.conda
          needs    zlib
        versions
          3.13.0  2 builds  linux-64, linux-aarch64  1.14 MiB
          3.12.1  1 build   linux-64                 1.14 MiB
    "#]],
    );
    world.check(
        &["search", "python<3.13", "--platform", "linux-64"],
        expect![[r#"
            exit code: 0
            ----- stdout
            python 3.12.1 h1_0
              channel  HOST/main
              licence  MIT
              size     1.14 MiB
              url      HOST/main/linux-64/python-3.12.1-h1_0.conda
              needs    zlib
            builds
              h1_0  linux-64  1.14 MiB
        "#]],
    );
    world.check(
        &["search", "mkl", "--message-format", "json"],
        expect![[r#"
            exit code: 0
            ----- stdout
            {"format":1,"reason":"found-package","name":"mkl","version":"2025.0","build":"h1_0","build_number":0,"subdir":"linux-64","channel":"HOST/main","url":"HOST/main/linux-64/mkl-2025.0-h1_0.conda","size":900000,"license":"MIT","depends":[],"constrains":[]}
        "#]],
    );
    world.check(
        &["search", "python=99"],
        expect![[r#"
        exit code: 1
        ----- stderr
        error: no package `python=99` on HOST/main for linux-64, linux-aarch64
        hint: the newest versions of python are 3.13.0, 3.12.1
    "#]],
    );
    world.check(
        &["search", "pythn"],
        expect![[r#"
            exit code: 1
            ----- stderr
            error: no package `pythn` on HOST/main for linux-64, linux-aarch64
            hint: there is python
        "#]],
    );
    world.check(
        &["search", "i"],
        expect![[r#"
        exit code: 1
        ----- stderr
        error: no package `i` on HOST/main for linux-64, linux-aarch64
        hint: there are pip, six, zlib
    "#]],
    );
    world.check(
        &["search", "=>1"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: `=>1` names no package
        hint: give a name, or a MatchSpec such as "numpy>=2"
    "#]],
    );
    let many: Vec<String> = (0..30).map(|at| format!("many 1.{at} h_0")).collect();
    world.channel(
        "noarch",
        &many.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    std::fs::remove_dir_all(world.project.root().join("../home/.cache")).unwrap();
    world.check(
        &["search", "many"],
        expect![[r#"
        exit code: 0
        ----- stdout
        many 1.29 h_0
          channel  HOST/main
          licence  MIT
          size     781.25 KiB
          url      HOST/main/noarch/many-1.29-h_0.conda
        versions
          1.29  1 build  noarch  781.25 KiB
          1.28  1 build  noarch  781.25 KiB
          1.27  1 build  noarch  781.25 KiB
          1.26  1 build  noarch  781.25 KiB
          1.25  1 build  noarch  781.25 KiB
          1.24  1 build  noarch  781.25 KiB
          1.23  1 build  noarch  781.25 KiB
          1.22  1 build  noarch  781.25 KiB
          1.21  1 build  noarch  781.25 KiB
          1.20  1 build  noarch  781.25 KiB
          1.19  1 build  noarch  781.25 KiB
          1.18  1 build  noarch  781.25 KiB
          1.17  1 build  noarch  781.25 KiB
          1.16  1 build  noarch  781.25 KiB
          1.15  1 build  noarch  781.25 KiB
          … and 15 more: --all lists them
    "#]],
    );
    let output = world.project.command(&["search", "many", "--all"]).output();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    assert!(text.contains("  1.0 "), "{text}");
}

/// A project that cannot be read is no reason to ask another channel than its own.
#[test]
fn a_search_says_what_is_wrong_with_the_project() {
    let world = World::new();
    world.spec("dependencies: [six]\n");
    let spec = world.project.read("env.yaml");
    world.project.write("environment.yml", &spec);
    world.check(&["search", "six"], expect![[r#"
        exit code: 2
        ----- stderr
        error: there is more than one spec in [FOLDER]/project: env.yaml, environment.yml
        hint: mmdev search -f env.yaml
        hint: mmdev search -f environment.yml
        hint: mmdev search -f env.yaml -f environment.yml merges them into one environment; env.yaml comes first
    "#]]);
    world.check(
        &["search", "six", "-f", "env.yaml", "-q"],
        expect![[r#"
        exit code: 0
        ----- stdout
        six 1.17.0 py_0
          channel  HOST/main
          licence  MIT
          size     878.91 KiB
          url      HOST/main/noarch/six-1.17.0-py_0.conda
          needs    python
        versions
          1.17.0  1 build  noarch  878.91 KiB
          1.16.0  1 build  noarch  878.91 KiB
    "#]],
    );
    std::fs::remove_file(world.project.root().join("environment.yml")).unwrap();
    world.project.write("mmdev.toml", "files = ['gone.yaml']\n");
    world.check(
        &["search", "six"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: there is no gone.yaml in [FOLDER]/project
        hint: name another file with -f, or mend `files` in the settings
    "#]],
    );
}

/// `1.0` and `1.00` are one version, and the builds of one name are not apart.
#[test]
fn each_version_is_listed_once() {
    let world = World::new();
    world.channel(
        "noarch",
        &["x 1.0 a_0", "x 1.00 b_0", "x 1.0 c_0", "x 2.0 a_0"],
    );
    world.spec("dependencies: [x]\n");
    world.check(
        &["search", "x", "--platform", "linux-64"],
        expect![[r#"
        exit code: 0
        ----- stdout
        x 2.0 a_0
          channel  HOST/main
          licence  MIT
          size     390.62 KiB
          url      HOST/main/noarch/x-2.0-a_0.conda
        versions
          2.0   1 build   noarch  390.62 KiB
          1.0   2 builds  noarch  390.62 KiB
          1.00  1 build   noarch  488.28 KiB
    "#]],
    );
    world.check(
        &["search", "x=3", "--platform", "linux-64"],
        expect![[r#"
        exit code: 1
        ----- stderr
        error: no package `x=3` on HOST/main for linux-64
        hint: the newest versions of x are 2.0, 1.0, 1.00
    "#]],
    );
}

/// All entries of a name count, of all files that are merged, on the platforms that each is for.
#[test]
fn what_is_allowed_satisfies_every_entry() {
    let world = World::new();
    let serve = |versions: usize| {
        for (subdir, build) in [("linux-64", "h1"), ("linux-aarch64", "h2")] {
            let lines: Vec<String> = (1..=versions)
                .flat_map(|at| ["x", "only"].map(|name| format!("{name} {at}.0 {build}_0")))
                .collect();
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            world.channel(subdir, &lines);
        }
    };
    serve(1);
    world.spec("platforms: [linux-64, linux-aarch64]\ndependencies:\n  - only >=1  # [linux64]\n  - x >=1\n  - x <5\n  - x <3  # [aarch64]\n");
    world
        .project
        .write("more.yaml", "dependencies:\n  - x <4\n  - only <2\n");
    let files = ["-f", "env.yaml", "-f", "more.yaml"];
    let mut lock = world
        .project
        .command(&[&["lock", "-q"], &files[..]].concat());
    assert!(lock.output().unwrap().status.success());
    serve(5);
    std::fs::remove_dir_all(world.project.root().join("../home/.cache")).unwrap();
    world.check(
        &[&["outdated"], &files[..]].concat(),
        expect![[r#"
        exit code: 0
        ----- stdout
        name  locked  allowed  newest
        only  1.0     1.0      5.0
        x     1.0     2.0      5.0     linux-aarch64
        x     1.0     3.0      5.0     linux-64
    "#]],
    );
}

/// What a channel of less importance has counts as the setting says.
#[test]
fn what_is_allowed_comes_from_the_channels_that_count() {
    let world = World::new();
    let main = world.served.path().join("main");
    world.channel("noarch", &["x 1.0 h_0", "x 4.0 h_0"]);
    std::fs::rename(&main, world.served.path().join("other")).unwrap();
    world.channel("noarch", &["x 1.0 h_0", "x 3.0 h_0"]);
    for subdir in ["linux-64", "linux-aarch64"] {
        world.channel(subdir, &[]);
    }
    let spec = |pin: &str| {
        let text = format!(
            "channels:\n  - {0}/main\n  - {0}/other\nplatforms: [linux-64]\ndependencies:\n  - x {pin}\n",
            world.url()
        );
        world.project.write("env.yaml", &text);
    };
    let mut all = String::new();
    for priority in ["strict", "flexible", "disabled"] {
        let setting = format!("channel-priority = '{priority}'\n");
        world.project.write("mmdev.toml", &setting);
        spec("1.0");
        let lock = world.project.command(&["lock", "-q"]).output().unwrap();
        assert!(lock.status.success(), "{lock:?}");
        for pin in ["!=3.0", ">3"] {
            spec(pin);
            let output = world.project.command(&["outdated", "-q"]).output().unwrap();
            let shown = String::from_utf8(output.stdout).unwrap();
            let row = shown.lines().nth(1).unwrap_or_default();
            all += &format!("{priority} {pin}: {row}\n");
        }
    }
    expect![[r#"
        strict !=3.0: x     1.0     1.0      3.0
        strict >3: x     1.0     none     3.0
        flexible !=3.0: x     1.0     1.0      3.0
        flexible >3: x     1.0     4.0      4.0
        disabled !=3.0: x     1.0     4.0      4.0
        disabled >3: x     1.0     4.0      4.0
    "#]]
    .assert_eq(&all);
}
