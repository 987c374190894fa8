//! `--channels`: what the channels say, from a server, from the cache, and from nobody.

use expect_test::{Expect, expect};
use mmdev_testkit::HttpServer;

use crate::project::Project;

/// A channel on a server, with the mapping of names beside it.
struct Served {
    folder: tempfile::TempDir,
    server: HttpServer,
}

impl Served {
    /// Serves packages: each line is a subdir, a name and a version.
    fn new(packages: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for subdir in ["linux-64", "linux-aarch64", "noarch"] {
            let of_subdir = packages.iter().filter_map(|package| {
                let [own, name, version] = package.split(' ').collect::<Vec<_>>()[..] else {
                    panic!("{package}");
                };
                (own == subdir).then(|| {
                    format!(
                        r#""{name}-{version}-0.conda": {{"name": "{name}", "version": "{version}", "build": "0",
                        "build_number": 0, "depends": [], "subdir": "{subdir}"}}"#
                    )
                })
            });
            let records: Vec<String> = of_subdir.collect();
            let repodata = format!(
                r#"{{"info": {{"subdir": "{subdir}"}}, "packages": {{}}, "packages.conda": {{{}}},
                "removed": ["numpy-2.3.5-0.conda"]}}"#,
                records.join(", ")
            );
            let file = folder.path().join("team").join(subdir);
            std::fs::create_dir_all(&file).unwrap();
            std::fs::write(file.join("repodata.json"), repodata).unwrap();
        }
        let names = r#"{"pytorch": ["torch"], "mkl": null}"#;
        std::fs::write(folder.path().join("names.json"), names).unwrap();
        let server = HttpServer::start(folder.path());
        Served { folder, server }
    }

    fn channel(&self) -> String {
        format!("{}/team", self.server.url())
    }
}

#[track_caller]
fn check(project: &Project, url: &str, arguments: &[&str], expected: Expect) {
    let output = project
        .command(arguments)
        .env("MMDEV_CONDA_NAMES", format!("{url}/names.json"))
        .output()
        .unwrap();
    expected.assert_eq(&project.shown(output).replace(url, "URL"));
}

fn some() -> Served {
    Served::new(&[
        "noarch numpy 2.3.4",
        "noarch numpy 1.26.4",
        "linux-64 mkl 2025.2",
        "noarch pip 25.3",
        "noarch python 3.14.0",
        "noarch pytorch 2.8.0",
    ])
}

fn spec(channel: &str) -> String {
    format!(
        "channels: ['{channel}']\ndependencies:\n  - python=3\n  - nunpy\n  - numpy=2.3.5\n  - numpy=7\n  - mkl\n  - pip\n  - pip:\n      - torch\n      - six\n"
    )
}

#[test]
fn channels_are_asked_where_somebody_wants_it() {
    let served = some();
    let url = served.server.url();
    let project = Project::new().file("env.yaml", &spec(&served.channel()));
    check(
        &project,
        &url,
        &["check", "--message-format", "concise", "--select", "MM7"],
        expect![[r#"
            exit code: 0
            ----- stderr
                 Checked 1 file, no problems
        "#]],
    );
    check(
        &project,
        &url,
        &[
            "check",
            "--channels",
            "--message-format",
            "concise",
            "--select",
            "MM7",
        ],
        expect![[r#"
            exit code: 1
            ----- stdout
            env.yaml:4:5: error[MM701] no channel of this spec has a package `nunpy` for linux-64 or linux-aarch64
            env.yaml:5:10: error[MM704] the channel `team` has taken back what fits `=2.3.5` of `numpy`
            env.yaml:6:10: error[MM702] no version of `numpy` fits `=7`
            env.yaml:7:5: information[MM703] no channel of this spec has a package `mkl` for linux-aarch64
            env.yaml:10:9: information[MM706] the channel `team` has `torch` as the conda package `pytorch`
            ----- stderr
                  Asking URL/team
                 Checked 1 file: 3 errors, 0 warnings, 2 remarks
            `mmdev check --fix --unsafe-fixes` mends 4 of them
            `mmdev explain CODE` says more about a rule
        "#]],
    );
    // The server is gone, and the cache has it all.
    let Served { folder, server } = served;
    drop((folder, server));
    check(
        &project,
        &url,
        &[
            "check",
            "--channels",
            "--offline",
            "--statistics",
            "--select",
            "MM7",
        ],
        expect![[r#"
            exit code: 1
            ----- stdout
                 1 MM701 unknown-package (1 fixable)
                 1 MM702 no-version (1 fixable)
                 1 MM703 no-build-for-platform
                 1 MM704 removed-or-broken (1 fixable)
                 1 MM706 pip-has-conda-package (1 fixable)
            ----- stderr
                 Checked 1 file: 3 errors, 0 warnings, 2 remarks
            `mmdev check --fix --unsafe-fixes` mends 4 of them
            `mmdev explain CODE` says more about a rule
        "#]],
    );
    check(
        &project,
        &url,
        &[
            "check",
            "--channels",
            "--offline",
            "--fix",
            "--unsafe-fixes",
            "--select",
            "MM7",
        ],
        expect![[r#"
            exit code: 0
            ----- stdout
            information[MM703]: no channel of this spec has a package `mkl` for linux-aarch64
             --> env.yaml:7:5
              |
            7 |   - mkl
              |     ^^^
              |
              = hint: It is there for linux-64 alone: name no other in `platforms:`, or take another package

            ----- stderr
                   Fixed env.yaml: MM701, MM702, MM704, MM706
                 Checked 1 file, no problems, 1 remark
            `mmdev explain CODE` says more about a rule
        "#]],
    );
    expect![[r#"
        channels: ['URL/team']
        dependencies:
          - python=3
          - numpy
          - numpy=2.3.4
          - numpy=2
          - mkl
          - pip
          - pytorch
          - pip:
              - six
    "#]]
    .assert_eq(&project.read("env.yaml").replace(&url, "URL"));
}

#[test]
fn what_keeps_a_channel_from_answering_is_a_warning() {
    // Nobody listens on port 1.
    let url = "http://127.0.0.1:1";
    let project = Project::new().file("env.yaml", &spec(&format!("{url}/team")));
    check(
        &project,
        url,
        &["check", "--channels", "--offline", "--select", "MM7"],
        expect![[r#"
            exit code: 0
            ----- stderr
            warning: the mapping from PyPI's names to conda's is not in the cache, and mmdev is offline
            hint: run it once without --offline
            warning: the channel URL/team/linux-64/ is not in the cache, and mmdev is offline
            hint: run it once without --offline
            warning: the channel URL/team/linux-aarch64/ is not in the cache, and mmdev is offline
            hint: run it once without --offline
            warning: the channel URL/team/noarch/ is not in the cache, and mmdev is offline
            hint: run it once without --offline
                 Checked 1 file, no problems
        "#]],
    );
    let served = some();
    let url = served.server.url();
    std::fs::remove_dir_all(served.folder.path().join("team")).unwrap();
    std::fs::remove_file(served.folder.path().join("names.json")).unwrap();
    project.write("env.yaml", &spec(&served.channel()));
    check(
        &project,
        &url,
        &["check", "--channels", "--select", "MM7"],
        expect![[r#"
            exit code: 0
            ----- stderr
                  Asking URL/team
            warning: the mapping from PyPI's names to conda's cannot be read from URL/names.json: the server says 404 Not Found
            hint: look at the network and HTTPS_PROXY, or set MMDEV_CONDA_NAMES to a mirror; what the cache has was taken
            warning: there is no channel at URL/team/noarch/
            hint: mend its name in `channels:`: what it lacks is not known, and not said
                 Checked 1 file, no problems
        "#]],
    );
}
