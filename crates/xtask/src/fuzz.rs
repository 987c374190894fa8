//! `cargo xtask fuzz`: the fuzz targets of fuzz/, each for some time.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::dist::target_folder;
use crate::shell::{run, say, step, succeeds, workspace};

/// What builds and runs fuzz targets.
const CARGO_FUZZ: &str = "cargo-fuzz";

/// Longer inputs find nothing more and take longer.
const MOST_BYTES: usize = 2048;

/// The longest that one input may take, in seconds, on a machine that does other things.
const PATIENCE: usize = 10;

/// Runs every target for so many seconds, from the committed seeds and what earlier runs found.
pub(crate) fn run_all(seconds: &str) -> Result<()> {
    let seconds: u32 = seconds
        .parse()
        .with_context(|| format!("{seconds} is no number of seconds"))?;
    let folder = workspace().join("fuzz");
    let target = target_folder()?;
    if !succeeds(Command::new("cargo").args(["fuzz", "--version"])) {
        step("cargo install cargo-fuzz", || {
            // Built without optimisation: it only starts others.
            run(Command::new("cargo")
                .args(["install", "--quiet", "--locked", "--debug", CARGO_FUZZ])
                .arg("--target-dir")
                .arg(target.join("tools")))
        })?;
    }
    let target = target.join("fuzz");
    step("build the fuzz targets", || {
        run(&mut cargo_fuzz("build", &folder, &target))
    })?;
    let mut failed = Vec::new();
    for name in targets(&folder)? {
        let outcome = step(&format!("fuzz {name} for {seconds} s"), || {
            let corpus = folder.join("corpus").join(&name);
            fs::create_dir_all(&corpus)?;
            run(cargo_fuzz("run", &folder, &target)
                .arg(&name)
                .args([corpus, folder.join("seeds").join(&name)])
                .arg("--")
                .arg(format!("-max_total_time={seconds}"))
                .arg(format!("-max_len={MOST_BYTES}"))
                .arg(format!("-timeout={PATIENCE}"))
                .arg("-print_final_stats=1"))
        });
        if let Err(error) = outcome {
            say(format!("{name}: {error:#}"));
            failed.push(name);
        }
    }
    if !failed.is_empty() {
        bail!(
            "found something: {}; `cargo fuzz run TARGET FILE` shows it again",
            failed.join(", ")
        );
    }
    Ok(())
}

/// A command of cargo-fuzz. The toolchain is the project's own, which takes the flags that fuzzing needs when it is
/// told that it builds a compiler. The code is safe Rust: a sanitizer of memory would find nothing, and slow it down.
fn cargo_fuzz(command: &str, folder: &Path, target: &Path) -> Command {
    let mut cargo = Command::new("cargo");
    cargo
        .args([
            "fuzz",
            command,
            "--sanitizer",
            "none",
            "--codegen-units",
            "16",
        ])
        .arg("--fuzz-dir")
        .arg(folder)
        .arg("--target-dir")
        .arg(target)
        .env("RUSTC_BOOTSTRAP", "1")
        .current_dir(folder);
    cargo
}

/// The targets: each has a folder of seeds.
fn targets(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder.join("seeds"))? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    ensure!(!names.is_empty(), "there are no fuzz targets");
    Ok(names)
}
