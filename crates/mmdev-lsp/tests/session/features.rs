//! What the server answers, as the protocol has it.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::client::Client;
use crate::world::World;
use crate::{brief, document, position};

const TEXT: &str = "\
name: é🐍
channels:
- conda-forge
dependencies:
# the data
# and more
- numpy=>1.2
- Pandas
";

fn world() -> std::sync::Arc<World> {
    World::with(&[
        ("numpy", &["2.1.0", "1.26.4", "1.25.0"]),
        ("pandas", &["2.2.0"]),
    ])
}

async fn session() -> Client {
    let mut client = Client::start(world()).await;
    client.open(TEXT).await;
    client.published().await;
    client
}

#[track_caller]
fn check(answer: &Value, expected: Expect) {
    expected.assert_eq(&format!(
        "{}\n",
        serde_json::to_string_pretty(answer).unwrap()
    ));
}

#[tokio::test(start_paused = true)]
async fn hover() {
    let mut client = session().await;
    let answer = client.at("textDocument/hover", TEXT, "Pandas").await;
    check(
        &answer,
        expect![[r#"
        {
          "contents": {
            "kind": "markdown",
            "value": "**pandas** — a package from the first channel that has it\n\n- any version\n- newest: 2.2.0\n\n---\n\n[MM219](https://github.com/mmdev-project/mmdev/blob/main/docs/rules/MM219.md) **upper-case-name** — A package name is written in upper case.\n\n#### What it finds\nA package name with capital letters.\n\n#### Why\nNames of conda packages are in lower case; every tool reads the name so. Written as it is read, it is found by searching.\n\n#### Example\n```yaml\ndependencies:\n  - NumPy\n```\n\n#### How to mend it\nApply the fix, or leave it."
          },
          "range": {
            "start": {
              "line": 7,
              "character": 2
            },
            "end": {
              "line": 7,
              "character": 8
            }
          }
        }
    "#]],
    );
    client.finish().await;
}

const LOCK: &str = "version: 1
metadata:
  content_hash: {linux-64: a0123}
  channels: [{url: conda-forge, used_env_vars: []}]
  platforms: [linux-64]
  sources: [env.yaml]
package:
- name: zlib
  version: 1.3.1
  manager: conda
  platform: linux-64
  dependencies: {}
  url: https://conda.anaconda.org/conda-forge/linux-64/zlib-1.3.1-hb9d3cd8_2.conda
  hash: {md5: c9f075ab2f33b3bbee9e62d4ad0a6cd8}
  category: main
  optional: false
";

#[tokio::test(start_paused = true)]
async fn what_is_locked() {
    let world = World::new();
    world.lock(LOCK);
    let mut client = Client::start(world.clone()).await;
    let text = "channels: [conda-forge]\ndependencies: [zlib, xz]\n";
    client.open(text).await;
    let published = client.published().await;
    expect![[r#"
        version 1
        1:21-1:23 2 MM808: `conda-lock.yml` has nothing for `xz`
        hint: Run `mmdev lock`
    "#]]
    .assert_eq(&brief(&published));
    let answer = client.at("textDocument/hover", text, "zlib").await;
    expect![[r#"
        **zlib** — a package from the first channel that has it

        - any version
        - locked: 1.3.1"#]]
    .assert_eq(answer["contents"]["value"].as_str().unwrap());
    // `mmdev lock` ran beside the editor.
    world.lock(
        &LOCK
            .replace("name: zlib", "name: xz")
            .replace("/zlib-", "/xz-"),
    );
    let published = client.published().await;
    expect![[r#"
        version 1
        1:15-1:19 2 MM808: `conda-lock.yml` has nothing for `zlib`
        hint: Run `mmdev lock`
    "#]]
    .assert_eq(&brief(&published));
    client.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_lock_is_judged_itself() {
    let mut client = Client::start(World::new()).await;
    let text = format!("{LOCK}extra: 1\n");
    client
        .open_as("file:///home/me/project/conda-lock.yml", &text)
        .await;
    let published = client.published().await;
    expect![[r#"
        version 1
        16:0-16:5 2 MM804: conda-lock does not know the key `extra`
        hint: Remove it: conda-lock refuses a lock that has it
    "#]]
    .assert_eq(&brief(&published));
    client.finish().await;
}

#[tokio::test(start_paused = true)]
async fn completion() {
    let mut client = session().await;
    let answer = client.at("textDocument/completion", TEXT, "ndas").await;
    check(
        &answer,
        expect![[r#"
        {
          "isIncomplete": false,
          "items": [
            {
              "label": "pandas",
              "kind": 9,
              "sortText": "0000",
              "textEdit": {
                "range": {
                  "start": {
                    "line": 7,
                    "character": 2
                  },
                  "end": {
                    "line": 7,
                    "character": 8
                  }
                },
                "newText": "pandas"
              }
            }
          ]
        }
    "#]],
    );
    let answer = client.at("textDocument/completion", TEXT, "name").await;
    let items = answer["items"].as_array().unwrap();
    check(
        &items[0],
        expect![[r#"
        {
          "label": "variables",
          "kind": 10,
          "documentation": {
            "kind": "markdown",
            "value": "Environment variables that are set while the environment is active, each `NAME: value`."
          },
          "sortText": "0000",
          "textEdit": {
            "range": {
              "start": {
                "line": 0,
                "character": 0
              },
              "end": {
                "line": 0,
                "character": 4
              }
            },
            "newText": "variables"
          }
        }
    "#]],
    );
    client.finish().await;
}

#[tokio::test(start_paused = true)]
#[ignore = "needs MMDEV_CORPUS"]
async fn completion_among_all_names_of_conda_forge() {
    let corpus = std::env::var_os("MMDEV_CORPUS")
        .expect("set MMDEV_CORPUS to the folder of real data (docs/contributing/testing.md)");
    let file = std::path::PathBuf::from(corpus).join("names/conda-forge.txt");
    let mut names: Vec<String> = std::fs::read_to_string(file)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    names.sort();
    assert_eq!(names.len(), 32_676);
    let world = World::new();
    world.learn_names(names);
    let mut client = Client::start(world).await;
    client.open("dependencies:\n  - p\n").await;
    client.published().await;
    for (version, typed, first, is_incomplete) in [
        (2, "p", "p-tqdm", true),
        (3, "numpy", "numpy", false),
        (4, "zzzz", "", false),
    ] {
        client
            .write(version, &format!("dependencies:\n  - {typed}\n"))
            .await;
        client.published().await;
        let position = json!({ "line": 1, "character": 4 + typed.len() });
        let ask = json!({ "textDocument": document(), "position": position });
        let answer = client.request("textDocument/completion", ask).await;
        let items = answer["items"].as_array().unwrap();
        assert!(items.len() <= 200, "{}", items.len());
        assert_eq!(answer["isIncomplete"], is_incomplete, "{typed}");
        let label = items
            .first()
            .map_or("", |item| item["label"].as_str().unwrap());
        assert_eq!(label, first);
    }
    client.finish().await;
}

#[tokio::test(start_paused = true)]
async fn code_actions() {
    let mut client = session().await;
    let place = position(TEXT, ">1.2");
    let ask = |only: Value| {
        json!({
            "textDocument": document(),
            "range": { "start": place, "end": place },
            "context": { "diagnostics": [], "only": only },
        })
    };
    let answer = client
        .request("textDocument/codeAction", ask(Value::Null))
        .await;
    check(
        &answer,
        expect![[r#"
        [
          {
            "title": "Write `numpy>=1.2`",
            "kind": "quickfix",
            "diagnostics": [
              {
                "range": {
                  "start": {
                    "line": 6,
                    "character": 7
                  },
                  "end": {
                    "line": 6,
                    "character": 9
                  }
                },
                "severity": 1,
                "code": "MM209",
                "codeDescription": {
                  "href": "https://github.com/mmdev-project/mmdev/blob/main/docs/rules/MM209.md"
                },
                "source": "mmdev",
                "message": "`=>` is no operator; micromamba and rattler refuse it, conda takes it\nhint: The operators are `=`, `==`, `!=`, `>=`, `<=`, `>`, `<` and `~=`"
              }
            ],
            "edit": {
              "changes": {
                "file:///home/me/project/env.yaml": [
                  {
                    "range": {
                      "start": {
                        "line": 6,
                        "character": 2
                      },
                      "end": {
                        "line": 6,
                        "character": 12
                      }
                    },
                    "newText": "numpy>=1.2"
                  }
                ]
              }
            },
            "isPreferred": true
          },
          {
            "title": "Apply all safe fixes",
            "kind": "source.fixAll.mmdev",
            "edit": {
              "changes": {
                "file:///home/me/project/env.yaml": [
                  {
                    "range": {
                      "start": {
                        "line": 6,
                        "character": 2
                      },
                      "end": {
                        "line": 6,
                        "character": 12
                      }
                    },
                    "newText": "numpy>=1.2"
                  },
                  {
                    "range": {
                      "start": {
                        "line": 7,
                        "character": 2
                      },
                      "end": {
                        "line": 7,
                        "character": 8
                      }
                    },
                    "newText": "pandas"
                  }
                ]
              }
            }
          }
        ]
    "#]],
    );
    for (only, kinds) in [
        (json!(["quickfix"]), vec!["quickfix"]),
        (json!(["source.fixAll"]), vec!["source.fixAll.mmdev"]),
        (json!(["source.organizeImports"]), vec![]),
        (
            json!(["source", "quickfix"]),
            vec!["quickfix", "source.fixAll.mmdev"],
        ),
    ] {
        let answer = client.request("textDocument/codeAction", ask(only)).await;
        let got: Vec<_> = answer
            .as_array()
            .unwrap()
            .iter()
            .map(|action| action["kind"].clone())
            .collect();
        assert_eq!(got, kinds);
    }
    client.finish().await;
}

#[tokio::test(start_paused = true)]
async fn edits_name_the_version_where_the_client_checks_it() {
    let capabilities = json!({ "workspace": { "workspaceEdit": { "documentChanges": true } } });
    let mut client = Client::with(world(), capabilities).await;
    client.open(TEXT).await;
    client.published().await;
    let place = position(TEXT, "andas");
    let parameters = json!({
        "textDocument": document(),
        "range": { "start": place, "end": place },
        "context": { "diagnostics": [], "only": ["quickfix"] },
    });
    let answer = client.request("textDocument/codeAction", parameters).await;
    check(
        &answer[0]["edit"],
        expect![[r#"
        {
          "documentChanges": [
            {
              "textDocument": {
                "uri": "file:///home/me/project/env.yaml",
                "version": 1
              },
              "edits": [
                {
                  "range": {
                    "start": {
                      "line": 7,
                      "character": 2
                    },
                    "end": {
                      "line": 7,
                      "character": 8
                    }
                  },
                  "newText": "pandas"
                }
              ]
            }
          ]
        }
    "#]],
    );
    client.finish().await;
}

#[tokio::test(start_paused = true)]
async fn outline_folding_and_formatting() {
    let mut client = session().await;
    let ask = json!({ "textDocument": document() });
    let answer = client
        .request("textDocument/documentSymbol", ask.clone())
        .await;
    check(
        &answer[0],
        expect![[r#"
        {
          "name": "name",
          "detail": "é🐍",
          "kind": 15,
          "range": {
            "start": {
              "line": 0,
              "character": 0
            },
            "end": {
              "line": 0,
              "character": 9
            }
          },
          "selectionRange": {
            "start": {
              "line": 0,
              "character": 0
            },
            "end": {
              "line": 0,
              "character": 4
            }
          }
        }
    "#]],
    );
    let lines = |symbol: &Value| {
        let range = &symbol["range"];
        format!(
            "{} {}-{}",
            symbol["name"], range["start"]["line"], range["end"]["line"]
        )
    };
    let outline: Vec<String> = answer.as_array().unwrap().iter().map(lines).collect();
    assert_eq!(
        outline,
        ["\"name\" 0-0", "\"channels\" 1-2", "\"dependencies\" 3-7"]
    );
    let answer = client.request("textDocument/foldingRange", ask).await;
    check(
        &answer,
        expect![[r#"
        [
          {
            "startLine": 1,
            "endLine": 2,
            "kind": "region"
          },
          {
            "startLine": 3,
            "endLine": 7,
            "kind": "region"
          },
          {
            "startLine": 4,
            "endLine": 5,
            "kind": "comment"
          }
        ]
    "#]],
    );
    let options = json!({ "tabSize": 8, "insertSpaces": false });
    let ask = json!({ "textDocument": document(), "options": options });
    let answer = client.request("textDocument/formatting", ask).await;
    let edits: Vec<_> = answer
        .as_array()
        .unwrap()
        .iter()
        .map(|edit| {
            (
                edit["range"]["start"]["line"].as_u64().unwrap(),
                edit["newText"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        edits,
        [(2, "  "), (4, "  "), (5, "  "), (6, "  "), (7, "  ")]
    );
    client.finish().await;
}
