//! What brings an environment to the second slice: the script is run as an image's build runs it, on a prefix and with
//! a micromamba that are made up.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use crate::lock::World;

/// A program in `folder`.
fn program(folder: &Path, name: &str, script: &str) {
    let path = folder.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// The script of a project whose `six` got another version, with programs that come before the machine's.
fn run(prefix: &Path, programs: &Path) -> Output {
    let world = World::new();
    let spec = |version| {
        world.spec(&format!(
            "platforms: [linux-64, linux-aarch64]\ndependencies:\n  - six {version}.*\n"
        ));
    };
    world.project.write("mmdev.toml", "layers.waste = 100\n");
    for (version, commands) in [("1.16", &["lock", "generate"][..]), ("1.17", &["generate"])] {
        spec(version);
        for command in commands {
            let output = world.project.command(&[command]).output().unwrap();
            assert!(output.status.success(), "{}", world.project.shown(output));
        }
    }
    Command::new("sh")
        .arg(world.project.root().join(".devcontainer/mmdev/delta.sh"))
        .arg(prefix)
        .env("PATH", format!("{}:/usr/bin:/bin", programs.display()))
        .output()
        .unwrap()
}

/// A prefix in which `other` has a file that `six` has, too, and `third` one of `other`'s.
fn prefix() -> tempfile::TempDir {
    let prefix = tempfile::tempdir().unwrap();
    let meta = prefix.path().join("conda-meta");
    std::fs::create_dir(&meta).unwrap();
    for (name, files) in [
        ("fourth-1-0", "\"a\""),
        ("other-1-0", "\"b\",\n    \"c\""),
        ("six-1.16.0-py_0", "\"b\""),
        ("third-1-0", "\"c\""),
    ] {
        let text = format!("{{\n  \"files\": [\n    {files}\n  ]\n}}\n");
        std::fs::write(meta.join(format!("{name}.json")), text).unwrap();
    }
    prefix
}

#[test]
fn what_has_a_file_of_a_package_that_goes_goes_with_it() {
    let (prefix, programs) = (prefix(), tempfile::tempdir().unwrap());
    let said = programs.path().join("said");
    let micromamba = format!("echo \"$@\" >> {}", said.display());
    program(programs.path(), "micromamba", &micromamba);
    let output = run(prefix.path(), programs.path());
    assert!(output.status.success(), "{output:?}");
    let said = std::fs::read_to_string(said).unwrap();
    let removed = said.lines().next().unwrap();
    let (_, names) = removed
        .split_once(&prefix.path().display().to_string())
        .unwrap();
    let names: Vec<&str> = names.split_whitespace().collect();
    assert_eq!(names, ["six", "other", "third"], "{said}");
}

#[test]
fn nothing_is_removed_where_its_files_cannot_be_told() {
    let (prefix, programs) = (prefix(), tempfile::tempdir().unwrap());
    let said = programs.path().join("said");
    program(
        programs.path(),
        "micromamba",
        &format!("touch {}", said.display()),
    );
    program(programs.path(), "awk", "exit 2");
    let output = run(prefix.path(), programs.path());
    assert!(!output.status.success(), "{output:?}");
    assert!(!said.exists());
}
