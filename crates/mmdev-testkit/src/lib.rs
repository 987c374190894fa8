//! Test worlds: a project in a temp folder, a local conda channel, a base image, a daemon, a stand-in micromamba.
//!
//! Light by default. The channel builder and the stand-in micromamba, which
//! need the rattler crates, are programs behind the feature `world`.

mod docker;
mod faulty;
mod fresh_daemon;
mod json_lines;
mod project;
mod registry;
mod server;
mod world;

pub use docker::{Image, bridge_address, build, docker};
pub use faulty::{Action, FaultyServer, Request};
pub use fresh_daemon::FreshDaemon;
pub use json_lines::JsonLines;
pub use project::{Finished, Project};
pub use registry::{LOGIN, Registry};
pub use server::HttpServer;
pub use world::{World, world};

/// A file or folder of the corpus, the real data that is no part of this
/// repository.
///
/// # Panics
///
/// If `MMDEV_CORPUS` names no folder.
#[must_use]
pub fn corpus(inside: &str) -> std::path::PathBuf {
    let corpus = std::env::var_os("MMDEV_CORPUS")
        .expect("set MMDEV_CORPUS to the folder of real data (docs/contributing/testing.md)");
    std::path::Path::new(&corpus).join(inside)
}
