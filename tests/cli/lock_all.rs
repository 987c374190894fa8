//! `mmdev lock --all`: many specs, each with a lock of its own.

use expect_test::expect;

use crate::lock::World;

/// Specs as a workflow has them.
fn workflow() -> World {
    let world = World::new();
    let spec = |path: &str, dependencies: &str| {
        let text = format!(
            "channels:\n  - {}/main\ndependencies: [{dependencies}]\n",
            world.url()
        );
        world.project.write(path, &text);
    };
    spec("envs/a.yaml", "zlib");
    spec("envs/b.yaml", "python 3.13.*, six");
    // The same in other words.
    spec("envs/c.yaml", "six,   python 3.13.*");
    spec("envs/conflict.yaml", "python 3.13.*, old");
    spec("envs/broken.yaml", "python=>3");
    spec("tools/environment.yml", "zlib");
    world.project.write("envs/values.yaml", "name: no spec\n");
    world
}

#[test]
fn each_spec_has_its_lock() {
    let world = workflow();
    let sorted = |arguments: &[&str]| {
        let output = world.project.command(arguments).output().unwrap();
        let shown = world.project.shown(output).replace(&world.url(), "HOST");
        // Several are solved at once.
        let is_of_one = |line: &&str| line.contains(" Locked ");
        let mut locked: Vec<&str> = shown.lines().filter(is_of_one).collect();
        locked.sort_unstable();
        let rest: Vec<&str> = shown.lines().filter(|line| !is_of_one(line)).collect();
        format!("{}\n{}\n", locked.join("\n"), rest.join("\n"))
    };
    expect![[r#"
              Locked envs/a.conda-lock.yml
              Locked envs/b.conda-lock.yml
              Locked envs/c.conda-lock.yml
              Locked tools/conda-lock.yml
        exit code: 1
        ----- stderr
        error[MM209]: `=>` is no operator; micromamba and rattler refuse it, conda takes it
         --> envs/broken.yaml:3:22
          |
        3 | dependencies: [python=>3]
          |                      ^^
          |
          = hint: The operators are `=`, `==`, `!=`, `>=`, `<=`, `>`, `<` and `~=`
        fix: Write `python>=3`
          |
        3 - dependencies: [python=>3]
        3 + dependencies: [python>=3]
          |

        error: envs/broken.yaml: it has 1 error
        hint: mmdev explain CODE says more of what is said above
            envs/conflict.yaml:3 | dependencies: [python 3.13.*, old]
            envs/conflict.yaml:3 | dependencies: [python 3.13.*, old]
            The following packages are incompatible
            ├─ python 3.13.* can be installed with any of the following options:
            │  └─ python 3.13.0
            └─ old * cannot be installed because there are no viable options:
               └─ old 1.0 would require
                  └─ python <3.13, which cannot be installed because there are no viable options:
                     └─ python 3.12.1, which conflicts with the versions reported above.
        error: envs/conflict.yaml: `python 3.13.*` (envs/conflict.yaml:3) and `old` (envs/conflict.yaml:3) do not go together on linux-64
        hint: with any version for `python 3.13.*` (envs/conflict.yaml:3) it would do: 3.12.1 is chosen
        hint: without `old` (envs/conflict.yaml:3) the rest can be had
            Finished 6 specs: 2 solved, 2 that ask for the same, 2 failed
            envs/broken.yaml: it has 1 error
            envs/conflict.yaml: `python 3.13.*` (envs/conflict.yaml:3) and `old` (envs/conflict.yaml:3) do not go together on linux-64
        error: 2 of 6 specs could not be locked
        hint: mmdev lock --all goes on with these once they are mended
    "#]].assert_eq(&sorted(&["lock", "--all"]));
    expect![[r#"
        envs/a.conda-lock.yml
        envs/a.yaml
        envs/b.conda-lock.yml
        envs/b.yaml
        envs/broken.yaml
        envs/c.conda-lock.yml
        envs/c.yaml
        envs/conflict.yaml
        envs/values.yaml
        tools/conda-lock.yml
        tools/environment.yml
    "#]]
    .assert_eq(&world.project.tree());
    let body = |path: &str| {
        let text = world.project.read(path);
        text[text.find("package:").unwrap()..].to_owned()
    };
    assert_eq!(body("envs/b.conda-lock.yml"), body("envs/c.conda-lock.yml"));
    // Each is the lock that the spec has where it is named alone.
    world.check(
        &["lock", "--check", "-f", "envs/c.yaml"],
        expect![[r#"
        exit code: 0
        ----- stderr
               Fresh envs/c.conda-lock.yml
    "#]],
    );
    world.check(
        &["tree", "-f", "envs/a.yaml", "-q"],
        expect![[r#"
        exit code: 0
        ----- stdout
        zlib 1.3.1
    "#]],
    );
    expect![[r#"

        exit code: 1
        ----- stderr
        error[MM209]: `=>` is no operator; micromamba and rattler refuse it, conda takes it
         --> envs/broken.yaml:3:22
          |
        3 | dependencies: [python=>3]
          |                      ^^
          |
          = hint: The operators are `=`, `==`, `!=`, `>=`, `<=`, `>`, `<` and `~=`
        fix: Write `python>=3`
          |
        3 - dependencies: [python=>3]
        3 + dependencies: [python>=3]
          |

        error: envs/broken.yaml: it has 1 error
        hint: mmdev explain CODE says more of what is said above
               Fresh envs/a.conda-lock.yml
               Fresh envs/b.conda-lock.yml
               Fresh envs/c.conda-lock.yml
               Fresh tools/conda-lock.yml
            envs/conflict.yaml:3 | dependencies: [python 3.13.*, old]
            envs/conflict.yaml:3 | dependencies: [python 3.13.*, old]
            The following packages are incompatible
            ├─ python 3.13.* can be installed with any of the following options:
            │  └─ python 3.13.0
            └─ old * cannot be installed because there are no viable options:
               └─ old 1.0 would require
                  └─ python <3.13, which cannot be installed because there are no viable options:
                     └─ python 3.12.1, which conflicts with the versions reported above.
        error: envs/conflict.yaml: `python 3.13.*` (envs/conflict.yaml:3) and `old` (envs/conflict.yaml:3) do not go together on linux-64
        hint: with any version for `python 3.13.*` (envs/conflict.yaml:3) it would do: 3.12.1 is chosen
        hint: without `old` (envs/conflict.yaml:3) the rest can be had
            Finished 6 specs: 4 fresh, 2 failed
            envs/broken.yaml: it has 1 error
            envs/conflict.yaml: `python 3.13.*` (envs/conflict.yaml:3) and `old` (envs/conflict.yaml:3) do not go together on linux-64
        error: 2 of 6 specs could not be locked
        hint: mmdev lock --all goes on with these once they are mended
    "#]].assert_eq(&sorted(&["lock", "--all"]));
}

#[test]
fn some_specs_are_meant() {
    let world = workflow();
    world.check(
        &["lock", "--all", "tools", "envs/a.yaml"],
        expect![[r#"
            exit code: 0
            ----- stderr
                  Locked tools/conda-lock.yml
                  Locked envs/a.conda-lock.yml
                Finished 2 specs: 1 solved, 1 that ask for the same
        "#]],
    );
    world.check(
        &["lock", "--all", "envs/[ab].yaml", "envs/a.yaml"],
        expect![[r#"
            exit code: 0
            ----- stderr
                   Fresh envs/a.conda-lock.yml
                  Locked envs/b.conda-lock.yml
                Finished 2 specs: 1 solved, 1 fresh
        "#]],
    );
    world.check(
        &["lock", "--all", "--check", "*a.yaml", "**/c.yaml"],
        expect![[r#"
            exit code: 1
            ----- stderr
                   Fresh envs/a.conda-lock.yml
            error: envs/c.yaml: envs/c.conda-lock.yml is not its lock
                Finished 2 specs: 1 fresh, 1 failed
                envs/c.yaml: envs/c.conda-lock.yml is not its lock
            error: 1 of 2 specs are without their lock
            hint: mmdev lock --all makes it
        "#]],
    );
    world.check(
        &[
            "lock",
            "--all",
            "envs/c.yaml",
            "--message-format",
            "json",
            "-q",
        ],
        expect![[r#"
            exit code: 0
            ----- stdout
            {"format":1,"reason":"generated-file","path":"envs/c.conda-lock.yml","change":"created","written":true}
            {"format":1,"reason":"lock-difference","path":"envs/c.conda-lock.yml","platform":"linux-64","name":"pip","manager":"conda","change":"added","to":{"version":"25.0","build":"py_0","size":700000},"written":true}
            {"format":1,"reason":"lock-difference","path":"envs/c.conda-lock.yml","platform":"linux-64","name":"python","manager":"conda","change":"added","to":{"version":"3.13.0","build":"h1_0","size":1200000},"written":true}
            {"format":1,"reason":"lock-difference","path":"envs/c.conda-lock.yml","platform":"linux-64","name":"six","manager":"conda","change":"added","to":{"version":"1.17.0","build":"py_0","size":900000},"written":true}
            {"format":1,"reason":"lock-difference","path":"envs/c.conda-lock.yml","platform":"linux-64","name":"zlib","manager":"conda","change":"added","to":{"version":"1.3.1","build":"h1_0","size":900000},"written":true}
            {"format":1,"reason":"lock-difference","path":"envs/c.conda-lock.yml","platform":"linux-aarch64","name":"pip","manager":"conda","change":"added","to":{"version":"25.0","build":"py_0","size":700000},"written":true}
            {"format":1,"reason":"lock-difference","path":"envs/c.conda-lock.yml","platform":"linux-aarch64","name":"python","manager":"conda","change":"added","to":{"version":"3.13.0","build":"h2_0","size":1200000},"written":true}
            {"format":1,"reason":"lock-difference","path":"envs/c.conda-lock.yml","platform":"linux-aarch64","name":"six","manager":"conda","change":"added","to":{"version":"1.17.0","build":"py_0","size":900000},"written":true}
            {"format":1,"reason":"lock-difference","path":"envs/c.conda-lock.yml","platform":"linux-aarch64","name":"zlib","manager":"conda","change":"added","to":{"version":"1.3.1","build":"h2_0","size":900000},"written":true}
            {"format":1,"reason":"spec-locked","spec":"envs/c.yaml","lock":"envs/c.conda-lock.yml","state":"solved","hints":[]}
            {"format":1,"reason":"all-locked","specs":1,"fresh":0,"solved":1,"alike":0,"failed":0}
        "#]],
    );
    world.check(
        &["lock", "--all", "nothing/*"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: no spec is meant by nothing/*
    "#]],
    );
    world.check(
        &["lock", "--all", "envs/values.yaml"],
        expect![[r#"
        exit code: 1
        ----- stderr
        error[MM103]: `dependencies:` is missing, so that nothing would be installed
         --> envs/values.yaml:1:1
          |
        1 | name: no spec
          | ^^^^
          |
          = hint: Add `dependencies:` and a list of packages

        error[MM105]: the name `no spec` contains a space
         --> envs/values.yaml:1:9
          |
        1 | name: no spec
          |         ^
          |
          = hint: Use a name without `/`, `:`, `#` and spaces: it becomes a folder

        error: envs/values.yaml: it has 2 errors
        hint: mmdev explain CODE says more of what is said above
            Finished 1 spec: 1 failed
            envs/values.yaml: it has 2 errors
        error: 1 of 1 spec could not be locked
        hint: mmdev lock --all goes on with these once they are mended
    "#]],
    );
    world.check(
        &["lock", "--all", "-f", "envs/a.yaml"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: --all finds the specs itself
        hint: name them behind it, without -f and --env
    "#]],
    );
    world.check(
        &["lock", "envs/a.yaml"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: the following required arguments were not provided:
          --all

        Usage: mmdev lock --all <GLOBS>...

        For more information, try '--help'.
    "#]],
    );
    // The specs of one folder that have a project's name would have one lock.
    for name in ["env.yaml", "env.yml"] {
        let text = world.project.read("envs/a.yaml");
        world.project.write(&format!("both/{name}"), &text);
    }
    world.check(
        &["lock", "--all", "both"],
        expect![[r#"
        exit code: 1
        ----- stderr
        error: both/env.yml: its lock would be both/conda-lock.yml, which is that of both/env.yaml
        hint: rename one of them, or put it into a folder of its own
              Locked both/conda-lock.yml
            Finished 2 specs: 1 solved, 1 failed
            both/env.yml: its lock would be both/conda-lock.yml, which is that of both/env.yaml
        error: 1 of 2 specs could not be locked
        hint: mmdev lock --all goes on with these once they are mended
    "#]],
    );
}

/// Specs that ask for the same are solved once, and what is wrong is said of each in its own words.
#[test]
fn each_hears_of_its_own_lines() {
    let world = World::new();
    let spec = |path: &str, dependencies: &str| {
        let text = format!(
            "channels:\n  - {}/main\nplatforms: [linux-64]\ndependencies:\n{dependencies}",
            world.url()
        );
        world.project.write(path, &text);
    };
    spec("one.yaml", "  - old\n  - python 3.13.*\n");
    spec("two.yaml", "  # why\n  - python 3.13.*\n  - old\n");
    let output = world.project.command(&["lock", "--all"]).output().unwrap();
    let shown = world.project.shown(output);
    let said = |line: &&str| line.starts_with("error: ") || line.contains(" | ");
    let mut said: Vec<&str> = shown.lines().filter(said).collect();
    said.sort_unstable();
    expect![[r#"
            one.yaml:5 |   - old
            one.yaml:6 |   - python 3.13.*
            two.yaml:6 |   - python 3.13.*
            two.yaml:7 |   - old
        error: 2 of 2 specs could not be locked
        error: one.yaml: `old` (one.yaml:5) and `python 3.13.*` (one.yaml:6) do not go together on linux-64
        error: two.yaml: `python 3.13.*` (two.yaml:6) and `old` (two.yaml:7) do not go together on linux-64"#]].assert_eq(&said.join("\n"));
}
