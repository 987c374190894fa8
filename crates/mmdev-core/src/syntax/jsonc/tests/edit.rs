//! Edits, checked by the text that they give.

use super::*;

fn edited(text: &str, edits: &[Edit]) -> String {
    let result = apply(text, edits);
    assert_eq!(parse(&result).1, [], "{result}");
    result
}

fn visible(text: &str) -> String {
    text.replace('\r', "␍").replace(BYTE_ORDER_MARK, "␂")
}

fn check_set(text: &str, path: &[&str], value: Json, expected: Expect) {
    let (document, _) = parse(text);
    let result = edited(text, &document.set(path, &value).unwrap());
    let (again, _) = parse(&result);
    assert_eq!(
        again.set(path, &value),
        Ok(Vec::new()),
        "set twice: {result}"
    );
    expected.assert_eq(&visible(&result));
}

#[test]
fn an_insertion_takes_the_style_of_the_file() {
    check_set(
        "{\n    \"a\": 1\n}\n",
        &["b", "c"],
        json!({"d": [1, {}]}),
        expect![[r#"
            {
                "a": 1,
                "b": {
                    "c": {
                        "d": [
                            1,
                            {}
                        ]
                    }
                }
            }
        "#]],
    );
    check_set(
        "{\r\n\t\"a\": {\r\n\t\t\"b\": 1, // of b\r\n\t\t// the end\r\n\t},\r\n}",
        &["a", "c"],
        json!({"d": true}),
        expect![[r#"
            {␍
            	"a": {␍
            		"b": 1, // of b␍
            		"c": {␍
            			"d": true␍
            		},␍
            		// the end␍
            	},␍
            }"#]],
    );
    check_set(
        "{\n  \"a\": 1 // of a\n\n  // \"b\": 2\n}\n",
        &["c"],
        json!("x"),
        expect![[r#"
            {
              "a": 1, // of a
              "c": "x"

              // "b": 2
            }
        "#]],
    );
    check_set(
        "{\n  \"a\": 1 /* of a */ /* and\n more */\n  ,\n}\n",
        &["c"],
        json!("x"),
        expect![[r#"
            {
              "a": 1 /* of a */ /* and
             more */
              ,
              "c": "x",
            }
        "#]],
    );
}

#[test]
fn what_stands_on_one_line_stays_on_one_line() {
    check_set(
        r#"{"a":1}"#,
        &["b"],
        json!({"c": [1, 2]}),
        expect![[r#"{"a":1,"b":{"c":[1,2]}}"#]],
    );
    check_set(
        r#"{ "a": 1, }"#,
        &["b"],
        json!({"c": [1, 2]}),
        expect![[r#"{ "a": 1, "b": { "c": [1, 2] }, }"#]],
    );
    check_set(
        "{\n  \"a\": {\"b\": {}} // c\n}",
        &["a", "b", "d"],
        json!(1),
        expect![[r#"
            {
              "a": {"b": { "d": 1 }} // c
            }"#]],
    );
    check_set(
        "{ \"a\": 1 // of a\n}",
        &["b"],
        json!(2),
        expect![[r#"
            { "a": 1, "b": 2 // of a
            }"#]],
    );
    check_set(
        "{\n  \"a\": { \"b\": 1 }\n}",
        &["a", "c"],
        json!({"d": "a long text, or many", "e": "of them, such as these are"}),
        expect![[r#"
            {
              "a": { "b": 1, "c": {
                "d": "a long text, or many",
                "e": "of them, such as these are"
              } }
            }"#]],
    );
    check_set(
        "{ \"a\": 1,\n  \"b\": 2 }",
        &["c"],
        json!(3),
        expect![[r#"
            { "a": 1,
              "b": 2,
              "c": 3 }"#]],
    );
}

#[test]
fn an_empty_object_opens() {
    check_set(
        "{}",
        &["a"],
        json!(1),
        expect![[r#"
            {
              "a": 1
            }"#]],
    );
    check_set(
        "\u{feff}{ // here\n}\n",
        &["a"],
        json!(1),
        expect![[r#"
            ␂{ // here
              "a": 1
            }
        "#]],
    );
    check_set(
        "{\n\t\"a\": {}\n}",
        &["a", "b"],
        json!(1),
        expect![[r#"
            {
            	"a": {
            		"b": 1
            	}
            }"#]],
    );
    check_set(
        "{\n  \"a\": { /* nothing yet */ }\n}",
        &["a", "b"],
        json!(1),
        expect![[r#"
            {
              "a": { /* nothing yet */
                "b": 1
              }
            }"#]],
    );
}

#[test]
fn a_value_is_replaced_in_its_place() {
    check_set(
        "{\n  \"a\": [ 1 ], // kept\n  \"b\": 2\n}",
        &["a"],
        json!({"c": 1}),
        expect![[r#"
            {
              "a": {
                "c": 1
              }, // kept
              "b": 2
            }"#]],
    );
    let text = "{\n\t// the base\n\t\"image\" : \"x\", // pinned\n\t\"b\": 2\n}";
    let (document, _) = parse(text);
    let edits = document.replace_member(&["image"], "build", &json!({"context": "."}));
    expect![[r#"
        {
        	// the base
        	"build" : {
        		"context": "."
        	}, // pinned
        	"b": 2
        }"#]]
    .assert_eq(&edited(text, &edits));
}

#[test]
fn what_is_no_object_stands_in_the_way() {
    let (document, _) = parse(r#"{"a": "text", "b": {"c": [1]}}"#);
    let obstacle = document.set(&["a", "b"], &json!(1)).unwrap_err();
    assert_eq!(
        (obstacle.path, obstacle.found),
        (vec!["a".to_owned()], "a string")
    );
    let obstacle = document.append(&["b"], &json!(1)).unwrap_err();
    assert_eq!(
        (obstacle.expected, obstacle.found),
        ("an array", "an object")
    );
    assert!(document.set(&["b", "c", "d"], &json!(1)).is_err());
}

fn check_editor(text: &str, steps: impl Fn(&mut Editor), expected: Expect) {
    let mut editor = Editor::new(text).unwrap();
    steps(&mut editor);
    assert_eq!(apply(text, &editor.edits()), editor.text());
    expected.assert_eq(&visible(editor.text()));
}

#[test]
fn items_come_and_go() {
    let come = |editor: &mut Editor| {
        editor.append(&["a"], &json!("new")).unwrap();
    };
    check_editor(
        "{\n  \"a\": [\n    \"x\", // x\n    // y\n  ]\n}",
        come,
        expect![[r#"
            {
              "a": [
                "x", // x
                "new",
                // y
              ]
            }"#]],
    );
    check_editor(
        r#"{"a":["x","y"]}"#,
        come,
        expect![[r#"{"a":["x","y","new"]}"#]],
    );
    check_editor(
        "{\n  \"a\": [\"x\",\n    \"y\", \"z\"]\n}",
        come,
        expect![[r#"
            {
              "a": ["x",
                "y", "z", "new"]
            }"#]],
    );
    check_editor(
        "{\n  \"b\": 1\n}",
        come,
        expect![[r#"
        {
          "b": 1,
          "a": [
            "new"
          ]
        }"#]],
    );
    let go = |editor: &mut Editor| editor.remove_item(&["a"], &json!("x"));
    check_editor(
        "{\n  \"a\": [\n    \"x\", // x\n    \"y\"\n  ]\n}",
        go,
        expect![[r#"
            {
              "a": [
                // x
                "y"
              ]
            }"#]],
    );
    check_editor(
        "{\r\n  \"a\": [\r\n    \"y\",\r\n    \"x\"\r\n  ]\r\n}",
        go,
        expect![[r#"
            {␍
              "a": [␍
                "y"␍
              ]␍
            }"#]],
    );
    check_editor(r#"{"b": 1, "a": ["x", "x"]}"#, go, expect![[r#"{"b": 1}"#]]);
    check_editor(
        r#"{"a": [ "y", "x", ]}"#,
        go,
        expect![[r#"{"a": [ "y", ]}"#]],
    );
    check_editor(
        r#"{"a": [ "y", /* of x */ "x" /* end */ ]}"#,
        go,
        expect![[r#"{"a": [ "y" /* of x */ /* end */ ]}"#]],
    );
}

#[test]
fn a_removed_key_leaves_comments_and_no_empty_object() {
    let remove = |editor: &mut Editor| editor.remove(&["a", "b"]);
    check_editor(
        "{\n  // of a\n  \"a\": {\n    \"b\": 1\n  },\n  \"c\": 2\n}",
        remove,
        expect![[r#"
            {
              // of a
              "c": 2
            }"#]],
    );
    check_editor(
        "{\n  \"c\": 2,\n  \"a\": {\n    // of b\n    \"b\": 1, // too\n    \"b\": 2\n  }\n}",
        remove,
        expect![[r#"
            {
              "c": 2,
              "a": {
                // of b
                // too
              }
            }"#]],
    );
    check_editor(
        "{ \"a\": { \"b\": 1, \"c\": 2 } }",
        remove,
        expect![[r#"{ "a": { "c": 2 } }"#]],
    );
    check_editor(
        "{\n  \"a\": { \"b\": 1 }\n}",
        remove,
        expect![[r#"
        {
        }"#]],
    );
}

#[test]
fn steps_add_up_to_edits_of_the_first_text() {
    let text = "\u{feff}{\r\n  \"image\": \"x\", // why\r\n  \"b\": {\"c\": 1}\r\n}\r\n";
    let mut editor = Editor::new(text).unwrap();
    editor.replace_member(&["image"], "build", &json!({"context": "mmdev"}));
    editor.set(&["build", "dockerfile"], &json!("D")).unwrap();
    editor.set(&["b", "d"], &json!(2)).unwrap();
    editor.set(&["e"], &json!(3)).unwrap();
    editor.remove(&["b", "c"]);
    expect![[r#"
        [
            Edit {
                span: Span {
                    start: 8,
                    end: 15,
                },
                text: "\"build\"",
            },
            Edit {
                span: Span {
                    start: 17,
                    end: 20,
                },
                text: "{\r\n    \"context\": \"mmdev\",\r\n    \"dockerfile\": \"D\"\r\n  }",
            },
            Edit {
                span: Span {
                    start: 38,
                    end: 44,
                },
                text: "\"d\": 2",
            },
            Edit {
                span: Span {
                    start: 45,
                    end: 45,
                },
                text: ",\r\n  \"e\": 3",
            },
        ]"#]]
    .assert_eq(&format!("{:#?}", editor.edits()));
    expect![[r#"
        ␂{␍
          "build": {␍
            "context": "mmdev",␍
            "dockerfile": "D"␍
          }, // why␍
          "b": {"d": 2},␍
          "e": 3␍
        }␍
    "#]]
    .assert_eq(&visible(editor.text()));
    assert_eq!(apply(text, &editor.edits()), editor.text());
}
