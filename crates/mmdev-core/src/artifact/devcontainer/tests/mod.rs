//! Plans, checked on small files and on real ones.

mod adopt;
mod corpus;
mod keep;
mod properties;

use super::*;
use crate::syntax::jsonc;
use crate::text::{LineIndex, apply};
use expect_test::{Expect, expect};
use serde_json::json;

fn desired() -> Desired {
    let setting =
        |name, value: Json| Property::new(&["customizations", "vscode", "settings", name], value);
    Desired {
        name: "fish".to_owned(),
        properties: vec![
            Property::unless_set(&["remoteUser"], "mambauser"),
            setting(
                "python.defaultInterpreterPath",
                json!("/opt/conda/bin/python"),
            ),
            setting("python.terminal.activateEnvironment", json!(false)),
        ],
        members: vec![Members {
            path: ["customizations", "vscode", "extensions"]
                .map(str::to_owned)
                .to_vec(),
            items: vec![
                "ms-python.python".to_owned(),
                "ms-toolsai.jupyter".to_owned(),
            ],
        }],
        on_create: None,
        dockerfile_lines: vec!["COPY x y".to_owned()],
        lock: None,
    }
}

/// The plan in words: outcome, summary, diagnostics with their places, new text.
fn report(path: &str, text: Option<&str>, desired: &Desired, mode: Mode) -> String {
    let Plan {
        outcome,
        diagnostics,
    } = plan(path, text, desired, mode);
    let lines = LineIndex::new(text.unwrap_or_default());
    let mut report = String::new();
    let (name, change) = match outcome {
        Outcome::Create { text } => {
            report += &text;
            ("create", None)
        }
        Outcome::Unchanged => ("unchanged", None),
        Outcome::Update(change) => ("update", Some(change)),
        Outcome::Adopt(change) => ("adopt", Some(change)),
        Outcome::Manual {
            reason,
            instructions,
        } => {
            report += &format!("{reason}\n");
            for Instruction { file, lines } in instructions {
                report += &format!("--- {file}\n{lines}");
            }
            ("manual", None)
        }
        Outcome::Invalid => ("invalid", None),
    };
    if let Some(change) = change {
        for clause in &change.summary {
            report += &format!("- {clause}\n");
        }
        assert_eq!(apply(text.unwrap(), &change.edits), change.text);
        report += &change.text.replace('\r', "␍").replace('\u{feff}', "␂");
    }
    for diagnostic in diagnostics {
        let place = lines.line_column(diagnostic.span.start);
        let hint = diagnostic.hint.unwrap_or_default();
        report += &format!(
            "\n{}:{} {} {} ({hint})",
            place.line, place.column, diagnostic.code, diagnostic.message
        );
    }
    format!("{name}\n{}\n", report.trim_end())
}

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&report(DEFAULT_PATH, Some(text), &desired(), Mode::Merge));
}

fn created(desired: &Desired) -> String {
    match plan(DEFAULT_PATH, None, desired, Mode::Merge).outcome {
        Outcome::Create { text } => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_new_file_is_short_and_stays() {
    expect![[r#"
        create
        // Made by mmdev. Edit freely: mmdev changes only the keys that customizations.mmdev.generated
        // names, and reports those of them that you changed.
        // Every key is described at https://containers.dev/implementors/json_reference
        {
          "name": "fish",
          "build": {
            "dockerfile": "mmdev/Dockerfile",
            "context": "mmdev"
          },
          "remoteUser": "mambauser",
          "customizations": {
            "vscode": {
              "settings": {
                "python.defaultInterpreterPath": "/opt/conda/bin/python",
                "python.terminal.activateEnvironment": false
              },
              "extensions": [
                "ms-python.python",
                "ms-toolsai.jupyter"
              ]
            },
            "mmdev": {
              "generated": {
                "/build/dockerfile": "8cd089f1",
                "/build/context": "230ffc46",
                "/remoteUser": "15a4aa5d",
                "/customizations/vscode/settings/python.defaultInterpreterPath": "aaf3c812",
                "/customizations/vscode/settings/python.terminal.activateEnvironment": "fcbcf165",
                "/customizations/vscode/extensions": [
                  "ms-python.python",
                  "ms-toolsai.jupyter"
                ]
              }
            }
          }
        }
    "#]].assert_eq(&report(DEFAULT_PATH, None, &desired(), Mode::Merge));
    let text = created(&desired());
    let again = plan(DEFAULT_PATH, Some(&text), &desired(), Mode::Merge);
    assert_eq!(
        (again.outcome, again.diagnostics),
        (Outcome::Unchanged, vec![])
    );
}

#[test]
fn a_second_configuration_has_a_name_of_its_own() {
    let Outcome::Create { text } = plan(BESIDE_PATH, None, &desired(), Mode::Merge).outcome else {
        panic!("it is created");
    };
    assert!(text.contains(r#""name": "fish (mmdev)""#), "{text}");
    assert!(text.contains(r#""context": ".""#), "{text}");
}
