//! From the save of a spec to an image with one more package, beside a plain
//! Dockerfile on the micromamba image.

use std::fs;
use std::process::Command;

use anyhow::{Result, ensure};

use super::figures::{Report, Row};
use super::large::{Large, size};
use super::{Place, seconds, take_turns};
use crate::shell::{read, say};

/// Saves that are measured; each adds another package to the same environment.
const ROUNDS: usize = 5;

/// Measures the first build, and rebuilds with one package added.
pub(super) fn measure(place: &Place) -> Result<Report> {
    let large = Large::new(place)?;
    let ours = |added| {
        fs::write(large.ours.join("env.yaml"), large.spec(added))?;
        let time = seconds(&mut large.mmdev(&["build", "--quiet"]))?;
        say(format!("mmdev build: {time:.1} s"));
        Ok(time)
    };
    let plain = |added| {
        fs::write(large.plain.join("env.yaml"), large.spec(added))?;
        let start = std::time::Instant::now();
        large.build_plain()?;
        let time = start.elapsed().as_secs_f64();
        say(format!("docker build: {time:.1} s"));
        Ok(time)
    };
    let first = take_turns(1, |_| ours(None), |_| plain(None))?;
    let image = large.our_tag()?;
    let (packages, megabytes) = size(&image)?;
    ensure!(
        packages >= 60 && megabytes >= 300,
        "the environment is too small: {packages} packages, {megabytes} MB"
    );
    let added = take_turns(
        ROUNDS,
        |round| ours(Some(round)),
        |round| plain(Some(round)),
    )?;
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
