//! Any text is a devcontainer.json of a person, which mmdev merges its own keys into, and then nothing more.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mmdev_core::artifact::devcontainer::{
    DEFAULT_PATH, Desired, Members, Mode, Outcome, Property, eject, image_to_adopt, plan,
};
use mmdev_core::settings;
use mmdev_core::syntax::jsonc;
use mmdev_core::text::apply;
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
        let comments = |text: &str| jsonc::parse(text).0.comments().count();
        assert!(comments(&change.text) >= comments(text), "{}", change.text);
        let (document, _) = jsonc::parse(&change.text);
        assert!(document.root().is_some(), "{}", change.text);
    }
});

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
