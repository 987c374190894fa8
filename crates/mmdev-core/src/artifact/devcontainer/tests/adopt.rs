//! Files that a person wrote: taken over whole, or left with a word on what to do.

use super::*;

#[test]
fn an_image_becomes_the_base_image() {
    let text = "{\n\t\"name\": \"x\",\n\t// the base\n\t\"image\": \"python:3\", // pinned\n\t\"features\": {\"a:1\": {}},\n\t\"remoteUser\": \"vscode\",\n\t\"customizations\": {\n\t\t\"vscode\": {\n\t\t\t\"extensions\": [\"MS-Python.Python\"],\n\t\t\t\"settings\": {\n\t\t\t\t\"python.defaultInterpreterPath\": \"/usr/bin/python\"\n\t\t\t}\n\t\t}\n\t}\n}\n";
    assert_eq!(image_to_adopt(text).as_deref(), Some("python:3"));
    check(
        text,
        expect![[r#"
        adopt
        - `image` "python:3" becomes `customizations.mmdev.baseImage`, and `build` takes its place
        - `customizations.vscode.settings["python.defaultInterpreterPath"]` changes from "/usr/bin/python" to "/opt/conda/bin/python"
        - `customizations.vscode.settings["python.terminal.activateEnvironment"]` is added: false
        - `ms-toolsai.jupyter` is added to `customizations.vscode.extensions`
        {
        	"name": "x",
        	// the base
        	"build": {
        		"dockerfile": "mmdev/Dockerfile",
        		"context": "mmdev"
        	}, // pinned
        	"features": {"a:1": {}},
        	"remoteUser": "vscode",
        	"customizations": {
        		"vscode": {
        			"extensions": ["MS-Python.Python", "ms-toolsai.jupyter"],
        			"settings": {
        				"python.defaultInterpreterPath": "/opt/conda/bin/python",
        				"python.terminal.activateEnvironment": false
        			}
        		},
        		"mmdev": {
        			"baseImage": "python:3",
        			"generated": {
        				"/build/dockerfile": "8cd089f1",
        				"/build/context": "230ffc46",
        				"/remoteUser": false,
        				"/customizations/vscode/settings/python.defaultInterpreterPath": "aaf3c812",
        				"/customizations/vscode/settings/python.terminal.activateEnvironment": "fcbcf165",
        				"/customizations/vscode/extensions": [
        					"ms-toolsai.jupyter"
        				]
        			}
        		}
        	}
        }
    "#]],
    );
}

#[test]
fn a_file_that_lost_its_record_is_adopted() {
    let mut text = created(&desired());
    let (start, end) = (text.find(",\n    \"mmdev\""), text.find("\n  }\n}"));
    text.replace_range(start.unwrap()..end.unwrap(), "");
    check(
        &text,
        expect![[r#"
        adopt
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
                "/customizations/vscode/settings/python.terminal.activateEnvironment": "fcbcf165"
              }
            }
          }
        }
    "#]],
    );
    let hidden = r#"{"build":{"dockerfile":".devcontainer/./mmdev/Dockerfile"}}"#;
    let plan = plan(".devcontainer.json", Some(hidden), &desired(), Mode::Merge);
    assert!(matches!(plan.outcome, Outcome::Adopt(_)), "{plan:?}");
}

#[test]
fn one_line_is_enough() {
    check(
        r#"{"image":"python:3"}"#,
        expect![[r#"
            adopt
            - `image` "python:3" becomes `customizations.mmdev.baseImage`, and `build` takes its place
            - `remoteUser` is added: "mambauser"
            - `customizations.vscode.settings["python.defaultInterpreterPath"]` is added: "/opt/conda/bin/python"
            - `customizations.vscode.settings["python.terminal.activateEnvironment"]` is added: false
            - `ms-python.python` is added to `customizations.vscode.extensions`
            - `ms-toolsai.jupyter` is added to `customizations.vscode.extensions`
            {"build":{"dockerfile":"mmdev/Dockerfile","context":"mmdev"},"remoteUser":"mambauser","customizations":{"vscode":{"settings":{"python.defaultInterpreterPath":"/opt/conda/bin/python","python.terminal.activateEnvironment":false},"extensions":["ms-python.python","ms-toolsai.jupyter"]},"mmdev":{"baseImage":"python:3","generated":{"/build/dockerfile":"8cd089f1","/build/context":"230ffc46","/remoteUser":"15a4aa5d","/customizations/vscode/settings/python.defaultInterpreterPath":"aaf3c812","/customizations/vscode/settings/python.terminal.activateEnvironment":"fcbcf165","/customizations/vscode/extensions":["ms-python.python","ms-toolsai.jupyter"]}}}}
        "#]],
    );
    check(
        "\u{feff}{\r\n  \"image\": \"python:3\",\r\n}",
        expect![[r#"
            adopt
            - `image` "python:3" becomes `customizations.mmdev.baseImage`, and `build` takes its place
            - `remoteUser` is added: "mambauser"
            - `customizations.vscode.settings["python.defaultInterpreterPath"]` is added: "/opt/conda/bin/python"
            - `customizations.vscode.settings["python.terminal.activateEnvironment"]` is added: false
            - `ms-python.python` is added to `customizations.vscode.extensions`
            - `ms-toolsai.jupyter` is added to `customizations.vscode.extensions`
            ␂{␍
              "build": {␍
                "dockerfile": "mmdev/Dockerfile",␍
                "context": "mmdev"␍
              },␍
              "remoteUser": "mambauser",␍
              "customizations": {␍
                "vscode": {␍
                  "settings": {␍
                    "python.defaultInterpreterPath": "/opt/conda/bin/python",␍
                    "python.terminal.activateEnvironment": false␍
                  },␍
                  "extensions": [␍
                    "ms-python.python",␍
                    "ms-toolsai.jupyter"␍
                  ]␍
                },␍
                "mmdev": {␍
                  "baseImage": "python:3",␍
                  "generated": {␍
                    "/build/dockerfile": "8cd089f1",␍
                    "/build/context": "230ffc46",␍
                    "/remoteUser": "15a4aa5d",␍
                    "/customizations/vscode/settings/python.defaultInterpreterPath": "aaf3c812",␍
                    "/customizations/vscode/settings/python.terminal.activateEnvironment": "fcbcf165",␍
                    "/customizations/vscode/extensions": [␍
                      "ms-python.python",␍
                      "ms-toolsai.jupyter"␍
                    ]␍
                  }␍
                }␍
              },␍
            }
        "#]],
    );
    check(
        "{}",
        expect![[r#"
        adopt
        - `build.dockerfile` is added: "mmdev/Dockerfile"
        - `build.context` is added: "mmdev"
        - `remoteUser` is added: "mambauser"
        - `customizations.vscode.settings["python.defaultInterpreterPath"]` is added: "/opt/conda/bin/python"
        - `customizations.vscode.settings["python.terminal.activateEnvironment"]` is added: false
        - `ms-python.python` is added to `customizations.vscode.extensions`
        - `ms-toolsai.jupyter` is added to `customizations.vscode.extensions`
        {
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
    "#]],
    );
}

#[test]
fn a_person_does_what_is_theirs() {
    check(
        r#"{"build": {"dockerfile": "../Dockerfile"}}"#,
        expect![[r#"
            manual
            .devcontainer/devcontainer.json builds Dockerfile, and mmdev never edits a person's Dockerfile
            --- Dockerfile
            COPY x y
            --- .devcontainer/devcontainer.json
            "customizations": {
              "mmdev": {
                "generated": {
                  "/build": false
                }
              }
            }
        "#]],
    );
    check(
        r#"{"dockerFile": "Dockerfile", "context": ".."}"#,
        expect![[r#"
            manual
            .devcontainer/devcontainer.json builds .devcontainer/Dockerfile, and mmdev never edits a person's Dockerfile
            --- .devcontainer/Dockerfile
            COPY x y
            --- .devcontainer/devcontainer.json
            "customizations": {
              "mmdev": {
                "generated": {
                  "/build": false
                }
              }
            }
        "#]],
    );
    check(
        r#"{"dockerComposeFile": ["../compose.yml", "extra.yml"], "service": "web"}"#,
        expect![[r#"
            manual
            .devcontainer/devcontainer.json starts services of compose.yml, and mmdev never edits a person's compose file
            --- compose.yml
            services:
              web:
                build:
                  context: .devcontainer/mmdev
                  dockerfile: Dockerfile
            --- .devcontainer/devcontainer.json
            "customizations": {
              "mmdev": {
                "generated": {
                  "/build": false
                }
              }
            }
        "#]],
    );
    check(
        r#"{"image": "python:${localEnv:TAG}"}"#,
        expect![[r#"
            manual
            `image` of .devcontainer/devcontainer.json is "python:${localEnv:TAG}", and the variable in it has no value in a Dockerfile
            --- .devcontainer/devcontainer.json
            "customizations": {
              "mmdev": {
                "baseImage": "IMAGE"
              }
            }
        "#]],
    );
}

#[test]
fn a_build_without_a_dockerfile_is_none() {
    let text = "{\n  \"image\": \"x\",\n  \"build\": { \"args\": { \"A\": \"1\" } }\n}";
    expect![[r#"
        adopt
        - `image` "x" becomes `customizations.mmdev.baseImage`, and `build` takes its place
        - `build.dockerfile` is added: "mmdev/Dockerfile"
        - `build.context` is added: "mmdev"
        {
          "build": { "args": { "A": "1" }, "dockerfile": "mmdev/Dockerfile", "context": "mmdev" },
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
    "#]]
    .assert_eq(&report(
        DEFAULT_PATH,
        Some(text),
        &Desired::default(),
        Mode::Merge,
    ));
}

#[test]
fn a_base_image_that_was_chosen_stays() {
    let text = "{\n  \"image\": \"x:${localEnv:Y}\",\n  \"customizations\": { \"mmdev\": { \"baseImage\": \"z\" } }\n}";
    assert_eq!(image_to_adopt(text), None);
    expect![[r#"
        adopt
        - `build` takes the place of `image` "x:${localEnv:Y}", because `customizations.mmdev.baseImage` is "z"
        {
          "build": {
            "dockerfile": "mmdev/Dockerfile",
            "context": "mmdev"
          },
          "customizations": { "mmdev": { "baseImage": "z", "generated": {
            "/build/dockerfile": "8cd089f1",
            "/build/context": "230ffc46"
          } } }
        }
    "#]].assert_eq(&report(
        DEFAULT_PATH,
        Some(text),
        &Desired::default(),
        Mode::Merge,
    ));
}

#[test]
fn a_base_image_that_is_asked_for_goes_before_the_image() {
    let desired = Desired {
        properties: vec![Property::new(
            &["customizations", "mmdev", "baseImage"],
            "asked",
        )],
        ..Desired::default()
    };
    let text = "{\n  \"image\": \"x\"\n}";
    expect![[r#"
        adopt
        - `build` takes the place of `image` "x", because `customizations.mmdev.baseImage` is "asked"
        - `customizations.mmdev.baseImage` is added: "asked"
        {
          "build": {
            "dockerfile": "mmdev/Dockerfile",
            "context": "mmdev"
          },
          "customizations": {
            "mmdev": {
              "baseImage": "asked",
              "generated": {
                "/build/dockerfile": "8cd089f1",
                "/build/context": "230ffc46",
                "/customizations/mmdev/baseImage": "9b4b7b5c"
              }
            }
          }
        }
    "#]].assert_eq(&report(DEFAULT_PATH, Some(text), &desired, Mode::Merge));
}

#[test]
fn what_cannot_be_understood_is_left_alone() {
    check(
        "",
        expect![[r#"
        invalid

        1:1 MM601 the file holds no JSON value (Delete the file, or write `{}` into it)
    "#]],
    );
    check(
        "[1]",
        expect![[r#"
        invalid

        1:1 MM603 the file is an array where an object belongs (Make it an object, or remove it)
    "#]],
    );
    check(
        "{\"image\": \"x\" \"name\": 1}",
        expect![[r#"
        invalid

        1:14 MM601 this is not JSON: expected comma ()
    "#]],
    );
    check(
        r#"{"image": ["x"]}"#,
        expect![[r#"
        invalid

        1:11 MM603 `image` is an array where a string belongs (Make it a string, or remove it)
    "#]],
    );
    check(
        r#"{"build": "Dockerfile"}"#,
        expect![[r#"
        invalid

        1:11 MM603 `build` is a string where an object belongs (Make it an object, or remove it)
    "#]],
    );
    check(
        r#"{"image": "x", "customizations": "none"}"#,
        expect![[r#"
            invalid

            1:34 MM603 `customizations` is a string where an object belongs (Make it an object, or remove it)
        "#]],
    );
    check(
        r#"{"image": "x", "customizations": {"vscode": {"extensions": "a", "settings": null}}}"#,
        expect![[r#"
            invalid

            1:77 MM603 `customizations.vscode.settings` is null where an object belongs (Make it an object, or remove it)
        "#]],
    );
    check(
        r#"{"customizations": {"mmdev": {"generated": {"/build": 1}}}}"#,
        expect![[r#"
            invalid

            1:55 MM603 `customizations.mmdev.generated` holds a number where a hash, a list or `false` belongs (Restore what mmdev wrote there from version control)
        "#]],
    );
}

#[test]
fn of_two_equal_keys_the_effective_one_is_edited() {
    check(
        "{\n  \"image\": \"a\",\n  \"image\": \"b\"\n}",
        expect![[r#"
            adopt
            - `image` "b" becomes `customizations.mmdev.baseImage`, and `build` takes its place
            - `remoteUser` is added: "mambauser"
            - `customizations.vscode.settings["python.defaultInterpreterPath"]` is added: "/opt/conda/bin/python"
            - `customizations.vscode.settings["python.terminal.activateEnvironment"]` is added: false
            - `ms-python.python` is added to `customizations.vscode.extensions`
            - `ms-toolsai.jupyter` is added to `customizations.vscode.extensions`
            {
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
                  "baseImage": "b",
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
        "#]],
    );
}

#[test]
fn a_legacy_list_of_extensions_counts() {
    check(
        "{\n  \"image\": \"x\",\n  \"extensions\": [\"ms-python.python\"],\n  \"customizations\": {\"vscode\": {\"extensions\": [\"-ms-toolsai.jupyter\"]}}\n}",
        expect![[r#"
            adopt
            - `image` "x" becomes `customizations.mmdev.baseImage`, and `build` takes its place
            - `remoteUser` is added: "mambauser"
            - `customizations.vscode.settings["python.defaultInterpreterPath"]` is added: "/opt/conda/bin/python"
            - `customizations.vscode.settings["python.terminal.activateEnvironment"]` is added: false
            {
              "build": {
                "dockerfile": "mmdev/Dockerfile",
                "context": "mmdev"
              },
              "extensions": ["ms-python.python"],
              "customizations": {"vscode": {"extensions": ["-ms-toolsai.jupyter"], "settings": {
                "python.defaultInterpreterPath": "/opt/conda/bin/python",
                "python.terminal.activateEnvironment": false
              }}, "mmdev": { "baseImage": "x", "generated": {
                "/build/dockerfile": "8cd089f1",
                "/build/context": "230ffc46",
                "/remoteUser": "15a4aa5d",
                "/customizations/vscode/settings/python.defaultInterpreterPath": "aaf3c812",
                "/customizations/vscode/settings/python.terminal.activateEnvironment": "fcbcf165"
              } }},
              "remoteUser": "mambauser"
            }
        "#]],
    );
}
