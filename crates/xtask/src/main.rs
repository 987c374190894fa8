//! The chores of the project: `cargo xtask test`, `world`, `serve`, `dist`, `fuzz` and `bench`.

use std::process::ExitCode;

use anyhow::Result;

mod bench;
mod dist;
mod fuzz;
mod machine;
mod shell;
mod test;
mod vscode;
mod world;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  test [--fast]  install what tests need (as root or with sudo), start a Docker
                 daemon if none runs, build the world and run every test;
                 --fast: only tests that need neither
  world          build the world of the container tests in a cache folder
  vscode         install what the extension's tests need, and package it
  serve          serve the world's channel and package index until Ctrl-C
  dist [TARGET]  build what is released into target/dist, and try it: the static
                 binary, the wheel and the VS Code extension that carry it
  fuzz [--seconds N | --runs N]
                 run each fuzz target for so long (600 seconds unless said), or
                 with so many inputs, which are the same on every machine
  bench [NAME]   measure mmdev beside its peers: tables of ratios here, JSON in
                 target/bench
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["test"] => test::everything(),
        ["test", "--fast"] => test::fast(),
        ["world"] => world(),
        ["vscode"] => world::folder().and_then(|folder| vscode::prepare(&folder)),
        ["serve"] => test::serve(),
        ["bench"] => bench::run(None),
        ["bench", name] => bench::run(Some(name)),
        ["fuzz"] => fuzz::run_all("--seconds", "600"),
        ["fuzz", limit @ ("--seconds" | "--runs"), count] => fuzz::run_all(limit, count),
        ["dist"] => dist::build(None),
        ["dist", target] => dist::build(Some(target)),
        _ => {
            shell::say(USAGE);
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            shell::say(format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn world() -> Result<()> {
    let file = world::build()?;
    shell::say(format!("written: {}", file.display()));
    Ok(())
}
