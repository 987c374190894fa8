//! Whose ids the remote user gets from mmdev and from the devcontainer CLI, on one image, and what that user can do then.
//!
//! Where the CLI passes over a case in silence, mmdev says so; the ids are the same.

use std::os::unix::fs::MetadataExt as _;

use expect_test::{Expect, expect};

use mmdev_testkit::{Image, build, docker, world};

use super::{Folder, project};

const SPEC: &str = "channels: [conda-forge]\ndependencies: [python=3.11, pip, versions=1.0]\n";

/// What people do in a container. Its arguments are the package index and its host.
const AFTERWARDS: &str = include_str!("afterwards.sh");

/// A package that `pip install -e` takes without a network: it is its own build backend.
const PYPROJECT: &str = r#"
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"#;
const BACKEND: &str = include_str!("backend.py");

/// An image with accounts that are in the way.
fn base(name: &str) -> Image {
    let base = Image::new(name);
    build(
        base.tag(),
        &format!(
            "FROM {}\nUSER root\nRUN useradd -l -m -u 1000 ubuntu && useradd -l -m -u 1300 other \
             && useradd -l -m -u 1400 user && useradd -l -M -o -u 57439 -d /home/mambauser twin\nUSER $MAMBA_USER\n",
            world().conda_forge_base()
        ),
    );
    base
}

/// A project on `base` of a user of the host with `ids`.
fn folder(base: &Image, ids: (u32, u32)) -> Folder {
    let settings = format!(
        "base-image = \"{}\"\ndevelopment-packages = []\n",
        base.tag()
    );
    let files = [
        ("env.yaml", SPEC),
        ("mmdev.toml", settings.as_str()),
        ("pyproject.toml", PYPROJECT),
        ("backend.py", BACKEND),
        ("mine.py", ""),
        ("host-file", ""),
    ];
    let mut folder = Folder::of(project(&files).of_user(ids.0, ids.1));
    folder.base = base.tag().to_owned();
    folder
}

/// What was done, and whose the file is on the host that the container has made.
fn summary(folder: &Folder, printed: &str) -> String {
    let made = folder.project.root().join("container-file");
    let owner = std::fs::metadata(&made).map(|made| format!("{}:{}", made.uid(), made.gid()));
    let _ = std::fs::remove_file(made);
    let owner = owner.map_or(String::new(), |owner| format!("; its file: {owner}"));
    format!("{}{owner}", printed.trim())
}

/// Opens a project on `base` as a user of the host with `ids`, first by mmdev, then by the devcontainer CLI. `extra`
/// takes the place of updateRemoteUserUID in devcontainer.json.
fn check(base: &Image, ids: (u32, u32), extra: &str, expected: Expect) {
    let folder = folder(base, ids);
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
    let (index, host) = (world().index(), world().index_host());
    let afterwards = ["sh", "-c", AFTERWARDS, "sh", &index, host];
    let ours = folder.mmdev(&[&["run", "--"][..], &afterwards].concat());
    let ours = summary(&folder, &ours.success().stdout);
    folder.container();
    folder.mmdev(&["down"]).success();
    folder.answer("up", &[]);
    let theirs = summary(&folder, &folder.exec(&afterwards));
    expected.assert_eq(&format!("mmdev: {ours}\nCLI:   {theirs}{said}"));
}

const AS_GENERATED: &str = "";

#[test]
fn the_remote_user_gets_the_ids_of_the_hosts_user() {
    if !is_root() {
        println!("only root can open a project as several users: not run");
        return;
    }
    let base = base("ids");
    // The image's `ubuntu` has 1000, and makes room.
    check(
        &base,
        (1000, 1000),
        AS_GENERATED,
        expect![[r#"
            mmdev: 1000:1000 mambauser /home/mambauser, all succeeds; its file: 1000:1000
            CLI:   1000:1000 mambauser /home/mambauser, all succeeds; its file: 1000:1000"#]],
    );
    check(
        &base,
        (1001, 1001),
        AS_GENERATED,
        expect![[r#"
            mmdev: 1001:1001 mambauser /home/mambauser, all succeeds; its file: 1001:1001
            CLI:   1001:1001 mambauser /home/mambauser, all succeeds; its file: 1001:1001"#]],
    );
    // The group 20 is the image's dialout, and a Mac's staff.
    check(
        &base,
        (501, 20),
        AS_GENERATED,
        expect![[r#"
            mmdev: 501:57439 mambauser /home/mambauser, all succeeds; its file: 501:57439
            CLI:   501:57439 mambauser /home/mambauser, all succeeds; its file: 501:57439
            warning: the group `dialout` already has your group id 20 in the image: new files will belong to group 57439"#]],
    );
    // The image's own, which `twin` has as well.
    check(
        &base,
        (57439, 57439),
        AS_GENERATED,
        expect![[r#"
            mmdev: 57439:57439 mambauser /home/mambauser, all succeeds; its file: 57439:57439
            CLI:   57439:57439 mambauser /home/mambauser, all succeeds; its file: 57439:57439"#]],
    );
    check(
        &base,
        (1_000_055, 1_000_055),
        AS_GENERATED,
        expect![[r#"
            mmdev: 1000055:1000055 mambauser /home/mambauser, all succeeds; its file: 1000055:1000055
            CLI:   1000055:1000055 mambauser /home/mambauser, all succeeds; its file: 1000055:1000055"#]],
    );
    // The CLI's pattern is not anchored: it rewrites the line of mambauser, too, which ends so.
    let user = "\"updateRemoteUserUID\": true, \"remoteUser\": \"user\"";
    check(
        &base,
        (1234, 1234),
        user,
        expect![[r#"
            mmdev: 1234:1234 user /home/user, all succeeds; its file: 1234:1234
            CLI:   1234:1234 mambauser /home/mambauser, all succeeds; its file: 1234:1234"#]],
    );
}

#[test]
fn what_the_cli_passes_over_is_said() {
    if !is_root() {
        println!("only root can open a project as several users: not run");
        return;
    }
    let base = base("ids-kept");
    // Another user of the image has the host user's id, and no room is made.
    check(
        &base,
        (1300, 1300),
        AS_GENERATED,
        expect![[r#"
            mmdev: 57439:57439 mambauser /home/mambauser, no workspace
            CLI:   57439:57439 mambauser /home/mambauser, no workspace
            warning: `other` already has your user id 1300 in the image, so `mambauser` keeps 57439 and cannot write the files of the workspace"#]],
    );
    check(
        &base,
        (0, 0),
        AS_GENERATED,
        expect![[r#"
            mmdev: 57439:57439 mambauser /home/mambauser, no workspace
            CLI:   57439:57439 mambauser /home/mambauser, no workspace
            warning: you are root on this machine, so `mambauser` (57439) cannot write the files of the workspace, nor read those that only you may"#]],
    );
    let user = |name: &str| format!("\"updateRemoteUserUID\": true, \"remoteUser\": \"{name}\"");
    check(
        &base,
        (0, 0),
        &user("root"),
        expect![[r#"
            mmdev: 0:0 root /root, all succeeds; its file: 0:0
            CLI:   0:0 root /root, all succeeds; its file: 0:0"#]],
    );
    check(
        &base,
        (1234, 1234),
        &user("root"),
        expect![[r#"
            mmdev: 0:0 root /root, all succeeds; its file: 0:0
            CLI:   0:0 root /root, all succeeds; its file: 0:0"#]],
    );
    check(
        &base,
        (1234, 1234),
        &user("4321"),
        expect![[r#"
            mmdev: 4321:0 nameless /home/mambauser, no workspace
            CLI:   4321:0 nameless /home/mambauser, no workspace
            warning: the remote user is the number 4321, but your user id is 1234"#]],
    );
    check(
        &base,
        (1234, 1234),
        &user("1234:1234"),
        expect![[r#"
            mmdev: 1234:1234 nameless /home/mambauser, all succeeds; its file: 1234:1234
            CLI:   1234:1234 nameless /home/mambauser, all succeeds; its file: 1234:1234"#]],
    );
    // For the CLI that is a name, and nobody has it.
    check(
        &base,
        (1234, 1234),
        &user("mambauser:mambauser"),
        expect![[r#"
            mmdev: 1234:1234 mambauser /home/mambauser, all succeeds; its file: 1234:1234
            CLI:   57439:57439 mambauser /home/mambauser, no workspace"#]],
    );
    check(
        &base,
        (1234, 1234),
        "\"updateRemoteUserUID\": false",
        expect![[r#"
            mmdev: 57439:57439 mambauser /home/mambauser, no workspace
            CLI:   57439:57439 mambauser /home/mambauser, no workspace
            warning[MM604]: `updateRemoteUserUID` was changed by hand: it is false, and mmdev would write true"#]],
    );
}

/// Without any tool: the entrypoint finds a home.
#[test]
fn docker_alone_runs_it_as_anybody() {
    if !is_root() {
        println!("only root can make files of several users: not run");
        return;
    }
    let base = base("ids-docker");
    let mut printed = String::new();
    let mut image = None;
    for (uid, gid) in [
        (1234, 1234),
        (501, 20),
        (1_000_055, 1_000_055),
        (1300, 1300),
        (0, 0),
    ] {
        let folder = folder(&base, (uid, gid));
        let image = image.get_or_insert_with(|| {
            folder.mmdev(&["generate"]).success();
            let image = Image::new("ids-plain");
            let context = folder.project.root().join(".devcontainer/mmdev");
            let context = context.display().to_string();
            docker(&["build", "--quiet", "--tag", image.tag(), &context]);
            image
        });
        let user = format!("--user={uid}:{gid}");
        let volume = format!("--volume={}:/workspace", folder.root());
        let options = [
            "run",
            "--rm",
            "--workdir=/workspace",
            &user,
            &volume,
            image.tag(),
        ];
        let (index, host) = (world().index(), world().index_host());
        let afterwards = ["sh", "-c", AFTERWARDS, "sh", &index, host];
        let said = summary(&folder, &docker(&[&options[..], &afterwards].concat()));
        printed.push_str(&format!("{said}\n"));
    }
    expect![[r#"
        1234:1234 nameless /home/mambauser, all succeeds; its file: 1234:1234
        501:20 nameless /home/mambauser, all succeeds; its file: 501:20
        1000055:1000055 nameless /home/mambauser, all succeeds; its file: 1000055:1000055
        1300:1300 other /home/other, all succeeds; its file: 1300:1300
        0:0 root /root, all succeeds; its file: 0:0
    "#]]
    .assert_eq(&printed);
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}
