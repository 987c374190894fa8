//! The package cache: archives and extracted packages below `pkgs/<scheme>/<host>/…/<subdir>`.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use rattler_digest::{Md5, Sha256, compute_file_digest};
use serde_json::{Map, Value};

use crate::channels;
use crate::console;
use crate::context::Context;
use crate::package::{Package, channel_of, subdir_of};

/// The caches of one invocation.
pub(crate) struct Cache {
    roots: Vec<PathBuf>,
    offline: bool,
}

impl Cache {
    /// The configured caches.
    pub(crate) fn new(context: &Context) -> Self {
        Self {
            roots: context.pkgs_dirs.clone(),
            offline: context.offline,
        }
    }

    /// Whether nothing has to be downloaded for it.
    pub(crate) fn has(&self, package: &Package) -> bool {
        self.roots.iter().any(|root| {
            let folder = root.join(folder_of(package));
            is_extracted(&folder.join(package.stem()), package)
                || archive_problem(&folder.join(package.file_name()), package)
                    .is_ok_and(|problem| problem.is_none())
        })
    }

    /// Downloads, verifies and extracts what is missing; gives the extracted folder.
    ///
    /// # Errors
    /// When the archive cannot be had or is not the one that was asked for.
    pub(crate) fn provide(&self, context: &Context, package: &Package) -> Result<PathBuf> {
        for root in &self.roots {
            let extracted = root.join(folder_of(package)).join(package.stem());
            if is_extracted(&extracted, package) {
                return Ok(extracted);
            }
        }
        let root = context.writable_cache()?;
        let folder = root.join(folder_of(package));
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let archive = folder.join(package.file_name());
        let is_there = archive_problem(&archive, package)?.is_none();
        if !is_there {
            self.download(package, &archive)?;
            let mut list = fs::OpenOptions::new()
                .create(true)
                .append(true)
                .open(root.join("urls.txt"))?;
            writeln!(list, "{}", package.record.url)?;
        }
        let extracted = folder.join(package.stem());
        extract(package, &archive, &extracted)?;
        Ok(extracted)
    }

    fn download(&self, package: &Package, archive: &Path) -> Result<()> {
        let url = &package.record.url;
        if self.offline {
            bail!(
                "{} is not cached, and --offline was given",
                package.file_name()
            );
        }
        let bytes = channels::fetch(url)?
            .ok_or_else(|| anyhow!("Download error: 404 Not Found [{url}]"))?;
        fs::write(archive, bytes).with_context(|| format!("cannot write {}", archive.display()))?;
        if let Some(problem) = archive_problem(archive, package)? {
            console::note(&format!(
                "{} tarball has incorrect {}",
                package.file_name(),
                problem.kind
            ));
            console::log(
                "error",
                &format!(
                    "File not valid: {} doesn't match expectation \"{}\"\nExpected: {}\nActual: {}",
                    problem.what,
                    archive.display(),
                    problem.expected,
                    problem.actual,
                ),
            );
            fs::remove_file(archive)?;
            bail!("Found incorrect downloads. Aborting");
        }
        Ok(())
    }
}

/// The package's folder in a cache: its address with `://` and `:` replaced.
fn folder_of(package: &Package) -> PathBuf {
    let url = &package.record.url;
    let address = format!("{}/{}", channel_of(url), subdir_of(url));
    PathBuf::from(address.replace("://", "/").replace([':', '\\'], "_"))
}

/// A difference between an archive and what was expected.
struct Problem {
    kind: &'static str,
    what: &'static str,
    expected: String,
    actual: String,
}

/// `None` when the archive is there and is the right one.
fn archive_problem(archive: &Path, package: &Package) -> Result<Option<Problem>> {
    let record = &package.record.package_record;
    let actual_size = match fs::metadata(archive) {
        Ok(metadata) => metadata.len(),
        Err(_) => {
            return Ok(Some(Problem {
                kind: "size",
                what: "file size",
                expected: "a file".to_owned(),
                actual: "none".to_owned(),
            }));
        }
    };
    if let Some(size) = record.size.filter(|size| *size > 0)
        && size != actual_size
    {
        return Ok(Some(Problem {
            kind: "size",
            what: "file size",
            expected: size.to_string(),
            actual: actual_size.to_string(),
        }));
    }
    if let Some(expected) = record.sha256 {
        let actual = compute_file_digest::<Sha256>(archive)?;
        if actual != expected {
            return Ok(Some(Problem {
                kind: "SHA256",
                what: "SHA256 sum",
                expected: hex(&expected),
                actual: hex(&actual),
            }));
        }
    } else if let Some(expected) = record.md5 {
        let actual = compute_file_digest::<Md5>(archive)?;
        if actual != expected {
            return Ok(Some(Problem {
                kind: "MD5",
                what: "MD5",
                expected: hex(&expected),
                actual: hex(&actual),
            }));
        }
    }
    Ok(None)
}

/// Whether the folder holds this very package; hashes that both sides know must agree.
fn is_extracted(folder: &Path, package: &Package) -> bool {
    let Ok(record) = read_record(folder) else {
        return false;
    };
    let said = |key: &str| record.get(key).and_then(Value::as_str).unwrap_or_default();
    let wanted = &package.record.package_record;
    let agree = |said: &str, wanted: Option<String>| {
        said.is_empty() || wanted.is_none_or(|wanted| wanted == said)
    };
    agree(said("sha256"), wanted.sha256.as_ref().map(|hash| hex(hash)))
        && agree(said("md5"), wanted.md5.as_ref().map(|hash| hex(hash)))
}

/// An extracted package's info/repodata_record.json.
pub(crate) fn read_record(folder: &Path) -> Result<Map<String, Value>> {
    read_object(&folder.join("info/repodata_record.json"))
}

fn read_object(path: &Path) -> Result<Map<String, Value>> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&bytes).with_context(|| format!("{} is not JSON", path.display()))
}

fn extract(package: &Package, archive: &Path, target: &Path) -> Result<()> {
    let parent = target.parent().unwrap_or(target);
    let staging = tempfile::TempDir::new_in(parent)?;
    let folder = staging.path().join("package");
    if package.is_tar_bz2() {
        rattler_package_streaming::fs::extract_tar_bz2(archive, &folder)
    } else {
        rattler_package_streaming::fs::extract_conda(archive, &folder)
    }
    .with_context(|| format!("Error when extracting package: {}", archive.display()))?;
    let index = read_object(&folder.join("info/index.json"))?;
    let mut record = package.repodata_record(index, fs::metadata(archive)?.len())?;
    if !record.contains_key("md5") {
        record.insert(
            "md5".into(),
            hex(&compute_file_digest::<Md5>(archive)?).into(),
        );
    }
    if !record.contains_key("sha256") && package.record.package_record.md5.is_none() {
        record.insert(
            "sha256".into(),
            hex(&compute_file_digest::<Sha256>(archive)?).into(),
        );
    }
    fs::write(
        folder.join("info/repodata_record.json"),
        serde_json::to_string_pretty(&Value::Object(record))?,
    )?;
    if target.exists() {
        fs::remove_dir_all(target)?;
    }
    fs::rename(&folder, target).with_context(|| format!("cannot make {}", target.display()))
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
