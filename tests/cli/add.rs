//! `mmdev add`, `remove` and `update` on a channel of this machine.

use std::collections::BTreeSet;

use expect_test::expect;
use mmdev_testkit::HttpServer;

use crate::lock::World;
use crate::project::Project;

/// The spec, without the channel's address.
fn spec(world: &World) -> String {
    let text = world.project.read("env.yaml");
    text.replace(&world.server.url(), "HOST")
}

#[test]
fn a_pin_is_chosen_from_what_fits() {
    let world = World::new();
    world.spec("dependencies:\n  - python 3.12.*  # the oldest\nplatforms: [linux-64]\n");
    world.check(
        &["add", "Six", "zlib"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
              Adding six >=1.17,<2 to env.yaml
              Adding zlib >=1.3,<2 to env.yaml
              Locked conda-lock.yml: 4 packages for linux-64
    "#]],
    );
    expect![[r#"
        name: it
        channels:
          - HOST/main
        dependencies:
          - python 3.12.*  # the oldest
          - six >=1.17,<2
          - zlib >=1.3,<2
        platforms: [linux-64]
    "#]]
    .assert_eq(&spec(&world));
    world.check(
        &["lock", "--check"],
        expect![[r#"
        exit code: 0
        ----- stderr
               Fresh conda-lock.yml
    "#]],
    );
    world.check(
        &["add", "six"],
        expect![[r#"
        exit code: 0
        ----- stderr
                Kept six >=1.17,<2 in env.yaml (line 6)
    "#]],
    );
    world.check(
        &["add", "six=1.16", "--dry-run"],
        expect![[r#"
        exit code: 0
        ----- stdout
        --- a/env.yaml
        +++ b/env.yaml
        @@ -3,6 +3,6 @@
           - HOST/main
         dependencies:
           - python 3.12.*  # the oldest
        -  - six >=1.17,<2
        +  - six=1.16
           - zlib >=1.3,<2
         platforms: [linux-64]
        ----- stderr
             Solving env.yaml for linux-64
            Changing six >=1.17,<2 -> six=1.16 in env.yaml
            Updating six 1.17.0 -> 1.16.0
        nothing was written (--dry-run)
    "#]],
    );
    world.check(
        &["add", "six=1.16"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
            Changing six >=1.17,<2 -> six=1.16 in env.yaml
            Updating six 1.17.0 -> 1.16.0
              Locked conda-lock.yml: 4 packages for linux-64
    "#]],
    );
    let channel = format!("{}/main::six", world.url());
    for (package, said) in [
        (
            channel.as_str(),
            "Changing six=1.16 -> HOST/main::six=1.16 in",
        ),
        (channel.as_str(), "Kept HOST/main::six=1.16 in"),
        ("six", "Kept HOST/main::six=1.16 in"),
    ] {
        let output = world.project.command(&["add", package]).output().unwrap();
        let shown = world.project.shown(output).replace(&world.url(), "HOST");
        assert!(shown.contains(said), "{package}: {shown}");
    }
    world.check(
        &["remove", "six", "zlib"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
            Removing HOST/main::six=1.16 from env.yaml
            Removing zlib >=1.3,<2 from env.yaml
            Removing six 1.16.0
              Locked conda-lock.yml: 3 packages for linux-64
    "#]],
    );
    expect![[r#"
        name: it
        channels:
          - HOST/main
        dependencies:
          - python 3.12.*  # the oldest
        platforms: [linux-64]
    "#]]
    .assert_eq(&spec(&world));
}

#[test]
fn what_cannot_be_had_changes_nothing() {
    let world = World::new();
    world.spec("dependencies:\n  - python >=3.13\n");
    let before = spec(&world);
    world.check(
        &["add", "six", "--offline"],
        expect![[r#"
            exit code: 3
            ----- stderr
                 Solving env.yaml for linux-64, linux-aarch64
            error: the channel HOST/main/linux-64/ is not in the cache, and mmdev is offline
            hint: run it once without --offline
            hint: --no-lock changes the spec alone, with a version that you give (six=1.2)
        "#]],
    );
    world.check(
        &["add", "zlbi"],
        expect![[r#"
            exit code: 1
            ----- stderr
                 Solving env.yaml for linux-64, linux-aarch64
                env.yaml:6 |   - zlbi
            error: `zlbi` (env.yaml:6) has no package on linux-64
            hint: the channels have nothing called zlbi for linux-64 (env.yaml:6)
            hint: did you mean zlib?
            hint: without `zlbi` (env.yaml:6) the rest can be had
        "#]],
    );
    world.check(
        &["add", "old"],
        expect![[r#"
        exit code: 1
        ----- stderr
             Solving env.yaml for linux-64, linux-aarch64
            env.yaml:5 |   - python >=3.13
            env.yaml:6 |   - old
            The following packages are incompatible
            ├─ python >=3.13 can be installed with any of the following options:
            │  └─ python 3.13.0
            └─ old * cannot be installed because there are no viable options:
               └─ old 1.0 would require
                  └─ python <3.13, which cannot be installed because there are no viable options:
                     └─ python 3.12.1, which conflicts with the versions reported above.
        error: `python >=3.13` (env.yaml:5) and `old` (env.yaml:6) do not go together on linux-64
        hint: with any version for `python >=3.13` (env.yaml:5) it would do: 3.12.1 is chosen
        hint: without `old` (env.yaml:6) the rest can be had
    "#]],
    );
    world.check(
        &["add", "six=>1", "--no-lock"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: `six=>1`: `=>` is no operator; micromamba and rattler refuse it, conda takes it
        hint: mmdev add "six>=1"
    "#]],
    );
    world.check(
        &["add", "six", "--no-lock"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: six has no version, and without the channels none can be chosen
        hint: give one: mmdev add six=1.2 --no-lock
    "#]],
    );
    for arguments in [
        [
            "add",
            "zlib=1",
            "--channel",
            "https://me:secret@example.com/x",
        ]
        .as_slice(),
        &["add", "https://me:secret@example.com/x::zlib=1"],
        &["add", "--pip", "x @ https://me:secret@example.com/x.whl"],
    ] {
        let mut command = world.project.command(arguments);
        let shown = world
            .project
            .shown(command.arg("--no-lock").output().unwrap());
        assert!(shown.starts_with("exit code: 1"), "{shown}");
        assert!(shown.contains("error[MM613]"), "{shown}");
    }
    world.check(&["add", "--pip", "==3", "--no-lock"], expect![[r#"
        exit code: 2
        ----- stderr
        error: `==3` is no requirement: expected package name starting with an alphanumeric character, found `=`; pip refuses it
    "#]]);
    world.check(&["add", "a", "--platform=linux64"], expect![[r#"
        exit code: 2
        ----- stderr
        error: invalid value 'linux64' for '--platform <PLATFORM>': a spec can say linux, osx, win, unix, linux-64, linux-aarch64, linux-ppc64le, osx-64, osx-arm64, win-64

        For more information, try '--help'.
    "#]]);
    world.check(
        &["remove", "pythn"],
        expect![[r#"
        exit code: 1
        ----- stderr
        error: there is no dependency pythn in env.yaml
        hint: did you mean python?
    "#]],
    );
    world.check(
        &["remove", "zlib"],
        expect![[r#"
        exit code: 1
        ----- stderr
        error: there is no dependency zlib in env.yaml
        hint: mmdev tree --invert zlib shows what needs it, if it is locked
    "#]],
    );
    world.check(
        &["remove", "python", "--pip"],
        expect![[r#"
        exit code: 1
        ----- stderr
        error: there is no dependency python in the pip section of env.yaml
        hint: it is one of conda's: mmdev remove python
    "#]],
    );
    world.check(
        &["update", "six"],
        expect![[r#"
        exit code: 1
        ----- stderr
        error: no lock has a package six
        hint: mmdev lock makes one
    "#]],
    );
    world.check(
        &["add", "six", "--to", "dev.yaml"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: dev.yaml is no spec of this environment
        hint: it is made of env.yaml
    "#]],
    );
    world.check(
        &["add", "six>=1.17", "--no-lock", "--dry-run"],
        expect![[r#"
            exit code: 0
            ----- stdout
            --- a/env.yaml
            +++ b/env.yaml
            @@ -3,3 +3,4 @@
               - HOST/main
             dependencies:
               - python >=3.13
            +  - six>=1.17
            ----- stderr
                  Adding six>=1.17 to env.yaml
            nothing was written (--dry-run)
        "#]],
    );
    assert_eq!(spec(&world), before);
    assert!(!world.project.tree().contains("conda-lock.yml"));
}

#[test]
fn a_section_a_platform_and_a_channel() {
    let world = World::new();
    world.spec("dependencies:\n  - python\n");
    world.check(
        &["add", "mkl", "--platform", "linux-64"],
        expect![[r#"
            exit code: 0
            ----- stderr
                 Solving env.yaml for linux-64, linux-aarch64
                  Adding mkl >=2025.0 to env.yaml
                  Locked conda-lock.yml: 4 packages for linux-64, 3 packages for linux-aarch64
        "#]],
    );
    world.check(
        &["add", "six", "--platform", "win"],
        expect![[r#"
        exit code: 2
        ----- stderr
             Solving env.yaml for linux-64, linux-aarch64
        error: nothing is locked for the platform of six, so that no version was chosen
        hint: give one: mmdev add six=1.2 --platform win
    "#]],
    );
    world.check(
        &["add", "--pip", "rich", "--platform", "linux", "--no-lock"],
        expect![[r#"
            exit code: 0
            ----- stderr
                  Adding pip to env.yaml
                  Adding rich; sys_platform == "linux" to the pip section of env.yaml
            conda-lock.yml is as it was: mmdev lock brings it along
            rich has no version; "rich>=1.2" gives it a lower bound
        "#]],
    );
    world.check(
        &["add", "zlib>=1", "--no-lock", "--channel", "bioconda"],
        expect![[r#"
            exit code: 0
            ----- stderr
                  Adding channel bioconda to env.yaml
                  Adding zlib>=1 to env.yaml
            conda-lock.yml is as it was: mmdev lock brings it along
        "#]],
    );
    expect![[r#"
        name: it
        channels:
          - HOST/main
          - bioconda
        dependencies:
          - python
          - mkl >=2025.0  # [linux64]
          - pip
          - zlib>=1
          - pip:
            - rich; sys_platform == "linux"
    "#]]
    .assert_eq(&spec(&world));
    world.check(
        &[
            "add",
            "--pip",
            "x>1; python_version > '3'",
            "--platform=win",
            "--no-lock",
        ],
        expect![[r#"
            exit code: 0
            ----- stderr
                  Adding x>1; (python_version > '3') and sys_platform == "win32" to the pip section of env.yaml
            conda-lock.yml is as it was: mmdev lock brings it along
        "#]],
    );
    world.check(
        &["remove", "rich", "x", "--no-lock"],
        expect![[r#"
            exit code: 0
            ----- stderr
                Removing rich; sys_platform == "linux" from the pip section of env.yaml
                Removing x>1; (python_version > '3') and sys_platform == "win32" from the pip section of env.yaml
            conda-lock.yml is as it was: mmdev lock brings it along
        "#]],
    );
    expect![[r#"
        name: it
        channels:
          - HOST/main
          - bioconda
        dependencies:
          - python
          - mkl >=2025.0  # [linux64]
          - pip
          - zlib>=1
    "#]]
    .assert_eq(&spec(&world));
}

#[test]
fn what_is_locked_moves_forward_alone() {
    let world = World::new();
    world.spec("dependencies:\n  - python =3.12\n  - six =1.16\nplatforms: [linux-64]\n");
    world.check(
        &["lock"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
              Locked conda-lock.yml: 4 packages for linux-64
    "#]],
    );
    world.spec("dependencies:\n  - python >=3.12\n  - six\nplatforms: [linux-64]\n");
    world.check(
        &["lock"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
              Locked conda-lock.yml: 4 packages for linux-64
    "#]],
    );
    let before = world.lock();
    world.check(
        &["update", "sixx"],
        expect![[r#"
        exit code: 1
        ----- stderr
        error: no lock has a package sixx
        hint: did you mean six?
    "#]],
    );
    world.check(
        &["update", "Six", "--dry-run"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
            Updating six 1.16.0 -> 1.17.0
        nothing was written (--dry-run)
    "#]],
    );
    assert_eq!(world.lock(), before);
    world.check(
        &["update", "six"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
            Updating six 1.16.0 -> 1.17.0
              Locked conda-lock.yml: 4 packages for linux-64
    "#]],
    );
    world.check(
        &["update"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
            Updating python 3.12.1 -> 3.13.0
              Locked conda-lock.yml: 4 packages for linux-64
    "#]],
    );
    world.check(
        &["update"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
               Fresh conda-lock.yml
    "#]],
    );
    world.check(
        &["update", "--locked"],
        expect![[r#"
            exit code: 2
            ----- stderr
            error: mmdev update changes locks, and --locked says that they stay
        "#]],
    );
}

#[test]
fn specs_that_are_merged() {
    let world = World::new();
    world.spec("dependencies:\n  - python\nplatforms: [linux-64]\n");
    world
        .project
        .write("dev.yaml", "dependencies:\n  - six=1.16\n");
    world
        .project
        .write("mmdev.toml", "files = ['env.yaml', 'dev.yaml']\n");
    world.check(
        &["add", "zlib", "--to", "dev.yaml"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml and dev.yaml for linux-64
              Adding zlib=1.3 to dev.yaml
              Locked conda-lock.yml: 4 packages for linux-64
    "#]],
    );
    world.check(
        &["add", "six=1.17", "pip"],
        expect![[r#"
            exit code: 0
            ----- stderr
                 Solving env.yaml and dev.yaml for linux-64
                  Adding pip to env.yaml
                Changing six=1.16 -> six=1.17 in dev.yaml
                Updating six 1.16.0 -> 1.17.0
                  Locked conda-lock.yml: 4 packages for linux-64
        "#]],
    );
    world.check(
        &["remove", "six"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml and dev.yaml for linux-64
            Removing six=1.17 from dev.yaml
            Removing six 1.17.0
              Locked conda-lock.yml: 3 packages for linux-64
    "#]],
    );
    expect![[r#"
        name: it
        channels:
          - HOST/main
        dependencies:
          - python
          - pip
        platforms: [linux-64]
    "#]]
    .assert_eq(&spec(&world));
    expect![[r#"
        dependencies:
          - zlib=1.3
    "#]]
    .assert_eq(&world.project.read("dev.yaml"));
}

#[test]
fn json_lines() {
    let world = World::new();
    world.spec("dependencies:\n  - python=3.12\nplatforms: [linux-64]\n");
    let json = ["--message-format", "json", "-q"];
    world.check(&[&["add", "six=1.16"][..], &json].concat(), expect![[r#"
        exit code: 0
        ----- stdout
        {"format":1,"reason":"spec-change","file":"env.yaml","section":"conda","change":"added","name":"six","after":"six=1.16","written":true}
        {"format":1,"reason":"generated-file","path":"conda-lock.yml","change":"created","written":true}
        {"format":1,"reason":"lock-difference","path":"conda-lock.yml","platform":"linux-64","name":"pip","manager":"conda","change":"added","to":{"version":"25.0","build":"py_0","size":700000},"written":true}
        {"format":1,"reason":"lock-difference","path":"conda-lock.yml","platform":"linux-64","name":"python","manager":"conda","change":"added","to":{"version":"3.12.1","build":"h1_0","size":1200000},"written":true}
        {"format":1,"reason":"lock-difference","path":"conda-lock.yml","platform":"linux-64","name":"six","manager":"conda","change":"added","to":{"version":"1.16.0","build":"py_0","size":900000},"written":true}
        {"format":1,"reason":"lock-difference","path":"conda-lock.yml","platform":"linux-64","name":"zlib","manager":"conda","change":"added","to":{"version":"1.3.1","build":"h1_0","size":900000},"written":true}
    "#]]);
    world.check(&[&["add", "six"][..], &json].concat(), expect![[r#"
        exit code: 0
        ----- stdout
        {"format":1,"reason":"spec-change","file":"env.yaml","section":"conda","change":"kept","name":"six","before":"six=1.16","after":"six=1.16","written":false}
    "#]]);
    world.check(
        &[&["remove", "six", "--dry-run"][..], &json].concat(),
        expect![[r#"
            exit code: 0
            ----- stdout
            {"format":1,"reason":"spec-change","file":"env.yaml","section":"conda","change":"removed","name":"six","before":"six=1.16","written":false}
            {"format":1,"reason":"generated-file","path":"conda-lock.yml","change":"changed","written":false}
            {"format":1,"reason":"lock-difference","path":"conda-lock.yml","platform":"linux-64","name":"six","manager":"conda","change":"removed","from":{"version":"1.16.0","build":"py_0","size":900000},"written":false}
        "#]],
    );
}

/// A spec without dependencies, and one that a person has to edit.
#[test]
fn specs_of_another_kind() {
    let world = World::new();
    world.spec("platforms: [linux-64]\n");
    world.check(
        &["add", "six"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
              Adding six >=1.17,<2 to env.yaml
              Locked conda-lock.yml: 4 packages for linux-64
    "#]],
    );
    expect![[r#"
        name: it
        channels:
          - HOST/main
        platforms: [linux-64]
        dependencies:
          - six >=1.17,<2
    "#]]
    .assert_eq(&spec(&world));
    world.spec("dependencies: [zlib, # why\n  python]\nplatforms: [linux-64]\n");
    world.check(
        &["add", "six"],
        expect![[r#"
        exit code: 1
        ----- stderr
        error: env.yaml is written in a way that is not edited here: nothing was written
        hint: write `- six` below `dependencies:` yourself, then: mmdev lock
    "#]],
    );
    world.project.write("env.yaml", "dependencies: [zlib]\n");
    world.check(
        &["add", "six"],
        expect![[r#"
        exit code: 1
        ----- stderr
            channels:
              - conda-forge
        error: env.yaml names no channel, and which one it is decides what is installed
        hint: write it down; the two lines above choose conda-forge
    "#]],
    );
    let channel = format!("{}/main", world.server.url());
    world.check(
        &["add", "six", "--channel", &channel, "--dry-run"],
        expect![[r#"
            exit code: 0
            ----- stdout
            --- a/env.yaml
            +++ b/env.yaml
            @@ -1 +1,3 @@
            -dependencies: [zlib]
            +channels:
            +  - HOST/main
            +dependencies: [zlib, "six >=1.17,<2"]
            ----- stderr
                 Solving env.yaml for linux-64
                  Adding channel HOST/main to env.yaml
                  Adding six >=1.17,<2 to env.yaml
            nothing was written (--dry-run)
        "#]],
    );
    assert_eq!(world.project.read("env.yaml"), "dependencies: [zlib]\n");
}

/// Of spec and lock, both are written or neither: nothing can be written beside the link's target.
#[cfg(target_os = "linux")]
#[test]
fn a_lock_that_cannot_be_written_takes_the_spec_back() {
    let world = World::new();
    world.spec("dependencies:\n  - python\nplatforms: [linux-64]\n");
    let before = spec(&world);
    let lock = world.project.root().join("conda-lock.yml");
    std::os::unix::fs::symlink("/proc/version", lock).unwrap();
    let output = world.project.command(&["add", "six"]).output().unwrap();
    let shown = world.project.shown(output);
    assert!(shown.starts_with("exit code: 3"), "{shown}");
    assert!(shown.contains("cannot write"), "{shown}");
    assert_eq!(spec(&world), before);
}

/// Packages `p0` to `p199`, in two versions each; each needs some of those before it.
fn large(world: &World) {
    let needs = |number: usize| {
        let others = [number / 2, number / 3, number.saturating_sub(7)];
        let others = others.iter().filter(|other| **other < number);
        let names: BTreeSet<String> = others.map(|other| format!("p{other}")).collect();
        names.into_iter().collect::<Vec<_>>().join(", ")
    };
    let mut lines = Vec::new();
    for number in 0..200 {
        for version in ["1.0", "1.1"] {
            lines.push(format!("p{number} {version} h_0; {}", needs(number)));
        }
    }
    lines.extend(
        [
            "extra 2.3.4 h_0; p3 >=1, p150, own >=1",
            "own 1.5 h_0; deeper",
            "deeper 7 h_0; p1",
        ]
        .map(str::to_owned),
    );
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    for subdir in ["linux-64", "linux-aarch64"] {
        world.channel(subdir, &lines);
    }
    world.channel("noarch", &[]);
}

/// Each package of a lock as it stands there.
fn packages(lock: &str) -> BTreeSet<String> {
    let (_, packages) = lock.split_once("package:").unwrap();
    let packages = packages.trim_end().split("\n- ").skip(1);
    packages.map(str::to_owned).collect()
}

/// One package more and less in a large environment changes it and what only it needs, also where newer versions of the
/// others could be had.
#[test]
fn a_package_there_and_back() {
    let world = World::new();
    large(&world);
    let entries = |pin: &str| -> String {
        let lines = (0..200).map(|number| format!("- p{number}{pin} # {number}\r\n"));
        format!(
            "dependencies:\r\n{}# the end\r\n",
            lines.collect::<String>()
        )
    };
    world.spec(&entries("=1.0"));
    world.check(
        &["lock"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64, linux-aarch64
              Locked conda-lock.yml: 200 packages for linux-64, 200 packages for linux-aarch64
    "#]],
    );
    world.spec(&entries(">=1.0"));
    world.check(
        &["lock"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64, linux-aarch64
              Locked conda-lock.yml: 200 packages for linux-64, 200 packages for linux-aarch64
    "#]],
    );
    assert_eq!(world.lock().matches("version: '1.0'").count(), 400);
    let [spec, lock] = ["env.yaml", "conda-lock.yml"].map(|file| world.project.read(file));
    world.check(
        &["add", "extra"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64, linux-aarch64
              Adding extra>=2.3,<3 to env.yaml
              Adding deeper 7
              Adding extra 2.3.4
              Adding own 1.5
              Locked conda-lock.yml: 203 packages for linux-64, 203 packages for linux-aarch64
    "#]],
    );
    let after = world.project.read("env.yaml");
    assert_eq!(after.replace("- extra>=2.3,<3\r\n", ""), spec);
    let [before, after] = [&lock, &world.project.read("conda-lock.yml")].map(|text| packages(text));
    assert_eq!(before.difference(&after).count(), 0);
    let new = after.difference(&before).map(|package| {
        let lines: Vec<&str> = package.lines().collect();
        format!("{} {}\n", lines[0], lines[3].trim())
    });
    expect![[r#"
        name: deeper platform: linux-64
        name: deeper platform: linux-aarch64
        name: extra platform: linux-64
        name: extra platform: linux-aarch64
        name: own platform: linux-64
        name: own platform: linux-aarch64
    "#]]
    .assert_eq(&new.collect::<String>());
    world.check(
        &["remove", "extra"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64, linux-aarch64
            Removing extra>=2.3,<3 from env.yaml
            Removing deeper 7
            Removing extra 2.3.4
            Removing own 1.5
              Locked conda-lock.yml: 200 packages for linux-64, 200 packages for linux-aarch64
    "#]],
    );
    assert_eq!(world.project.read("env.yaml"), spec);
    assert_eq!(world.project.read("conda-lock.yml"), lock);
}

/// The same in a real environment, on the real records of conda-forge.
#[test]
#[ignore = "needs MMDEV_CORPUS"]
fn a_package_there_and_back_on_conda_forge() {
    let server = HttpServer::start(&mmdev_testkit::corpus("channels"));
    let project = Project::new();
    let run = |arguments: &[&str]| {
        let output = project.command(arguments).output().unwrap();
        let shown = project.shown(output);
        assert!(shown.starts_with("exit code: 0"), "{shown}");
        shown
    };
    project.write(
        "environment.yml",
        &format!(
            "name: it\nchannels: [{}/conda-forge]\nplatforms: [linux-64]\ndependencies:\n  - python=3.12\n  - jupyterlab\n  - scikit-learn\n  - matplotlib\n  - pandas\n  - pytest\n",
            server.url()
        ),
    );
    run(&["lock"]);
    let [spec, lock] = ["environment.yml", "conda-lock.yml"].map(|file| project.read(file));
    let said = run(&["add", "dask"]);
    assert!(
        !said.contains("Updating") && !said.contains("Removing"),
        "{said}"
    );
    let [before, after] = [&lock, &project.read("conda-lock.yml")].map(|text| packages(text));
    assert!(before.len() > 200, "{}", before.len());
    assert_eq!(before.difference(&after).count(), 0);
    let new: Vec<&String> = after.difference(&before).collect();
    assert!(new.len() > 1, "{said}");
    for package in &new {
        let name = package.lines().next().unwrap().trim_start_matches("name: ");
        let needs_it = |other: &&String| other.contains(&format!("\n    {name}: "));
        assert!(name == "dask" || new.iter().any(needs_it), "{name}");
    }
    run(&["remove", "dask"]);
    assert_eq!(project.read("environment.yml"), spec);
    assert_eq!(project.read("conda-lock.yml"), lock);
}
