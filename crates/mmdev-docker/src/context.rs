//! The build context on its way to the engine: a folder without what .dockerignore names, and files from memory, as
//! one tar archive that is never whole in memory.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::stream::{Stream, unfold};
use mmdev_core::container::ignore::IgnoreFile;
use tokio::sync::mpsc::{Sender, channel};

use crate::error::Error;

/// How many bytes travel at once.
const PIECE: usize = 64 << 10;

/// One file of the build context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextFile {
    /// Its path in the context, with slashes.
    pub path: String,
    /// Its bytes.
    pub contents: Vec<u8>,
    /// Its permission bits. BuildKit's cache depends on them.
    pub mode: u32,
}

impl ContextFile {
    /// A file with the usual permissions (0644), whatever the umask of this machine.
    pub fn new(path: impl Into<String>, contents: impl Into<Vec<u8>>) -> ContextFile {
        ContextFile {
            path: path.into(),
            contents: contents.into(),
            mode: 0o644,
        }
    }
}

/// What a build may read.
#[derive(Debug)]
pub(crate) struct Context {
    entries: Vec<Entry>,
    files: Vec<ContextFile>,
}

/// One entry of the folder.
#[derive(Debug)]
struct Entry {
    /// Its path in the context.
    name: String,
    /// Its path on this machine.
    path: PathBuf,
}

/// Why the context could not be read to its end, once that is known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Broken(Arc<Mutex<Option<Error>>>);

impl Broken {
    pub(crate) fn take(&self) -> Option<Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn set(&self, error: Error) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }
}

impl Context {
    /// Finds what belongs to the context. A folder that cannot be listed is an error here, before anything is sent.
    pub(crate) fn open(folder: Option<&Path>, files: &[ContextFile]) -> Result<Context, Error> {
        let mut entries = Vec::new();
        if let Some(folder) = folder {
            let ignore = match std::fs::read(folder.join(".dockerignore")) {
                Ok(bytes) => IgnoreFile::parse(&String::from_utf8_lossy(&bytes)),
                Err(error) if error.kind() == ErrorKind::NotFound => IgnoreFile::default(),
                Err(source) => {
                    let path = folder.join(".dockerignore");
                    return Err(Error::Context { path, source });
                }
            };
            let given = |name: &str| files.iter().any(|file| file.path == name);
            walk(folder, "", &ignore, &mut entries)?;
            entries.retain(|entry| !given(&entry.name));
        }
        Ok(Context {
            entries,
            files: files.to_vec(),
        })
    }

    /// The archive as a request's body. It is written by a thread that ends when nobody reads any more.
    pub(crate) fn stream(
        self,
    ) -> (
        impl Stream<Item = std::io::Result<Bytes>> + Send + 'static,
        Broken,
    ) {
        let (sender, receiver) = channel(8);
        let broken = Broken::default();
        let of_writer = broken.clone();
        tokio::task::spawn_blocking(move || {
            let mut pipe = Pipe {
                buffer: Vec::with_capacity(PIECE),
                sender,
            };
            if let Err(error) = self.write(&mut pipe) {
                of_writer.set(error);
                // The request must not end well with half an archive.
                let _ = pipe
                    .sender
                    .blocking_send(Err(ErrorKind::InvalidData.into()));
            }
        });
        let stream = unfold(receiver, async |mut receiver| {
            Some((receiver.recv().await?, receiver))
        });
        (stream, broken)
    }

    /// Same files, same bytes: no times, no owners, names in order.
    fn write(&self, output: &mut dyn Write) -> Result<(), Error> {
        let of = |path: &Path| {
            let path = path.to_owned();
            move |source| Error::Context { path, source }
        };
        let mut archive = tar::Builder::new(output);
        for entry in &self.entries {
            append(&mut archive, entry).map_err(of(&entry.path))?;
        }
        for file in &self.files {
            let mut header = header(file.mode);
            header.set_size(file.contents.len() as u64);
            archive
                .append_data(&mut header, &file.path, file.contents.as_slice())
                .map_err(of(Path::new(&file.path)))?;
        }
        let output = archive.into_inner().map_err(of(Path::new("the archive")))?;
        output.flush().map_err(of(Path::new("the archive")))
    }
}

fn walk(
    folder: &Path,
    prefix: &str,
    ignore: &IgnoreFile,
    entries: &mut Vec<Entry>,
) -> Result<(), Error> {
    let failed = |source| Error::Context {
        path: folder.to_owned(),
        source,
    };
    let mut children = Vec::new();
    for child in std::fs::read_dir(folder).map_err(failed)? {
        children.push(child.map_err(failed)?);
    }
    children.sort_by_key(std::fs::DirEntry::file_name);
    for child in children {
        let name = format!("{prefix}{}", child.file_name().to_string_lossy());
        let kind = child.file_type().map_err(failed)?;
        let path = child.path();
        if kind.is_dir() {
            if ignore.ignores_whole_folder(&name) {
                continue;
            }
            let inside = format!("{name}/");
            if !ignore.ignores(&name) {
                entries.push(Entry {
                    name,
                    path: path.clone(),
                });
            }
            walk(&path, &inside, ignore, entries)?;
        } else if (kind.is_file() || kind.is_symlink()) && !ignore.ignores(&name) {
            // Sockets, pipes and devices are no part of a context.
            entries.push(Entry { name, path });
        }
    }
    Ok(())
}

fn append<W: Write>(archive: &mut tar::Builder<W>, entry: &Entry) -> std::io::Result<()> {
    let metadata = std::fs::symlink_metadata(&entry.path)?;
    let mut header = header(mode(&metadata));
    if metadata.is_symlink() {
        let target = std::fs::read_link(&entry.path)?;
        header.set_entry_type(tar::EntryType::Symlink);
        return archive.append_link(&mut header, &entry.name, target);
    }
    if metadata.is_dir() {
        header.set_entry_type(tar::EntryType::Directory);
        return archive.append_data(&mut header, format!("{}/", entry.name), std::io::empty());
    }
    header.set_size(metadata.len());
    // A file that grows meanwhile is cut where it ended; one that shrinks would break the archive.
    let file = std::io::Read::take(File::open(&entry.path)?, metadata.len());
    let padded = std::io::Read::take(
        std::io::Read::chain(file, std::io::repeat(0)),
        metadata.len(),
    );
    archive.append_data(&mut header, &entry.name, padded)
}

fn header(mode: u32) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_mode(mode);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(0);
    header
}

#[cfg(unix)]
fn mode(metadata: &std::fs::Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o7777
}

/// Windows has no such bits; Docker sends these from there.
#[cfg(not(unix))]
fn mode(_: &std::fs::Metadata) -> u32 {
    0o755
}

/// Collects bytes and sends them in pieces.
struct Pipe {
    buffer: Vec<u8>,
    sender: Sender<std::io::Result<Bytes>>,
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let piece = std::mem::replace(&mut self.buffer, Vec::with_capacity(PIECE));
        self.sender
            .blocking_send(Ok(piece.into()))
            .map_err(|_| ErrorKind::BrokenPipe.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn archive(context: &Context) -> Vec<u8> {
        let mut bytes = Vec::new();
        context.write(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn a_folder_is_packed_without_what_is_ignored() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for inside in ["data", "src/deep", "empty"] {
            std::fs::create_dir_all(path(inside)).unwrap();
        }
        for file in [
            "data/big",
            "data/keep",
            "src/deep/a.py",
            "b.md",
            "Dockerfile",
        ] {
            std::fs::write(path(file), file).unwrap();
        }
        std::fs::write(path(".dockerignore"), "data\n!data/keep\n*.md\n").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("deep/a.py", path("src/link")).unwrap();
        let extra = [ContextFile::new("Dockerfile", "FROM x")];
        let context = Context::open(Some(folder.path()), &extra).unwrap();
        let bytes = archive(&context);
        let shown: String = tar::Archive::new(bytes.as_slice())
            .entries()
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                let name = entry.path().unwrap().display().to_string();
                format!("{name} {}\n", entry.size())
            })
            .collect();
        expect![[r#"
            .dockerignore 21
            data/keep 9
            empty/ 0
            src/ 0
            src/deep/ 0
            src/deep/a.py 13
            src/link 0
            Dockerfile 6
        "#]]
        .assert_eq(&shown);
        assert_eq!(bytes, archive(&context));
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let error = Context::open(Some(Path::new("/no/such/folder")), &[]).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("/no/such/folder of the build context"),
            "{error}"
        );
    }

    #[test]
    fn a_file_that_went_away_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x");
        std::fs::write(&file, "x").unwrap();
        let context = Context::open(Some(folder.path()), &[]).unwrap();
        std::fs::remove_file(&file).unwrap();
        let error = context.write(&mut Vec::new()).unwrap_err();
        assert!(matches!(error, Error::Context { path, .. } if path == file));
    }
}
