//! The SSH agent in the container: a folder of this host is mounted when the container is made, and each `run` and
//! `shell` listens on a socket of its own in it, whose connections go on to the agent of the moment.
//!
//! Mounting the agent's own socket would be shorter, and break: its path changes with every login, and a container
//! whose mount is gone does not start. The folder is always there, with or without an agent.

use std::path::{Path, PathBuf};

use mmdev_core::container::identity::HostSystem;
use mmdev_docker::{ContainerInfo, Engine};

use crate::environment::{self, SSH_AUTH_SOCK};
use crate::printer::Printer;
use crate::target::{HOST, Target};

/// Where the folder is in the container.
const MOUNT_POINT: &str = "/run/mmdev";
/// The socket by which Docker Desktop's virtual machine reaches the agent of its host (Docker's documentation,
/// "Networking features in Docker Desktop", SSH agent forwarding).
const DESKTOP_SOCKET: &str = "/run/host-services/ssh-auth.sock";

/// How the agent of this host gets into a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Way {
    /// By sockets in this folder of the host.
    Folder(PathBuf),
    /// By the socket that Docker Desktop and OrbStack offer in their virtual machine.
    Desktop,
    /// Not at all; why, in words.
    None(&'static str),
}

impl Way {
    /// The way for the containers of one project in one engine.
    pub(crate) fn new(engine: &Engine, target: &Target) -> Way {
        if !target.forward_credentials {
            return Way::None("`forwardCredentials` is off");
        }
        let state = environment::state_folder();
        let system = &engine.operating_system;
        decide(
            HOST,
            system,
            &engine.endpoint,
            state,
            &target.identity.project,
        )
    }

    /// The volume that a new container gets for it, as `docker run --volume` takes it. The engine makes an absent
    /// folder of a volume, so that a cleared state folder never keeps a container from starting.
    pub(crate) fn volume(&self, printer: &Printer) -> Option<String> {
        match self {
            Way::Folder(folder) => {
                if let Err(error) = make(folder) {
                    printer.detail(&without(&format!("{}: {error}", folder.display())));
                    return None;
                }
                Some(format!("{}:{MOUNT_POINT}", folder.display()))
            }
            Way::Desktop => Some(format!("{DESKTOP_SOCKET}:{DESKTOP_SOCKET}")),
            Way::None(_) => None,
        }
    }

    /// Makes the agent reachable in a container that runs, for as long as the result lives. `None` where that cannot
    /// be, which `-v` explains: a program that needs no agent must not fail for it.
    pub(crate) fn open(
        &self,
        printer: &Printer,
        target: &Target,
        container: &ContainerInfo,
    ) -> Option<Forwarded> {
        match self.try_open(target, container) {
            Ok(forwarded) => Some(forwarded),
            Err(reason) => {
                printer.detail(&without(&reason));
                None
            }
        }
    }

    fn try_open(&self, target: &Target, container: &ContainerInfo) -> Result<Forwarded, String> {
        const NO_MOUNT: &str =
            "this container was made without a mount for it: mmdev up --recreate makes one with it";
        let mounted = |place: &str| container.mounts.get(place);
        match self {
            Way::None(reason) => Err((*reason).to_owned()),
            Way::Desktop if mounted(DESKTOP_SOCKET).is_none() => Err(NO_MOUNT.to_owned()),
            Way::Desktop => Ok(Forwarded {
                socket: DESKTOP_SOCKET.to_owned(),
                _relay: None,
            }),
            Way::Folder(folder) => {
                let source = mounted(MOUNT_POINT).ok_or(NO_MOUNT)?;
                if Path::new(source) != folder {
                    return Err(NO_MOUNT.to_owned());
                }
                let agent = target
                    .environment
                    .get(SSH_AUTH_SOCK)
                    .filter(|path| !path.is_empty())
                    .ok_or("no agent runs here: SSH_AUTH_SOCK is not set")?;
                let (name, relay) = listen(folder, Path::new(agent))?;
                Ok(Forwarded {
                    socket: format!("{MOUNT_POINT}/{name}"),
                    _relay: Some(relay),
                })
            }
        }
    }
}

/// An agent that can be reached in a container.
#[derive(Debug)]
pub(crate) struct Forwarded {
    /// The container's path of the socket.
    pub(crate) socket: String,
    _relay: Option<Relay>,
}

/// Removes the folder of a project, once its containers are gone.
pub(crate) fn clear(project: &str) {
    if let Some(state) = environment::state_folder() {
        // What stays is an empty folder of our own, and is used again.
        let _ = std::fs::remove_dir_all(folder(&state, project));
    }
}

/// The folder of one project. It has the hash of the project's name alone: the path of a socket in it must be shorter
/// than 108 bytes.
fn folder(state: &Path, project: &str) -> PathBuf {
    let hash = project.rsplit('-').next().unwrap_or(project);
    state.join("mmdev").join("agent").join(hash)
}

fn without(reason: &str) -> String {
    format!("the SSH agent is not forwarded: {reason}")
}

fn decide(
    host: HostSystem,
    operating_system: &str,
    endpoint: &str,
    state: Option<PathBuf>,
    project: &str,
) -> Way {
    let has_virtual_socket = matches!(operating_system, "Docker Desktop" | "OrbStack");
    match (host, state) {
        (HostSystem::MacOs | HostSystem::Linux, _) if has_virtual_socket => Way::Desktop,
        (HostSystem::Windows, _) => Way::None("on Windows, mmdev in WSL forwards it"),
        (HostSystem::MacOs, _) => {
            Way::None("sockets do not reach into this engine's virtual machine")
        }
        (HostSystem::Linux, _) if !endpoint.starts_with("unix:") => {
            Way::None("the engine is on another machine")
        }
        (HostSystem::Linux, None) => Way::None("neither XDG_STATE_HOME nor HOME is set"),
        (HostSystem::Linux, Some(state)) => {
            let folder = folder(&state, project);
            match folder.to_str() {
                Some(text) if !text.contains(':') => Way::Folder(folder),
                _ => Way::None("the path of the state folder cannot be mounted"),
            }
        }
    }
}

/// Makes the folder. Nobody else on this host passes the folder above it; in the container, whose users are all one
/// person, everybody may use what is in it, whatever their ids are.
#[cfg(unix)]
fn make(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::create_dir_all(folder)?;
    if let Some(above) = folder.parent() {
        std::fs::set_permissions(above, std::fs::Permissions::from_mode(0o700))?;
    }
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)
}

/// A socket in the folder, which goes away with this value.
#[cfg(unix)]
type Relay = (tempfile::TempPath, tokio::task::JoinHandle<()>);
#[cfg(not(unix))]
type Relay = ();

/// Listens in the folder, and gives the socket's name. Every connection is a connection to the agent, made when it is
/// needed: an agent that is started again in the meantime is found.
#[cfg(unix)]
fn listen(folder: &Path, agent: &Path) -> Result<(String, Relay), String> {
    use std::os::unix::fs::PermissionsExt;
    use tokio::net::UnixListener;

    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    std::os::unix::net::UnixStream::connect(agent)
        .map_err(|error| format!("no agent answers at {}: {error}", agent.display()))?;
    make(folder).map_err(failed)?;
    sweep(folder);
    let socket = tempfile::Builder::new()
        .prefix("agent-")
        .suffix(".sock")
        .make_in(folder, |path| {
            let listener = UnixListener::bind(path)?;
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o666))?;
            Ok(listener)
        })
        .map_err(failed)?;
    let (listener, path) = socket.into_parts();
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let agent = agent.to_owned();
    let task = tokio::spawn(async move {
        while let Ok((mut inside, _)) = listener.accept().await {
            let agent = agent.clone();
            tokio::spawn(async move {
                // Who asked sees its connection end, as with an agent that went away.
                if let Ok(mut outside) = tokio::net::UnixStream::connect(agent).await {
                    let _ = tokio::io::copy_bidirectional(&mut inside, &mut outside).await;
                }
            });
        }
    });
    Ok((name, (path, task)))
}

#[cfg(not(unix))]
fn listen(_: &Path, _: &Path) -> Result<(String, Relay), String> {
    Err("this system has no sockets for it".to_owned())
}

/// Removes the sockets of processes that were killed: nobody listens on them any more.
#[cfg(unix)]
fn sweep(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let connected = std::os::unix::net::UnixStream::connect(entry.path());
        if connected.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionRefused) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_is_decided_by_host_and_engine() {
        use HostSystem::{Linux, MacOs, Windows};
        const SOCKET: &str = "unix:///var/run/docker.sock";
        let check = |host, system, endpoint, state: Option<&str>, expected: Way| {
            let way = decide(host, system, endpoint, state.map(PathBuf::from), "p-1f");
            assert_eq!(way, expected, "{host:?} {system} {endpoint}");
        };
        let none = |host, system, endpoint, state: Option<&str>| {
            let way = decide(host, system, endpoint, state.map(PathBuf::from), "p-1f");
            assert!(matches!(way, Way::None(_)), "{host:?} {system} {endpoint}");
        };
        let folder = Way::Folder(PathBuf::from("/s/mmdev/agent/1f"));
        check(Linux, "Debian GNU/Linux 12", SOCKET, Some("/s"), folder);
        check(Linux, "Docker Desktop", SOCKET, Some("/s"), Way::Desktop);
        check(MacOs, "Docker Desktop", SOCKET, None, Way::Desktop);
        check(MacOs, "OrbStack", SOCKET, None, Way::Desktop);
        none(MacOs, "Alpine Linux v3.20", SOCKET, Some("/s"));
        none(Windows, "Docker Desktop", "npipe:////./pipe/x", Some("/s"));
        none(Linux, "Debian", "tcp://far:2376", Some("/s"));
        none(Linux, "Debian", SOCKET, None);
        none(Linux, "Debian", SOCKET, Some("/a:b"));
    }

    #[cfg(unix)]
    #[test]
    fn connections_reach_the_agent_and_sockets_go_away() {
        use std::os::unix::fs::PermissionsExt;
        use tokio::io::{AsyncReadExt, AsyncWriteExt};

        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("agent/p");
        let agent = temp.path().join("real.sock");
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        crate::engine::block_on(async {
            assert!(
                listen(&folder, &agent)
                    .unwrap_err()
                    .contains("no agent answers")
            );
            let real = tokio::net::UnixListener::bind(&agent).unwrap();
            make(&folder).unwrap();
            // What a killed process leaves: a socket on which nobody listens.
            drop(std::os::unix::net::UnixListener::bind(folder.join("agent-old.sock")).unwrap());
            let (name, relay) = listen(&folder, &agent).unwrap();
            let (other, _other_relay) = listen(&folder, &agent).unwrap();
            assert_ne!(name, other);
            assert!(!folder.join("agent-old.sock").exists());
            assert_eq!(mode(&temp.path().join("agent")), 0o700);
            assert_eq!(mode(&folder.join(&name)), 0o666);

            let mut inside = tokio::net::UnixStream::connect(folder.join(&name))
                .await
                .unwrap();
            inside.write_all(b"ask").await.unwrap();
            let mut answered = false;
            while !answered {
                // The first connections only asked whether the agent is there.
                let (mut outside, _) = real.accept().await.unwrap();
                let mut asked = Vec::new();
                let mut buffer = [0; 3];
                if let Ok(3) = outside.read(&mut buffer).await {
                    asked.extend_from_slice(&buffer);
                    assert_eq!(asked, b"ask");
                    outside.write_all(b"yes").await.unwrap();
                    answered = true;
                }
            }
            let mut answer = Vec::new();
            inside.read_to_end(&mut answer).await.unwrap();
            assert_eq!(answer, b"yes");
            drop(relay);
            assert!(!folder.join(&name).exists());
            assert!(folder.join(&other).exists());
            Ok(())
        })
        .unwrap();
    }
}
