//! Debian's CPython as a conda package that works in any prefix.
//!
//! The interpreter, its standard library and the few system libraries that its
//! modules need are taken from unpacked Debian packages; run paths make the
//! programs find the libraries beside them.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::package::{Entry, Kind, Package};

/// Libraries of glibc itself, which every image has.
const GLIBC: &[&str] = &[
    "ld-linux-x86-64.so.2",
    "libc.so.6",
    "libdl.so.2",
    "libm.so.6",
    "libpthread.so.0",
    "librt.so.1",
    "libutil.so.1",
];

/// Folders of the standard library that no test needs, and a hook that gives
/// setuptools Debian's layout.
const LEFT_OUT: &[&str] = &[
    "EXTERNALLY-MANAGED",
    "_distutils_system_mod.py",
    "sitecustomize.py",
    "test",
    "__pycache__",
    "site-packages",
];

/// Files in which Debian names its own layout; in a conda prefix modules
/// belong in `lib/pythonX.Y/site-packages`.
const DEBIAN_LAYOUT: &[&str] = &["sysconfig.py", "distutils/command/install.py"];

/// Puts the prefix's site-packages on `sys.path`. Debian's `site` module leaves
/// it out, and since 3.11 is frozen into the interpreter, so it cannot be edited.
const SITE_CUSTOMIZE: &str = "\
import os
import site
import sys

site.addsitedir(
    os.path.join(sys.prefix, 'lib', 'python%d.%d' % sys.version_info[:2], 'site-packages')
)
";

/// Makes the package from `tree`, a root folder with Debian's `pythonX.Y`
/// unpacked in it. `version` is what the record says.
pub(crate) fn package(tree: &Path, minor: &str, version: &str, build: &str) -> Result<Package> {
    let staging = tempfile::tempdir()?;
    let mut package =
        Package::new("python", version, build, Kind::Native).depends(&["__glibc >=2.31"]);
    let name = format!("python{minor}");

    let program = staging.path().join(&name);
    fs::copy(tree.join("usr/bin").join(&name), &program)
        .with_context(|| format!("{} holds no {name}", tree.display()))?;
    let mut wanted = needed(&program)?;
    set_run_path(&program, "$ORIGIN/../lib")?;
    add_file(&mut package, &format!("bin/{name}"), &program)?;
    for link in ["python", "python3"] {
        package.insert(&format!("bin/{link}"), Entry::Symlink(PathBuf::from(&name)));
    }

    let library = tree.join("usr/lib").join(&name);
    for file in files_below(&library)? {
        let relative = file.strip_prefix(&library)?.to_string_lossy().into_owned();
        let target = format!("lib/{name}/{relative}");
        if relative.ends_with(".so") {
            let copy = staging.path().join("module.so");
            fs::copy(&file, &copy)?;
            wanted.extend(needed(&copy)?);
            set_run_path(&copy, "$ORIGIN/../..")?;
            add_file(&mut package, &target, &copy)?;
        } else if DEBIAN_LAYOUT.contains(&relative.as_str()) {
            let text = without_debian_layout(&fs::read_to_string(&file)?);
            package = package.text(&target, &text);
        } else {
            add_file(&mut package, &target, &file)?;
        }
    }
    package = package
        .text(&format!("lib/{name}/sitecustomize.py"), SITE_CUSTOMIZE)
        .text(
            &format!("lib/{name}/site-packages/README.txt"),
            "Packages of this environment are installed here.\n",
        );
    add_libraries(&mut package, tree, wanted, staging.path())?;
    Ok(package)
}

fn without_debian_layout(text: &str) -> String {
    text.replace("dist-packages", "site-packages")
        .replace("local/lib", "lib")
        .replace("{base}/local", "{base}")
        .replace("{platbase}/local", "{platbase}")
}

/// Adds the libraries in `wanted`, and those that they need in turn.
fn add_libraries(
    package: &mut Package,
    tree: &Path,
    mut wanted: BTreeSet<String>,
    staging: &Path,
) -> Result<()> {
    let mut done = BTreeSet::new();
    while let Some(library) = wanted.pop_first() {
        if GLIBC.contains(&library.as_str()) || !done.insert(library.clone()) {
            continue;
        }
        let found = ["usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu"]
            .iter()
            .map(|folder| tree.join(folder).join(&library))
            .find(|path| path.exists());
        let Some(found) = found else {
            bail!("{} holds no {library}", tree.display());
        };
        let copy = staging.join(&library);
        fs::copy(&found, &copy)?;
        wanted.extend(needed(&copy)?);
        set_run_path(&copy, "$ORIGIN")?;
        add_file(package, &format!("lib/{library}"), &copy)?;
    }
    Ok(())
}

fn add_file(package: &mut Package, path: &str, file: &Path) -> Result<()> {
    let executable = fs::metadata(file)?.permissions().mode() & 0o111 != 0;
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    package.insert(
        path,
        Entry::File {
            bytes,
            executable,
            replace: None,
        },
    );
    Ok(())
}

/// Every file below `folder` that belongs in the package, in a stable order.
fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut entries: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        if LEFT_OUT.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        let path = entry.path();
        if path.is_dir() {
            files.extend(files_below(&path)?);
        } else if path.exists() {
            // Links that lead out of the library (to /etc) are dangling here.
            files.push(path);
        }
    }
    Ok(files)
}

fn needed(file: &Path) -> Result<BTreeSet<String>> {
    let output = Command::new("patchelf")
        .arg("--print-needed")
        .arg(file)
        .output()
        .context("cannot run patchelf")?;
    ensure!(
        output.status.success(),
        "patchelf cannot read {}",
        file.display()
    );
    let text = String::from_utf8(output.stdout)?;
    Ok(text.lines().map(str::to_owned).collect())
}

fn set_run_path(file: &Path, path: &str) -> Result<()> {
    let status = Command::new("patchelf")
        .args(["--set-rpath", path])
        .arg(file)
        .status()
        .context("cannot run patchelf")?;
    ensure!(
        status.success(),
        "patchelf cannot change {}",
        file.display()
    );
    Ok(())
}
