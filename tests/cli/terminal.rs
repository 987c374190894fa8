//! What a terminal says when it opens in a container of a locked project: the script is run as its shells run it, on
//! prefixes that are made up.

use std::path::Path;
use std::process::Command;

use expect_test::{Expect, expect};

use crate::lock::World;

/// A prefix that holds these conda packages and these distributions of Python.
fn prefix(conda: &[&str], python: &[&str]) -> tempfile::TempDir {
    let prefix = tempfile::tempdir().unwrap();
    let meta = prefix.path().join("conda-meta");
    std::fs::create_dir(&meta).unwrap();
    std::fs::write(meta.join("history"), "").unwrap();
    for package in conda {
        std::fs::write(meta.join(format!("{package}.json")), "{}").unwrap();
    }
    let packages = prefix.path().join("lib/python3.13/site-packages");
    for distribution in python {
        std::fs::create_dir_all(packages.join(format!("{distribution}.dist-info"))).unwrap();
    }
    prefix
}

/// Runs mmdev, which is to succeed.
#[track_caller]
fn mmdev(world: &World, command: &str) {
    let output = world.project.command(&[command]).output().unwrap();
    assert!(output.status.success(), "{}", world.project.shown(output));
}

/// What a terminal says that opens in `folder`.
#[track_caller]
fn said(world: &World, folder: &str, prefix: &Path) -> String {
    let root = world.project.root();
    let output = Command::new("sh")
        .arg(root.join(".devcontainer/mmdev/check.sh"))
        .current_dir(root.join(folder))
        .env("CONDA_PREFIX", prefix)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[track_caller]
fn check(world: &World, folder: &str, prefix: &Path, expected: Expect) {
    expected.assert_eq(&said(world, folder, prefix));
}

/// The lock's platform on the machine that runs the tests.
fn platform() -> String {
    match std::env::consts::ARCH {
        "x86_64" => "linux-64".to_owned(),
        other => format!("linux-{other}"),
    }
}

#[test]
fn a_terminal_says_that_its_container_is_not_the_project_s() {
    let world = World::new();
    let spec = |dependencies: &str| {
        let platform = platform();
        world.spec(&format!(
            "# A spec.\nplatforms: [{platform}]\ndependencies:\n{dependencies}"
        ));
    };
    world.project.write("mmdev.toml", "layers.waste = 100\n");
    spec("  - six 1.16.*\n");
    mmdev(&world, "lock");
    mmdev(&world, "generate");
    std::fs::create_dir(world.project.root().join("src")).unwrap();
    let lock = world.lock();
    let names: Vec<&str> = lock
        .lines()
        .filter_map(|line| line.strip_prefix("  url: ")?.rsplit('/').next())
        .filter_map(|file| file.strip_suffix(".conda"))
        .collect();
    let all = prefix(&names, &[]);
    check(&world, "src", all.path(), expect![""]);
    check(
        &world,
        "src",
        prefix(&names[1..], &[]).path(),
        expect![[r#"
            1 package of this container is not as in conda-lock.yml: F1 → Rebuild Container, or mmdev up --recreate.
        "#]],
    );
    // Without a prefix there is nothing to be compared.
    check(&world, ".", Path::new("/nonexistent"), expect![""]);

    // Comments, order, line ends and white space around a line are no change to a spec.
    let path = world.project.root().join("env.yaml");
    let before = std::fs::read_to_string(&path).unwrap();
    let same = before.replace('\n', "  # why\r\n") + "\n\t# more\n";
    std::fs::write(&path, format!("\u{feff}{same}")).unwrap();
    check(&world, ".", all.path(), expect![""]);
    let spaced = same.replace('\t', " ");
    std::fs::write(&path, format!("\u{feff}{spaced}")).unwrap();
    mmdev(&world, "generate");
    check(&world, ".", all.path(), expect![""]);
    std::fs::write(&path, before.replace("1.16", "1.17")).unwrap();
    check(
        &world,
        "src",
        all.path(),
        expect![[r#"
            env.yaml may have changed after conda-lock.yml was written: packages may be old. Run mmdev generate.
        "#]],
    );
    // White space within a line might be a change. What the line says to run ends it.
    std::fs::write(&path, before.replace("six 1.16", "six  1.16")).unwrap();
    let said = said(&world, ".", all.path());
    let (_, command) = said
        .trim_end()
        .trim_end_matches('.')
        .split_once("mmdev ")
        .unwrap();
    mmdev(&world, command);
    check(&world, ".", all.path(), expect![""]);

    // A second slice replaces what the first has.
    spec("  - six 1.17.*\n");
    mmdev(&world, "generate");
    assert!(
        world
            .project
            .root()
            .join(".devcontainer/mmdev/delta-lock.yml")
            .exists()
    );
    check(
        &world,
        ".",
        all.path(),
        expect![[r#"
            1 package of this container is not as in conda-lock.yml: F1 → Rebuild Container, or mmdev up --recreate.
        "#]],
    );
    let lock = world.lock();
    let new = lock
        .lines()
        .filter_map(|line| line.strip_prefix("  url: ")?.rsplit('/').next());
    let new: Vec<&str> = new.filter_map(|file| file.strip_suffix(".conda")).collect();
    check(&world, ".", prefix(&new, &[]).path(), expect![""]);
}

#[test]
fn distributions_of_python_count_by_their_names_and_versions() {
    let world = World::new();
    world.spec(&format!(
        "platforms: [{}]\ndependencies:\n  - python\n",
        platform()
    ));
    mmdev(&world, "lock");
    mmdev(&world, "generate");
    let slice = ".devcontainer/mmdev/base-lock.yml";
    let path = world.project.root().join(slice);
    let pip = format!(
        "package:\n- name: ruamel-yaml\n  version: '0.18'\n  manager: pip\n  platform: {}\n  dependencies: {{}}\n  \
         url: https://files.pythonhosted.org/ruamel.yaml-0.18-py3-none-any.whl\n  category: main\n",
        platform()
    );
    std::fs::write(&path, pip).unwrap();
    check(
        &world,
        ".",
        prefix(&[], &["ruamel.yaml-0.18"]).path(),
        expect![""],
    );
    check(
        &world,
        ".",
        prefix(&["ruamel-yaml-0.18-h_0"], &["ruamel.yaml-0.17"]).path(),
        expect![[r#"
            1 package of this container is not as in conda-lock.yml: F1 → Rebuild Container, or mmdev up --recreate.
        "#]],
    );
}
