//! What a benchmark measured of mmdev and of a peer in the same run, as a table and as JSON.

use std::fmt::Write;

use serde_json::{Value, json};

/// The figures of one benchmark.
pub(crate) struct Report {
    /// What was measured, as the table's heading.
    pub(crate) title: String,
    /// The peer, with its version.
    pub(crate) peer: String,
    /// What a reader must know of the circumstances, one sentence each.
    pub(crate) notes: Vec<String>,
    /// The lines of the table.
    pub(crate) rows: Vec<Row>,
}

/// One thing, measured of both.
pub(crate) struct Row {
    what: String,
    unit: &'static str,
    ours: Figure,
    peer: Figure,
    /// How many times ours fits into the peer's; none where ours is nothing.
    ratio: Option<f64>,
}

/// A number, and what it was taken from.
struct Figure {
    value: f64,
    /// Between which values the middle half of the runs lies, where the number
    /// is their median.
    middle: Option<(f64, f64)>,
    runs: usize,
}

impl Row {
    /// Medians of runs that took turns. The ratio is the median of the pairs'
    /// ratios: whatever slows the machine for a while slows both of a pair.
    pub(crate) fn pairs(what: impl Into<String>, unit: &'static str, pairs: &[(f64, f64)]) -> Self {
        let (ours, peer): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
        let ratios: Vec<f64> = pairs
            .iter()
            .filter(|(ours, _)| *ours > 0.0)
            .map(|(ours, peer)| peer / ours)
            .collect();
        Self {
            what: what.into(),
            unit,
            ours: Figure::median(&ours),
            peer: Figure::median(&peer),
            ratio: (!ratios.is_empty()).then(|| quantile(&ratios, 0.5)),
        }
    }

    /// One quantile of many runs: 0.99 is what one run in a hundred exceeds.
    pub(crate) fn quantile(
        what: impl Into<String>,
        unit: &'static str,
        ours: &[f64],
        peer: &[f64],
        rank: f64,
    ) -> Self {
        let figure = |runs: &[f64]| Figure {
            value: quantile(runs, rank),
            middle: None,
            runs: runs.len(),
        };
        let (ours, peer) = (figure(ours), figure(peer));
        let ratio = (ours.value > 0.0).then(|| peer.value / ours.value);
        Self {
            what: what.into(),
            unit,
            ours,
            peer,
            ratio,
        }
    }
}

impl Figure {
    fn median(runs: &[f64]) -> Self {
        Self {
            value: quantile(runs, 0.5),
            middle: (runs.len() > 1).then(|| (quantile(runs, 0.25), quantile(runs, 0.75))),
            runs: runs.len(),
        }
    }

    fn shown(&self, unit: &str) -> String {
        let value = format!("{} {unit}", rounded(self.value));
        match self.middle {
            Some((low, high)) => format!("{value} ({}–{})", rounded(low), rounded(high)),
            None => value,
        }
    }

    fn json(&self) -> Value {
        let (low, high) = self.middle.unzip();
        json!({"value": self.value, "quarter": low, "three_quarters": high, "runs": self.runs})
    }
}

impl Report {
    /// The table in Markdown, its notes below.
    pub(crate) fn table(&self) -> String {
        let mut text = format!("| {} | mmdev | {} | ratio |\n", self.title, self.peer);
        text.push_str("|---|---|---|---|\n");
        for row in &self.rows {
            let ratio = row
                .ratio
                .map_or("—".to_owned(), |ratio| format!("**{}**", rounded(ratio)));
            let (ours, peer) = (row.ours.shown(row.unit), row.peer.shown(row.unit));
            // Writing to a string cannot fail.
            let _ = writeln!(text, "| {} | {ours} | {peer} | {ratio} |", row.what);
        }
        for note in &self.notes {
            let _ = write!(text, "\n{note}");
        }
        text
    }

    /// The same for programs.
    pub(crate) fn json(&self, machine: &str, version: &str) -> Value {
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|row| {
                json!({
                    "what": row.what,
                    "unit": row.unit,
                    "mmdev": row.ours.json(),
                    "peer": row.peer.json(),
                    "ratio": row.ratio,
                })
            })
            .collect();
        json!({
            "title": self.title,
            "machine": machine,
            "mmdev": version,
            "peer": self.peer,
            "notes": self.notes,
            "rows": rows,
        })
    }
}

/// The value below which the share `rank` of the runs lies: the nearest one
/// that was measured.
fn quantile(runs: &[f64], rank: f64) -> f64 {
    let mut sorted = runs.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    let index = (last as f64 * rank).round() as usize;
    sorted.get(index).copied().unwrap_or(f64::NAN)
}

/// Two significant digits at least, three below a hundred.
fn rounded(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if size < 1.0 => format!("{value:.3}"),
        size if size < 10.0 => format!("{value:.2}"),
        size if size < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_were_measured() {
        let runs: Vec<f64> = (1..=101).rev().map(f64::from).collect();
        assert_eq!(quantile(&runs, 0.5), 51.0);
        assert_eq!(quantile(&runs, 0.99), 100.0);
        assert_eq!(quantile(&[3.0], 0.99), 3.0);
    }

    #[test]
    fn a_table_shows_medians_the_middle_half_and_the_ratio_of_pairs() {
        // The second pair was slow for both: the ratio stays.
        let pairs = [(1.0, 2.0), (10.0, 20.0), (1.5, 3.0)];
        let nothing = [(0.0, 5.0)];
        let report = Report {
            title: "save".to_owned(),
            peer: "other 1.0".to_owned(),
            notes: vec!["Quietly.".to_owned()],
            rows: vec![
                Row::pairs("time", "s", &pairs),
                Row::pairs("calls", "", &nothing),
                Row::quantile("p99", "ms", &[0.5], &[123.4], 0.99),
            ],
        };
        assert_eq!(
            report.table(),
            "\
| save | mmdev | other 1.0 | ratio |
|---|---|---|---|
| time | 1.50 s (1.50–10.0) | 3.00 s (3.00–20.0) | **2.00** |
| calls | 0  | 5.00  | — |
| p99 | 0.500 ms | 123 ms | **247** |

Quietly."
        );
        assert_eq!(report.json("here", "0.1")["rows"][1]["ratio"], Value::Null);
    }
}
