//! Solving real specs on real channel data, beside py-rattler: how long, and whether both come to the same records.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::Place;
use super::figures::{Report, Row};
use super::file_server::FileServer;
use crate::shell::{cargo, python_environment, read, run, say, workspace};
use crate::world::{executable, read_shown};

/// Its solver is rattler's, as ours is; what is beside it differs.
const PY_RATTLER: &str = "py-rattler==0.28.0";

/// Runs over all specs.
const ROUNDS: usize = 3;

/// The answers of one run.
struct Run {
    /// By the spec's file.
    answers: BTreeMap<String, Answer>,
    /// The most memory that it held, in megabytes.
    memory: f64,
}

struct Answer {
    verdict: String,
    records: Value,
    seconds: f64,
}

/// Measures every spec of the corpus in one process each, the channel's data in memory after the first.
pub(super) fn measure(place: &Place) -> Result<Report> {
    let corpus = std::env::var_os("MMDEV_CORPUS")
        .map(PathBuf::from)
        .context("MMDEV_CORPUS does not name the folder of real specs and channel data")?;
    let environment = place.tools.join(PY_RATTLER);
    let python = environment.join("bin/python");
    if !environment.join("done").exists() {
        run(python_environment(&environment)?.args(["install", PY_RATTLER]))?;
        fs::write(environment.join("done"), "")?;
    }
    let ours = executable(
        &read_shown(cargo().args([
            "build",
            "--release",
            "--package",
            "mmdev-conda",
            "--example",
            "solve_specs",
            "--message-format=json-render-diagnostics",
        ]))?,
        "solve_specs",
    )?;
    let server = FileServer::start(&python, &corpus.join("channels"))?;
    let channel = format!("{}/conda-forge", server.url());
    let lines = place.work.join("ours.jsonl");
    let ours = || -> Result<Run> {
        let mut command = Command::new(&ours);
        command.arg(corpus.join("envs")).arg(&channel);
        let text = read(command.arg(place.work.join("cache-ours")))?;
        fs::write(&lines, &text)?;
        Run::of(&text)
    };
    let peer = || -> Result<Run> {
        let mut command = Command::new(&python);
        command.arg(workspace().join("crates/xtask/bench/solve_peer.py"));
        command.arg(&lines).arg(&channel);
        Run::of(&read(command.arg(place.work.join("cache-peer")))?)
    };
    // These fill the caches, and say what is to be compared.
    let (first, other) = (ours()?, peer()?);
    let both = compare(&first, &other, &place.work)?;
    let mut rounds = Vec::new();
    for round in 0..ROUNDS {
        rounds.push(if round % 2 == 0 {
            let ours = ours()?;
            (ours, peer()?)
        } else {
            let peer = peer()?;
            (ours()?, peer)
        });
    }
    report(&first, &other, &both, &rounds)
}

impl Run {
    fn of(text: &str) -> Result<Self> {
        let mut run = Run {
            answers: BTreeMap::new(),
            memory: f64::NAN,
        };
        for line in text.lines() {
            let mut line: Value = serde_json::from_str(line)?;
            let Some(file) = line["file"].as_str().map(str::to_owned) else {
                run.memory = line["memory"].as_f64().unwrap_or(f64::NAN);
                continue;
            };
            let answer = Answer {
                verdict: line["verdict"].as_str().unwrap_or_default().to_owned(),
                records: line["records"].take(),
                seconds: line["seconds"].as_f64().unwrap_or_default(),
            };
            run.answers.insert(file, answer);
        }
        ensure!(!run.answers.is_empty(), "no spec was solved");
        Ok(run)
    }

    fn count(&self, verdict: &str) -> usize {
        let answers = self.answers.values();
        answers.filter(|answer| answer.verdict == verdict).count()
    }

    /// The seconds for these specs.
    fn seconds(&self, files: &[&str]) -> Vec<f64> {
        files
            .iter()
            .filter_map(|file| Some(self.answers.get(*file)?.seconds))
            .collect()
    }
}

/// The specs that both solve. Where the two come to something else, it is said, and written down.
fn compare<'a>(ours: &'a Run, peer: &Run, work: &Path) -> Result<Vec<&'a str>> {
    let mut both = Vec::new();
    let mut different = String::new();
    for (file, answer) in &ours.answers {
        let other = peer
            .answers
            .get(file)
            .with_context(|| format!("the peer left out {file}"))?;
        if answer.verdict != other.verdict || answer.records != other.records {
            different += &format!("{file}: {} and {}\n", answer.verdict, other.verdict);
        } else if answer.verdict == "solved" {
            both.push(file.as_str());
        }
    }
    fs::write(work.join("different.txt"), &different)?;
    if !different.is_empty() {
        say(format!("mmdev and the peer disagree:\n{different}"));
    }
    Ok(both)
}

fn report(first: &Run, other: &Run, both: &[&str], rounds: &[(Run, Run)]) -> Result<Report> {
    let total = |run: &Run| run.seconds(both).iter().sum::<f64>();
    let pairs: Vec<(f64, f64)> = rounds
        .iter()
        .map(|(ours, peer)| (total(ours), total(peer)))
        .collect();
    let milliseconds = |run: &Run| -> Vec<f64> {
        let seconds = run.seconds(both);
        seconds
            .into_iter()
            .map(|seconds| 1000.0 * seconds)
            .collect()
    };
    let ours: Vec<f64> = rounds
        .iter()
        .flat_map(|(ours, _)| milliseconds(ours))
        .collect();
    let peer: Vec<f64> = rounds
        .iter()
        .flat_map(|(_, peer)| milliseconds(peer))
        .collect();
    let memory: Vec<(f64, f64)> = rounds
        .iter()
        .map(|(ours, peer)| (ours.memory, peer.memory))
        .collect();
    let verdicts = |run: &Run| {
        format!(
            "{} solved, {} conflicts, {} without a candidate, {} that cannot be read",
            run.count("solved"),
            run.count("conflict"),
            run.count("missing"),
            run.count("error")
        )
    };
    Ok(Report {
        title: "solve".to_owned(),
        peer: PY_RATTLER.replace("==", " "),
        notes: vec![
            format!("{} specs: mmdev {}.", first.answers.len(), verdicts(first)),
            format!("The peer: {}.", verdicts(other)),
            format!(
                "{} are solved by both to the very same records.",
                both.len()
            ),
            format!("{ROUNDS} rounds over all of them, data in memory after the first spec."),
        ],
        rows: vec![
            Row::pairs("all that both solve", "s", &pairs),
            Row::quantile("one spec, median", "ms", &ours, &peer, 0.5),
            Row::quantile("one spec, 99 of 100", "ms", &ours, &peer, 0.99),
            Row::pairs("memory at most", "MB", &memory),
        ],
    })
}
