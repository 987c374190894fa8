//! How servers are reached: mirrors, proxies, credentials, other places for the same names.

use std::path::PathBuf;
use std::sync::Arc;

use expect_test::expect;
use mmdev_conda::solve::{Outcome, Record, Request, Solver};
use mmdev_conda::{ChannelNames, Config, Logins, Network, Trust};
use mmdev_testkit::Action;

use crate::support::{Form, World};

fn world() -> World {
    let world = World::new();
    for form in ["main", "elsewhere/main", "t/s3cret/main"] {
        world.write(form, Form::Shards, &["linux-64 numpy 1.0 0 0"]);
    }
    world
}

async fn solved(config: Config, channel: &str) -> Result<Vec<Record>, String> {
    let request = Request {
        dependencies: vec!["numpy".to_owned()],
        channels: vec![channel.to_owned()],
        platform: "linux-64".to_owned(),
        ..Request::default()
    };
    match Solver::new(config).solve(request, Arc::new(|_| {})).await {
        Ok(Outcome::Solved(records)) => Ok(records),
        other => Err(format!("{other:?}")),
    }
}

fn with(world: &World, network: Network) -> Config {
    Config {
        network,
        ..world.config()
    }
}

/// The mirror is asked, and the channel itself is named; a mirror that mmdev cannot read is passed over.
#[tokio::test(flavor = "multi_thread")]
async fn a_mirror() {
    let world = world();
    let mirrors = [(
        "conda-forge".to_owned(),
        vec!["oci://ghcr.example.com/c".to_owned(), world.channel("main")],
    )];
    let network = Network {
        mirrors: mirrors.into(),
        ..Network::default()
    };
    let records = solved(with(&world, network), "conda-forge").await.unwrap();
    assert_eq!(
        records[0].url,
        "https://conda.anaconda.org/conda-forge/linux-64/numpy-1.0-0.conda"
    );
    assert_eq!(records[0].channel.as_deref(), Some("conda-forge"));
    let requests = world.server.requests(1);
    assert!(
        requests
            .iter()
            .all(|request| request.path.starts_with("/main/"))
    );
}

/// The first mirror is down: the next attempt goes to the second.
#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_that_is_down() {
    let world = world();
    world
        .server
        .rule(|request| match request.path.starts_with("/main") {
            true => Action::Status(503),
            false => Action::Serve,
        });
    let mirrors = [(
        "conda-forge".to_owned(),
        vec![world.channel("main"), world.channel("elsewhere/main")],
    )];
    let network = Network {
        mirrors: mirrors.into(),
        ..Network::default()
    };
    let records = solved(with(&world, network), "conda-forge").await.unwrap();
    assert_eq!(records.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_stands_elsewhere() {
    let world = world();
    let config = Config {
        names: ChannelNames {
            alias: Some(world.channel("elsewhere")),
            ..ChannelNames::default()
        },
        ..world.config()
    };
    let records = solved(config, "main").await.unwrap();
    // Where it is, and what the spec calls it.
    assert_eq!(
        records[0].url.replace(&world.server.url(), "HOST"),
        "HOST/elsewhere/main/linux-64/numpy-1.0-0.conda"
    );
    assert_eq!(records[0].channel.as_deref(), Some("main"));
}

/// Each kind of credential in rattler's store, and the message where they are not enough.
#[tokio::test(flavor = "multi_thread")]
async fn stored_credentials() {
    let world = world();
    let store = world.served().join("credentials.json");
    let config = || {
        let logins = Logins {
            stores: vec![PathBuf::from("/nonexistent"), store.clone()],
            netrc: None,
        };
        with(
            &world,
            Network {
                logins,
                ..Network::default()
            },
        )
    };
    for (stored, path, header) in [
        (
            r#"{"BearerToken": "s3cret"}"#,
            "/main/",
            Some("Bearer s3cret"),
        ),
        (
            r#"{"BasicHTTP": {"username": "me", "password": "s3cret"}}"#,
            "/main/",
            Some("Basic bWU6czNjcmV0"),
        ),
        (r#"{"CondaToken": "s3cret"}"#, "/t/s3cret/main/", None),
    ] {
        std::fs::write(&store, format!(r#"{{"127.0.0.1": {stored}}}"#)).unwrap();
        let records = solved(config(), &world.channel("main")).await.unwrap();
        assert_eq!(
            records[0].url,
            format!("{}/linux-64/numpy-1.0-0.conda", world.channel("main"))
        );
        for request in world.server.requests(1) {
            assert!(request.path.starts_with(path), "{}", request.path);
            let sent = request.headers.get("authorization");
            assert_eq!(sent.map(String::as_str), header);
        }
    }
    std::fs::write(&store, r#"{"127.0.0.1": "s3cret"}"#).unwrap();
    let wrong = solved(config(), &world.channel("main")).await.unwrap_err();
    assert!(wrong.contains("credentials.json"), "{wrong}");
    assert!(!wrong.contains("s3cret"), "{wrong}");
}

/// Where a server sends one to another host, the credentials stay behind.
#[tokio::test(flavor = "multi_thread")]
async fn credentials_do_not_follow_to_another_host() {
    let [world, other] = [world(), world()];
    let to = other.server.url().replace("127.0.0.1", "localhost");
    world
        .server
        .rule(move |request| Action::Moved(format!("{to}{}", request.path)));
    let channel = world
        .channel("main")
        .replace("http://", "http://me:s3cret@");
    solved(world.config(), &channel).await.unwrap();
    for request in other.server.requests(1) {
        for (name, value) in &request.headers {
            assert!(
                !value.contains("czNjcmV0") && !value.contains("s3cret"),
                "{name}: {value}"
            );
        }
        assert!(!request.headers.contains_key("authorization"));
        assert!(!request.headers.contains_key("referer"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy() {
    let world = world();
    let network = Network {
        proxies: [("http".to_owned(), world.server.url())].into(),
        ..Network::default()
    };
    // The proxy here has nothing of the kind, but it is asked.
    let _ = solved(with(&world, network), "http://nowhere.invalid/main").await;
    let requests = world.server.requests(1);
    let is_asked = |path: &str| path.starts_with("http://nowhere.invalid/main/");
    // Somebody may still ask for another test's server, whose port this one has now.
    assert!(requests.iter().any(|request| is_asked(&request.path)));
}

/// `all` is for the schemes that have none of their own.
#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_for_all() {
    let world = world();
    let proxies = [
        ("all", world.server.url()),
        ("https", "http://127.0.0.1:9".to_owned()),
    ];
    let network = Network {
        proxies: proxies.map(|(scheme, url)| (scheme.to_owned(), url)).into(),
        ..Network::default()
    };
    let gone = network
        .download("http://elsewhere.example/file", "*/*")
        .await;
    assert_eq!(gone.unwrap_err(), "the server says 404 Not Found");
    let unreachable = network
        .download("https://elsewhere.example/file", "*/*")
        .await;
    assert_ne!(unreachable.unwrap_err(), "the server says 404 Not Found");
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_that_cannot_be_used() {
    let world = world();
    let empty = world.served().join("empty.pem");
    std::fs::write(&empty, "nothing").unwrap();
    for path in [empty, PathBuf::from("/nonexistent/ca.pem")] {
        let network = Network {
            trust: Trust::And(path),
            ..Network::default()
        };
        let error = solved(with(&world, network), &world.channel("main")).await;
        let error = error.unwrap_err().replace(&world.server.url(), "HOST");
        let error = error.replace(&world.served().display().to_string(), "FOLDER");
        match error.contains("FOLDER") {
            true => expect![[r#"Err(Unreadable { url: "HOST/main/linux-64/", reason: "the certificates in FOLDER/empty.pem cannot be used: there is none in it" })"#]].assert_eq(&error),
            false => expect![[r#"Err(Unreadable { url: "HOST/main/linux-64/", reason: "the certificates in /nonexistent/ca.pem cannot be used: No such file or directory (os error 2)" })"#]].assert_eq(&error),
        }
    }
}

/// A file that is no channel's is reached in the same way, and asked for again where that may help.
#[tokio::test(flavor = "multi_thread")]
async fn a_file() {
    let world = World::new();
    let mut answers = [Action::Status(503), Action::Bytes(b"whole".to_vec())].into_iter();
    world
        .server
        .rule(move |_| answers.next().unwrap_or(Action::Status(404)));
    let network = Network::default();
    let url = format!("{}/file", world.server.url());
    let bytes = network.download(&url, "text/x").await;
    assert_eq!(bytes.as_deref(), Ok(&b"whole"[..]));
    let requests = world.server.requests(2);
    assert_eq!(requests[0].headers["accept"], "text/x");
    let gone = network.download(&url, "*/*").await.unwrap_err();
    assert_eq!(gone, "the server says 404 Not Found");
    let proxies = [("http".to_owned(), world.server.url())];
    let network = Network {
        proxies: proxies.into(),
        ..Network::default()
    };
    let through = network
        .download("http://elsewhere.example/file", "*/*")
        .await;
    assert_eq!(through.unwrap_err(), gone);
    let nobody = network.download("no URL", "*/*").await.unwrap_err();
    assert!(nobody.contains("URL"), "{nobody}");
}
