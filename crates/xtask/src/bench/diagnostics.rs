//! How long after an edit an editor shows what is wrong, beside
//! yaml-language-server with a JSON schema of the format.

use std::fmt::Write;
use std::fs;
use std::process::Command;

use anyhow::Result;

use super::figures::{Report, Row};
use super::language_client::{LanguageClient, LineEdit};
use super::{Place, take_turns};
use crate::machine;
use crate::shell::{read, workspace};

/// Lines of the spec.
const LINES: usize = 500;

/// Edits; every second one mends what the one before broke.
const EDITS: usize = 400;

/// How long yaml-language-server waits for typing to end before it looks at a
/// document (`validationDelayMs` in its yamlSettings.js), in milliseconds.
const PEER_WAITS: f64 = 200.0;

/// Measures the time from an edit to the diagnostics that it changes.
pub(super) fn measure(place: &Place) -> Result<Report> {
    let peer = yaml_language_server(place)?;
    let spec = spec();
    let file = place.work.join("env.yaml");
    fs::write(&file, &spec)?;
    let uri = format!("file://{}", file.display());
    let mut command = Command::new(&place.mmdev);
    // Package names are looked up in channels in the background: not here.
    command.args(["lsp", "--offline"]).current_dir(&place.work);
    let ours = &mut LanguageClient::open(&mut command, &uri, &spec)?;
    let peer_version = read(peer().arg("--version"))?;
    let peer = &mut LanguageClient::open(peer().arg("--stdio"), &uri, &spec)?;
    for client in [&mut *ours, &mut *peer] {
        client.diagnostics(0)?;
        // The first edits are not measured: both may be loading something.
        for number in 0..20 {
            let (edit, problems) = edit(&spec, number);
            client.edit(&edit, problems)?;
        }
    }
    let one = |client: &mut LanguageClient, number: usize| {
        let (edit, problems) = edit(&spec, number);
        client.edit(&edit, problems)
    };
    let pairs = take_turns(
        EDITS,
        |number| one(ours, number),
        |number| one(peer, number),
    )?;
    let (ours, peer): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
    let eager: Vec<f64> = peer.iter().map(|time| time - PEER_WAITS).collect();
    Ok(Report {
        title: "from an edit to its diagnostics".to_owned(),
        peer: format!("yaml-language-server {peer_version}"),
        notes: vec![
            format!("{EDITS} edits of a spec of {LINES} lines; each makes or mends one mistake."),
            format!(
                "yaml-language-server waits {PEER_WAITS:.0} ms for typing to end; the last two rows leave that out."
            ),
        ],
        rows: vec![
            Row::quantile("half of the edits (p50)", "ms", &ours, &peer, 0.5),
            Row::quantile("99 of 100 edits (p99)", "ms", &ours, &peer, 0.99),
            Row::quantile("p50, the peer's waiting left out", "ms", &ours, &eager, 0.5),
            Row::quantile(
                "p99, the peer's waiting left out",
                "ms",
                &ours,
                &eager,
                0.99,
            ),
        ],
    })
}

/// Installs yaml-language-server, puts the schema of specs into the benchmark's folder, and gives what starts the
/// server, without its arguments.
pub(super) fn yaml_language_server(place: &Place) -> Result<impl Fn() -> Command + use<>> {
    let folder = workspace().join("crates/xtask/bench");
    let mut npm = Command::new("npm");
    npm.arg("ci").current_dir(&folder);
    machine::npm_ci(npm, "yaml-language-server, the peer")?;
    let schema = fs::read(folder.join("env.schema.json"))?;
    fs::write(place.work.join("env.schema.json"), schema)?;
    Ok(move || {
        let modules = folder.join("node_modules");
        let mut command = Command::new(modules.join(".bin/node"));
        command.arg(modules.join("yaml-language-server/bin/yaml-language-server"));
        command
    })
}

/// A spec in which neither server finds anything, with all that people write.
fn spec() -> String {
    let mut text = "\
# yaml-language-server: $schema=env.schema.json
name: large
channels:
  - conda-forge
dependencies:
"
    .to_owned();
    let pip = 40;
    let variables = 4;
    // The lines that are not dependencies: those above, `pip` and its section.
    let dependencies = LINES - 5 - 2 - pip - 1 - variables;
    for number in 0..dependencies {
        // Writing to a string cannot fail.
        let _ = match number % 6 {
            0 => writeln!(text, "  # group {}", number / 6),
            1 | 2 => writeln!(text, "  - package-{number}=1.{number}"),
            3 => writeln!(
                text,
                "  - package-{number}>=1.{number},<2  # until 2 is out"
            ),
            4 => writeln!(text, "  - conda-forge::package-{number}=1.{number}.*"),
            _ => writeln!(text, "  - package-{number}"),
        };
    }
    text.push_str("  - pip\n  - pip:\n");
    for number in 0..pip {
        let _ = writeln!(text, "      - wheel-{number}==1.{number}");
    }
    text.push_str("variables:\n");
    for number in 0..variables {
        let _ = writeln!(text, "  VARIABLE_{number}: \"{number}\"");
    }
    text
}

/// The edit with this number, and how many mistakes the spec has after it: `=`
/// becomes `=>` in some line, and in the next edit `=` again.
fn edit(spec: &str, number: usize) -> (LineEdit, usize) {
    let pinned: Vec<(usize, usize)> = spec
        .lines()
        .enumerate()
        .filter(|(_, line)| line.starts_with("  - package-") && !line.contains('>'))
        .filter_map(|(index, line)| Some((index, line.find('=')? + 1)))
        .collect();
    let (line, column) = pinned[number / 2 * 37 % pinned.len()];
    let breaks = number.is_multiple_of(2);
    let edit = LineEdit {
        line,
        start: column,
        end: if breaks { column } else { column + 1 },
        text: if breaks { ">" } else { "" },
    };
    (edit, usize::from(breaks))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spec_is_as_long_as_the_report_says() {
        assert_eq!(spec().lines().count(), LINES);
    }

    #[test]
    fn edits_break_and_mend() {
        let spec = spec();
        for number in [0, 1, 74, 75] {
            let (edit, problems) = edit(&spec, number);
            let line = spec.lines().nth(edit.line).unwrap_or_default();
            assert_eq!(&line[edit.start - 1..edit.start], "=", "{line}");
            assert_eq!((edit.text, problems), [(">", 1), ("", 0)][number % 2]);
        }
    }
}
