//! How long a lock takes on a channel of conda-forge's scale, beside what is wanted.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::Place;
use super::figures::{Report, Row};
use super::file_server::FileServer;
use crate::shell::{cargo, read, run, workspace};
use crate::world::{executable, read_shown};

/// Names and records of the channel: conda-forge has about as many.
const SIZE: [&str; 2] = ["25000", "400000"];

/// What is locked first: it needs many of the others.
const BASE: &str = "p24999";

/// What is added, one after the other.
const ADDED: [&str; 8] = [
    "p20001", "p20101", "p20201", "p20301", "p20401", "p20501", "p20601", "p20701",
];

/// The most milliseconds of CPU that a lock may take in which nothing changes.
const WANTED_FRESH: f64 = 100.0;

/// The most milliseconds from an added dependency to its lock, with a warm cache.
const WANTED_ADDED: f64 = 1000.0;

/// One run of `mmdev lock`.
struct Used {
    /// Milliseconds.
    time: f64,
    /// Milliseconds of CPU.
    cpu: f64,
    /// Megabytes.
    memory: f64,
}

/// Measures locks that change nothing, and one dependency.
pub(super) fn measure(place: &Place) -> Result<Report> {
    let python = PathBuf::from("/usr/bin/python3");
    let server = FileServer::start(&python, &channel(place)?)?;
    let project = place.work.join("project");
    let home = place.work.join("home");
    for folder in [&project, &home] {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder)?;
    }
    let spec = |names: &[&str]| -> Result<()> {
        let url = server.url();
        let mut text = format!("channels: [{url}/main]\nplatforms: [linux-64]\ndependencies:\n");
        for name in names {
            text.push_str(&format!("  - {name}\n"));
        }
        Ok(fs::write(project.join("env.yaml"), text)?)
    };
    let lock = || -> Result<Used> {
        let mut command = Command::new(&python);
        command
            .arg(workspace().join("crates/xtask/bench/measured.py"))
            .args([place.mmdev.as_os_str(), "lock".as_ref(), "--quiet".as_ref()])
            .current_dir(&project)
            .env_clear()
            .env("HOME", &home);
        Used::read(&read(&mut command)?)
    };
    spec(&[BASE])?;
    let cold = lock()?;
    let before = fs::read(project.join("conda-lock.yml"))?;
    let mut added = Vec::new();
    // The first time fetches the shards of what is added, the second finds them in the cache.
    for name in ADDED.iter().chain(&ADDED) {
        fs::write(project.join("conda-lock.yml"), &before)?;
        spec(&[BASE, name])?;
        added.push(lock()?);
    }
    let (fetched, warm) = added.split_at(ADDED.len());
    spec(&[&[BASE], &ADDED[..]].concat())?;
    lock()?;
    let text = fs::read_to_string(project.join("conda-lock.yml"))?;
    let packages = text.matches("\n- name: ").count();
    let fresh = (0..20).map(|_| lock()).collect::<Result<Vec<_>>>()?;
    let all = |runs: &[Used], value: fn(&Used) -> f64| runs.iter().map(value).collect::<Vec<_>>();
    let most = |runs: &[Used]| runs.iter().map(|run| run.memory).fold(0.0, f64::max);
    let row = |what: String, runs: &[Used], value: fn(&Used) -> f64, wanted: f64| {
        Row::quantile(what, "ms", &all(runs, value), &[wanted], 0.5)
    };
    Ok(Report {
        title: "lock".to_owned(),
        peer: "wanted".to_owned(),
        notes: vec![
            format!(
                "A channel of {} names and {} records in shards; medians. With an empty cache the first lock took {:.0} ms \
                 ({:.0} ms of CPU, {:.0} MB).",
                SIZE[0], SIZE[1], cold.time, cold.cpu, cold.memory
            ),
            format!(
                "Memory at most: {:.0} MB where nothing changed, {:.0} MB with one added, {:.0} MB with its shards fetched.",
                most(&fresh),
                most(warm),
                most(fetched)
            ),
        ],
        rows: vec![
            row(
                format!("nothing changed, {packages} packages, CPU"),
                &fresh,
                |run| run.cpu,
                WANTED_FRESH,
            ),
            row(
                "one dependency added, cache warm".to_owned(),
                warm,
                |run| run.time,
                WANTED_ADDED,
            ),
            row(
                "the same, its shards fetched".to_owned(),
                fetched,
                |run| run.time,
                WANTED_ADDED,
            ),
        ],
    })
}

/// The folder with the channel, which is made once.
fn channel(place: &Place) -> Result<PathBuf> {
    let folder = place.work.join("channels");
    let done = folder.join(SIZE.join("-"));
    if done.exists() {
        return Ok(folder);
    }
    let program = executable(
        &read_shown(cargo().args([
            "build",
            "--release",
            "--package",
            "mmdev-conda",
            "--example",
            "big_channel",
            "--message-format=json-render-diagnostics",
        ]))?,
        "big_channel",
    )?;
    make(&program, &folder.join("main"))?;
    fs::write(&done, "")?;
    Ok(folder)
}

fn make(program: &Path, folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    run(Command::new(program).arg(folder).args(SIZE))
}

impl Used {
    fn read(text: &str) -> Result<Self> {
        let numbers: Result<Vec<f64>, _> = text.split_whitespace().map(str::parse).collect();
        let numbers = numbers.with_context(|| format!("no three numbers: {text}"))?;
        let [time, cpu, memory] = numbers[..] else {
            anyhow::bail!("no three numbers: {text}");
        };
        Ok(Used {
            time: 1000.0 * time,
            cpu: 1000.0 * cpu,
            memory,
        })
    }
}
