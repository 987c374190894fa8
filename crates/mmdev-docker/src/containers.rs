//! Containers: finding, looking at, starting, stopping and removing them.

use std::collections::BTreeMap;

use bollard::container::LogOutput;
use bollard::models::{
    ContainerCreateBody, ContainerInspectResponse, ContainerStateStatusEnum, HostConfig,
};
use bollard::query_parameters::{
    ListContainersOptions, LogsOptions, RemoveContainerOptions, StartContainerOptions,
    StopContainerOptions, WaitContainerOptions,
};
use futures_util::StreamExt;
use mmdev_core::container::identity::{Identity, LOCAL_FOLDER, PROJECT};
use time::format_description::well_known::Rfc3339;

use crate::connect::Engine;
use crate::error::{Error, status};
use crate::images::{ImageInfo, environment, label_filter};

/// What a container is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It was never started.
    Created,
    /// It runs.
    Running,
    /// It is frozen.
    Paused,
    /// It ended, or was stopped.
    Stopped,
    /// It is going away, or between two states.
    Changing,
}

/// One container of the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerInfo {
    /// The id.
    pub id: String,
    /// The name, without the slash that the engine puts before it.
    pub name: String,
    /// The id of its image (`sha256:…`).
    pub image_id: String,
    /// The name of its image at the time of creation.
    pub image: String,
    /// What it is doing.
    pub state: State,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// When it was created, exactly as the engine says it; lifecycle markers hold it.
    pub created: String,
    /// When it was last started, exactly as the engine says it; lifecycle markers hold it.
    pub started_at: String,
    /// The environment of its own process.
    pub env: Vec<(String, String)>,
    /// What is mounted where: the container's path, and the host's path or the volume's name.
    pub mounts: BTreeMap<String, String>,
    /// The user of its own process; empty for root.
    pub user: String,
    /// How its own process ended last.
    pub exit_code: i64,
}

/// What an engine holds of one dev container.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Observation {
    /// The images of the project.
    pub images: Vec<ImageInfo>,
    /// The containers of the opened folder, whoever made them; the one to use comes first.
    pub containers: Vec<ContainerInfo>,
}

impl Engine {
    /// Looks at everything that belongs to an opened folder: the one that runs, then the newest, comes first.
    ///
    /// # Errors
    /// [`Error::Engine`].
    pub async fn observe(&self, identity: &Identity) -> Result<Observation, Error> {
        let mut containers = self.containers(&[(LOCAL_FOLDER, "")]).await?;
        containers.retain(|container| identity.matches(&container.labels));
        containers.sort_by_key(|container| {
            let key = (container.state == State::Running, container.created.clone());
            std::cmp::Reverse(key)
        });
        let images = self.images(&[(PROJECT, &identity.project)]).await?;
        Ok(Observation { images, containers })
    }

    /// The containers, running or not, that carry these labels. An empty value asks for the label alone.
    ///
    /// # Errors
    /// [`Error::Engine`].
    pub async fn containers(&self, labels: &[(&str, &str)]) -> Result<Vec<ContainerInfo>, Error> {
        let options = ListContainersOptions {
            all: true,
            filters: Some(label_filter(labels)),
            ..ListContainersOptions::default()
        };
        let found = self
            .docker
            .list_containers(Some(options))
            .await
            .map_err(|error| Error::engine("listing containers", error))?;
        let mut containers = Vec::new();
        for id in found.into_iter().filter_map(|container| container.id) {
            match self.inspect_container(&id).await {
                Ok(container) => containers.push(container),
                // It went away in between.
                Err(Error::NoContainer { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(containers)
    }

    /// The containers of a project, by mmdev's own label.
    ///
    /// # Errors
    /// [`Error::Engine`].
    pub async fn project_containers(&self, project: &str) -> Result<Vec<ContainerInfo>, Error> {
        self.containers(&[(PROJECT, project)]).await
    }

    /// Looks at one container.
    ///
    /// # Errors
    /// [`Error::NoContainer`] when there is none.
    pub async fn inspect_container(&self, container: &str) -> Result<ContainerInfo, Error> {
        match self.docker.inspect_container(container, None).await {
            Ok(found) => Ok(info(found)),
            Err(error) => Err(no_container(container, "looking at the container", error)),
        }
    }

    /// Starts a container; one that runs already is left alone.
    ///
    /// # Errors
    /// [`Error::PortTaken`] when a published port belongs to somebody else.
    pub async fn start(&self, container: &str) -> Result<(), Error> {
        let options = None::<StartContainerOptions>;
        match self.docker.start_container(container, options).await {
            Ok(()) => Ok(()),
            Err(error) => {
                if let Some(reason) = taken_port(&error.to_string()) {
                    return Err(Error::PortTaken { reason });
                }
                Err(no_container(container, "starting the container", error))
            }
        }
    }

    /// Stops a container, and kills it after `seconds`; one that is stopped already is left alone.
    ///
    /// # Errors
    /// [`Error::NoContainer`] when there is none.
    pub async fn stop(&self, container: &str, seconds: u16) -> Result<(), Error> {
        let options = StopContainerOptions {
            t: Some(i32::from(seconds)),
            ..StopContainerOptions::default()
        };
        self.docker
            .stop_container(container, Some(options))
            .await
            .map_err(|error| no_container(container, "stopping the container", error))
    }

    /// Lets a paused container go on; one that runs already is left alone.
    ///
    /// # Errors
    /// [`Error::NoContainer`] when there is none.
    pub async fn unpause(&self, container: &str) -> Result<(), Error> {
        match self.docker.unpause_container(container).await {
            Ok(()) => Ok(()),
            // Somebody else was quicker.
            Err(error) if error.to_string().contains("is not paused") => Ok(()),
            Err(error) => Err(no_container(container, "resuming the container", error)),
        }
    }

    /// Removes a container, running or not, and its anonymous volumes; an absent one is no error.
    ///
    /// # Errors
    /// [`Error::Engine`].
    pub async fn remove(&self, container: &str) -> Result<(), Error> {
        let options = RemoveContainerOptions {
            force: true,
            v: true,
            ..RemoveContainerOptions::default()
        };
        match self.docker.remove_container(container, Some(options)).await {
            Ok(()) => Ok(()),
            // Absent, or somebody else is removing it.
            Err(error) if matches!(status(&error), Some(404 | 409)) => Ok(()),
            Err(error) => Err(Error::engine("removing the container", error)),
        }
    }

    /// What a command of an image prints to stdout. It has a container of its own, without a network.
    ///
    /// # Errors
    /// [`Error::NoImage`] when there is no such image.
    pub async fn output_of(&self, image: &str, command: &[&str]) -> Result<Vec<u8>, Error> {
        let body = ContainerCreateBody {
            image: Some(image.to_owned()),
            entrypoint: Some(command.iter().map(|&word| word.to_owned()).collect()),
            host_config: Some(HostConfig {
                network_mode: Some("none".to_owned()),
                ..HostConfig::default()
            }),
            ..ContainerCreateBody::default()
        };
        let container = self.create_of(image, body).await?;
        let mut output = Vec::new();
        let ran = async {
            self.start(&container).await?;
            // Who follows the log of a container that ends at once may read nothing of it.
            let options = None::<WaitContainerOptions>;
            let mut end = std::pin::pin!(self.docker.wait_container(&container, options));
            while end.next().await.is_some() {}
            let mut report = |bytes: &[u8], is_error: bool| {
                if !is_error {
                    output.extend_from_slice(bytes);
                }
            };
            self.logs(&container, None, false, &mut report).await
        };
        let ran = ran.await;
        self.remove(&container).await?;
        ran.map(|()| output)
    }

    /// What the container's own process printed: the last `lines`, or everything; with `follow` until it ends. The
    /// second value of `report` is true for stderr.
    ///
    /// # Errors
    /// [`Error::NoContainer`] when there is none.
    pub async fn logs(
        &self,
        container: &str,
        lines: Option<usize>,
        follow: bool,
        report: &mut (dyn FnMut(&[u8], bool) + Send),
    ) -> Result<(), Error> {
        let options = LogsOptions {
            follow,
            stdout: true,
            stderr: true,
            tail: lines.map_or("all".to_owned(), |lines| lines.to_string()),
            ..LogsOptions::default()
        };
        let mut stream = std::pin::pin!(self.docker.logs(container, Some(options)));
        while let Some(message) = stream.next().await {
            let message = message
                .map_err(|error| no_container(container, "reading the container's log", error))?;
            let is_error = matches!(message, LogOutput::StdErr { .. });
            report(&message.into_bytes(), is_error);
        }
        Ok(())
    }
}

/// What the engine says of a port that it cannot publish, without the names of its own parts before it.
fn taken_port(text: &str) -> Option<String> {
    let is_taken = text.contains("already allocated") || text.contains("address already in use");
    let start = ["listen tcp", "listen udp", "Bind for", "failed to bind"]
        .iter()
        .find_map(|start| text.find(start));
    is_taken.then(|| text[start.unwrap_or(0)..].trim_end().to_owned())
}

/// An answer about a container, which may not be there.
pub(crate) fn no_container(
    container: &str,
    operation: &'static str,
    error: bollard::errors::Error,
) -> Error {
    match status(&error) {
        Some(404) if error.to_string().contains("No such container") => Error::NoContainer {
            container: container.to_owned(),
        },
        _ => Error::engine(operation, error),
    }
}

fn info(found: ContainerInspectResponse) -> ContainerInfo {
    let config = found.config.unwrap_or_default();
    let state = found.state.unwrap_or_default();
    // The engine writes nanoseconds without trailing zeros, and so does this format.
    let created = found
        .created
        .and_then(|created| created.format(&Rfc3339).ok());
    ContainerInfo {
        id: found.id.unwrap_or_default(),
        name: found
            .name
            .unwrap_or_default()
            .trim_start_matches('/')
            .to_owned(),
        image_id: found.image.unwrap_or_default(),
        image: config.image.unwrap_or_default(),
        state: match state.status {
            Some(ContainerStateStatusEnum::CREATED) => State::Created,
            Some(ContainerStateStatusEnum::RUNNING) => State::Running,
            Some(ContainerStateStatusEnum::PAUSED) => State::Paused,
            Some(ContainerStateStatusEnum::EXITED | ContainerStateStatusEnum::DEAD) => {
                State::Stopped
            }
            _ => State::Changing,
        },
        labels: config.labels.unwrap_or_default().into_iter().collect(),
        created: created.unwrap_or_default(),
        started_at: state.started_at.unwrap_or_default(),
        env: environment(config.env),
        mounts: found
            .mounts
            .unwrap_or_default()
            .into_iter()
            .filter_map(|mount| Some((mount.destination?, mount.source.or(mount.name)?)))
            .collect(),
        user: config.user.unwrap_or_default(),
        exit_code: state.exit_code.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_said_in_few_words() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(taken_port(text).as_deref(), expected, "{text}");
        };
        check(
            "driver failed programming external connectivity on endpoint x (01): Error starting userland proxy: listen tcp4 127.0.0.1:80: bind: address already in use",
            Some("listen tcp4 127.0.0.1:80: bind: address already in use"),
        );
        check(
            "driver failed programming external connectivity on endpoint x (01): Bind for 127.0.0.1:80 failed: port is already allocated",
            Some("Bind for 127.0.0.1:80 failed: port is already allocated"),
        );
        check(
            "port is already allocated",
            Some("port is already allocated"),
        );
        check("listen tcp4 127.0.0.1:80: bind: permission denied", None);
        check("no such file", None);
    }
}
