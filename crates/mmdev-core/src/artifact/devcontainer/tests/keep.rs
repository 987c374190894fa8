//! Files that mmdev keeps: what changes, what a person changed, and where our command goes.

use super::*;

#[test]
fn a_service_of_compose_gets_all_but_the_build() {
    let desired = Desired {
        properties: vec![Property::unless_set(&["remoteUser"], "mambauser")],
        ..with_step(json!("pip install ."))
    };
    let record = "{ \"mmdev\": { \"generated\": { \"/build\": false } } }";
    let compose =
        format!("{{\n  \"dockerComposeFile\": \"c.yml\",\n  \"customizations\": {record}\n}}");
    expect![[r#"
        update
        - `remoteUser` is added: "mambauser"
        - `onCreateCommand` is added: "pip install ."
        {
          "dockerComposeFile": "c.yml",
          "customizations": { "mmdev": { "generated": { "/build": false, "/remoteUser": "15a4aa5d", "/onCreateCommand": "d256db42" } } },
          "remoteUser": "mambauser",
          "onCreateCommand": "pip install ."
        }
    "#]].assert_eq(&report(DEFAULT_PATH, Some(&compose), &desired, Mode::Merge));
    let own = compose.replace("dockerComposeFile", "dockerFile");
    expect![[r#"
        unchanged

    "#]]
    .assert_eq(&report(DEFAULT_PATH, Some(&own), &desired, Mode::Merge));
}

#[test]
fn a_build_left_to_the_person_gets_what_editors_read() {
    check(
        "{\n  \"build\": { \"dockerfile\": \"Dockerfile\" },\n  \"customizations\": {\n    \"mmdev\": {\n      \"generated\": {\n        \"/build\": false\n      }\n    }\n  }\n}\n",
        expect![[r#"
            update
            - `customizations.vscode.settings["python.defaultInterpreterPath"]` is added: "/opt/conda/bin/python"
            - `customizations.vscode.settings["python.terminal.activateEnvironment"]` is added: false
            - `ms-python.python` is added to `customizations.vscode.extensions`
            - `ms-toolsai.jupyter` is added to `customizations.vscode.extensions`
            {
              "build": { "dockerfile": "Dockerfile" },
              "customizations": {
                "mmdev": {
                  "generated": {
                    "/build": false,
                    "/customizations/vscode/settings/python.defaultInterpreterPath": "aaf3c812",
                    "/customizations/vscode/settings/python.terminal.activateEnvironment": "fcbcf165",
                    "/customizations/vscode/extensions": [
                      "ms-python.python",
                      "ms-toolsai.jupyter"
                    ]
                  }
                },
                "vscode": {
                  "settings": {
                    "python.defaultInterpreterPath": "/opt/conda/bin/python",
                    "python.terminal.activateEnvironment": false
                  },
                  "extensions": [
                    "ms-python.python",
                    "ms-toolsai.jupyter"
                  ]
                }
              }
            }
        "#]],
    );
}

#[test]
fn a_key_that_a_person_changed_is_reported_and_left() {
    let text = created(&desired())
        .replace("\"mambauser\"", "\"root\"")
        .replace("    \"context\": \"mmdev\"", "    \"context\": \"..\"")
        .replace(
            "        \"ms-toolsai.jupyter\"\n      ]",
            "        \"a.b\"\n      ]",
        );
    expect![[r#"
        unchanged

        8:16 MM604 `build.context` was changed by hand: it is "..", and mmdev would write "mmdev" (Take mmdev's value with `mmdev generate --force`, or keep yours with `"/build/context": false` in customizations.mmdev.generated)
        10:17 MM604 `remoteUser` was changed by hand: it is "root", and mmdev would write "mambauser" (Take mmdev's value with `mmdev generate --force`, or keep yours with `"/remoteUser": false` in customizations.mmdev.generated)
        17:21 MM604 `ms-toolsai.jupyter` was removed from `customizations.vscode.extensions` by hand: mmdev would add it (Take it back with `mmdev generate --force`, or keep the list yours with `"/customizations/vscode/extensions": false` in customizations.mmdev.generated)
    "#]].assert_eq(&report(DEFAULT_PATH, Some(&text), &desired(), Mode::Merge));
    expect![[r#"
        update
        - `build.context` changes from ".." to "mmdev"
        - `remoteUser` changes from "root" to "mambauser"
        - `ms-toolsai.jupyter` is added to `customizations.vscode.extensions`
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
                "a.b",
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
    "#]].assert_eq(&report(DEFAULT_PATH, Some(&text), &desired(), Mode::Force));
    // `false` in the record is a person's last word.
    let left = text.replacen(
        "\"/remoteUser\": \"",
        "\"/remoteUser\": false, \"/x\": \"",
        1,
    );
    let forced = report(DEFAULT_PATH, Some(&left), &desired(), Mode::Force);
    assert!(forced.contains("\"remoteUser\": \"root\""), "{forced}");
}

#[test]
fn what_is_not_needed_any_more_goes() {
    let less = Desired {
        name: "fish".to_owned(),
        ..Desired::default()
    };
    let text = created(&desired()).replace("\"mambauser\"", "\"root\"");
    expect![[r#"
        update
        - `customizations.vscode.settings["python.defaultInterpreterPath"]` is removed
        - `customizations.vscode.settings["python.terminal.activateEnvironment"]` is removed
        - `ms-python.python` is removed from `customizations.vscode.extensions`
        - `ms-toolsai.jupyter` is removed from `customizations.vscode.extensions`
        // Made by mmdev. Edit freely: mmdev changes only the keys that customizations.mmdev.generated
        // names, and reports those of them that you changed.
        // Every key is described at https://containers.dev/implementors/json_reference
        {
          "name": "fish",
          "build": {
            "dockerfile": "mmdev/Dockerfile",
            "context": "mmdev"
          },
          "remoteUser": "root",
          "customizations": {
            "mmdev": {
              "generated": {
                "/build/dockerfile": "8cd089f1",
                "/build/context": "230ffc46"
              }
            }
          }
        }
    "#]].assert_eq(&report(DEFAULT_PATH, Some(&text), &less, Mode::Merge));
}

fn with_step(command: Json) -> Desired {
    Desired {
        on_create: Some(command),
        ..Desired::default()
    }
}

#[test]
fn our_step_takes_a_free_slot() {
    let step = with_step(json!(["pip", "install", "-e", "my dir"]));
    let check = |text: &str, expected: Expect| {
        let report = report(DEFAULT_PATH, Some(text), &step, Mode::Merge);
        expected.assert_eq(&report);
    };
    check(
        "{\n  \"image\": \"x\"\n}",
        expect![[r#"
            adopt
            - `image` "x" becomes `customizations.mmdev.baseImage`, and `build` takes its place
            - `onCreateCommand` is added: ["pip","install","-e","my dir"]
            {
              "build": {
                "dockerfile": "mmdev/Dockerfile",
                "context": "mmdev"
              },
              "onCreateCommand": [
                "pip",
                "install",
                "-e",
                "my dir"
              ],
              "customizations": {
                "mmdev": {
                  "baseImage": "x",
                  "generated": {
                    "/build/dockerfile": "8cd089f1",
                    "/build/context": "230ffc46",
                    "/onCreateCommand": "8b997169"
                  }
                }
              }
            }
        "#]],
    );
    check(
        "{\n  \"image\": \"x\",\n  \"onCreateCommand\": \"make\"\n}",
        expect![[r#"
            adopt
            - `image` "x" becomes `customizations.mmdev.baseImage`, and `build` takes its place
            - `updateContentCommand` is added: ["pip","install","-e","my dir"]
            {
              "build": {
                "dockerfile": "mmdev/Dockerfile",
                "context": "mmdev"
              },
              "onCreateCommand": "make",
              "updateContentCommand": [
                "pip",
                "install",
                "-e",
                "my dir"
              ],
              "customizations": {
                "mmdev": {
                  "baseImage": "x",
                  "generated": {
                    "/build/dockerfile": "8cd089f1",
                    "/build/context": "230ffc46",
                    "/updateContentCommand": "8b997169"
                  }
                }
              }
            }
        "#]],
    );
    check(
        "{\n  \"image\": \"x\",\n  \"onCreateCommand\": \"make\",\n  \"updateContentCommand\": {\"a\": \"b\"}\n}",
        expect![[r#"
            adopt
            - `image` "x" becomes `customizations.mmdev.baseImage`, and `build` takes its place
            {
              "build": {
                "dockerfile": "mmdev/Dockerfile",
                "context": "mmdev"
              },
              "onCreateCommand": "make",
              "updateContentCommand": {"a": "b"},
              "customizations": {
                "mmdev": {
                  "baseImage": "x",
                  "generated": {
                    "/build/dockerfile": "8cd089f1",
                    "/build/context": "230ffc46"
                  }
                }
              }
            }
            3:22 MM605 `onCreateCommand` and `updateContentCommand` are taken, and mmdev has a command to run (Add to `onCreateCommand`: pip install -e 'my dir')
        "#]],
    );
    check(
        "{\n  \"image\": \"x\",\n  \"onCreateCommand\": \"pip install -e 'my dir'/sub\"\n}",
        expect![[r#"
            adopt
            - `image` "x" becomes `customizations.mmdev.baseImage`, and `build` takes its place
            - `updateContentCommand` is added: ["pip","install","-e","my dir"]
            {
              "build": {
                "dockerfile": "mmdev/Dockerfile",
                "context": "mmdev"
              },
              "onCreateCommand": "pip install -e 'my dir'/sub",
              "updateContentCommand": [
                "pip",
                "install",
                "-e",
                "my dir"
              ],
              "customizations": {
                "mmdev": {
                  "baseImage": "x",
                  "generated": {
                    "/build/dockerfile": "8cd089f1",
                    "/build/context": "230ffc46",
                    "/updateContentCommand": "8b997169"
                  }
                }
              }
            }
        "#]],
    );
    check(
        "{\n  \"image\": \"x\",\n  \"onCreateCommand\": \"make && pip install -e 'my dir'\"\n}",
        expect![[r#"
            adopt
            - `image` "x" becomes `customizations.mmdev.baseImage`, and `build` takes its place
            {
              "build": {
                "dockerfile": "mmdev/Dockerfile",
                "context": "mmdev"
              },
              "onCreateCommand": "make && pip install -e 'my dir'",
              "customizations": {
                "mmdev": {
                  "baseImage": "x",
                  "generated": {
                    "/build/dockerfile": "8cd089f1",
                    "/build/context": "230ffc46"
                  }
                }
              }
            }
        "#]],
    );
}

#[test]
fn our_step_stays_in_its_slot() {
    let text = "{\n  \"image\": \"x\",\n  \"onCreateCommand\": \"make\"\n}";
    let Outcome::Adopt(first) = plan(
        DEFAULT_PATH,
        Some(text),
        &with_step(json!("pip install .")),
        Mode::Merge,
    )
    .outcome
    else {
        panic!("it is adopted");
    };
    // The person's command goes: ours does not move, or a rebuild would run it in another order.
    let text = first.text.replace("  \"onCreateCommand\": \"make\",\n", "");
    expect![[r#"
        update
        - `updateContentCommand` changes from "pip install ." to "pip install . ./x"
        {
          "build": {
            "dockerfile": "mmdev/Dockerfile",
            "context": "mmdev"
          },
          "updateContentCommand": "pip install . ./x",
          "customizations": {
            "mmdev": {
              "baseImage": "x",
              "generated": {
                "/build/dockerfile": "8cd089f1",
                "/build/context": "230ffc46",
                "/updateContentCommand": "c3c02cbf"
              }
            }
          }
        }
    "#]]
    .assert_eq(&report(
        DEFAULT_PATH,
        Some(&text),
        &with_step(json!("pip install . ./x")),
        Mode::Merge,
    ));
}

#[test]
fn an_entry_that_only_resembles_one_of_ours_takes_nothing_away() {
    let text = r#"{"build": {"x": 1}, "customizations": {"mmdev": {"generated": {"$/build/dockerfile": "8cd089f1"}}}}"#;
    let desired = Desired {
        lock: Some("0123456789ab".to_owned()),
        ..Desired::default()
    };
    expect![[r#"
        adopt
        - `build.dockerfile` is added: "mmdev/Dockerfile"
        - `build.context` is added: "mmdev"
        - `build.args.MMDEV_LOCK` is added: "0123456789ab"
        {"build": {"x": 1, "dockerfile": "mmdev/Dockerfile", "context": "mmdev", "args": { "MMDEV_LOCK": "0123456789ab" }}, "customizations": { "mmdev": { "generated": { "/build/dockerfile": "8cd089f1", "/build/context": "230ffc46", "/build/args/MMDEV_LOCK": "92e3131b" } } }}
    "#]]
    .assert_eq(&report(DEFAULT_PATH, Some(text), &desired, Mode::Merge));
}
