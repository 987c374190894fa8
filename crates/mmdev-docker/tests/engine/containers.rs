//! Containers: made from plans, found by the devcontainer CLI's labels, given the host's ids.

use std::collections::BTreeMap;

use mmdev_core::container::config::DevContainer;
use mmdev_core::container::identity::HostSystem;
use mmdev_core::container::lifecycle::{Stage, claim};
use mmdev_core::container::user::{
    Decision, Host, ImageAccounts, decide, remap_context, remote_user,
};
use mmdev_docker::{BuildRequest, ContextFile, Error, ExecRequest, Observation, State};

use crate::support::{BASE, Running, engine, engine_with_base, identity, plan, unique};

fn command(container: &str, command: &[&str]) -> ExecRequest {
    ExecRequest {
        container: container.to_owned(),
        command: command.iter().map(|word| (*word).to_owned()).collect(),
        ..ExecRequest::default()
    }
}

#[tokio::test]
async fn a_planned_container_is_what_was_planned() {
    let engine = engine_with_base().await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("f"), "on the host").unwrap();
    let text = format!(
        r#"{{
            "containerEnv": {{"A": "one two"}},
            "mounts": ["type=bind,source={},target=/m,readonly"],
            "runArgs": ["--hostname=myhost", "--shm-size=8m", "--tmpfs", "/t:size=1m", "--add-host", "some.host:10.1.2.3",
                        "--ulimit", "cpu=333:444", "-v", "./sub:/sub"],
            "containerUser": "user", "init": true, "capAdd": ["NET_ADMIN"]
        }}"#,
        folder.path().display()
    );
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    let plan = plan(&text, &folder.path().to_string_lossy());
    let running = Running::start(&engine, &plan).await;
    let script = r#"echo "$A"; cat /m/f; echo; hostname; df -k /dev/shm | tail -n 1 | tr -s ' ' | cut -d' ' -f2
        grep some.host /etc/hosts; ulimit -t; id -u; cat /proc/1/comm; ls -d /sub; touch /m/x 2>/dev/null || echo read-only"#;
    let output = engine
        .exec_output(&command(&running.id, &["sh", "-c", script]))
        .await
        .unwrap();
    expect_test::expect![[r#"
        one two
        on the host
        myhost
        8192
        10.1.2.3	some.host
        333
        2000
        docker-init
        /sub
        read-only
    "#]]
    .assert_eq(&String::from_utf8_lossy(&output.stdout));

    let found = engine
        .observe(&identity(&folder.path().to_string_lossy()))
        .await
        .unwrap();
    let [found] = &found.containers[..] else {
        panic!("{found:?}");
    };
    assert_eq!(found.id, running.id);
    assert_eq!(found.state, State::Running);
    assert_eq!(found.user, "user");
    assert_eq!(found.image_id, engine.inspect_image(BASE).await.unwrap().id);
    assert!(found.labels["devcontainer.metadata"].contains("NET_ADMIN"));
    assert_eq!(found.labels["dev.mmdev.plan"], "plan");

    // Stopped, it is found as well, and its command ends at once on SIGTERM.
    let before = std::time::Instant::now();
    engine.stop(&running.id, 30).await.unwrap();
    assert!(before.elapsed().as_secs() < 25);
    engine.stop(&running.id, 30).await.unwrap();
    let stopped = engine.inspect_container(&running.id).await.unwrap();
    assert_eq!((stopped.state, stopped.exit_code), (State::Stopped, 0));
    let error = engine
        .exec_output(&command(&running.id, &["true"]))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::NotUp { .. }), "{error:?}");
    let mut log = Vec::new();
    engine
        .logs(&running.id, None, false, &mut |bytes, _| {
            log.extend_from_slice(bytes)
        })
        .await
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&log), "Container started\n");
}

#[tokio::test]
async fn times_are_exactly_what_the_engine_says() {
    let engine = engine_with_base().await;
    let folder = unique("times");
    let running = Running::start(&engine, &plan("{}", &folder)).await;
    let info = engine.inspect_container(&running.id).await.unwrap();
    let output = std::process::Command::new("docker")
        .args([
            "inspect",
            "--format",
            "{{json .Created}} {{json .State.StartedAt}}",
            &running.id,
        ])
        .output()
        .expect("this test needs the docker program\nhint: sudo apt-get install docker.io");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout).trim(),
        format!("\"{}\" \"{}\"", info.created, info.started_at)
    );
}

#[tokio::test]
async fn a_stage_is_claimed_once_for_every_container() {
    let engine = engine_with_base().await;
    let running = Running::start(&engine, &plan("{}", &unique("claim"))).await;
    let claimed = async |stage, time: &str| {
        let request = ExecRequest {
            command: claim("/home/user", stage, time),
            user: Some("user".to_owned()),
            ..command(&running.id, &[])
        };
        engine.exec_output(&request).await.unwrap().exit_code == 0
    };
    assert!(claimed(Stage::PostCreate, "t1").await);
    assert!(!claimed(Stage::PostCreate, "t1").await);
    assert!(claimed(Stage::PostStart, "t1").await);
    assert!(claimed(Stage::PostCreate, "t2").await);
    let marker = "/home/user/.devcontainer/.postCreateCommandMarker";
    assert_eq!(
        engine
            .read_file(&running.id, marker)
            .await
            .unwrap()
            .as_deref(),
        Some("t2\n")
    );
    let empty = command(&running.id, &["sh", "-c", &format!(": > {marker}")]);
    engine.exec_output(&empty).await.unwrap();
    assert!(!claimed(Stage::PostCreate, "t3").await);
}

#[tokio::test]
async fn a_taken_port_is_a_warning_when_forwarded_and_an_error_when_published() {
    let engine = engine_with_base().await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken
        .local_addr()
        .map(|address| (address.port(), taken))
        .unwrap();
    let free = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap().port()
    };
    let text = format!(r#"{{"forwardPorts": [{}, {free}]}}"#, taken.0);
    let running = Running::start(&engine, &plan(&text, &unique("ports"))).await;
    assert_eq!(
        running.warnings,
        [format!(
            "port {} is taken on this machine and is not forwarded",
            taken.0
        )]
    );
    let mut serve = command(
        &running.id,
        &["sh", "-c", &format!("echo served | nc -l -p {free} &")],
    );
    serve.tty = false;
    engine.exec_output(&serve).await.unwrap();
    let mut served = String::new();
    for _ in 0..100 {
        if let Ok(mut stream) = std::net::TcpStream::connect(("127.0.0.1", free)) {
            let _ = std::io::Read::read_to_string(&mut stream, &mut served);
        }
        if !served.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(served, "served\n");

    let text = format!(r#"{{"appPort": {}}}"#, taken.0);
    let (id, warnings) = engine.create(&plan(&text, &unique("ports"))).await.unwrap();
    let error = engine.start(&id).await.unwrap_err();
    engine.remove(&id).await.unwrap();
    assert!(matches!(error, Error::PortTaken { .. }), "{error:?}");
    assert_eq!(warnings, Vec::<String>::new());
}

#[tokio::test]
async fn the_remote_user_gets_the_ids_of_the_host() {
    let engine = engine_with_base().await;
    let files = engine
        .read_image_files(BASE, &["/etc/passwd", "/etc/group"])
        .await
        .unwrap();
    let [Some(passwd), Some(group)] = &files[..] else {
        panic!("{files:?}");
    };
    let config = DevContainer {
        remote_user: Some("user".to_owned()),
        ..DevContainer::default()
    };
    let host = Host {
        system: HostSystem::Linux,
        uid: 1234,
        gid: 1235,
        rootless: false,
    };
    let decision = decide(
        None,
        &remote_user(&config, ""),
        host,
        ImageAccounts { passwd, group },
    );
    let Decision::Remap(remap) = decision else {
        panic!("{decision:?}");
    };
    let request = BuildRequest {
        files: remap_context(&remap)
            .into_iter()
            .map(|(path, text)| ContextFile::new(path, text))
            .collect(),
        dockerfile: "Dockerfile".to_owned(),
        tag: "mmdev-ctest-remap:latest".to_owned(),
        args: BTreeMap::from([
            ("BASE_IMAGE".to_owned(), BASE.to_owned()),
            ("IMAGE_USER".to_owned(), "user".to_owned()),
        ]),
        ..BuildRequest::default()
    };
    engine.build(&request, &mut |_| {}).await.unwrap();
    let mut plan = plan("{}", &unique("remap"));
    plan.image = request.tag.clone();
    let running = Running::start(&engine, &plan).await;
    let script = "id; stat -c %u:%g /home/user /etc/passwd; touch /home/user/x && ls -l /etc/passwd | cut -c1-10";
    let output = engine
        .exec_output(&command(&running.id, &["sh", "-c", script]))
        .await
        .unwrap();
    expect_test::expect![[r#"
        uid=1234(user) gid=1235(user) groups=1235(user)
        1234:1235
        0:0
        -rw-r--r--
    "#]]
    .assert_eq(&String::from_utf8_lossy(&output.stdout));
}

#[tokio::test]
async fn files_are_read_and_absent_ones_are_none() {
    let engine = engine_with_base().await;
    let paths = ["/etc/link", "/etc/absolute", "/etc/none", "/etc", "/none/x"];
    let files = engine.read_image_files(BASE, &paths).await.unwrap();
    let shown: Vec<_> = files
        .iter()
        .map(|file| file.as_deref().map(str::len))
        .collect();
    assert_eq!(shown, [Some(63), Some(23), None, None, None]);
    let error = engine
        .read_image_files("mmdev-ctest-none", &["/x"])
        .await
        .unwrap_err();
    assert!(matches!(error, Error::NoImage { .. }), "{error:?}");
}

#[tokio::test]
async fn what_is_not_there_is_said() {
    let engine = engine().await;
    let mut plan = plan("{}", &unique("none"));
    plan.image = "mmdev-ctest-none:latest".to_owned();
    assert!(matches!(
        engine.create(&plan).await,
        Err(Error::NoImage { .. })
    ));
    let none = "mmdev-ctest-none";
    assert!(matches!(
        engine.start(none).await,
        Err(Error::NoContainer { .. })
    ));
    assert!(matches!(
        engine.stop(none, 1).await,
        Err(Error::NoContainer { .. })
    ));
    assert!(matches!(
        engine.inspect_container(none).await,
        Err(Error::NoContainer { .. })
    ));
    let error = engine
        .exec_output(&command(none, &["true"]))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::NoContainer { .. }), "{error:?}");
    engine.remove(none).await.unwrap();
    assert!(!engine.remove_image(none).await.unwrap());
    let nothing = engine
        .observe(&identity("/mmdev-ctest-nowhere"))
        .await
        .unwrap();
    assert_eq!(nothing, Observation::default());
}

#[tokio::test]
async fn of_several_containers_the_running_one_comes_first() {
    let engine = engine_with_base().await;
    let folder = unique("several");
    let running = Running::start(&engine, &plan("{}", &folder)).await;
    let (newer, _) = engine.create(&plan("{}", &folder)).await.unwrap();
    let observed = engine.observe(&identity(&folder)).await.unwrap();
    engine.remove(&newer).await.unwrap();
    let found: Vec<_> = observed
        .containers
        .iter()
        .map(|container| (container.id.clone(), container.state))
        .collect();
    assert_eq!(
        found,
        [
            (running.id.clone(), State::Running),
            (newer, State::Created)
        ]
    );
}
