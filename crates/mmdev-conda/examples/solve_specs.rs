//! Solves every spec of a folder for linux-64 against one channel, and writes a JSON line for each:
//! `cargo xtask bench solve` holds them against py-rattler's.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use mmdev_conda::Config;
use mmdev_conda::solve::{Outcome, Request, Solver};
use mmdev_core::spec;
use mmdev_core::virtual_packages::{self, Image};
use serde_json::{Value, json};

const PLATFORM: &str = "linux-64";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [specs, channel, cache, rest @ ..] = arguments.as_slice() else {
        return Err("usage: solve_specs FOLDER CHANNEL CACHE [--explain]".into());
    };
    let is_explained = rest == ["--explain"];
    let mut paths: Vec<PathBuf> = std::fs::read_dir(specs)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension != "tsv"));
    paths.sort();
    let solver = Solver::new(Config::new(PathBuf::from(cache)));
    for path in paths {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let (_, read) = spec::read_bytes("env.yaml", std::fs::read(&path)?);
        let dependencies = dependencies(&read.spec);
        let request = Request {
            dependencies: dependencies.clone(),
            channels: vec![channel.clone()],
            platform: PLATFORM.to_owned(),
            virtual_packages: virtual_packages::of(PLATFORM, &Image::default(), None),
            relaxing: is_explained.then_some(std::time::Duration::from_secs(5)),
            ..Request::default()
        };
        let virtual_packages: Vec<String> = request
            .virtual_packages
            .iter()
            .map(|package| format!("{}={}={}", package.name, package.version, package.build))
            .collect();
        let start = Instant::now();
        let outcome = solver.solve(request, Arc::new(|_| {})).await;
        let seconds = start.elapsed().as_secs_f64();
        let mut line = answer(outcome, is_explained);
        line["file"] = json!(file);
        line["dependencies"] = json!(dependencies);
        line["virtual_packages"] = json!(virtual_packages);
        line["seconds"] = json!(seconds);
        say(&line);
    }
    // The most that it held at once.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse::<f64>().ok());
    say(&json!({ "memory": kilobytes.map(|kilobytes| kilobytes / 1024.0) }));
    Ok(())
}

fn say(line: &Value) {
    #[expect(clippy::print_stdout, reason = "a program for the terminal")]
    {
        println!("{line}");
    }
}

/// What the spec asks for on the platform, each from the one channel, whichever it names.
fn dependencies(spec: &spec::EnvSpec) -> Vec<String> {
    spec.dependencies
        .iter()
        .filter(|dependency| {
            let selector = dependency.selector.as_ref();
            selector.is_none_or(|selector| selector.applies_to(PLATFORM).unwrap_or(true))
        })
        .map(|dependency| {
            let text = &dependency.text.value;
            match text.split_once("::") {
                Some((_, rest)) => rest.to_owned(),
                None => text.clone(),
            }
        })
        .collect()
}

fn answer(outcome: Result<Outcome, mmdev_conda::Error>, is_explained: bool) -> Value {
    match outcome {
        Ok(Outcome::Solved(records)) => {
            let versions: serde_json::Map<String, Value> = records
                .iter()
                .map(|record| {
                    let value = format!("{} {}", record.version, record.build);
                    (record.name.clone(), json!(value))
                })
                .collect();
            json!({ "verdict": "solved", "records": versions })
        }
        Ok(Outcome::Unsolvable(why)) => {
            let verdict = match why.missing.is_empty() {
                true => "conflict",
                false => "missing",
            };
            let mut line = json!({ "verdict": verdict });
            if is_explained {
                line["why"] = json!(format!("{why:#?}"));
            }
            line
        }
        Err(error) => json!({ "verdict": "error", "why": error.to_string() }),
    }
}
