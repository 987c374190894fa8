//! The wheel for PyPI: the release binary, installed by pip, uv and pipx.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use super::{STATIC, megabytes, only, remove_old};
use crate::shell::{pip, python_environment, read, run, say, step, workspace};

/// What makes the wheel; crates/mmdev/pyproject.toml names the same version.
const MATURIN: &str = "maturin==1.16.0";

/// What adds a platform to a wheel's name and metadata: Maturin takes musllinux
/// for musl targets only, static or not.
const WHEEL: &str = "wheel==0.48.0";

/// The systems that the wheel is said to be for: every glibc and musl that pip
/// knows, since the program in it links neither.
const PLATFORMS: [&str; 2] = ["manylinux_2_17", "musllinux_1_1"];

/// Makes the wheel in `folder`. Maturin asks Cargo for the program as `binary`
/// did, so nothing is compiled a second time.
pub(super) fn make(target: &[&str], folder: &Path, tools: &Path) -> Result<PathBuf> {
    let tools = tools.join(MATURIN);
    if !tools.join("bin/wheel").exists() {
        step(&format!("pip install {MATURIN} {WHEEL}"), || {
            run(python_environment(&tools)?.args(["install", MATURIN, WHEEL]))
        })?;
    }
    remove_old(folder, "whl")?;
    step("make the wheel", || {
        run(Command::new(tools.join("bin/maturin"))
            .current_dir(workspace())
            .args(["build", "--release", "--locked", "--quiet"])
            .args(["--manifest-path", "crates/mmdev/Cargo.toml"])
            .args(target)
            .args(["--compatibility", PLATFORMS[0], "--out"])
            .arg(folder)
            .args(["--", STATIC]))?;
        read(
            Command::new(tools.join("bin/wheel"))
                .args(["tags", "--remove", "--platform-tag"])
                .arg(format!("+{}", tag(PLATFORMS[1])))
                .arg(only(folder, "whl")?),
        )
    })?;
    let wheel = only(folder, "whl")?;
    say(format!("{} ({})", wheel.display(), megabytes(&wheel)?));
    Ok(wheel)
}

/// A platform as wheels name it, for this machine's processor.
fn tag(platform: &str) -> String {
    format!("{platform}_{}", std::env::consts::ARCH)
}

/// Installs the wheel in a fresh Python environment, from no index, and has the
/// program there judge and generate the quickstart. It must be `program`.
pub(super) fn try_out(wheel: &Path, program: &Path, place: &Path) -> Result<()> {
    step("install the wheel and use it", || {
        if place.exists() {
            fs::remove_dir_all(place)?;
        }
        let environment = place.join("venv");
        run(python_environment(&environment)?
            .args(["install", "--no-index"])
            .arg(wheel))?;
        for platform in PLATFORMS {
            offered_to(&tag(platform), wheel, place)?;
        }
        let installed = environment.join("bin/mmdev");
        ensure!(
            fs::read(&installed)? == fs::read(program)?,
            "the wheel carries another program than {}",
            program.display()
        );
        use_program(&installed, &place.join("project"))
    })
}

/// Checks that pip takes the wheel on a platform, for any Python.
fn offered_to(platform: &str, wheel: &Path, place: &Path) -> Result<()> {
    run(pip(&["download", "--no-index", "--only-binary=:all:"])
        .args(["--platform", platform, "--dest"])
        .arg(place.join(platform))
        .arg(wheel))
}

/// Checks and generates a copy of the quickstart, with nothing of this
/// machine's environment, and sees that a mistake is told from none.
fn use_program(program: &Path, project: &Path) -> Result<()> {
    fs::create_dir_all(project)?;
    let spec = fs::read_to_string(workspace().join("docs/examples/quickstart/env.yaml"))?;
    let mmdev = |arguments: &[&str]| {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(project).env_clear();
        // What is tried is the wheel, and no channel.
        command.env("MMDEV_AUTO_LOCK", "false");
        command
    };
    let file = project.join("env.yaml");
    fs::write(&file, spec.replace("requests>=2.25", "requests=>2.25"))?;
    let checked = mmdev(&["check"]).output()?;
    ensure!(
        checked.status.code() == Some(1),
        "`mmdev check` ended with {} on a spec with a mistake, not with 1",
        checked.status
    );
    fs::write(&file, spec)?;
    for arguments in [["check", "--quiet"], ["generate", "--quiet"]] {
        read(&mut mmdev(&arguments))?;
    }
    read(&mut mmdev(&["generate", "--check"]))?;
    ensure!(
        project.join(".devcontainer/devcontainer.json").exists(),
        "`mmdev generate` of the wheel made no devcontainer.json"
    );
    Ok(())
}
