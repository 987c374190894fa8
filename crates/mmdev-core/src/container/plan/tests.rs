//! devcontainer.json in, the container to create out.

use super::*;
use crate::container::config::read;
use crate::container::identity::workspace;
use crate::container::metadata;
use crate::container::user::remote_user;
use expect_test::{Expect, expect};

fn plan_of(text: &str, has_gpu: bool) -> (CreatePlan, Vec<String>) {
    plan_for(text, has_gpu, false)
}

fn plan_for(text: &str, has_gpu: bool, is_podman: bool) -> (CreatePlan, Vec<String>) {
    let (file, diagnostics) = read(text);
    assert_eq!(diagnostics, []);
    let (config, _) = DevContainer::lower(&file.properties);
    let identity = Identity::new(
        HostSystem::Linux,
        "/src/proj",
        "/src/proj/.devcontainer/devcontainer.json",
    );
    let workspace = workspace(HostSystem::Linux, "/src", "/src/proj", None, None);
    create_plan(&Inputs {
        config: &config,
        identity: &identity,
        workspace: &workspace,
        system: HostSystem::Linux,
        local_folder: "/src/proj",
        image: "img",
        image_command: &["/entry".to_owned(), "bash".to_owned()],
        metadata: &metadata::label(None, &file.properties),
        spec_hash: Some("s"),
        plan_hash: Some("p"),
        environment: &BTreeMap::from([("TOKEN".to_owned(), "t".to_owned())]),
        has_gpu,
        is_podman,
        remote_user: &remote_user(&config, ""),
    })
}

#[track_caller]
fn check(text: &str, expected: Expect) {
    let (plan, warnings) = plan_of(text, false);
    let ports: Vec<String> = plan
        .ports
        .iter()
        .map(|port| {
            format!(
                "{}:{}->{}/{}",
                port.host_ip.as_deref().unwrap_or("*"),
                port.host_port
                    .map_or("*".to_owned(), |port| port.to_string()),
                port.container_port,
                port.protocol
            )
        })
        .collect();
    let mounts: Vec<&str> = plan
        .mounts
        .iter()
        .map(|mount| mount.target.as_str())
        .collect();
    expected.assert_eq(&format!(
        "user {:?} env {:?}\nmounts {mounts:?} volumes {:?}\nports {ports:?} forward {:?}\ninit {} privileged {} cap {:?} opt {:?}\n{}",
        plan.user,
        plan.env,
        plan.run.volumes,
        plan.forward_ports,
        plan.init,
        plan.privileged,
        plan.run.cap_add,
        plan.run.security_opt,
        warnings.join("\n"),
    ));
}

#[test]
fn everything_that_up_honours_is_in_the_plan() {
    check(
        "{}",
        expect![[r#"
        user None env []
        mounts ["/workspaces/src"] volumes []
        ports [] forward []
        init false privileged false cap [] opt []
    "#]],
    );
    check(
        r#"{
            "containerEnv": {"A": "1"},
            "containerUser": "me",
            "mounts": ["source=v,target=/v", {"type": "bind", "source": "/s", "target": "/t"}],
            "runArgs": ["-e", "TOKEN", "-e", "MISSING", "-e", "A=2", "-v", "./x:/x", "-v", "y:/y", "-p", "9000:90", "--cap-add=B"],
            "appPort": [8080, "0.0.0.0:81:82"],
            "forwardPorts": [8080, 82, 3000, "localhost:3000", "db:5432"],
            "capAdd": ["B", "SYS_PTRACE"],
            "securityOpt": ["seccomp=unconfined"],
            "init": true
        }"#,
        expect![[r#"
            user Some("me") env [("A", "1"), ("TOKEN", "t"), ("A", "2")]
            mounts ["/workspaces/src", "/v", "/t"] volumes ["/src/proj/./x:/x", "y:/y"]
            ports ["127.0.0.1:8080->8080/tcp", "0.0.0.0:81->82/tcp", "*:9000->90/tcp"] forward [3000]
            init true privileged false cap ["B", "SYS_PTRACE"] opt ["seccomp=unconfined"]
            `forwardPorts` "db:5432" is not forwarded: only ports of the container itself are; VS Code can do it"#]],
    );
    check(
        r#"{"runArgs": ["--network=host", "-u", "0", "--privileged"], "forwardPorts": [80], "containerUser": "x"}"#,
        expect![[r#"
            user Some("0") env []
            mounts ["/workspaces/src"] volumes []
            ports [] forward []
            init false privileged true cap [] opt []
        "#]],
    );
    check(
        r#"{"appPort": "1-2:3-4", "hostRequirements": {"gpu": true}}"#,
        expect![[r#"
            user None env []
            mounts ["/workspaces/src"] volumes []
            ports ["*:1->3/tcp", "*:2->4/tcp"] forward []
            init false privileged false cap [] opt []
            devcontainer.json asks for a GPU, and the container engine offers none"#]],
    );
}

#[test]
fn the_command_idles_as_the_devcontainer_clis() {
    let (plan, _) = plan_of("{}", false);
    expect![[r#"
        ["/bin/sh"] -c|echo Container started
        trap "exit 0" 15

        exec "$@"
        while sleep 1 & wait $!; do :; done|-"#]]
    .assert_eq(&format!("{:?} {}", plan.entrypoint, plan.command.join("|")));
    let (plan, _) = plan_of(r#"{"overrideCommand": false}"#, false);
    assert_eq!(plan.command[2..], ["-", "/entry", "bash"]);
}

#[test]
fn labels_are_both_tools() {
    let (plan, _) = plan_of(r#"{"remoteUser": "me", "runArgs": ["-l", "a=b=c"]}"#, false);
    let labels: String = plan
        .labels
        .iter()
        .map(|(name, value)| format!("{name}={value}\n"))
        .collect();
    expect![[r#"
        a=b=c
        dev.mmdev.plan=p
        dev.mmdev.project=proj-4761cf37
        dev.mmdev.spec=s
        devcontainer.config_file=/src/proj/.devcontainer/devcontainer.json
        devcontainer.local_folder=/src/proj
        devcontainer.metadata=[{"remoteUser":"me"}]
    "#]]
    .assert_eq(&labels);
}

#[test]
fn a_gpu_is_taken_when_there_is_one() {
    let gpus = |text: &str, has_gpu| plan_of(text, has_gpu).0.run.gpus;
    let optional = r#"{"hostRequirements": {"gpu": "optional"}}"#;
    assert_eq!(gpus(optional, true), Some(GpuRequest::All));
    assert_eq!(gpus(optional, false), None);
    assert_eq!(gpus("{}", true), None);
    assert_eq!(
        gpus(r#"{"runArgs": ["--gpus", "\"device=0,2\""]}"#, false),
        Some(GpuRequest::Devices(vec!["0".to_owned(), "2".to_owned()]))
    );
}

#[test]
fn ports_are_read_as_docker_reads_them() {
    let count = |text: &str| Port::parse(text).map(|ports| ports.len());
    assert_eq!(count("80"), Some(1));
    assert_eq!(count("[::1]:80:80/udp"), Some(1));
    assert_eq!(count("8000-8002:9000-9002"), Some(3));
    assert_eq!(count("8000-8002:9000"), None);
    for wrong in [
        "",
        "0",
        ":",
        "a:80",
        "80/xyz",
        "1.2.3:80:80",
        "65536",
        "9-8",
    ] {
        assert_eq!(count(wrong), None, "{wrong}");
    }
}

#[test]
fn podman_keeps_the_ids_of_the_hosts_user() {
    let userns = |text: &str, is_podman| plan_for(text, false, is_podman).0.run.userns;
    let user = r#"{"remoteUser": "me"}"#;
    assert_eq!(userns(user, true).as_deref(), Some("keep-id"));
    assert_eq!(userns(user, false), None);
    assert_eq!(userns("{}", true), None);
    let chosen = r#"{"remoteUser": "me", "runArgs": ["--userns=host"]}"#;
    assert_eq!(userns(chosen, true).as_deref(), Some("host"));
}
