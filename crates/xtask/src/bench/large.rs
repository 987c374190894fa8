//! The environment of the benchmarks with containers: more than 100 packages,
//! installed from a channel on this machine, on an image that no run had before.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};

use super::Place;
use crate::machine::{self, Daemon};
use crate::shell::{read, run, say, step};
use crate::test::Server;
use crate::world;

/// The port on which the channels are served; not that of the tests.
const PORT: &str = "47839";

/// Images of benchmarks; the tags are of one run each.
const REPOSITORY: &str = "mmdev-bench";

/// What a person writes who takes the micromamba image and no tool.
const PLAIN: &str = "\
COPY --chown=$MAMBA_USER:$MAMBA_USER env.yaml /tmp/env.yaml
RUN micromamba install -y -n base -f /tmp/env.yaml \\
    && micromamba clean --all --yes
";

/// Channels, base image and two projects with the same spec. What it made in
/// the engine goes when it is dropped.
pub(super) struct Large {
    /// A project of mmdev's.
    pub(super) ours: PathBuf,
    /// A build context with a plain Dockerfile.
    pub(super) plain: PathBuf,
    /// The image that is built from it.
    pub(super) plain_tag: String,
    mmdev: PathBuf,
    /// `DOCKER_HOST` for both, where the daemon is reached another way.
    host: Option<String>,
    base: String,
    leaves: Vec<String>,
    server: Server,
    _daemon: Option<Daemon>,
}

impl Large {
    /// Makes everything but the two images. They are built by way of `host`, a
    /// `DOCKER_HOST`, if there is one.
    pub(super) fn new(place: &Place, host: Option<&str>) -> Result<Self> {
        let folder = world::folder()?;
        let daemon = machine::start_daemon(&folder.join("dockerd.log"))?;
        let manifest = fs::read(world::build()?)?;
        let manifest: serde_json::Value = serde_json::from_slice(&manifest)?;
        let text = |key: &str| {
            let value = manifest[key].as_str();
            value.with_context(|| format!("world.json has no {key}"))
        };
        let large = channel(&folder)?;
        let www = fresh(&place.work.join("www"))?;
        symlink(large.join("large"), www.join("large"))?;
        symlink(Path::new(text("www")?).join("channel"), www.join("small"))?;
        let leaves = fs::read_to_string(large.join("large/large.txt"))?;
        let stamp = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let this = Self {
            ours: fresh(&place.work.join("ours"))?,
            plain: fresh(&place.work.join("plain"))?,
            plain_tag: format!("{REPOSITORY}/plain:{stamp}"),
            mmdev: place.mmdev.clone(),
            host: host.map(str::to_owned),
            // By the tag it is known which glibc the image has.
            base: format!("{REPOSITORY}/base:{stamp}-bookworm"),
            leaves: leaves.lines().map(str::to_owned).collect(),
            server: Server::of(Path::new(text("server")?), &www, PORT)?,
            _daemon: daemon,
        };
        let base = this.base_image(&folder, text("debian")?, &stamp.to_string())?;
        // Both projects get nothing but the environment: no Debian packages.
        fs::write(
            this.ours.join("mmdev.toml"),
            format!(
                "base-image = \"{}\"\ndevelopment-packages = []\n",
                this.base
            ),
        )?;
        let dockerfile = format!("FROM {}\n{PLAIN}", this.base);
        fs::write(this.plain.join("Dockerfile"), dockerfile)?;
        say(format!("{} is {base} under a name of this run", this.base));
        Ok(this)
    }

    /// The base image of this run. Its environment differs from that of any
    /// other run, so nothing that was built before is found in a cache: neither
    /// steps, nor the packages in mmdev's cache mount.
    fn base_image(&self, folder: &Path, debian: &str, stamp: &str) -> Result<String> {
        let _lock = world::lock(folder)?;
        let micromamba = match std::env::var_os("MMDEV_TEST_MICROMAMBA") {
            Some(real) => PathBuf::from(real),
            // The one that tests use is not optimised, and installing is what
            // is measured.
            None => step("build micromamba for speed", || {
                world::program(folder, world::MICROMAMBA, "release")
            })?,
        };
        let base = world::base_image(folder, debian, &micromamba, &self.mmdev)?;
        let context = fresh(&self.plain.join("base"))?;
        let dockerfile = format!("FROM {base}\nENV MMDEV_BENCH={stamp}\n");
        fs::write(context.join("Dockerfile"), dockerfile)?;
        self.docker_build(&self.base, &context)?;
        fs::remove_dir_all(context)?;
        Ok(base)
    }

    /// The packages that a spec names for the environment.
    pub(super) fn leaves(&self) -> &[String] {
        &self.leaves
    }

    /// The spec, with one more package for every number but none.
    pub(super) fn spec(&self, added: Option<usize>) -> String {
        let mut leaves = self.leaves.clone();
        leaves.extend(added.map(|number| format!("added-{number}")));
        self.text(&leaves)
    }

    /// A spec with these packages besides the usual ones.
    pub(super) fn text(&self, leaves: &[String]) -> String {
        let url = &self.server.url;
        let mut spec = format!(
            "channels:\n  - {url}/large\n  - {url}/small\n  - nodefaults\ndependencies:\n  \
             - python=3.11\n  - numpy\n  - pip\n  - requests\n  - six\n"
        );
        for leaf in leaves {
            spec.push_str(&format!("  - {leaf}\n"));
        }
        spec
    }

    /// Builds the plain image.
    pub(super) fn build_plain(&self) -> Result<()> {
        self.docker_build(&self.plain_tag, &self.plain)
    }

    /// Builds another Dockerfile in the place of the plain one.
    pub(super) fn build_instead(&self, dockerfile: &str) -> Result<()> {
        fs::write(self.plain.join("Dockerfile"), dockerfile)?;
        self.build_plain()
    }

    fn docker_build(&self, tag: &str, context: &Path) -> Result<()> {
        let mut docker = self.reaching(Command::new("docker"));
        docker.env("DOCKER_BUILDKIT", "1");
        docker.args(["build", "--quiet", "--tag", tag]);
        docker.args(["--label", &self.label()]).arg(context);
        read(&mut docker).map(drop)
    }

    /// `mmdev` in its project.
    pub(super) fn mmdev(&self, arguments: &[&str]) -> Command {
        let mut command = self.reaching(Command::new(&self.mmdev));
        command.args(arguments).current_dir(&self.ours);
        command
    }

    /// By which the images of this run are found again, once others have their
    /// names.
    fn label(&self) -> String {
        format!("dev.mmdev.bench={}", self.base)
    }

    fn reaching(&self, mut command: Command) -> Command {
        command.envs(self.host.iter().map(|host| ("DOCKER_HOST", host)));
        command
    }

    /// The image that mmdev made.
    pub(super) fn our_tag(&self) -> Result<String> {
        let lines = read(&mut self.mmdev(&["status", "--message-format", "json"]))?;
        for line in lines.lines() {
            let status: serde_json::Value = serde_json::from_str(line)?;
            if let (Some("status"), Some(image)) =
                (status["reason"].as_str(), status["image"].as_str())
            {
                return Ok(image.to_owned());
            }
        }
        anyhow::bail!("`mmdev status` names no image: {lines}")
    }
}

impl Drop for Large {
    fn drop(&mut self) {
        // Whatever of it is not there needs no removing.
        let ours = self.our_tag();
        let _ = read(&mut self.mmdev(&["clean"]));
        let filter = format!("label={}", self.label());
        let built = read(Command::new("docker").args(["images", "--quiet", "--filter", &filter]));
        let mut remove = Command::new("docker");
        remove.args(["rmi", "--force"]).args(ours);
        let _ = read(remove.args(built.unwrap_or_default().lines()));
    }
}

/// How many packages an image has in its environment, and their size in MB.
pub(super) fn size(image: &str) -> Result<(usize, usize)> {
    let script = "ls /opt/conda/conda-meta/*.json | wc -l; du -sm --exclude=pkgs /opt/conda";
    let said = read(
        Command::new("docker")
            .args(["run", "--rm", "--entrypoint", "/bin/sh", image, "-c"])
            .arg(script),
    )?;
    let mut words = said.split_whitespace().map(str::parse::<usize>);
    let mut number = || {
        let word = words.next().and_then(Result::ok);
        word.with_context(|| format!("no number of packages and megabytes: {said}"))
    };
    Ok((number()?, number()?))
}

/// The folder of the large channel, in that of the world.
fn channel(folder: &Path) -> Result<PathBuf> {
    let _lock = world::lock(folder)?;
    let program = world::program(folder, world::CHANNEL, "dev")?;
    let sources = world::channel_sources()?;
    let key: Vec<&[u8]> = sources.iter().map(Vec::as_slice).collect();
    world::part(folder, "large", &key, |out| {
        run(Command::new(program).args(["large", "--out"]).arg(out))
    })
}

/// An empty folder, whatever was there.
fn fresh(folder: &Path) -> Result<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    Ok(folder.to_owned())
}
