//! The folder that keeps what channels have. rattler writes some of its files in place: one that a killed process has
//! left half-written must not be taken for whole, since the beginning of a new list may fit the end of the old one.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How the names of markers begin.
const MARKER: &str = "writing-";

/// How the names end of files that are written in place.
const IN_PLACE: [&str; 2] = [".shards-cache-v1", ".info.json"];

/// How old a temporary file is that nobody writes any more.
const FORGOTTEN: Duration = Duration::from_secs(60 * 60);

/// Makes the cache, for its owner alone: it says which private channels somebody uses.
pub(crate) fn make_private(cache: &Path) {
    if cache.exists() {
        return;
    }
    let mut folder = fs::DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    // Where it cannot be made, whoever writes into it says so.
    let _ = folder.create(cache);
}

/// A marker in the cache: what is written from now on is not whole until [`done`](Self::done). Whoever dies before, or
/// finds the disk full, leaves it, and the next one takes away what was written since.
pub(crate) struct Writing {
    marker: Option<(PathBuf, File)>,
}

impl Writing {
    /// Makes the cache and the marker, and tidies up after others.
    pub(crate) fn begin(cache: &Path) -> Self {
        make_private(cache);
        recover(cache);
        // Without a marker all goes on; a full disk, say, is somebody else's to report.
        Writing {
            marker: marker(cache).ok(),
        }
    }

    /// Nothing is left half-written.
    pub(crate) fn done(self) {
        if let Some((path, _lock)) = self.marker {
            let _ = fs::remove_file(path);
        }
    }
}

fn marker(cache: &Path) -> io::Result<(PathBuf, File)> {
    // It is locked before it has its name: nobody sees one without a lock whose owner lives.
    let file = tempfile::Builder::new()
        .prefix(".new-")
        .tempfile_in(cache)?;
    file.as_file().try_lock().map_err(io::Error::from)?;
    let name = file.path().file_name().unwrap_or_default();
    let path = cache.join(format!("{MARKER}{}", name.to_string_lossy()));
    let lock = file.persist(&path).map_err(|error| error.error)?;
    Ok((path, lock))
}

/// Takes away what others may have left half-written.
pub(crate) fn recover(cache: &Path) {
    let files = files(cache);
    for (name, path) in &files {
        if !name.starts_with(MARKER) {
            continue;
        }
        let Ok(marker) = File::open(path) else {
            continue;
        };
        let since = marker.metadata().and_then(|data| data.modified());
        let (Ok(since), Ok(())) = (since, marker.try_lock()) else {
            continue;
        };
        for (name, path) in &files {
            let is_in_place = IN_PLACE.iter().any(|end| name.ends_with(end));
            if is_in_place && modified(path).is_none_or(|modified| modified >= since) {
                let _ = fs::remove_file(path);
            }
        }
        let now = SystemTime::now();
        for (name, path) in files
            .iter()
            .cloned()
            .chain(self::files(&cache.join("shards-v1")))
        {
            let age = modified(&path).and_then(|modified| now.duration_since(modified).ok());
            if name.starts_with(".tmp") && age.is_some_and(|age| age > FORGOTTEN) {
                let _ = fs::remove_file(path);
            }
        }
        let _ = fs::remove_file(path);
    }
}

fn files(folder: &Path) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| {
            (
                entry.file_name().to_string_lossy().into_owned(),
                entry.path(),
            )
        })
        .collect()
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|data| data.modified()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_before_a_death_is_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("cache");
        let write = |name: &str| fs::write(cache.join(name), name).unwrap();
        let names = || {
            let mut names: Vec<String> = files(&cache).into_iter().map(|(name, _)| name).collect();
            names.sort();
            names.join(" ")
        };
        let first = Writing::begin(&cache);
        write("a.shards-cache-v1");
        write("a.json");
        first.done();
        assert_eq!(names(), "a.json a.shards-cache-v1");

        // Old enough to be told from what comes.
        let old = SystemTime::now() - Duration::from_secs(10);
        let file = File::options()
            .write(true)
            .open(cache.join("a.shards-cache-v1"));
        file.unwrap().set_modified(old).unwrap();
        let second = Writing::begin(&cache);
        write("b.shards-cache-v1");
        write("b.info.json");
        // Another process does nothing while its owner lives.
        Writing::begin(&cache).done();
        assert!(names().contains("b.shards-cache-v1"));
        drop(second);
        recover(&cache);
        assert_eq!(names(), "a.json a.shards-cache-v1");
    }
}
