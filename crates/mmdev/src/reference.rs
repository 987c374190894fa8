//! The pages of docs/ that are made from the program itself: docs/reference and docs/rules. A test writes each page
//! anew and compares it with the committed one; `UPDATE_EXPECT=1 cargo test -p mmdev reference` writes the pages.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::{Arg, Command, CommandFactory};
use mmdev_core::lint::{Rule, groups, rules};
use mmdev_core::settings::documented;

use crate::cli::Cli;
use crate::json::severity;

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

fn check(page: &str, text: &str) {
    expect_test::expect_file![docs().join(page)].assert_eq(text);
}

/// `text` in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

#[test]
fn settings() {
    let mut page = String::from(
        "# Settings\n\n\
         A project needs none. Where one is wanted, it stands in the first of these places that is there:\n\n\
         - `customizations.mmdev` in devcontainer.json, spelt in camelCase\n\
         - `[tool.mmdev]` in pyproject.toml, else mmdev.toml, spelt in kebab-case, where there is no devcontainer.json \
         of a person's own\n\n\
         The command line goes before the [environment variables](environment.md), and those before all files.\n\n\
         ```json\n{\n  \"customizations\": { \"mmdev\": { \"systemPackages\": [\"graphviz\"] } }\n}\n```\n\n\
         ```toml\n[tool.mmdev]\nsystem-packages = [\"graphviz\"]\n```\n",
    );
    for setting in documented() {
        let _ = write!(
            page,
            "\n## `{}`\n\n{}\n\n| | |\n|---|---|\n| in TOML | `{}` |\n| type | {} |\n| default | {} |\n| example | `{}` |\n",
            setting.key,
            setting.description,
            setting.toml_key(),
            setting.type_name(),
            cell(setting.default),
            cell(setting.example),
        );
    }
    check("reference/settings.md", &page);
}

#[test]
fn command_line() {
    let mut command = Cli::command();
    command.build();
    let mut page = format!(
        "# The command line\n\n{}\n\n`mmdev --list` names the commands, `mmdev COMMAND --help` describes one. A program \
         `mmdev-NAME` on PATH is run by `mmdev NAME`, and with `cargo-mmdev` on PATH every command is one of Cargo's \
         as well: `cargo mmdev up`.\n\n## Global options\n\nEvery command takes them, before or after its name.\n\n",
        sentence(&command),
    );
    let (global, own): (Vec<&Arg>, Vec<&Arg>) = arguments(&command).partition(is_global);
    table(&mut page, &global);
    page.push_str("\nWithout a command:\n\n");
    table(&mut page, &own);
    for command in command.get_subcommands() {
        section(&mut page, command, "mmdev");
    }
    check("reference/cli.md", &page);
}

fn section(page: &mut String, command: &Command, parent: &str) {
    let name = format!("{parent} {}", command.get_name());
    if command.has_subcommands() {
        for command in command.get_subcommands() {
            section(page, command, &name);
        }
        return;
    }
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    let _ = write!(
        page,
        "\n## `{name}`\n\n{}\n\n```console\n$ {usage}\n```\n",
        sentence(command)
    );
    let own: Vec<&Arg> = arguments(command).filter(|arg| !is_global(arg)).collect();
    if !own.is_empty() {
        page.push('\n');
        table(page, &own);
    }
}

/// What a command does, with the full stop that a help text leaves out.
fn sentence(command: &Command) -> String {
    let about = command.get_long_about().or(command.get_about());
    let about = about.map(ToString::to_string).unwrap_or_default();
    match about.ends_with('.') {
        true => about,
        false => about + ".",
    }
}

fn arguments(command: &Command) -> impl Iterator<Item = &Arg> {
    command
        .get_arguments()
        .filter(|arg| !matches!(arg.get_id().as_str(), "help" | "version"))
        .filter(|arg| !arg.is_hide_set())
}

fn is_global(arg: &&Arg) -> bool {
    arg.is_global_set()
}

fn table(page: &mut String, arguments: &[&Arg]) {
    page.push_str("| option | meaning |\n|---|---|\n");
    for arg in arguments {
        let long = arg.to_string();
        let spelt = match arg.get_short() {
            Some(short) if !long.starts_with(&format!("-{short}")) => format!("-{short}, {long}"),
            _ => long,
        };
        let help = arg.get_long_help().or(arg.get_help());
        let mut meaning = help.map(ToString::to_string).unwrap_or_default();
        let takes_value = arg.get_action().takes_values();
        let values: Vec<String> = arg
            .get_possible_values()
            .iter()
            .map(|value| format!("`{}`", value.get_name()))
            .collect();
        if takes_value && !values.is_empty() {
            let _ = write!(meaning, ": {}", values.join(", "));
        }
        if let [default] = arg.get_default_values()
            && takes_value
        {
            let _ = write!(meaning, "; `{}` unless set", default.display());
        }
        if let Some(variable) = arg.get_env() {
            let _ = write!(meaning, " (`{}`)", variable.display());
        }
        let _ = writeln!(page, "| `{}` | {} |", cell(&spelt), cell(&meaning));
    }
}

fn page_of(rule: &Rule) -> String {
    format!("{}.md", rule.code)
}

#[test]
fn every_rule_has_its_page() {
    let mut index = String::from(
        "# Rules\n\nWhat `mmdev check` and the editor report. `mmdev explain CODE` prints the same pages.\n",
    );
    for group in groups() {
        let _ = write!(
            index,
            "\n## {}\n\n| rule | severity | what it finds |\n|---|---|---|\n",
            group.title
        );
        for rule in group.rules {
            let page = format!(
                "# {} {}\n\n{}\n\nSeverity: {}{}.\n\n{}\n",
                rule.code,
                rule.name,
                rule.summary,
                severity(rule.severity),
                if rule.is_default {
                    ""
                } else {
                    "; speaks only where it is selected"
                },
                rule.documentation.trim()
            );
            check(&format!("rules/{}", page_of(rule)), &page);
            let _ = writeln!(
                index,
                "| [{}]({}) `{}` | {} | {} |",
                rule.code,
                page_of(rule),
                rule.name,
                severity(rule.severity),
                cell(rule.summary)
            );
        }
    }
    check("rules/README.md", &index);

    let expected: BTreeSet<String> = rules()
        .map(page_of)
        .chain(["README.md".to_owned()])
        .collect();
    let found: BTreeSet<String> = std::fs::read_dir(docs().join("rules"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(
        found, expected,
        "docs/rules has a page for each rule, and no other"
    );
}

/// The book shows only what its summary lists.
#[test]
fn the_summary_lists_every_page() {
    let summary = std::fs::read_to_string(docs().join("SUMMARY.md")).unwrap();
    const TITLE: &str = "# Rules\n";
    let (by_hand, _) = summary.split_once(TITLE).unwrap();
    let mut expected = format!("{by_hand}{TITLE}\n- [All rules](rules/README.md)\n");
    for rule in rules() {
        let _ = writeln!(
            expected,
            "  - [{} {}](rules/{})",
            rule.code,
            rule.name,
            page_of(rule)
        );
    }
    check("SUMMARY.md", &expected);
    for page in pages(&docs()) {
        let listed = expected.contains(&format!("({page})"));
        assert!(
            listed || page == "SUMMARY.md",
            "docs/SUMMARY.md does not list {page}"
        );
    }
}

/// The Markdown files below a folder, with paths from there.
fn pages(root: &Path) -> Vec<String> {
    fn walk(folder: &Path, root: &Path, pages: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with("docs/book") {
                continue;
            }
            if path.is_dir() {
                walk(&path, root, pages);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path.strip_prefix(root).unwrap().display().to_string());
            }
        }
    }
    let mut pages = Vec::new();
    walk(root, root, &mut pages);
    pages
}

#[test]
fn every_json_line_is_described() {
    let code = include_str!("json.rs");
    let (_, code) = code.split_once("pub(crate) enum Message<'a> {").unwrap();
    let (code, _) = code.split_once("\n}\n").unwrap();
    let page = std::fs::read_to_string(docs().join("reference/json.md")).unwrap();
    let mut reasons = 0;
    let mut row = "";
    for line in code.lines() {
        let word = line.trim().trim_end_matches(['{', ' ']);
        // A variant is indented by four spaces, its fields by eight.
        if line.starts_with("    ") && line.ends_with(" {") && !line.starts_with("     ") {
            let reason = kebab(word);
            row = page
                .lines()
                .find(|row| row.starts_with(&format!("| `{reason}` |")))
                .unwrap_or_else(|| panic!("docs/reference/json.md lacks `{reason}`"));
            reasons += 1;
        } else if line.starts_with("        ") && !word.starts_with(['/', '#']) {
            let field = word.split(':').next().unwrap();
            assert!(
                row.contains(&format!("`{field}`")),
                "`{field}` is missing: {row}"
            );
        }
    }
    let rows = page
        .lines()
        .skip_while(|line| !line.starts_with("| reason |"));
    let described = rows.take_while(|line| !line.is_empty()).count() - 2;
    assert_eq!(
        reasons, described,
        "docs/reference/json.md has a line for each reason"
    );
}

fn kebab(name: &str) -> String {
    let mut result = String::new();
    for character in name.chars() {
        if character.is_uppercase() && !result.is_empty() {
            result.push('-');
        }
        result.push(character.to_ascii_lowercase());
    }
    result
}
