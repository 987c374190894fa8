//! Neovim, without a terminal, with `mmdev lsp` over stdio.

use std::path::PathBuf;
use std::process::Command;

use expect_test::expect;
use mmdev_testkit::Project;
use serde_json::{Value, json};

/// A channel in a folder with a few versions of numpy and pandas, and thousands of other names: those of conda-forge
/// where there is a corpus.
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
    for name in names() {
        package(&name, "1.0");
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
        project.write(&format!("channel/{subdir}/repodata.json"), &empty.to_string());
    }
    format!("file://{}", project.root().join("channel").display())
}

fn names() -> Vec<String> {
    let Some(corpus) = std::env::var_os("MMDEV_CORPUS") else {
        return (0..30_000).map(|number| format!("p-{number}")).collect();
    };
    let file = PathBuf::from(corpus).join("names/conda-forge.txt");
    std::fs::read_to_string(file)
        .unwrap()
        .lines()
        .filter(|name| !matches!(*name, "numpy" | "pandas"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn somebody_writes_a_spec() {
    let project = Project::new();
    let channel = channel(&project);
    project.write(
        "env.yaml",
        &format!(
            "name: x\nchannels:\n- {channel}\n- nodefaults\n\n\n# what we need\ndependencies:\n- numpy >=1.25,<2   # pinned\n\
             - numpi\n- pandas=>1.2\n-   numpy=9\n- p-1\n"
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
    expect![].assert_eq(&report.replace(&channel, "[CHANNEL]"));
}

fn neovim_is_there() {
    let found = Command::new("nvim").arg("--version").output();
    assert!(
        found.is_ok_and(|output| output.status.success()),
        "nvim is missing: `cargo xtask test` installs it, and so does `apt-get install neovim`"
    );
}

/// What the reference of the protocol calls a response, so that the test above cannot pass on silence.
#[test]
fn the_program_speaks_the_protocol_and_nothing_else() {
    let message = |body: Value| {
        let body = body.to_string();
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    };
    let project = Project::new();
    let input = [
        json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": { "capabilities": {} } }),
        json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }),
        json!({ "jsonrpc": "2.0", "id": 2, "method": "shutdown" }),
        json!({ "jsonrpc": "2.0", "method": "exit" }),
    ]
    .map(message)
    .concat();
    let run = |input: &str| {
        project.write("input", input);
        let file = std::fs::File::open(project.root().join("input")).unwrap();
        let mut command = project.command(env!("CARGO_BIN_EXE_mmdev"), ["lsp", "--offline"]);
        project.run(command.stdin(file))
    };
    let finished = run(&input);
    assert_eq!((finished.code, finished.stderr.as_str()), (Some(0), ""));
    assert!(finished.stdout.starts_with("Content-Length: "), "{}", finished.stdout);
    assert_eq!(finished.stdout.matches("Content-Length: ").count(), 2);
    // An editor that dies says nothing.
    assert_eq!(run("").code, Some(1));
}
