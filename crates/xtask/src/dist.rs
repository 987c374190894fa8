//! The release binary: static, so that it can be copied into any container.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::shell::{cargo, read, say, step};
use crate::vscode;
use crate::world::{executable, read_shown};

/// Builds it and checks that it needs nothing of the machine that it runs on.
pub(crate) fn build() -> Result<()> {
    let program = step("build the release binary", || {
        let messages = read_shown(
            cargo()
                .args(["rustc", "--release", "--package", "mmdev", "--bin", "mmdev"])
                .args(["--message-format=json-render-diagnostics"])
                // The flag reaches only this program, not build scripts or
                // procedural macros, which cannot be static.
                .args(["--", "-Ctarget-feature=+crt-static"]),
        )?;
        executable(&messages, "mmdev")
    })?;
    let headers = read(
        Command::new("readelf")
            .args(["--program-headers", "--wide"])
            .arg(&program),
    )?;
    ensure!(
        !headers.contains("INTERP"),
        "{} is not static: it asks for a dynamic linker",
        program.display()
    );
    let folder = program
        .ancestors()
        .nth(2)
        .context("cargo's target folder is not where it was")?
        .join("dist");
    fs::create_dir_all(&folder)?;
    let target = folder.join("mmdev");
    fs::copy(&program, &target)?;
    let version = read(Command::new(&target).arg("--version").env_clear())?;
    let megabytes = fs::metadata(&target)?.len() / 1_000_000;
    say(format!(
        "{} ({version}, {megabytes} MB) is static",
        target.display()
    ));
    step("package the VS Code extension", || {
        let made = vscode::package(Some(&target))?;
        fs::rename(made, folder.join("mmdev.vsix"))?;
        Ok(())
    })
}
