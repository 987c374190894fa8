//! The cases of facts that users met, and images made to confuse.

use super::*;
use expect_test::{Expect, expect};

const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\n\
    ubuntu:x:1000:1000:Ubuntu:/home/ubuntu:/bin/bash\n\
    mambauser:x:57439:57439::/home/mambauser:/bin/bash\n\
    user:x:57440:57440::/home/user:/bin/sh\n\
    nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n\
    +::::::\n\
    rootish:x:2000:2000::/:/bin/sh";
const GROUP: &str = "root:x:0:\ndialout:x:20:\nusers:x:100:me\nubuntu:x:1000:\nmambauser:x:57439:ubuntu\nuser:x:57440:\n";

fn host(uid: u32, gid: u32) -> Host {
    Host {
        system: HostSystem::Linux,
        uid,
        gid,
        rootless: false,
    }
}

fn user(text: &str) -> RemoteUser {
    let config = DevContainer {
        remote_user: Some(text.to_owned()),
        ..DevContainer::default()
    };
    remote_user(&config, "")
}

#[track_caller]
fn check(name: &str, host: Host, expected: Expect) {
    let image = ImageAccounts {
        passwd: PASSWD,
        group: GROUP,
    };
    let shown = match decide(None, &user(name), host, image) {
        Decision::Remap(remap) => {
            let changed = |old: &str, new: &str| {
                new.lines()
                    .zip(old.lines())
                    .filter(|(new, old)| new != old)
                    .map(|(new, _)| format!("{new}\n"))
                    .collect::<String>()
            };
            format!(
                "{}:{} home {}\n{}{}{}",
                remap.uid,
                remap.gid,
                remap.home.as_deref().unwrap_or("(kept)"),
                changed(PASSWD, &remap.passwd),
                changed(GROUP, &remap.group),
                remap
                    .note
                    .map(|note| format!("note: {note}\n"))
                    .unwrap_or_default(),
            )
        }
        Decision::Nothing(reason) => format!("nothing: {reason}"),
        Decision::Loud { message, hint } => format!("{message}\nhint: {hint}"),
    };
    expected.assert_eq(&shown);
}

#[test]
fn ids_change_when_they_are_free() {
    check(
        "mambauser",
        host(1234, 1234),
        expect![[r#"
        1234:1234 home /home/mambauser
        mambauser:x:1234:1234::/home/mambauser:/bin/bash
        mambauser:x:1234:ubuntu
    "#]],
    );
    // The devcontainer CLI's pattern is not anchored: it rewrites `mambauser` as well.
    check(
        "user",
        host(1234, 1234),
        expect![[r#"
        1234:1234 home /home/user
        user:x:1234:1234::/home/user:/bin/sh
        user:x:1234:
    "#]],
    );
    check(
        "mambauser:users",
        host(1234, 1234),
        expect![[r#"
        1234:1234 home /home/mambauser
        mambauser:x:1234:1234::/home/mambauser:/bin/bash
        mambauser:x:1234:ubuntu
    "#]],
    );
    check(
        "mambauser",
        host(57439, 1234),
        expect![[r#"
        57439:1234 home /home/mambauser
        mambauser:x:57439:1234::/home/mambauser:/bin/bash
        mambauser:x:1234:ubuntu
    "#]],
    );
    check(
        "rootish",
        host(1234, 1234),
        expect![[r#"
        1234:1234 home (kept)
        rootish:x:1234:1234::/:/bin/sh
    "#]],
    );
}

#[test]
fn a_taken_group_is_kept_and_said() {
    check(
        "mambauser",
        host(501, 20),
        expect![[r#"
        501:57439 home /home/mambauser
        mambauser:x:501:57439::/home/mambauser:/bin/bash
        note: the group `dialout` already has your group id 20 in the image: new files will belong to group 57439
    "#]],
    );
    check(
        "mambauser",
        host(1234, 100),
        expect![[r#"
        1234:57439 home /home/mambauser
        mambauser:x:1234:57439::/home/mambauser:/bin/bash
        note: the group `users` already has your group id 100 in the image: new files will belong to group 57439
    "#]],
    );
}

#[test]
fn what_the_devcontainer_cli_passes_over_is_said() {
    check(
        "mambauser",
        host(1000, 1000),
        expect![[r#"
        `ubuntu` already has your user id 1000 in the image, so `mambauser` keeps 57439 and cannot write the files of the workspace
        hint: Set "remoteUser": "ubuntu", or remove that user in the Dockerfile (userdel)"#]],
    );
    check(
        "mambauser",
        host(0, 0),
        expect![[r#"
            you are root on this machine, so `mambauser` (57439) cannot write the files of the workspace, nor read those that only you may
            hint: Run mmdev as an ordinary user, or set "remoteUser": "root" in devcontainer.json, with which the container need not be made anew"#]],
    );
    check(
        "nosuch",
        host(1234, 1234),
        expect![[r#"
        the image has no user `nosuch` in /etc/passwd
        hint: Create the user in the Dockerfile, or name another one in "remoteUser""#]],
    );
    check(
        "5000",
        host(1234, 1234),
        expect![[r#"
        the remote user is the number 5000, but your user id is 1234
        hint: Name a user of the image in "remoteUser", whose ids can be changed"#]],
    );
    check(
        "mambauser",
        host(3_000_000_000, 1),
        expect![[r#"
        your ids 3000000000:1 are greater than a container engine takes
        hint: Run mmdev as a user with an id below 2147483648"#]],
    );
    check(
        "mambauser",
        Host {
            rootless: true,
            ..host(1234, 1234)
        },
        expect![[r#"
            the container engine runs without root, so files of the workspace belong to root in the container and `mambauser` cannot write them
            hint: Set "remoteUser": "root" in devcontainer.json; it is your own user on this machine"#]],
    );
}

#[test]
fn nothing_happens_when_nothing_has_to() {
    check(
        "root",
        host(1234, 1234),
        expect!["nothing: the remote user is root"],
    );
    check(
        "0:0",
        host(1234, 1234),
        expect!["nothing: the remote user is root"],
    );
    check(
        "1234",
        host(1234, 1234),
        expect!["nothing: the remote user has the host's user id"],
    );
    check(
        "mambauser",
        host(57439, 57439),
        expect!["nothing: the ids are the same already"],
    );
    check(
        "mambauser",
        Host {
            system: HostSystem::MacOs,
            ..host(501, 20)
        },
        expect!["nothing: the container engine maps owners on this system"],
    );
    let image = ImageAccounts {
        passwd: PASSWD,
        group: GROUP,
    };
    assert_eq!(
        decide(Some(false), &user("mambauser"), host(1234, 1234), image),
        Decision::Nothing("updateRemoteUserUID is false".to_owned())
    );
}

#[test]
fn files_without_a_last_line_end_and_broken_lines_keep_their_bytes() {
    assert_eq!(
        with_new_ids("a:b\r\nx:x:1:1::/h:/s", "x", 7, 8),
        "a:b\r\nx:x:7:8::/h:/s"
    );
    assert_eq!(with_new_gid("", 1, 2), "");
    assert_eq!(with_new_gid("g:x:01:\n", 1, 2), "g:x:2:\n");
    assert_eq!(accounts("::\nx:y\nroot:x:-1:0::/:/s\n"), []);
}

#[test]
fn the_remote_user_is_found_in_the_clis_order() {
    let mut config = DevContainer::default();
    let name = |config: &DevContainer| remote_user(config, "image:grp");
    assert_eq!(name(&config).name, "image");
    assert_eq!(name(&config).group.as_deref(), Some("grp"));
    config.container_user = Some("container".to_owned());
    assert_eq!(name(&config).name, "container");
    config.run_args = vec!["-u".to_owned(), "a".to_owned(), "--user=run".to_owned()];
    assert_eq!(name(&config).name, "run");
    config.remote_user = Some("remote".to_owned());
    assert_eq!(name(&config).name, "remote");
    assert!(remote_user(&DevContainer::default(), "").is_root());
    assert!(remote_user(&DevContainer::default(), ":x").is_root());
    assert!(user("00").is_root());
}

#[test]
fn the_layer_runs_no_shell() {
    let remap = Remap {
        user: "x".to_owned(),
        uid: 1,
        gid: 2,
        home: Some("/home/a\"; $(rm) \\".to_owned()),
        passwd: "p".to_owned(),
        group: "g".to_owned(),
        note: None,
    };
    expect![[r##"
        # The remote user gets the ids of the host's user.
        ARG BASE_IMAGE=scratch
        FROM $BASE_IMAGE
        USER root
        COPY passwd group /etc/
        RUN ["chown","-R","1:2","/home/a\"; $(rm) \\"]
        ARG IMAGE_USER=root
        USER $IMAGE_USER
    "##]]
    .assert_eq(&remap_context(&remap)[0].1);
}

#[test]
fn remapped_images_have_valid_names() {
    let remap = Remap {
        user: "x".to_owned(),
        uid: 1,
        gid: 2,
        home: None,
        passwd: String::new(),
        group: String::new(),
        note: None,
    };
    let check =
        |image: &str, expected: Expect| expected.assert_eq(&remap_image_name(image, &remap));
    check("mmdev-a-1234:abc", expect!["mmdev-a-1234:abc-uid-1-2"]);
    check("localhost:5000/a/b", expect!["localhost:5000/a/b:uid-1-2"]);
    check(
        "localhost:5000/a/b:1",
        expect!["localhost:5000/a/b:1-uid-1-2"],
    );
    check(
        "a@sha256:0123456789012345678901234567890123456789012345678901234567890123",
        expect!["a:0123456789012345678901234567890123456789012345678901234567890123-uid-1-2"],
    );
}
