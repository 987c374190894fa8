//! One conda package: its files and metadata, and writing them as a `.conda` archive.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rattler_conda_types::compression_level::CompressionLevel;
use rattler_digest::{Sha256, compute_bytes_digest};
use rattler_package_streaming::write::write_conda_package;
use serde_json::{Value, json};

/// The prefix that prefix replacement looks for; as long as conda-build's, so
/// that any real prefix fits into a binary file.
pub(crate) const PLACEHOLDER: &str = "/opt/placeholder_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold_placehold";

/// How an installer must replace [`PLACEHOLDER`] in a file.
#[derive(Clone, Copy)]
pub(crate) enum Replace {
    Text,
    Binary,
}

/// What stands at one path of a package.
pub(crate) enum Entry {
    File {
        bytes: Vec<u8>,
        executable: bool,
        replace: Option<Replace>,
    },
    Symlink(PathBuf),
}

/// Where a package can be installed.
pub(crate) enum Kind {
    /// Only on linux-64.
    Native,
    /// Anywhere; files are linked as they lie.
    Noarch,
    /// Anywhere with Python; `site-packages/` goes to the prefix's own, and
    /// each entry point (`name = module:function`) becomes a program in `bin/`.
    NoarchPython { entry_points: Vec<String> },
}

/// A package to be written.
pub(crate) struct Package {
    name: String,
    version: String,
    build: String,
    kind: Kind,
    depends: Vec<String>,
    constrains: Vec<String>,
    files: BTreeMap<String, Entry>,
}

impl Package {
    pub(crate) fn new(name: &str, version: &str, build: &str, kind: Kind) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            build: build.to_owned(),
            kind,
            depends: Vec::new(),
            constrains: Vec::new(),
            files: BTreeMap::new(),
        }
    }

    pub(crate) fn depends(mut self, specs: &[&str]) -> Self {
        self.depends
            .extend(specs.iter().map(|spec| (*spec).to_owned()));
        self
    }

    pub(crate) fn constrains(mut self, specs: &[&str]) -> Self {
        self.constrains
            .extend(specs.iter().map(|spec| (*spec).to_owned()));
        self
    }

    /// Adds a plain text file.
    pub(crate) fn text(self, path: &str, text: &str) -> Self {
        self.entry(path, text.as_bytes().to_vec(), false, None)
    }

    /// Adds a script that may be run.
    pub(crate) fn script(self, path: &str, text: &str) -> Self {
        self.entry(path, text.as_bytes().to_vec(), true, None)
    }

    /// Adds a file, saying everything about it.
    pub(crate) fn entry(
        mut self,
        path: &str,
        bytes: Vec<u8>,
        executable: bool,
        replace: Option<Replace>,
    ) -> Self {
        self.insert(
            path,
            Entry::File {
                bytes,
                executable,
                replace,
            },
        );
        self
    }

    pub(crate) fn insert(&mut self, path: &str, entry: Entry) {
        self.files.insert(path.to_owned(), entry);
    }

    /// Writes the package into its subdir of `channel`.
    pub(crate) fn write(&self, channel: &Path) -> Result<()> {
        let file_name = format!("{}-{}-{}", self.name, self.version, self.build);
        self.write_into(channel, &file_name)
            .with_context(|| format!("cannot write the package {file_name}"))
    }

    fn write_into(&self, channel: &Path, file_name: &str) -> Result<()> {
        let staging = tempfile::tempdir()?;
        let root = staging.path();
        let mut paths = Vec::new();
        let mut listed = Vec::new();
        for (path, entry) in &self.files {
            let target = root.join(path);
            fs::create_dir_all(target.parent().unwrap_or(root))?;
            stage(&target, entry)?;
            paths.push(target);
        }
        for (path, entry) in &self.files {
            listed.push(describe(path, entry, root)?);
        }
        for (path, value) in self.info(listed) {
            let target = root.join("info").join(path);
            fs::create_dir_all(root.join("info"))?;
            fs::write(&target, serde_json::to_vec_pretty(&value)?)?;
            paths.push(target);
        }
        let directory = channel.join(self.subdir());
        fs::create_dir_all(&directory)?;
        let archive = fs::File::create(directory.join(format!("{file_name}.conda")))?;
        write_conda_package(
            archive,
            root,
            &paths,
            CompressionLevel::Numeric(3),
            None,
            file_name,
            None,
            None,
        )?;
        Ok(())
    }

    fn subdir(&self) -> &'static str {
        match self.kind {
            Kind::Native => "linux-64",
            Kind::Noarch | Kind::NoarchPython { .. } => "noarch",
        }
    }

    /// The files of `info/`, as conda-build writes them.
    fn info(&self, paths: Vec<Value>) -> Vec<(&'static str, Value)> {
        let mut index = json!({
            "name": self.name,
            "version": self.version,
            "build": self.build,
            "build_number": 0,
            "depends": self.depends,
            "constrains": self.constrains,
            "license": "See the package",
            "subdir": self.subdir(),
            "timestamp": 1_700_000_000_000_u64,
        });
        let mut files = Vec::new();
        match &self.kind {
            Kind::Native => {
                index["arch"] = json!("x86_64");
                index["platform"] = json!("linux");
            }
            Kind::Noarch => {
                index["noarch"] = json!("generic");
            }
            Kind::NoarchPython { entry_points } => {
                index["noarch"] = json!("python");
                files.push((
                    "link.json",
                    json!({
                        "noarch": {"type": "python", "entry_points": entry_points},
                        "package_metadata_version": 1,
                    }),
                ));
            }
        }
        files.push(("index.json", index));
        files.push(("paths.json", json!({"paths": paths, "paths_version": 1})));
        files.push((
            "about.json",
            json!({"summary": "A package of mmdev's test channel"}),
        ));
        files
    }
}

fn stage(target: &Path, entry: &Entry) -> Result<()> {
    match entry {
        Entry::File {
            bytes, executable, ..
        } => {
            fs::write(target, bytes)?;
            let mode = if *executable { 0o755 } else { 0o644 };
            fs::set_permissions(target, fs::Permissions::from_mode(mode))?;
        }
        Entry::Symlink(to) => symlink(to, target)?,
    }
    Ok(())
}

/// One entry of `info/paths.json`. Symbolic links too need a hash and a size,
/// or micromamba calls the extracted package invalid; both are those of the
/// file that the link leads to.
fn describe(path: &str, entry: &Entry, root: &Path) -> Result<Value> {
    let (bytes, path_type, replace) = match entry {
        Entry::File { bytes, replace, .. } => (bytes.clone(), "hardlink", *replace),
        Entry::Symlink(_) => {
            let bytes = fs::read(root.join(path))
                .with_context(|| format!("the link {path} leads out of the package"))?;
            (bytes, "softlink", None)
        }
    };
    let mut value = json!({
        "_path": path,
        "path_type": path_type,
        "sha256": sha256(&bytes),
        "size_in_bytes": bytes.len(),
    });
    if let Some(replace) = replace {
        value["prefix_placeholder"] = json!(PLACEHOLDER);
        value["file_mode"] = json!(match replace {
            Replace::Text => "text",
            Replace::Binary => "binary",
        });
    }
    Ok(value)
}

/// The SHA-256 of `bytes` in hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    compute_bytes_digest::<Sha256>(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
