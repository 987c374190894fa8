//! Whoever has only Docker and the devcontainer CLI opens the quickstart example.

use std::os::unix::fs::MetadataExt as _;

use mmdev_testkit::world;

use super::Folder;

#[test]
fn the_quickstart_example_opens_without_mmdev() {
    let folder = Folder::quickstart(&[]);
    folder.mmdev(&["generate"]).success();

    let read = folder.answer("read-configuration", &["--include-merged-configuration"]);
    assert_eq!(read["mergedConfiguration"]["updateRemoteUserUID"], true);
    let built = folder.answer("build", &[]);
    assert_eq!(built["outcome"], "success", "{built}");
    let up = folder.answer("up", &[]);
    assert_eq!(up["outcome"], "success", "{up}");
    assert_eq!(up["remoteUser"], "mambauser", "{up}");
    assert_eq!(up["remoteWorkspaceFolder"], "/workspaces/project", "{up}");

    the_environment_is_active_everywhere(&folder);
    assert!(
        folder
            .exec(&["python", "status.py"])
            .contains("requests 2.32.3")
    );
    files_belong_to_the_host_user(&folder);
    more_can_be_installed(&folder);
}

fn the_environment_is_active_everywhere(folder: &Folder) {
    assert_eq!(folder.exec(&["which", "python"]), "/opt/conda/bin/python");
    let path = folder.exec(&["printenv", "PATH"]);
    assert!(path.starts_with("/opt/conda/bin:"), "{path}");
    let question = "command -v python && echo $CONDA_PREFIX $CONDA_SHLVL";
    for shell in [
        ["bash", "-c"],
        ["bash", "-lc"],
        ["bash", "-ic"],
        ["bash", "-lic"],
        ["sh", "-c"],
        ["sh", "-lc"],
    ] {
        let [program, flag] = shell;
        let said = folder.exec(&[program, flag, question]);
        assert_eq!(said, "/opt/conda/bin/python\n/opt/conda 1", "{shell:?}");
    }
}

fn files_belong_to_the_host_user(folder: &Folder) {
    folder.exec(&[
        "sh",
        "-c",
        "mkdir made && python -c 'open(\"made/file\", \"w\")'",
    ]);
    let host = std::fs::metadata(folder.project.root()).unwrap();
    for name in ["made", "made/file"] {
        let made = std::fs::metadata(folder.project.root().join(name)).unwrap();
        assert_eq!((made.uid(), made.gid()), (host.uid(), host.gid()), "{name}");
    }
}

fn more_can_be_installed(folder: &Folder) {
    folder.exec(&[
        "micromamba",
        "install",
        "--yes",
        "--name",
        "base",
        "versions=1.1",
        "pip",
    ]);
    let world = world();
    let (index, host) = (world.index(), world.index_host());
    folder.exec(&[
        "pip",
        "install",
        "--index-url",
        &index,
        "--trusted-host",
        host,
        "attrs",
    ]);
    let place = folder.exec(&["python", "-c", "import attrs; print(attrs.__file__)"]);
    assert!(
        place.starts_with("/opt/conda/lib/python3.11/site-packages/"),
        "{place}"
    );
    let history = folder.exec(&["cat", "/opt/conda/conda-meta/history"]);
    assert!(history.contains("versions"), "{history}");
    // An upgrade removes files that another user id has installed.
    folder.exec(&[
        "micromamba",
        "install",
        "--yes",
        "--name",
        "base",
        "requests=2.25.1",
    ]);
    let version = folder.exec(&[
        "python",
        "-c",
        "import requests; print(requests.__version__)",
    ]);
    assert_eq!(version, "2.25.1");
}
