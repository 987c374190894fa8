//! What an option of `docker run` means: one type for each that has a language of its own.

/// One published port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// The host's address; every address when not given.
    pub host_ip: Option<String>,
    /// The host's port; any free one when not given.
    pub host_port: Option<u16>,
    /// The container's port.
    pub container_port: u16,
    /// tcp, udp or sctp.
    pub protocol: String,
}

/// A limit of the container's processes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ulimit {
    /// Its name (`nofile`).
    pub name: String,
    /// The soft limit; -1 for none.
    pub soft: i64,
    /// The hard limit; -1 for none.
    pub hard: i64,
}

/// A device of the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// The host's path.
    pub host: String,
    /// The container's path.
    pub container: String,
    /// r, w and m.
    pub permissions: String,
}

/// Which GPUs the container gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GpuRequest {
    /// All there are.
    All,
    /// So many.
    Count(i64),
    /// These.
    Devices(Vec<String>),
}

impl Port {
    /// The same port of this machine's loopback and of the container.
    pub(super) fn loopback(port: u16) -> Port {
        Port {
            host_ip: Some("127.0.0.1".to_owned()),
            host_port: Some(port),
            container_port: port,
            protocol: "tcp".to_owned(),
        }
    }

    /// Reads `[[address:]host:]container[/protocol]`, where ports may be ranges of equal length.
    pub fn parse(text: &str) -> Option<Vec<Port>> {
        let (ports, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
        let protocol = protocol.to_ascii_lowercase();
        if !matches!(protocol.as_str(), "tcp" | "udp" | "sctp") {
            return None;
        }
        let (ports, container) = match ports.rsplit_once(':') {
            Some((rest, container)) => (Some(rest), container),
            None => (None, ports),
        };
        let (ip, host) = match ports {
            None => (None, ""),
            Some(rest) => match rest.rsplit_once(':') {
                Some((ip, host)) => (Some(ip), host),
                None => (None, rest),
            },
        };
        let ip = ip.map(|ip| ip.trim_start_matches('[').trim_end_matches(']'));
        if ip.is_some_and(|ip| !ip.is_empty() && ip.parse::<std::net::IpAddr>().is_err()) {
            return None;
        }
        let container = range(container)?;
        let host: Option<Vec<u16>> = if host.is_empty() {
            None
        } else {
            let host = range(host)?;
            (host.len() == container.len()).then_some(host.clone())?;
            Some(host)
        };
        Some(
            container
                .iter()
                .enumerate()
                .map(|(index, container_port)| Port {
                    host_ip: ip.filter(|ip| !ip.is_empty()).map(str::to_owned),
                    host_port: host.as_ref().map(|host| host[index]),
                    container_port: *container_port,
                    protocol: protocol.clone(),
                })
                .collect(),
        )
    }
}

fn range(text: &str) -> Option<Vec<u16>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last): (u16, u16) = (first.parse().ok()?, last.parse().ok()?);
    (first != 0 && first <= last).then(|| (first..=last).collect())
}

impl Ulimit {
    /// Reads `name=soft[:hard]`.
    pub fn parse(text: &str) -> Option<Ulimit> {
        let (name, limits) = text.split_once('=')?;
        let (soft, hard) = limits.split_once(':').unwrap_or((limits, limits));
        Some(Ulimit {
            name: name.to_owned(),
            soft: soft.parse().ok()?,
            hard: hard.parse().ok()?,
        })
    }
}

impl Device {
    /// Reads `host[:container[:permissions]]`.
    pub fn parse(text: &str) -> Option<Device> {
        let parts: Vec<&str> = text.split(':').collect();
        let is_permissions =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| b"rwm".contains(&byte));
        let (host, container, permissions) = match parts[..] {
            [host] => (host, host, "rwm"),
            [host, permissions] if is_permissions(permissions) => (host, host, permissions),
            [host, container] => (host, container, "rwm"),
            [host, container, permissions] if is_permissions(permissions) => {
                (host, container, permissions)
            }
            _ => return None,
        };
        let is_path = host.starts_with('/') && container.starts_with('/');
        is_path.then(|| Device {
            host: host.to_owned(),
            container: container.to_owned(),
            permissions: permissions.to_owned(),
        })
    }
}

impl GpuRequest {
    /// Reads `all`, a number, or `device=0,1` (quoted, as a shell needs it, or not).
    pub fn parse(text: &str) -> Option<GpuRequest> {
        let text = text.trim_matches(['"', '\'']);
        if text == "all" {
            return Some(GpuRequest::All);
        }
        if let Some(devices) = text.strip_prefix("device=") {
            let devices: Vec<String> = devices.split(',').map(str::to_owned).collect();
            let is_plain = |device: &String| !device.is_empty() && !device.contains('=');
            return devices
                .iter()
                .all(is_plain)
                .then_some(GpuRequest::Devices(devices));
        }
        let count = text.parse::<i64>().ok()?;
        (count > 0).then_some(GpuRequest::Count(count))
    }
}
