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

/// Runs every target from the committed seeds and what earlier runs found: for so many seconds, or, repeatably, with so
/// many inputs.
pub(crate) fn run_all(limit: &str, count: &str) -> Result<()> {
    let count: u32 = count
        .parse()
        .with_context(|| format!("{count} is no number"))?;
    let (limits, words) = match limit {
        "--runs" => (
            vec![format!("-runs={count}"), "-seed=1".to_owned()],
            format!("{count} inputs"),
        ),
        _ => (
            vec![format!("-max_total_time={count}")],
            format!("{count} s"),
        ),
    };
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
        let outcome = step(&format!("fuzz {name}: {words}"), || {
            let corpus = folder.join("corpus").join(&name);
            fs::create_dir_all(&corpus)?;
            run(cargo_fuzz("run", &folder, &target)
                .arg(&name)
                .args([corpus, folder.join("seeds").join(&name)])
                .arg("--")
                .args(&limits)
                .arg(format!("-max_len={MOST_BYTES}"))
                .arg(format!("-timeout={PATIENCE}"))
                .args(["-verbosity=0", "-print_final_stats=1"]))
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
