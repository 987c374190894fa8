//! The files that `-f` names: env specs, explicit lists and conda-lock files.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context as _, Result, bail};
use serde_yaml_ng::Value;

use crate::console;
use crate::package::{Package, Source};

/// What all files of one command ask for together.
#[derive(Default)]
pub(crate) struct Wanted {
    /// The environment's name, if a file has one.
    pub(crate) name: Option<String>,
    /// Channels, first wins.
    pub(crate) channels: Vec<String>,
    /// Requested specs in the order of the files.
    pub(crate) specs: Vec<String>,
    /// Environment variables of the environment, in order.
    pub(crate) variables: Vec<(String, String)>,
    /// What pip installs, each with the folder that it is run in.
    pub(crate) pip: Vec<PipSection>,
    /// Exact packages, which need no solver.
    pub(crate) exact: Option<Exact>,
}

/// A `pip:` section of a file, or the pip packages of a lock.
pub(crate) struct PipSection {
    /// Lines of a requirements file.
    pub(crate) requirements: Vec<String>,
    /// The folder that relative paths are taken from.
    pub(crate) folder: PathBuf,
    /// pip's `--no-deps`, for a lock holds all of them.
    pub(crate) no_deps: bool,
}

/// Packages that a list or a lock names one by one.
pub(crate) struct Exact {
    /// In the file's order.
    pub(crate) packages: Vec<Package>,
    /// Whether they count as requested (an explicit list) or not (a lock).
    pub(crate) requested: bool,
}

impl Wanted {
    /// Reads every file for `platform`; `categories` chooses from a lock.
    pub(crate) fn read(files: &[String], platform: &str, categories: &[String]) -> Result<Self> {
        let mut wanted = Self::default();
        for file in files {
            let path = Path::new(file);
            let text = read_text(file)?;
            if file.ends_with("-lock.yml") || file.ends_with("-lock.yaml") {
                wanted.read_lock(path, &text, platform, categories)?;
            } else if file.ends_with(".yml") || file.ends_with(".yaml") {
                wanted.read_env(path, &text, platform)?;
            } else {
                wanted.read_list(&text)?;
            }
        }
        Ok(wanted)
    }

    fn read_env(&mut self, path: &Path, text: &str, platform: &str) -> Result<()> {
        let tree: Value = match serde_yaml_ng::from_str(text) {
            Ok(tree) => tree,
            Err(error) => {
                let full = crate::context::absolute(path)?;
                console::log(
                    "error",
                    &format!("YAML error in spec file '{}'", full.display()),
                );
                bail!("yaml-cpp: {error}");
            }
        };
        if let Some(name) = tree.get("name").and_then(scalar) {
            self.name.get_or_insert(name);
        }
        for channel in sequence(tree.get("channels")).filter_map(scalar) {
            if !self.channels.contains(&channel) {
                self.channels.push(channel);
            }
        }
        for item in sequence(tree.get("dependencies")) {
            self.read_dependency(item, path, platform)?;
        }
        if let Some(Value::Mapping(variables)) = tree.get("variables") {
            for (key, value) in variables {
                if let (Some(key), Some(value)) = (scalar(key), scalar(value)) {
                    self.variables.push((key, value));
                }
            }
        }
        Ok(())
    }

    fn read_dependency(&mut self, item: &Value, path: &Path, platform: &str) -> Result<()> {
        let Value::Mapping(map) = item else {
            self.specs.extend(scalar(item));
            return Ok(());
        };
        for (key, value) in map {
            let Some(key) = scalar(key) else { continue };
            if let Some(selector) = key
                .strip_prefix("sel(")
                .and_then(|rest| rest.strip_suffix(')'))
            {
                if !selects(selector, platform)? {
                    continue;
                }
                match value {
                    Value::Sequence(items) => {
                        for item in items {
                            self.read_dependency(item, path, platform)?;
                        }
                    }
                    one => self.read_dependency(one, path, platform)?,
                }
            } else if key == "pip" {
                let requirements = sequence(Some(value)).filter_map(scalar).collect();
                self.pip.push(PipSection {
                    requirements,
                    folder: folder_of(path)?,
                    no_deps: false,
                });
                if !self
                    .specs
                    .iter()
                    .any(|spec| crate::spec::Spec::parse(spec).is_ok_and(|spec| spec.name == "pip"))
                {
                    self.specs.push("pip".to_owned());
                }
            } else {
                bail!("Invalid entry in spec file '{}': {key}", path.display());
            }
        }
        Ok(())
    }

    fn read_list(&mut self, text: &str) -> Result<()> {
        let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
        if !lines().any(|line| line == "@EXPLICIT") {
            self.specs.extend(
                lines()
                    .filter(|line| !line.starts_with('#'))
                    .map(str::to_owned),
            );
            return Ok(());
        }
        let packages = lines()
            .filter(|line| line.contains("://"))
            .filter(|line| !line.starts_with('#'))
            .map(Package::from_url)
            .collect::<Result<Vec<_>>>()?;
        self.add_exact(packages, true);
        Ok(())
    }

    fn read_lock(
        &mut self,
        path: &Path,
        text: &str,
        platform: &str,
        categories: &[String],
    ) -> Result<()> {
        let tree: Value = serde_yaml_ng::from_str(text).with_context(|| {
            format!("failed to parse environment lockfile '{}'", path.display())
        })?;
        let mut packages = Vec::new();
        let mut requirements = Vec::new();
        for entry in sequence(tree.get("package")) {
            let field = |name: &str| entry.get(name).and_then(scalar).unwrap_or_default();
            let category = match field("category") {
                category if category.is_empty() => "main".to_owned(),
                category => category,
            };
            let wanted = match categories {
                [] => category == "main",
                _ => categories.contains(&category),
            };
            if field("platform") != platform || !wanted {
                continue;
            }
            let hash = |name: &str| {
                entry
                    .get("hash")
                    .and_then(|hash| hash.get(name))
                    .and_then(scalar)
            };
            if field("manager") == "pip" {
                let hash = hash("sha256")
                    .map(|hash| format!(" --hash=sha256:{hash}"))
                    .unwrap_or_default();
                requirements.push(format!("{} @ {}{hash}", field("name"), field("url")));
                continue;
            }
            packages.push(lock_package(
                entry,
                &field("url"),
                hash("md5"),
                hash("sha256"),
            )?);
        }
        if packages.is_empty() && requirements.is_empty() {
            bail!(
                "the lockfile '{}' holds no packages for platform '{platform}'",
                path.display()
            );
        }
        self.add_exact(packages, false);
        if !requirements.is_empty() {
            self.pip.push(PipSection {
                requirements,
                folder: folder_of(path)?,
                no_deps: true,
            });
        }
        Ok(())
    }

    fn add_exact(&mut self, packages: Vec<Package>, requested: bool) {
        let exact = self.exact.get_or_insert(Exact {
            packages: Vec::new(),
            requested,
        });
        exact.packages.extend(packages);
    }
}

fn lock_package(
    entry: &Value,
    url: &str,
    md5: Option<String>,
    sha256: Option<String>,
) -> Result<Package> {
    let mut package = Package::from_url(url)?;
    package.source = Source::Lock;
    let record = &mut package.record.package_record;
    record.md5 =
        md5.and_then(|hash| rattler_digest::parse_digest_from_hex::<rattler_digest::Md5>(&hash));
    record.sha256 = sha256
        .and_then(|hash| rattler_digest::parse_digest_from_hex::<rattler_digest::Sha256>(&hash));
    if let Some(version) = entry.get("version").and_then(scalar) {
        record.version = rattler_conda_types::VersionWithSource::from_str(&version)?;
    }
    let list = |name: &str| match entry.get(name) {
        Some(Value::Mapping(map)) => map
            .iter()
            .filter_map(|(name, version)| {
                Some((scalar(name)?, scalar(version).unwrap_or_default()))
            })
            .map(|(name, version)| format!("{name} {version}").trim_end().to_owned())
            .collect(),
        _ => Vec::new(),
    };
    record.depends = list("dependencies");
    record.constrains = list("constrains");
    Ok(package)
}

/// The selectors that libmamba knows.
fn selects(selector: &str, platform: &str) -> Result<bool> {
    Ok(match selector {
        "win" => platform.starts_with("win"),
        "unix" => !platform.starts_with("win"),
        "linux" => platform.starts_with("linux"),
        "osx" => platform.starts_with("osx"),
        _ => bail!(
            "Couldn't parse selector. Value not in [unix, linux, osx, win] or additional whitespaces found."
        ),
    })
}

/// A file's text, from the disk or an http address.
fn read_text(file: &str) -> Result<String> {
    if file.starts_with("http://") || file.starts_with("https://") {
        let response = crate::channels::client()?
            .get(file)
            .send()?
            .error_for_status()?;
        return Ok(response.text()?);
    }
    if !Path::new(file).exists() && (file.ends_with(".yml") || file.ends_with(".yaml")) {
        crate::console::log("error", &format!("YAML spec file '{file}' not found"));
        bail!("File not found. Aborting.");
    }
    std::fs::read_to_string(file).with_context(|| format!("Could not open spec file '{file}'"))
}

fn folder_of(path: &Path) -> Result<PathBuf> {
    let full = crate::context::absolute(path)?;
    Ok(full
        .parent()
        .map_or_else(|| PathBuf::from("/"), Path::to_path_buf))
}

fn sequence(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_sequence).into_iter().flatten()
}

/// A scalar's text; numbers and booleans as YAML writes them.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}
