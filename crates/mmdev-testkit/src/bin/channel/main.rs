//! Builds the conda channel and the package index that tests install from, and
//! the large channel of the benchmarks.
//!
//! `cargo xtask world` and `bench` run it: the Debian packages and wheels that
//! it reads are downloaded there.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Parser;
use rattler_index::{IndexFsConfig, PackageRevisionAssignment, index_fs};

mod large;
mod package;
mod python;
mod small;
mod wheel;

/// What to make, what to read and where to write.
#[derive(Parser)]
enum Arguments {
    /// What tests install from.
    World {
        /// A folder that holds `3.9` and `3.11`: roots with Debian's Python unpacked.
        #[arg(long)]
        pythons: PathBuf,
        /// A folder of wheels.
        #[arg(long)]
        wheels: PathBuf,
        /// The folder to write: `channel/`, `simple/` and `wheels/`.
        #[arg(long)]
        out: PathBuf,
    },
    /// What benchmarks install from.
    Large {
        /// The folder to write: `large/`.
        #[arg(long)]
        out: PathBuf,
    },
}

/// The Pythons of the channel: minor version, version in the record, build.
///
/// Version 3.9.1 is pinned by a project that mmdev's ancestor was made for. No
/// Debian ever had it, so the record 3.9.1 holds 3.9.2, which has the same ABI;
/// its build string says so.
const PYTHONS: &[(&str, &str, &str)] = &[
    ("3.9", "3.9.1", "holds_3_9_2_0"),
    ("3.9", "3.9.2", "debian_0"),
    ("3.11", "3.11.2", "debian_0"),
];

fn main() -> Result<()> {
    match Arguments::parse() {
        Arguments::World {
            pythons,
            wheels,
            out,
        } => world(&pythons, &wheels, &out),
        Arguments::Large { out } => {
            let channel = out.join("large");
            fs::create_dir_all(channel.join("linux-64"))?;
            large::write(&channel)?;
            index(&channel)
        }
    }
}

fn world(pythons: &Path, wheels: &Path, out: &Path) -> Result<()> {
    let channel = out.join("channel");
    fs::create_dir_all(channel.join("noarch"))?;
    small::write(&channel)?;
    wheel::write_packages(wheels, &channel)?;
    for (minor, version, build) in PYTHONS {
        python::package(&pythons.join(minor), minor, version, build)
            .with_context(|| format!("cannot package Python {version}"))?
            .write(&channel)?;
    }
    wheel::write_index(wheels, out)?;
    index(&channel)
}

/// Writes repodata.json, its compressed form and the shards.
fn index(channel: &Path) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(index_fs(IndexFsConfig {
        channel: channel.to_owned(),
        target_platform: None,
        repodata_patch: None,
        write_zst: true,
        write_shards: true,
        repodata_revisions: Vec::new(),
        package_revision_assignment: PackageRevisionAssignment::default(),
        force: true,
        max_parallel: 4,
        multi_progress: None,
    }))
}
