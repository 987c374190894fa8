//! The arguments of `docker run` and `docker build` that people write into `runArgs` and `build.options`.
//!
//! What is not known here is named, never dropped: the whole container is then left to the `devcontainer` program.

use super::mount::Mount;
use super::options::{Device, GpuRequest, Port, Ulimit};

/// What `runArgs` asks for. Where an argument can stand only once, the last one counts, as in Docker.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunArguments {
    /// `-e NAME=VALUE`, or `-e NAME` for the host's value.
    pub env: Vec<(String, Option<String>)>,
    /// `-v`, as it is written.
    pub volumes: Vec<String>,
    /// `--mount`.
    pub mounts: Vec<Mount>,
    /// `--tmpfs`: path and options.
    pub tmpfs: Vec<(String, String)>,
    /// `-p`.
    pub ports: Vec<Port>,
    /// `-l`.
    pub labels: Vec<(String, String)>,
    /// `-u`.
    pub user: Option<String>,
    /// `--name`.
    pub name: Option<String>,
    /// `--hostname`.
    pub hostname: Option<String>,
    /// `--network`.
    pub network: Option<String>,
    /// `--ipc`.
    pub ipc: Option<String>,
    /// `--pid`.
    pub pid: Option<String>,
    /// `--userns`.
    pub userns: Option<String>,
    /// `--platform`.
    pub platform: Option<String>,
    /// `--runtime`.
    pub runtime: Option<String>,
    /// `--restart`.
    pub restart: Option<String>,
    /// `--shm-size`, in bytes.
    pub shm_size: Option<i64>,
    /// `--memory`, in bytes.
    pub memory: Option<i64>,
    /// `--cpus`, in billionths of a processor.
    pub nano_cpus: Option<i64>,
    /// `--gpus`.
    pub gpus: Option<GpuRequest>,
    /// `--ulimit`.
    pub ulimits: Vec<Ulimit>,
    /// `--device`.
    pub devices: Vec<Device>,
    /// `--add-host`.
    pub extra_hosts: Vec<String>,
    /// `--dns`.
    pub dns: Vec<String>,
    /// `--group-add`.
    pub group_add: Vec<String>,
    /// `--cap-add`.
    pub cap_add: Vec<String>,
    /// `--cap-drop`.
    pub cap_drop: Vec<String>,
    /// `--security-opt`.
    pub security_opt: Vec<String>,
    /// `--sysctl`.
    pub sysctls: Vec<(String, String)>,
    /// `--privileged`.
    pub privileged: bool,
    /// `--init`.
    pub init: bool,
    /// The arguments that are not understood, each as it is written.
    pub unsupported: Vec<String>,
}

/// Long names of the arguments that take a value, and their short or older forms.
const WITH_VALUE: &[(&str, &[&str])] = &[
    ("--add-host", &[]),
    ("--build-arg", &[]),
    ("--cap-add", &[]),
    ("--cap-drop", &[]),
    ("--cpus", &[]),
    ("--device", &[]),
    ("--dns", &[]),
    ("--env", &["-e"]),
    ("--gpus", &[]),
    ("--group-add", &[]),
    ("--hostname", &["-h"]),
    ("--ipc", &[]),
    ("--label", &["-l"]),
    ("--memory", &["-m"]),
    ("--mount", &[]),
    ("--name", &[]),
    ("--network", &["--net"]),
    ("--pid", &[]),
    ("--platform", &[]),
    ("--progress", &[]),
    ("--publish", &["-p"]),
    ("--restart", &[]),
    ("--runtime", &[]),
    ("--security-opt", &[]),
    ("--shm-size", &[]),
    ("--sysctl", &[]),
    ("--target", &[]),
    ("--tmpfs", &[]),
    ("--ulimit", &[]),
    ("--user", &["-u"]),
    ("--userns", &[]),
    ("--volume", &["-v"]),
];

/// Arguments that take a value and are not understood here; knowing them keeps a value from being taken for a flag.
const UNSUPPORTED_WITH_VALUE: &[&str] = &[
    "--annotation",
    "--build-context",
    "--cache-from",
    "--cache-to",
    "--cgroup-parent",
    "--cgroupns",
    "--cidfile",
    "--cpu-shares",
    "--cpuset-cpus",
    "--device-cgroup-rule",
    "--entrypoint",
    "--env-file",
    "--expose",
    "--file",
    "--health-cmd",
    "--ip",
    "--iidfile",
    "--label-file",
    "--link",
    "--log-driver",
    "--log-opt",
    "--mac-address",
    "--memory-swap",
    "--network-alias",
    "--oom-score-adj",
    "--output",
    "--pids-limit",
    "--secret",
    "--ssh",
    "--stop-signal",
    "--stop-timeout",
    "--storage-opt",
    "--tag",
    "--uts",
    "--volumes-from",
    "--workdir",
    "-c",
    "-f",
    "-o",
    "-w",
];

/// One argument taken apart: its long name, or what was written where it is unknown, and its value.
struct Argument<'a> {
    name: &'a str,
    value: Option<&'a str>,
    written: String,
}

/// Takes arguments apart as Docker's own flag parser does: `--name value`, `--name=value`, `-e value`, `-eVALUE`,
/// `-e=value`.
fn split(arguments: &[String]) -> Vec<Argument<'_>> {
    let mut result = Vec::new();
    let mut rest = arguments.iter();
    while let Some(written) = rest.next() {
        let (flag, mut value) = match written.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => (flag, Some(value)),
            _ if written.starts_with('-') && !written.starts_with("--") => {
                let end = written
                    .char_indices()
                    .nth(2)
                    .map_or(written.len(), |(at, _)| at);
                let attached = &written[end..];
                let value = attached.strip_prefix('=').unwrap_or(attached);
                (
                    &written[..end],
                    Some(value).filter(|_| !attached.is_empty()),
                )
            }
            _ => (written.as_str(), None),
        };
        let known = WITH_VALUE
            .iter()
            .find(|(long, others)| *long == flag || others.contains(&flag))
            .map(|(long, _)| *long)
            .or_else(|| UNSUPPORTED_WITH_VALUE.contains(&flag).then_some(flag));
        let mut shown = written.clone();
        let name = match known {
            Some(long) => {
                if value.is_none() {
                    value = rest.next().map(String::as_str);
                    shown = format!("{written} {}", value.unwrap_or_default());
                }
                long
            }
            None if flag.starts_with("--") => flag,
            // `-it` is two flags without values.
            None => {
                value = None;
                written
            }
        };
        result.push(Argument {
            name,
            value,
            written: shown.trim_end().to_owned(),
        });
    }
    result
}

/// Reads `runArgs`.
pub fn parse(arguments: &[String]) -> RunArguments {
    let mut result = RunArguments::default();
    for argument in split(arguments) {
        let understood = match argument.value {
            Some(value) => result.set(argument.name, value),
            None => result.set_flag(argument.name),
        };
        if understood.is_none() {
            result.unsupported.push(argument.written);
        }
    }
    result
}

impl RunArguments {
    fn set_flag(&mut self, name: &str) -> Option<()> {
        match name {
            "--privileged" => self.privileged = true,
            "--init" => self.init = true,
            // The container idles and everything is started by exec, so these change nothing.
            "--interactive" | "--tty" | "--detach" => {}
            short if !short.starts_with("--") => {
                let letters = short.strip_prefix('-')?;
                let harmless = |letter| matches!(letter, 'i' | 't' | 'd');
                return (!letters.is_empty() && letters.chars().all(harmless)).then_some(());
            }
            _ => return None,
        }
        Some(())
    }

    fn set(&mut self, name: &str, value: &str) -> Option<()> {
        let text = || value.to_owned();
        match name {
            "--env" => self.env.push(match value.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (text(), None),
            }),
            "--volume" => self.volumes.push(text()),
            "--mount" => self.mounts.push(Mount::parse(value).ok()?),
            "--tmpfs" => {
                let (path, options) = value.split_once(':').unwrap_or((value, ""));
                self.tmpfs.push((path.to_owned(), options.to_owned()));
            }
            "--publish" => self.ports.extend(Port::parse(value)?),
            "--label" => self.labels.push(pair(value)),
            "--user" => self.user = Some(text()),
            "--name" => self.name = Some(text()),
            "--hostname" => self.hostname = Some(text()),
            "--network" if !value.contains(',') => self.network = Some(text()),
            "--ipc" => self.ipc = Some(text()),
            "--pid" => self.pid = Some(text()),
            "--userns" => self.userns = Some(text()),
            "--platform" => self.platform = Some(text()),
            "--runtime" => self.runtime = Some(text()),
            "--restart" => self.restart = Some(text()),
            "--shm-size" => self.shm_size = Some(bytes(value)?),
            "--memory" => self.memory = Some(bytes(value)?),
            "--cpus" => self.nano_cpus = Some(nano_cpus(value)?),
            "--gpus" => self.gpus = Some(GpuRequest::parse(value)?),
            "--ulimit" => self.ulimits.push(Ulimit::parse(value)?),
            "--device" => self.devices.push(Device::parse(value)?),
            "--add-host" => self.extra_hosts.push(host_entry(value)?),
            "--dns" => self.dns.push(text()),
            "--group-add" => self.group_add.push(text()),
            "--cap-add" => self.cap_add.push(text()),
            "--cap-drop" => self.cap_drop.push(text()),
            "--security-opt" => self.security_opt.push(security_option(value)?),
            "--sysctl" => self.sysctls.push(pair(value)),
            "--privileged" => self.privileged = truth(value)?,
            "--init" => self.init = truth(value)?,
            "--rm" => return truth(value).filter(|remove| !remove).map(drop),
            _ => return None,
        }
        Some(())
    }
}

/// What `build.options` asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BuildArguments {
    /// `--build-arg`.
    pub args: Vec<(String, String)>,
    /// `--label`.
    pub labels: Vec<(String, String)>,
    /// `--add-host`.
    pub extra_hosts: Vec<String>,
    /// `--network`.
    pub network: Option<String>,
    /// `--platform`.
    pub platform: Option<String>,
    /// `--target`.
    pub target: Option<String>,
    /// `--no-cache`.
    pub no_cache: bool,
    /// `--pull`.
    pub pull: bool,
    /// The arguments that are not understood.
    pub unsupported: Vec<String>,
}

/// Reads `build.options`.
pub fn parse_build_options(arguments: &[String]) -> BuildArguments {
    let mut result = BuildArguments::default();
    for argument in split(arguments) {
        match (argument.name, argument.value) {
            ("--build-arg", Some(value)) if value.contains('=') => result.args.push(pair(value)),
            ("--label", Some(value)) => result.labels.push(pair(value)),
            ("--add-host", Some(value)) if host_entry(value).is_some() => {
                result.extra_hosts.extend(host_entry(value));
            }
            ("--network", Some(value)) => result.network = Some(value.to_owned()),
            ("--platform", Some(value)) => result.platform = Some(value.to_owned()),
            ("--target", Some(value)) => result.target = Some(value.to_owned()),
            ("--no-cache", None) => result.no_cache = true,
            ("--pull", None) => result.pull = true,
            // mmdev shows progress in its own way.
            ("--progress", Some(_)) => {}
            _ => result.unsupported.push(argument.written),
        }
    }
    result
}

fn pair(text: &str) -> (String, String) {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    (name.to_owned(), value.to_owned())
}

fn truth(text: &str) -> Option<bool> {
    match text {
        "true" | "1" | "True" | "TRUE" | "t" | "T" => Some(true),
        "false" | "0" | "False" | "FALSE" | "f" | "F" => Some(false),
        _ => None,
    }
}

/// `name:address`; Docker 20.10 knows no `name=address`.
fn host_entry(text: &str) -> Option<String> {
    let separator = text.find(['=', ':'])?;
    let (name, address) = (&text[..separator], &text[separator + 1..]);
    (!name.is_empty() && !address.is_empty()).then(|| format!("{name}:{address}"))
}

/// A security option that the engine understands by itself; a seccomp profile in a file would have to be read.
fn security_option(text: &str) -> Option<String> {
    let (name, value) = text.split_once(['=', ':']).unwrap_or((text, ""));
    match (name, value) {
        ("seccomp", "unconfined" | "builtin") => Some(format!("seccomp={value}")),
        ("seccomp" | "systempaths", _) => None,
        _ => Some(text.to_owned()),
    }
}

/// A size such as `512m`, `1g`, `1.5gb` or `64` in bytes.
fn bytes(text: &str) -> Option<i64> {
    let lower = text.trim().to_ascii_lowercase();
    let digits = lower.trim_end_matches(|character: char| character.is_ascii_alphabetic());
    let unit = lower[digits.len()..]
        .trim_end_matches("ib")
        .trim_end_matches('b');
    let factor = match unit {
        "" => 1_f64,
        "k" => 1024_f64,
        "m" => 1024_f64.powi(2),
        "g" => 1024_f64.powi(3),
        "t" => 1024_f64.powi(4),
        _ => return None,
    };
    let size = digits.trim().parse::<f64>().ok()? * factor;
    (size.is_finite() && size >= 0.0 && size < 2_f64.powi(62)).then_some(size as i64)
}

fn nano_cpus(text: &str) -> Option<i64> {
    let cpus = text.parse::<f64>().ok()?;
    (cpus.is_finite() && cpus > 0.0 && cpus < 1e6).then_some((cpus * 1e9).round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn arguments(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[track_caller]
    fn check<T: std::fmt::Debug>(text: &str, pick: fn(RunArguments) -> T, expected: Expect) {
        let parsed = parse(&arguments(text));
        assert_eq!(parsed.unsupported, Vec::<String>::new());
        expected.assert_eq(&format!("{:?}", pick(parsed)));
    }

    #[test]
    fn every_form_of_an_argument_is_read() {
        check(
            "--name x --name=y",
            |run| run.name,
            expect![[r#"Some("y")"#]],
        );
        check(
            "-e A=1 -eB=2 -e=C=3 --env D --env=E=",
            |run| run.env,
            expect![[
                r#"[("A", Some("1")), ("B", Some("2")), ("C", Some("3")), ("D", None), ("E", Some(""))]"#
            ]],
        );
        check(
            "-u 1000:1000 --init --privileged=false -it -d",
            |run| (run.user, run.init, run.privileged),
            expect![[r#"(Some("1000:1000"), true, false)"#]],
        );
        check(
            "--net=host --shm-size 1.5g -m 64 --cpus 1.5 --gpus all",
            |run| {
                (
                    run.network,
                    run.shm_size,
                    run.memory,
                    run.nano_cpus,
                    run.gpus,
                )
            },
            expect![[r#"(Some("host"), Some(1610612736), Some(64), Some(1500000000), Some(All))"#]],
        );
        check(
            "--ulimit nofile=1024:2048 --ulimit core=-1 --device /dev/fuse --device=/dev/a:/dev/b:r",
            |run| (run.ulimits, run.devices),
            expect![[
                r#"([Ulimit { name: "nofile", soft: 1024, hard: 2048 }, Ulimit { name: "core", soft: -1, hard: -1 }], [Device { host: "/dev/fuse", container: "/dev/fuse", permissions: "rwm" }, Device { host: "/dev/a", container: "/dev/b", permissions: "r" }])"#
            ]],
        );
        check(
            "-p 8080:80 -p 127.0.0.1::53/udp -v /a:/b:ro --tmpfs /t:size=1m",
            |run| (run.ports, run.volumes, run.tmpfs),
            expect![[
                r#"([Port { host_ip: None, host_port: Some(8080), container_port: 80, protocol: "tcp" }, Port { host_ip: Some("127.0.0.1"), host_port: None, container_port: 53, protocol: "udp" }], ["/a:/b:ro"], [("/t", "size=1m")])"#
            ]],
        );
        check(
            "--add-host=a=1.2.3.4 --add-host b:::1 --cap-add SYS_PTRACE --security-opt seccomp:unconfined",
            |run| (run.extra_hosts, run.cap_add, run.security_opt),
            expect![[r#"(["a:1.2.3.4", "b:::1"], ["SYS_PTRACE"], ["seccomp=unconfined"])"#]],
        );
    }

    #[test]
    fn what_is_not_understood_is_named() {
        let check = |text: &str, expected: Expect| {
            expected.assert_eq(&parse(&arguments(text)).unsupported.join(" | "));
        };
        check("--rm --init", expect!["--rm"]);
        check("--rm=false", expect![""]);
        check("--env-file .env --name x", expect!["--env-file .env"]);
        check("--entrypoint=/x", expect!["--entrypoint=/x"]);
        check(
            "--security-opt seccomp=./profile.json",
            expect!["--security-opt seccomp=./profile.json"],
        );
        check(
            "--shm-size lots --cpus -1 --memory 1e400g",
            expect!["--shm-size lots | --cpus -1 | --memory 1e400g"],
        );
        check(
            "--mount /a:/b -p 0:99999",
            expect!["--mount /a:/b | -p 0:99999"],
        );
        check("-x", expect!["-x"]);
        check("--name", expect!["--name"]);
        check("stray --é=1 -é", expect!["stray | --é=1 | -é"]);
    }

    #[test]
    fn build_options_are_read() {
        let parsed = parse_build_options(&arguments(
            "--network=host --build-arg A=1 --no-cache --secret id=x --target dev --ssh default",
        ));
        expect![[r#"BuildArguments { args: [("A", "1")], labels: [], extra_hosts: [], network: Some("host"), platform: None, target: Some("dev"), no_cache: true, pull: false, unsupported: ["--secret id=x", "--ssh default"] }"#]].assert_eq(&format!("{parsed:?}"));
    }
}
