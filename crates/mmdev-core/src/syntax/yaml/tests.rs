//! Tests of the YAML reader: trees with spans, and what it says of broken text.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

/// The tree, comments and diagnostics of `text`, each with its bytes and the text that they hold.
fn render(text: &str) -> String {
    let parsed = parse(text);
    let mut result = String::new();
    if let Some(root) = &parsed.root {
        node(root, text, 0, &mut result);
    }
    for comment in &parsed.comments {
        result += &format!("# {:?} {:?}\n", comment.span.range(), comment.text);
    }
    for diagnostic in &parsed.diagnostics {
        result += &format!(
            "{} {:?} {:?}: {}\n",
            diagnostic.code,
            diagnostic.span.range(),
            &text[diagnostic.span.range()],
            diagnostic.message
        );
    }
    result
}

fn node(node_: &Node, text: &str, depth: usize, result: &mut String) {
    let pad = "  ".repeat(depth);
    let range = node_.span.range();
    match &node_.kind {
        Kind::Null => *result += &format!("{pad}null {range:?}\n"),
        Kind::Scalar(scalar) => {
            let raw = &text[range.clone()];
            *result += &format!("{pad}{:?} {range:?} {:?}", scalar.value, scalar.style);
            if raw != scalar.value {
                *result += &format!(" {raw:?}");
            }
            *result += "\n";
        }
        Kind::Sequence(items) => {
            *result += &format!("{pad}list {range:?}\n");
            for item in items {
                node(item, text, depth + 1, result);
            }
        }
        Kind::Mapping(entries) => {
            *result += &format!("{pad}mapping {range:?}\n");
            for entry in entries {
                node(&entry.key, text, depth + 1, result);
                node(&entry.value, text, depth + 2, result);
            }
        }
    }
}

#[track_caller]
fn check(text: &str, expected: Expect) {
    expected.assert_eq(&render(text));
}

#[test]
fn block_style() {
    check(
        "# a spec\nname: x # here\ndependencies:\n  - python=3.11\n  - pip:\n    - 'a'\n    -\n\nvariables:\n",
        expect![[r#"
            mapping 9..89
              "name" 9..13 Plain
                "x" 15..16 Plain
              "dependencies" 24..36 Plain
                list 40..78
                  "python=3.11" 42..53 Plain
                  mapping 58..78
                    "pip" 58..61 Plain
                      list 69..78
                        "a" 69..72 SingleQuoted "'a'"
                        null 78..78
              "variables" 80..89 Plain
                null 89..89
            # 0..8 " a spec"
            # 17..23 " here"
        "#]],
    );
}

#[test]
fn flow_style() {
    check(
        "{a: [1, \"b c\", 'd''e', {f: ~}], g}\n",
        expect![[r#"
        mapping 0..34
          "a" 1..2 Plain
            list 4..30
              "1" 5..6 Plain
              "b c" 8..13 DoubleQuoted "\"b c\""
              "d'e" 15..21 SingleQuoted "'d''e'"
              mapping 23..29
                "f" 24..25 Plain
                  null 27..28
          "g" 32..33 Plain
            null 33..33
    "#]],
    );
}

#[test]
fn block_scalars() {
    check(
        "a: |\n  one\n  two\nb: >-\n  one\n  two\nc: x\n  y\n",
        expect![[r#"
            mapping 0..43
              "a" 0..1 Plain
                "one\ntwo\n" 7..16 Literal "one\n  two"
              "b" 17..18 Plain
                "one two" 25..34 Folded "one\n  two"
              "c" 35..36 Plain
                "x y" 38..43 Plain "x\n  y"
        "#]],
    );
}

#[test]
fn byte_order_mark_crlf_and_non_ascii() {
    check(
        "\u{feff}name: é # ü\r\nb:\r\n  - ñ\r\n  - x\r\n",
        expect![[r#"
            mapping 3..35
              "name" 3..7 Plain
                "é" 9..11 Plain
              "b" 18..19 Plain
                list 24..35
                  "ñ" 26..28 Plain
                  "x" 34..35 Plain
            # 12..16 " ü"
        "#]],
    );
}

#[test]
fn anchors_aliases_and_merge_keys() {
    check(
        "base: &base\n  a: 1\n  b: 2\nlist: &list [x]\nall:\n  <<: *base\n  b: 3\ncopy: *list\n",
        expect![[r#"
            mapping 0..70
              "base" 0..4 Plain
                mapping 14..25
                  "a" 14..15 Plain
                    "1" 17..18 Plain
                  "b" 21..22 Plain
                    "2" 24..25 Plain
              "list" 26..30 Plain
                list 38..41
                  "x" 39..40 Plain
              "all" 42..45 Plain
                mapping 49..65
                  "b" 61..62 Plain
                    "3" 64..65 Plain
                  "a" 14..15 Plain
                    "1" 17..18 Plain
              "copy" 66..70 Plain
                list 38..41
                  "x" 39..40 Plain
        "#]],
    );
    check(
        "a: *nowhere\nb: &b [*b]\nc:\n  <<: 3\n",
        expect![[r#"
        mapping 0..33
          "a" 0..1 Plain
            null 3..11
          "b" 12..13 Plain
            list 18..22
              null 19..21
          "c" 23..24 Plain
            mapping 28..33
        MM008 3..11 "*nowhere": the alias `*nowhere` has no anchor before it
        MM008 19..21 "*b": the alias stands inside the value that it stands for
        MM008 32..33 "3": the merge key `<<` takes a mapping, or a list of them
    "#]],
    );
}

#[test]
fn tags() {
    check(
        "a: !!str 3.10\nb: !secret x\nc: ! d\n",
        expect![[r#"
            mapping 0..33
              "a" 0..1 Plain
                "3.10" 9..13 Plain
              "b" 14..15 Plain
                "x" 25..26 Plain
              "c" 27..28 Plain
                "d" 32..33 Plain
            MM007 17..24 "!secret": conda does not know the YAML tag `!secret`
        "#]],
    );
}

#[test]
fn several_documents() {
    check(
        "---\na: 1\n---\nb: 2\n",
        expect![[r#"
        mapping 4..8
          "a" 4..5 Plain
            "1" 7..8 Plain
        MM003 9..12 "---": a second YAML document starts here
    "#]],
    );
    check(
        "a: 1\n...\n",
        expect![[r#"
        mapping 0..4
          "a" 0..1 Plain
            "1" 3..4 Plain
    "#]],
    );
}

#[test]
fn nothing() {
    check(
        "",
        expect![[r#"
        MM004 0..0 "": the file is empty
    "#]],
    );
    check(
        "# only a comment\n---\n",
        expect![[r#"
            null 20..20
            # 0..16 " only a comment"
            MM004 0..0 "": the file is empty
        "#]],
    );
}

#[test]
fn duplicate_keys() {
    check(
        "a: 1\nb: {c: 1, c: 2}\na: 2\n",
        expect![[r#"
        mapping 0..25
          "a" 0..1 Plain
            "1" 3..4 Plain
          "b" 5..6 Plain
            mapping 8..20
              "c" 9..10 Plain
                "1" 12..13 Plain
              "c" 15..16 Plain
                "2" 18..19 Plain
          "a" 21..22 Plain
            "2" 24..25 Plain
        MM005 15..16 "c": the key `c` is here a second time
        MM005 21..22 "a": the key `a` is here a second time
    "#]],
    );
}

#[test]
fn tabs() {
    check(
        "dependencies:\n\t- a\n\t- b\n",
        expect![[r#"
        mapping 0..23
          "dependencies" 0..12 Plain
            list 15..23
              "a" 17..18 Plain
              "b" 22..23 Plain
        MM002 14..15 "\t": a tab indents this line, where YAML takes only spaces
    "#]],
    );
    check(
        "a: \"b\tc\" # d\te\nf: |\n  g\th\n",
        expect![[r#"
            mapping 0..25
              "a" 0..1 Plain
                "b\tc" 3..8 DoubleQuoted "\"b\tc\""
              "f" 15..16 Plain
                "g\th\n" 22..25 Literal "g\th"
            # 9..14 " d\te"
        "#]],
    );
    check(
        "a:\n  -\tb\n  - c\td\n",
        expect![[r#"
            mapping 0..16
              "a" 0..1 Plain
                list 5..16
                  "b" 7..8 Plain
                  "c\td" 13..16 Plain
            MM002 6..7 "\t": a tab stands here, which conda takes only inside quotes
        "#]],
    );
}

#[test]
fn conflict_markers() {
    check(
        "name: x\n<<<<<<< HEAD\ndependencies: [a]\n=======\ndependencies: [b]\n>>>>>>> other\n",
        expect![[r#"
            mapping 0..64
              "name" 0..4 Plain
                "x" 6..7 Plain
              "dependencies" 21..33 Plain
                list 35..38
                  "a" 36..37 Plain
              "dependencies" 47..59 Plain
                list 61..64
                  "b" 62..63 Plain
            MM006 8..20 "<<<<<<< HEAD": a merge conflict that git left here is not resolved
            MM006 65..78 ">>>>>>> other": a merge conflict that git left here is not resolved
        "#]],
    );
}

#[test]
fn mistakes_do_not_hide_the_rest() {
    check(
        "dependencies:\n  - a\n   - b\n  - c\n",
        expect![[r#"
        mapping 0..32
          "dependencies" 0..12 Plain
            list 16..32
              "a - b" 18..26 Plain "a\n   - b"
              "c" 31..32 Plain
    "#]],
    );
    check(
        "dependencies:\n  - a\n - b\n  - c\n",
        expect![[r#"
            mapping 0..30
              "dependencies" 0..12 Plain
                list 18..30
                  "a" 18..19 Plain
                  "b" 23..24 Plain
                  "c" 29..30 Plain
            MM001 21..24 "- b": not YAML: the indentation of this line fits nothing above it
        "#]],
    );
    check(
        "name: x\ndependencies: - a\n  - b\n",
        expect![[r#"
            mapping 0..31
              "name" 0..4 Plain
                "x" 6..7 Plain
              "dependencies" 8..20 Plain
                list 24..31
                  "a" 24..25 Plain
                  "b" 30..31 Plain
            MM001 8..25 "dependencies: - a": not YAML: an entry with `- ` stands where none can be
        "#]],
    );
    check(
        "name: \"x\ndependencies:\n  - b\n",
        expect![[r#"
            mapping 0..28
              "name" 0..4 Plain
                "\"x" 6..8 Plain
              "dependencies" 9..21 Plain
                list 27..28
                  "b" 27..28 Plain
            MM001 6..8 "\"x": not YAML: a quote is not closed
        "#]],
    );
    check(
        "name: x\nchannels: [a, b\ndependencies:\n  - b\n",
        expect![[r#"
            mapping 0..43
              "name" 0..4 Plain
                "x" 6..7 Plain
              "channels" 8..16 Plain
                list 18..23
                  "a" 19..20 Plain
                  "b" 22..23 Plain
              "dependencies" 24..36 Plain
                list 42..43
                  "b" 42..43 Plain
            MM001 8..23 "channels: [a, b": not YAML: a bracket is not closed
        "#]],
    );
    check(
        "name: x\ndependencies\n  - b\n",
        expect![[r#"
            mapping 0..26
              "name" 0..4 Plain
                "x" 6..7 Plain
              "dependencies" 8..20 Plain
                list 25..26
                  "b" 25..26 Plain
            MM001 8..20 "dependencies": not YAML: `dependencies` has neither `- ` before it nor `:` behind it
        "#]],
    );
    check(
        "dependencies:\n  - a\n  pip:\n    - b\n",
        expect![[r#"
            mapping 0..34
              "dependencies" 0..12 Plain
                list 18..34
                  "a" 18..19 Plain
                  mapping 22..25
                    "pip" 22..25 Plain
                      list 33..34
                        "b" 33..34 Plain
            MM001 22..26 "pip:": `pip:` stands inside a list without `- ` before it
        "#]],
    );
    check(
        "dependencies:\n  - a\n  - >=1\n  - *\n  - @b\n  - c\n",
        expect![[r#"
            mapping 0..46
              "dependencies" 0..12 Plain
                list 18..46
                  "a" 18..19 Plain
                  ">=1" 24..27 Plain
                  "*" 32..33 Plain
                  "@b" 38..40 Plain
                  "c" 45..46 Plain
            MM001 24..27 ">=1": not YAML: a text that begins with `>` needs quotes
            MM001 32..33 "*": not YAML: a text that begins with `*` needs quotes
            MM001 38..40 "@b": not YAML: a text that begins with `@` needs quotes
        "#]],
    );
    check(
        "name: {{ name }}\ndependencies:\n  - {{ dep }}\n  - c\n",
        expect![[r#"
            mapping 0..50
              "name" 0..4 Plain
                mapping 6..16
                  mapping 7..15
                    "name" 9..13 Plain
                      null 14..14
                    null 15..15
              "dependencies" 17..29 Plain
                list 33..50
                  mapping 35..44
                    mapping 36..43
                      "dep" 38..41 Plain
                        null 42..42
                      null 43..43
                  "c" 49..50 Plain
            MM001 6..15 "{{ name }": this is a template, not YAML: `{{ … }}` or `{% … %}` stands here
            MM001 35..43 "{{ dep }": this is a template, not YAML: `{{ … }}` or `{% … %}` stands here
        "#]],
    );
    check(
        "name:x\ndependencies:\n  - b\n",
        expect![[r#"
            mapping 0..26
              "name" 0..4 Plain
                "x" 5..6 Plain
              "dependencies" 7..19 Plain
                list 25..26
                  "b" 25..26 Plain
            MM001 0..6 "name:x": not YAML: a space is missing behind `:`
        "#]],
    );
}

#[test]
fn a_key_without_its_dash_or_with_too_much_indentation() {
    check(
        "dependencies:\n  - a\n   - pip:\n    - b\n",
        expect![[r#"
            mapping 0..37
              "dependencies" 0..12 Plain
                list 18..37
                  "a" 18..19 Plain
                  mapping 25..28
                    "pip" 25..28 Plain
                      list 36..37
                        "b" 36..37 Plain
            MM001 23..29 "- pip:": not YAML: this line is indented deeper than the entry above it, and read as its rest
        "#]],
    );
    check(
        "dependencies:\n  - a\n  - *\n  - c\n  - @d\n",
        expect![[r#"
            mapping 0..38
              "dependencies" 0..12 Plain
                list 18..38
                  "a" 18..19 Plain
                  "*" 24..25 Plain
                  "c" 30..31 Plain
                  "@d" 36..38 Plain
            MM001 24..25 "*": not YAML: a text that begins with `*` needs quotes
            MM001 36..38 "@d": not YAML: a text that begins with `@` needs quotes
        "#]],
    );
    check(
        "a: b\n}\nc: d\n",
        expect![[r#"
            mapping 0..11
              "a" 0..1 Plain
                "b" 3..4 Plain
              "c" 7..8 Plain
                "d" 10..11 Plain
            MM001 5..6 "}": not YAML: a bracket closes here that was never opened
        "#]],
    );
    check(
        "a: 'b\nc: d\n",
        expect![[r#"
            mapping 6..10
              "c" 6..7 Plain
                "d" 9..10 Plain
            MM001 3..5 "'b": not YAML: a quote is not closed
        "#]],
    );
    check(
        "a: \"\\q\"\nc: d\n",
        expect![[r#"
            mapping 8..12
              "c" 8..9 Plain
                "d" 11..12 Plain
            MM001 3..7 "\"\\q\"": not YAML: a `\` in double quotes begins an escape, and this is none that YAML has
        "#]],
    );
    check(
        "<<<<<<< HEAD\n",
        expect![[r#"
        MM006 0..12 "<<<<<<< HEAD": a merge conflict that git left here is not resolved
    "#]],
    );
}

/// Every span lies in the text and holds whole characters.
fn assert_sound(text: &str) {
    fn walk(node: &Node, text: &str) {
        assert!(text.get(node.span.range()).is_some(), "{:?}", node.span);
        match &node.kind {
            Kind::Null | Kind::Scalar(_) => {}
            Kind::Sequence(items) => items.iter().for_each(|item| walk(item, text)),
            Kind::Mapping(entries) => {
                for entry in entries {
                    walk(&entry.key, text);
                    walk(&entry.value, text);
                }
            }
        }
    }
    let parsed = parse(text);
    if let Some(root) = &parsed.root {
        walk(root, text);
    }
    for comment in &parsed.comments {
        assert_eq!(&text[comment.span.range()], format!("#{}", comment.text));
    }
    for diagnostic in &parsed.diagnostics {
        assert!(
            text.get(diagnostic.span.range()).is_some(),
            "{diagnostic:?}"
        );
        if let Some(fix) = &diagnostic.fix {
            crate::text::apply(text, &fix.edits);
        }
    }
    assert!(
        parsed.root.is_some() || !parsed.diagnostics.is_empty(),
        "nothing is read and nothing is said"
    );
}

proptest! {
    #[test]
    fn any_text_is_read(text: String) {
        assert_sound(&text);
    }

    #[test]
    fn any_text_of_yaml_characters_is_read(
        text in "[-:#\\[\\]{},&*!|>'\"%@` \t\n\r\\\\a-c<?~=.0-1é\u{feff}\u{0}]{0,120}"
    ) {
        assert_sound(&text);
    }
}

#[test]
fn hostile_texts_do_not_overflow_the_stack() {
    for text in [
        "[".repeat(100_000),
        "{a: ".repeat(100_000),
        "- ".repeat(100_000),
        "? ".repeat(100_000),
        "a:\n".repeat(10_000),
        (0..2_000)
            .map(|depth| format!("{}a:\n", " ".repeat(depth)))
            .collect(),
        "\t".repeat(10_000),
        "'".repeat(10_001),
        "*a ".repeat(10_000),
        // The blanked line has spaces where the text has one character.
        ">1\n\u{feff}".to_owned(),
    ] {
        assert_sound(&text);
    }
}

#[test]
fn alias_bombs_are_stopped() {
    let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    let mut chain = "a0: &a0 [x]\n".to_owned();
    for level in 1..=1_000 {
        let before = level - 1;
        if level < 20 {
            let aliases = [format!("*a{before}").as_str()].repeat(10).join(", ");
            laughs += &format!("a{level}: &a{level} [{aliases}]\n");
        }
        chain += &format!("a{level}: &a{level} [*a{before}]\n");
    }
    for (text, reason) in [
        (laughs, "aliases make the file too big here"),
        (chain, "aliases nest too deeply here"),
    ] {
        assert_sound(&text);
        assert!(
            parse(&text)
                .diagnostics
                .iter()
                .any(|diagnostic| diagnostic.message == reason),
            "{reason}"
        );
    }
}

#[test]
fn comments_before_a_value_are_not_limited() {
    let text = format!("{}a: b\n", "# licence\n".repeat(1_000));
    let parsed = parse(&text);
    assert_eq!(parsed.diagnostics, []);
    assert_eq!(parsed.comments.len(), 1_000);
}
