//! Reading files of images and containers without running anything in them.

use std::io::Read;

use bollard::models::ContainerCreateBody;
use bollard::query_parameters::{
    CreateContainerOptions, DownloadFromContainerOptions, UploadToContainerOptions,
};
use bytes::Bytes;
use futures_util::StreamExt;
use mmdev_core::size::ImageFile;
use tokio::sync::mpsc::{Receiver, channel};

use crate::connect::Engine;
use crate::context::ContextFile;
use crate::error::{Error, status};

/// The greatest file that is read, in bytes.
const GREATEST: u64 = 16 << 20;

impl Engine {
    /// The contents of files of an image, `None` for those that are not there. A container is created for it, never
    /// started, and removed.
    ///
    /// # Errors
    /// [`Error::NoImage`] when there is no such image.
    pub async fn read_image_files(
        &self,
        image: &str,
        paths: &[&str],
    ) -> Result<Vec<Option<String>>, Error> {
        let container = self.open_image(image).await?;
        let mut files = Vec::new();
        let mut result = Ok(());
        for path in paths {
            match self.read_file(&container, path).await {
                Ok(file) => files.push(file),
                Err(error) => {
                    result = Err(error);
                    break;
                }
            }
        }
        self.remove(&container).await?;
        result.map(|()| files)
    }

    /// Creates a container that shows an image's files and is never started. It is to be removed.
    ///
    /// # Errors
    /// [`Error::NoImage`] when there is no such image.
    pub async fn open_image(&self, image: &str) -> Result<String, Error> {
        let body = ContainerCreateBody {
            image: Some(image.to_owned()),
            // An image without a command cannot be created without one; it never runs.
            cmd: Some(vec!["none".to_owned()]),
            ..ContainerCreateBody::default()
        };
        self.create_of(image, body).await
    }

    /// Creates a container of an image.
    pub(crate) async fn create_of(
        &self,
        image: &str,
        body: ContainerCreateBody,
    ) -> Result<String, Error> {
        let options = None::<CreateContainerOptions>;
        let created = self.docker.create_container(options, body).await;
        created
            .map(|created| created.id)
            .map_err(|error| match status(&error) {
                Some(404) => Error::NoImage {
                    image: image.to_owned(),
                },
                _ => Error::engine("opening the image", error),
            })
    }

    /// All files and links of a container, running or not, with the texts of those that `is_read` names by their paths.
    /// The engine sends every byte of them.
    ///
    /// # Errors
    /// [`Error::Engine`].
    pub async fn list_files(
        &self,
        container: &str,
        is_read: fn(&str) -> bool,
    ) -> Result<Vec<ImageFile>, Error> {
        const WHAT: &str = "listing the files of the container";
        let (sender, receiver) = channel(8);
        let reader = tokio::task::spawn_blocking(move || listed(Parts::new(receiver), is_read));
        let mut stream = std::pin::pin!(self.docker.export_container(container));
        while let Some(part) = stream.next().await {
            let part = part.map_err(|error| Error::engine(WHAT, error))?;
            // A reader that has ended says why.
            if sender.send(part).await.is_err() {
                break;
            }
        }
        drop(sender);
        let files = reader.await.map_err(std::io::Error::other);
        files
            .flatten()
            .map_err(|error| Error::engine(WHAT, error.into()))
    }

    /// Writes files into a container, running or not, as root's; folders that are not there are made.
    ///
    /// # Errors
    /// [`Error::Engine`].
    pub async fn write_files(&self, container: &str, files: &[ContextFile]) -> Result<(), Error> {
        const WHAT: &str = "writing files into the container";
        let mut archive = tar::Builder::new(Vec::new());
        for file in files {
            let mut header = tar::Header::new_gnu();
            header.set_mode(file.mode);
            header.set_size(file.contents.len() as u64);
            archive
                .append_data(&mut header, &file.path, file.contents.as_slice())
                .map_err(|error| Error::engine(WHAT, error.into()))?;
        }
        let bytes = archive.into_inner();
        let bytes = bytes.map_err(|error| Error::engine(WHAT, error.into()))?;
        let options = UploadToContainerOptions {
            path: "/".to_owned(),
            ..UploadToContainerOptions::default()
        };
        self.docker
            .upload_to_container(container, Some(options), bollard::body_full(bytes.into()))
            .await
            .map_err(|error| Error::engine(WHAT, error))
    }

    /// The text of one file of a container, running or not; `None` when it is not there, or is no file. A symbolic
    /// link is followed once.
    ///
    /// # Errors
    /// [`Error::Engine`].
    pub async fn read_file(&self, container: &str, path: &str) -> Result<Option<String>, Error> {
        match self.read_entry(container, path).await? {
            Some(Entry::File(text)) => Ok(Some(text)),
            Some(Entry::Link(target)) => {
                let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
                let target = if target.starts_with('/') {
                    target
                } else {
                    format!("{folder}/{target}")
                };
                Ok(match self.read_entry(container, &target).await? {
                    Some(Entry::File(text)) => Some(text),
                    _ => None,
                })
            }
            None => Ok(None),
        }
    }

    async fn read_entry(&self, container: &str, path: &str) -> Result<Option<Entry>, Error> {
        let options = DownloadFromContainerOptions {
            path: path.to_owned(),
        };
        let mut stream = std::pin::pin!(
            self.docker
                .download_from_container(container, Some(options))
        );
        let mut archive = Vec::new();
        while let Some(part) = stream.next().await {
            match part {
                Ok(bytes) => archive.extend_from_slice(&bytes),
                Err(error) if status(&error) == Some(404) => return Ok(None),
                Err(error) => return Err(Error::engine("reading a file of the container", error)),
            }
            if archive.len() as u64 > GREATEST {
                return Ok(None);
            }
        }
        Ok(first_entry(&archive))
    }
}

/// The files in an archive of a whole file system.
fn listed(archive: impl Read, is_read: fn(&str) -> bool) -> std::io::Result<Vec<ImageFile>> {
    let mut files = Vec::new();
    for entry in tar::Archive::new(archive).entries()? {
        let mut entry = entry?;
        if entry.header().entry_type().is_dir() {
            continue;
        }
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let bytes = entry.size();
        let mut text = None;
        if bytes <= GREATEST && is_read(&path) {
            let mut contents = Vec::new();
            entry.read_to_end(&mut contents)?;
            text = Some(String::from_utf8_lossy(&contents).into_owned());
        }
        files.push(ImageFile { path, bytes, text });
    }
    Ok(files)
}

/// What comes in parts, as one stream of bytes.
struct Parts {
    receiver: Receiver<Bytes>,
    part: Bytes,
}

impl Parts {
    fn new(receiver: Receiver<Bytes>) -> Self {
        let part = Bytes::new();
        Parts { receiver, part }
    }
}

impl Read for Parts {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.part.is_empty() {
            match self.receiver.blocking_recv() {
                Some(part) => self.part = part,
                None => return Ok(0),
            }
        }
        let taken = self.part.len().min(buffer.len());
        buffer[..taken].copy_from_slice(&self.part.split_to(taken));
        Ok(taken)
    }
}

enum Entry {
    File(String),
    Link(String),
}

fn first_entry(archive: &[u8]) -> Option<Entry> {
    let mut archive = tar::Archive::new(archive);
    let mut entry = archive.entries().ok()?.next()?.ok()?;
    let kind = entry.header().entry_type();
    if kind.is_symlink() {
        let target = entry.link_name().ok()??;
        return Some(Entry::Link(target.to_string_lossy().into_owned()));
    }
    if !kind.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes).ok()?;
    Some(Entry::File(String::from_utf8_lossy(&bytes).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_in_parts_is_listed() {
        let mut archive = tar::Builder::new(Vec::new());
        let mut append = |kind, path: &str, text: &str| {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(kind);
            header.set_size(text.len() as u64);
            archive.append_data(&mut header, path, text.as_bytes())
        };
        let long = format!("{}/file", "folder/".repeat(30));
        append(tar::EntryType::Directory, "opt/", "").unwrap();
        append(tar::EntryType::Regular, "opt/read", "text").unwrap();
        append(tar::EntryType::Regular, &long, &"x".repeat(2000)).unwrap();
        append(tar::EntryType::Symlink, "opt/link", "").unwrap();
        let bytes = archive.into_inner().unwrap();
        let (sender, receiver) = channel(bytes.len());
        for part in bytes.chunks(100) {
            sender.blocking_send(Bytes::copy_from_slice(part)).unwrap();
        }
        drop(sender);
        let files = listed(Parts::new(receiver), |path| path == "opt/read").unwrap();
        let file = |path: &str, bytes, text: Option<&str>| ImageFile {
            path: path.to_owned(),
            bytes,
            text: text.map(str::to_owned),
        };
        assert_eq!(
            files,
            [
                file("opt/read", 4, Some("text")),
                file(&long, 2000, None),
                file("opt/link", 0, None)
            ]
        );
        // A connection that broke is no shorter image.
        assert!(listed(&bytes[..1600], |_| false).is_err());
    }
}
