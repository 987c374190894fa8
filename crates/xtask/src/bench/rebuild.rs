//! From the save of a spec to an image with one more package, beside a plain
//! Dockerfile on the micromamba image.

use std::fs;
use std::process::Command;

use std::path::Path;
use std::time::Instant;

use anyhow::{Result, ensure};

use super::figures::{Report, Row};
use super::large::{Large, size};
use super::watch::Watch;
use super::{Place, take_turns};
use crate::shell::{read, say};

/// Saves that are measured; each adds another package to the same environment.
const ROUNDS: usize = 5;

/// Measures the first build, and rebuilds with one package added.
pub(super) fn measure(place: &Place) -> Result<Report> {
    let large = Large::new(place, None)?;
    let save = |folder: &Path, added| fs::write(folder.join("env.yaml"), large.spec(added));
    let plain = |added| {
        let start = Instant::now();
        save(&large.plain, added)?;
        large.build_plain()?;
        said("docker build", start.elapsed().as_secs_f64())
    };

    let start = Instant::now();
    save(&large.ours, None)?;
    let watch = Watch::start(&mut large.mmdev(&[]))?;
    let first = said("mmdev watch", watch.built(start)?)?;
    let first = [(first, plain(None)?)];
    let image = large.our_tag()?;
    let (packages, megabytes) = size(&image)?;
    ensure!(
        packages >= 60 && megabytes >= 300,
        "the environment is too small: {packages} packages, {megabytes} MB"
    );
    let ours = |round| {
        let start = Instant::now();
        save(&large.ours, Some(round))?;
        said("mmdev watch", watch.built(start)?)
    };
    let added = take_turns(ROUNDS, ours, |round| plain(Some(round)))?;
    for image in [&large.our_tag()?, &large.plain_tag] {
        let (now, _) = size(image)?;
        ensure!(
            now == packages + 1,
            "{image} has {now} packages, not one more than {packages}"
        );
    }
    let docker = read(Command::new("docker").args(["version", "--format", "{{.Server.Version}}"]))?;
    Ok(Report {
        title: "from a save to the image".to_owned(),
        peer: format!("`docker build` of a plain Dockerfile (Docker {docker})"),
        notes: vec![
            format!("An environment of {packages} packages, {megabytes} MB; {ROUNDS} pairs, each adds another package."),
            "Both install with the same micromamba, from a channel on this machine: downloads cost next to nothing.".to_owned(),
        ],
        rows: vec![
            Row::pairs("the first build, nothing cached", "s", &first),
            Row::pairs("one package added", "s", &added),
        ],
    })
}

/// Says a time, because the next one comes late.
fn said(program: &str, seconds: f64) -> Result<f64> {
    say(format!("{program}: {seconds:.1} s"));
    Ok(seconds)
}
