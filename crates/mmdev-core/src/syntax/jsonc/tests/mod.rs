//! Reading and editing, checked by what comes out.

mod edit;
mod properties;

use super::*;
use crate::text::{LineIndex, apply};
use expect_test::{Expect, expect};
use serde_json::{Value as Json, json};

/// One line for each diagnostic, with the text that it stands at.
fn check_parse(text: &str, expected: Expect) {
    let (document, diagnostics) = parse(text);
    let lines = LineIndex::new(text);
    let mut report = String::new();
    for diagnostic in &diagnostics {
        let place = lines.line_column(diagnostic.span.start);
        report += &format!(
            "{}:{} {} {:?} {}\n",
            place.line,
            place.column,
            diagnostic.code,
            &text[diagnostic.span.range()],
            diagnostic.message
        );
    }
    match document.root() {
        Some(root) => report += &root.to_json().to_string(),
        None => report += "nothing",
    }
    expected.assert_eq(&report);
}

#[test]
fn comments_and_trailing_commas_are_taken() {
    check_parse(
        "\u{feff}// one\r\n{ /* two */ \"a\": [1, 2.50, 1e3,], // three\r\n \"b\": {\"c\": null,},}\r\n",
        expect![[r#"{"a":[1,2.5,1000.0],"b":{"c":null}}"#]],
    );
}

#[test]
fn everything_loose_is_refused() {
    check_parse(
        "{'a': 1}",
        expect![[r#"
            1:2 MM601 "'" this is not JSON: single-quoted strings are not allowed
            nothing"#]],
    );
    check_parse(
        "{a: 1}",
        expect![[r#"
            1:2 MM601 "a" this is not JSON: expected string for object property
            nothing"#]],
    );
    check_parse(
        "{\"a\": 1\n \"b\": 2}",
        expect![[r#"
            1:8 MM601 "" this is not JSON: expected comma
            nothing"#]],
    );
    check_parse(
        "[0x1]",
        expect![[r#"
            1:2 MM601 "0" this is not JSON: hexadecimal numbers are not allowed
            nothing"#]],
    );
    check_parse(
        "{\"a\":\u{a0}1}",
        expect![[r#"
            1:6 MM601 "\u{a0}" this is not JSON: U+00A0 is no white space here
            {"a":1}"#]],
    );
    check_parse(
        "{} {}",
        expect![[r#"
            1:4 MM601 "{" this is not JSON: text cannot contain more than one JSON value
            nothing"#]],
    );
}

#[test]
fn half_written_files_say_where() {
    check_parse(
        "",
        expect![[r#"
            1:1 MM601 "" the file holds no JSON value
            nothing"#]],
    );
    check_parse(
        "// only a comment\n",
        expect![[r#"
            1:1 MM601 "// only a comment\n" the file holds no JSON value
            nothing"#]],
    );
    check_parse(
        "\u{feff}{\n  \"é\": [1,\n",
        expect![[r#"
            2:8 MM601 "[" this is not JSON: unterminated array
            nothing"#]],
    );
    check_parse(
        "{\"a\": \"b}",
        expect![[r#"
            1:7 MM601 "\"b}" this is not JSON: unterminated string literal
            nothing"#]],
    );
    check_parse(
        "{\"a\": 1, /* never closed",
        expect![[r#"
            1:10 MM601 "/* never closed" this is not JSON: unterminated comment block
            nothing"#]],
    );
}

#[test]
fn a_merge_conflict_is_called_one() {
    check_parse(
        "{\n  \"a\": 1,\n<<<<<<< HEAD\n  \"b\": 2\n=======\n  \"b\": 3\n>>>>>>> x\n}\n",
        expect![[r#"
            3:1 MM601 "<<<<<<<" a merge conflict is left in the file
            nothing"#]],
    );
    check_parse(
        "{\n  \"a\": \"\\n<<<<<<< \"\n}\n",
        expect![[r#"{"a":"\n<<<<<<< "}"#]],
    );
}

#[test]
fn of_a_key_that_stands_twice_the_last_one_counts() {
    check_parse(
        r#"{"a": 1, "a": {"b": 1, "b": 2}}"#,
        expect![[r#"
            1:10 MM602 "\"a\"" `a` stands twice in this object
            1:24 MM602 "\"b\"" `b` stands twice in this object
            {"a":{"b":2}}"#]],
    );
}

#[test]
fn deep_nesting_is_an_error_and_no_crash() {
    let text = "[".repeat(100_000);
    let (_, diagnostics) = parse(&text);
    assert_eq!(
        diagnostics[0].message,
        "this is not JSON: maximum nesting depth exceeded"
    );
    let text = format!("{}{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    assert_eq!(parse(&text).1.len(), 1);
    let text = format!("{}1{}", "{\"a\":".repeat(200), "}".repeat(200));
    let (document, diagnostics) = parse(&text);
    assert_eq!(diagnostics, []);
    assert!(document.at(&["a"; 200]).is_some());
}

#[test]
fn what_no_json_reader_takes_is_refused() {
    let mut taken = Vec::new();
    for text in [
        "\"a\nb\"",
        "\"a\tb\"",
        "\"a\u{0}b\"",
        r#""\x41""#,
        r#""\ud800""#,
        r#""\u12""#,
        r#""\q""#,
        "01",
        "-01",
        "1.",
        ".5",
        "-",
        "+1",
        "1e",
        "1e+",
        "--1",
        "NaN",
        "-Infinity",
        "0x1",
        "1_000",
        "# comment\n1",
        "1;",
        "\u{feff}\u{feff}1",
        "1\u{feff}",
        "[1,,2]",
        "[,]",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,,}",
        "[1 2]",
        "{1:2}",
        "{true:1}",
        "/* /* */ */ 1",
        "/1",
        "True",
        "nul",
        "undefined",
        "`a`",
        "\"\\\n\"",
        "[1}",
        "{]",
        "1 /",
        "//\u{2028}",
    ] {
        let (_, diagnostics) = parse(text);
        if !diagnostics
            .iter()
            .any(|diagnostic| diagnostic.code == SYNTAX)
        {
            taken.push(text);
        }
    }
    assert_eq!(taken, Vec::<&str>::new());
}

#[test]
fn a_string_holds_no_control_character() {
    check_parse(
        "{\"a\": \"b\tc\",\n \"d\": \"\n\"}",
        expect![[r#"
        1:9 MM601 "\t" this is not JSON: U+0009 stands in a string
        {"a":"b\tc","d":"\n"}"#]],
    );
    check_parse(
        "[1, \"a\r\nb\"]",
        expect![[r#"
        1:7 MM601 "\r" this is not JSON: a string goes on over the end of its line
        [1,"a\r\nb"]"#]],
    );
    let text = "[\"a\tb\"]";
    let fix = parse(text).1.remove(0).fix.unwrap();
    assert_eq!(
        (apply(text, &fix.edits).as_str(), fix.title.as_str()),
        ("[\"a\\tb\"]", "Write it as `\\t`")
    );
}
