//! What it costs that the remote user gets the ids of the host's user, beside `chown -R` of the environment.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use super::figures::{Report, Row};
use super::large::{Large, size};
use super::{Place, seconds, take_turns};
use crate::shell::read;

/// Users that come one after the other, each with ids that nobody had before.
const ROUNDS: usize = 5;
const FIRST_ID: u32 = 2301;

/// Where the daemon listens.
const SOCKET: &str = "/var/run/docker.sock";

/// What people write who want the environment to be theirs.
const PEER: &str = "\
USER root
RUN usermod -u ID mambauser && groupmod -g ID mambauser && chown -R ID:ID /opt/conda /home/mambauser
USER mambauser
";

/// Measures the time until a container runs with the ids, the part of it that the ids cost, and their layers.
pub(super) fn measure(place: &Place) -> Result<Report> {
    let large = Large::new(place, None)?;
    let project = Shared::new(place, &large)?;
    let id = |round: usize| FIRST_ID + u32::try_from(round).unwrap_or_default();
    seconds(&mut project.mmdev(id(0), &["build", "--quiet"])?)?;
    let image = project.image(id(0))?;
    let (packages, megabytes) = size(&image)?;
    let (mut our_ids, mut our_bytes) = (Vec::new(), Vec::new());
    let (mut peer_ids, mut peer_bytes) = (Vec::new(), Vec::new());

    let ours = |round| {
        let up = || seconds(&mut project.mmdev(id(round), &["up", "--quiet"])?);
        let down = || seconds(&mut project.mmdev(id(round), &["down", "--quiet"])?);
        let first = up()?;
        let (of_user, user) = project.container()?;
        ensure!(user == id(round), "the container has the id {user}");
        our_bytes.push(added(&image, &of_user)?);
        down()?;
        // Now that the image is there.
        our_ids.push(first - up()?);
        down()?;
        Ok(first)
    };
    let peer = |round| {
        let start = Instant::now();
        let lines = PEER.replace("ID", &id(round).to_string());
        large.build_instead(&format!("FROM {image}\n{lines}"))?;
        peer_ids.push(start.elapsed().as_secs_f64());
        let tag = &large.plain_tag;
        let run = ["run", "--detach", "--rm", "--entrypoint=sleep", tag, "600"];
        let container = read(Command::new("docker").args(run))?;
        let all = start.elapsed().as_secs_f64();
        read(Command::new("docker").args(["rm", "--force", &container]))?;
        peer_bytes.push(added(&image, tag)?);
        Ok(all)
    };
    let all = take_turns(ROUNDS, ours, peer)?;
    let pairs = |ours: &[f64], peer: &[f64]| -> Vec<(f64, f64)> {
        ours.iter().copied().zip(peer.iter().copied()).collect()
    };
    Ok(Report {
        title: "a user with other ids".to_owned(),
        peer: "`usermod` and `chown -R` in a Dockerfile".to_owned(),
        notes: vec![
            format!("An environment of {packages} packages, {megabytes} MB, whose image is there; {ROUNDS} users, each with new ids."),
            "mmdev's second line is the difference to a container that is made when the image with the ids is there already.".to_owned(),
        ],
        rows: vec![
            Row::pairs("until the container runs", "s", &all),
            Row::pairs("what the ids cost of it", "s", &pairs(&our_ids, &peer_ids)),
            Row::pairs("their layers", "kB", &pairs(&our_bytes, &peer_bytes)),
        ],
    })
}

/// What an image has more than the one below it, in kB.
fn added(below: &str, image: &str) -> Result<f64> {
    let size = |name: &str| -> Result<f64> {
        let inspect = ["image", "inspect", "--format", "{{.Size}}", name];
        Ok(read(Command::new("docker").args(inspect))?.parse()?)
    };
    Ok((size(image)? - size(below)?) / 1000.0)
}

/// A project and a program that every user of this machine can come to; only root can be all of them.
struct Shared {
    folder: tempfile::TempDir,
    group: u32,
}

impl Shared {
    fn new(place: &Place, large: &Large) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("mmdev-bench-").tempdir()?;
        let this = Self {
            group: fs::metadata(SOCKET)
                .with_context(|| format!("cannot find the daemon at {SOCKET}"))?
                .gid(),
            folder,
        };
        fs::copy(&place.mmdev, this.program())?;
        fs::create_dir(this.root())?;
        fs::copy(
            large.ours.join("mmdev.toml"),
            this.root().join("mmdev.toml"),
        )?;
        fs::write(this.root().join("env.yaml"), large.spec(None))?;
        Ok(this)
    }

    fn program(&self) -> PathBuf {
        self.folder.path().join("mmdev")
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    /// `mmdev` as the user with this id, to whom the folder is given.
    fn mmdev(&self, id: u32, arguments: &[&str]) -> Result<Command> {
        give(self.folder.path(), id)?;
        let mut command = Command::new("setpriv");
        command
            .args([
                format!("--reuid={id}"),
                format!("--regid={id}"),
                format!("--groups={}", self.group),
            ])
            .arg(self.program())
            .args(arguments)
            .current_dir(self.root())
            .env("HOME", self.folder.path());
        Ok(command)
    }

    /// The image of the project, before somebody has it with ids of their own.
    fn image(&self, id: u32) -> Result<String> {
        let lines = read(&mut self.mmdev(id, &["status", "--message-format", "json"])?)?;
        let image = lines.lines().find_map(|line| {
            let status: serde_json::Value = serde_json::from_str(line).ok()?;
            status["image"].as_str().map(str::to_owned)
        });
        image.with_context(|| format!("`mmdev status` names no image: {lines}"))
    }

    /// The image of the container that runs, and the id of its user.
    fn container(&self) -> Result<(String, u32)> {
        let label = format!("label=devcontainer.local_folder={}", self.root().display());
        let ps = ["ps", "--filter", &label, "--format", "{{.ID}} {{.Image}}"];
        let said = read(Command::new("docker").args(ps))?;
        let (container, image) = said.split_once(' ').context("no container runs")?;
        let exec = ["exec", "--user=mambauser", container, "id", "-u"];
        let user = read(Command::new("docker").args(exec))?.parse()?;
        Ok((image.to_owned(), user))
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        for arguments in [["down", "--quiet"], ["clean", "--quiet"]] {
            let _ = self
                .mmdev(FIRST_ID, &arguments)
                .and_then(|mut mmdev| read(&mut mmdev));
        }
    }
}

/// Gives a folder and what is in it to a user.
fn give(folder: &Path, id: u32) -> Result<()> {
    chown(folder, Some(id), Some(id)).context("only root can measure this")?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            true => give(&entry.path(), id)?,
            false => chown(entry.path(), Some(id), Some(id))?,
        }
    }
    Ok(())
}
