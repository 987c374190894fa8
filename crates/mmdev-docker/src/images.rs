//! Images: looking at them, pulling them, and removing the ones that were superseded.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use bollard::errors::Error as EngineError;
use bollard::models::CreateImageInfo;
use bollard::query_parameters::{CreateImageOptions, ListImagesOptions, RemoveImageOptions};
use futures_util::StreamExt;
use mmdev_core::container::identity::PROJECT;

use crate::connect::Engine;
use crate::credentials::{Credentials, registry_of};
use crate::error::{Error, chain, status};

/// How often a pull is tried when the network fails.
const PULL_ATTEMPTS: u32 = 3;

/// One image of the engine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImageInfo {
    /// The id (`sha256:…`).
    pub id: String,
    /// Its names; none for one that lost its name to a newer image.
    pub tags: Vec<String>,
    /// Its names by digest (`debian@sha256:…`); none for one that was never pulled or pushed.
    pub digests: Vec<String>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its size with everything that it shares, in bytes.
    pub bytes: u64,
    /// USER; empty for root. Only known by [`Engine::inspect_image`].
    pub user: String,
    /// ENV. Only known by [`Engine::inspect_image`].
    pub env: Vec<(String, String)>,
    /// ENTRYPOINT and CMD, one after the other. Only known by [`Engine::inspect_image`].
    pub command: Vec<String>,
    /// The platform (`linux/amd64`). Only known by [`Engine::inspect_image`].
    pub platform: String,
}

/// What a pull is at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullEvent {
    /// The layer; empty for what concerns the whole image.
    pub layer: String,
    /// What is done ("Downloading", "Pull complete").
    pub status: String,
    /// What is done, in bytes.
    pub current: u64,
    /// What there is, in bytes; 0 when not known.
    pub total: u64,
}

/// Space that a project's images take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// How many images.
    pub images: usize,
    /// Their own layers, which only they hold, and one copy of what they share, in bytes: an upper bound.
    pub bytes: u64,
}

impl Engine {
    /// Looks at one image.
    ///
    /// # Errors
    /// [`Error::NoImage`] when it is not on this machine.
    pub async fn inspect_image(&self, image: &str) -> Result<ImageInfo, Error> {
        let found = self.docker.inspect_image(image).await;
        let found = found.map_err(|error| match status(&error) {
            Some(404) => Error::NoImage {
                image: image.to_owned(),
            },
            _ => Error::engine("looking at the image", error),
        })?;
        let config = found.config.unwrap_or_default();
        let platform: Vec<String> = [found.os, found.architecture, found.variant]
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .collect();
        Ok(ImageInfo {
            id: found.id.unwrap_or_default(),
            tags: found.repo_tags.unwrap_or_default(),
            digests: found.repo_digests.unwrap_or_default(),
            labels: config.labels.unwrap_or_default().into_iter().collect(),
            bytes: found.size.unwrap_or_default().max(0) as u64,
            user: config.user.unwrap_or_default(),
            env: environment(config.env),
            command: [
                config.entrypoint.unwrap_or_default(),
                config.cmd.unwrap_or_default(),
            ]
            .concat(),
            platform: platform.join("/"),
        })
    }

    /// The images that carry these labels.
    ///
    /// # Errors
    /// [`Error::Engine`].
    pub async fn images(&self, labels: &[(&str, &str)]) -> Result<Vec<ImageInfo>, Error> {
        let options = ListImagesOptions {
            filters: Some(label_filter(labels)),
            ..ListImagesOptions::default()
        };
        let images = self
            .docker
            .list_images(Some(options))
            .await
            .map_err(|error| Error::engine("listing images", error))?;
        Ok(images
            .into_iter()
            .map(|image| ImageInfo {
                id: image.id,
                tags: named(image.repo_tags),
                digests: named(image.repo_digests),
                labels: image.labels.into_iter().collect(),
                bytes: image.size.max(0) as u64,
                ..ImageInfo::default()
            })
            .collect())
    }

    /// The steps that made an image, the first one first: what each did, as the engine says it, and the bytes that it
    /// added.
    ///
    /// # Errors
    /// [`Error::Engine`].
    pub async fn history(&self, image: &str) -> Result<Vec<(String, u64)>, Error> {
        let history = self.docker.image_history(image).await;
        let history =
            history.map_err(|error| Error::engine("reading the image's history", error))?;
        let steps = history.into_iter().rev();
        Ok(steps
            .map(|step| (step.created_by, step.size.max(0) as u64))
            .collect())
    }

    /// Pulls an image, with progress. When the network fails it is tried again, up to three times in all.
    ///
    /// # Errors
    /// [`Error::Pull`] with what the engine said last.
    pub async fn pull(
        &self,
        image: &str,
        platform: Option<&str>,
        credentials: &Credentials,
        report: &mut (dyn FnMut(PullEvent) + Send),
    ) -> Result<ImageInfo, Error> {
        let credentials = credentials.get(registry_of(image)).await?;
        let mut attempt = 1;
        loop {
            let options = CreateImageOptions {
                from_image: Some(with_tag(image)),
                platform: platform.unwrap_or_default().to_owned(),
                ..CreateImageOptions::default()
            };
            let mut stream = std::pin::pin!(self.docker.create_image(
                Some(options),
                None,
                credentials.clone()
            ));
            let failure = loop {
                match stream.next().await {
                    None => return self.inspect_image(image).await,
                    Some(Ok(info)) => report(pull_event(info)),
                    Some(Err(error)) => break pull_reason(&error),
                }
            };
            if attempt == PULL_ATTEMPTS || !is_transient(&failure) {
                return Err(Error::Pull {
                    image: image.to_owned(),
                    reason: failure,
                });
            }
            report(PullEvent {
                layer: String::new(),
                status: format!("{failure}; trying again"),
                current: 0,
                total: 0,
            });
            tokio::time::sleep(Duration::from_secs(1 << attempt)).await;
            attempt += 1;
        }
    }

    /// Removes the images of a project that no container uses and that are not to be kept (ids or names). Gives those
    /// that were removed.
    ///
    /// # Errors
    /// [`Error::Engine`] when listing fails; an image that cannot be removed is in use, and stays.
    pub async fn remove_superseded(
        &self,
        project: &str,
        keep: &[&str],
    ) -> Result<Vec<ImageInfo>, Error> {
        let used: Vec<String> = self
            .containers(&[])
            .await?
            .into_iter()
            .map(|container| container.image_id)
            .collect();
        let mut removed = Vec::new();
        for image in self.images(&[(PROJECT, project)]).await? {
            let is_kept = keep
                .iter()
                .any(|keep| image.id == *keep || image.tags.iter().any(|tag| tag == keep));
            if is_kept || used.contains(&image.id) {
                continue;
            }
            let names = if image.tags.is_empty() {
                vec![image.id.clone()]
            } else {
                image.tags.clone()
            };
            let mut all = true;
            for name in names {
                all &= self.remove_image(&name).await?;
            }
            if all {
                removed.push(image);
            }
        }
        Ok(removed)
    }

    /// Removes one name of an image, and the image with its last name. Gives false when it is in use or absent.
    ///
    /// # Errors
    /// [`Error::Engine`].
    pub async fn remove_image(&self, image: &str) -> Result<bool, Error> {
        let options = RemoveImageOptions::default();
        match self.docker.remove_image(image, Some(options), None).await {
            Ok(_) => Ok(true),
            Err(error) if matches!(status(&error), Some(404 | 409)) => Ok(false),
            Err(error) => Err(Error::engine("removing an image", error)),
        }
    }

    /// The space that a project's images take.
    ///
    /// # Errors
    /// [`Error::Engine`].
    pub async fn usage(&self, project: &str) -> Result<Usage, Error> {
        let options = ListImagesOptions {
            filters: Some(label_filter(&[(PROJECT, project)])),
            shared_size: true,
            ..ListImagesOptions::default()
        };
        let images = self
            .docker
            .list_images(Some(options))
            .await
            .map_err(|error| Error::engine("listing images", error))?;
        // API 1.41 does not tell what is shared; then the biggest image stands for it.
        let shared = images.iter().map(|image| image.shared_size.max(0)).max();
        let own: i64 = images
            .iter()
            .map(|image| image.size - image.shared_size.max(0))
            .sum();
        Ok(Usage {
            images: images.len(),
            bytes: (own + shared.unwrap_or_default()).max(0) as u64,
        })
    }
}

/// The engine writes `<none>:<none>` for a missing name.
fn named(names: Vec<String>) -> Vec<String> {
    names
        .into_iter()
        .filter(|name| !name.starts_with("<none>"))
        .collect()
}

/// `NAME=value` lines as pairs.
pub(crate) fn environment(lines: Option<Vec<String>>) -> Vec<(String, String)> {
    lines
        .unwrap_or_default()
        .iter()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

pub(crate) fn label_filter(labels: &[(&str, &str)]) -> HashMap<String, Vec<String>> {
    let labels: Vec<String> = labels
        .iter()
        .map(|(name, value)| {
            if value.is_empty() {
                (*name).to_owned()
            } else {
                format!("{name}={value}")
            }
        })
        .collect();
    if labels.is_empty() {
        return HashMap::new();
    }
    HashMap::from([("label".to_owned(), labels)])
}

/// Without a tag the engine would pull every tag.
fn with_tag(image: &str) -> String {
    let name = image.rsplit('/').next().unwrap_or(image);
    if name.contains([':', '@']) {
        image.to_owned()
    } else {
        format!("{image}:latest")
    }
}

fn pull_event(info: CreateImageInfo) -> PullEvent {
    let detail = info.progress_detail.unwrap_or_default();
    PullEvent {
        layer: info.id.unwrap_or_default(),
        status: info.status.unwrap_or_default(),
        current: detail.current.unwrap_or_default().max(0) as u64,
        total: detail.total.unwrap_or_default().max(0) as u64,
    }
}

fn pull_reason(error: &EngineError) -> String {
    match error {
        EngineError::DockerResponseServerError { message, .. } => message.trim().to_owned(),
        EngineError::DockerStreamError { error } => error.clone(),
        other => chain(other),
    }
}

/// Whether trying again may help: the network's failures, not a registry's answers.
fn is_transient(reason: &str) -> bool {
    let reason = reason.to_lowercase();
    [
        "timeout",
        "connection reset",
        "connection refused",
        "unexpected eof",
        "temporary failure",
        "toomanyrequests",
        "500 internal",
        "502 bad gateway",
        "503 service",
        "504 gateway",
    ]
    .iter()
    .any(|sign| reason.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_networks_failures_are_tried_again() {
        assert!(is_transient(
            "Get https://x: net/http: TLS handshake timeout"
        ));
        assert!(is_transient(
            "received unexpected HTTP status: 503 Service Unavailable"
        ));
        assert!(!is_transient(
            "manifest for x:y not found: manifest unknown"
        ));
        assert!(!is_transient(
            "pull access denied for x, repository does not exist"
        ));
    }

    #[test]
    fn a_name_without_a_tag_means_latest() {
        assert_eq!(with_tag("localhost:5000/a"), "localhost:5000/a:latest");
        assert_eq!(with_tag("a:1"), "a:1");
        assert_eq!(with_tag("a@sha256:0"), "a@sha256:0");
    }
}
