//! What can go wrong on the way: each fault is named with its channel, and leaves nothing behind that spoils the next
//! run.

use std::fs::{self, File};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use expect_test::{Expect, expect};
use mmdev_conda::solve::{Outcome, Request as Solve, Solver};
use mmdev_conda::{Config, Network};
use mmdev_core::index::Answer;
use mmdev_testkit::{Action, Request};

use crate::support::{Form, World, known, scope};

const OLD: &[&str] = &["linux-64 numpy 1.0 0 0", "noarch six 1.0 0 0"];
const NEW: &[&str] = &["linux-64 numpy 2.0 0 0", "noarch six 1.0 0 0"];

/// Servers are waited for this long.
const SILENCE: Duration = Duration::from_millis(500);

fn config(world: &World) -> Config {
    Config {
        network: Network {
            silence: SILENCE,
            ..Network::default()
        },
        ..world.config()
    }
}

fn request(channel: String) -> Solve {
    Solve {
        dependencies: vec!["numpy".to_owned(), "six".to_owned()],
        channels: vec![channel],
        platform: "linux-64".to_owned(),
        ..Solve::default()
    }
}

/// What is chosen, or why nothing is.
async fn solved(world: &World, config: Config, request: Solve) -> String {
    let host = world.server.url();
    match Solver::new(config).solve(request, Arc::new(|_| {})).await {
        Ok(Outcome::Solved(records)) => records
            .iter()
            .map(|record| format!("{} {}\n", record.name, record.version))
            .collect(),
        Ok(Outcome::Unsolvable(why)) => panic!("{why:?}"),
        Err(error) => error
            .to_string()
            .replace(&host, "HOST")
            .replace(&world.cache().display().to_string(), "CACHE"),
    }
}

/// The fault happens with an empty cache and with one that was filled before the channel changed; afterwards, a server
/// that does as it should is understood.
async fn check(
    form: Form,
    fault: impl FnMut(&Request) -> Action + Clone + Send + 'static,
    expected: Expect,
) {
    let mut said = Vec::new();
    for is_warm in [false, true] {
        let world = World::new();
        let channel = world.channel("main");
        if is_warm {
            world.write("main", form, OLD);
            let old = solved(&world, world.config(), request(channel.clone())).await;
            assert_eq!(old, "numpy 1.0\nsix 1.0\n");
        }
        world.write("main", form, NEW);
        world.server.rule(fault.clone());
        let before = Instant::now();
        said.push(solved(&world, config(&world), request(channel.clone())).await);
        assert!(before.elapsed() < Duration::from_secs(60), "{said:?}");
        world.server.rule(|_| Action::Serve);
        let new = solved(&world, world.config(), request(channel)).await;
        assert_eq!(new, "numpy 2.0\nsix 1.0\n", "after {said:?}");
    }
    assert_eq!(said[0], said[1], "a warm cache makes a difference");
    expected.assert_eq(&said[0]);
}

/// Whether a request is for the list of linux-64, in whatever form.
fn is_list(request: &Request) -> bool {
    request.path.contains("/linux-64/repodata")
}

fn is_zst(request: &Request) -> bool {
    request.path.ends_with("/linux-64/repodata.json.zst")
}

fn is_shard(request: &Request) -> bool {
    request.path.contains("/linux-64/shards/")
}

/// `action` for the requests that are `meant`.
fn on(
    meant: impl Fn(&Request) -> bool + Clone + Send + 'static,
    action: Action,
) -> impl FnMut(&Request) -> Action + Clone + Send + 'static {
    move |request| match meant(request) {
        true => action.clone(),
        false => Action::Serve,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_cut_off() {
    // The beginning of a zstd frame, as if that were all.
    let cut =
        Action::Bytes(zstd::encode_all(&b"{\"packages\": {}}"[..], 1).unwrap()[..10].to_vec());
    check(Form::Whole, on(is_zst, cut.clone()), expect!["the channel HOST/main/linux-64/ cannot be read: failed to download HOST/main/linux-64/repodata.json.zst: zstd stream did not finish"]).await;
    check(Form::Shards, on(is_list, cut), expect!["the channel HOST/main/linux-64/ cannot be read: failed to decode zstd shard from 'HOST/main/linux-64/repodata_shards.msgpack.zst' (10 bytes received). The server may have returned invalid or truncated data.: incomplete frame"]).await;
}

/// What came is not asked for again.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_is_gone_on_with() {
    for form in [Form::Shards, Form::Whole] {
        let world = World::new();
        world.write("main", form, NEW);
        world.server.rule(on(is_list, Action::Break(60)));
        let channel = world.channel("main");
        let new = solved(&world, config(&world), request(channel)).await;
        assert_eq!(new, "numpy 2.0\nsix 1.0\n");
        let requests = world.server.requests(1);
        let ranges: Vec<&str> = requests
            .iter()
            .filter_map(|request| Some(request.headers.get("range")?.as_str()))
            .collect();
        assert_eq!(ranges[0], "bytes=60-", "{ranges:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks() {
    check(Form::Whole, on(is_zst, Action::Break(0)), expect!["the channel HOST/main/linux-64/ cannot be read: failed to download HOST/main/linux-64/repodata.json.zst: error decoding response body: request or response body error: error reading a body from connection: end of file before message length reached"]).await;
    check(
        Form::Shards,
        on(is_list, Action::Break(0)),
        expect!["the channel HOST/main/linux-64/ cannot be read: error decoding response body: request or response body error: error reading a body from connection: end of file before message length reached"],
    )
    .await;
    check(
        Form::Shards,
        on(is_shard, Action::Break(0)),
        expect!["the channel HOST/main/linux-64/ cannot be read: error decoding response body: request or response body error: error reading a body from connection: end of file before message length reached"],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shard_that_is_not_the_one_it_should_be() {
    let other = zstd::encode_all(&b"something else"[..], 1).unwrap();
    check(
        Form::Shards,
        on(is_shard, Action::Bytes(other)),
        expect!["the channel HOST/main/linux-64/ cannot be read: the shard downloaded from 'HOST/main/linux-64/shards/813787c2d74eb8c0f0acd324a911fd688788cc99679b8b7d249875e96183dfc5.msgpack.zst' has SHA-256 192671cadd3a990d7e76c48a88bbfd53799082018d695dae7f3ab95784953627, but the shard index lists 813787c2d74eb8c0f0acd324a911fd688788cc99679b8b7d249875e96183dfc5"],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_list_at_all() {
    let page = || Action::Bytes(b"<html>Please log in to the guest network</html>".to_vec());
    check(Form::Whole, on(is_zst, page()), expect!["the channel HOST/main/linux-64/ cannot be read: failed to download HOST/main/linux-64/repodata.json.zst: Unknown frame descriptor"]).await;
    check(Form::Shards, on(is_list, page()), expect!["the channel HOST/main/linux-64/ cannot be read: failed to decode zstd shard from 'HOST/main/linux-64/repodata_shards.msgpack.zst' (47 bytes received). The server may have returned invalid or truncated data.: Unknown frame descriptor"]).await;
}

/// A byte now and then keeps no connection alive.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_drips() {
    let drip = Action::Drip(SILENCE / 5);
    check(Form::Whole, on(is_zst, drip.clone()), expect!["the channel HOST/main/linux-64/ cannot be read: failed to download HOST/main/linux-64/repodata.json.zst: error decoding response body: request or response body error: the server sent next to nothing for 0.5 s"]).await;
    check(Form::Shards, on(is_list, drip.clone()), expect!["the channel HOST/main/linux-64/ cannot be read: error decoding response body: request or response body error: the server sent next to nothing for 0.5 s"]).await;
    check(Form::Shards, on(is_shard, drip), expect!["the channel HOST/main/linux-64/ cannot be read: error decoding response body: request or response body error: the server sent next to nothing for 0.5 s"]).await;
}

/// A 304 that nobody asked for.
#[tokio::test(flavor = "multi_thread")]
async fn a_304_out_of_the_blue() {
    let world = World::new();
    world.write("main", Form::Whole, NEW);
    world.server.rule(on(is_list, Action::Status(304)));
    let channel = world.channel("main");
    let said = solved(&world, config(&world), request(channel.clone())).await;
    expect!["the channel HOST/main/linux-64/ cannot be read: HOST/main/linux-64/repodata_shards.msgpack.zst is said to be unchanged (304) since a time that nobody named"].assert_eq(&said);
    world.server.rule(|_| Action::Serve);
    let new = solved(&world, world.config(), request(channel)).await;
    assert_eq!(new, "numpy 2.0\nsix 1.0\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_without_an_address() {
    let world = World::new();
    // RFC 2606: there is no such host, ever.
    let channel = "http://nowhere.invalid/main".to_owned();
    let said = solved(&world, config(&world), request(channel)).await;
    expect!["the channel http://nowhere.invalid/main/linux-64/ cannot be read: error sending request for url (http://nowhere.invalid/main/linux-64/repodata_shards.msgpack.zst): client error (Connect): dns error: no address is known for the host"].assert_eq(&said);
}

/// Both folders fail, and the second is known to first.
#[tokio::test(flavor = "multi_thread")]
async fn the_folder_that_is_named_is_no_matter_of_chance() {
    let world = World::new();
    world.write("main", Form::Whole, NEW);
    let mut is_asked = false;
    world.server.rule(move |request| {
        let is_slow = is_list(request) && !std::mem::replace(&mut is_asked, is_list(request));
        match is_slow {
            true => Action::Wait,
            false => Action::Status(403),
        }
    });
    let said = solved(&world, config(&world), request(world.channel("main"))).await;
    world.server.open();
    expect!["the channel HOST/main/linux-64/ cannot be read: HTTP status client error (403 Forbidden) for url (HOST/main/linux-64/repodata_shards.msgpack.zst)"].assert_eq(&said);
}

/// Of several solves at once, each waits for what another one asks for already.
#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_is_not_there_for_several_at_once() {
    let world = World::new();
    let solver = Solver::new(config(&world));
    let said = ["linux-64", "linux-aarch64", "osx-64", "osx-arm64"].map(|platform| {
        let request = Solve {
            platform: platform.to_owned(),
            ..request(world.channel("main"))
        };
        solver.solve(request, Arc::new(|_| {}))
    });
    for said in futures_util::future::join_all(said).await {
        let said = said.unwrap_err().to_string();
        let said = said.replace(&world.server.url(), "HOST");
        assert_eq!(said, "there is no channel at HOST/main/noarch/");
    }
}

/// A server that is answered for a while, and then not: what there was serves offline.
#[tokio::test(flavor = "multi_thread")]
async fn a_failure_takes_nothing_from_the_cache() {
    for form in [Form::Shards, Form::Whole] {
        let world = World::new();
        world.write("main", form, OLD);
        let channel = world.channel("main");
        let scope = scope(&[&channel], &["numpy"]);
        known(&world.online(), &scope).await;
        for fault in [Action::Status(500), Action::Break(3), Action::Status(403)] {
            world.server.rule(move |_| fault.clone());
            // As if another process had written them while this one failed.
            for entry in fs::read_dir(world.cache()).unwrap() {
                let path = entry.unwrap().path();
                let name = path.to_string_lossy();
                if name.ends_with(".shards-cache-v1") || name.ends_with(".info.json") {
                    let file = File::options().write(true).open(&path).unwrap();
                    let soon = SystemTime::now() + Duration::from_secs(5);
                    file.set_modified(soon).unwrap();
                }
            }
            world.online().settled(&scope).await;
            let index = known(&world.offline(), &scope).await;
            assert!(matches!(index.candidates("numpy"), Answer::Known(_)));
        }
    }
}
