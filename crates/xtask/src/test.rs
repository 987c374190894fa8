//! `cargo xtask test`: from a fresh Debian machine with Rust to a run of every test.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

use crate::machine;
use crate::shell::{cargo, run, say, step, succeeds};
use crate::{vscode, world};

/// The port on which the world is served. It is always the same one, since
/// channel URLs stand in specs and so in BuildKit's cache keys.
const PORT: &str = "47830";

/// Installs, starts, builds, runs everything; stops what it started.
pub(crate) fn everything() -> Result<()> {
    step("what tests need", machine::install)?;
    let folder = world::folder()?;
    let _daemon = machine::start_daemon(&folder.join("dockerd.log"))?;
    machine::install_buildx(&folder)?;
    machine::install_node_packages()?;
    let manifest = step("the world", world::build)?;
    step("VS Code", || vscode::prepare(&folder))?;
    let server = Server::start(&manifest)?;
    let environment = [("MMDEV_WORLD_URL", server.url.as_str())];
    // The testkit is tested with the features that its programs were built
    // with, apart from the rest: together, cargo would compile all of rattler
    // a second time for the union of everybody's features.
    let testkit = step("tests of the testkit", || {
        run_tests(
            &["--package", "mmdev-testkit", "--features", "world"],
            &environment,
        )
    });
    let rest = ["--workspace", "--exclude", "mmdev-testkit"];
    let rest = step("tests", || run_tests(&rest, &environment));
    say_without_corpus();
    testkit.and(rest)
}

/// Runs the tests that need neither a daemon nor the world.
pub(crate) fn fast() -> Result<()> {
    let mut arguments = vec!["--workspace"];
    if has_nextest() {
        arguments.extend(["-E", "not binary(containers) and not binary(editors)"]);
    } else {
        arguments.extend(["--lib", "--bins"]);
    }
    let outcome = step("tests", || run_tests(&arguments, &[]));
    say_without_corpus();
    outcome
}

/// Whether there is the real data that tests marked as ignored need.
fn has_corpus() -> bool {
    std::env::var_os("MMDEV_CORPUS").is_some()
}

/// Said where one looks first, below all the tests.
fn say_without_corpus() {
    if !has_corpus() {
        say(
            "NOT RUN, since MMDEV_CORPUS is not set: tests on real data (docs/contributing/testing.md)",
        );
    }
}

/// Serves the world until Ctrl-C, for tests that are run one by one.
pub(crate) fn serve() -> Result<()> {
    let manifest = world::build()?;
    let mut server = Server::start(&manifest)?;
    say(format!(
        "MMDEV_WORLD_URL={} cargo nextest run; Ctrl-C ends this",
        server.url
    ));
    // Waiting would close its standard input, which ends it.
    let _open = server.process.stdin.take();
    server.process.wait()?;
    Ok(())
}

fn has_nextest() -> bool {
    succeeds(cargo().args(["nextest", "--version"]))
}

fn run_tests(arguments: &[&str], environment: &[(&str, &str)]) -> Result<()> {
    let mut command = cargo();
    command.envs(environment.iter().copied());
    if has_nextest() {
        // What failed is shown at the end, below hundreds of tests that did not.
        command.args(["nextest", "run", "--no-fail-fast"]);
        command.args(["--failure-output", "final"]).args(arguments);
        if has_corpus() {
            command.args(["--run-ignored", "all"]);
        }
    } else {
        say("cargo-nextest is not installed: cargo test runs the tests");
        command.args(["test", "--no-fail-fast"]).args(arguments);
        if has_corpus() {
            command.args(["--", "--include-ignored"]);
        }
    }
    run(&mut command)
}

/// The running server of the world, or of a benchmark's channel; it is stopped
/// when dropped.
pub(crate) struct Server {
    process: Child,
    /// Where this machine, builds and containers reach it.
    pub(crate) url: String,
}

impl Server {
    /// Serves on loopback and on the gateway of Docker's bridge, by which
    /// builds and containers reach it without the host's network.
    fn start(manifest: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(manifest)?;
        let manifest: serde_json::Value = serde_json::from_str(&text)?;
        let text = |key: &str| {
            manifest[key]
                .as_str()
                .with_context(|| format!("world.json has no {key}"))
        };
        Self::of(Path::new(text("server")?), Path::new(text("www")?), PORT)
    }

    /// Serves a folder with the testkit's server.
    pub(crate) fn of(program: &Path, www: &Path, port: &str) -> Result<Self> {
        let mut process = Command::new(program)
            .arg(www)
            .arg(port)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        // It says where it serves once it listens.
        let said = process.stdout.take().map(first_line).transpose()?;
        let url = said
            .as_deref()
            .and_then(|line| line.strip_prefix("serving "))
            .with_context(|| {
                format!("the server did not start; is port {port} taken by another run?")
            })?
            .trim()
            .to_owned();
        say(format!("{} is served at {url}", www.display()));
        Ok(Self { process, url })
    }
}

fn first_line(output: impl std::io::Read) -> Result<String> {
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(output), &mut line)?;
    Ok(line)
}

impl Drop for Server {
    fn drop(&mut self) {
        // It ends when its standard input does.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
