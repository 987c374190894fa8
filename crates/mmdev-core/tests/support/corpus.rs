//! The corpus of real files, for tests and benchmarks. It is no part of this repository: `MMDEV_CORPUS` names its
//! folder, and whatever reads it is run on request only.

#![allow(
    dead_code,
    reason = "each of those who include this file uses its own part of it"
)]
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "tests read the corpus from disk, the crate itself does not"
)]

use std::path::PathBuf;

/// A file or folder of the corpus.
pub(crate) fn path(inside: &str) -> PathBuf {
    let corpus = std::env::var_os("MMDEV_CORPUS")
        .expect("set MMDEV_CORPUS to the folder of real data (docs/contributing/testing.md)");
    PathBuf::from(corpus).join(inside)
}

/// The text of a file of the corpus.
pub(crate) fn text(file: &str) -> String {
    let path = path(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The name and text of each file in a folder of the corpus, by name, but for the table that says where they are from.
pub(crate) fn files(folder: &str) -> Vec<(String, String)> {
    let path = path(folder);
    let entries =
        std::fs::read_dir(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.ends_with(".tsv"))
        .collect();
    names.sort();
    let files = names.into_iter().map(|name| {
        let text = text(&format!("{folder}/{name}"));
        (name, text)
    });
    files.collect()
}

/// The name in the corpus and the text of each real spec.
pub(crate) fn specs() -> Vec<(String, String)> {
    files("envs")
}

/// The name that a file has in its repository: the corpus joins its path's components by two underscores.
pub(crate) fn own_name(name: &str) -> &str {
    name.rsplit("__").next().unwrap_or(name)
}
