//! Whose ids the remote user gets from mmdev and from the devcontainer CLI, on one image.
//!
//! Where the CLI passes over a case in silence, mmdev says so; the ids are the same.

use expect_test::{Expect, expect};

use mmdev_testkit::{Image, build, world};

use super::{Folder, project};

const SPEC: &str = "channels: [conda-forge]\ndependencies: [noarch-data]\n";

/// Prints the ids, and whether the workspace and the environment can be written.
const QUESTION: &str = "echo $(id -u):$(id -g) \
    $(touch by-tool 2> /dev/null && rm by-tool && echo workspace || echo no workspace) \
    $(touch /opt/conda/conda-meta/by-tool 2> /dev/null && echo environment || echo no environment)";

/// Opens a project on `base` as a user of the host with `ids`, first by mmdev, then by the devcontainer CLI. `extra`
/// takes the place of updateRemoteUserUID in devcontainer.json.
fn check(base: &Image, ids: (u32, u32), extra: &str, expected: Expect) {
    let settings = format!(
        "base-image = \"{}\"\ndevelopment-packages = []\n",
        base.tag()
    );
    let files = [("env.yaml", SPEC), ("mmdev.toml", settings.as_str())];
    let mut folder = Folder::of(project(&files).of_user(ids.0, ids.1));
    folder.base = base.tag().to_owned();
    folder.mmdev(&["generate"]).success();
    if !extra.is_empty() {
        folder.edit(".devcontainer/devcontainer.json", |text| {
            text.replace("\"updateRemoteUserUID\": true", extra)
        });
    }
    let up = folder.mmdev(&["up"]).success();
    let said = up.stderr.lines();
    let said: String = said
        .filter(|line| line.starts_with("warning"))
        .map(|line| format!("\n{line}"))
        .collect();
    let ours = folder.mmdev(&["run", "--", "sh", "-c", QUESTION]).success();
    folder.container();
    folder.mmdev(&["down"]).success();
    folder.answer("up", &[]);
    let theirs = folder.exec(&["sh", "-c", QUESTION]);
    let ours = ours.stdout.trim();
    expected.assert_eq(&format!("mmdev: {ours}\nCLI: {theirs}{said}"));
}

#[test]
fn the_remote_user_gets_the_ids_that_the_cli_would_give_and_hears_why_not() {
    if !is_root() {
        println!("only root can open a project as several users: not run");
        return;
    }
    let base = Image::new("ids");
    build(
        base.tag(),
        &format!(
            "FROM {}\nUSER root\nRUN useradd -l -m -u 1000 ubuntu && useradd -l -m -u 1300 other\nUSER $MAMBA_USER\n",
            world().conda_forge_base()
        ),
    );
    // The image's `ubuntu` has 1000, and makes room.
    check(
        &base,
        (1000, 1000),
        "",
        expect![[r#"
        mmdev: 1000:1000 workspace environment
        CLI: 1000:1000 workspace environment"#]],
    );
    // The group 20 is the image's dialout, and a Mac's staff.
    check(
        &base,
        (1234, 20),
        "",
        expect![[r#"
        mmdev: 1234:57439 workspace environment
        CLI: 1234:57439 workspace environment
        warning: the group `dialout` already has your group id 20 in the image: new files will belong to group 57439"#]],
    );
    // Another user of the image has the host user's id, and no room is made.
    check(
        &base,
        (1300, 1300),
        "",
        expect![[r#"
        mmdev: 57439:57439 no workspace environment
        CLI: 57439:57439 no workspace environment
        warning: `other` already has your user id 1300 in the image, so `mambauser` keeps 57439 and cannot write the files of the workspace"#]],
    );
    check(
        &base,
        (0, 0),
        "",
        expect![[r#"
        mmdev: 57439:57439 no workspace environment
        CLI: 57439:57439 no workspace environment
        warning: you are root on this machine, so `mambauser` (57439) cannot write the files of the workspace, nor read those that only you may"#]],
    );
    check(
        &base,
        (1234, 1234),
        "\"updateRemoteUserUID\": false",
        expect![[r#"
            mmdev: 57439:57439 no workspace environment
            CLI: 57439:57439 no workspace environment
            warning[MM604]: `updateRemoteUserUID` was changed by hand: it is false, and mmdev would write true"#]],
    );
    check(
        &base,
        (1234, 1234),
        "\"updateRemoteUserUID\": true, \"remoteUser\": \"4321\"",
        expect![[r#"
            mmdev: 4321:0 no workspace environment
            CLI: 4321:0 no workspace environment
            warning: the remote user is the number 4321, but your user id is 1234"#]],
    );
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}
