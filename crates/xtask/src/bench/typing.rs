//! How long the diagnostics of half-typed specs take, beside what is wanted.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::Place;
use super::figures::{Report, Row};
use crate::shell::{cargo, read};

/// Within how many milliseconds a person should see what is wrong.
const WANTED: f64 = 5.0;

/// Measures the diagnostics of each text that somebody types on the way to a real spec.
pub(super) fn measure(_: &Place) -> Result<Report> {
    let corpus = std::env::var_os("MMDEV_CORPUS").context("MMDEV_CORPUS names no corpus")?;
    ensure!(
        Path::new(&corpus).is_dir(),
        "there is no {}",
        corpus.display()
    );
    let said = read(cargo().args([
        "bench",
        "--quiet",
        "--package",
        "mmdev-core",
        "--bench",
        "typing",
    ]))?;
    let mut runs = Vec::new();
    for line in said.lines() {
        let (time, what) = line.split_once(' ').unwrap_or_default();
        runs.push((time.parse::<f64>().with_context(|| line.to_owned())?, what));
    }
    runs.sort_by(|left, right| left.0.total_cmp(&right.0));
    let (_, slowest) = runs.last().context("the corpus has no specs")?;
    let times: Vec<f64> = runs.iter().map(|(time, _)| *time).collect();
    let row = |what: &str, rank| Row::quantile(what, "ms", &times, &[WANTED], rank);
    Ok(Report {
        title: "diagnostics of a half-typed spec".to_owned(),
        peer: "wanted".to_owned(),
        notes: vec![
            format!(
                "{} texts: every prefix of 50 real specs, and 10 others without one of their characters, each in turn.",
                times.len()
            ),
            format!(
                "The slowest: {slowest}. What took more than a millisecond was run up to five times; the best counts."
            ),
        ],
        rows: vec![
            row("half of the texts (p50)", 0.5),
            row("99 of 100 texts (p99)", 0.99),
            row("the slowest", 1.0),
        ],
    })
}
