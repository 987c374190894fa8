//! Connecting to Docker or Podman, and knowing what it is.

use std::time::Duration;

use bollard::{API_DEFAULT_VERSION, Docker};

use crate::endpoint::{Endpoint, Environment, endpoints, proxy_variables};
use crate::error::{ABSENT, Error, chain, root_cause};

/// How long an engine may take for its first answer.
const FIRST_ANSWER: Duration = Duration::from_secs(10);
/// How long it may take to begin any other answer, in seconds. Starting a container on a busy machine is the slowest.
const ANSWER_SECONDS: u64 = 300;
/// The API of Docker 20.10.
const OLDEST_API: (u64, u64) = (1, 41);

/// The family of an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineKind {
    /// Docker, or what behaves as it.
    Docker,
    /// Podman.
    Podman,
}

/// A connection to a container engine.
#[derive(Debug, Clone)]
pub struct Engine {
    pub(crate) docker: Docker,
    /// The family.
    pub kind: EngineKind,
    /// The engine's version (`20.10.24`).
    pub version: String,
    /// The newest API version that the engine speaks (`1.41`).
    pub api_version: String,
    /// The address that answered.
    pub endpoint: String,
    /// What it runs on, as it says itself (`Debian GNU/Linux 12 (bookworm)`, `Docker Desktop`).
    pub operating_system: String,
    /// The engine runs without root: the container's root is the host's user.
    pub rootless: bool,
    /// The engine can give NVIDIA's GPUs to containers.
    pub has_gpu: bool,
    /// The proxy variables of Docker's configuration, which builds and containers get as the docker program gives them.
    pub(crate) proxies: Vec<(String, String)>,
}

impl Engine {
    /// Connects to the engine that the environment names, or to the first usual one that answers.
    ///
    /// # Errors
    /// What is wrong with the most telling of the tried addresses: one that a person chose, else one that refuses this
    /// user, else one that is there and does not answer; else that none is running.
    pub async fn connect(environment: &Environment) -> Result<Engine, Error> {
        let (candidates, chosen) = endpoints(environment)?;
        let tried = candidates
            .iter()
            .map(|endpoint| endpoint.address.clone())
            .collect();
        let mut telling: Option<Error> = None;
        for endpoint in &candidates {
            match connect(endpoint).await {
                Ok(engine) => {
                    let config = environment.config_file()?;
                    let proxies = proxy_variables(&config, &endpoint.address);
                    return Ok(Engine { proxies, ..engine });
                }
                Err(error) if chosen => return Err(error),
                // An absent socket says nothing.
                Err(Error::NoAnswer { reason, .. }) if reason == ABSENT => {}
                Err(error @ Error::PermissionDenied { .. }) => {
                    if !matches!(telling, Some(Error::PermissionDenied { .. })) {
                        telling = Some(error);
                    }
                }
                Err(error) => telling = telling.or(Some(error)),
            }
        }
        Err(telling.unwrap_or(Error::NotRunning { tried }))
    }
}

async fn connect(endpoint: &Endpoint) -> Result<Engine, Error> {
    let address = &endpoint.address;
    let no_answer = |reason: String| Error::NoAnswer {
        endpoint: address.clone(),
        reason,
    };
    let docker = client(endpoint).await?;
    let first = async {
        let docker = docker.negotiate_version().await?;
        let version = docker.version().await?;
        Ok::<_, bollard::errors::Error>((docker, version))
    };
    let (docker, version) = tokio::time::timeout(FIRST_ANSWER, first)
        .await
        .map_err(|_| {
            no_answer(format!(
                "no answer within {} seconds",
                FIRST_ANSWER.as_secs()
            ))
        })?
        .map_err(|error| no_answer(root_cause(&error)))?;
    let api_version = version.api_version.unwrap_or_default();
    if parse_version(&api_version) < OLDEST_API {
        return Err(Error::TooOld {
            endpoint: address.clone(),
            api: api_version,
        });
    }
    let is_podman = version
        .components
        .unwrap_or_default()
        .iter()
        .any(|component| component.name.contains("Podman"));
    let info = docker
        .info()
        .await
        .map_err(|error| no_answer(chain(&error)))?;
    let rootless = info
        .security_options
        .unwrap_or_default()
        .iter()
        .any(|option| option.contains("rootless"));
    let has_gpu = info
        .runtimes
        .unwrap_or_default()
        .keys()
        .any(|runtime| runtime == "nvidia");
    Ok(Engine {
        docker,
        kind: if is_podman {
            EngineKind::Podman
        } else {
            EngineKind::Docker
        },
        version: version.version.unwrap_or_default(),
        api_version,
        endpoint: address.clone(),
        operating_system: info.operating_system.unwrap_or_default(),
        rootless,
        has_gpu,
        proxies: Vec::new(),
    })
}

async fn client(endpoint: &Endpoint) -> Result<Docker, Error> {
    let address = &endpoint.address;
    let unreachable = || Error::Unreachable {
        endpoint: address.clone(),
    };
    let (scheme, rest) = address.split_once("://").ok_or_else(unreachable)?;
    let result = match (scheme, &endpoint.certificates) {
        #[cfg(unix)]
        ("unix", _) => {
            probe_socket(address, rest).await?;
            Docker::connect_with_unix(rest, ANSWER_SECONDS, API_DEFAULT_VERSION)
        }
        #[cfg(windows)]
        ("npipe", _) => {
            Docker::connect_with_named_pipe(address, ANSWER_SECONDS, API_DEFAULT_VERSION)
        }
        ("tcp" | "https", Some(folder)) => Docker::connect_with_ssl(
            address,
            &folder.join("key.pem"),
            &folder.join("cert.pem"),
            &folder.join("ca.pem"),
            ANSWER_SECONDS,
            API_DEFAULT_VERSION,
        ),
        ("tcp" | "http", None) if !rest.is_empty() => {
            Docker::connect_with_http(address, ANSWER_SECONDS, API_DEFAULT_VERSION)
        }
        _ => return Err(unreachable()),
    };
    result.map_err(|error| Error::NoAnswer {
        endpoint: address.clone(),
        reason: chain(&error),
    })
}

/// Opens the socket once, because an HTTP client hides why it could not.
#[cfg(unix)]
async fn probe_socket(address: &str, path: &str) -> Result<(), Error> {
    use std::io::ErrorKind;
    match tokio::net::UnixStream::connect(path).await {
        Ok(_) => Ok(()),
        Err(error) => Err(match error.kind() {
            ErrorKind::PermissionDenied => Error::PermissionDenied {
                endpoint: address.to_owned(),
            },
            ErrorKind::NotFound | ErrorKind::NotADirectory => Error::NoAnswer {
                endpoint: address.to_owned(),
                reason: ABSENT.to_owned(),
            },
            _ => Error::NoAnswer {
                endpoint: address.to_owned(),
                reason: error.to_string(),
            },
        }),
    }
}

/// `1.41` as numbers; what is no version is older than every one.
fn parse_version(text: &str) -> (u64, u64) {
    let mut parts = text.split('.').map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        assert!(parse_version("1.9") < OLDEST_API);
        assert!(parse_version("1.41") >= OLDEST_API);
        assert!(parse_version("1.100") >= OLDEST_API);
        assert!(parse_version("") < OLDEST_API);
    }
}
