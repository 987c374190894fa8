//! One package into a prefix, or out of it, file by file as libmamba does it:
//! what stands in the way is replaced and only warned of, and what is removed
//! is removed even if another package owns it too.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use rattler::install::{
    AppleCodeSignBehavior, ExternalSymlinkPolicy, PythonInfo, link_file,
    python_entry_point_template,
};
use rattler_conda_types::package::{
    LinkJson, NoArchLinks, PackageFile as _, PathsEntry, PathsJson,
};
use rattler_conda_types::prefix::Prefix;
use rattler_conda_types::{PrefixRecord, Subdir};
use serde_json::{Map, Value, json};

use crate::activate;
use crate::cache;
use crate::console;
use crate::context::Context;
use crate::package::Package;

/// The prefix that is worked on.
pub(crate) struct Linker<'a> {
    /// The invocation's settings.
    pub(crate) context: &'a Context,
    /// The environment.
    pub(crate) prefix: &'a Path,
    /// The same for rattler.
    pub(crate) home: Prefix,
    /// Its Python once the transaction is done, for noarch packages.
    pub(crate) python: Option<PythonInfo>,
    /// Whether .py files are compiled.
    pub(crate) compiles: bool,
}

impl Linker<'_> {
    /// Links an extracted package and writes its conda-meta file.
    /// Gives the Python files to be compiled once Python itself is there.
    pub(crate) fn link(
        &self,
        package: &Package,
        source: &Path,
        requested: &str,
    ) -> Result<Vec<PathBuf>> {
        let record = cache::read_record(source)?;
        let is_noarch_python = record.get("noarch").and_then(Value::as_str) == Some("python");
        let python = match (&self.python, is_noarch_python) {
            (Some(python), true) => Some(python),
            (None, true) => bail!(
                "cannot link {}: it needs python in the environment",
                package.stem()
            ),
            _ => None,
        };
        let mut clobbered = Vec::new();
        let mut entries = Vec::new();
        let mut files = Vec::new();
        let mut to_compile = Vec::new();
        for entry in PathsJson::from_package_directory_with_deprecated_fallback(source)?.paths {
            let target = self.target_of(&entry, python)?;
            if self.prefix.join(&target).symlink_metadata().is_ok() {
                clobbered.push(target.display().to_string());
                fs::remove_file(self.prefix.join(&target))
                    .with_context(|| format!("cannot replace {}", target.display()))?;
            }
            entries.push(self.link_entry(&entry, &target, source)?);
            files.push(Value::from(target.display().to_string()));
            let is_module = entry.relative_path.starts_with("site-packages")
                && target
                    .extension()
                    .is_some_and(|extension| extension == "py");
            if python.is_some() && is_module {
                to_compile.push(target);
            }
        }
        if let Some(python) = python {
            for path in self.entry_points(source, python)? {
                entries.push(json!({ "_path": path, "path_type": "unix_python_entry_point" }));
                files.push(path.into());
            }
        }
        self.run_script(package, "post-link")?;
        let paths = json!({ "paths": entries, "paths_version": 1 });
        self.write_meta(package, source, record, paths, files, requested)?;
        if !clobbered.is_empty() {
            console::log(
                "warning",
                &format!(
                    "[{}] The following files were already present in the environment:\n- {}",
                    package.stem(),
                    clobbered.join("\n- "),
                ),
            );
        }
        Ok(to_compile)
    }

    /// Writes the conda-meta file: the cache's record, and what was linked from where.
    fn write_meta(
        &self,
        package: &Package,
        source: &Path,
        mut meta: Map<String, Value>,
        paths: Value,
        files: Vec<Value>,
        requested: &str,
    ) -> Result<()> {
        let folder = source.display().to_string();
        meta.insert("paths_data".into(), paths);
        meta.insert("files".into(), Value::Array(files));
        meta.insert("requested_spec".into(), requested.into());
        meta.insert(
            "package_tarball_full_path".into(),
            format!("{folder}.tar.bz2").into(),
        );
        meta.insert("extracted_package_dir".into(), folder.clone().into());
        meta.insert("link".into(), json!({ "source": folder, "type": 1 }));
        write_json(&self.meta_file(package), &Value::Object(meta))
    }

    /// Removes every file that conda-meta lists, the folders that get empty, and the record.
    pub(crate) fn unlink(&self, package: &Package) -> Result<()> {
        let meta = self.meta_file(package);
        let record = PrefixRecord::from_path(&meta)
            .with_context(|| format!("{} cannot be read", meta.display()))?;
        self.run_script(package, "pre-unlink")?;
        for entry in &record.paths_data.paths {
            let Ok(path) = inside(&entry.relative_path) else {
                continue;
            };
            let file = self.prefix.join(path);
            let _ = fs::remove_file(&file);
            let mut folder = file.parent();
            while let Some(parent) = folder.filter(|parent| *parent != self.prefix) {
                if parent.exists() && fs::remove_dir(parent).is_err() {
                    break;
                }
                folder = parent.parent();
            }
        }
        fs::remove_file(&meta).with_context(|| format!("cannot remove {}", meta.display()))
    }

    /// Compiles Python files with the environment's Python, and adds the results to
    /// the records: all of them in one process once everything is linked.
    pub(crate) fn compile(&self, modules: &[(Package, Vec<PathBuf>)]) -> Result<()> {
        let Some(python) = self.python.as_ref().filter(|_| self.compiles) else {
            return Ok(());
        };
        let program = self.prefix.join(python.path());
        let list: Vec<String> = modules
            .iter()
            .flat_map(|(_, paths)| paths)
            .map(|path| self.prefix.join(path).display().to_string())
            .collect();
        if list.is_empty() || !program.exists() {
            return Ok(());
        }
        let mut names = tempfile::NamedTempFile::new()?;
        std::io::Write::write_all(&mut names, list.join("\n").as_bytes())?;
        // A module that does not compile (for another Python, or a template) is no failure.
        let _ = Command::new(&program)
            .args(["-Wi", "-m", "compileall", "-q", "-l", "-i"])
            .arg(names.path())
            .env_remove("PYTHONPATH")
            .env_remove("PYTHONHOME")
            .current_dir(self.prefix)
            .output();
        let tag = format!(
            "cpython-{}{}",
            python.short_version.0, python.short_version.1
        );
        for (package, paths) in modules {
            let compiled = paths.iter().filter_map(|path| {
                let name = format!("{}.{tag}.pyc", path.file_stem()?.to_str()?);
                let path = path.parent()?.join("__pycache__").join(name);
                self.prefix
                    .join(&path)
                    .exists()
                    .then(|| path.display().to_string())
            });
            let meta = self.meta_file(package);
            let mut record: Value = serde_json::from_slice(&fs::read(&meta)?)?;
            for path in compiled {
                if let Some(list) = record["paths_data"]["paths"].as_array_mut() {
                    list.push(json!({ "_path": path, "path_type": "pyc_file" }));
                }
                if let Some(list) = record["files"].as_array_mut() {
                    list.push(path.into());
                }
            }
            write_json(&meta, &record)?;
        }
        Ok(())
    }

    fn meta_file(&self, package: &Package) -> PathBuf {
        self.prefix
            .join("conda-meta")
            .join(format!("{}.json", package.stem()))
    }

    fn target_of(&self, entry: &PathsEntry, python: Option<&PythonInfo>) -> Result<PathBuf> {
        let path = inside(&entry.relative_path)?;
        Ok(match python {
            Some(python) => python.get_python_noarch_target_path(path).into_owned(),
            None => path.to_path_buf(),
        })
    }

    fn link_entry(&self, entry: &PathsEntry, target: &Path, source: &Path) -> Result<Value> {
        let mut said = serde_json::to_value(entry)?;
        if let Some(fields) = said.as_object_mut() {
            fields.remove("prefix_placeholder");
            fields.remove("file_mode");
            fields.insert("_path".into(), target.display().to_string().into());
        }
        let destination = self.prefix.join(target);
        let folder = destination.parent().unwrap_or(self.prefix);
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let linked = link_file(
            entry,
            target.to_path_buf(),
            source,
            &self.home,
            &self.prefix.display().to_string(),
            true,
            true,
            true,
            Subdir::current().unwrap_or(Subdir::Linux64),
            AppleCodeSignBehavior::DoNothing,
            filetime_of(&source.join(&entry.relative_path))?,
            ExternalSymlinkPolicy::Allow,
        )
        .with_context(|| format!("cannot link {}", target.display()))?;
        if let (Some(linked), Some(fields)) = (linked, said.as_object_mut()) {
            fields.insert("sha256_in_prefix".into(), cache::hex(&linked.sha256).into());
        }
        Ok(said)
    }

    fn entry_points(&self, source: &Path, python: &PythonInfo) -> Result<Vec<String>> {
        let Ok(link) = LinkJson::from_package_directory(source) else {
            return Ok(Vec::new());
        };
        let NoArchLinks::Python(points) = link.noarch else {
            return Ok(Vec::new());
        };
        let mut paths = Vec::new();
        for point in points.entry_points {
            if point.command.contains('/') {
                bail!("Invalid noarch:python entry point '{}'", point.command);
            }
            let path = format!("bin/{}", point.command);
            let file = self.prefix.join(&path);
            fs::create_dir_all(self.prefix.join("bin"))?;
            let _ = fs::remove_file(&file);
            let prefix = self.prefix.display().to_string();
            fs::write(
                &file,
                python_entry_point_template(&prefix, false, &point, python),
            )?;
            fs::set_permissions(&file, fs::Permissions::from_mode(0o775))?;
            paths.push(path);
        }
        Ok(paths)
    }

    /// Runs `bin/.<name>-<action>.sh` in the activated environment, if the package has one.
    fn run_script(&self, package: &Package, action: &str) -> Result<()> {
        let folder = self.prefix.join("bin");
        let script = folder.join(format!(".{}-{action}.sh", package.name()));
        if !script.exists() {
            return Ok(());
        }
        console::log(
            "warning",
            &format!(
                "Executing {action} script for package '{}'.",
                package.name()
            ),
        );
        let status = activate::command(
            self.context,
            self.prefix,
            ".",
            &[script.display().to_string()],
        )
        .env("ROOT_PREFIX", &self.context.root_prefix)
        .env("PREFIX", self.prefix)
        .env("PKG_NAME", package.name())
        .env("PKG_VERSION", package.version())
        .env(
            "PKG_BUILDNUM",
            package.record.package_record.build_number.to_string(),
        )
        .current_dir(&folder)
        .status()
        .with_context(|| format!("cannot run {}", script.display()))?;
        let messages = self.prefix.join(".messages.txt");
        if let Ok(text) = fs::read_to_string(&messages) {
            console::note(&text);
            fs::remove_file(&messages)?;
        }
        if !status.success() && action == "post-link" {
            bail!(
                "failed to execute pre/post link script for {}",
                package.name()
            );
        }
        Ok(())
    }
}

/// A prefix as rattler wants it, without the tag by which rattler keeps prefixes out of
/// backups: the real program leaves none.
pub(crate) fn rattler_prefix(path: &Path) -> Result<Prefix> {
    let tag = path.join("CACHEDIR.TAG");
    let is_theirs = tag.exists();
    let prefix = Prefix::create(path).with_context(|| format!("cannot make {}", path.display()))?;
    if !is_theirs && tag.exists() {
        fs::remove_file(&tag)?;
    }
    Ok(prefix)
}

/// A package may write below the prefix only.
fn inside(path: &Path) -> Result<&Path> {
    if path
        .components()
        .all(|part| matches!(part, Component::Normal(_)))
    {
        Ok(path)
    } else {
        bail!(
            "the package holds a path outside of the prefix: {}",
            path.display()
        )
    }
}

fn filetime_of(path: &Path) -> Result<filetime::FileTime> {
    let metadata = path
        .symlink_metadata()
        .with_context(|| format!("Package cache invalid, missing {}", path.display()))?;
    Ok(filetime::FileTime::from_last_modification_time(&metadata))
}

fn write_json(path: &Path, value: &Value) -> Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    fs::write(path, serde_json::to_string_pretty(value)?)
        .with_context(|| format!("cannot write {}", path.display()))
}
