//! `mmdev doctor`: what may be in the way on this machine, and what to do about it.

use std::io;
use std::path::PathBuf;

use anstyle::{AnsiColor, Style};
use mmdev_conda::{Condarc, Logins};

use crate::condarc;
use crate::engine;
use crate::environment::{self, VARIABLES, Variable};
use crate::error::{Result, Status};
use crate::json::Message;
use crate::printer::{Printer, visible};

/// How one thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// As it should be.
    Good,
    /// Works, with less.
    Attention,
    /// In the way.
    Bad,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// What was looked at.
    pub(crate) subject: &'static str,
    /// How it is.
    pub(crate) state: State,
    /// What was seen.
    pub(crate) text: String,
    /// What to do; empty where there is nothing to do.
    pub(crate) advice: Vec<String>,
}

impl Finding {
    fn good(subject: &'static str, text: impl Into<String>) -> Self {
        Finding {
            subject,
            state: State::Good,
            text: text.into(),
            advice: Vec::new(),
        }
    }

    fn attention(subject: &'static str, text: impl Into<String>, advice: &str) -> Self {
        Finding {
            state: State::Attention,
            advice: vec![advice.to_owned()],
            ..Finding::good(subject, text)
        }
    }
}

/// The host, as far as it matters.
#[derive(Debug, Clone, Default)]
struct Host {
    /// The ids of the user; `None` where there are none (Windows).
    user: Option<(u32, u32)>,
    /// `fs.inotify.max_user_watches`.
    watches: Option<u64>,
    /// Proxy variables that are set.
    proxies: Vec<&'static str>,
    /// Set variables that begin with MMDEV_ and that nobody reads.
    unknown_variables: Vec<String>,
    /// The programs of [`PROGRAMS`] that are on PATH.
    programs: Vec<&'static str>,
}

/// Programs that make more possible: name, what for.
const PROGRAMS: [(&str, &str); 3] = [
    (
        "docker",
        "VS Code and the devcontainer CLI call it; mmdev itself speaks to the daemon",
    ),
    (
        "devcontainer",
        "mmdev up hands projects with features or compose files to it: npm install -g @devcontainers/cli",
    ),
    ("git", "mmdev run forwards its user.name and user.email"),
];

const PROXIES: [&str; 6] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// Fewer watches than this are used up by one big project and one editor.
const ENOUGH_WATCHES: u64 = 65_536;

/// Looks at the machine and says what it sees. Exit code 3 if something is in the way.
pub(crate) fn doctor(printer: &Printer) -> Result {
    let mut findings = vec![Finding::good("mmdev", env!("CARGO_PKG_VERSION"))];
    findings.push(daemon(engine::block_on(engine::connect())));
    if on_path("docker") {
        findings.push(buildx());
    }
    findings.extend(judge(&Host::observe()));
    findings.extend(condarcs(condarc::files()));
    findings.extend(credentials(&condarc::logins()));
    for finding in &findings {
        say(printer, finding);
    }
    let worst = findings.iter().map(|finding| finding.state).max();
    Ok(match worst {
        Some(State::Bad) => Status::World,
        _ => Status::Done,
    })
}

/// The container engine.
fn daemon(connected: Result<mmdev_docker::Engine>) -> Finding {
    match connected {
        Ok(engine) => {
            let kind = match engine.kind {
                mmdev_docker::EngineKind::Docker => "Docker",
                mmdev_docker::EngineKind::Podman => "Podman",
            };
            let rootless = if engine.rootless { ", rootless" } else { "" };
            Finding::good(
                "engine",
                format!(
                    "{kind} {} (API {}{rootless}) at {}",
                    engine.version, engine.api_version, engine.endpoint
                ),
            )
        }
        Err(error) => Finding {
            subject: "engine",
            state: State::Bad,
            text: error.message(),
            advice: error.hints,
        },
    }
}

/// What counts here of each configuration file of conda's and mamba's.
fn condarcs(files: Vec<(PathBuf, io::Result<Condarc>)>) -> Vec<Finding> {
    let finding = |(path, condarc): (PathBuf, io::Result<Condarc>)| {
        let path = path.display();
        match condarc.map(|condarc| condarc.keys().join(", ")) {
            Ok(keys) if keys.is_empty() => Finding::good(
                "condarc",
                format!("{path} says nothing about where channels are"),
            ),
            Ok(keys) => Finding::good("condarc", format!("{path}: {keys}")),
            Err(error) => Finding::attention(
                "condarc",
                format!("{path} cannot be read: {error}"),
                "conda reads it: what it says of channels is not known to mmdev",
            ),
        }
    };
    files.into_iter().map(finding).collect()
}

/// Which files with credentials for channels there are.
fn credentials(logins: &Logins) -> Vec<Finding> {
    let files = logins.stores.iter().chain(&logins.netrc);
    files
        .filter(|path| path.exists())
        .map(|path| Finding::good("credentials", path.display().to_string()))
        .collect()
}

/// The builder that VS Code and the devcontainer CLI call; mmdev itself speaks to BuildKit.
fn buildx() -> Finding {
    let output = std::process::Command::new("docker")
        .args(["buildx", "version"])
        .output();
    match output {
        Ok(output) if output.status.success() => Finding::good(
            "buildx",
            String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        ),
        _ => Finding::attention(
            "buildx",
            "docker buildx does not run",
            "VS Code and the devcontainer CLI build with it: install docker-buildx-plugin (Docker) or docker-buildx (Debian)",
        ),
    }
}

fn say(printer: &Printer, finding: &Finding) {
    let (word, mark, colour) = match finding.state {
        State::Good => ("good", "ok", AnsiColor::Green),
        State::Attention => ("attention", "note", AnsiColor::Yellow),
        State::Bad => ("bad", "bad", AnsiColor::Red),
    };
    printer.message(&Message::Doctor {
        subject: finding.subject,
        state: word,
        message: &finding.text,
        advice: &finding.advice,
    });
    let style: Style = colour.on_default().bold();
    printer.result(&format!(
        "{style}{mark:>5}{style:#} {}: {}\n",
        finding.subject,
        visible(&finding.text)
    ));
    for advice in &finding.advice {
        printer.result(&format!("      {}\n", visible(advice)));
    }
}

impl Host {
    fn observe() -> Self {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let unknown_variables = std::env::vars_os()
            .filter_map(|(name, _)| name.into_string().ok())
            .filter(|name| name.starts_with("MMDEV_"))
            .filter(|name| !VARIABLES.iter().any(|variable| variable.name == name))
            .collect();
        Host {
            user: user(),
            watches: std::fs::read_to_string("/proc/sys/fs/inotify/max_user_watches")
                .ok()
                .and_then(|text| text.trim().parse().ok()),
            proxies: PROXIES.into_iter().filter(|name| is_set(name)).collect(),
            unknown_variables,
            programs: PROGRAMS
                .iter()
                .map(|(name, _)| *name)
                .filter(|name| on_path(name))
                .collect(),
        }
    }
}

/// The ids of the user and its group.
#[cfg(unix)]
pub(crate) fn user() -> Option<(u32, u32)> {
    Some((
        rustix::process::getuid().as_raw(),
        rustix::process::getgid().as_raw(),
    ))
}

/// The ids of the user and its group, which this system does not have.
#[cfg(not(unix))]
pub(crate) fn user() -> Option<(u32, u32)> {
    None
}

/// Whether a program of that name is on PATH.
pub(crate) fn on_path(program: &str) -> bool {
    environment::program(program).is_some()
}

/// What the host's state means.
fn judge(host: &Host) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(host.user.map(user_finding));
    if let Some(watches) = host.watches {
        let text = format!("{watches} inotify watches");
        findings.push(if watches >= ENOUGH_WATCHES {
            Finding::good("file watching", text)
        } else {
            Finding::attention(
                "file watching",
                text,
                "raise the limit: echo fs.inotify.max_user_watches=524288 | sudo tee /etc/sysctl.d/60-inotify.conf && sudo sysctl --system",
            )
        });
    }
    if !host.proxies.is_empty() {
        findings.push(Finding::attention(
            "proxy",
            format!("{} set here", host.proxies.join(", ")),
            "builds and containers see it only if ~/.docker/config.json names it under `proxies`: https://docs.docker.com/engine/cli/proxy/",
        ));
    }
    for name in &host.unknown_variables {
        findings.push(Finding::attention(
            "environment",
            format!("{name} is set, and mmdev reads no such variable"),
            &nearest(name),
        ));
    }
    for (name, purpose) in PROGRAMS {
        findings.push(if host.programs.contains(&name) {
            Finding::good(name, "on PATH")
        } else {
            Finding::attention(name, "not on PATH", purpose)
        });
    }
    findings
}

/// The variable that was meant.
fn nearest(name: &str) -> String {
    let similarity = |variable: &&Variable| strsim::jaro_winkler(variable.name, name);
    VARIABLES
        .iter()
        .max_by(|left, right| similarity(left).total_cmp(&similarity(right)))
        .map(|Variable { name, meaning }| format!("did you mean {name}? {meaning}"))
        .unwrap_or_default()
}

/// What the host's user means for files in the workspace. The container's user gets the host's ids when the container
/// is made (devcontainer.json's updateRemoteUserUID).
fn user_finding((uid, gid): (u32, u32)) -> Finding {
    let text = format!("uid {uid}, gid {gid}");
    if uid == 0 {
        return Finding::attention(
            "user",
            text,
            "you are root: the container's user keeps its own ids, and cannot write a workspace that belongs to root alone; work as another user, or set \"remoteUser\": \"root\" in devcontainer.json",
        );
    }
    // Below 1000 are the system's groups: images have them already, and a taken GID is not given away.
    if gid < 1000 {
        return Finding {
            state: State::Good,
            advice: vec![format!(
                "the group {gid} exists in most images, so new files in the workspace get the image's group there; your uid is what counts for writing"
            )],
            ..Finding::good("user", text)
        };
    }
    Finding::good("user", text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(host: &Host, expected: Expect) {
        let shown: String = judge(host)
            .iter()
            .map(|finding| {
                format!(
                    "{:?} {}: {}\n{}",
                    finding.state,
                    finding.subject,
                    finding.text,
                    finding
                        .advice
                        .iter()
                        .map(|advice| format!("    {advice}\n"))
                        .collect::<String>()
                )
            })
            .collect();
        expected.assert_eq(&shown);
    }

    #[test]
    fn a_good_host() {
        check(
            &Host {
                user: Some((1000, 1000)),
                watches: Some(524_288),
                programs: vec!["docker", "devcontainer", "git"],
                ..Host::default()
            },
            expect![[r#"
                Good user: uid 1000, gid 1000
                Good file watching: 524288 inotify watches
                Good docker: on PATH
                Good devcontainer: on PATH
                Good git: on PATH
            "#]],
        );
    }

    #[test]
    fn a_host_with_everything_in_the_way() {
        check(
            &Host {
                user: Some((0, 0)),
                watches: Some(8192),
                proxies: vec!["HTTPS_PROXY"],
                unknown_variables: vec!["MMDEV_BSAE".to_owned()],
                programs: Vec::new(),
            },
            expect![[r#"
                Attention user: uid 0, gid 0
                    you are root: the container's user keeps its own ids, and cannot write a workspace that belongs to root alone; work as another user, or set "remoteUser": "root" in devcontainer.json
                Attention file watching: 8192 inotify watches
                    raise the limit: echo fs.inotify.max_user_watches=524288 | sudo tee /etc/sysctl.d/60-inotify.conf && sudo sysctl --system
                Attention proxy: HTTPS_PROXY set here
                    builds and containers see it only if ~/.docker/config.json names it under `proxies`: https://docs.docker.com/engine/cli/proxy/
                Attention environment: MMDEV_BSAE is set, and mmdev reads no such variable
                    did you mean MMDEV_BASE? The image that the Dockerfile starts from; as `--base`.
                Attention docker: not on PATH
                    VS Code and the devcontainer CLI call it; mmdev itself speaks to the daemon
                Attention devcontainer: not on PATH
                    mmdev up hands projects with features or compose files to it: npm install -g @devcontainers/cli
                Attention git: not on PATH
                    mmdev run forwards its user.name and user.email
            "#]],
        );
        check(
            &Host {
                user: Some((501, 20)),
                programs: vec!["docker", "devcontainer", "git"],
                ..Host::default()
            },
            expect![[r#"
                Good user: uid 501, gid 20
                    the group 20 exists in most images, so new files in the workspace get the image's group there; your uid is what counts for writing
                Good docker: on PATH
                Good devcontainer: on PATH
                Good git: on PATH
            "#]],
        );
    }
}
