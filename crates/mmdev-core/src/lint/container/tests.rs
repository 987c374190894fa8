//! Files about the container: what is chosen, silenced and never panicked about.

use super::*;
use crate::lint::testing::everything;
use crate::text::LineIndex;
use expect_test::{Expect, expect};

const TABLE: [&str; 2] = ["tool", "mmdev"];

fn show(text: &str, found: &[Diagnostic]) -> String {
    let lines = LineIndex::new(text);
    let line = |diagnostic: &Diagnostic| {
        let hint = diagnostic.hint.as_ref().map(|hint| format!(" ({hint})"));
        format!(
            "{} {} `{}` {}{}\n",
            lines.line_column(diagnostic.span.start).line,
            diagnostic.code,
            &text[diagnostic.span.range()],
            diagnostic.message,
            hint.unwrap_or_default()
        )
    };
    found.iter().map(line).collect()
}

#[track_caller]
fn check(file: ContainerFile<'_>, expected: Expect) {
    let text = file.text();
    let found = match file {
        ContainerFile::Devcontainer(text) => settings::from_devcontainer(text).1,
        ContainerFile::Toml(text, table) => settings::from_toml(text, table).1,
        ContainerFile::Dockerfile(..) => Vec::new(),
    };
    expected.assert_eq(&show(
        text,
        &container(file, found, &everything().selection),
    ));
}

#[test]
fn words_that_name_no_rule_are_found_where_they_stand() {
    check(
        ContainerFile::Devcontainer(
            r#"{"customizations": {"mmdev": {"check": {"select": ["MM1", "all", "MM999"], "ignore": ["unknow-key", "M M"]}}}}"#,
        ),
        expect![[r#"
            1 MM608 `"MM999"` `check.select` names `MM999`, and there is no such rule (`mmdev rules` lists all rules)
            1 MM608 `"unknow-key"` `check.ignore` names `unknow-key`, and there is no such rule (Did you mean MM101?)
            1 MM608 `"M M"` `check.ignore` holds "M M", which is not a rule: its code, the beginning of one, its name, or `ALL`
        "#]],
    );
    check(
        ContainerFile::Toml(
            "[tool.mmdev.check]\nignore = [\n  'E501', # why\n]\n",
            &TABLE,
        ),
        expect![[r#"
            3 MM608 `'E501'` `check.ignore` names `E501`, and there is no such rule (`mmdev rules` lists all rules)
        "#]],
    );
}

#[test]
fn comments_silence_in_all_files() {
    check(
        ContainerFile::Devcontainer(
            "{\n  // mmdev: ignore[MM606]\n  \"image\": \"a\", /* mmdev: ignore[MM621] */\n  \"customizations\": {\n    // mmdev: ignore[MM606]\n    \"mmdev\": {\"x\": 1}\n  }\n}\n",
        ),
        expect![[""]],
    );
    check(
        ContainerFile::Devcontainer("// mmdev: ignore[MM621, MM620, MM62]\n{\"image\": \"a\"}\n"),
        expect![[r#"
            1 MM502 `MM620` MM620 finds nothing here that could be ignored (Remove it: it would hide the next one)
            1 MM501 `MM62` there is no rule `MM62` (Did you mean MM602?)
        "#]],
    );
    check(
        ContainerFile::Toml(
            "# mmdev: ignore[MM606]\n[tool.mmdev]\nx = 1\nbase-image = 'a' # mmdev: ignore[MM621]\n",
            &TABLE,
        ),
        expect![[""]],
    );
    check(
        ContainerFile::Dockerfile("ARG X\n# mmdev: ignore[MM621]\nFROM a AS b\nFROM c\n", None),
        expect![[r#"
            4 MM621 `c` `c` has no tag, so that it is `latest`: another image after each release (Name a version in its tag)
        "#]],
    );
}

#[test]
fn nothing_is_said_of_what_mmdev_generated() {
    let text = stamp::sign("FROM alpine\n");
    check(ContainerFile::Dockerfile(&text, None), expect![[""]]);
    check(
        ContainerFile::Dockerfile(&text.replace("alpine", "busybox"), None),
        expect![[""]],
    );
}

#[test]
fn the_selection_chooses() {
    let words =
        |words: &[&str]| -> Vec<String> { words.iter().map(|word| (*word).to_owned()).collect() };
    let codes = |select: &[&str], ignore: &[&str]| {
        let text = r#"{"image": "mambaorg/micromamba", "postStartCommand": "conda install x"}"#;
        let selection = Selection::new(&words(select), &words(ignore)).unwrap();
        let found = container(ContainerFile::Devcontainer(text), Vec::new(), &selection);
        let codes: Vec<&str> = found.iter().map(|found| found.code.0).collect();
        codes.join(" ")
    };
    assert_eq!(codes(&[], &[]), "MM621 MM619");
    assert_eq!(codes(&["MM1"], &[]), "");
    assert_eq!(codes(&[], &["MM621"]), "MM619");
}

/// What is found in the files of public repositories; `--nocapture` shows it.
#[test]
#[ignore = "needs MMDEV_CORPUS"]
fn real_files_are_read() {
    let files = crate::corpus::files("devcontainers");
    for (name, text) in &files {
        for end in (0..text.len()).step_by(97).chain([text.len()]) {
            let part = &text[..text.floor_char_boundary(end)];
            let selection = everything().selection;
            let found = container(ContainerFile::Devcontainer(part), Vec::new(), &selection);
            let shown = show(part, &found);
            if end == text.len() && !shown.is_empty() {
                println!("{name}\n{shown}");
            }
        }
    }
    assert!(files.len() > 200, "{} files", files.len());
}

proptest::proptest! {
    #[test]
    fn no_text_panics(
        parts in proptest::collection::vec(
            proptest::sample::select(vec![
                "FROM", "from", " a:1 ", "AS é", "\\", "RUN <<", "EOF", "#", "# mmdev: ignore[MM621]", "\"\"\"", "'", "'''", "\"",
                "base-image = 'alpine'", "[tool.mmdev]", "check.ignore = ['x']", "\n", "\r\n", "\u{feff}", "$(", "é", ";", "&&",
                "{\"postStartCommand\": \"conda activate x", "\"}", "bash -c '", "conda install",
            ]),
            0..12,
        ),
    ) {
        let text = parts.concat();
        let selection = everything().selection;
        for file in [
            ContainerFile::Devcontainer(&text),
            ContainerFile::Toml(&text, &TABLE),
            ContainerFile::Dockerfile(&text, Some("é")),
        ] {
            for diagnostic in container(file, Vec::new(), &selection) {
                proptest::prop_assert!(text.get(diagnostic.span.range()).is_some(), "{}", text);
            }
        }
    }
}
