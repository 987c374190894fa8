//! Connecting: what is said when there is nobody, somebody old, or somebody else.

use std::path::Path;

use mmdev_docker::{BuildEvent, EngineKind, Environment, Error};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;

use crate::support::{BASE, Running, build, engine, engine_with_base, plan, request, unique};

/// Serves one answer to every request, or hangs up when there is none.
fn serve(socket: &Path, answer: Option<&'static str>) {
    let listener = UnixListener::bind(socket).unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let Some(answer) = answer else { continue };
            tokio::spawn(async move {
                let mut buffer = [0_u8; 4096];
                while stream.read(&mut buffer).await.is_ok_and(|count| count > 0) {
                    let response = format!(
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{answer}",
                        answer.len()
                    );
                    let _ = stream.write_all(response.as_bytes()).await;
                }
            });
        }
    });
}

async fn connect(host: &str) -> Result<mmdev_docker::Engine, Error> {
    let environment = Environment {
        docker_host: Some(host.to_owned()),
        ..Environment::default()
    };
    mmdev_docker::Engine::connect(&environment).await
}

#[tokio::test]
async fn the_engine_says_what_it_is() {
    let engine = engine().await;
    assert!(!engine.version.is_empty());
    assert!(
        engine.api_version.starts_with("1."),
        "{}",
        engine.api_version
    );
    assert!(engine.endpoint.contains("://"), "{}", engine.endpoint);
}

#[tokio::test]
async fn an_old_engine_and_podman_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let old = folder.path().join("old.sock");
    serve(&old, Some(r#"{"Version": "19.03", "ApiVersion": "1.40"}"#));
    let error = connect(&format!("unix://{}", old.display()))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Error::TooOld { api, .. } if api == "1.40"),
        "{error:?}"
    );
    assert!(error.hint().unwrap().contains("20.10"));

    let podman = folder.path().join("podman.sock");
    serve(
        &podman,
        Some(
            r#"{"Version": "5.0", "ApiVersion": "1.41", "Components": [{"Name": "Podman Engine", "Version": "5.0"}],
                "SecurityOptions": ["name=seccomp", "name=rootless"]}"#,
        ),
    );
    let engine = connect(&format!("unix://{}", podman.display()))
        .await
        .unwrap();
    assert_eq!((engine.kind, engine.rootless), (EngineKind::Podman, true));
}

#[tokio::test]
async fn nobody_and_strangers_are_an_error_with_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let host = |name: &str| format!("unix://{}", path(name).display());
    let message = async |host: &str| {
        let error = connect(host).await.unwrap_err();
        assert!(error.hint().is_some(), "{error:?}");
        error.to_string()
    };
    let absent = message(&host("absent")).await;
    assert!(absent.ends_with("the socket does not exist"), "{absent}");
    std::fs::write(path("file"), "").unwrap();
    let file = message(&host("file")).await;
    assert!(file.contains("refused"), "{file}");
    serve(&path("hangs-up"), None);
    let hangs_up = message(&host("hangs-up")).await;
    assert!(
        hangs_up.starts_with("no container engine answers at unix://"),
        "{hangs_up}"
    );
    serve(&path("stranger"), Some("<html>"));
    let stranger = message(&host("stranger")).await;
    assert!(
        stranger.starts_with("no container engine answers"),
        "{stranger}"
    );
    for (address, words) in [
        ("ssh://me@host", "cannot connect to ssh://me@host"),
        ("gibberish", "cannot connect to gibberish"),
        ("tcp://", "cannot connect to tcp://"),
        (
            "tcp://127.0.0.1:1",
            "no container engine answers at tcp://127.0.0.1:1",
        ),
        ("unix://", "no container engine answers at unix://"),
    ] {
        let message = message(address).await;
        assert!(message.contains(words), "{address}: {message}");
    }
}

#[tokio::test]
async fn a_chosen_context_that_does_not_exist_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let environment = Environment {
        docker_context: Some("gone".to_owned()),
        docker_config: Some(folder.path().to_owned()),
        ..Environment::default()
    };
    let error = mmdev_docker::Engine::connect(&environment)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no Docker context called `gone`"
    );
}

#[tokio::test]
async fn the_proxies_of_dockers_configuration_reach_builds_and_containers() {
    engine_with_base().await;
    let folder = tempfile::tempdir().unwrap();
    let config = r#"{"proxies": {"default": {"httpProxy": "http://proxy.example:1"}}}"#;
    std::fs::write(folder.path().join("config.json"), config).unwrap();
    let environment = Environment {
        docker_config: Some(folder.path().to_owned()),
        ..Environment::from_variables(|name| std::env::var(name).ok())
    };
    let engine = mmdev_docker::Engine::connect(&environment).await.unwrap();
    let text = unique("proxy");
    let dockerfile = format!("FROM {BASE}\nRUN echo {text} $HTTP_PROXY $http_proxy\n");
    let (result, events) = build(&engine, &request("proxy", &dockerfile)).await;
    result.unwrap();
    let line = format!("{text} http://proxy.example:1 http://proxy.example:1");
    let printed =
        |event: &BuildEvent| matches!(event, BuildEvent::Log { line: of, .. } if *of == line);
    assert!(events.iter().any(printed), "{events:?}");
    let set = r#"{"containerEnv": {"http_proxy": "mine"}}"#;
    let running = Running::start(&engine, &plan(set, &text)).await;
    let env = engine.inspect_container(&running.id).await.unwrap().env;
    let value = |name: &str| {
        let found = env.iter().rev().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    };
    assert_eq!(value("HTTP_PROXY"), Some("http://proxy.example:1"));
    assert_eq!(value("http_proxy"), Some("mine"));
}
