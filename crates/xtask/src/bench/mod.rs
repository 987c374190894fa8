//! `cargo xtask bench`: how fast mmdev is beside what people use instead.
//!
//! Each benchmark measures mmdev and a peer in the same run, taking turns, and
//! prints a table of ratios: they hold on another machine, times do not. None
//! runs in CI, and nothing fails when a ratio is bad.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::dist;
use crate::shell::{read, say, step};
use figures::Report;

mod check;
mod comment;
mod diagnostics;
mod figures;
mod file_server;
mod language_client;
mod large;
mod layers;
mod lock;
mod proxy;
mod rebuild;
mod remap;
mod solve;
mod start;
mod typing;
mod watch;

/// A benchmark: its name, what it measures, and the program itself.
type Benchmark = (&'static str, &'static str, fn(&Place) -> Result<Report>);

const BENCHMARKS: &[Benchmark] = &[
    (
        "rebuild",
        "from a save to an image with one more package, beside a plain Dockerfile",
        rebuild::measure,
    ),
    (
        "layers",
        "what a change of a locked environment costs, beside a plain Dockerfile",
        layers::measure,
    ),
    (
        "remap",
        "what a user's own ids cost, beside chown -R of the environment",
        remap::measure,
    ),
    (
        "comment",
        "a save that changes only a comment, beside a plain Dockerfile",
        comment::measure,
    ),
    (
        "diagnostics",
        "from an edit to its diagnostics, beside yaml-language-server",
        diagnostics::measure,
    ),
    (
        "typing",
        "the diagnostics of half-typed specs",
        typing::measure,
    ),
    (
        "check",
        "10,000 specs, beside yamllint and yaml-language-server",
        check::measure,
    ),
    (
        "start",
        "the command line from its start to its end, beside yamllint",
        start::measure,
    ),
    (
        "solve",
        "exact records for real specs, beside py-rattler, and whether they are the same",
        solve::measure,
    ),
    (
        "lock",
        "locks on a channel of conda-forge's scale, beside what is wanted",
        lock::measure,
    ),
];

/// Where benchmarks find and put things.
pub(crate) struct Place {
    /// The release binary.
    mmdev: PathBuf,
    /// Other people's programs, pinned and kept from run to run.
    tools: PathBuf,
    /// The folder for one benchmark's own work.
    work: PathBuf,
}

/// Runs one benchmark, or all: tables on standard output, the same as JSON in
/// `target/bench`.
pub(crate) fn run(wanted: Option<&str>) -> Result<()> {
    let chosen: Vec<_> = BENCHMARKS
        .iter()
        .filter(|(name, ..)| wanted.is_none_or(|wanted| wanted == *name))
        .collect();
    ensure!(
        !chosen.is_empty(),
        "no such benchmark; there are: {}",
        names()
    );
    let target = dist::target_folder()?;
    let results = target.join("bench");
    let mmdev = dist::binary(&[], &target)?;
    let version = read(Command::new(&mmdev).arg("--version"))?;
    let machine = machine()?;
    for (name, about, measure) in chosen {
        let place = Place {
            mmdev: mmdev.clone(),
            tools: target.join("dist-tools"),
            work: results.join(name),
        };
        fs::create_dir_all(&place.work)?;
        let report = step(&format!("{name}: {about}"), || measure(&place))?;
        let file = results.join(format!("{name}.json"));
        let json = report.json(&machine, &version);
        fs::write(&file, serde_json::to_vec_pretty(&json)?)?;
        say(format!("{machine}; {version}\n\n{}\n", report.table()));
    }
    Ok(())
}

/// The names of all benchmarks, to be shown.
pub(crate) fn names() -> String {
    let names: Vec<_> = BENCHMARKS.iter().map(|(name, ..)| *name).collect();
    names.join(", ")
}

/// The machine in a line: processor, memory, system.
fn machine() -> Result<String> {
    let value = |file: &str, key: &str| -> Result<String> {
        let text = fs::read_to_string(file).with_context(|| format!("cannot read {file}"))?;
        let line = text.lines().find(|line| line.starts_with(key));
        let value = line.and_then(|line| line.split_once(':'));
        Ok(value
            .map_or("unknown", |(_, value)| value.trim())
            .to_owned())
    };
    let memory = value("/proc/meminfo", "MemTotal")?;
    let kilobytes: u64 = memory.trim_end_matches(" kB").parse().unwrap_or_default();
    Ok(format!(
        "{} × {}, {} GB, Linux {}",
        std::thread::available_parallelism()?,
        value("/proc/cpuinfo", "model name")?,
        kilobytes.div_ceil(1_000_000),
        read(Command::new("uname").arg("-r"))?
    ))
}

/// Runs a program to its end and gives the seconds that it took.
fn seconds(command: &mut Command) -> Result<f64> {
    let start = Instant::now();
    read(command)?;
    Ok(start.elapsed().as_secs_f64())
}

/// Measures ours and the peer in turns, with the other one first each time.
fn take_turns(
    rounds: usize,
    mut ours: impl FnMut(usize) -> Result<f64>,
    mut peer: impl FnMut(usize) -> Result<f64>,
) -> Result<Vec<(f64, f64)>> {
    (0..rounds)
        .map(|round| {
            Ok(if round % 2 == 0 {
                let first = ours(round)?;
                (first, peer(round)?)
            } else {
                let first = peer(round)?;
                (ours(round)?, first)
            })
        })
        .collect()
}
