//! What holds whatever a person and the spec do to a file in turn.

use super::*;
use proptest::prelude::*;

/// Files as people lay them out.
const FILES: [&str; 6] = [
    "{}",
    "{\"image\":\"x\",\"customizations\":{\"vscode\":{}}}",
    "{\n  // of image\n  \"image\": \"x\", // pinned\n  \"features\": { \"a\": {} }\n  // \"b\": 1\n}\n",
    "{\n\t\"image\": \"x\",\n\t\"customizations\": {\n\t\t\"vscode\": {\n\t\t\t\"extensions\": [\"a.b\"],\n\t\t},\n\t},\n}",
    "{ \"image\": \"x\",\n  \"customizations\": { \"vscode\": { \"settings\": { /* none */ } } } }",
    "/* first */ { /* second */\n}",
];

/// Keys that mmdev may own.
const KEYS: [&[&str]; 4] = [
    &["remoteUser"],
    &["containerEnv", "A"],
    &[
        "customizations",
        "vscode",
        "settings",
        "python.languageServer",
    ],
    &["customizations", "mmdev", "files"],
];

/// Where the hash of the locks stands.
const LOCK: &[&str] = &["build", "args", "MMDEV_LOCK"];

fn any_file() -> impl Strategy<Value = String> {
    (
        prop::sample::select(FILES.to_vec()),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(text, crlf, bom)| {
            let text = if crlf {
                text.replace('\n', "\r\n")
            } else {
                text.to_owned()
            };
            if bom { format!("\u{feff}{text}") } else { text }
        })
}

fn any_desired() -> impl Strategy<Value = Desired> {
    let value = || {
        prop::option::of(prop::sample::select(vec![
            json!("one"),
            json!(false),
            json!(["two"]),
        ]))
    };
    let properties = [value(), value(), value(), value()];
    let items = prop::sample::subsequence(vec!["p.a", "p.b", "p.c"], 0..=3);
    (
        properties,
        items,
        prop::option::of(Just(json!("pip install ."))),
        prop::option::of(prop::sample::select(vec!["0123456789ab", "ba9876543210"])),
    )
        .prop_map(|(values, items, on_create, lock)| Desired {
            name: "x".to_owned(),
            properties: KEYS
                .iter()
                .zip(values)
                .filter_map(|(path, value)| Some(Property::new(path, value?)))
                .collect(),
            members: vec![Members {
                path: ["customizations", "vscode", "extensions"]
                    .map(str::to_owned)
                    .to_vec(),
                items: items.into_iter().map(str::to_owned).collect(),
            }],
            on_create,
            dockerfile_lines: vec![],
            lock: lock.map(str::to_owned),
        })
}

/// Nothing, or a change of one key by hand.
fn any_hand() -> impl Strategy<Value = Option<&'static [&'static str]>> {
    prop::option::of(prop::sample::select([&KEYS[..], &[LOCK]].concat()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_second_time_changes_nothing_and_a_hand_is_respected(
        file in any_file(),
        rounds in prop::collection::vec((any_desired(), any_hand()), 1..5),
    ) {
        let mut text = file;
        let mut theirs: Vec<&[&str]> = Vec::new();
        for (desired, hand) in &rounds {
            let planned = plan(DEFAULT_PATH, Some(&text), desired, Mode::Merge);
            let next = match planned.outcome {
                Outcome::Adopt(change) | Outcome::Update(change) => {
                    prop_assert_eq!(&apply(&text, &change.edits), &change.text);
                    change.text
                }
                Outcome::Unchanged => text.clone(),
                other => panic!("{other:?} of {text}"),
            };
            let again = plan(DEFAULT_PATH, Some(&next), desired, Mode::Merge);
            prop_assert_eq!(again.outcome, Outcome::Unchanged, "{:?} on {}", desired, next);
            let (document, diagnostics) = jsonc::parse(&next);
            prop_assert_eq!(diagnostics, vec![]);
            for path in &theirs {
                let value = document.at(path).map(jsonc::Value::to_json);
                prop_assert_eq!(value, Some(json!("by hand")), "{:?} in {}", path, next);
            }
            for property in &desired.properties {
                if !theirs.iter().any(|path| property.path == *path) {
                    let value = document.at(&property.path).map(jsonc::Value::to_json);
                    prop_assert_eq!(value.as_ref(), Some(&property.value), "{}", next);
                }
            }
            if !theirs.contains(&LOCK) {
                let value = document.at(LOCK).and_then(jsonc::Value::as_str);
                prop_assert_eq!(value, desired.lock.as_deref(), "{}", next);
            }
            prop_assert_eq!(next.starts_with('\u{feff}'), text.starts_with('\u{feff}'));
            prop_assert!(next.contains("\r\n") == text.contains("\r\n") || !text.contains('\n'));
            text = next;
            if let Some(path) = hand {
                let mut editor = jsonc::Editor::new(&text).unwrap();
                editor.set(path, &json!("by hand")).unwrap();
                text = editor.text().to_owned();
                theirs.push(path);
            }
        }
    }
}
