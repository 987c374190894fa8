//! `mmdev lock` on a channel of this machine.

#[cfg(unix)]
use std::io::Read as _;

use expect_test::{Expect, expect};
use mmdev_testkit::FaultyServer;
use serde_json::{Value, json};

use crate::project::Project;

/// A channel that is served, and a project that uses it.
pub(crate) struct World {
    pub(crate) project: Project,
    pub(crate) served: tempfile::TempDir,
    pub(crate) server: FaultyServer,
}

/// `name version build; depends, …` of the subdir that it is listed under.
fn record(subdir: &str, line: &str) -> (String, Value) {
    let (head, depends) = line.split_once(';').unwrap_or((line, ""));
    let head: Vec<&str> = head.split_whitespace().collect();
    let [name, version, build] = head[..] else {
        panic!("{line}");
    };
    let depends: Vec<&str> = depends
        .split(", ")
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .collect();
    let record = json!({
        "name": name,
        "version": version,
        "build": build,
        "build_number": 0,
        "subdir": subdir,
        "depends": depends,
        "size": 100_000 * (name.len() + version.len()),
        "license": "MIT",
        "md5": "0123456789abcdef0123456789abcdef",
        "sha256": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    });
    (format!("{name}-{version}-{build}.conda"), record)
}

impl World {
    pub(crate) fn new() -> Self {
        let served = tempfile::tempdir().unwrap();
        let world = World {
            project: Project::new(),
            server: FaultyServer::start(served.path().to_owned()),
            served,
        };
        world.channel(
            "linux-64",
            &[
                "python 3.12.1 h1_0; zlib",
                "python 3.13.0 h1_0; zlib",
                "zlib 1.3.1 h1_0",
                "mkl 2025.0 h1_0",
            ],
        );
        world.channel(
            "linux-aarch64",
            &["python 3.13.0 h2_0; zlib", "zlib 1.3.1 h2_0"],
        );
        world.channel(
            "noarch",
            &[
                "old 1.0 py_0; python <3.13",
                "six 1.16.0 py_0; python",
                "six 1.17.0 py_0; python",
                "pip 25.0 py_0; python",
            ],
        );
        world
    }

    pub(crate) fn channel(&self, subdir: &str, lines: &[&str]) {
        self.channel_at("main", subdir, lines);
    }

    pub(crate) fn channel_at(&self, name: &str, subdir: &str, lines: &[&str]) {
        let folder = self.served.path().join(name).join(subdir);
        std::fs::create_dir_all(&folder).unwrap();
        let records: serde_json::Map<_, _> =
            lines.iter().map(|line| record(subdir, line)).collect();
        let repodata = json!({
            "info": { "subdir": subdir },
            "packages": {},
            "packages.conda": records,
        });
        let path = folder.join("repodata.json");
        // The server tells one file from another by its second, and a test writes several within one.
        let before = std::fs::metadata(&path).and_then(|before| before.modified());
        std::fs::write(&path, repodata.to_string()).unwrap();
        if let Ok(before) = before {
            let file = std::fs::File::options().write(true).open(&path).unwrap();
            file.set_modified(before + std::time::Duration::from_secs(2))
                .unwrap();
        }
    }

    /// A spec with that channel.
    pub(crate) fn spec(&self, rest: &str) {
        let text = format!(
            "name: it\nchannels:\n  - {}/main\n{rest}",
            self.server.url()
        );
        self.project.write("env.yaml", &text);
    }

    /// Where the channel is served.
    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    #[track_caller]
    pub(crate) fn check(&self, arguments: &[&str], expected: Expect) {
        let output = self.project.command(arguments).output().unwrap();
        let shown = self.project.shown(output);
        let mut shown = shown.replace(&self.server.url(), "HOST");
        // What a spec is known by depends on the server's port, which stands in it.
        if let Some(at) = shown
            .find(" env.yaml\n")
            .and_then(|end| end.checked_sub(16))
            && shown.is_char_boundary(at)
            && shown[at..at + 16]
                .chars()
                .all(|digit| digit.is_ascii_hexdigit())
        {
            shown.replace_range(at..at + 16, "0123456789abcdef");
        }
        expected.assert_eq(&shown);
    }

    pub(crate) fn lock(&self) -> String {
        self.project
            .read("conda-lock.yml")
            .replace(&self.server.url(), "HOST")
    }
}

#[test]
fn both_platforms_of_containers() {
    let world = World::new();
    world.spec("dependencies:\n  - python\n  - six 1.16.*\n");
    world.check(
        &["lock", "--check"],
        expect![[r#"
        exit code: 1
        ----- stderr
        error: conda-lock.yml is not the lock of its spec
        hint: mmdev lock makes it anew
    "#]],
    );
    world.check(
        &["lock"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64, linux-aarch64
              Locked conda-lock.yml: 4 packages for linux-64, 4 packages for linux-aarch64
    "#]],
    );
    let text = world.lock();
    // What is in the first line hashes the rest, and so the server's port.
    let (_, text) = text.split_once('\n').unwrap();
    let masked: Vec<String> = text
        .lines()
        .map(
            |line| match line.trim_start().starts_with("linux-") || line.contains("mmdev-spec") {
                true => format!("{}: …", line.split(':').next().unwrap()),
                false => line.to_owned(),
            },
        )
        .collect();
    expect![[r#"
        # The exact packages of every platform, which `mmdev lock` made from env.yaml.
        # Do not edit it: edit the spec, and lock again. conda-lock, micromamba and mamba read it as well.
        version: 1
        metadata:
          content_hash:
            linux-64: …
            linux-aarch64: …
          channels:
          - url: HOST/main
            used_env_vars: []
          platforms:
          - linux-64
          - linux-aarch64
          sources:
          - env.yaml
          custom_metadata:
            mmdev-size/linux-64/pip: '700000'
            mmdev-size/linux-64/python: '1200000'
            mmdev-size/linux-64/six: '900000'
            mmdev-size/linux-64/zlib: '900000'
            mmdev-size/linux-aarch64/pip: '700000'
            mmdev-size/linux-aarch64/python: '1200000'
            mmdev-size/linux-aarch64/six: '900000'
            mmdev-size/linux-aarch64/zlib: '900000'
            mmdev-spec: …
        package:
        - name: pip
          version: '25.0'
          manager: conda
          platform: linux-64
          dependencies:
            python: ''
          url: HOST/main/noarch/pip-25.0-py_0.conda
          hash:
            md5: 0123456789abcdef0123456789abcdef
            sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
          category: main
          optional: false
        - name: pip
          version: '25.0'
          manager: conda
          platform: linux-aarch64
          dependencies:
            python: ''
          url: HOST/main/noarch/pip-25.0-py_0.conda
          hash:
            md5: 0123456789abcdef0123456789abcdef
            sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
          category: main
          optional: false
        - name: python
          version: 3.13.0
          manager: conda
          platform: linux-64
          dependencies:
            zlib: ''
          url: HOST/main/linux-64/python-3.13.0-h1_0.conda
          hash:
            md5: 0123456789abcdef0123456789abcdef
            sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
          category: main
          optional: false
        - name: python
          version: 3.13.0
          manager: conda
          platform: linux-aarch64
          dependencies:
            zlib: ''
          url: HOST/main/linux-aarch64/python-3.13.0-h2_0.conda
          hash:
            md5: 0123456789abcdef0123456789abcdef
            sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
          category: main
          optional: false
        - name: six
          version: 1.16.0
          manager: conda
          platform: linux-64
          dependencies:
            python: ''
          url: HOST/main/noarch/six-1.16.0-py_0.conda
          hash:
            md5: 0123456789abcdef0123456789abcdef
            sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
          category: main
          optional: false
        - name: six
          version: 1.16.0
          manager: conda
          platform: linux-aarch64
          dependencies:
            python: ''
          url: HOST/main/noarch/six-1.16.0-py_0.conda
          hash:
            md5: 0123456789abcdef0123456789abcdef
            sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
          category: main
          optional: false
        - name: zlib
          version: 1.3.1
          manager: conda
          platform: linux-64
          dependencies: {}
          url: HOST/main/linux-64/zlib-1.3.1-h1_0.conda
          hash:
            md5: 0123456789abcdef0123456789abcdef
            sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
          category: main
          optional: false
        - name: zlib
          version: 1.3.1
          manager: conda
          platform: linux-aarch64
          dependencies: {}
          url: HOST/main/linux-aarch64/zlib-1.3.1-h2_0.conda
          hash:
            md5: 0123456789abcdef0123456789abcdef
            sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
          category: main
          optional: false"#]].assert_eq(&masked.join("\n"));
    world.check(
        &["lock", "--check"],
        expect![[r#"
        exit code: 0
        ----- stderr
               Fresh conda-lock.yml
    "#]],
    );
    world.check(
        &["lock"],
        expect![[r#"
        exit code: 0
        ----- stderr
               Fresh conda-lock.yml
    "#]],
    );
}

/// What a person adds is all that changes, and a comment changes nothing.
#[test]
fn an_edit_changes_what_it_must() {
    let world = World::new();
    world.spec("dependencies:\n  - python 3.12.*\nplatforms: [linux-64]\n");
    world.check(
        &["lock"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
              Locked conda-lock.yml: 3 packages for linux-64
    "#]],
    );
    let before = world.lock();
    world.spec(
        "# Newer would do as well.\ndependencies:\n  - python >=3.12\nplatforms: [linux-64]\n",
    );
    world.check(
        &["lock"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
              Locked conda-lock.yml: 3 packages for linux-64
    "#]],
    );
    let after = world.lock();
    assert!(
        after.contains("python-3.12.1") && !after.contains("python-3.13"),
        "{after}"
    );
    let packages = |text: &str| text[text.find("package:").unwrap()..].to_owned();
    assert_eq!(packages(&before), packages(&after));
    // Offline, from what was fetched.
    world.spec("dependencies:\n  - python >=3.12\n  - six\nplatforms: [linux-64]\n");
    world.check(
        &["lock", "--offline"],
        expect![[r#"
            exit code: 0
            ----- stderr
                 Solving env.yaml for linux-64
                  Adding six 1.17.0
                  Locked conda-lock.yml: 4 packages for linux-64
        "#]],
    );
    world.check(
        &["lock", "--platform", "linux-aarch64"],
        expect![[r#"
            exit code: 0
            ----- stderr
                 Solving env.yaml for linux-64, linux-aarch64
                  Locked conda-lock.yml: 4 packages for linux-64, 4 packages for linux-aarch64
        "#]],
    );
}

/// An edited lock is nobody's, and a merge takes what both sides have.
#[test]
fn a_lock_that_is_broken_is_made_anew() {
    let world = World::new();
    world.spec("dependencies:\n  - python\nplatforms: [linux-64]\n");
    world.check(
        &["lock"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
              Locked conda-lock.yml: 3 packages for linux-64
    "#]],
    );
    let whole = world.project.read("conda-lock.yml");
    let edited = whole.replacen("md5: 0123", "md5: 4567", 1);
    world.project.write("conda-lock.yml", &edited);
    world.check(
        &["lock", "--check"],
        expect![[r#"
        exit code: 1
        ----- stderr
        error: conda-lock.yml is not the lock of its spec
        hint: mmdev lock makes it anew
    "#]],
    );
    world.check(
        &["lock"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
              Locked conda-lock.yml: 3 packages for linux-64
    "#]],
    );
    assert_eq!(world.project.read("conda-lock.yml"), whole);
    let (first, rest) = whole.split_once('\n').unwrap();
    let conflict =
        format!("<<<<<<< HEAD\n{first}\n=======\n# mmdev: 0000000000000000\n>>>>>>> main\n{rest}");
    world.project.write("conda-lock.yml", &conflict);
    world.check(
        &["lock"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
              Locked conda-lock.yml: 3 packages for linux-64
    "#]],
    );
    assert_eq!(world.project.read("conda-lock.yml"), whole);
}

#[test]
fn what_cannot_be_satisfied_is_shown_where_it_stands() {
    let world = World::new();
    world.spec("dependencies:\n  - zlib\n  - old  # for tests\n  - six\n  - python >=3.13\n");
    world.check(
        &["lock"],
        expect![[r#"
            exit code: 1
            ----- stderr
                 Solving env.yaml for linux-64, linux-aarch64
                env.yaml:6 |   - old  # for tests
                env.yaml:8 |   - python >=3.13
                The following packages are incompatible
                ├─ python >=3.13 can be installed with any of the following options:
                │  └─ python 3.13.0
                └─ old * cannot be installed because there are no viable options:
                   └─ old 1.0 would require
                      └─ python <3.13, which cannot be installed because there are no viable options:
                         └─ python 3.12.1, which conflicts with the versions reported above.
            error: `old` (env.yaml:6) and `python >=3.13` (env.yaml:8) do not go together on linux-64
            hint: with any version for `python >=3.13` (env.yaml:8) it would do: 3.12.1 is chosen
            hint: without `old` (env.yaml:6) the rest can be had
        "#]],
    );
    world.spec("dependencies:\n  - sxi\n  - six 2.*\n");
    world.check(
        &["lock"],
        expect![[r#"
        exit code: 1
        ----- stderr
             Solving env.yaml for linux-64, linux-aarch64
            env.yaml:5 |   - sxi
            env.yaml:6 |   - six 2.*
        error: `sxi` (env.yaml:5) and `six 2.*` (env.yaml:6) have no package on linux-64
        hint: the channels have nothing called sxi for linux-64 (env.yaml:5)
        hint: there are these versions of six: 1.17.0, 1.16.0 (env.yaml:6)
    "#]],
    );
    assert!(!world.project.tree().contains("conda-lock.yml"));
}

/// Nobody asked for the second platform of containers.
#[test]
fn what_the_second_platform_lacks_leaves_it_out() {
    let world = World::new();
    world.spec("dependencies:\n  - mkl\n");
    world.check(&["lock"], expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64, linux-aarch64
        warning: `mkl` (env.yaml:5) has no package on linux-aarch64: only linux-64 is locked, which is emulated on Apple Silicon (slower)
              Locked conda-lock.yml: 1 package for linux-64
    "#]]);
    world.spec("dependencies:\n  - mkl\nplatforms: [linux-64, linux-aarch64]\n");
    world.check(
        &["lock"],
        expect![[r#"
        exit code: 1
        ----- stderr
             Solving env.yaml for linux-64, linux-aarch64
            env.yaml:5 |   - mkl
        error: `mkl` (env.yaml:5) has no package on linux-aarch64
        hint: the channels have nothing called mkl for linux-aarch64 (env.yaml:5)
        hint: without `mkl` (env.yaml:5) the rest can be had
    "#]],
    );
}

#[test]
fn no_channel_is_picked_in_silence() {
    let project = Project::new().file("env.yaml", "name: it\ndependencies:\n  - python\n");
    project.check(
        &["lock"],
        expect![[r#"
            exit code: 1
            ----- stderr
                channels:
                  - conda-forge
            error: env.yaml names no channel, and which one it is decides what is installed
            hint: write it down; the two lines above choose conda-forge
        "#]],
    );
    assert_eq!(project.tree(), "env.yaml\n");
}

#[test]
fn a_channel_that_is_not_there_is_named() {
    let world = World::new();
    world.spec("dependencies:\n  - python\n");
    std::fs::remove_dir_all(world.served.path().join("main")).unwrap();
    world.check(
        &["lock"],
        expect![[r#"
            exit code: 3
            ----- stderr
                 Solving env.yaml for linux-64, linux-aarch64
            error: there is no channel at HOST/main/noarch/
            hint: mend its name in `channels:`
        "#]],
    );
    world.check(
        &["lock", "--offline"],
        expect![[r#"
        exit code: 3
        ----- stderr
             Solving env.yaml for linux-64, linux-aarch64
        error: the channel HOST/main/linux-64/ is not in the cache, and mmdev is offline
        hint: run it once without --offline
    "#]],
    );
}

#[test]
fn files_follow_the_lock_and_the_lock_its_spec() {
    let world = World::new();
    world.project.write("mmdev.toml", "layers.waste = 50\n");
    world.spec("platforms: [linux-64]\ndependencies:\n  - six 1.16.*\n");
    world.project.command(&["lock"]).output().unwrap();
    world.check(
        &["generate"],
        expect![[r#"
            exit code: 0
            ----- stderr
                 Created .devcontainer/mmdev/Dockerfile
                 Created .devcontainer/mmdev/.gitattributes
                 Created .devcontainer/mmdev/.gitignore
                 Created .devcontainer/mmdev/activate.sh
                 Created .devcontainer/mmdev/activate.fish
                 Created .devcontainer/mmdev/shells.sh
                 Created .devcontainer/mmdev/check.sh
                 Created .devcontainer/mmdev/base-lock.yml
                 Created .devcontainer/mmdev/specs.txt
                 Created .devcontainer/devcontainer.json

            Created 10 files; commit them. Teammates need only VS Code and Docker.
            Next: mmdev up, or F1 → Reopen in Container.
        "#]],
    );
    world.check(
        &["generate", "--check"],
        expect![[r#"
        exit code: 0
        ----- stderr
               Fresh every file is as the spec says
    "#]],
    );

    // What only looks asks nobody and writes nothing.
    world.spec("platforms: [linux-64]\ndependencies:\n  - six 1.17.*\n");
    let before = world.lock();
    world.check(
        &["generate", "--check"],
        expect![[r#"
            exit code: 1
            ----- stderr
                Outdated conda-lock.yml is not the lock of env.yaml
            Would update .devcontainer/mmdev/Dockerfile
            Would create .devcontainer/mmdev/delta.sh
            Would create .devcontainer/mmdev/delta-lock.yml
            Would update .devcontainer/mmdev/specs.txt
            error: 5 files are not as the spec says
            hint: mmdev generate writes them; mmdev generate --diff shows the difference
        "#]],
    );
    world.check(
        &["generate", "--locked"],
        expect![[r#"
            exit code: 1
            ----- stderr
            error: conda-lock.yml is not the lock of env.yaml, and --locked says that it is to stay
            hint: mmdev lock makes it anew
        "#]],
    );
    assert_eq!(world.lock(), before);
    world.check(
        &["generate"],
        expect![[r#"
            exit code: 0
            ----- stderr
                 Solving env.yaml for linux-64
                Updating six 1.16.0 -> 1.17.0
                  Locked conda-lock.yml: 4 packages for linux-64
                 Updated .devcontainer/mmdev/Dockerfile
                 Created .devcontainer/mmdev/delta.sh
                 Created .devcontainer/mmdev/delta-lock.yml
                 Updated .devcontainer/mmdev/specs.txt
                 Updated .devcontainer/devcontainer.json

            Updated 5 files; commit them.
            Next: mmdev up, or F1 → Reopen in Container.
        "#]],
    );
    let delta = world.project.read(".devcontainer/mmdev/delta-lock.yml");
    assert!(delta.contains("\n# x86_64 remove: six\n"), "{delta}");
    assert!(delta.contains("/six-1.17.0-py_0.conda\n"), "{delta}");

    world.check(
        &["lock", "--compact"],
        expect![[r#"
        exit code: 0
        ----- stderr
               Fresh conda-lock.yml
             Updated .devcontainer/mmdev/Dockerfile
             Updated .devcontainer/mmdev/base-lock.yml
             Deleted .devcontainer/mmdev/delta-lock.yml
             Deleted .devcontainer/mmdev/delta.sh
    "#]],
    );
    world.check(
        &["generate", "--check"],
        expect![[r#"
        exit code: 0
        ----- stderr
               Fresh every file is as the spec says
    "#]],
    );

    // What would be wasted too much is not.
    world.project.write("mmdev.toml", "");
    world.spec("platforms: [linux-64]\ndependencies:\n  - six 1.16.*\n");
    world.check(
        &["generate"],
        expect![[r#"
            exit code: 0
            ----- stderr
                 Solving env.yaml for linux-64
                Updating six 1.17.0 -> 1.16.0
                  Locked conda-lock.yml: 4 packages for linux-64
                 Updated .devcontainer/mmdev/base-lock.yml
                 Updated .devcontainer/mmdev/specs.txt
                 Updated .devcontainer/devcontainer.json
                Laid out base: all in one layer again, because 25 % of its bytes would be wasted

            Updated 3 files; commit them.
            Next: mmdev up, or F1 → Reopen in Container.
        "#]],
    );

    // What cannot be locked changes nothing.
    world.spec("platforms: [linux-64]\ndependencies:\n  - six 9.*\n");
    world.check(
        &["generate"],
        expect![[r#"
            exit code: 1
            ----- stderr
                 Solving env.yaml for linux-64
                env.yaml:6 |   - six 9.*
            error: `six 9.*` (env.yaml:6) has no package on linux-64
            hint: there are these versions of six: 1.17.0, 1.16.0 (env.yaml:6)
            hint: with any version for `six 9.*` (env.yaml:6) it would do: 1.17.0 is chosen
        "#]],
    );
    world.check(&["check", "--ignore", "MM3"], expect![[r#"
        exit code: 0
        ----- stdout
        warning[MM808]: `six 9.*` does not take the 1.16.0 that `conda-lock.yml` has
         --> env.yaml:6:5
          |
        6 |   - six 9.*
          |     ^^^^^^^
          |
          = hint: Run `mmdev lock`

        warning[MM618]: .devcontainer/mmdev/Dockerfile is out of date: from this line on the spec says something else
         --> .devcontainer/mmdev/Dockerfile:6:1
          |
        6 | COPY --chmod=644 activate.sh activate.fish shells.sh check.sh base-lock.yml /
          | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          |
          = hint: Run `mmdev generate`

        warning[MM618]: .devcontainer/mmdev/specs.txt is out of date: from this line on the spec says something else
         --> .devcontainer/mmdev/specs.txt:3:1
          |
        3 | 0123456789abcdef env.yaml
          | ^^^^^^^^^^^^^^^^^^^^^^^^^
          |
          = hint: Run `mmdev generate`

        warning[MM618]: .devcontainer/mmdev/delta.sh is missing, which the spec asks for
         |
         = hint: Run `mmdev generate`

        warning[MM618]: .devcontainer/mmdev/delta-lock.yml is missing, which the spec asks for
         |
         = hint: Run `mmdev generate`

        ----- stderr
             Checked 6 files: 0 errors, 5 warnings
        `mmdev explain CODE` says more about a rule
    "#]]);
}

/// The settings that a solution depends on: a change makes the lock stale.
#[test]
fn settings_say_what_machines_have() {
    let world = World::new();
    world.channel(
        "linux-64",
        &[
            "python 3.13.0 h1_0; zlib",
            "zlib 1.3.1 h1_0",
            "torch 2.9 cuda129_0; __cuda >=12.9",
            "torch 2.9 cpu_0",
            "fast 1.0 h1_0; __archspec 1 x86_64_v3",
        ],
    );
    world.spec("platforms: [linux-64]\ndependencies:\n  - torch 2.9 cuda*\n");
    world.check(&["lock"], expect![[r#"
        exit code: 1
        ----- stderr
            Assuming CUDA 11.4, as conda-lock does; the setting `cuda` names another
             Solving env.yaml for linux-64
            env.yaml:6 |   - torch 2.9 cuda*
            torch ==2.9 cuda* cannot be installed because there are no viable options:
            └─ torch 2.9 would require
               └─ __cuda >=12.9, for which no candidates were found.
        error: `torch 2.9 cuda*` (env.yaml:6) cannot be had on linux-64
        hint: all that is lacking is __cuda >=12.9: set `cuda` to what the driver has, or choose a base image for it
        hint: with any build of `torch 2.9 cuda*` (env.yaml:6) it would do: cpu_0 is chosen
    "#]]);
    world.project.write("mmdev.toml", "cuda = '12.9'\n");
    world.check(
        &["lock"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
              Locked conda-lock.yml: 1 package for linux-64
    "#]],
    );
    world.project.write("mmdev.toml", "cuda = '13.0'\n");
    world.check(
        &["lock", "--check"],
        expect![[r#"
        exit code: 1
        ----- stderr
        error: conda-lock.yml is not the lock of its spec
        hint: mmdev lock makes it anew
    "#]],
    );
    world.spec("platforms: [linux-64]\ndependencies:\n  - fast\n");
    world.check(
        &["lock"],
        expect![[r#"
            exit code: 1
            ----- stderr
                 Solving env.yaml for linux-64
                env.yaml:6 |   - fast
                fast * cannot be installed because there are no viable options:
                └─ fast 1.0 would require
                   └─ __archspec ==1 x86_64_v3, for which no candidates were found.
            error: `fast` (env.yaml:6) cannot be had on linux-64
            hint: all that is lacking is __archspec ==1 x86_64_v3: set `archspec` to what every machine has that runs it
            hint: without `fast` (env.yaml:6) the rest can be had
        "#]],
    );
    world.project.write(
        "mmdev.toml",
        "archspec = 'x86_64_v3'\nchannel-priority = 'strict'\n",
    );
    world.check(
        &["lock"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
              Adding fast 1.0
            Removing torch 2.9
              Locked conda-lock.yml: 1 package for linux-64
    "#]],
    );
    world
        .project
        .write("mmdev.toml", "archspec = 'x86_64_v3'\n");
    world.check(
        &["lock", "--check"],
        expect![[r#"
        exit code: 0
        ----- stderr
               Fresh conda-lock.yml
    "#]],
    );
}

/// Nothing says which glibc an image has that nobody knows.
#[test]
fn a_setting_says_which_glibc_there_is() {
    let world = World::new();
    world.channel("linux-64", &["young 1.0 h1_0; __glibc >=2.39"]);
    world.spec("platforms: [linux-64]\ndependencies:\n  - young\n");
    let base = "base-image = 'registry.example.com/base:7'\n";
    world.project.write("mmdev.toml", base);
    world.check(&["lock"], expect![[r#"
        exit code: 1
        ----- stderr
             Solving env.yaml for linux-64
            env.yaml:6 |   - young
            young * cannot be installed because there are no viable options:
            └─ young 1.0 would require
               └─ __glibc >=2.39, for which no candidates were found.
        error: `young` (env.yaml:6) cannot be had on linux-64
        hint: all that is lacking is __glibc >=2.39: set `glibc` to what the base image has, or choose another one
        hint: without `young` (env.yaml:6) the rest can be had
    "#]]);
    let known = format!("{base}glibc = '2.39'\n");
    world.project.write("mmdev.toml", &known);
    world.check(
        &["lock"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
              Locked conda-lock.yml: 1 package for linux-64
    "#]],
    );
}

/// The first channel has an older `six`, and an `old` that goes with no python there is.
#[test]
fn priority_of_channels() {
    let world = World::new();
    let other = world.served.path().join("other/noarch");
    std::fs::create_dir_all(&other).unwrap();
    let records: serde_json::Map<_, _> = ["six 1.10.0 py_0; python", "old 2.0 py_0; python <3"]
        .into_iter()
        .map(|line| record("noarch", line))
        .collect();
    let repodata = json!({"info": {"subdir": "noarch"}, "packages": {}, "packages.conda": records});
    std::fs::write(other.join("repodata.json"), repodata.to_string()).unwrap();
    let spec = |dependency: &str| {
        let url = world.server.url();
        let text = format!(
            "channels: [{url}/other, {url}/main]\nplatforms: [linux-64]\ndependencies: [{dependency}]\n"
        );
        world.project.write("env.yaml", &text);
    };
    let locked = |priority: &str| {
        world
            .project
            .write("mmdev.toml", &format!("channel-priority = '{priority}'\n"));
        let output = world.project.command(&["lock"]).output().unwrap();
        if !output.status.success() {
            return "nothing".to_owned();
        }
        let output = world.project.command(&["tree", "--depth", "0"]).output();
        let output = String::from_utf8(output.unwrap().stdout).unwrap();
        std::fs::remove_file(world.project.root().join("conda-lock.yml")).unwrap();
        output.trim().to_owned()
    };
    spec("six");
    let of_six = ["strict", "flexible", "disabled"].map(&locked);
    spec("old");
    let of_old = ["strict", "flexible", "disabled"].map(&locked);
    expect![[r#"
        [
            "six 1.10.0",
            "six 1.10.0",
            "six 1.17.0",
        ]
        [
            "nothing",
            "old 1.0",
            "old 1.0",
        ]"#]]
    .assert_eq(&format!("{of_six:#?}\n{of_old:#?}"));
}

#[test]
fn without_a_resolver_the_pip_section_is_left_to_pip() {
    let world = World::new();
    let spec = "platforms: [linux-64]\ndependencies:\n  - python\n  - pip\n";
    world.spec(spec);
    world.check(
        &["lock"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
              Locked conda-lock.yml: 3 packages for linux-64
    "#]],
    );
    world.spec(&format!(
        "{spec}  - pip: [flask>=3, --pre, -e ., 'git+https://host/x']\n"
    ));
    world.check(&["lock", "--offline"], expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
        warning: `git+https://host/x` (env.yaml:8) is not locked, and pip builds it in the container: mmdev is offline
        warning: the pip section of env.yaml is not locked, and pip resolves it when the image is built: there is no uv on PATH, and mmdev is offline
        hint: install uv (`pipx install uv`), and run `mmdev update`
              Locked conda-lock.yml: 3 packages for linux-64
    "#]]);
    let lock = world.lock();
    let unlocked = lock.lines().find(|line| line.contains("unlocked"));
    assert_eq!(
        unlocked,
        Some("    mmdev-pip-unlocked: \"flask>=3\\ngit+https://host/x\"")
    );
    world.check(
        &["lock", "--check"],
        expect![[r#"
        exit code: 0
        ----- stderr
               Fresh conda-lock.yml
    "#]],
    );
}

/// What a command did that began while another process held the project, which did `meanwhile` in the end.
#[cfg(unix)]
fn behind_another(world: &World, arguments: &[&str], meanwhile: impl FnOnce()) -> String {
    let lock = std::fs::File::open(world.project.root()).unwrap();
    lock.lock().unwrap();
    let mut child = world
        .project
        .command(arguments)
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let mut said = String::new();
    let mut byte = [0];
    while !said.ends_with('\n') && stderr.read(&mut byte).unwrap() == 1 {
        said.push(char::from(byte[0]));
    }
    assert!(said.contains("Waiting for another mmdev"), "{said}");
    meanwhile();
    drop(lock);
    stderr.read_to_string(&mut said).unwrap();
    assert!(child.wait().unwrap().success(), "{said}");
    said
}

/// What stands in the specs when a process may write is locked, and not what stood there when it began to wait.
#[cfg(unix)]
#[test]
fn what_was_written_while_a_process_waited_counts() {
    let world = World::new();
    world.spec("dependencies: [zlib]\n");
    let with_six = || world.spec("dependencies: [zlib, six 1.16.*]\n");
    behind_another(&world, &["lock"], with_six);
    assert!(world.lock().contains("name: six"));
    let newer = || world.spec("dependencies: [zlib, six]\n");
    behind_another(&world, &["update", "six"], newer);
    assert!(world.lock().contains("six-1.17.0"), "{}", world.lock());
    let without = || world.spec("dependencies: [zlib]\n");
    behind_another(&world, &["lock", "--all"], without);
    assert!(!world.lock().contains("name: six"));
}

/// The image's build has no such channel, but all else can be had without one.
#[test]
fn a_channel_that_is_a_folder() {
    let world = World::new();
    world.spec("");
    let folder = world.served.path().join("main");
    let spec = format!(
        "channels: ['file://{}']\nplatforms: [linux-64]\ndependencies:\n  - six 1.16.*\n",
        folder.display()
    );
    world.project.write("env.yaml", &spec);
    for arguments in [
        &["lock"][..],
        &["add", "zlib"],
        &["remove", "zlib"],
        &["update"],
        &["tree"],
        &["why", "python"],
        &["outdated"],
        &["export", "--explicit"],
        &["search", "six"],
        &["lock", "--all"],
        &["lock", "--check"],
    ] {
        let output = world.project.command(arguments).output().unwrap();
        let shown = world.project.shown(output);
        assert!(shown.starts_with("exit code: 0"), "{arguments:?} {shown}");
    }
    // A build would not see it.
    for arguments in [&["lock", "--compact"], &["generate", "-q"]] {
        let output = world.project.command(arguments).output().unwrap();
        let shown = world.project.shown(output);
        assert!(shown.contains("error[MM614]"), "{shown}");
        assert!(shown.starts_with("exit code: 1"), "{arguments:?} {shown}");
    }
}

/// uv is looked for once, however many specs have pip sections, and hears nothing of what people set up for it.
#[cfg(unix)]
#[test]
fn one_uv_for_all() {
    let mut world = World::new();
    world.project = world.project.program(
        "uv",
        "#!/bin/sh\necho \"$1 $2 ${UV_PYTHON-unset} $UV_PYTHON_INSTALL_DIR\" >>\"$HOME/asked\"\ncase $1 in\n  --version) echo uv 0.13.9;;\n  python) exit 1;;\n  *) echo 'error: No route to host' >&2; exit 1;;\nesac\n",
    );
    world.spec("");
    for name in ["one.yaml", "two.yaml"] {
        let text = format!(
            "channels: ['{}/main']\nplatforms: [linux-64]\ndependencies: [python, pip, {{pip: [{}]}}]\n",
            world.url(),
            &name[..3]
        );
        world.project.write(name, &text);
    }
    let output = world
        .project
        .command(&["lock", "--all", "one.yaml", "two.yaml"])
        .env("UV_PYTHON", "mine")
        .env("UV_PYTHON_INSTALL_DIR", "there")
        .env("MMDEV_CONDA_NAMES", format!("{}/none", world.url()))
        .output()
        .unwrap();
    let shown = world.project.shown(output);
    // What cannot be had for any of them is said once.
    let said = shown.matches("told by their names alone").count();
    assert_eq!(said, 1, "{shown}");
    let asked = std::fs::read_to_string(world.project.home().join("asked")).unwrap();
    let mut asked: Vec<&str> = asked.lines().collect();
    asked.sort_unstable();
    expect![[r#"
        --version  unset there
        pip compile unset there
        pip compile unset there
        python find unset there"#]]
    .assert_eq(&asked.join("\n"));
}
