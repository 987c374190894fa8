//! Wheels from PyPI as conda packages, and as a small package index for `pip:` sections.

use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::package::{Entry, Kind, Package, sha256};

/// A wheel and the conda package that it becomes. The dependencies are written
/// in conda's language, as conda-forge has them.
struct Wheel {
    file: &'static str,
    /// The Python that a compiled wheel is for; `None` for pure Python.
    python: Option<&'static str>,
    depends: &'static [&'static str],
}

const fn pure(file: &'static str, depends: &'static [&'static str]) -> Wheel {
    Wheel {
        file,
        python: None,
        depends,
    }
}

const CONDA: &[Wheel] = &[
    pure(
        "pip-24.0-py3-none-any.whl",
        &["python >=3.9", "setuptools", "wheel"],
    ),
    pure("setuptools-68.2.2-py3-none-any.whl", &["python >=3.9"]),
    pure("wheel-0.42.0-py3-none-any.whl", &["python >=3.9"]),
    pure("six-1.17.0-py2.py3-none-any.whl", &["python >=3.9"]),
    pure(
        "requests-2.25.1-py2.py3-none-any.whl",
        &[
            "python >=3.9",
            "certifi >=2017.4.17",
            "chardet >=3.0.2,<5",
            "idna >=2.5,<3",
            "urllib3 >=1.21.1,<1.27",
        ],
    ),
    pure("chardet-4.0.0-py2.py3-none-any.whl", &["python >=3.9"]),
    pure("idna-2.10-py2.py3-none-any.whl", &["python >=3.9"]),
    pure("urllib3-1.26.20-py2.py3-none-any.whl", &["python >=3.9"]),
    pure("certifi-2024.8.30-py3-none-any.whl", &["python >=3.9"]),
    pure(
        "requests-2.32.3-py3-none-any.whl",
        &[
            "python >=3.9",
            "certifi >=2017.4.17",
            "charset-normalizer >=2,<4",
            "idna >=2.5,<4",
            "urllib3 >=1.21.1,<3",
        ],
    ),
    pure(
        "charset_normalizer-3.4.0-py3-none-any.whl",
        &["python >=3.9"],
    ),
    pure("idna-3.10-py3-none-any.whl", &["python >=3.9"]),
    pure("urllib3-2.2.3-py3-none-any.whl", &["python >=3.9"]),
    pure("certifi-2024.12.14-py3-none-any.whl", &["python >=3.9"]),
    Wheel {
        file: "numpy-1.26.4-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        python: Some("3.11"),
        depends: &["python >=3.11,<3.12"],
    },
    Wheel {
        file: "numpy-1.26.4-cp39-cp39-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        python: Some("3.9"),
        depends: &["python >=3.9,<3.10"],
    },
];

/// Writes the wheels of `wheels` that are conda packages into `channel`.
pub(crate) fn write_packages(wheels: &Path, channel: &Path) -> Result<()> {
    for wheel in CONDA {
        repackage(&wheels.join(wheel.file), wheel)
            .with_context(|| format!("cannot repackage {}", wheel.file))?
            .write(channel)?;
    }
    Ok(())
}

fn repackage(file: &Path, wheel: &Wheel) -> Result<Package> {
    let mut archive = zip::ZipArchive::new(Cursor::new(fs::read(file)?))?;
    let mut parts = wheel.file.split('-');
    let (name, version) = (
        parts.next().unwrap_or_default().replace('_', "-"),
        parts.next().unwrap_or_default(),
    );
    let (site_packages, build) = match wheel.python {
        Some(python) => (
            format!("lib/python{python}/site-packages"),
            format!("py{}_0", python.replace('.', "")),
        ),
        None => ("site-packages".to_owned(), "pyhd_0".to_owned()),
    };
    let mut files = Vec::new();
    let mut entry_points = Vec::new();
    for index in 0..archive.len() {
        let mut member = archive.by_index(index)?;
        if member.is_dir() {
            continue;
        }
        let path = member.name()?.into_owned();
        ensure!(
            !path.contains(".data/"),
            "{path}: only purelib and platlib wheels are known here"
        );
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes)?;
        if path.ends_with(".dist-info/entry_points.txt") {
            entry_points = console_scripts(&String::from_utf8_lossy(&bytes));
        }
        // pip would take RECORD as a licence to remove what conda owns.
        if !path.ends_with(".dist-info/RECORD") {
            files.push((format!("{site_packages}/{path}"), bytes));
        }
        if let Some(folder) = path.strip_suffix("/WHEEL") {
            files.push((
                format!("{site_packages}/{folder}/INSTALLER"),
                b"conda\n".to_vec(),
            ));
        }
    }
    let kind = match wheel.python {
        Some(_) => Kind::Native,
        None => Kind::NoarchPython { entry_points },
    };
    let mut package = Package::new(&name, version, &build, kind).depends(wheel.depends);
    for (path, bytes) in files {
        package.insert(
            &path,
            Entry::File {
                bytes,
                executable: false,
                replace: None,
            },
        );
    }
    Ok(package)
}

/// The lines of the `[console_scripts]` section of an `entry_points.txt`.
fn console_scripts(text: &str) -> Vec<String> {
    let mut inside = false;
    let mut scripts = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line == "[console_scripts]";
        } else if inside && line.contains('=') {
            scripts.push(line.to_owned());
        }
    }
    scripts
}

/// Writes a package index (PEP 503) with every wheel of `wheels` below
/// `index/simple`, and the wheels themselves below `index/wheels`.
pub(crate) fn write_index(wheels: &Path, index: &Path) -> Result<()> {
    let target = index.join("wheels");
    fs::create_dir_all(&target)?;
    let mut files: Vec<_> = fs::read_dir(wheels)?.collect::<Result<_, _>>()?;
    files.sort_by_key(fs::DirEntry::file_name);
    let mut pages = std::collections::BTreeMap::<String, String>::new();
    for file in files {
        let name = file.file_name().to_string_lossy().into_owned();
        let Some((project, _)) = name.split_once('-') else {
            continue;
        };
        let bytes = fs::read(file.path())?;
        fs::write(target.join(&name), &bytes)?;
        let digest = sha256(&bytes);
        pages
            .entry(project.replace('_', "-").to_lowercase())
            .or_default()
            .push_str(&format!(
                "<a href=\"../../wheels/{name}#sha256={digest}\">{name}</a><br>\n"
            ));
    }
    for (project, links) in pages {
        let folder = index.join("simple").join(&project);
        fs::create_dir_all(&folder)?;
        fs::write(
            folder.join("index.html"),
            format!("<!DOCTYPE html>\n<html><body>\n{links}</body></html>\n"),
        )?;
    }
    Ok(())
}
