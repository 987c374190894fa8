//! The container to create, as plain data: everything that an engine has to be told, nothing left to choose.

use std::collections::BTreeMap;

use super::config::{AppPort, DevContainer, ForwardPort, Gpu};
use super::identity::{HostSystem, Identity, PLAN_HASH, PROJECT, SPEC_HASH, Workspace};
use super::mount::Mount;
use super::options::{GpuRequest, Port};
use super::run_args::{self, RunArguments};
use super::user::RemoteUser;

/// The container to create.
#[derive(Debug, Clone, PartialEq)]
pub struct CreatePlan {
    /// The image.
    pub image: String,
    /// Its command line: the entry point and what is given to it.
    pub entrypoint: Vec<String>,
    /// What follows the entry point.
    pub command: Vec<String>,
    /// The user of the container's own process; the image's when not given.
    pub user: Option<String>,
    /// Variables, later ones win.
    pub env: Vec<(String, String)>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Mounts, the workspace first.
    pub mounts: Vec<Mount>,
    /// Ports that have to be published.
    pub ports: Vec<Port>,
    /// Ports that are published on 127.0.0.1 when they are free there; a taken one is a warning.
    pub forward_ports: Vec<u16>,
    /// An init process.
    pub init: bool,
    /// All rights of the host.
    pub privileged: bool,
    /// Everything else that runArgs ask for.
    pub run: RunArguments,
}

/// What a plan is made of.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// What devcontainer.json and the image's metadata say together, variables filled in.
    pub config: &'a DevContainer,
    /// Who the container is.
    pub identity: &'a Identity,
    /// The workspace.
    pub workspace: &'a Workspace,
    /// The system that the paths belong to.
    pub system: HostSystem,
    /// The opened folder on the host, which relative paths in `-v` start from.
    pub local_folder: &'a str,
    /// The image to start.
    pub image: &'a str,
    /// The image's own entry point and command, for `overrideCommand: false`.
    pub image_command: &'a [String],
    /// The label `devcontainer.metadata`, see [`super::metadata::label`].
    pub metadata: &'a str,
    /// The hash of the spec, when there is one.
    pub spec_hash: Option<&'a str>,
    /// The hash of the plan, when there is one.
    pub plan_hash: Option<&'a str>,
    /// The host's environment, for `-e NAME`.
    pub environment: &'a BTreeMap<String, String>,
    /// Whether the engine can give GPUs to containers.
    pub has_gpu: bool,
    /// Whether the engine is Podman on Linux, which maps the host's user to root unless told otherwise.
    pub is_podman: bool,
    /// Who runs what is started in the container.
    pub remote_user: &'a RemoteUser,
}

/// The container to create for a devcontainer.json, and in words what of it cannot be had.
pub fn create_plan(inputs: &Inputs<'_>) -> (CreatePlan, Vec<String>) {
    let config = inputs.config;
    let mut warnings = Vec::new();
    let mut run = run_args::parse(&config.run_args);
    run.volumes = run
        .volumes
        .iter()
        .map(|volume| absolute_volume(volume, inputs))
        .collect();
    if run.gpus.is_none() && config.gpu != Gpu::None {
        if inputs.has_gpu {
            run.gpus = Some(GpuRequest::All);
        } else if config.gpu == Gpu::Required {
            warnings.push(
                "devcontainer.json asks for a GPU, and the container engine offers none".to_owned(),
            );
        }
    }
    for capability in &config.cap_add {
        push_new(&mut run.cap_add, capability);
    }
    for option in &config.security_opt {
        push_new(&mut run.security_opt, option);
    }
    if inputs.is_podman {
        podman_options(&mut run, inputs.remote_user);
    }
    let mut mounts = Vec::new();
    if let Some(text) = &inputs.workspace.mount {
        match Mount::parse(text) {
            Ok(mount) => mounts.push(mount),
            Err(reason) => warnings.push(format!("`workspaceMount` {reason}")),
        }
    }
    mounts.extend(config.mounts.iter().cloned());
    mounts.append(&mut run.mounts);
    let mut ports = app_ports(config, &mut warnings);
    ports.append(&mut run.ports);
    let forward_ports = forward_ports(config, &ports, &run, &mut warnings);
    let (entrypoint, command) = command_line(config, inputs.image_command);
    let plan = CreatePlan {
        image: inputs.image.to_owned(),
        entrypoint,
        command,
        user: run.user.take().or_else(|| config.container_user.clone()),
        env: environment(config, &run, inputs.environment),
        labels: labels(inputs, &run),
        mounts,
        ports,
        forward_ports,
        init: run.init || config.init == Some(true),
        privileged: run.privileged || config.privileged == Some(true),
        run,
    };
    (plan, warnings)
}

/// What the devcontainer CLI adds for Podman: no SELinux labels on the workspace, and the host's user keeps its ids.
fn podman_options(run: &mut RunArguments, remote_user: &RemoteUser) {
    push_new(&mut run.security_opt, "label=disable");
    if run.userns.is_none() && !remote_user.is_root() {
        run.userns = Some("keep-id".to_owned());
    }
}

/// The devcontainer CLI's command: the container idles until it is stopped, whatever the image would run; with
/// `overrideCommand: false` the image's own command runs first.
fn command_line(config: &DevContainer, image_command: &[String]) -> (Vec<String>, Vec<String>) {
    let entrypoints = config.entrypoints.join("\n");
    let script = format!(
        "echo Container started\ntrap \"exit 0\" 15\n{entrypoints}\nexec \"$@\"\nwhile sleep 1 & wait $!; do :; done"
    );
    let mut command = vec!["-c".to_owned(), script, "-".to_owned()];
    if config.override_command == Some(false) {
        command.extend(image_command.iter().cloned());
    }
    (vec!["/bin/sh".to_owned()], command)
}

fn environment(
    config: &DevContainer,
    run: &RunArguments,
    host: &BTreeMap<String, String>,
) -> Vec<(String, String)> {
    let of_host = |name: &String, value: &Option<String>| {
        let value = value.clone().or_else(|| host.get(name).cloned())?;
        Some((name.clone(), value))
    };
    let mut env = config.container_env.clone();
    env.extend(
        run.env
            .iter()
            .filter_map(|(name, value)| of_host(name, value)),
    );
    env
}

fn labels(inputs: &Inputs<'_>, run: &RunArguments) -> BTreeMap<String, String> {
    let mut labels: BTreeMap<String, String> = run.labels.iter().cloned().collect();
    labels.extend(inputs.identity.id_labels());
    labels.insert(
        super::identity::METADATA.to_owned(),
        inputs.metadata.to_owned(),
    );
    labels.insert(PROJECT.to_owned(), inputs.identity.project.clone());
    for (label, hash) in [(SPEC_HASH, inputs.spec_hash), (PLAN_HASH, inputs.plan_hash)] {
        labels.extend(hash.map(|hash| (label.to_owned(), hash.to_owned())));
    }
    labels
}

fn app_ports(config: &DevContainer, warnings: &mut Vec<String>) -> Vec<Port> {
    let mut ports = Vec::new();
    for port in &config.app_port {
        match port {
            AppPort::Number(port) => ports.push(Port::loopback(*port)),
            AppPort::Publish(text) => match Port::parse(text) {
                Some(parsed) => ports.extend(parsed),
                None => warnings.push(format!("`appPort` \"{text}\" is no port to publish")),
            },
        }
    }
    ports
}

fn forward_ports(
    config: &DevContainer,
    published: &[Port],
    run: &RunArguments,
    warnings: &mut Vec<String>,
) -> Vec<u16> {
    let mut ports = Vec::new();
    // In the host's network every port is the host's already.
    let reachable = run.network.as_deref() == Some("host");
    for port in &config.forward_ports {
        match port {
            ForwardPort::Number(port) => {
                let is_published = published.iter().any(|other| {
                    other.protocol == "tcp"
                        && (other.container_port == *port || other.host_port == Some(*port))
                });
                if !reachable && !is_published && !ports.contains(port) {
                    ports.push(*port);
                }
            }
            ForwardPort::Elsewhere(text) => warnings.push(format!(
                "`forwardPorts` \"{text}\" is not forwarded: only ports of the container itself are; VS Code can do it"
            )),
        }
    }
    ports
}

/// A bind in `-v` whose source is relative starts from the opened folder.
fn absolute_volume(volume: &str, inputs: &Inputs<'_>) -> String {
    let is_relative = volume == "." || volume.starts_with("./") || volume.starts_with("../");
    if !is_relative || !volume.contains(':') {
        return volume.to_owned();
    }
    let separator = match inputs.system {
        HostSystem::Windows => '\\',
        HostSystem::Linux | HostSystem::MacOs => '/',
    };
    let folder = inputs.local_folder.trim_end_matches(['/', separator]);
    format!("{folder}{separator}{volume}")
}

fn push_new(list: &mut Vec<String>, value: &str) {
    if !list.iter().any(|other| other == value) {
        list.push(value.to_owned());
    }
}

#[cfg(test)]
mod tests;
