//! Writes a channel of conda-forge's scale in shards (CEP 16) into a folder, for `cargo xtask bench lock`.
//!
//! `big_channel FOLDER NAMES RECORDS`: `p0`, `p1` …, each with as many versions, which need a few of the names before
//! them, so that a late one reaches many.

use std::error::Error;
use std::path::Path;

use rattler_conda_types::{Shard, ShardedRepodata};
use rattler_digest::{Sha256, compute_bytes_digest};
use serde_json::{Map, Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, names, records] = arguments.as_slice() else {
        return Err("big_channel FOLDER NAMES RECORDS".into());
    };
    let (names, records): (usize, usize) = (names.parse()?, records.parse()?);
    for subdir in ["linux-64", "noarch"] {
        let folder = Path::new(folder).join(subdir);
        std::fs::create_dir_all(folder.join("shards"))?;
        let mut shards = Map::new();
        let here = if subdir == "noarch" { 0 } else { names };
        for name in 0..here {
            let packages: Map<String, Value> = (0..records / names)
                .map(|version| package(subdir, name, version))
                .collect();
            let shard = json!({"packages": {}, "packages.conda": packages, "removed": []});
            let shard: Shard = serde_json::from_value(shard)?;
            let bytes = zstd::encode_all(&*rmp_serde::to_vec_named(&shard)?, 1)?;
            let digest = compute_bytes_digest::<Sha256>(&bytes);
            let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            let file = folder.join("shards").join(format!("{hash}.msgpack.zst"));
            std::fs::write(file, bytes)?;
            shards.insert(format!("p{name}"), hash.into());
        }
        let index = json!({
            "info": {"subdir": subdir, "base_url": "./", "shards_base_url": "./shards/"},
            "shards": shards,
        });
        let index: ShardedRepodata = serde_json::from_value(index)?;
        let bytes = zstd::encode_all(&*rmp_serde::to_vec_named(&index)?, 1)?;
        std::fs::write(folder.join("repodata_shards.msgpack.zst"), bytes)?;
    }
    Ok(())
}

/// A record: each name needs up to four of those before it, at distances that differ from name to name.
fn package(subdir: &str, name: usize, version: usize) -> (String, Value) {
    let depends: Vec<String> = [2, 3, 5, 7]
        .into_iter()
        .map(|part| name / part)
        .filter(|other| *other < name)
        .map(|other| format!("p{other} >=1.{}", version / 2))
        .collect();
    let file = format!("p{name}-1.{version}-h{version}_0.conda");
    let digits = format!("{:032x}", name * 1000 + version);
    let record = json!({
        "name": format!("p{name}"),
        "version": format!("1.{version}"),
        "build": format!("h{version}_0"),
        "build_number": 0,
        "subdir": subdir,
        "depends": depends,
        "md5": digits,
        "sha256": format!("{digits}{digits}"),
        "size": 1_000_000,
        "license": "MIT",
        "timestamp": 1_700_000_000_000_u64,
    });
    (file, record)
}
