//! External subcommands, and `cargo mmdev`.

use std::process::Command;

use expect_test::expect;

use crate::project::Project;

#[cfg(unix)]
#[test]
fn a_program_on_path_is_a_subcommand() {
    let project = Project::new().program(
        "mmdev-hello",
        "#!/bin/sh\necho \"$# $1 $2\" \"${MMDEV##*/}\" \"${PWD##*/}\"; exit 7\n",
    );
    std::fs::create_dir(project.root().join("sub")).unwrap();
    project.check(
        &["-C", "sub", "hello", "a b", "--list"],
        expect![[r#"
            exit code: 7
            ----- stdout
            2 a b --list mmdev sub
        "#]],
    );
    project.check(&["--list"], expect![[r#"
        exit code: 0
        ----- stdout
            init         Start a project: write env.yaml with PACKAGES if there is none, and generate
            generate     Write the dev container's files from the spec
            check        Say what is wrong with specs, and mend it
            add          Put packages into the spec, with a version that fits, and lock
            remove       Take packages out of the spec, and lock
            lock         Solve the spec, and write the exact records to conda-lock.yml beside it
            update       Move what is locked forward within the spec
            tree         Show what is locked as a tree: what each package needs, or what needs it
            why          Say why a package is locked: by which dependencies of the spec
            diff         Say what differs between two locks: packages, versions, size
            outdated     Say which dependencies have newer versions, within the spec and beyond it
            search       Say what channels have of a package: versions, builds, dependencies, size, licence
            export       Write what is locked for other programs: an explicit list, a spec of exact versions, a bill of materials
            build        Build the image
            up           Build what is not built and start the container
            run          Run a command in the container, in the environment; starts it if needed
            shell        Open a shell in the container
            down         Stop and remove the container
            status       Say what is there: files, image, container
            size         Say where the bytes of an image are: by layer, package and file
            watch        Follow the spec: on every save, files and image are brought in line with it
            clean        Remove the project's superseded images, and empty mmdev's package cache
            doctor       Look for what may be in the way on this machine
            explain      Explain a rule, such as MM101
            rules        List the rules
            lsp          Serve an editor: the language server, on stdin and stdout
            eject        Leave plain files that mmdev no longer owns
            base-image   Make a micromamba base image on another image
            completions  Write completions for a shell
            hello        [FOLDER]/bin/mmdev-hello
    "#]]);
    project.check(
        &["helo"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: there is no command `helo`
        hint: did you mean `mmdev hello`?
        hint: list the commands: mmdev --list; a program mmdev-helo on PATH would be run
    "#]],
    );
    project.check(
        &["genrate"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: there is no command `genrate`
        hint: did you mean `mmdev generate`?
        hint: list the commands: mmdev --list; a program mmdev-genrate on PATH would be run
    "#]],
    );
    project.check(
        &["xyzzy", "a"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: there is no command `xyzzy`
        hint: list the commands: mmdev --list; a program mmdev-xyzzy on PATH would be run
    "#]],
    );
}

#[test]
fn cargo_finds_it() {
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-mmdev"))
        .args(["mmdev", "explain", "MM001", "-q"])
        .output()
        .unwrap();
    let direct = Command::new(env!("CARGO_BIN_EXE_mmdev"))
        .args(["explain", "MM001", "-q"])
        .output()
        .unwrap();
    assert!(output.status.success());
    assert!(!output.stdout.is_empty());
    assert_eq!(output.stdout, direct.stdout);
}
