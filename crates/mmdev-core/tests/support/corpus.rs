//! The real specs of the corpus, for tests and benchmarks.

use std::path::PathBuf;

/// The name in the corpus and the text of each real spec, in the folder that `MMDEV_CORPUS` names; nothing without it,
/// which a line says.
#[expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "tests read the corpus from disk, the crate itself does not"
)]
pub(crate) fn specs() -> Vec<(String, String)> {
    let Some(corpus) = std::env::var_os("MMDEV_CORPUS") else {
        println!("MMDEV_CORPUS is not set: no real specs were read");
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(PathBuf::from(corpus).join("envs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension != "tsv"))
        .collect();
    paths.sort();
    let files = paths.into_iter().map(|path| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, std::fs::read_to_string(&path).unwrap())
    });
    files.collect()
}

/// The name that a file has in its repository: the corpus joins its path's components by two underscores.
pub(crate) fn own_name(name: &str) -> &str {
    name.rsplit("__").next().unwrap_or(name)
}
