//! Channels on a server that misbehaves: what is known of them, and when.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod explicit;
mod faults;
mod names;
mod reach;
mod solve;
mod support;
mod tls;

use std::time::Instant;

use expect_test::{Expect, expect};
use mmdev_conda::{Channels, Config};
use mmdev_core::index::{Answer, Scope};
use mmdev_testkit::Action;
use support::{Form, World, known, problems, render, scope, until, write_shards};

/// A small channel: three packages, one of them for both subdirs.
const SMALL: &[&str] = &[
    "linux-64 numpy 1.26.4 py311_0 0",
    "linux-64 numpy 2.3.4 py314_0 0",
    "linux-64 numpy 2.3.4 py313_1 1",
    "linux-64 python 3.14.0 h1_0 0",
    "noarch numpy 2.3.4 pyh_0 0",
    // No tool finds what is not in lower case.
    "noarch Requests 2.32.5 pyhd_0 0",
];

async fn check(form: Form, names: &[&str], expected: Expect) {
    let world = World::new();
    world.write("main", form, SMALL);
    let channel = world.channel("main");
    let scope = scope(&[&channel], names);
    let channels = world.online();
    let index = known(&channels, &scope).await;
    expected.assert_eq(&render(&*index, &scope));
    assert_eq!(index.platforms(), ["linux-64"]);
    assert_eq!(channels.problems(&scope), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_with_shards_or_with_whole_lists() {
    for form in [Form::Shards, Form::Whole] {
        let expected = expect![[r#"
            names: numpy python
            numpy 2.3.4 py313_1 1 main/linux-64
            numpy 2.3.4 py314_0 0 main/linux-64
            numpy 2.3.4 pyh_0 0 main/noarch
            numpy 1.26.4 py311_0 0 main/linux-64
            python 3.14.0 h1_0 0 main/linux-64
            requests: Absent
            nothing: Absent
        "#]];
        check(form, &["numpy", "python", "requests", "nothing"], expected).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_were_taken_back() {
    for form in [Form::Shards, Form::Whole] {
        let world = World::new();
        world.write(
            "main",
            form,
            &[
                "linux-64 numpy 2.3.5 0 removed",
                "linux-64 numpy 2.3.4 0 0",
                "linux-64 numpy 2.3.4 1 removed",
                // Another archive of the build that is there.
                "linux-64 numpy 2.3.4 0 removed.bz2",
                "linux-64 gone 1.0 0 removed",
            ],
        );
        let channel = world.channel("main");
        let scope = scope(&[&channel], &["numpy"]);
        let index = known(&world.online(), &scope).await;
        let before = render(&*index, &scope);
        // A list of shards keeps the name of a package whose files are all gone, and a whole one has it no more.
        let (_, files) = before.split_once('\n').unwrap();
        let expected = expect![[r#"
            numpy 2.3.4 0 0 main/linux-64
            numpy 2.3.5 0 main/linux-64 was taken back
            numpy 2.3.4 1 main/linux-64 was taken back
        "#]];
        expected.assert_eq(files);
        let index = known(&world.offline(), &scope).await;
        assert_eq!(render(&*index, &scope), before, "{form:?}");
    }
}

/// Nothing but the lists and the shards of the names is fetched, each once, however often somebody asks.
#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_wanted_is_fetched_and_once() {
    let world = World::new();
    world.write("main", Form::Shards, SMALL);
    let channel = world.channel("main");
    let channels = world.online();
    let scope = scope(&[&channel], &["numpy", "nothing"]);
    for _ in 0..100 {
        channels.index(&scope);
    }
    known(&channels, &scope).await;
    expect![[r#"
        /main/linux-64/repodata_shards.msgpack.zst
        /main/linux-64/shards/…
        /main/noarch/repodata_shards.msgpack.zst
        /main/noarch/shards/…
    "#]]
    .assert_eq(&paths(&world, 0));
    known(&channels, &scope).await;
    // Another process finds all in the cache, and asks the server whether the lists are still true.
    drop(channels);
    let channels = world.online();
    known(&channels, &scope).await;
    expect![[r#"
        /main/linux-64/repodata_shards.msgpack.zst
        /main/noarch/repodata_shards.msgpack.zst
    "#]]
    .assert_eq(&paths(&world, 2));
}

/// The paths of the requests so far, `count` or more.
fn paths(world: &World, count: usize) -> String {
    let requests = world.server.requests(count);
    requests
        .iter()
        .map(|request| match request.path.split_once("/shards/") {
            Some((subdir, _)) => format!("{subdir}/shards/…\n"),
            None => format!("{}\n", request.path),
        })
        .collect()
}

/// What the server says later counts, and what was known until then is not forgotten.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_server_is_not_waited_for() {
    let world = World::new();
    world.write("main", Form::Shards, SMALL);
    world.server.rule(|_| Action::Wait);
    let channel = world.channel("main");
    let scope = scope(&[&channel], &["numpy"]);
    let channels = world.online();
    // The server has been asked, and has not said a word.
    let index = channels.index(&scope);
    world.server.requests(2);
    assert_eq!(render(&*index, &scope), "names: Unknown\nnumpy: Unknown\n");
    let index = channels.index(&scope);
    assert_eq!(render(&*index, &scope), "names: Unknown\nnumpy: Unknown\n");
    world.server.open();
    let new = known(&channels, &scope).await;
    expect![[r#"
        names: numpy python
        numpy 2.3.4 py313_1 1 main/linux-64
        numpy 2.3.4 py314_0 0 main/linux-64
        numpy 2.3.4 pyh_0 0 main/noarch
        numpy 1.26.4 py311_0 0 main/linux-64
    "#]]
    .assert_eq(&render(&*new, &scope));
    // The old snapshot is as it was.
    assert_eq!(render(&*index, &scope), "names: Unknown\nnumpy: Unknown\n");
}

/// The cache speaks at once, and the server's news follow.
#[tokio::test(flavor = "multi_thread")]
async fn news_follow_what_the_cache_has() {
    for form in [Form::Shards, Form::Whole] {
        let world = World::new();
        world.write("main", form, &["linux-64 numpy 1.0 0 0"]);
        let channel = world.channel("main");
        let scope = scope(&[&channel], &["numpy"]);
        known(&world.online(), &scope).await;
        world.write(
            "main",
            form,
            &["linux-64 numpy 2.0 0 0", "linux-64 new 1 0 0"],
        );
        world.server.rule(|_| Action::Wait);
        let channels = world.online();
        let index = known(&channels, &scope).await;
        expect![[r#"
            names: numpy
            numpy 1.0 0 0 main/linux-64
        "#]]
        .assert_eq(&render(&*index, &scope));
        world.server.open();
        let index = until(
            &channels,
            &scope,
            |index| matches!(index.names(), Answer::Known(names) if names.len() == 2),
        )
        .await;
        expect![[r#"
            names: new numpy
            numpy 2.0 0 0 main/linux-64
        "#]]
        .assert_eq(&render(&*index, &scope));
    }
}

/// A new name is fetched alone; what was known stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_typed_later() {
    let world = World::new();
    world.write("main", Form::Shards, SMALL);
    let channel = world.channel("main");
    let channels = world.online();
    known(&channels, &scope(&[&channel], &["numpy"])).await;
    world.server.requests(0);
    // While a name is being typed, nothing is fetched.
    for typed in ["py", "pyth"] {
        let index = channels.index(&scope(&[&channel], &["numpy", typed]));
        assert_eq!(index.candidates(typed), Answer::Absent);
        assert!(matches!(index.candidates("numpy"), Answer::Known(_)));
    }
    let later = scope(&[&channel], &["numpy", "python"]);
    let index = known(&channels, &later).await;
    expect![[r#"
        names: numpy python
        numpy 2.3.4 py313_1 1 main/linux-64
        numpy 2.3.4 py314_0 0 main/linux-64
        numpy 2.3.4 pyh_0 0 main/noarch
        numpy 1.26.4 py311_0 0 main/linux-64
        python 3.14.0 h1_0 0 main/linux-64
    "#]]
    .assert_eq(&render(&*index, &later));
    expect![[r#"
        /main/linux-64/shards/…
    "#]]
    .assert_eq(&paths(&world, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_fails_first() {
    let world = World::new();
    world.write("main", Form::Shards, SMALL);
    let mut left = 12;
    world.server.rule(move |_| {
        left -= 1;
        match left {
            0.. => Action::Status(500),
            _ => Action::Serve,
        }
    });
    let channel = world.channel("main");
    let scope = scope(&[&channel], &["python"]);
    let channels = world.online();
    let said = problems(&channels, &scope).await;
    assert!(said[0].to_string().contains("500"), "{}", said[0]);
    let index = known(&channels, &scope).await;
    assert!(matches!(index.candidates("python"), Answer::Known(_)));
    until(&channels, &scope, |_| channels.problems(&scope).is_empty()).await;
}

/// One shard that cannot be had does not hide the rest.
#[tokio::test(flavor = "multi_thread")]
async fn a_shard_that_is_missing() {
    let world = World::new();
    world.write(
        "main",
        Form::Shards,
        &["linux-64 python 3.14.0 h1_0 0", "linux-64 lost 1 0 0"],
    );
    let shards = world.served().join("main/linux-64/shards");
    for entry in std::fs::read_dir(shards).unwrap() {
        let path = entry.unwrap().path();
        let shard = zstd::decode_all(&*std::fs::read(&path).unwrap()).unwrap();
        if String::from_utf8_lossy(&shard).contains("lost") {
            std::fs::remove_file(path).unwrap();
        }
    }
    let channel = world.channel("main");
    let scope = scope(&[&channel], &["python", "lost"]);
    let channels = world.online();
    let said = problems(&channels, &scope).await;
    assert!(said[0].to_string().contains("404"), "{}", said[0]);
    let index = channels.index(&scope);
    expect![[r#"
        names: lost python
        python 3.14.0 h1_0 0 main/linux-64
        lost: Unknown
    "#]]
    .assert_eq(&render(&*index, &scope));
}

/// Whoever waits gets what the channels say, not what the cache had, and an end where they say nothing.
#[tokio::test(flavor = "multi_thread")]
async fn waiting_for_answers() {
    let world = World::new();
    world.write("main", Form::Shards, SMALL);
    let channel = world.channel("main");
    let scope = scope(&[&channel], &["python", "nothing"]);
    let offline = world.offline();
    let index = offline.settled(&scope).await;
    assert_eq!(index.names(), Answer::Unknown);
    assert_eq!(offline.problems(&scope).len(), 2);

    let mut left = 2;
    world.server.rule(move |_| {
        left -= 1;
        match left {
            0.. => Action::Status(500),
            _ => Action::Serve,
        }
    });
    let channels = world.online();
    let index = channels.settled(&scope).await;
    assert!(matches!(index.candidates("python"), Answer::Known(_)));
    assert_eq!(index.candidates("nothing"), Answer::Absent);
    assert_eq!(channels.problems(&scope), []);

    world.write("main", Form::Shards, &["linux-64 python 3.15.0 0 0"]);
    let index = world.online().settled(&scope).await;
    expect![[r#"
        names: python
        python 3.15.0 0 0 main/linux-64
        nothing: Absent
    "#]]
    .assert_eq(&render(&*index, &scope));

    world.server.rule(|_| Action::Status(500));
    let channels = world.online();
    let index = channels.settled(&scope).await;
    assert!(
        matches!(index.candidates("python"), Answer::Known(_)),
        "the cache has it"
    );
    assert_eq!(channels.problems(&scope).len(), 2);

    let no_channel = support::scope(&["./here"], &["python"]);
    let index = channels.settled(&no_channel).await;
    assert_eq!(index.names(), Answer::Unknown);
    let absent = support::scope(&[&world.channel("absent")], &["python"]);
    world.server.rule(|_| Action::Serve);
    channels.settled(&absent).await;
    assert!(!channels.problems(&absent).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_gone() {
    let world = World::new();
    world.write("main", Form::Shards, SMALL);
    let channel = world.channel("main");
    let scope = scope(&[&channel], &["numpy"]);
    known(&world.online(), &scope).await;
    // Nobody listens on port 1.
    let nobody = "http://127.0.0.1:1/main";
    let channels = world.online();
    let unreachable = support::scope(&[&channel, nobody], &["numpy"]);
    // One for each of its two folders.
    let index = until(&channels, &unreachable, |_| {
        channels.problems(&unreachable).len() == 2
    })
    .await;
    let said = channels.problems(&unreachable);
    assert_eq!(
        render(&*index, &unreachable),
        "names: Unknown\nnumpy: Unknown\n"
    );
    expect!["the channel http://127.0.0.1:1/main/linux-64/ cannot be read: error sending request for url (http://127.0.0.1:1/main/linux-64/repodata_shards.msgpack.zst): client error (Connect): tcp connect error: Connection refused (os error 111)"].assert_eq(&said[0].to_string());
    // The other channel alone is known.
    known(&channels, &scope).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn offline_the_cache_alone_counts() {
    for form in [Form::Shards, Form::Whole] {
        let world = World::new();
        world.write("main", form, SMALL);
        let channel = world.channel("main");
        let few = scope(&[&channel], &["numpy"]);
        let offline = world.offline();
        let said = problems(&offline, &few).await;
        assert!(
            matches!(said[0], mmdev_conda::Error::NotCached { .. }),
            "{said:?}"
        );
        assert_eq!(
            render(&*offline.index(&few), &few),
            "names: Unknown\nnumpy: Unknown\n"
        );
        known(&world.online(), &few).await;
        world.server.requests(0);
        let offline = world.offline();
        let index = known(&offline, &few).await;
        assert!(matches!(index.candidates("numpy"), Answer::Known(_)));
        assert_eq!(world.server.requests(0).len(), 0);
        let more = scope(&[&channel], &["numpy", "python", "nothing"]);
        let index = until(&offline, &more, |index| index.names() != Answer::Unknown).await;
        // A whole list has every name's files; of shards only those are there that somebody wanted.
        assert_eq!(index.candidates("nothing"), Answer::Absent);
        match form {
            Form::Shards => assert_eq!(index.candidates("python"), Answer::Unknown),
            Form::Whole => {
                known(&offline, &more).await;
            }
        }
    }
}

/// Whatever became of the files in the cache: it is mended, or as good as empty.
#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_cache() {
    for form in [Form::Shards, Form::Whole] {
        for damage in ["cut", "emptied", "garbled"] {
            let world = World::new();
            world.write("main", form, SMALL);
            let channel = world.channel("main");
            let scope = scope(&[&channel], &["numpy"]);
            let before = known(&world.online(), &scope).await;
            let mut damaged = 0;
            let mut folders = vec![world.cache()];
            while let Some(folder) = folders.pop() {
                for entry in std::fs::read_dir(folder).unwrap() {
                    let path = entry.unwrap().path();
                    if path.is_dir() {
                        folders.push(path);
                        continue;
                    }
                    let bytes = std::fs::read(&path).unwrap();
                    let bytes = match damage {
                        "cut" => bytes[..bytes.len() / 2].to_vec(),
                        "emptied" => Vec::new(),
                        _ => bytes.iter().map(|byte| byte ^ 0x5a).collect(),
                    };
                    std::fs::write(&path, bytes).unwrap();
                    damaged += 1;
                }
            }
            assert!(damaged >= 3, "{form:?}: only {damaged} files");
            let offline = world.offline();
            offline.index(&scope);
            let index = until(&world.online(), &scope, |index| {
                index.candidates("numpy") == before.candidates("numpy")
            })
            .await;
            assert_eq!(index.names(), before.names(), "{form:?} {damage}");
            // It was written anew, and serves again.
            let index = known(&world.offline(), &scope).await;
            assert_eq!(index.candidates("numpy"), before.candidates("numpy"));
        }
    }
}

/// Some servers say that nothing changed without saying what it is that did not.
#[tokio::test(flavor = "multi_thread")]
async fn a_304_without_validators() {
    for form in [Form::Shards, Form::Whole] {
        let world = World::new();
        world.write("main", form, &["linux-64 numpy 1.0 0 0"]);
        let channel = world.channel("main");
        let scope = scope(&[&channel], &["numpy"]);
        known(&world.online(), &scope).await;
        world.write("main", form, &["linux-64 numpy 2.0 0 0"]);
        world.server.rule(|request| {
            let names = ["if-none-match", "if-modified-since"];
            match names.iter().any(|name| request.headers.contains_key(*name)) {
                true => Action::Status(304),
                false => Action::Serve,
            }
        });
        world.server.requests(0);
        let channels = world.online();
        // What is said to be unchanged is believed to be as it is in the cache.
        let index = channels.settled(&scope).await;
        assert!(
            matches!(index.candidates("numpy"), Answer::Known([file]) if file.version == "1.0"),
            "{form:?}"
        );
        world.server.requests(2);
        assert_eq!(channels.problems(&scope), [], "{form:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_share_a_cache() {
    let world = World::new();
    world.write("main", Form::Shards, SMALL);
    let channel = world.channel("main");
    let scope = scope(&[&channel], &["numpy", "python", "requests"]);
    let both = [world.online(), world.online()];
    let (first, second) = tokio::join!(known(&both[0], &scope), known(&both[1], &scope));
    assert_eq!(render(&*first, &scope), render(&*second, &scope));
}

/// A user name, a password and a token reach the server, and nothing that a person reads.
#[tokio::test(flavor = "multi_thread")]
async fn credentials_reach_the_server_alone() {
    let world = World::new();
    world.write("t/tok-3n/main", Form::Shards, SMALL);
    let address = world.channel("").replace("http://", "");
    let channel = format!("http://alice:s3cret@{address}t/tok-3n/main");
    let scope = scope(&[&channel], &["numpy"]);
    let channels = world.online();
    known(&channels, &scope).await;
    for request in world.server.requests(1) {
        let sent = request.headers.get("authorization").map(String::as_str);
        assert_eq!(sent, Some("Basic YWxpY2U6czNjcmV0"), "{}", request.path);
    }
    world.server.rule(|_| Action::Status(403));
    let channels = Channels::new(Config::new(world.cache().join("another")));
    let wrong = format!("ftp://alice:s3cret@{address}t/tok-3n/main");
    let wrong = support::scope(&[&wrong], &[]);
    let offline = world.offline();
    let other = support::scope(&[&channel.replace("/main", "/other")], &[]);
    let mut said = problems(&channels, &scope).await;
    said.extend(problems(&channels, &wrong).await);
    said.extend(problems(&offline, &other).await);
    assert!(said.len() >= 3, "{said:?}");
    for error in said {
        let text = format!("{error} {error:?}");
        for secret in ["alice", "s3cret", "tok-3n"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

/// Channels by URL, path and `file:` URL; folders that are not there.
#[tokio::test(flavor = "multi_thread")]
async fn local_channels_and_missing_folders() {
    let world = World::new();
    world.write("main", Form::Whole, SMALL);
    let folder = world.served().join("main").display().to_string();
    for channel in [folder.clone(), format!("file://{folder}")] {
        let mut scope = scope(&[&channel], &["numpy"]);
        scope.platforms.push("linux-aarch64".to_owned());
        for channels in [world.online(), world.offline()] {
            let index = known(&channels, &scope).await;
            assert!(matches!(index.candidates("numpy"), Answer::Known(files) if files.len() == 4));
        }
    }
    let nowhere = scope(&["/nowhere/at/all", &world.channel("nowhere")], &["numpy"]);
    let channels = world.online();
    until(&channels, &nowhere, |_| {
        channels.problems(&nowhere).len() == 2
    })
    .await;
    assert_eq!(channels.index(&nowhere).names(), Answer::Unknown);
    for problem in channels.problems(&nowhere) {
        assert!(
            matches!(problem, mmdev_conda::Error::NotThere { .. }),
            "{problem:?}"
        );
    }
}

/// Two channels: the order of equal files is that of the channels, and each file says whose it is.
#[tokio::test(flavor = "multi_thread")]
async fn channels_in_their_order() {
    let world = World::new();
    world.write(
        "first",
        Form::Shards,
        &["linux-64 numpy 1.0 0 0", "linux-64 a 1 0 0"],
    );
    world.write("second", Form::Whole, &["linux-64 numpy 1.0 0 0"]);
    for order in [["first", "second"], ["second", "first"]] {
        let urls = order.map(|name| world.channel(name));
        let scope = scope(&[&urls[0], &urls[1], "nodefaults"], &["numpy"]);
        let index = known(&world.online(), &scope).await;
        expect![[r#"
            names: a numpy
            numpy 1.0 0 0 ONE/linux-64
            numpy 1.0 0 0 TWO/linux-64
        "#]]
        .assert_eq(
            &render(&*index, &scope)
                .replace(order[0], "ONE")
                .replace(order[1], "TWO"),
        );
    }
}

/// Of a channel that cannot be asked nothing is known, nor of no channel at all.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_channel() {
    let world = World::new();
    let channels = world.online();
    for asked in [scope(&["s3://bucket/main"], &["numpy"]), Scope::default()] {
        let index = channels.index(&asked);
        assert_eq!(index.names(), Answer::Unknown);
        assert_eq!(index.candidates("numpy"), Answer::Unknown);
    }
    let said = channels.problems(&scope(&["s3://bucket/main"], &[]));
    expect!["`s3://bucket/main` names no channel: mmdev cannot read `s3:` URLs"]
        .assert_eq(&said[0].to_string());
}

/// All names of conda-forge, from shards.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs MMDEV_CORPUS"]
async fn the_names_of_conda_forge() {
    let list = mmdev_testkit::corpus("names/conda-forge.txt");
    let list = std::fs::read_to_string(list).unwrap();
    let mut names: Vec<&str> = list.lines().collect();
    let world = World::new();
    world.write("main", Form::Shards, &[]);
    write_shards(
        &world.served().join("main/linux-64"),
        "linux-64",
        &[],
        &names,
    );
    let channel = world.channel("main");
    let scope = scope(&[&channel], &[]);
    let channels = world.online();
    let mut times = Vec::new();
    for channels in [&channels, &channels, &world.online()] {
        let before = Instant::now();
        let index = known(channels, &scope).await;
        times.push(before.elapsed());
        names.sort_unstable();
        assert!(matches!(index.names(), Answer::Known(found) if found == names));
    }
    println!(
        "{} names: {:?} from the network, {:?} in memory, {:?} from the disk",
        names.len(),
        times[0],
        times[1],
        times[2]
    );
    assert_eq!(names.len(), 32_676);
}
