//! Whole sessions in the test's own process: what the server answers and publishes, and that it says nothing else.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod client;
mod features;
mod latency;
mod lifecycle;
mod publishing;
mod world;

use serde_json::{Value, json};

use client::Client;

/// Where the tests' document stands.
const URI: &str = "file:///home/me/project/env.yaml";

fn document() -> Value {
    json!({ "uri": URI })
}

impl Client {
    async fn open(&mut self, text: &str) {
        self.open_as(URI, text).await;
    }

    async fn open_as(&mut self, uri: &str, text: &str) {
        let item = json!({ "uri": uri, "languageId": "yaml", "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": item }))
            .await;
    }

    /// Replaces the whole text.
    async fn write(&mut self, version: i32, text: &str) {
        self.change(version, json!([{ "text": text }])).await;
    }

    async fn change(&mut self, version: i32, changes: Value) {
        let parameters = json!({
            "textDocument": { "uri": URI, "version": version },
            "contentChanges": changes,
        });
        self.notify("textDocument/didChange", parameters).await;
    }

    /// What a request about the place of `needle` in `text` is answered with.
    async fn at(&mut self, method: &str, text: &str, needle: &str) -> Value {
        let parameters = json!({ "textDocument": document(), "position": position(text, needle) });
        self.request(method, parameters).await
    }
}

/// Where `needle` starts, in UTF-16.
fn position(text: &str, needle: &str) -> Value {
    let offset = text.find(needle).unwrap();
    let line_start = text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
    json!({
        "line": text[..offset].matches('\n').count(),
        "character": text[line_start..offset].encode_utf16().count(),
    })
}

/// Published diagnostics in a few lines.
fn brief(published: &Value) -> String {
    let mut shown = format!("version {}\n", published["version"]);
    for diagnostic in published["diagnostics"].as_array().unwrap() {
        let place = |place: &Value| format!("{}:{}", place["line"], place["character"]);
        shown += &format!(
            "{}-{} {} {}: {}\n",
            place(&diagnostic["range"]["start"]),
            place(&diagnostic["range"]["end"]),
            diagnostic["severity"],
            diagnostic["code"].as_str().unwrap(),
            diagnostic["message"].as_str().unwrap(),
        );
    }
    shown
}
