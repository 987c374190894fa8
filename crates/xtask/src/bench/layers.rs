//! What a change of a locked environment costs, in time and in new bytes of the image, beside a plain Dockerfile.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Result, ensure};

use super::figures::{Report, Row};
use super::large::{Large, size};
use super::{Place, seconds, take_turns};
use crate::shell::{read, say};

/// How often each kind of change is measured; each time it is another package.
const ROUNDS: usize = 3;

/// How many edits a day has.
const EDITS: usize = 10;

/// The package that is bumped, as the spec names it at first.
const BUMPED: &str = "large-98=1.0";

/// The packages that the spec names after so many changes of one kind.
type Leaves<'a> = &'a dyn Fn(usize) -> Vec<String>;

/// Pairs of ours and the plain one's, one for each change.
struct Measured {
    seconds: Vec<(f64, f64)>,
    megabytes: Vec<(f64, f64)>,
}

fn sum(pairs: &[(f64, f64)]) -> (f64, f64) {
    pairs
        .iter()
        .fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1))
}

/// Measures the first build, and those after changes.
pub(super) fn measure(place: &Place) -> Result<Report> {
    let large = Large::new(place, None)?;
    let ours = |spec: &str| -> Result<f64> {
        let start = Instant::now();
        fs::write(large.ours.join("env.yaml"), spec)?;
        read(&mut large.mmdev(&["build", "--quiet"]))?;
        said("mmdev build", start.elapsed().as_secs_f64())
    };
    let plain = |spec: &str| -> Result<f64> {
        let start = Instant::now();
        fs::write(large.plain.join("env.yaml"), spec)?;
        large.build_plain()?;
        said("docker build", start.elapsed().as_secs_f64())
    };
    let leaves = large.leaves().to_vec();
    ensure!(leaves.iter().any(|leaf| leaf == BUMPED), "no {BUMPED}");
    let first_spec = large.text(&leaves);
    fs::write(large.ours.join("env.yaml"), &first_spec)?;
    let start = Instant::now();
    read(&mut large.mmdev(&["lock", "--quiet"]))?;
    let locked = start.elapsed().as_secs_f64();
    let first = [(locked + ours(&first_spec)?, plain(&first_spec)?)];
    let (packages, megabytes) = size(&large.our_tag()?)?;
    ensure!(
        packages >= 100 && megabytes >= 500,
        "the environment is too small: {packages} packages, {megabytes} MB"
    );

    let added = |round: usize| -> Vec<String> {
        let added = (0..=round).map(|number| format!("added-{number}"));
        leaves.iter().cloned().chain(added).collect()
    };
    let bumped = |round: usize| -> Vec<String> {
        let leaves = added(ROUNDS - 1).into_iter();
        let newer = format!("large-98=1.{}", round + 1);
        leaves
            .map(|leaf| if leaf == BUMPED { newer.clone() } else { leaf })
            .collect()
    };
    let removed = |round: usize| bumped(ROUNDS - 1).split_off(round + 1);
    let mut rows = vec![Row::pairs("the first build, nothing cached", "s", &first)];
    let changes: [(&str, Leaves<'_>); 3] = [
        ("one package added", &added),
        ("one package bumped", &bumped),
        ("one package removed", &removed),
    ];
    let measure = |what: &str, rounds: usize, leaves: Leaves<'_>| -> Result<Measured> {
        let mut bytes = (Vec::new(), Vec::new());
        let pairs = take_turns(
            rounds,
            |round| {
                let before = layers(&large.our_tag()?)?;
                let seconds = ours(&large.text(&leaves(round)))?;
                bytes.0.push(new_megabytes(&large.our_tag()?, &before)?);
                Ok(seconds)
            },
            |round| {
                let before = layers(&large.plain_tag)?;
                let seconds = plain(&large.text(&leaves(round)))?;
                bytes.1.push(new_megabytes(&large.plain_tag, &before)?);
                Ok(seconds)
            },
        )?;
        say(format!("{what}: measured"));
        Ok(Measured {
            seconds: pairs,
            megabytes: bytes.0.into_iter().zip(bytes.1).collect(),
        })
    };
    for (what, leaves) in changes {
        let measured = measure(what, ROUNDS, leaves)?;
        rows.push(Row::pairs(what, "s", &measured.seconds));
        let layers = format!("{what}: new layers");
        rows.push(Row::pairs(layers, "MB", &measured.megabytes));
    }
    // One comes, one goes, as on a day of work; what is wasted grows, and all may be laid out anew on the way.
    let edited = |round: usize| -> Vec<String> {
        let added = (0..=round / 2).map(|number| format!("added-{}", ROUNDS + number));
        let kept = removed(ROUNDS - 1).split_off(round.div_ceil(2));
        kept.into_iter().chain(added).collect()
    };
    let measured = measure("ten edits", EDITS, &edited)?;
    rows.push(Row::pairs(
        "ten edits in a row",
        "s",
        &[sum(&measured.seconds)],
    ));
    rows.push(Row::pairs(
        "ten edits in a row: new layers",
        "MB",
        &[sum(&measured.megabytes)],
    ));

    // A clone that a person with another umask made has the same bytes under other modes.
    let clone = |folder: &Path| -> Result<f64> {
        for entry in fs::read_dir(folder)? {
            fs::set_permissions(entry?.path(), fs::Permissions::from_mode(0o600))?;
        }
        let mut docker = Command::new("docker");
        docker
            .env("DOCKER_BUILDKIT", "1")
            .args(["build", "--quiet"]);
        seconds(docker.arg(folder))
    };
    let folder = large.ours.join(".devcontainer/mmdev");
    let cloned = [(clone(&folder)?, clone(&large.plain)?)];
    rows.push(Row::pairs(
        "a clone under umask 077, cache warm",
        "s",
        &cloned,
    ));

    let docker = read(Command::new("docker").args(["version", "--format", "{{.Server.Version}}"]))?;
    Ok(Report {
        title: "what a change of a locked environment costs".to_owned(),
        peer: format!("`docker build` of a plain Dockerfile (Docker {docker})"),
        notes: vec![
            format!("An environment of {packages} packages, {megabytes} MB; {ROUNDS} pairs of each change, one upon the other."),
            "mmdev's time is that of `mmdev build`, which locks anew, writes the files and builds.".to_owned(),
            "Both install with the same micromamba, from a channel on this machine: downloads cost next to nothing.".to_owned(),
        ],
        rows,
    })
}

/// Says a time, because the next one comes late.
fn said(program: &str, seconds: f64) -> Result<f64> {
    say(format!("{program}: {seconds:.1} s"));
    Ok(seconds)
}

/// The layers of an image, from the bottom.
fn layers(image: &str) -> Result<Vec<String>> {
    let format = "{{range .RootFS.Layers}}{{println .}}{{end}}";
    let said = read(Command::new("docker").args(["inspect", "--format", format, image]))?;
    Ok(said
        .lines()
        .map(str::to_owned)
        .filter(|line| !line.is_empty())
        .collect())
}

/// The megabytes of those layers of an image that are not below `before` already.
fn new_megabytes(image: &str, before: &[String]) -> Result<f64> {
    let now = layers(image)?;
    let common = now
        .iter()
        .zip(before)
        .take_while(|(now, before)| now == before);
    let new = now.len() - common.count();
    let mut history = Command::new("docker");
    history.args(["history", "--no-trunc", "--human=false"]);
    history.args(["--format", "{{.Size}} {{.CreatedBy}}", image]);
    let said = read(&mut history)?;
    // Newest first; other lines of a Dockerfile make no layer.
    let sizes = said.lines().filter_map(|line| {
        let (size, command) = line.split_once(' ')?;
        let is_layer = command.starts_with("RUN ") || command.starts_with("COPY ");
        is_layer.then(|| size.parse::<f64>().ok())?
    });
    Ok(sizes.take(new).sum::<f64>() / 1e6)
}
