//! Reading and writing a project's files: whole, atomically, only when the bytes change, one process at a time.

use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use mmdev_core::text::{LineColumn, LineIndex};

use crate::error::{Error, Result};
use crate::printer::Printer;

/// What a write did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// There was no such file.
    Created,
    /// The file had other bytes.
    Changed,
    /// The file had these bytes; it was not touched.
    Unchanged,
}

/// The text of a file, or `None` where there is none.
pub(crate) fn read(path: &Path) -> Result<Option<String>> {
    let Some(bytes) = read_bytes(path)? else {
        return Ok(None);
    };
    String::from_utf8(bytes).map(Some).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes());
        let LineColumn { line, column } = LineIndex::new(&text).line_column(valid);
        Error::problem(format!(
            "{} is not UTF-8 text (line {line}, column {column})",
            path.display()
        ))
        .with_hint("save it as UTF-8")
    })
}

/// The bytes of a file, or `None` where there is none.
pub(crate) fn read_bytes(path: &Path) -> Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(failed("read", path, error)),
    }
}

/// Whether the error says that there is no such file (a file where a folder should be counts).
fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

fn failed(operation: &str, path: &Path, error: io::Error) -> Error {
    Error::world(
        anyhow::Error::new(error).context(format!("cannot {operation} {}", path.display())),
    )
}

/// Writes `text` to `path` if the bytes differ. Who looks meanwhile sees the old file or the new one, never half of
/// one: the bytes go to a temporary file in the same folder, to the disk, and then take the name. The file's mode is
/// kept, and a symbolic link stays one.
pub(crate) fn write(path: &Path, text: &str) -> Result<Written> {
    let target = match std::fs::canonicalize(path) {
        Ok(target) => target,
        Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
        Err(error) => return Err(failed("write", path, error)),
    };
    let before = match std::fs::read(&target) {
        Ok(bytes) if bytes == text.as_bytes() => return Ok(Written::Unchanged),
        Ok(_) => Written::Changed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Written::Created,
        Err(error) => return Err(failed("read", path, error)),
    };
    replace(&target, text.as_bytes()).map_err(|error| failed("write", path, error))?;
    Ok(before)
}

fn replace(target: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".mmdev-").suffix(".tmp");
    match std::fs::metadata(target) {
        Ok(metadata) => builder.permissions(metadata.permissions()),
        Err(_) => builder.permissions(default_permissions(folder)?),
    };
    let mut temporary = builder.tempfile_in(folder)?;
    temporary.write_all(bytes)?;
    temporary.as_file().sync_all()?;
    // The permissions above were narrowed by the umask; those of an existing file are kept exactly.
    if let Ok(metadata) = std::fs::metadata(target) {
        temporary
            .as_file()
            .set_permissions(metadata.permissions())?;
    }
    temporary.persist(target).map_err(|error| error.error)?;
    // The new name is on the disk only when its folder is; not every file system can do that.
    #[cfg(unix)]
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

/// What a new file may be: read and written by all, less what the umask takes away.
#[cfg(unix)]
fn default_permissions(_folder: &Path) -> io::Result<std::fs::Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Ok(std::fs::Permissions::from_mode(0o666))
}

/// What a new file may be: as its folder.
#[cfg(not(unix))]
fn default_permissions(folder: &Path) -> io::Result<std::fs::Permissions> {
    Ok(std::fs::metadata(folder)?.permissions())
}

/// Deletes a file; one that is not there is fine.
pub(crate) fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if !is_absent(&error) => Err(failed("delete", path, error)),
        _ => Ok(()),
    }
}

/// Keeps other mmdev processes from writing the same project until it is dropped.
#[derive(Debug)]
pub(crate) struct ProjectLock {
    _file: File,
}

impl ProjectLock {
    /// Waits, and says so, while another process holds the project. Nothing is left behind: on Unix it is the
    /// project's folder itself that is locked.
    pub(crate) fn acquire(root: &Path, printer: &Printer) -> Result<Self> {
        if let Some(lock) = ProjectLock::try_acquire(root, printer)? {
            return Ok(lock);
        }
        printer.status(
            "Waiting",
            &format!("for another mmdev that works on {}", root.display()),
        );
        let path = lock_path(root);
        let file = open_lock(&path).map_err(|error| failed("lock", &path, error))?;
        file.lock().map_err(|error| failed("lock", &path, error))?;
        Ok(ProjectLock { _file: file })
    }

    /// The same without waiting: `None` while another process holds the project.
    pub(crate) fn try_acquire(root: &Path, printer: &Printer) -> Result<Option<Self>> {
        let path = lock_path(root);
        let file = open_lock(&path).map_err(|error| failed("lock", &path, error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            // Some network file systems have no locks: going on is better than not working at all.
            Err(TryLockError::Error(error)) => printer.detail(&format!(
                "{} cannot be locked ({error}); do not run two mmdev at once",
                root.display()
            )),
        }
        Ok(Some(ProjectLock { _file: file }))
    }
}

#[cfg(unix)]
fn lock_path(root: &Path) -> PathBuf {
    root.to_owned()
}

#[cfg(unix)]
fn open_lock(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// A folder cannot be opened as a file here, so a file beside the temporary ones stands for it.
#[cfg(not(unix))]
fn lock_path(root: &Path) -> PathBuf {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    std::fs::canonicalize(root)
        .unwrap_or_else(|_| root.to_owned())
        .hash(&mut hasher);
    std::env::temp_dir().join(format!("mmdev-{:016x}.lock", hasher.finish()))
}

#[cfg(not(unix))]
fn open_lock(path: &Path) -> io::Result<File> {
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    #[test]
    fn only_changed_bytes_are_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/file");
        assert_eq!(write(&path, "one").unwrap(), Written::Created);
        let inode = std::fs::metadata(&path).unwrap().ino();
        assert_eq!(write(&path, "one").unwrap(), Written::Unchanged);
        assert_eq!(std::fs::metadata(&path).unwrap().ino(), inode);
        assert_eq!(write(&path, "two").unwrap(), Written::Changed);
        assert_ne!(std::fs::metadata(&path).unwrap().ino(), inode);
        assert_eq!(read(&path).unwrap().as_deref(), Some("two"));
        let left: Vec<_> = std::fs::read_dir(path.parent().unwrap()).unwrap().collect();
        assert_eq!(left.len(), 1, "no temporary file is left: {left:?}");
    }

    #[test]
    fn mode_and_link_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("target");
        std::fs::write(&target, "old").unwrap();
        std::fs::set_permissions(&target, std::fs::Permissions::from_mode(0o754)).unwrap();
        let link = folder.path().join("link");
        symlink("target", &link).unwrap();
        assert_eq!(write(&link, "new").unwrap(), Written::Changed);
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "new");
        let mode = std::fs::metadata(&target).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o754);
    }

    #[test]
    fn new_files_are_as_the_umask_has_them() {
        let folder = tempfile::tempdir().unwrap();
        let plain = folder.path().join("plain");
        std::fs::write(&plain, "").unwrap();
        let ours = folder.path().join("ours");
        write(&ours, "x").unwrap();
        let mode = |path| std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&ours), mode(&plain));
    }

    #[test]
    fn other_encodings_are_named_with_their_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("env.yaml");
        std::fs::write(&path, b"name: a\n# caf\xe9\n").unwrap();
        let error = read(&path).unwrap_err();
        assert!(
            error
                .message()
                .ends_with("is not UTF-8 text (line 2, column 6)")
        );
        assert_eq!(read(&folder.path().join("none")).unwrap(), None);
        assert_eq!(read(&path.join("below")).unwrap(), None);
    }
}
