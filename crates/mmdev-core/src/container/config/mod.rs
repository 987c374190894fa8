//! A devcontainer.json as typed values, as far as `up` honours it.
//!
//! Properties are those of the dev container reference (https://containers.dev/implementors/json_reference/). What
//! is not honoured stays in [`File::properties`], and what must not be passed over is named by
//! [`DevContainer::unsupported`].

mod lower;
mod read;

use super::command::{LifecycleCommand, Stage};
use super::mount::Mount;

pub use lower::Problem;
pub use read::{File, read};

/// What a devcontainer.json, or one entry of an image's `devcontainer.metadata` label, says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DevContainer {
    /// `name`: what editors show.
    pub name: Option<String>,
    /// `image`: an image to use as it is.
    pub image: Option<String>,
    /// `build`, or the older `dockerFile` and `context`.
    pub build: Option<Build>,
    /// `workspaceMount`; the empty string means no mount at all.
    pub workspace_mount: Option<String>,
    /// `workspaceFolder`: the folder in the container that is opened.
    pub workspace_folder: Option<String>,
    /// `mounts`.
    pub mounts: Vec<Mount>,
    /// `runArgs`: arguments for `docker run`.
    pub run_args: Vec<String>,
    /// `containerEnv`: the environment of the container.
    pub container_env: Vec<(String, String)>,
    /// `remoteEnv`: the environment of what is started in it; `None` unsets a variable.
    pub remote_env: Vec<(String, Option<String>)>,
    /// `remoteUser`: who runs what is started in the container.
    pub remote_user: Option<String>,
    /// `containerUser`: who runs the container's own process.
    pub container_user: Option<String>,
    /// `updateRemoteUserUID`.
    pub update_remote_user_uid: Option<bool>,
    /// `init`: an init process that reaps zombies.
    pub init: Option<bool>,
    /// `privileged`.
    pub privileged: Option<bool>,
    /// `capAdd`.
    pub cap_add: Vec<String>,
    /// `securityOpt`.
    pub security_opt: Vec<String>,
    /// `appPort`: ports that are published.
    pub app_port: Vec<AppPort>,
    /// `forwardPorts`: ports that are wanted on this machine's loopback.
    pub forward_ports: Vec<ForwardPort>,
    /// `overrideCommand`: whether the container idles instead of running the image's command.
    pub override_command: Option<bool>,
    /// `shutdownAction`.
    pub shutdown_action: Option<ShutdownAction>,
    /// `initializeCommand`, which runs on the host.
    pub initialize_command: Option<LifecycleCommand>,
    /// The lifecycle commands that run in the container, in the order in which they run.
    pub lifecycle: Vec<(Stage, LifecycleCommand)>,
    /// `waitFor`: the last stage that has to end before the container is ready.
    pub wait_for: Option<WaitFor>,
    /// `userEnvProbe`: which shell is asked for the user's environment.
    pub user_env_probe: Option<UserEnvProbe>,
    /// `hostRequirements.gpu`.
    pub gpu: Gpu,
    /// `entrypoint`: only in image metadata, run before the container idles.
    pub entrypoints: Vec<String>,
    /// `features`: the names of those that are asked for.
    pub features: Vec<String>,
    /// `dockerComposeFile` is there.
    pub compose: bool,
}

/// How the image is built.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Build {
    /// `dockerfile`, relative to the folder of devcontainer.json.
    pub dockerfile: String,
    /// `context`, relative to the folder of devcontainer.json; its folder when not given.
    pub context: Option<String>,
    /// `args`.
    pub args: Vec<(String, String)>,
    /// `target`: the stage to build.
    pub target: Option<String>,
    /// `cacheFrom`.
    pub cache_from: Vec<String>,
    /// `options`: arguments for `docker build`.
    pub options: Vec<String>,
}

/// One published port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AppPort {
    /// The same port on 127.0.0.1.
    Number(u16),
    /// The argument of `docker run -p`.
    Publish(String),
}

/// One forwarded port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ForwardPort {
    /// A port of the container.
    Number(u16),
    /// A port of another host that the container reaches (`db:5432`).
    Elsewhere(String),
}

/// What happens to the container when the editor closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShutdownAction {
    /// It goes on.
    None,
    /// It is stopped.
    StopContainer,
    /// The compose project is stopped.
    StopCompose,
}

/// The values of `waitFor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WaitFor {
    /// Only the host's initializeCommand.
    Initialize,
    /// This stage, and those before it.
    Stage(Stage),
}

/// The values of `userEnvProbe`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserEnvProbe {
    /// No shell is asked.
    None,
    /// `sh -lic`.
    LoginInteractiveShell,
    /// `sh -ic`.
    InteractiveShell,
    /// `sh -lc`.
    LoginShell,
}

/// Whether the container wants a GPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Gpu {
    /// It does not.
    #[default]
    None,
    /// It takes one when there is one.
    Optional,
    /// It does not work without.
    Required,
}

/// Something that mmdev does not do itself; the `devcontainer` program can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported {
    /// The property, as it is written in devcontainer.json.
    pub property: &'static str,
    /// What exactly is not supported, in words.
    pub what: String,
}

impl DevContainer {
    /// What `up` cannot honour. When this is not empty, the work belongs to the `devcontainer` program, whole.
    pub fn unsupported(&self) -> Vec<Unsupported> {
        let mut found = Vec::new();
        let mut add = |property, what: String| found.push(Unsupported { property, what });
        if self.compose {
            add("dockerComposeFile", "Docker Compose projects".to_owned());
        }
        if !self.features.is_empty() {
            add(
                "features",
                format!("dev container Features ({})", self.features.join(", ")),
            );
        }
        for argument in super::run_args::parse(&self.run_args).unsupported {
            add("runArgs", format!("`{argument}`"));
        }
        if let Some(build) = &self.build {
            for option in super::run_args::parse_build_options(&build.options).unsupported {
                add("build.options", format!("`{option}`"));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests;
