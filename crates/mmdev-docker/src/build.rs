//! Building an image with BuildKit from files in memory, with live progress.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hasher};
use std::path::PathBuf;

use bollard::query_parameters::{BuildImageOptions, BuilderVersion};
use futures_util::StreamExt;

use crate::connect::{Engine, EngineKind};
use crate::context::{Context, ContextFile};
use crate::credentials::Credentials;
use crate::error::{Error, chain};
use crate::progress::{BuildEvent, Decoder};

/// One image to build.
#[derive(Debug, Clone, Default)]
pub struct BuildRequest {
    /// A folder of this machine that is the build context, without what its .dockerignore names.
    pub folder: Option<PathBuf>,
    /// Files of the build context, on top of the folder's; the Dockerfile is one of them.
    pub files: Vec<ContextFile>,
    /// The Dockerfile's path in the context.
    pub dockerfile: String,
    /// The name of the image.
    pub tag: String,
    /// Labels of the image.
    pub labels: BTreeMap<String, String>,
    /// Build arguments.
    pub args: BTreeMap<String, String>,
    /// The stage to build; the last one when not given.
    pub target: Option<String>,
    /// The platform (`linux/arm64`); the engine's own when not given.
    pub platform: Option<String>,
    /// The network of RUN (`host`, `none`); the engine's choice when not given.
    pub network: Option<String>,
    /// Images whose layers may be taken, as `docker buildx build --cache-from` names them: `REF`, or
    /// `type=registry,ref=REF`. Caches of other types are passed over.
    pub cache_from: Vec<String>,
    /// `name:address` entries for /etc/hosts.
    pub extra_hosts: Vec<String>,
    /// Nothing is taken from the cache.
    pub no_cache: bool,
    /// Base images are looked up again.
    pub pull: bool,
    /// Where credentials for private base images come from.
    pub credentials: Credentials,
}

/// The result of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltImage {
    /// The image's id (`sha256:…`).
    pub id: String,
}

impl Engine {
    /// Builds an image and tells every event to `report`. Dropping the future stops the build in the engine as well:
    /// a build lives as long as its connection.
    ///
    /// # Errors
    /// [`Error::Build`] when the build failed, [`Error::Credentials`] when a program that keeps credentials did, and
    /// [`Error::Engine`] when the connection broke.
    pub async fn build(
        &self,
        request: &BuildRequest,
        report: &mut (dyn FnMut(BuildEvent) + Send),
    ) -> Result<BuiltImage, Error> {
        let known = &request.credentials;
        let mut credentials = known.for_images(&base_images(request)).await?;
        // A cache that cannot be read is no reason not to build.
        let caches = known.for_images(&cache_images(&request.cache_from)).await;
        credentials.extend(caches.unwrap_or_default());
        let options = self.build_options(request);
        let context = Context::open(request.folder.as_deref(), &request.files)?;
        let (archive, broken) = context.stream();
        let body = bollard::body_try_stream(archive);
        let mut stream = std::pin::pin!(self.docker.build_image(
            options,
            Some(credentials),
            Some(body)
        ));
        let mut decoder = Decoder::default();
        while let Some(message) = stream.next().await {
            // What this side could not read explains whatever the engine says then.
            if let Some(error) = broken.take() {
                return Err(error);
            }
            match message {
                Ok(info) => decoder.take(info).into_iter().for_each(&mut *report),
                Err(bollard::errors::Error::DockerStreamError { error }) => {
                    return Err(Error::Build(decoder.failure(&error)));
                }
                // A request that the engine refuses at once: a Dockerfile that is none, a bad platform.
                Err(bollard::errors::Error::DockerResponseServerError { message, .. }) => {
                    return Err(Error::Build(decoder.failure(&message)));
                }
                Err(error) => {
                    return Err(Error::Engine {
                        operation: "building the image",
                        message: chain(&error),
                        source: Some(Box::new(error)),
                    });
                }
            }
        }
        if let Some(error) = broken.take() {
            return Err(error);
        }
        let id = match decoder.image_id() {
            Some(id) => id.to_owned(),
            // Podman names the image in its log only.
            None => self.inspect_image(&request.tag).await?.id,
        };
        Ok(BuiltImage { id })
    }

    fn build_options(&self, request: &BuildRequest) -> BuildImageOptions {
        let map = |map: &BTreeMap<String, String>| -> Option<HashMap<String, String>> {
            (!map.is_empty()).then(|| map.clone().into_iter().collect())
        };
        let buildkit = self.kind == EngineKind::Docker;
        let mut args: BTreeMap<String, String> = self.proxies.iter().cloned().collect();
        args.extend(request.args.clone());
        BuildImageOptions {
            dockerfile: request.dockerfile.clone(),
            t: Some(request.tag.clone()),
            buildargs: map(&args),
            labels: map(&request.labels),
            target: request.target.clone().unwrap_or_default(),
            platform: request.platform.clone().unwrap_or_default(),
            networkmode: request.network.clone(),
            cachefrom: Some(cache_images(&request.cache_from)).filter(|images| !images.is_empty()),
            extrahosts: (!request.extra_hosts.is_empty()).then(|| request.extra_hosts.join(",")),
            nocache: request.no_cache,
            pull: request.pull.then(|| "true".to_owned()),
            rm: true,
            // A classic build that fails would leave its container behind.
            forcerm: true,
            version: if buildkit {
                BuilderVersion::BuilderBuildKit
            } else {
                BuilderVersion::BuilderV1
            },
            session: buildkit.then(unique_name),
            ..BuildImageOptions::default()
        }
    }
}

/// A name that no other process uses; the hasher's keys are random.
pub(crate) fn unique_name() -> String {
    let random = || std::hash::RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", random(), random())
}

/// The images among caches; the engine's own builder takes layers from nothing else.
fn cache_images(caches: &[String]) -> Vec<String> {
    let image = |cache: &String| {
        if !cache.contains('=') {
            return Some(cache.clone());
        }
        let fields: Vec<&str> = cache.split(',').collect();
        let mut images = fields.iter().filter_map(|field| field.strip_prefix("ref="));
        let image = images.next().map(str::to_owned);
        image.filter(|_| fields.contains(&"type=registry"))
    };
    caches.iter().filter_map(image).collect()
}

/// The images that FROM and COPY --from name, with build arguments filled in: whose registries need credentials.
fn base_images(request: &BuildRequest) -> Vec<String> {
    let Some(file) = request
        .files
        .iter()
        .find(|file| file.path == request.dockerfile)
    else {
        return Vec::new();
    };
    let text = String::from_utf8_lossy(&file.contents);
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    let mut images = Vec::new();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        match words.next().map(str::to_ascii_uppercase).as_deref() {
            Some("ARG") => {
                for word in words {
                    let (name, default) = word.split_once('=').unwrap_or((word, ""));
                    let value = request.args.get(name).map_or(default, String::as_str);
                    values.insert(name.to_owned(), value.trim_matches('"').to_owned());
                }
            }
            Some("FROM") => {
                let image = words.find(|word| !word.starts_with("--"));
                images.extend(image.map(|image| fill(image, &values)));
            }
            Some("COPY") => {
                let from = words.find_map(|word| word.strip_prefix("--from="));
                images.extend(from.map(|image| fill(image, &values)));
            }
            _ => {}
        }
    }
    images
}

/// `$NAME`, `${NAME}` and `${NAME:-default}` filled in.
fn fill(text: &str, values: &BTreeMap<String, String>) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('$') {
        result.push_str(&rest[..start]);
        let after = &rest[start + 1..];
        let (name, default, end) = match after.strip_prefix('{') {
            Some(inner) => {
                let end = inner.find('}').unwrap_or(inner.len());
                let (name, default) = inner[..end].split_once(":-").unwrap_or((&inner[..end], ""));
                (name, default, (end + 2).min(after.len()))
            }
            None => {
                let end = after
                    .find(|character: char| !character.is_ascii_alphanumeric() && character != '_')
                    .unwrap_or(after.len());
                (&after[..end], "", end)
            }
        };
        let value = values.get(name).filter(|value| !value.is_empty());
        result.push_str(value.map_or(default, String::as_str));
        rest = &after[end..];
    }
    result.push_str(rest);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_images_are_found_for_their_credentials() {
        let dockerfile = "ARG BASE=ghcr.io/a/b TAG\nFROM --platform=linux/amd64 $BASE:${TAG:-1} AS x\n\
            from ${NONE:-quay.io/c}\nCOPY --from=localhost:5000/d /a /b\nRUN echo FROM y\nFROM ${x";
        let request = BuildRequest {
            files: vec![ContextFile::new("D", dockerfile)],
            dockerfile: "D".to_owned(),
            args: BTreeMap::from([("TAG".to_owned(), "2".to_owned())]),
            ..BuildRequest::default()
        };
        assert_eq!(
            base_images(&request),
            ["ghcr.io/a/b:2", "quay.io/c", "localhost:5000/d", ""]
        );
    }

    #[test]
    fn images_are_told_from_other_caches() {
        let caches = [
            "ghcr.io/me/env:1",
            "type=registry,mode=max,ref=x/y",
            "type=gha,scope=z",
        ];
        let caches = caches.map(str::to_owned);
        assert_eq!(cache_images(&caches), ["ghcr.io/me/env:1", "x/y"]);
    }

    #[test]
    fn names_are_unique() {
        assert_ne!(unique_name(), unique_name());
    }
}
