//! The mapping of names, from a server that misbehaves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use expect_test::{Expect, expect};
use mmdev_conda::{Channels, Config, Mapping, Names};

use crate::support::World;
use mmdev_testkit::Action;

const SMALL: &str = r#"{"pytorch": ["torch"], "mkl": null}"#;

fn write(world: &World, text: &str) {
    std::fs::write(world.served().join("names.json"), text).unwrap();
}

fn config(world: &World, url: &str, is_offline: bool) -> Config {
    Config {
        offline: is_offline,
        mapping: url.to_owned(),
        ..world.config()
    }
}

fn mapping(world: &World, is_offline: bool) -> Mapping {
    let url = format!("{}/names.json", world.server.url());
    Mapping::new(&config(world, &url, is_offline)).unwrap()
}

/// Has the cache look as if it was written two days ago.
fn age(world: &World) {
    let file = world.cache().join("conda-names.json");
    let file = std::fs::File::options().write(true).open(file).unwrap();
    let then = SystemTime::now() - Duration::from_secs(2 * 24 * 60 * 60);
    file.set_modified(then).unwrap();
}

fn shown(names: &Names) -> String {
    let names = names.iter();
    names
        .map(|(pypi, conda)| format!("{pypi}={conda} "))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_asked_for_once_a_day() {
    let world = World::new();
    write(&world, SMALL);
    let mapping = mapping(&world, false);
    assert_eq!(mapping.cached(), None);
    assert_eq!(shown(&mapping.current().await.unwrap()), "torch=pytorch ");
    assert_eq!(world.server.requests(1).len(), 1);
    assert_eq!(shown(&mapping.cached().unwrap()), "torch=pytorch ");
    mapping.current().await.unwrap();
    assert_eq!(world.server.requests(0).len(), 0);

    // The server says that nothing changed, which holds for another day.
    age(&world);
    world.server.rule(|request| {
        let same = request.headers.get("if-none-match").map(String::as_str);
        assert_eq!(same, Some(format!("\"{}\"", SMALL.len()).as_str()));
        Action::Status(304)
    });
    assert_eq!(shown(&mapping.current().await.unwrap()), "torch=pytorch ");
    mapping.current().await.unwrap();
    assert_eq!(world.server.requests(1).len(), 1);

    age(&world);
    write(&world, r#"{"docker-py": ["docker"]}"#);
    world.server.rule(|_| Action::Serve);
    assert_eq!(
        shown(&mapping.current().await.unwrap()),
        "docker=docker-py "
    );
    assert_eq!(shown(&mapping.cached().unwrap()), "docker=docker-py ");
}

#[tokio::test(flavor = "multi_thread")]
async fn offline_the_cache_alone_counts() {
    let world = World::new();
    write(&world, SMALL);
    let offline = mapping(&world, true);
    expect!["the mapping from PyPI's names to conda's is not in the cache, and mmdev is offline"]
        .assert_eq(&offline.current().await.unwrap_err().to_string());
    mapping(&world, false).current().await.unwrap();
    world.server.requests(1);
    age(&world);
    assert_eq!(shown(&offline.current().await.unwrap()), "torch=pytorch ");
    assert_eq!(world.server.requests(0).len(), 0);
    // What another server said is not what this one says.
    let other = Mapping::new(&config(&world, "http://127.0.0.1:1/names.json", true)).unwrap();
    assert_eq!(other.cached(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_fails_once_is_asked_again() {
    let world = World::new();
    write(&world, SMALL);
    let has_failed = Arc::new(AtomicBool::new(false));
    world
        .server
        .rule(move |_| match has_failed.swap(true, Ordering::SeqCst) {
            true => Action::Serve,
            false => Action::Status(503),
        });
    let mapping = mapping(&world, false);
    assert_eq!(shown(&mapping.current().await.unwrap()), "torch=pytorch ");
}

#[track_caller]
fn check_failure(world: &World, failure: &mmdev_conda::Error, expected: Expect) {
    let said = failure.to_string();
    expected.assert_eq(&said.replace(&world.server.url(), "URL"));
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_said_and_the_cache_is_kept() {
    let world = World::new();
    write(&world, SMALL);
    let mapping = mapping(&world, false);
    mapping.current().await.unwrap();
    age(&world);
    world.server.requests(1);

    world.server.rule(|_| Action::Status(404));
    let failure = mapping.current().await.unwrap_err();
    check_failure(
        &world,
        &failure,
        expect![
            "the mapping from PyPI's names to conda's cannot be read from URL/names.json: the server says 404 Not Found"
        ],
    );
    assert_eq!(world.server.requests(1).len(), 1, "once is enough");

    world.server.rule(|_| Action::Status(500));
    let failure = mapping.current().await.unwrap_err();
    check_failure(
        &world,
        &failure,
        expect![
            "the mapping from PyPI's names to conda's cannot be read from URL/names.json: the server says 500 Internal Server Error"
        ],
    );
    assert_eq!(world.server.requests(2).len(), 2);

    world.server.rule(|_| Action::Serve);
    write(&world, "<html>Please log in</html>");
    let failure = mapping.current().await.unwrap_err();
    check_failure(
        &world,
        &failure,
        expect![
            "the mapping from PyPI's names to conda's cannot be read from URL/names.json: it is no such mapping: expected value at line 1 column 1"
        ],
    );

    write(&world, &" ".repeat((16 << 20) + 1));
    let failure = mapping.current().await.unwrap_err();
    check_failure(
        &world,
        &failure,
        expect![
            "the mapping from PyPI's names to conda's cannot be read from URL/names.json: it is longer than 16 MiB"
        ],
    );
    assert_eq!(shown(&mapping.cached().unwrap()), "torch=pytorch ");

    let nobody = Mapping::new(&config(&world, "http://127.0.0.1:1/names.json", false)).unwrap();
    let failure = nobody.current().await.unwrap_err();
    check_failure(
        &world,
        &failure,
        expect![
            "the mapping from PyPI's names to conda's cannot be read from http://127.0.0.1:1/names.json: error sending request: client error (Connect): tcp connect error: Connection refused (os error 111)"
        ],
    );
    for (url, expected) in [
        (
            "names.json",
            expect![
                "the URL of the mapping from PyPI's names to conda's is wrong: relative URL without a base"
            ],
        ),
        (
            "file:///names.json",
            expect![
                "the URL of the mapping from PyPI's names to conda's is wrong: mmdev cannot read `file:` URLs"
            ],
        ),
    ] {
        let failure = Mapping::new(&config(&world, url, false)).unwrap_err();
        check_failure(&world, &failure, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_cache_is_as_good_as_none() {
    let world = World::new();
    write(&world, SMALL);
    let mapping = mapping(&world, false);
    mapping.current().await.unwrap();
    let file = world.cache().join("conda-names.json");
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(mapping.cached(), None);
    assert_eq!(shown(&mapping.current().await.unwrap()), "torch=pytorch ");
    assert_eq!(std::fs::read(&file).unwrap(), bytes);
}

/// A service that answers at once says what the disk has, and later what the server has.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_server_is_not_waited_for() {
    let world = World::new();
    write(&world, SMALL);
    world.server.rule(|_| Action::Wait);
    let url = format!("{}/names.json", world.server.url());
    let channels = Channels::new(config(&world, &url, false));
    let mut changes = channels.changes();
    assert_eq!(shown(&channels.conda_names()), "");
    world.server.requests(1);
    assert_eq!(shown(&channels.conda_names()), "");
    world.server.open();
    changes.changed().await.unwrap();
    assert_eq!(shown(&channels.conda_names()), "torch=pytorch ");

    age(&world);
    write(&world, r#"{"docker-py": ["docker"]}"#);
    world.server.rule(|_| Action::Status(404));
    let channels = Channels::new(config(&world, &url, false));
    let mut changes = channels.changes();
    channels.conda_names();
    changes.changed().await.unwrap();
    assert_eq!(shown(&channels.conda_names()), "torch=pytorch ");
    assert_eq!(world.server.requests(1).len(), 1, "it is asked for once");
}
