//! The `docker` program, for what tests do beside the program under test.

use std::io::Write;
use std::net::Ipv4Addr;
use std::process::{Command, Stdio};

/// Runs `docker ARGUMENTS…` and gives its standard output, trimmed.
///
/// # Panics
/// If it fails, with what it wrote.
#[track_caller]
pub fn docker(arguments: &[&str]) -> String {
    let output = Command::new("docker")
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("cannot run docker: {error}"));
    assert!(
        output.status.success(),
        "`docker {}` failed: {}{}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Builds a Dockerfile that needs no context, as `tag`.
///
/// # Panics
/// If that fails, with what was written.
#[track_caller]
pub fn build(tag: &str, dockerfile: &str) {
    let mut child = Command::new("docker")
        .args(["build", "--quiet", "--tag", tag, "-"])
        .env("DOCKER_BUILDKIT", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("cannot run docker: {error}"));
    if let Some(mut input) = child.stdin.take() {
        // A build that ends before it has read all says why.
        let _ = input.write_all(dockerfile.as_bytes());
    }
    let output = child
        .wait_with_output()
        .unwrap_or_else(|error| panic!("cannot run docker: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "`docker build` of {tag}: {said}");
}

/// The address of this machine on Docker's bridge network, by which builds and
/// containers reach its servers without the host's network.
///
/// # Errors
/// If the daemon does not answer or has no such network, in words.
pub fn bridge_address() -> Result<Ipv4Addr, String> {
    let output = Command::new("docker")
        .args(["network", "inspect", "bridge", "--format"])
        .arg("{{with index .IPAM.Config 0}}{{.Gateway}} {{.Subnet}}{{end}}")
        .output()
        .map_err(|error| format!("cannot run docker: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!(
            "the Docker daemon does not answer: {}",
            said.trim()
        ));
    }
    let said = String::from_utf8_lossy(&output.stdout);
    bridge_address_in(&said)
        .ok_or_else(|| format!("Docker's bridge network has no address: {}", said.trim()))
}

/// Docker 20.10 names no gateway for the default network; it takes the
/// subnet's first address.
fn bridge_address_in(said: &str) -> Option<Ipv4Addr> {
    let (gateway, subnet) = said.trim_end().split_once(' ')?;
    if let Ok(gateway) = gateway.parse() {
        return Some(gateway);
    }
    let (first, _) = subnet.split_once('/')?;
    let first: Ipv4Addr = first.parse().ok()?;
    Some(Ipv4Addr::from_bits(first.to_bits() + 1))
}

/// An image tag that belongs to one test; the image is removed with it, and
/// with the image the containers made of it.
pub struct Image(String);

impl Image {
    /// A tag that no other test and no other run has: `mmdev-test/NAME:PROCESS`.
    pub fn new(name: &str) -> Self {
        Self(format!("mmdev-test/{name}:{}", std::process::id()))
    }

    /// The tag.
    pub fn tag(&self) -> &str {
        &self.0
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        let filter = format!("ancestor={}", self.0);
        let containers = Command::new("docker")
            .args(["ps", "--all", "--quiet", "--filter", &filter])
            .output();
        if let Ok(output) = containers {
            for id in String::from_utf8_lossy(&output.stdout).split_whitespace() {
                let _ = Command::new("docker")
                    .args(["rm", "--force", "--volumes", id])
                    .output();
            }
        }
        let _ = Command::new("docker").args(["rmi", &self.0]).output();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bridge_address_is_read_from_every_docker() {
        let expected = Some(Ipv4Addr::new(172, 17, 0, 1));
        assert_eq!(bridge_address_in(" 172.17.0.0/16\n"), expected);
        assert_eq!(bridge_address_in("172.17.0.1 172.17.0.0/16\n"), expected);
        assert_eq!(bridge_address_in("\n"), None);
        assert_eq!(bridge_address_in("fd00::1 fd00::/64\n"), None);
    }
}
