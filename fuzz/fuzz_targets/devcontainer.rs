//! Any text is a devcontainer.json of a person, which mmdev merges its own keys into, and then nothing more.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mmdev_core::artifact::devcontainer::{
    DEFAULT_PATH, Desired, Members, Mode, Outcome, Property, eject, image_to_adopt, plan,
};
use mmdev_core::settings;
use mmdev_core::syntax::jsonc;
use mmdev_core::text::{Span, apply};
use serde_json::json;

fuzz_target!(|text: &str| {
    settings::from_devcontainer(text);
    image_to_adopt(text);
    eject(text);
    for mode in [Mode::Merge, Mode::Force] {
        let change = match plan(DEFAULT_PATH, Some(text), &desired(), mode).outcome {
            Outcome::Adopt(change) | Outcome::Update(change) => change,
            _ => continue,
        };
        assert_eq!(apply(text, &change.edits), change.text);
        let again = plan(DEFAULT_PATH, Some(&change.text), &desired(), mode);
        assert_eq!(again.outcome, Outcome::Unchanged, "{}", change.text);
        assert!(comments(&change.text) >= comments(text), "{}", change.text);
        let (document, _) = jsonc::parse(&change.text);
        assert!(document.root().is_some(), "{}", change.text);
    }
});

/// How many comments stand outside of mmdev's own record of what it wrote, from which what is stale goes.
fn comments(text: &str) -> usize {
    let (document, _) = jsonc::parse(text);
    let record = document.at(&["customizations", "mmdev", "generated"]);
    let record = record.map(|record| record.span);
    let is_a_person_s = |comment: &Span| {
        record.is_none_or(|record| comment.end <= record.start || record.end <= comment.start)
    };
    document.comments().filter(is_a_person_s).count()
}

fn desired() -> Desired {
    let settings = [
        "customizations",
        "vscode",
        "settings",
        "python.languageServer",
    ];
    Desired {
        name: "fish".to_owned(),
        properties: vec![
            Property::unless_set(&["remoteUser"], "mambauser"),
            Property::new(&["containerEnv", "A"], "1"),
            Property::new(&settings, json!(["x"])),
        ],
        members: vec![Members {
            path: ["customizations", "vscode", "extensions"]
                .map(str::to_owned)
                .to_vec(),
            items: vec!["ms-python.python".to_owned()],
        }],
        on_create: Some(json!("pip install .")),
        dockerfile_lines: vec!["COPY x y".to_owned()],
        lock: Some("0123456789ab".to_owned()),
    }
}
