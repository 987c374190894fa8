//! Where things are and what was asked: options, environment variables and rc files in one value.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use serde_yaml_ng::Value;

use crate::cli::Common;

/// The settings of one invocation.
pub(crate) struct Context {
    /// `base`'s prefix, which also holds `envs` and `pkgs`.
    pub(crate) root_prefix: PathBuf,
    /// Package caches in order of preference.
    pub(crate) pkgs_dirs: Vec<PathBuf>,
    /// Whether the person (or a variable) named the caches; else they are the defaults.
    pub(crate) channels: Vec<String>,
    /// The subdir to install for, `linux-64`.
    pub(crate) platform: String,
    /// Answer every question with yes.
    pub(crate) yes: bool,
    /// Say nothing but errors.
    pub(crate) quiet: bool,
    /// Answer in JSON.
    pub(crate) json: bool,
    /// Print the transaction and do nothing.
    pub(crate) dry_run: bool,
    /// Use only what is cached.
    pub(crate) offline: bool,
    /// Put `(name) ` before the prompt.
    pub(crate) change_ps1: bool,
    name: Option<String>,
    prefix: Option<PathBuf>,
    override_channels: bool,
    channel_alias: String,
}

impl Context {
    /// Reads the environment and the rc files under what the command line says.
    pub(crate) fn new(common: &Common) -> Result<Self> {
        let home = home();
        let root_prefix = common
            .root_prefix
            .clone()
            .or_else(|| variable("MAMBA_ROOT_PREFIX").map(PathBuf::from))
            .unwrap_or_else(|| home.join(".local/share/mamba"));
        let root_prefix = absolute(&root_prefix)?;
        let rc = if common.no_rc {
            BTreeMap::new()
        } else {
            read_rc_files(&root_prefix, common)
        };
        let mut channels = common.channels.clone();
        for name in ["MAMBA_CHANNELS", "CONDA_CHANNELS"] {
            if let Some(list) = variable(name) {
                channels.extend(list.split(',').map(str::to_owned));
            }
        }
        if !common.override_channels {
            channels.extend(strings(rc.get("channels")));
        }
        let named_caches = variable("CONDA_PKGS_DIRS")
            .or_else(|| variable("MAMBA_PKGS_DIRS"))
            .map(|list| env::split_paths(&list).collect::<Vec<_>>())
            .unwrap_or_else(|| {
                strings(rc.get("pkgs_dirs"))
                    .iter()
                    .map(|path| expand_home(path))
                    .collect()
            });
        let pkgs_dirs = if named_caches.is_empty() {
            vec![root_prefix.join("pkgs"), home.join(".mamba/pkgs")]
        } else {
            named_caches
        };
        let changes_prompt = rc.get("changeps1").and_then(Value::as_bool).unwrap_or(true);
        Ok(Self {
            root_prefix,
            pkgs_dirs,
            channels,
            platform: common
                .platform
                .clone()
                .or_else(|| variable("CONDA_SUBDIR"))
                .unwrap_or_else(native_platform),
            yes: common.yes
                || variable("MAMBA_ALWAYS_YES").is_some()
                || rc.get("always_yes").and_then(Value::as_bool) == Some(true),
            quiet: common.quiet,
            json: common.json,
            dry_run: common.dry_run,
            offline: common.offline,
            change_ps1: changes_prompt,
            name: common.name.clone(),
            prefix: common.prefix.clone(),
            override_channels: common.override_channels,
            channel_alias: variable("CONDA_CHANNEL_ALIAS")
                .or_else(|| {
                    rc.get("channel_alias")
                        .and_then(Value::as_str)
                        .map(str::to_owned)
                })
                .unwrap_or_else(|| "https://conda.anaconda.org".to_owned()),
        })
    }

    /// The prefix that the command is about: `-p`, `-n`, the file's name,
    /// the active one, and for questions (`fallback_to_root`) the root prefix.
    pub(crate) fn target(
        &self,
        file_name: Option<&str>,
        fallback_to_root: bool,
    ) -> Result<PathBuf> {
        if let Some(prefix) = &self.prefix {
            return absolute(&expand_home(&prefix.to_string_lossy()));
        }
        if let Some(name) = self.name.as_deref().or(file_name) {
            return Ok(self.named(name));
        }
        if let Some(active) = variable("CONDA_PREFIX").or_else(|| variable("MAMBA_TARGET_PREFIX")) {
            return Ok(PathBuf::from(active));
        }
        if fallback_to_root {
            return Ok(self.root_prefix.clone());
        }
        bail!("No prefix found: name one with -n NAME or -p PREFIX")
    }

    /// The prefix of an environment's name.
    pub(crate) fn named(&self, name: &str) -> PathBuf {
        match name {
            "base" => self.root_prefix.clone(),
            _ if name.contains('/') => expand_home(name),
            _ => self.root_prefix.join("envs").join(name),
        }
    }

    /// Whether `-n` or `-p` was given.
    pub(crate) fn names_target(&self) -> bool {
        self.name.is_some() || self.prefix.is_some()
    }

    /// The channels to use, in order, with those of an env file, as URLs without a final slash.
    pub(crate) fn channel_urls(&self, of_file: &[String]) -> Result<Vec<String>> {
        let mut names: Vec<&String> = self.channels.iter().collect();
        if !self.override_channels || self.channels.is_empty() {
            names.splice(0..0, of_file);
        }
        let mut urls: Vec<String> = Vec::new();
        for name in names.into_iter().filter(|name| *name != "nodefaults") {
            let url = self.channel_url(name)?;
            if !urls.contains(&url) {
                urls.push(url);
            }
        }
        if urls.is_empty() {
            urls.push(self.channel_url("conda-forge")?);
        }
        Ok(urls)
    }

    fn channel_url(&self, name: &str) -> Result<String> {
        let name = name.trim_end_matches('/');
        if !name.contains("://") {
            if name.starts_with(['/', '.']) {
                return Ok(format!("file://{}", absolute(Path::new(name))?.display()));
            }
            return Ok(format!(
                "{}/{name}",
                self.channel_alias.trim_end_matches('/')
            ));
        }
        match url::Url::parse(name) {
            Ok(_) => Ok(name.to_owned()),
            Err(url::ParseError::InvalidPort) => Err(anyhow!(
                "Failed to parse URL \"{name}\": Port number was not a decimal number between 0 and 65535"
            )),
            Err(error) => Err(anyhow!("Failed to parse URL \"{name}\": {error}")),
        }
    }

    /// The first cache that can be written, which is made if it is missing.
    pub(crate) fn writable_cache(&self) -> Result<PathBuf> {
        self.pkgs_dirs
            .iter()
            .find(|path| is_writable_cache(path))
            .cloned()
            .ok_or_else(|| anyhow!("Non-writable cache error."))
    }

    /// The first folder for repodata that can be written. Its mode is 02775 whatever the
    /// umask, so that a foreign user cannot write the one of a cache that was not cleaned.
    pub(crate) fn writable_index_cache(&self) -> Result<PathBuf> {
        self.pkgs_dirs
            .iter()
            .filter(|path| is_writable_cache(path))
            .map(|path| path.join("cache"))
            .find(|path| is_writable(path))
            .ok_or_else(|| anyhow!("Non-writable cache error."))
    }
}

fn is_writable(folder: &Path) -> bool {
    make_shared_folder(folder).is_ok() && tempfile::tempfile_in(folder).is_ok()
}

/// Whether a package cache can be written, which is made with its `urls.txt` if it is missing.
/// An `urls.txt` that is there decides, so a cache of somebody else is passed over.
pub(crate) fn is_writable_cache(path: &Path) -> bool {
    make_shared_folder(path).is_ok()
        && std::fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(path.join("urls.txt"))
            .is_ok()
}

/// Makes a folder and its parents; new ones have libmamba's mode 02775.
pub(crate) fn make_shared_folder(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        make_shared_folder(parent)?;
    }
    std::fs::create_dir(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o2775))
}

/// The variable's value if it is set and not empty.
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The person's home folder, `/` without one.
pub(crate) fn home() -> PathBuf {
    variable("HOME").map_or_else(|| PathBuf::from("/"), PathBuf::from)
}

/// `~` and `~/…` under the home folder.
pub(crate) fn expand_home(path: &str) -> PathBuf {
    match path.strip_prefix('~') {
        Some("") => home(),
        Some(rest) if rest.starts_with('/') => home().join(&rest[1..]),
        _ => PathBuf::from(path),
    }
}

/// `path` from the root, without touching the disk.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf> {
    let path = std::path::absolute(path)?;
    Ok(path.components().collect())
}

fn native_platform() -> String {
    rattler_conda_types::Subdir::current()
        .map_or_else(|| "linux-64".to_owned(), |subdir| subdir.to_string())
}

/// The files that are read, from the least to the most important one.
fn read_rc_files(root_prefix: &Path, common: &Common) -> BTreeMap<String, Value> {
    let home = home();
    let mut files = vec![
        PathBuf::from("/etc/conda/.condarc"),
        root_prefix.join(".condarc"),
        root_prefix.join(".mambarc"),
        home.join(".conda/.condarc"),
        home.join(".condarc"),
        home.join(".config/conda/.condarc"),
        home.join(".mambarc"),
    ];
    files.extend(variable("CONDARC").map(PathBuf::from));
    files.extend(variable("MAMBARC").map(PathBuf::from));
    files.extend(common.rc_file.iter().cloned());
    let mut all = BTreeMap::new();
    for file in files {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        if let Ok(Value::Mapping(map)) = serde_yaml_ng::from_str(&text) {
            for (key, value) in map {
                if let Value::String(key) = key {
                    all.insert(key, value);
                }
            }
        }
    }
    all
}

fn strings(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Sequence(items)) => items
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        Some(Value::String(one)) => vec![one.clone()],
        _ => Vec::new(),
    }
}
