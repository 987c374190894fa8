//! Beginning and end, and what must not disturb a session.

use expect_test::expect;
use mmdev_lsp::Ending;
use serde_json::json;

use crate::client::Client;
use crate::world::World;
use crate::{URI, brief, document};

#[tokio::test(start_paused = true)]
async fn the_server_says_who_it_is_and_what_it_can_do() {
    let client = Client::start(World::new()).await;
    let text = serde_json::to_string_pretty(&client.initialized).unwrap();
    expect![[r#"
        {
          "capabilities": {
            "positionEncoding": "utf-16",
            "textDocumentSync": {
              "openClose": true,
              "change": 2
            },
            "hoverProvider": true,
            "completionProvider": {
              "triggerCharacters": [
                "=",
                "<",
                ">",
                ",",
                ":"
              ]
            },
            "documentSymbolProvider": true,
            "codeActionProvider": {
              "codeActionKinds": [
                "quickfix",
                "source.fixAll.mmdev"
              ]
            },
            "documentFormattingProvider": true,
            "foldingRangeProvider": true
          },
          "serverInfo": {
            "name": "mmdev",
            "version": "VERSION"
          }
        }"#]]
    .assert_eq(&text.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
    client.finish().await;
}

#[tokio::test(start_paused = true)]
async fn columns_count_what_was_agreed_on() {
    let text = "name: \"é🐍/\"\ndependencies: [a]\nchannels: [conda-forge]\n";
    for (offered, agreed, column) in [
        (json!(["utf-32", "utf-16", "utf-8"]), "utf-8", 13),
        (json!(["utf-16"]), "utf-16", 10),
        (json!(null), "utf-16", 10),
    ] {
        let capabilities = json!({ "general": { "positionEncodings": offered } });
        let mut client = Client::with(World::new(), capabilities).await;
        assert_eq!(
            client.initialized["capabilities"]["positionEncoding"],
            agreed
        );
        client.open(text).await;
        let published = client.published().await;
        let slash = json!({
            "start": { "line": 0, "character": column },
            "end": { "line": 0, "character": column + 1 },
        });
        assert_eq!(published["diagnostics"][0]["range"], slash, "{agreed}");
        // The same place, said by the client.
        client
            .change(2, json!([{ "range": slash, "text": "" }]))
            .await;
        assert_eq!(client.published().await["diagnostics"], json!([]));
        client.finish().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_vanishes_ends_the_server() {
    let client = Client::start(World::new()).await;
    assert_eq!(client.vanish().await, Ending::Abrupt);
}

#[tokio::test(start_paused = true)]
async fn what_does_not_concern_the_server_is_passed_over() {
    let mut client = Client::start(World::new()).await;
    let change = json!({ "changes": [{ "uri": URI, "type": 2 }] });
    for (method, parameters) in [
        (
            "workspace/didChangeConfiguration",
            json!({ "settings": { "x": 1 } }),
        ),
        ("workspace/didChangeWatchedFiles", change),
        (
            "textDocument/didSave",
            json!({ "textDocument": document() }),
        ),
        (
            "textDocument/didClose",
            json!({ "textDocument": document() }),
        ),
        ("$/setTrace", json!({ "value": "off" })),
    ] {
        client.notify(method, parameters).await;
    }
    // A document that was never opened.
    client.write(2, "dependencies: 1\n").await;
    let at = json!({ "textDocument": document(), "position": { "line": 0, "character": 0 } });
    assert_eq!(client.request("textDocument/hover", at).await, json!(null));
    client.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_panic_ends_one_answer_and_not_the_server() {
    let world = World::new();
    let mut client = Client::start(world.clone()).await;
    let text = "dependencies:\n  - numpy\nchannels: [conda-forge]\n";
    client.open(text).await;
    client.published().await;
    world.break_down();
    let answer = client.at("textDocument/hover", text, "numpy").await;
    assert_eq!(answer["code"], -32603, "an internal error: {answer}");
    // Publishing panics as well, until the index is whole again.
    client
        .write(2, "dependencies:\n  - numpy=2\nchannels: [conda-forge]\n")
        .await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    world.learn(&[("numpy", &["1.0"])]);
    expect![[r#"
        version 2
        1:9-1:11 1 MM702: no version of `numpy` fits `=2`
        hint: The newest is `1.0`
    "#]]
    .assert_eq(&brief(&client.published().await));
    client.finish().await;
}
