//! Edits of random texts, held against what they mean for a value without positions.

use super::*;
use proptest::prelude::*;

/// White space and comments between two tokens.
fn trivia() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => Just(String::new()),
        3 => Just(" ".to_owned()),
        3 => Just("\n  ".to_owned()),
        1 => Just("\r\n\t".to_owned()),
        1 => Just(" /* é, } */ ".to_owned()),
        1 => Just(" // ] \"a\": 1,\n".to_owned()),
    ]
}

/// A text in any layout, with few names so that paths meet.
fn any_text() -> impl Strategy<Value = String> {
    let leaf = (
        trivia(),
        prop::sample::select(vec!["1", "null", "\"x\"", "[]", "{}"]),
        trivia(),
    )
        .prop_map(|(before, value, after)| format!("{before}{value}{after}"));
    let value = leaf.prop_recursive(4, 24, 4, |inner| {
        let name = prop::sample::select(vec!["a", "b", "c", "d"]);
        let member = (trivia(), name, trivia(), inner.clone())
            .prop_map(|(before, name, after, value)| format!("{before}\"{name}\"{after}:{value}"));
        let ends = || (trivia(), any::<bool>(), trivia());
        let close = |entries: Vec<String>, (before, comma, after): (String, bool, String)| {
            let comma = if comma && !entries.is_empty() {
                ","
            } else {
                ""
            };
            format!("{}{before}{comma}{after}", entries.join(","))
        };
        prop_oneof![
            3 => (prop::collection::vec(member, 0..4), ends())
                .prop_map(move |(members, ends)| format!("{{{}}}", close(members, ends))),
            1 => (prop::collection::vec(inner, 0..4), ends())
                .prop_map(move |(items, ends)| format!("[{}]", close(items, ends))),
        ]
    });
    (any::<bool>(), trivia(), value, trivia()).prop_map(|(bom, before, value, after)| {
        format!(
            "{}{before}{{\"a\":{value}}}{after}",
            if bom { "\u{feff}" } else { "" }
        )
    })
}

#[derive(Debug, Clone)]
enum Step {
    Set(Vec<&'static str>, Json),
    Append(Vec<&'static str>, Json),
    Remove(Vec<&'static str>),
    RemoveItem(Vec<&'static str>, Json),
}

fn any_step() -> impl Strategy<Value = Step> {
    let path = || prop::collection::vec(prop::sample::select(vec!["a", "b", "c"]), 1..4);
    let value = || {
        prop::sample::select(vec![
            json!("x"),
            json!({"a": [1, {"b": {}}]}),
            json!([]),
            json!({}),
        ])
    };
    prop_oneof![
        (path(), value()).prop_map(|(path, value)| Step::Set(path, value)),
        (path(), value()).prop_map(|(path, value)| Step::Append(path, value)),
        path().prop_map(Step::Remove),
        (path(), value()).prop_map(|(path, value)| Step::RemoveItem(path, value)),
    ]
}

/// What `step` does to a value without positions, and whether it can be done.
fn model(root: &mut Json, step: &Step) -> bool {
    fn walk<'a>(root: &'a mut Json, path: &[&str]) -> Option<&'a mut Json> {
        path.iter().try_fold(root, |value, name| {
            let object = value.as_object_mut()?;
            Some(object.entry(*name).or_insert_with(|| json!({})))
        })
    }
    match step {
        Step::Set(path, value) => {
            let (last, parents) = path.split_last().unwrap();
            let mut copy = root.clone();
            match walk(&mut copy, parents).and_then(Json::as_object_mut) {
                Some(object) => object.insert((*last).to_owned(), value.clone()),
                None => return false,
            };
            *root = copy;
        }
        Step::Append(path, value) => {
            let pointer = format!("/{}", path.join("/"));
            match root.pointer_mut(&pointer) {
                Some(Json::Array(items)) => items.push(value.clone()),
                Some(_) => return false,
                None => return model(root, &Step::Set(path.clone(), json!([value]))),
            }
        }
        Step::Remove(_) | Step::RemoveItem(..) => {}
    }
    true
}

/// The comments of a text, in order.
fn comments(text: &str) -> Vec<String> {
    let (document, _) = parse(text);
    let comments = document
        .tokens
        .iter()
        .filter(|token| token.kind == TokenKind::Comment);
    comments
        .map(|token| text[token.span.range()].to_owned())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_text_panics(text in "(\\PC|[\\[\\]{}\",:/*\\n\\r\u{feff}]){0,40}") {
        let (document, diagnostics) = parse(&text);
        prop_assert!(document.root().is_some() || diagnostics.iter().any(|diagnostic| diagnostic.code == SYNTAX));
        for diagnostic in diagnostics {
            prop_assert!(text.get(diagnostic.span.range()).is_some());
        }
    }

    #[test]
    fn every_step_does_what_it_says(text in any_text(), steps in prop::collection::vec(any_step(), 1..6)) {
        let mut editor = Editor::new(&text).unwrap();
        for step in &steps {
            let before = editor.text().to_owned();
            let mut expected = parse(&before).0.root().unwrap().to_json();
            let possible = model(&mut expected, step);
            let done = match step {
                Step::Set(path, value) => editor.set(path, value).is_ok(),
                Step::Append(path, value) => editor.append(path, value).is_ok(),
                Step::Remove(path) => { editor.remove(path); true }
                Step::RemoveItem(path, item) => { editor.remove_item(path, item); true }
            };
            prop_assert_eq!(done, possible, "{:?} on {}", step, before);
            let (document, diagnostics) = parse(editor.text());
            prop_assert!(diagnostics.iter().all(|diagnostic| diagnostic.code != SYNTAX), "{:?} on {} gave {}", step, before, editor.text());
            let result = document.root().unwrap().to_json();
            match step {
                Step::Remove(path) => prop_assert!(document.at(path).is_none()),
                Step::RemoveItem(path, item) => {
                    let left = document.at(path).and_then(Value::as_array).unwrap_or_default();
                    prop_assert!(left.iter().all(|value| value.to_json() != *item));
                }
                _ => prop_assert_eq!(result, expected, "{:?} on {} gave {}", step, before, editor.text()),
            }
            if matches!(step, Step::Append(..)) {
                prop_assert_eq!(comments(editor.text()), comments(&before), "{:?} on {} gave {}", step, before, editor.text());
            }
        }
        prop_assert_eq!(apply(&text, &editor.edits()), editor.text());
    }
}
