//! From a plan of core to a container: only words are changed here, nothing is decided.

use std::collections::HashMap;

use bollard::models::{
    ContainerCreateBody, DeviceMapping, DeviceRequest, HostConfig, Mount as EngineMount,
    MountBindOptions, MountType, PortBinding, ResourcesUlimits, RestartPolicy,
};
use bollard::query_parameters::CreateContainerOptions;
use mmdev_core::container::mount::{Mount, MountKind};
use mmdev_core::container::options::{GpuRequest, Port};
use mmdev_core::container::plan::CreatePlan;

use crate::connect::Engine;
use crate::error::{Error, status};

impl Engine {
    /// Creates the container of a plan, and does not start it. Gives its id, and in words what of the plan could not
    /// be had: ports to forward that are taken, and what the engine warns of.
    ///
    /// # Errors
    /// [`Error::NoImage`] when the plan's image is not on this machine.
    pub async fn create(&self, plan: &CreatePlan) -> Result<(String, Vec<String>), Error> {
        let mut warnings = Vec::new();
        let mut ports = plan.ports.clone();
        // On another machine nobody here can know which ports are free.
        let is_local = self.endpoint.starts_with("unix:") || self.endpoint.starts_with("npipe:");
        for &port in &plan.forward_ports {
            if is_local && !is_port_free(port) {
                warnings.push(format!(
                    "port {port} is taken on this machine and is not forwarded"
                ));
            } else {
                ports.push(loopback(port));
            }
        }
        let options = CreateContainerOptions {
            name: plan.run.name.clone(),
            platform: plan.run.platform.clone().unwrap_or_default(),
        };
        let answer = self
            .docker
            .create_container(Some(options), body(plan, &ports, &self.proxies))
            .await
            .map_err(|error| match status(&error) {
                Some(404) if error.to_string().contains("No such image") => Error::NoImage {
                    image: plan.image.clone(),
                },
                _ => Error::engine("creating the container", error),
            })?;
        warnings.extend(answer.warnings);
        Ok((answer.id, warnings))
    }
}

/// Whether a port of this machine's loopback is free at this moment.
pub fn is_port_free(port: u16) -> bool {
    std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, port)).is_ok()
}

fn loopback(port: u16) -> Port {
    Port {
        host_ip: Some("127.0.0.1".to_owned()),
        host_port: Some(port),
        container_port: port,
        protocol: "tcp".to_owned(),
    }
}

fn body(plan: &CreatePlan, ports: &[Port], proxies: &[(String, String)]) -> ContainerCreateBody {
    let key = |port: &Port| format!("{}/{}", port.container_port, port.protocol);
    ContainerCreateBody {
        hostname: plan.run.hostname.clone(),
        user: plan.user.clone(),
        exposed_ports: Some(ports.iter().map(key).collect()),
        env: Some(
            proxies
                .iter()
                .chain(&plan.env)
                .map(|(name, value)| format!("{name}={value}"))
                .collect(),
        ),
        cmd: Some(plan.command.clone()),
        image: Some(plan.image.clone()),
        entrypoint: Some(plan.entrypoint.clone()),
        labels: Some(plan.labels.clone().into_iter().collect()),
        host_config: Some(host_config(plan, ports)),
        ..ContainerCreateBody::default()
    }
}

fn host_config(plan: &CreatePlan, ports: &[Port]) -> HostConfig {
    let run = &plan.run;
    let mut bindings: HashMap<String, Option<Vec<PortBinding>>> = HashMap::new();
    for port in ports {
        let key = format!("{}/{}", port.container_port, port.protocol);
        let list = bindings.entry(key).or_default().get_or_insert_default();
        list.push(PortBinding {
            host_ip: port.host_ip.clone(),
            host_port: port.host_port.map(|port| port.to_string()),
        });
    }
    HostConfig {
        mounts: Some(plan.mounts.iter().map(mount).collect()),
        binds: Some(run.volumes.clone()),
        tmpfs: Some(run.tmpfs.iter().cloned().collect()),
        port_bindings: Some(bindings),
        init: plan.init.then_some(true),
        privileged: Some(plan.privileged),
        network_mode: run.network.clone(),
        ipc_mode: run.ipc.clone(),
        pid_mode: run.pid.clone(),
        userns_mode: run.userns.clone(),
        runtime: run.runtime.clone(),
        restart_policy: run.restart.as_deref().and_then(restart_policy),
        shm_size: run.shm_size,
        memory: run.memory,
        nano_cpus: run.nano_cpus,
        device_requests: run.gpus.as_ref().map(|gpus| vec![device_request(gpus)]),
        ulimits: Some(
            run.ulimits
                .iter()
                .map(|limit| ResourcesUlimits {
                    name: Some(limit.name.clone()),
                    soft: Some(limit.soft),
                    hard: Some(limit.hard),
                })
                .collect(),
        ),
        devices: Some(
            run.devices
                .iter()
                .map(|device| DeviceMapping {
                    path_on_host: Some(device.host.clone()),
                    path_in_container: Some(device.container.clone()),
                    cgroup_permissions: Some(device.permissions.clone()),
                })
                .collect(),
        ),
        extra_hosts: Some(run.extra_hosts.clone()),
        dns: Some(run.dns.clone()),
        group_add: Some(run.group_add.clone()),
        cap_add: Some(run.cap_add.clone()),
        cap_drop: Some(run.cap_drop.clone()),
        security_opt: Some(run.security_opt.clone()),
        sysctls: Some(run.sysctls.iter().cloned().collect()),
        ..HostConfig::default()
    }
}

fn mount(mount: &Mount) -> EngineMount {
    let propagation = mount
        .propagation
        .as_ref()
        .and_then(|text| text.parse().ok());
    EngineMount {
        target: Some(mount.target.clone()),
        source: mount.source.clone(),
        typ: Some(match mount.kind {
            MountKind::Bind => MountType::BIND,
            MountKind::Volume => MountType::VOLUME,
            MountKind::Tmpfs => MountType::TMPFS,
        }),
        read_only: Some(mount.read_only),
        consistency: mount.consistency.clone(),
        bind_options: propagation.map(|propagation| MountBindOptions {
            propagation: Some(propagation),
            ..MountBindOptions::default()
        }),
        ..EngineMount::default()
    }
}

/// What `docker run --gpus` asks for.
fn device_request(gpus: &GpuRequest) -> DeviceRequest {
    let (count, device_ids) = match gpus {
        GpuRequest::All => (Some(-1), None),
        GpuRequest::Count(count) => (Some(*count), None),
        GpuRequest::Devices(devices) => (None, Some(devices.clone())),
    };
    DeviceRequest {
        count,
        device_ids,
        capabilities: Some(vec![vec!["gpu".to_owned()]]),
        ..DeviceRequest::default()
    }
}

/// `always`, `unless-stopped`, `on-failure:3`.
fn restart_policy(text: &str) -> Option<RestartPolicy> {
    let (name, count) = match text.split_once(':') {
        Some((name, count)) => (name, count.parse().ok()),
        None => (text, None),
    };
    Some(RestartPolicy {
        name: Some(name.parse().ok()?),
        maximum_retry_count: count,
    })
}
