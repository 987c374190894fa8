//! Diagnostics while one types: of the last version, in order, and quiet where there is nothing to say.

use std::time::Duration;

use expect_test::expect;
use serde_json::json;

use crate::client::Client;
use crate::world::World;
use crate::{URI, brief, document};

#[tokio::test(start_paused = true)]
async fn a_mistake_is_shown_and_goes_when_it_is_mended() {
    let mut client = Client::start(World::new()).await;
    client
        .open("dependecies:\n  - numpy=>1.2\n  - [a]\nchannels: [conda-forge]\n")
        .await;
    let published = client.published().await;
    expect![[r#"
        version 1
        0:0-0:11 1 MM101: no tool knows the key `dependecies`, it is ignored
        hint: Did you mean `dependencies`?
        1:9-1:11 1 MM209: `=>` is no operator; micromamba and rattler refuse it, conda takes it
        hint: The operators are `=`, `==`, `!=`, `>=`, `<=`, `>`, `<` and `~=`
        2:4-2:7 1 MM102: an entry of `dependencies:` is text, this is a list
        hint: Write each entry as one text behind its own `-`
    "#]]
    .assert_eq(&brief(&published));
    let first = serde_json::to_string_pretty(&published["diagnostics"][0]).unwrap();
    expect![[r#"
        {
          "range": {
            "start": {
              "line": 0,
              "character": 0
            },
            "end": {
              "line": 0,
              "character": 11
            }
          },
          "severity": 1,
          "code": "MM101",
          "codeDescription": {
            "href": "https://github.com/mmdev-project/mmdev/blob/main/docs/rules/MM101.md"
          },
          "source": "mmdev",
          "message": "no tool knows the key `dependecies`, it is ignored\nhint: Did you mean `dependencies`?"
        }"#]].assert_eq(&first);
    let range = |line, start, end| json!({ "start": { "line": line, "character": start }, "end": { "line": line, "character": end } });
    // Each change counts on the text that the one before it left.
    client
        .change(
            2,
            json!([
                { "range": range(0, 0, 11), "text": "dependencies" },
                { "range": range(1, 9, 11), "text": ">=" },
                { "range": range(2, 4, 7), "text": "a" },
            ]),
        )
        .await;
    expect![[r#"
        version 2
    "#]]
    .assert_eq(&brief(&client.published().await));
    client.finish().await;
}

#[tokio::test(start_paused = true)]
async fn other_files_are_left_alone() {
    let mut client = Client::start(World::new()).await;
    client
        .open_as("file:///x/docker-compose.yaml", "services:\n  web: [\n")
        .await;
    client.open("services:\n  web:\n    image: x\n").await;
    client.write(2, "services:\n  web:\n    image: y\n").await;
    client.finish().await;
}

#[tokio::test(start_paused = true)]
async fn findings_go_when_a_file_is_closed_or_is_no_spec_any_more() {
    let mut client = Client::start(World::new()).await;
    client.open("dependencies:\n  - numpy=>1\n").await;
    assert_ne!(client.published().await["diagnostics"], json!([]));
    client.write(2, "services:\n  web:\n    image: x\n").await;
    expect![[r#"
        version 2
    "#]]
    .assert_eq(&brief(&client.published().await));
    client.write(3, "dependencies:\n  - numpy=>2\n").await;
    assert_ne!(client.published().await["diagnostics"], json!([]));
    client
        .notify(
            "textDocument/didClose",
            json!({ "textDocument": document() }),
        )
        .await;
    let published = client.published().await;
    assert_eq!(published, json!({ "uri": URI, "diagnostics": [] }));
    client.finish().await;
}

#[tokio::test(start_paused = true)]
async fn of_a_burst_the_last_version_counts() {
    let mut client = Client::start(World::new()).await;
    let text = |version| format!("name: a/{version}\ndependencies:\n  - numpy=>{version}\n");
    client.open(&text(1)).await;
    let mut asked = Vec::new();
    for version in 2..=301 {
        client.write(version, &text(version)).await;
        let place = json!({ "line": 2, "character": 10 });
        let parameters = json!({
            "textDocument": document(),
            "range": { "start": place, "end": place },
            "context": { "diagnostics": [] },
        });
        let id = client.ask("textDocument/codeAction", parameters).await;
        asked.push((version, id));
    }
    // Answers may come in any order; each is about the version that was the last when it was asked.
    let mut answers = client.answers(asked.len()).await;
    for (version, id) in asked {
        let answer = answers.remove(&id).unwrap();
        let title = answer[0]["title"].as_str().unwrap();
        let said: i32 = title
            .trim_start_matches("Write `numpy>=")
            .trim_end_matches('`')
            .parse()
            .unwrap();
        assert_eq!(said, version, "{answer}");
    }
    let mut last = 0;
    let mut published = 0;
    while last < 301 {
        let shown = client.published().await;
        let version = shown["version"].as_i64().unwrap();
        assert!(version > last, "{version} after {last}");
        let message = shown["diagnostics"][0]["message"].as_str().unwrap();
        assert!(
            message.contains(&format!("a/{version}`")),
            "{version}: {message}"
        );
        last = version;
        published += 1;
    }
    println!("300 changes, {published} times published");
    client.finish().await;
}

#[tokio::test(start_paused = true)]
async fn channels_are_asked_when_nobody_types_and_heard_when_they_answer() {
    let world = World::new();
    let mut client = Client::start(world.clone()).await;
    client
        .open("dependencies:\n  - numpy\nchannels: [conda-forge]\n")
        .await;
    expect![[r#"
        version 1
    "#]]
    .assert_eq(&brief(&client.published().await));
    assert_eq!(world.take_asked(), [["numpy"]]);
    for (version, name) in [(2, "n"), (3, "nu"), (4, "numpi")] {
        client
            .write(
                version,
                &format!("dependencies:\n  - {name}\nchannels: [conda-forge]\n"),
            )
            .await;
        client.published().await;
    }
    assert_eq!(world.take_asked(), [[""; 0]; 0]);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(world.take_asked(), [["numpi"]]);
    world.learn(&[("numpy", &["2.0", "1.0"])]);
    expect![[r#"
        version 4
        1:4-1:9 1 MM701: no channel of this spec has a package `numpi`
        hint: Did you mean `numpy`?
    "#]]
    .assert_eq(&brief(&client.published().await));
    // What is known already is said at once, without flicker.
    client
        .write(
            5,
            "dependencies:\n  - numpi\n  - x\nchannels: [conda-forge]\n",
        )
        .await;
    expect![[r#"
        version 5
        1:4-1:9 1 MM701: no channel of this spec has a package `numpi`
        hint: Did you mean `numpy`?
        2:4-2:5 1 MM701: no channel of this spec has a package `x`
        hint: Add the channel that has it, or put it below `pip:` when it is on PyPI only
    "#]]
    .assert_eq(&brief(&client.published().await));
    // Of other channels nothing is known yet.
    client
        .write(6, "channels: [bioconda]\ndependencies:\n  - numpi\n")
        .await;
    expect![[r#"
        version 6
    "#]]
    .assert_eq(&brief(&client.published().await));
    expect![[r#"
        version 6
        2:4-2:9 1 MM701: no channel of this spec has a package `numpi`
        hint: Did you mean `numpy`?
    "#]]
    .assert_eq(&brief(&client.published().await));
    client.finish().await;
}
