//! Neovim, without a terminal, with `mmdev lsp` over stdio.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use expect_test::expect;
use mmdev_testkit::Project;
use serde_json::{Value, json};

/// A channel in a folder with a few versions of numpy and pandas, and as many other names as conda-forge has.
fn channel(project: &Project) -> String {
    let mut packages = serde_json::Map::new();
    let mut package = |name: &str, version: &str| {
        let record = json!({
            "name": name, "version": version, "build": "h1_0", "build_number": 0,
            "depends": [], "subdir": "noarch", "noarch": "generic", "size": 1,
            "sha256": "0".repeat(64), "md5": "0".repeat(32),
        });
        packages.insert(format!("{name}-{version}-h1_0.conda"), record);
    };
    for version in ["2.1.0", "1.26.4", "1.26.3", "1.25.0"] {
        package("numpy", version);
    }
    package("pandas", "2.2.0");
    for number in 0..30_000 {
        package(&format!("p-{number}"), "1.0");
    }
    let repodata = json!({
        "info": { "subdir": "noarch" }, "packages": {}, "packages.conda": packages,
        "removed": [], "repodata_version": 1,
    });
    project.write("channel/noarch/repodata.json", &repodata.to_string());
    for subdir in ["linux-64", "linux-aarch64"] {
        let empty = json!({
            "info": { "subdir": subdir }, "packages": {}, "packages.conda": {},
            "removed": [], "repodata_version": 1,
        });
        project.write(
            &format!("channel/{subdir}/repodata.json"),
            &empty.to_string(),
        );
    }
    format!("file://{}", project.root().join("channel").display())
}

#[test]
fn somebody_writes_a_spec() {
    let project = Project::new();
    let channel = channel(&project);
    project.write(
        "env.yaml",
        &format!(
            "name: x\nchannels:\n- {channel}\n- nodefaults\n\n\n# what we need\ndependencies:\n- numpy >=1.25,<2   # pinned\n\
             - numpi\n- pandas=>1.2\n-   numpy=9\n- pzz-none\n"
        ),
    );
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/editors/neovim.lua");
    let report = project.root().join("report.txt");
    let mut command = project.command("nvim", ["--headless", "--clean", "-n", "-c"]);
    command
        .arg(format!("luafile {}", script.display()))
        .env("MMDEV_PROGRAM", env!("CARGO_BIN_EXE_mmdev"))
        .env("MMDEV_REPORT", &report)
        .env("TERM", "dumb");
    neovim_is_there();
    let finished = project.run(&mut command);
    let report = std::fs::read_to_string(&report).unwrap_or_default();
    assert_eq!(finished.code, Some(0), "{report}\n{finished:?}");
    expect![[r#"
        == diagnostics
        10:8-10:10 mmdev MM209: `=>` is no operator; micromamba and rattler refuse it, conda takes it | hint: The operators are `=`, `==`, `!=`, `>=`, `<=`, `>`, `<` and `~=`
        11:4-11:11 mmdev MM226: `numpy` stands above already, and no version is both `<2` and `9.*` | hint: Keep one of the two entries
        11:9-11:11 mmdev MM702: no version of `numpy` fits `=9` | hint: The newest is `2.1.0`
        12:2-12:10 mmdev MM701: no channel of this spec has a package `pzz-none` for linux-64 or linux-aarch64 | hint: Add the channel that has it, or put it below `pip:` when it is on PyPI only
        2:2-2:47 mmdev MM614: the channel `[CHANNEL]` is a folder of this machine, which an image build does not see | hint: Serve it over HTTP and name its URL
        9:2-9:7 mmdev MM701: no channel of this spec has a package `numpi` for linux-64 or linux-aarch64 | hint: Did you mean `numpy`?
        == hover
        1.25 or newer and older than 2: true
        newest that fits: 1.26.4: true
        == completion
        3, incomplete false: 1.26.4 1.26.3 1.25.0
        200 names, incomplete true
        == quick fix
        11:4-11:11 mmdev MM226: `numpy` stands above already, and no version is both `<2` and `9.*` | hint: Keep one of the two entries
        11:9-11:11 mmdev MM702: no version of `numpy` fits `=9` | hint: The newest is `2.1.0`
        12:2-12:10 mmdev MM701: no channel of this spec has a package `pzz-none` for linux-64 or linux-aarch64 | hint: Add the channel that has it, or put it below `pip:` when it is on PyPI only
        2:2-2:47 mmdev MM614: the channel `[CHANNEL]` is a folder of this machine, which an image build does not see | hint: Serve it over HTTP and name its URL
        9:2-9:7 mmdev MM701: no channel of this spec has a package `numpi` for linux-64 or linux-aarch64 | hint: Did you mean `numpy`?
        == formatting
        name: x
        channels:
          - [CHANNEL]
          - nodefaults

        # what we need
        dependencies:
          - numpy >=1.25,<2   # pinned
          - numpi
          - pandas>=1.2
          - numpy=9
          - pzz-none
        == outline
        name
        channels
        dependencies
    "#]].assert_eq(&report.replace(&channel, "[CHANNEL]"));
}

fn neovim_is_there() {
    let found = Command::new("nvim").arg("--version").output();
    assert!(
        found.is_ok_and(|output| output.status.success()),
        "nvim is missing: `cargo xtask test` installs it, and so does `apt-get install neovim`"
    );
}

#[test]
fn the_program_speaks_the_protocol_and_nothing_else() {
    let project = Project::new();
    let mut server = project
        .command(env!("CARGO_BIN_EXE_mmdev"), ["lsp", "--offline"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = server.stdin.take().unwrap();
    let mut output = BufReader::new(server.stdout.take().unwrap());
    let mut say = |body: Value| {
        let body = body.to_string();
        write!(input, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    };
    let mut hear = || {
        let mut header = String::new();
        output.read_line(&mut header).unwrap();
        let length = header.trim_end().strip_prefix("Content-Length: ").unwrap();
        output.read_line(&mut String::new()).unwrap();
        let mut body = vec![0; length.parse().unwrap()];
        output.read_exact(&mut body).unwrap();
        serde_json::from_slice::<Value>(&body).unwrap()
    };
    let parameters = json!({ "capabilities": {} });
    say(json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": parameters }));
    assert_eq!(hear()["result"]["serverInfo"]["name"], "mmdev");
    say(json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }));
    say(json!({ "jsonrpc": "2.0", "id": 2, "method": "shutdown" }));
    assert_eq!(hear()["id"], 2);
    say(json!({ "jsonrpc": "2.0", "method": "exit" }));
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    let finished = server.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&finished.stderr);
    assert_eq!((finished.status.code(), &*said, &*rest), (Some(0), "", ""));
}

#[test]
fn an_editor_that_dies_ends_the_server() {
    let project = Project::new();
    let finished = project.run(&mut project.command(env!("CARGO_BIN_EXE_mmdev"), ["lsp"]));
    assert_eq!((finished.code, finished.stdout.as_str()), (Some(1), ""));
}
