//! The world that container tests live in: images, a conda channel, a package
//! index, a stand-in micromamba.
//!
//! Everything lies in a cache folder outside the repository. Each part is kept
//! under a key, a hash of what makes it, so that a second run finds all of it
//! and a changed recipe makes only what it touches.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::machine::{apt_proxy, debian_mirror};
use crate::shell::{as_root, cargo, is_root, read, run, say, step, succeeds, workspace};

/// The image on which the tests' base image stands.
const DEBIAN_TAG: &str = "debian:bookworm-slim";
/// The repository of the tests' base image, which takes the place of the public micromamba image.
const BASE_REPOSITORY: &str = "mmdev-test/micromamba";

/// Programs of the testkit: what makes channels, what serves them, and the
/// stand-in micromamba.
pub(crate) const CHANNEL: &str = "mmdev-test-channel";
pub(crate) const SERVER: &str = "mmdev-test-server";
pub(crate) const MICROMAMBA: &str = "micromamba";

/// Pythons of the channel: version, the Debian release that has it.
const PYTHONS: &[(&str, &str)] = &[("3.9", "bullseye"), ("3.11", "bookworm")];

/// The folder of the world: `MMDEV_WORLD`, else in the user's cache folder.
pub(crate) fn folder() -> Result<PathBuf> {
    let folder = if let Some(folder) = std::env::var_os("MMDEV_WORLD") {
        PathBuf::from(folder)
    } else if let Some(cache) = std::env::var_os("XDG_CACHE_HOME") {
        PathBuf::from(cache).join("mmdev/world")
    } else {
        PathBuf::from(std::env::var_os("HOME").context("HOME is not set")?)
            .join(".cache/mmdev/world")
    };
    fs::create_dir_all(&folder)?;
    Ok(folder.canonicalize()?)
}

/// Makes what is missing of the world and writes `world.json`, from which the
/// testkit knows it.
pub(crate) fn build() -> Result<PathBuf> {
    let folder = folder()?;
    let _lock = lock(&folder)?;
    say(format!("the world is in {}", folder.display()));

    let debian = debian_image(&folder)?;
    let wheels = wheels(&folder)?;
    let pythons = pythons(&folder)?;
    let conda_lock = conda_lock(&folder)?;
    let uv = uv(&folder)?;
    let programs = programs(&folder)?;
    let www = channel(&folder, &wheels, &pythons, &programs)?;
    let micromamba = match std::env::var_os("MMDEV_TEST_MICROMAMBA") {
        Some(real) => PathBuf::from(real),
        None => programs.micromamba,
    };
    let base = base_image(&folder, &debian, &micromamba, &mmdev()?)?;
    let manifest = json!({
        "www": www,
        "debian": debian,
        "base": base,
        "micromamba": micromamba,
        "conda_lock": conda_lock,
        "uv": uv,
        "server": programs.server,
    });
    let file = folder.join("world.json");
    // By rename: a test of another run may be reading it.
    let fresh = folder.join("world.json.new");
    fs::write(&fresh, serde_json::to_vec_pretty(&manifest)?)?;
    fs::rename(&fresh, &file)?;
    Ok(file)
}

/// Keeps other runs from making parts until it is dropped.
pub(crate) fn lock(folder: &Path) -> Result<File> {
    let lock = File::create(folder.join("lock"))?;
    lock.lock()?;
    Ok(lock)
}

/// Gives the folder of one part, making it if it is not there. A part is made
/// beside its place and renamed, so one that is there is whole; parts with
/// another key are removed.
pub(crate) fn part(
    folder: &Path,
    name: &str,
    key: &[&[u8]],
    make: impl FnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    let mut hash = Sha256::new();
    for input in key {
        hash.update((input.len() as u64).to_le_bytes());
        hash.update(input);
    }
    let digest: String = hash.finalize()[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let target = folder.join(format!("{name}-{digest}"));
    if target.exists() {
        return Ok(target);
    }
    for old in fs::read_dir(folder)?.filter_map(Result::ok) {
        if old
            .file_name()
            .to_string_lossy()
            .starts_with(&format!("{name}-"))
        {
            run(as_root("rm").arg("-rf").arg(old.path()))?;
        }
    }
    let unfinished = folder.join(format!("{name}-unfinished"));
    fs::create_dir_all(&unfinished)?;
    step(&format!("make {name}"), || make(&unfinished))?;
    fs::rename(&unfinished, &target)?;
    Ok(target)
}

/// `mmdebstrap` with this machine's mirror and proxy, which stay in the root
/// that it makes: apt-get must work in builds of tests as it works here.
fn mmdebstrap(arguments: &[&str]) -> Command {
    let mut command = as_root("mmdebstrap");
    command.args(["--quiet", "--mode=root"]);
    command.arg("--aptopt=Acquire::Languages \"none\"");
    if let Some(proxy) = apt_proxy() {
        command.arg(format!("--aptopt=Acquire::http::Proxy \"{proxy}\""));
    }
    command.args(arguments);
    command
}

pub(crate) fn debian_image(folder: &Path) -> Result<String> {
    let mirror = debian_mirror();
    let sources = [
        format!("deb {mirror} bookworm main"),
        format!("deb {mirror} bookworm-updates main"),
    ];
    let proxy = apt_proxy().unwrap_or_default();
    let key = [
        b"1".as_slice(),
        sources[0].as_bytes(),
        sources[1].as_bytes(),
        proxy.as_bytes(),
    ];
    let part = part(folder, "debian", &key, |out| {
        let root = out.join("root.tar");
        run(
            mmdebstrap(&["--variant=minbase", "--include=ca-certificates", "bookworm"])
                .arg(&root)
                .args(&sources),
        )?;
        run(Command::new("docker")
            .args(["import", "--change", "CMD [\"bash\"]"])
            .arg(&root)
            .arg(DEBIAN_TAG))?;
        // Another import of the same root would have another id.
        run(Command::new("docker")
            .args(["save", "--output"])
            .arg(out.join("image.tar"))
            .arg(DEBIAN_TAG))?;
        let id = read(
            Command::new("docker").args(["image", "inspect", "--format", "{{.Id}}", DEBIAN_TAG]),
        )?;
        fs::write(out.join("id"), id)?;
        run(as_root("rm").arg(root))
    })?;
    let id = fs::read_to_string(part.join("id"))?;
    if !succeeds(Command::new("docker").args(["image", "inspect", &id])) {
        step("load the Debian image", || {
            run(Command::new("docker")
                .args(["load", "--quiet", "--input"])
                .arg(part.join("image.tar")))
        })?;
    }
    run(Command::new("docker").args(["tag", &id, DEBIAN_TAG]))?;
    Ok(DEBIAN_TAG.to_owned())
}

fn wheels(folder: &Path) -> Result<PathBuf> {
    let requirements = workspace().join("crates/mmdev-testkit/world/wheels");
    let mut lists: Vec<_> = fs::read_dir(&requirements)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    lists.sort();
    let contents = lists.iter().map(fs::read).collect::<Result<Vec<_>, _>>()?;
    let key: Vec<&[u8]> = contents.iter().map(Vec::as_slice).collect();
    part(folder, "wheels", &key, |out| {
        for list in &lists {
            // The file's name says which Python its wheels are for.
            let python = list
                .file_stem()
                .and_then(|stem| stem.to_str())
                .and_then(|stem| stem.rsplit('-').next())
                .with_context(|| format!("{} names no Python", list.display()))?;
            run(Command::new("python3")
                .args(["-m", "pip", "download", "--quiet", "--no-deps"])
                .args(["--only-binary=:all:", "--require-hashes"])
                .args(["--disable-pip-version-check"])
                .args(["--python-version", python])
                .args(["--platform", "manylinux2014_x86_64"])
                .arg("--requirement")
                .arg(list)
                .arg("--dest")
                .arg(out))?;
        }
        Ok(())
    })
}

/// conda-lock and what it needs, as a folder for `PYTHONPATH`.
fn conda_lock(folder: &Path) -> Result<PathBuf> {
    from_pypi(folder, "conda-lock", "conda-lock==4.0.3")
}

/// The program uv.
fn uv(folder: &Path) -> Result<PathBuf> {
    Ok(from_pypi(folder, "uv", "uv==0.13.9")?.join("bin/uv"))
}

/// A package of PyPI with what it needs, in a folder of its own.
fn from_pypi(folder: &Path, name: &str, package: &str) -> Result<PathBuf> {
    part(folder, name, &[package.as_bytes()], |out| {
        run(Command::new("python3")
            .args(["-m", "pip", "install", "--quiet", "--no-compile"])
            .args(["--disable-pip-version-check", "--root-user-action=ignore"])
            .args(["--target".as_ref(), out.as_os_str()])
            .arg(package))
    })
}

fn pythons(folder: &Path) -> Result<PathBuf> {
    let mirror = debian_mirror();
    let key = format!("2 {PYTHONS:?} {mirror}");
    part(folder, "pythons", &[key.as_bytes()], |out| {
        for (version, release) in PYTHONS {
            let root = out.join(version);
            let extract = |mirror: &str| {
                run(mmdebstrap(&[
                    "--variant=extract",
                    &format!("--include=python{version},python3-distutils"),
                    release,
                ])
                .arg(&root)
                .arg(format!("deb {mirror} {release} main")))
            };
            // Old releases move from the mirrors to the archive one day.
            extract(&mirror).or_else(|_| {
                run(as_root("rm").arg("-rf").arg(&root))?;
                extract("http://archive.debian.org/debian")
            })?;
            if !is_root() {
                let owner = read(Command::new("id").arg("-u"))?;
                run(as_root("chown").args(["-R", &owner]).arg(&root))?;
            }
        }
        Ok(())
    })
}

/// Programs of the testkit.
struct Programs {
    channel: PathBuf,
    server: PathBuf,
    micromamba: PathBuf,
}

fn programs(folder: &Path) -> Result<Programs> {
    step("build the testkit's programs", || {
        Ok(Programs {
            channel: program(folder, CHANNEL, "dev")?,
            server: program(folder, SERVER, "dev")?,
            micromamba: program(folder, MICROMAMBA, "dev")?,
        })
    })
}

/// Builds a program of the testkit with a profile of Cargo's, and keeps it in
/// the folder of the world.
pub(crate) fn program(folder: &Path, name: &str, profile: &str) -> Result<PathBuf> {
    let kept = folder.join("programs");
    fs::create_dir_all(&kept)?;
    // It runs in images whose glibc is older than this machine's.
    let flags: &[&str] = match name {
        MICROMAMBA => &["-Ctarget-feature=+crt-static", "-Cstrip=symbols"],
        _ => &[],
    };
    let output = read_shown(
        cargo()
            .args(["rustc", "--package", "mmdev-testkit", "--features", "world"])
            .args(["--message-format=json-render-diagnostics", "--bin", name])
            .args(["--profile", profile, "--"])
            .args(flags),
    )?;
    // Cargo writes the same path when tests build it without the flags.
    let built = executable(&output, name)?;
    let target = kept.join(match profile {
        "dev" => name.to_owned(),
        other => format!("{name}-{other}"),
    });
    let bytes = fs::read(&built)?;
    if fs::read(&target).is_ok_and(|was| was == bytes) {
        return Ok(target);
    }
    // A program that runs (a server of another shell) cannot be written to,
    // but replaced.
    let fresh = target.with_extension("new");
    fs::copy(&built, &fresh)?;
    fs::rename(&fresh, &target)?;
    Ok(target)
}

/// Runs cargo with its diagnostics shown and its messages read.
pub(crate) fn read_shown(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("cannot run cargo")?;
    ensure!(
        output.status.success(),
        "cargo ended with {}",
        output.status
    );
    Ok(String::from_utf8(output.stdout)?)
}

/// Finds a program in cargo's JSON messages.
pub(crate) fn executable(messages: &str, program: &str) -> Result<PathBuf> {
    for line in messages.lines() {
        let message: serde_json::Value = serde_json::from_str(line)?;
        if message["target"]["name"] == program
            && let Some(path) = message["executable"].as_str()
        {
            return Ok(PathBuf::from(path));
        }
    }
    bail!("cargo built no {program}")
}

fn channel(folder: &Path, wheels: &Path, pythons: &Path, programs: &Programs) -> Result<PathBuf> {
    let mut key = channel_sources()?;
    for input in [wheels, pythons] {
        key.push(input.as_os_str().as_encoded_bytes().to_vec());
    }
    let key: Vec<&[u8]> = key.iter().map(Vec::as_slice).collect();
    let www = part(folder, "www", &key, |out| {
        run(Command::new(&programs.channel)
            .arg("world")
            .arg("--pythons")
            .arg(pythons)
            .arg("--wheels")
            .arg(wheels)
            .arg("--out")
            .arg(out))
    })?;
    // Specs name conda-forge; in the base image that tests use, the world is where channels are.
    let conda_forge = www.join("conda-forge");
    if !conda_forge.exists() {
        std::os::unix::fs::symlink("channel", &conda_forge)?;
    }
    Ok(www)
}

/// What the program that makes channels is made of, for the keys of parts.
pub(crate) fn channel_sources() -> Result<Vec<Vec<u8>>> {
    let sources = workspace().join("crates/mmdev-testkit/src/bin/channel");
    let mut files: Vec<_> = fs::read_dir(sources)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    files.sort();
    files.iter().map(|file| Ok(fs::read(file)?)).collect()
}

/// The tag of the base image. It names the micromamba in it by its content, so that runs
/// with the stand-in and with the real program, or of two versions, share one daemon.
fn base_tag(micromamba: &Path) -> Result<String> {
    let program = fs::read(micromamba)
        .with_context(|| format!("cannot read micromamba at {}", micromamba.display()))?;
    let digest: String = Sha256::digest(program)[..4]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok(format!("{BASE_REPOSITORY}:2-{digest}"))
}

/// Builds mmdev as tests do.
fn mmdev() -> Result<PathBuf> {
    let output = read_shown(cargo().args([
        "build",
        "--package",
        "mmdev",
        "--bin",
        "mmdev",
        "--message-format=json-render-diagnostics",
    ]))?;
    executable(&output, "mmdev")
}

/// Makes the base image with mmdev itself, as its users would.
pub(crate) fn base_image(
    folder: &Path,
    debian: &str,
    micromamba: &Path,
    mmdev: &Path,
) -> Result<String> {
    let tag = base_tag(micromamba)?;
    step("make the base image", || {
        run(Command::new(mmdev)
            .current_dir(folder)
            .args(["base-image", "build", "--from", debian, "--tag", &tag])
            .arg("--micromamba")
            .arg(micromamba))
    })?;
    Ok(tag)
}
