//! How long checking many specs takes, beside yamllint and yaml-language-server.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use super::diagnostics::yaml_language_server;
use super::figures::{Report, Row};
use super::language_client::LanguageClient;
use super::start::{YAMLLINT, yamllint};
use super::{Place, take_turns};
use crate::shell::{read, say};

/// Specs that are checked: those of the corpus, as often as they must be repeated.
const SPECS: usize = 10_000;

/// Specs in one folder.
const FOLDER: usize = 100;

/// Pairs of runs before yamllint, which takes minutes.
const ROUNDS: usize = 2;

/// Measures the check of a folder of specs.
pub(super) fn measure(place: &Place) -> Result<Report> {
    let yamllint = yamllint(place)?;
    // Outside of this repository, whose own settings and ignore files are nobody's.
    let outside = tempfile::tempdir()?;
    let folder = outside.path().join("specs");
    let specs = repeated(&folder, &place.work.join("env.schema.json"))?;
    let linted = |program: &Path, arguments: &[&str]| -> Result<f64> {
        let start = Instant::now();
        let output = Command::new(program)
            .args(arguments)
            .arg(&folder)
            .current_dir(&place.work)
            .env_clear()
            .env("LANG", "C.UTF-8")
            .output()?;
        let time = start.elapsed().as_secs_f64();
        // Real specs have mistakes: both find some, and say so with 1.
        let lines = output.stdout.iter().filter(|byte| **byte == b'\n').count();
        ensure!(
            output.status.code() == Some(1) && lines > SPECS / 10,
            "{} ended with {} and {lines} lines: {}",
            program.display(),
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        say(format!("{}: {time:.2} s", program.display()));
        Ok(time)
    };
    let pairs = take_turns(
        ROUNDS,
        |_| {
            linted(
                &place.mmdev,
                &["check", "--offline", "--message-format", "concise"],
            )
        },
        |_| linted(&yamllint, &["--format", "parsable"]),
    )?;
    let (ours, _): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    let start_server = yaml_language_server(place)?;
    let server_version = read(start_server().arg("--version"))?;
    let (first, rest) = specs.split_first().context("there are no specs")?;
    let server =
        LanguageClient::open(start_server().arg("--stdio"), &first.0, &first.1)?.open_all(rest)?;
    say(format!("yaml-language-server: {server:.2} s"));
    let eager: Vec<(f64, f64)> = ours.iter().map(|ours| (*ours, server)).collect();
    let yamllint_version = YAMLLINT.replace("==", " ");
    Ok(Report {
        title: format!("checking {SPECS} specs"),
        peer: "the peer".to_owned(),
        notes: vec![
            format!(
                "Real specs, repeated to {SPECS} files, {FOLDER} in a folder, outside of a Git work tree; {ROUNDS} pairs with {yamllint_version}, which is given the folder as mmdev is."
            ),
            format!(
                "yaml-language-server {server_version} gets all files opened at once, in one session; it checks YAML and a JSON schema of the format."
            ),
        ],
        rows: vec![
            Row::pairs(yamllint_version, "s", &pairs),
            Row::pairs(
                format!("yaml-language-server {server_version}"),
                "s",
                &eager,
            ),
        ],
    })
}

/// The specs of the corpus in `folder`, repeated, with the schema that yaml-language-server is to use in a comment;
/// their URIs and texts.
fn repeated(folder: &Path, schema: &Path) -> Result<Vec<(String, String)>> {
    let corpus = std::env::var_os("MMDEV_CORPUS").context("MMDEV_CORPUS names no corpus")?;
    let schema = schema.display();
    let mut real = Vec::new();
    for entry in fs::read_dir(Path::new(&corpus).join("envs"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension != "tsv") {
            real.push(path);
        }
    }
    real.sort();
    ensure!(!real.is_empty(), "the corpus has no specs");
    let mut made = Vec::new();
    for (number, path) in real.iter().cycle().take(SPECS).enumerate() {
        let own = folder.join((number / FOLDER).to_string());
        fs::create_dir_all(&own)?;
        let text = format!(
            "# yaml-language-server: $schema={schema}\n{}",
            fs::read_to_string(path)?
        );
        let file = own.join(format!("environment-{number}.yaml"));
        fs::write(&file, &text)?;
        made.push((format!("file://{}", file.display()), text));
    }
    Ok(made)
}
