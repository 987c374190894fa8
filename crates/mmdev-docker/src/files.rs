//! Reading files of images and containers without running anything in them.

use std::io::Read;

use bollard::models::ContainerCreateBody;
use bollard::query_parameters::{
    CreateContainerOptions, DownloadFromContainerOptions, UploadToContainerOptions,
};
use futures_util::StreamExt;

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
        let body = ContainerCreateBody {
            image: Some(image.to_owned()),
            // An image without a command cannot be created without one; it never runs.
            cmd: Some(vec!["none".to_owned()]),
            ..ContainerCreateBody::default()
        };
        let created = self
            .docker
            .create_container(None::<CreateContainerOptions>, body)
            .await
            .map_err(|error| match status(&error) {
                Some(404) => Error::NoImage {
                    image: image.to_owned(),
                },
                _ => Error::engine("opening the image", error),
            })?;
        let mut files = Vec::new();
        let mut result = Ok(());
        for path in paths {
            match self.read_file(&created.id, path).await {
                Ok(file) => files.push(file),
                Err(error) => {
                    result = Err(error);
                    break;
                }
            }
        }
        self.remove(&created.id).await?;
        result.map(|()| files)
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
