//! What can go wrong with a container engine, and what to do about it.

use std::path::PathBuf;

use bollard::errors::Error as EngineError;

/// A failure of the container world.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No engine was found at any of the usual places.
    #[error("Docker is not running")]
    NotRunning {
        /// Where it was looked for.
        tried: Vec<String>,
    },
    /// The engine that was asked for does not answer.
    #[error("no container engine answers at {endpoint}: {reason}")]
    NoAnswer {
        /// The address.
        endpoint: String,
        /// What happened.
        reason: String,
    },
    /// The socket is there, but not for this user.
    #[error("you may not use the container engine at {endpoint}")]
    PermissionDenied {
        /// The address.
        endpoint: String,
    },
    /// The engine is older than Docker 20.10.
    #[error("the container engine at {endpoint} is too old: it speaks API {api}, mmdev needs 1.41")]
    TooOld {
        /// The address.
        endpoint: String,
        /// The newest version that the engine speaks.
        api: String,
    },
    /// An address that mmdev cannot connect to.
    #[error("mmdev cannot connect to {endpoint}")]
    Unreachable {
        /// The address.
        endpoint: String,
    },
    /// A file of Docker's configuration that cannot be read.
    #[error("Docker's configuration {path} cannot be read: {reason}")]
    Configuration {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// A Docker context that does not exist.
    #[error("there is no Docker context called `{name}`")]
    NoContext {
        /// Its name.
        name: String,
    },
    /// A program that keeps credentials failed.
    #[error("`{program}` gave no credentials for {registry}: {reason}")]
    Credentials {
        /// The program.
        program: String,
        /// The registry.
        registry: String,
        /// What it said.
        reason: String,
    },
    /// A file of the build context cannot be read.
    #[error("{path} of the build context cannot be read: {source}")]
    Context {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A build ended with an error.
    #[error("{0}")]
    Build(BuildFailure),
    /// An image could not be pulled.
    #[error("the image {image} could not be pulled: {reason}")]
    Pull {
        /// The image.
        image: String,
        /// What the engine said.
        reason: String,
    },
    /// There is no such image.
    #[error("there is no image {image} on this machine")]
    NoImage {
        /// The image.
        image: String,
    },
    /// There is no such container.
    #[error("there is no container {container}")]
    NoContainer {
        /// The container.
        container: String,
    },
    /// A port that is to be published belongs to somebody else.
    #[error("the container could not start, because a port is taken: {reason}")]
    PortTaken {
        /// What the engine said.
        reason: String,
    },
    /// The container is not running.
    #[error("the container {container} is not running")]
    NotUp {
        /// The container.
        container: String,
    },
    /// A program cannot be started in the container.
    #[error("`{program}` cannot be started in the container: {reason}")]
    CannotStart {
        /// The program.
        program: String,
        /// What the engine said.
        reason: String,
    },
    /// The terminal cannot be set up.
    #[error("the terminal cannot be used: {source}")]
    Terminal {
        /// The cause.
        source: std::io::Error,
    },
    /// Anything else that the engine says.
    #[error("{operation} failed: {message}")]
    Engine {
        /// What was tried ("listing images").
        operation: &'static str,
        /// What the engine said.
        message: String,
        /// The cause.
        source: Option<Box<EngineError>>,
    },
}

/// A build that ended with an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildFailure {
    /// The step that failed, as the Dockerfile has it; none where the build did not get to a step.
    pub step: Option<String>,
    /// What the engine said.
    pub message: String,
    /// The last lines that the step printed.
    pub log_tail: Vec<String>,
    /// The exit status of the step's program, where that was the reason.
    pub exit_code: Option<i64>,
}

impl std::fmt::Display for BuildFailure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.step, self.exit_code) {
            (Some(step), Some(code)) => {
                write!(
                    formatter,
                    "the build stopped at `{step}` with exit code {code}"
                )
            }
            (Some(step), None) => {
                write!(formatter, "the build stopped at `{step}`: {}", self.message)
            }
            (None, _) => write!(formatter, "the build failed: {}", self.message),
        }
    }
}

impl Error {
    /// What to do, in the imperative.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            // The usual addresses are sockets, and one that is absent is passed over.
            Error::NoAnswer { endpoint, reason } if !is_usual(endpoint, reason) => {
                "DOCKER_HOST or the Docker context names this address: start the engine there, or unset DOCKER_HOST and run `docker context use default`"
            }
            Error::NotRunning { .. } | Error::NoAnswer { .. } => start_engine_hint(),
            Error::PermissionDenied { endpoint } if cfg!(target_os = "linux") => {
                return Some(format!(
                    "run `sudo usermod -aG docker $USER` and log in again (now: `newgrp docker`); the socket is {endpoint}"
                ));
            }
            Error::PermissionDenied { .. } => "start Docker as the user that you are logged in as",
            Error::TooOld { .. } => "update Docker to 20.10 or later, or Podman to 4 or later",
            Error::Unreachable { endpoint } if endpoint.starts_with("ssh://") => {
                return Some(format!(
                    "forward the socket with `ssh -nNT -L /tmp/docker.sock:/var/run/docker.sock {}`, and set DOCKER_HOST=unix:///tmp/docker.sock",
                    endpoint.trim_start_matches("ssh://")
                ));
            }
            Error::Unreachable { .. } => {
                "set DOCKER_HOST to unix:///path/to/docker.sock or tcp://host:port"
            }
            Error::Configuration { .. } => "mend the file, or move it away",
            Error::NoContext { .. } => {
                "run `docker context ls`, and choose one with `docker context use NAME`"
            }
            Error::Credentials { .. } => {
                "run `docker login` again, or install the program that ~/.docker/config.json names"
            }
            Error::Context { .. } => "mend its permissions, or name it in .dockerignore",
            Error::Build(failure) => return build_hint(failure),
            Error::Pull { reason, .. } => return Some(pull_hint(reason)),
            Error::NoImage { .. } => "run `mmdev build`",
            Error::NoContainer { .. } | Error::NotUp { .. } => "run `mmdev up`",
            Error::PortTaken { .. } => {
                "stop the program that holds the port; or change `appPort` in devcontainer.json and run `mmdev up --recreate`, with which a taken port of `forwardPorts` is passed over"
            }
            Error::CannotStart { .. } => "look whether the program and the folder are in the image",
            Error::Terminal { .. } => {
                "run the command without a terminal: `mmdev run -- CMD < /dev/null`"
            }
            Error::Engine { .. } => return None,
        };
        Some(hint.to_owned())
    }

    /// Whether the engine is gone or does not answer, so that the same may work once it is back.
    pub fn is_absence(&self) -> bool {
        match self {
            Error::NotRunning { .. } | Error::NoAnswer { .. } => true,
            Error::Engine { source, .. } => source.as_ref().is_some_and(|source| {
                !matches!(
                    **source,
                    EngineError::DockerResponseServerError { .. }
                        | EngineError::DockerStreamError { .. }
                        | EngineError::JsonDataError { .. }
                )
            }),
            _ => false,
        }
    }

    /// An answer of the engine, with the cases that have a name of their own taken out.
    pub(crate) fn engine(operation: &'static str, error: EngineError) -> Error {
        let message = match &error {
            EngineError::DockerResponseServerError { message, .. } => message.trim().to_owned(),
            EngineError::DockerStreamError { error } => error.clone(),
            EngineError::RequestTimeoutError => "the engine did not answer in time".to_owned(),
            other => chain(other),
        };
        Error::Engine {
            operation,
            message,
            source: Some(Box::new(error)),
        }
    }
}

/// An error with its causes, each said once.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text
}

/// Why a connection failed, without the layers that it went through.
pub(crate) fn root_cause(error: &EngineError) -> String {
    if let Some(code) = status(error) {
        return format!("what listens there is no container engine (HTTP status {code})");
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

/// The status of an answer that is an error.
pub(crate) fn status(error: &EngineError) -> Option<u16> {
    match error {
        EngineError::DockerResponseServerError { status_code, .. } => Some(*status_code),
        _ => None,
    }
}

/// The reason of an [`Error::NoAnswer`] where there is no socket at all.
pub(crate) const ABSENT: &str = "the socket does not exist";

/// Whether an address that does not answer may be one that nobody chose.
fn is_usual(endpoint: &str, reason: &str) -> bool {
    let is_socket = endpoint.starts_with("unix:") || endpoint.starts_with("npipe:");
    is_socket && reason != ABSENT
}

fn start_engine_hint() -> &'static str {
    if cfg!(target_os = "linux") {
        "start it with `sudo systemctl start docker` (or Docker Desktop), or install it: https://docs.docker.com/engine/install"
    } else if cfg!(windows) {
        "start Docker Desktop"
    } else {
        "start Docker Desktop, or: colima start"
    }
}

fn build_hint(failure: &BuildFailure) -> Option<String> {
    let text = failure.message.to_lowercase();
    let hint = if text.contains("no space left") {
        "free some space: `mmdev clean`, or `docker system prune`"
    } else if text.contains("pull access denied") || text.contains("unauthorized") {
        "look at the image's name, and run `docker login` for its registry"
    } else if text.contains("failed to do request") || text.contains("i/o timeout") {
        "look at the network and the proxy of the container engine, and try again"
    } else {
        return step_hint(&failure.log_tail);
    };
    Some(hint.to_owned())
}

/// What to do about what the step's program said itself; the words are micromamba's.
fn step_hint(log: &[String]) -> Option<String> {
    let said = |words: &str| log.iter().any(|line| line.contains(words));
    let hint = if said("Could not solve for environment specs") {
        "the channels cannot give what the spec asks for: change the pins that are named above"
    } else if said("Download error") {
        "a build could not reach the channel: look at the network and the proxy of the container engine, and try again"
    } else {
        return None;
    };
    Some(hint.to_owned())
}

fn pull_hint(reason: &str) -> String {
    let text = reason.to_lowercase();
    if text.contains("not found") || text.contains("manifest unknown") {
        "look at the image's name and tag".to_owned()
    } else if ["denied", "unauthorized", "authentication"]
        .iter()
        .any(|word| text.contains(word))
    {
        "look at the image's name, and run `docker login` for its registry".to_owned()
    } else {
        "look at the network and the proxy of the container engine, and try again".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_that_a_person_can_mend_says_how() {
        let denied = Error::PermissionDenied {
            endpoint: "unix:///var/run/docker.sock".to_owned(),
        };
        assert!(denied.hint().unwrap().contains("usermod"));
        let ssh = Error::Unreachable {
            endpoint: "ssh://me@host".to_owned(),
        };
        assert!(
            ssh.hint()
                .unwrap()
                .contains("-L /tmp/docker.sock:/var/run/docker.sock me@host")
        );
        let no_answer = |endpoint: &str, reason: &str| {
            let error = Error::NoAnswer {
                endpoint: endpoint.to_owned(),
                reason: reason.to_owned(),
            };
            error.hint().unwrap().contains("unset DOCKER_HOST")
        };
        assert!(no_answer("tcp://h:1", "connection refused"));
        assert!(no_answer("unix:///x.sock", ABSENT));
        assert!(!no_answer("unix:///x.sock", "connection refused"));
        let pull = Error::Pull {
            image: "x".to_owned(),
            reason: "pull access denied for x".to_owned(),
        };
        assert!(pull.hint().unwrap().contains("docker login"));
        let build = |line: &str| {
            let failure = BuildFailure {
                step: Some("[2/2] RUN micromamba install".to_owned()),
                message: "exit code: 1".to_owned(),
                log_tail: vec!["pinned".to_owned(), line.to_owned()],
                exit_code: Some(1),
            };
            Error::Build(failure).hint()
        };
        let unsolved = "critical libmamba Could not solve for environment specs";
        assert!(build(unsolved).unwrap().contains("change the pins"));
        let unreached = "critical libmamba Download error (6) Could not resolve host";
        assert!(build(unreached).unwrap().contains("reach the channel"));
        assert_eq!(build("anything else"), None);
    }
}
