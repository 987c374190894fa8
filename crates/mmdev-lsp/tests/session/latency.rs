//! How long it takes from a change to its diagnostics. Printed, not judged: `cargo test --release -p mmdev-lsp latency
//! -- --nocapture`.

use std::time::Instant;

use serde_json::json;

use crate::client::Client;
use crate::world::World;

/// Changes that are timed; a build without optimisation says nothing about time.
const CHANGES: usize = if cfg!(debug_assertions) { 20 } else { 500 };

/// A spec of 500 lines, with a mistake here and there.
fn spec() -> String {
    let mut text = String::from("name: big\nchannels:\n  - conda-forge\ndependencies:\n");
    for line in 0..496 {
        text += &match line % 50 {
            7 => format!("  - package{line}=>1.{line}\n"),
            23 => format!("  # a comment on package {line}\n"),
            _ => format!("  - package{line} >=1.{line},<2  # why\n"),
        };
    }
    text
}

#[tokio::test(start_paused = true)]
async fn from_a_change_to_its_diagnostics() {
    let text = spec();
    assert_eq!(text.lines().count(), 500);
    let versions: Vec<String> = (0..100).map(|minor| format!("1.{}", 999 - minor)).collect();
    let versions: Vec<&str> = versions.iter().map(String::as_str).collect();
    let names: Vec<String> = (0..496).map(|line| format!("package{line}")).collect();
    let mut packages: Vec<(&str, &[&str])> = names
        .iter()
        .map(|name| (name.as_str(), versions.as_slice()))
        .collect();
    packages.sort_unstable();
    let mut client = Client::start(World::with(&packages)).await;
    client.open(&text).await;
    client.published().await;
    let mut times = Vec::new();
    for change in 0..CHANGES {
        let start = json!({ "line": 250, "character": 6 + change % 5 });
        let range = json!({ "start": start, "end": start });
        let version = change as i32 + 2;
        let before = Instant::now();
        client
            .change(version, json!([{ "range": range, "text": "x" }]))
            .await;
        loop {
            let published = client.published().await;
            if published["version"] == version {
                break;
            }
        }
        times.push(before.elapsed());
    }
    times.sort_unstable();
    println!(
        "didChange to diagnostics, 500 lines: p50 {:?}, p99 {:?}, most {:?}",
        times[CHANGES / 2],
        times[CHANGES * 99 / 100],
        times[CHANGES - 1]
    );
    client.finish().await;
}
