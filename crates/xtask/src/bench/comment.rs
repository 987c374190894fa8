//! What a save costs that changes only a comment, beside a plain Dockerfile.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};

use super::Place;
use super::figures::{Report, Row};
use super::large::Large;
use super::proxy::Proxy;
use super::watch::Watch;

/// Saves that the watch sees; they are cheap, and the kernel counts its time in
/// hundredths of a second.
const SAVES: usize = 100;

/// Saves after which the plain image is built.
const BUILDS: usize = 3;

/// Measures time, processor time and requests to the daemon for each save.
pub(super) fn measure(place: &Place) -> Result<Report> {
    let proxy = Proxy::start(&place.work.join("docker.sock"))?;
    let large = Large::new(place, Some(&proxy.host()))?;
    let spec = large.spec(None);
    for folder in [&large.ours, &large.plain] {
        fs::write(folder.join("env.yaml"), &spec)?;
    }
    let save = |folder: &Path, number: usize| {
        fs::write(folder.join("env.yaml"), format!("# Save {number}.\n{spec}"))
    };

    let watch = Watch::start(&mut large.mmdev(&[]))?;
    watch.ready()?;
    large.build_plain()?;

    let (time, requests) = (process_time(watch.id())?, proxy.requests());
    let mut ours = Vec::new();
    for number in 0..SAVES {
        let start = Instant::now();
        save(&large.ours, number)?;
        ours.push(watch.passed_over(start)?);
    }
    let our_time = (process_time(watch.id())? - time) / SAVES as f64;
    let our_requests = (proxy.requests() - requests) as f64 / SAVES as f64;
    drop(watch);

    let (time, requests) = (children_time()?, proxy.requests());
    let mut plain = Vec::new();
    for number in 0..BUILDS {
        let start = Instant::now();
        save(&large.plain, number)?;
        large.build_plain()?;
        plain.push(start.elapsed().as_secs_f64());
    }
    let plain_time = (children_time()? - time) / BUILDS as f64;
    let plain_requests = (proxy.requests() - requests) as f64 / BUILDS as f64;
    Ok(Report {
        title: "a comment is saved".to_owned(),
        peer: "`docker build` of a plain Dockerfile".to_owned(),
        notes: vec![
            format!("{SAVES} saves under `mmdev watch`, {BUILDS} under `docker build`, of the environment above."),
            "mmdev's time is until it has judged the save, most of it waiting for the editor to finish; it builds nothing. The processor time is that of the program itself, without the daemon's.".to_owned(),
        ],
        rows: vec![
            Row::quantile("from the save until it is dealt with", "s", &ours, &plain, 0.5),
            Row::pairs("processor time of the program", "ms", &[(1000.0 * our_time, 1000.0 * plain_time)]),
            Row::pairs("requests to the daemon", "", &[(our_requests, plain_requests)]),
        ],
    })
}

/// The processor time of a process so far, in seconds.
fn process_time(id: u32) -> Result<f64> {
    times(&format!("/proc/{id}/stat"), [11, 12])
}

/// The processor time of all ended programs that this one has run, in seconds.
fn children_time() -> Result<f64> {
    times("/proc/self/stat", [13, 14])
}

/// The sum of two fields behind the name of a program in its stat file
/// (proc_pid_stat(5), where `state` is field 3 and 0 here); the kernel counts
/// hundredths of a second there.
fn times(file: &str, fields: [usize; 2]) -> Result<f64> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {file}"))?;
    let (_, behind) = text.rsplit_once(") ").context("no name of a program")?;
    let words: Vec<&str> = behind.split(' ').collect();
    let mut sum = 0.0;
    for field in fields {
        let word = words.get(field).context("too few fields")?;
        sum += word.parse::<f64>()?;
    }
    Ok(sum / 100.0)
}
