//! A tiny channel on loopback and a folder in which commands are run.
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml's leave for tests does not reach their helpers"
)]
#![allow(dead_code, reason = "each test program uses its part of this module")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use rattler_conda_types::compression_level::CompressionLevel;
use rattler_digest::{Md5, Sha256, compute_bytes_digest};
use rattler_package_streaming::write::write_tar_bz2_package;
use serde_json::{Value, json};

/// A package to be built.
#[derive(Clone)]
pub(crate) struct Package {
    name: String,
    version: String,
    depends: Vec<String>,
    patch: Option<Vec<String>>,
    noarch: Option<&'static str>,
    files: Vec<(String, String)>,
    link: Option<Value>,
    placeholder: Option<String>,
}

impl Package {
    /// An empty package with build string `0`.
    pub(crate) fn new(name: &str, version: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            depends: Vec::new(),
            patch: None,
            noarch: None,
            files: Vec::new(),
            link: None,
            placeholder: None,
        }
    }

    /// Adds a file; scripts and programs are executable.
    pub(crate) fn file(mut self, path: &str, text: &str) -> Self {
        self.files.push((path.to_owned(), text.to_owned()));
        self
    }

    /// Sets what it depends on.
    pub(crate) fn depends(mut self, depends: &[&str]) -> Self {
        self.depends = depends.iter().map(ToString::to_string).collect();
        self
    }

    /// Sets what repodata says that it depends on.
    pub(crate) fn patched(mut self, depends: &[&str]) -> Self {
        self.patch = Some(depends.iter().map(ToString::to_string).collect());
        self
    }

    /// Makes it a noarch python package with entry points.
    pub(crate) fn noarch_python(mut self, entry_points: &[&str]) -> Self {
        self.noarch = Some("python");
        self.link = Some(json!({
            "noarch": { "type": "python", "entry_points": entry_points },
            "package_metadata_version": 1,
        }));
        self
    }

    /// Says that every file holds this text in place of the prefix.
    pub(crate) fn placeholder(mut self, text: &str) -> Self {
        self.placeholder = Some(text.to_owned());
        self
    }

    fn stem(&self) -> String {
        format!("{}-{}-0", self.name, self.version)
    }

    fn subdir(&self) -> &'static str {
        if self.noarch.is_some() {
            "noarch"
        } else {
            "linux-64"
        }
    }

    fn index(&self, depends: &[String]) -> Value {
        let mut index = json!({
            "name": self.name, "version": self.version, "build": "0", "build_number": 0,
            "depends": depends, "subdir": self.subdir(),
        });
        if let Some(noarch) = self.noarch {
            index["noarch"] = noarch.into();
        }
        index
    }

    fn build(&self, folder: &Path) -> (Value, Hashes) {
        let staging = tempfile::tempdir().unwrap();
        let mut paths = vec![
            PathBuf::from("info/index.json"),
            PathBuf::from("info/paths.json"),
        ];
        let mut entries = Vec::new();
        let mode = |path: &str| {
            if path.starts_with("bin/") {
                0o755
            } else {
                0o644
            }
        };
        for (path, text) in &self.files {
            put(staging.path(), path, text, mode(path));
            let mut entry = json!({
                "_path": path, "path_type": "hardlink", "size_in_bytes": text.len(),
                "sha256": hex(&compute_bytes_digest::<Sha256>(text)),
            });
            if let Some(placeholder) = &self.placeholder {
                entry["prefix_placeholder"] = placeholder.as_str().into();
                entry["file_mode"] = "text".into();
            }
            entries.push(entry);
            // A path outside can only be claimed: no archive holds it.
            if !path.starts_with("..") {
                paths.push(path.into());
            }
        }
        let info = [
            ("index.json", self.index(&self.depends)),
            (
                "paths.json",
                json!({ "paths": entries, "paths_version": 1 }),
            ),
        ];
        for (name, value) in info
            .into_iter()
            .chain(self.link.clone().map(|link| ("link.json", link)))
        {
            put(
                staging.path(),
                &format!("info/{name}"),
                &value.to_string(),
                0o644,
            );
        }
        if self.link.is_some() {
            paths.push(PathBuf::from("info/link.json"));
        }
        let paths: Vec<PathBuf> = paths
            .into_iter()
            .map(|path| staging.path().join(path))
            .collect();
        let archive = folder
            .join(self.subdir())
            .join(format!("{}.tar.bz2", self.stem()));
        let file = fs::File::create(&archive).unwrap();
        let level = CompressionLevel::Default;
        write_tar_bz2_package(file, staging.path(), &paths, level, None, None).unwrap();
        let bytes = fs::read(&archive).unwrap();
        let hashes = Hashes {
            md5: hex(&compute_bytes_digest::<Md5>(&bytes)),
            sha256: hex(&compute_bytes_digest::<Sha256>(&bytes)),
        };
        let mut record = self.index(self.patch.as_ref().unwrap_or(&self.depends));
        record["md5"] = hashes.md5.as_str().into();
        record["sha256"] = hashes.sha256.as_str().into();
        record["size"] = bytes.len().into();
        (record, hashes)
    }
}

/// An archive's hashes in hexadecimal digits.
#[derive(Clone)]
pub(crate) struct Hashes {
    /// For explicit lists.
    pub(crate) md5: String,
    /// For lock files.
    pub(crate) sha256: String,
}

/// A channel with a flat index, served until the process ends.
pub(crate) struct Channel {
    /// `http://127.0.0.1:PORT`, with a port of five digits as in the recordings.
    pub(crate) url: String,
    /// The hashes of each package, by name-version-build.
    pub(crate) hashes: BTreeMap<String, Hashes>,
    _folder: tempfile::TempDir,
}

impl Channel {
    /// Builds the packages, indexes and serves them.
    pub(crate) fn new(packages: &[Package]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut hashes = BTreeMap::new();
        let mut indices = BTreeMap::from([("linux-64", json!({})), ("noarch", json!({}))]);
        for subdir in indices.keys() {
            fs::create_dir(folder.path().join(subdir)).unwrap();
        }
        for package in packages {
            let (record, own) = package.build(folder.path());
            let name = format!("{}.tar.bz2", package.stem());
            indices.get_mut(package.subdir()).unwrap()[name] = record;
            hashes.insert(package.stem(), own);
        }
        for (subdir, packages) in indices {
            let index = json!({
                "info": { "subdir": subdir }, "packages": packages, "packages.conda": {},
                "repodata_version": 1,
            });
            fs::write(
                folder.path().join(subdir).join("repodata.json"),
                index.to_string(),
            )
            .unwrap();
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let root = folder.path().to_path_buf();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let root = root.clone();
                std::thread::spawn(move || answer(stream, &root));
            }
        });
        Self {
            url,
            hashes,
            _folder: folder,
        }
    }
}

/// Answers one request; there is nothing but files.
fn answer(mut stream: TcpStream, root: &Path) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    let request = lines.next()?.ok()?;
    while lines
        .next()
        .is_some_and(|line| line.is_ok_and(|line| !line.is_empty()))
    {}
    let mut words = request.split(' ');
    let (method, path) = (words.next()?, words.next()?);
    let body = fs::read(root.join(path.trim_start_matches('/')));
    let status = if body.is_ok() {
        "200 OK"
    } else {
        "404 Not Found"
    };
    let body = body.unwrap_or_default();
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )
    .ok()?;
    if method == "GET" {
        stream.write_all(&body).ok()?;
    }
    Some(())
}

/// The program under test: the stand-in, or the one that `MMDEV_TEST_MICROMAMBA` names.
pub(crate) fn micromamba() -> PathBuf {
    std::env::var_os("MMDEV_TEST_MICROMAMBA").map_or_else(
        || PathBuf::from(env!("CARGO_BIN_EXE_micromamba")),
        PathBuf::from,
    )
}

/// A folder that is home, working directory and holder of the root prefix at once.
pub(crate) struct Sandbox {
    folder: tempfile::TempDir,
}

impl Sandbox {
    /// An empty one, with the program to be tested as `micromamba` on PATH.
    pub(crate) fn new(program: &Path) -> Self {
        let sandbox = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let programs = sandbox.folder().join(".programs");
        fs::create_dir(&programs).unwrap();
        // It calls itself by the name of its file, so a symbolic link would show.
        let named = programs.join("micromamba");
        fs::hard_link(program, &named)
            .or_else(|_| fs::copy(program, &named).map(drop))
            .unwrap();
        sandbox
    }

    /// The folder itself.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The root prefix.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder().join("root")
    }

    /// Runs a line in bash; gives what it said on standard output, then what it said on
    /// standard error (the order of the recordings), and its exit code.
    pub(crate) fn run(&self, line: &str) -> (String, i32) {
        self.run_in("bash", line)
    }

    /// Runs a line in another shell.
    pub(crate) fn run_in(&self, shell: &str, line: &str) -> (String, i32) {
        let output = Command::new(shell)
            .arg("-c")
            .arg(line)
            .current_dir(self.folder())
            .env_clear()
            .env(
                "PATH",
                format!(
                    "{}/.programs:/usr/local/bin:/usr/bin:/bin",
                    self.folder().display()
                ),
            )
            .env("HOME", self.folder())
            .env("LC_ALL", "C.UTF-8")
            .env("MAMBA_ROOT_PREFIX", self.root())
            .output()
            .unwrap_or_else(|error| {
                panic!("cannot run {shell}: {error}\nhint: `cargo xtask test` installs what tests need; alone: apt-get install {shell}")
            });
        let text = [output.stdout, output.stderr].concat();
        (
            String::from_utf8_lossy(&text).into_owned(),
            output.status.code().unwrap_or(-1),
        )
    }
}

fn put(folder: &Path, path: &str, text: &str, mode: u32) {
    if path.starts_with("..") {
        return;
    }
    let file = folder.join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
