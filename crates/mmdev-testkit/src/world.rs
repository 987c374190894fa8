//! The world that `cargo xtask world` made: images, a conda channel, a package index.

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use serde_json::Value;

use crate::docker::{bridge_address, build};
use crate::server::HttpServer;

/// What container tests live in.
pub struct World {
    /// A plain Debian image, `debian:bookworm-slim`.
    pub debian: String,
    /// The image that takes the place of the public micromamba image.
    pub base: String,
    /// The stand-in micromamba, or the real one that `MMDEV_TEST_MICROMAMBA` named.
    pub micromamba: PathBuf,
    /// The files of the channel and of the package index, as they are served.
    pub www: PathBuf,
    /// The folder of Python modules that holds conda-lock.
    pub conda_lock: PathBuf,
    /// The program uv.
    pub uv: PathBuf,
    url: String,
    /// Serves `www` when no `cargo xtask test` or `serve` does.
    _server: Option<HttpServer>,
}

impl World {
    /// The URL of the conda channel. Builds and containers reach it by Docker's
    /// bridge network, and so does this machine.
    pub fn channel(&self) -> String {
        format!("{}/channel", self.url)
    }

    /// The URL of the package index (PEP 503) for `pip:` sections.
    pub fn index(&self) -> String {
        format!("{}/simple/", self.url)
    }

    /// The base image with one more setting: `conda-forge` is the world's channel. So
    /// specs and examples are used as they are. It stays, like the base image itself.
    ///
    /// # Panics
    /// If it cannot be built.
    pub fn conda_forge_base(&self) -> String {
        // Another port is another channel, and the name is part of a build's cache keys.
        let port = self.url.rsplit(':').next().unwrap_or_default();
        let tag = format!("mmdev-test/conda-forge:{port}");
        let dockerfile = format!(
            "FROM {}\nRUN echo 'channel_alias: {}' > \"$MAMBA_ROOT_PREFIX/.mambarc\"\n",
            self.base, self.url
        );
        build(&tag, &dockerfile);
        tag
    }

    /// The host of the package index, which pip must be told to trust since
    /// it is served without TLS.
    pub fn index_host(&self) -> &str {
        let host = self.url.trim_start_matches("http://");
        host.rsplit_once(':').map_or(host, |(host, _)| host)
    }
}

/// The world, as it is on this machine.
///
/// # Panics
/// If it was not made, or no Docker daemon answers: a test that needs it must
/// fail then, and says what to do.
pub fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| find().unwrap_or_else(|problem| panic!("{problem}")))
}

fn find() -> Result<World, String> {
    const HINT: &str = "hint: `cargo xtask test` installs what container tests need and makes their world, `cargo xtask world` makes the world alone";
    let file = folder()
        .ok_or("neither MMDEV_WORLD, XDG_CACHE_HOME nor HOME is set")?
        .join("world.json");
    let text = fs::read_to_string(&file)
        .map_err(|error| format!("cannot read {}: {error}\n{HINT}", file.display()))?;
    let manifest: Value = serde_json::from_str(&text)
        .map_err(|error| format!("{} is damaged: {error}\n{HINT}", file.display()))?;
    let text = |key: &str| {
        manifest[key]
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| format!("{} has no {key}\n{HINT}", file.display()))
    };
    let www = PathBuf::from(text("www")?);
    let (url, server) = match std::env::var("MMDEV_WORLD_URL") {
        Ok(url) => (url, None),
        Err(_) => {
            let address = bridge_address().map_err(|problem| format!("{problem}\n{HINT}"))?;
            let server = HttpServer::bind(&www, address.into(), 0)
                .map_err(|error| format!("cannot serve the world on {address}: {error}"))?;
            (server.url(), Some(server))
        }
    };
    Ok(World {
        debian: text("debian")?,
        base: text("base")?,
        micromamba: text("micromamba")?.into(),
        conda_lock: text("conda_lock")?.into(),
        uv: text("uv")?.into(),
        www,
        url,
        _server: server,
    })
}

/// Where `cargo xtask world` keeps its work.
fn folder() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("MMDEV_WORLD") {
        return Some(folder.into());
    }
    if let Some(cache) = std::env::var_os("XDG_CACHE_HOME") {
        return Some(PathBuf::from(cache).join("mmdev/world"));
    }
    Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/mmdev/world"))
}
