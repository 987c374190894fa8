//! What is released: the static binary, and the wheel and the VS Code extension
//! that carry it.
//!
//! The binary is static so that it can be copied into any container.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::shell::{cargo, read, run, say, step};
use crate::vscode;
use crate::world::{executable, read_shown};

mod hooks;
mod wheel;

/// The flag with which rustc links statically. Behind `--` it reaches only the
/// program, not build scripts or procedural macros, which cannot be static.
const STATIC: &str = "-Ctarget-feature=+crt-static";

/// Builds everything into `target/dist`: for the machine's own target, or for
/// another one of the same processor (`x86_64-unknown-linux-musl`). What it
/// made is tried at once.
pub(crate) fn build(target: Option<&str>) -> Result<()> {
    let target: Vec<_> = target
        .into_iter()
        .flat_map(|name| ["--target", name])
        .collect();
    let built = target_folder()?;
    let folder = built.join("dist");
    let program = binary(&target, &folder)?;
    let tools = built.join("dist-tools");
    let wheel = wheel::make(&target, &folder, &tools)?;
    let place = built.join("dist-try");
    wheel::try_out(&wheel, &program, &place)?;
    hooks::try_out(&wheel, &place, &tools)?;
    extension(&program, &folder, &place)
}

/// Packages the VS Code extension in `folder`, and checks that it carries the
/// program; the tests in a real VS Code show that it uses it.
fn extension(program: &Path, folder: &Path, place: &Path) -> Result<()> {
    let packaged = folder.join("mmdev.vsix");
    step("package the VS Code extension", || {
        let made = vscode::package(Some(program))?;
        fs::copy(&made, &packaged)?;
        fs::remove_file(made)?;
        let unpacked = place.join("vsix");
        run(Command::new("python3")
            .args(["-m", "zipfile", "-e"])
            .args([&packaged, &unpacked]))?;
        ensure!(
            fs::read(unpacked.join("extension/bin/mmdev"))? == fs::read(program)?,
            "the extension carries another program than {}",
            program.display()
        );
        Ok(())
    })?;
    say(format!(
        "{} ({})",
        packaged.display(),
        megabytes(&packaged)?
    ));
    Ok(())
}

/// Cargo's target folder.
pub(crate) fn target_folder() -> Result<PathBuf> {
    let metadata = read(cargo().args(["metadata", "--format-version=1", "--no-deps"]))?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    let folder = metadata["target_directory"].as_str();
    Ok(folder.context("cargo names no target folder")?.into())
}

/// Builds the program into `folder` and checks that it needs nothing of the
/// machine that it runs on.
pub(crate) fn binary(target: &[&str], folder: &Path) -> Result<PathBuf> {
    let built = step("build the release binary", || {
        let messages = read_shown(
            cargo()
                .args(["rustc", "--release", "--package", "mmdev", "--bin", "mmdev"])
                .args(target)
                .args(["--message-format=json-render-diagnostics", "--", STATIC]),
        )?;
        executable(&messages, "mmdev")
    })?;
    let headers = read(
        Command::new("readelf")
            .args(["--program-headers", "--wide"])
            .arg(&built),
    )?;
    ensure!(
        !headers.contains("INTERP"),
        "{} is not static: it asks for a dynamic linker",
        built.display()
    );
    fs::create_dir_all(folder)?;
    let program = folder.join("mmdev");
    fs::copy(&built, &program)?;
    let version = read(Command::new(&program).arg("--version").env_clear())?;
    say(format!(
        "{} ({version}, {}) is static",
        program.display(),
        megabytes(&program)?
    ));
    Ok(program)
}

/// The size of a file, to be shown.
fn megabytes(file: &Path) -> Result<String> {
    Ok(format!("{} MB", fs::metadata(file)?.len() / 1_000_000))
}

/// The one file in `folder` whose name ends in `.extension`.
fn only(folder: &Path, extension: &str) -> Result<PathBuf> {
    let mut found = with_extension(folder, extension)?;
    match (found.pop(), found.is_empty()) {
        (Some(file), true) => Ok(file),
        _ => bail!("not one .{extension} file is in {}", folder.display()),
    }
}

/// Removes what an earlier run left: a file of another version has another name.
fn remove_old(folder: &Path, extension: &str) -> Result<()> {
    for file in with_extension(folder, extension)? {
        fs::remove_file(file)?;
    }
    Ok(())
}

fn with_extension(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == extension) {
            found.push(path);
        }
    }
    Ok(found)
}
