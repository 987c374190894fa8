//! Channels for tests: package lists as files, and waiting for what is to be known.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use mmdev_conda::{Channels, Config};
use mmdev_core::index::{Answer, PackageIndex, Scope};
use rattler_conda_types::{Shard, ShardedRepodata};
use rattler_digest::{Sha256, compute_bytes_digest};
use serde_json::{Value, json};
use tempfile::TempDir;

use mmdev_testkit::FaultyServer;

/// How long a test waits before it says that something never came.
const PATIENCE: Duration = Duration::from_secs(120);

/// A served channel, and a cache.
pub(crate) struct World {
    pub(crate) server: FaultyServer,
    folder: TempDir,
}

/// The two forms of a channel's lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `repodata_shards.msgpack.zst` and a file for each package (CEP 16).
    Shards,
    /// `repodata.json.zst`.
    Whole,
}

impl World {
    /// A server without a file, and an empty cache.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("served")).unwrap();
        World {
            server: FaultyServer::start(folder.path().join("served")),
            folder,
        }
    }

    pub(crate) fn served(&self) -> PathBuf {
        self.folder.path().join("served")
    }

    pub(crate) fn cache(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    /// The URL of the channel `name`.
    pub(crate) fn channel(&self, name: &str) -> String {
        format!("{}/{name}", self.server.url())
    }

    /// How the channels are asked.
    pub(crate) fn config(&self) -> Config {
        Config::new(self.cache())
    }

    pub(crate) fn online(&self) -> Channels {
        Channels::new(self.config())
    }

    pub(crate) fn offline(&self) -> Channels {
        Channels::new(Config {
            offline: true,
            ..self.config()
        })
    }

    /// Writes the lists of channel `name`: each line is a subdir, a package's name, its version, build and build
    /// number, which is `removed` for one that was taken back,
    /// and `removed.bz2` where that was another archive. `noarch` is there always.
    pub(crate) fn write(&self, name: &str, form: Form, lines: &[&str]) {
        let records: Vec<Value> = lines
            .iter()
            .map(|line| {
                let parts: Vec<&str> = line.split(' ').collect();
                let [subdir, name, version, build, number] = parts[..] else {
                    panic!("{line}");
                };
                json!({
                    "name": name,
                    "version": version,
                    "build": build,
                    "build_number": number.parse::<u64>().unwrap_or_default(),
                    "removed": number.starts_with("removed"),
                    "archive": if number.ends_with("bz2") { "tar.bz2" } else { "conda" },
                    "subdir": subdir,
                    "depends": [],
                })
            })
            .collect();
        self.write_records(name, form, &records);
    }

    /// Writes the lists of channel `name` with these records, each in the folder of its `subdir`.
    pub(crate) fn write_records(&self, name: &str, form: Form, records: &[Value]) {
        let mut subdirs: BTreeMap<&str, Vec<Value>> = BTreeMap::from([("noarch", Vec::new())]);
        for record in records {
            let subdir = record["subdir"].as_str().unwrap();
            subdirs.entry(subdir).or_default().push(record.clone());
        }
        for (subdir, records) in subdirs {
            let folder = self.served().join(name).join(subdir);
            std::fs::create_dir_all(&folder).unwrap();
            match form {
                Form::Shards => write_shards(&folder, subdir, &records, &[]),
                Form::Whole => write_whole(&folder, subdir, &records),
            }
        }
    }
}

fn packages(records: &[Value]) -> Value {
    let (removed, records): (Vec<&Value>, Vec<&Value>) =
        records.iter().partition(|record| record["removed"] == true);
    let file = |record: &Value| {
        let part = |key: &str| record[key].as_str().unwrap().to_owned();
        format!(
            "{}-{}-{}.{}",
            part("name"),
            part("version"),
            part("build"),
            record["archive"].as_str().unwrap_or("conda")
        )
    };
    let files = records.iter().map(|&record| (file(record), record.clone()));
    let removed: Vec<String> = removed.iter().map(|&record| file(record)).collect();
    json!({
        "packages": {},
        "packages.conda": Value::Object(files.collect()),
        "removed": removed,
    })
}

fn compressed(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

fn write_whole(folder: &Path, subdir: &str, records: &[Value]) {
    let mut repodata = packages(records);
    repodata["info"] = json!({ "subdir": subdir });
    let bytes = serde_json::to_vec(&repodata).unwrap();
    std::fs::write(folder.join("repodata.json"), &bytes).unwrap();
    std::fs::write(folder.join("repodata.json.zst"), compressed(&bytes)).unwrap();
}

/// Writes the shards of `records`, and an index that lists `others` too, whose shards are all the same empty one.
pub(crate) fn write_shards(folder: &Path, subdir: &str, records: &[Value], others: &[&str]) {
    std::fs::create_dir_all(folder.join("shards")).unwrap();
    let write = |records: &[Value]| {
        let shard: Shard = serde_json::from_value(packages(records)).unwrap();
        let bytes = compressed(&rmp_serde::to_vec_named(&shard).unwrap());
        let digest = compute_bytes_digest::<Sha256>(&bytes);
        let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let file = folder.join("shards").join(format!("{hash}.msgpack.zst"));
        std::fs::write(file, bytes).unwrap();
        Value::String(hash)
    };
    let mut by_name: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for record in records {
        let name = record["name"].as_str().unwrap();
        by_name.entry(name).or_default().push(record.clone());
    }
    let empty = write(&[]);
    let mut shards: serde_json::Map<String, Value> = others
        .iter()
        .map(|name| ((*name).to_owned(), empty.clone()))
        .collect();
    shards.extend(
        by_name
            .into_iter()
            .map(|(name, records)| (name.to_owned(), write(&records))),
    );
    let index = json!({
        "info": { "subdir": subdir, "base_url": "./", "shards_base_url": "./shards/" },
        "shards": shards,
    });
    let index: ShardedRepodata = serde_json::from_value(index).unwrap();
    let bytes = compressed(&rmp_serde::to_vec_named(&index).unwrap());
    std::fs::write(folder.join("repodata_shards.msgpack.zst"), bytes).unwrap();
}

/// The scope of these channels and names on linux-64.
pub(crate) fn scope(channels: &[&str], names: &[&str]) -> Scope {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Scope {
        channels: owned(channels),
        platforms: vec!["linux-64".to_owned()],
        names: owned(names),
    }
}

/// Waits until an index of `scope` is as `is_wanted` says.
pub(crate) async fn until(
    channels: &Channels,
    scope: &Scope,
    is_wanted: impl Fn(&dyn PackageIndex) -> bool,
) -> Arc<dyn PackageIndex> {
    let mut changes = channels.changes();
    let waiting = async {
        loop {
            let index = channels.index(scope);
            if is_wanted(&*index) {
                return index;
            }
            changes.changed().await.unwrap();
        }
    };
    match tokio::time::timeout(PATIENCE, waiting).await {
        Ok(index) => index,
        Err(_) => panic!("it never came; problems: {:?}", channels.problems(scope)),
    }
}

/// Waits until everything about `scope` is known.
pub(crate) async fn known(channels: &Channels, scope: &Scope) -> Arc<dyn PackageIndex> {
    until(channels, scope, |index| {
        let is_known = |name: &String| index.candidates(name) != Answer::Unknown;
        index.names() != Answer::Unknown && scope.names.iter().all(is_known)
    })
    .await
}

/// Waits until something stands between `channels` and `scope`.
pub(crate) async fn problems(channels: &Channels, scope: &Scope) -> Vec<mmdev_conda::Error> {
    until(channels, scope, |_| !channels.problems(scope).is_empty()).await;
    channels.problems(scope)
}

/// What an index says of the names of `scope`.
pub(crate) fn render(index: &dyn PackageIndex, scope: &Scope) -> String {
    let mut result = match index.names() {
        Answer::Known(names) => format!("names: {}\n", names.join(" ")),
        answer => format!("names: {answer:?}\n"),
    };
    for name in &scope.names {
        match index.candidates(name) {
            Answer::Known(candidates) => {
                for file in candidates {
                    let channel = file.channel.rsplit('/').next().unwrap();
                    result += &format!(
                        "{name} {} {} {} {channel}/{}\n",
                        file.version, file.build, file.build_number, file.subdir
                    );
                }
            }
            answer => result += &format!("{name}: {answer:?}\n"),
        }
        for file in index.removed(name) {
            let channel = file.channel.rsplit('/').next().unwrap();
            result += &format!(
                "{name} {} {} {channel}/{} was taken back\n",
                file.version, file.build, file.subdir
            );
        }
    }
    result
}
