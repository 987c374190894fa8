//! Findings for compilers' readers, GitHub Actions and code scanning.

use std::path::Path;
use std::process::Command;

use expect_test::expect;
use serde_json::Value;

use super::BROKEN;
use crate::project::Project;

/// A project below the root of a work tree, with a name that URIs and workflow commands escape.
fn project() -> Project {
    Project::new()
        .file(".git/HEAD", "")
        .file("a, b/é:1/env.yaml", BROKEN)
        .file("a, b/é:1/mmdev.toml", "systemPackages = []\n")
}

const FOLDER: &str = "a, b/é:1";

#[test]
fn concise() {
    project().check(
        &["-C", FOLDER, "check", "--message-format", "concise"],
        expect![[r#"
            exit code: 1
            ----- stdout
            mmdev.toml:1:1: warning[MM606] `systemPackages` is no setting
            env.yaml:1:7: warning[MM611] the environment is `base` alone: `é` cannot be its second name
            env.yaml:4:11: error[MM209] `=>` is no operator; micromamba and rattler refuse it, conda takes it
            env.yaml:5:10: error[MM210] the operator `==` has no version after it; conda and rattler refuse it, micromamba takes it as any version
            ----- stderr
                 Checked 2 files: 2 errors, 2 warnings
            `mmdev check --fix` mends 2 of them, with `--unsafe-fixes` 1 more
            `mmdev explain CODE` says more about a rule
        "#]],
    );
}

#[test]
fn github() {
    project().check(
        &["-C", FOLDER, "check", "--message-format", "github"],
        expect![[r#"
            exit code: 1
            ----- stdout
            ::warning file=a%2C b/é%3A1/mmdev.toml,line=1,col=1,endLine=1,endColumn=15,title=MM606::`systemPackages` is no setting%0Ahint: Did you mean `system-packages`?
            ::warning file=a%2C b/é%3A1/env.yaml,line=1,col=7,endLine=1,endColumn=8,title=MM611::the environment is `base` alone: `é` cannot be its second name%0Ahint: Use letters, digits, `_`, `-` and `.`
            ::error file=a%2C b/é%3A1/env.yaml,line=4,col=11,endLine=4,endColumn=13,title=MM209::`=>` is no operator; micromamba and rattler refuse it, conda takes it%0Ahint: The operators are `=`, `==`, `!=`, `>=`, `<=`, `>`, `<` and `~=`
            ::error file=a%2C b/é%3A1/env.yaml,line=5,col=10,endLine=5,endColumn=12,title=MM210::the operator `==` has no version after it; conda and rattler refuse it, micromamba takes it as any version
            ----- stderr
                 Checked 2 files: 2 errors, 2 warnings
            `mmdev check --fix` mends 2 of them, with `--unsafe-fixes` 1 more
            `mmdev explain CODE` says more about a rule
        "#]],
    );
    // An annotation of several lines has no columns.
    let project = Project::new().file(
        "env.yaml",
        "channels: [conda-forge]\ndependencies:\n- pip\n- pip:\n  - a: 1\n    b: 2\n",
    );
    project.check(
        &["check", "env.yaml", "-q", "--message-format", "github"],
        expect![[r#"
            exit code: 1
            ----- stdout
            ::error file=env.yaml,line=5,endLine=6,title=MM102::an entry of `pip:` is text, this is a mapping%0Ahint: Write each entry as one text behind its own `-`
        "#]],
    );
}

/// The schema that OASIS publishes, as the crate serde-sarif carries it.
fn schema() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages
        .iter()
        .find(|package| package["name"] == "serde-sarif")
        .unwrap();
    let manifest = Path::new(package["manifest_path"].as_str().unwrap());
    let text = std::fs::read_to_string(manifest.with_file_name("src/schema.json")).unwrap();
    // A slip in the pattern of a property that we do not write: a bracket that is never opened.
    let text = text.replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn sarif() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let valid = |project: &Project, arguments: &[&str]| -> Value {
        let mut words = vec!["check", "--message-format", "sarif"];
        words.extend(arguments);
        let output = project.command(&words).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let log: Value = serde_json::from_str(&text).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&log)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, [""; 0], "{text}");
        serde_json::from_value::<serde_sarif::sarif::Sarif>(log.clone()).unwrap();
        log
    };
    let log = valid(&project(), &["-C", FOLDER]);
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let ids: Vec<&Value> = rules.iter().map(|rule| &rule["id"]).collect();
    for result in run["results"].as_array().unwrap() {
        let index = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(ids[index], &result["ruleId"]);
    }
    expect![[r#"
        [
          {
            "ruleId": "MM606",
            "level": "warning",
            "message": {
              "text": "`systemPackages` is no setting\nDid you mean `system-packages`?"
            },
            "ruleIndex": 2,
            "locations": [
              {
                "physicalLocation": {
                  "artifactLocation": {
                    "uri": "a%2C%20b/%C3%A9%3A1/mmdev.toml",
                    "uriBaseId": "%SRCROOT%"
                  },
                  "region": {
                    "startLine": 1,
                    "startColumn": 1,
                    "endLine": 1,
                    "endColumn": 15
                  }
                }
              }
            ],
            "fixes": [
              {
                "description": {
                  "text": "Replace it by `system-packages`"
                },
                "artifactChanges": [
                  {
                    "artifactLocation": {
                      "uri": "a%2C%20b/%C3%A9%3A1/mmdev.toml",
                      "uriBaseId": "%SRCROOT%"
                    },
                    "replacements": [
                      {
                        "deletedRegion": {
                          "startLine": 1,
                          "startColumn": 1,
                          "endLine": 1,
                          "endColumn": 15
                        },
                        "insertedContent": {
                          "text": "system-packages"
                        }
                      }
                    ]
                  }
                ],
                "properties": {
                  "safe": true
                }
              }
            ]
          },
          {
            "ruleId": "MM611",
            "level": "warning",
            "message": {
              "text": "the environment is `base` alone: `é` cannot be its second name\nUse letters, digits, `_`, `-` and `.`"
            },
            "ruleIndex": 3,
            "locations": [
              {
                "physicalLocation": {
                  "artifactLocation": {
                    "uri": "a%2C%20b/%C3%A9%3A1/env.yaml",
                    "uriBaseId": "%SRCROOT%"
                  },
                  "region": {
                    "startLine": 1,
                    "startColumn": 7,
                    "endLine": 1,
                    "endColumn": 8
                  }
                }
              }
            ]
          },
          {
            "ruleId": "MM209",
            "level": "error",
            "message": {
              "text": "`=>` is no operator; micromamba and rattler refuse it, conda takes it\nThe operators are `=`, `==`, `!=`, `>=`, `<=`, `>`, `<` and `~=`"
            },
            "ruleIndex": 0,
            "locations": [
              {
                "physicalLocation": {
                  "artifactLocation": {
                    "uri": "a%2C%20b/%C3%A9%3A1/env.yaml",
                    "uriBaseId": "%SRCROOT%"
                  },
                  "region": {
                    "startLine": 4,
                    "startColumn": 11,
                    "endLine": 4,
                    "endColumn": 13
                  }
                }
              }
            ],
            "fixes": [
              {
                "description": {
                  "text": "Write `python>=3`"
                },
                "artifactChanges": [
                  {
                    "artifactLocation": {
                      "uri": "a%2C%20b/%C3%A9%3A1/env.yaml",
                      "uriBaseId": "%SRCROOT%"
                    },
                    "replacements": [
                      {
                        "deletedRegion": {
                          "startLine": 4,
                          "startColumn": 5,
                          "endLine": 4,
                          "endColumn": 14
                        },
                        "insertedContent": {
                          "text": "python>=3"
                        }
                      }
                    ]
                  }
                ],
                "properties": {
                  "safe": true
                }
              }
            ]
          },
          {
            "ruleId": "MM210",
            "level": "error",
            "message": {
              "text": "the operator `==` has no version after it; conda and rattler refuse it, micromamba takes it as any version"
            },
            "ruleIndex": 1,
            "locations": [
              {
                "physicalLocation": {
                  "artifactLocation": {
                    "uri": "a%2C%20b/%C3%A9%3A1/env.yaml",
                    "uriBaseId": "%SRCROOT%"
                  },
                  "region": {
                    "startLine": 5,
                    "startColumn": 10,
                    "endLine": 5,
                    "endColumn": 12
                  }
                }
              }
            ],
            "fixes": [
              {
                "description": {
                  "text": "Write `numpy`"
                },
                "artifactChanges": [
                  {
                    "artifactLocation": {
                      "uri": "a%2C%20b/%C3%A9%3A1/env.yaml",
                      "uriBaseId": "%SRCROOT%"
                    },
                    "replacements": [
                      {
                        "deletedRegion": {
                          "startLine": 5,
                          "startColumn": 5,
                          "endLine": 5,
                          "endColumn": 12
                        },
                        "insertedContent": {
                          "text": "numpy"
                        }
                      }
                    ]
                  }
                ],
                "properties": {
                  "safe": false
                }
              }
            ]
          }
        ]
    "#]].assert_eq(&format!("{:#}\n", run["results"]));

    // One without findings, and one with a file that is outside of the folder.
    let good = Project::new().file(
        "env.yaml",
        "channels: [conda-forge]\ndependencies: [python=3.12]\n",
    );
    assert_eq!(
        valid(&good, &[])["runs"][0]["results"],
        serde_json::json!([])
    );
    let elsewhere = Project::new().file("env.yaml", BROKEN).file("sub/x", "");
    let log = valid(&elsewhere, &["-C", "sub", "../env.yaml"]);
    let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    let uri = place["artifactLocation"]["uri"].as_str().unwrap();
    assert!(
        uri.starts_with("file:///") && uri.ends_with("/project/env.yaml"),
        "{uri}"
    );
}

#[test]
fn statistics() {
    let project = Project::new()
        .file("env.yaml", BROKEN)
        .file("b/env.yaml", BROKEN);
    project.check(
        &["check", "--statistics"],
        expect![[r#"
        exit code: 1
        ----- stdout
             2 MM209 unknown-operator (2 fixable)
             2 MM210 missing-version (2 fixable)
             1 MM611 bad-name
        ----- stderr
             Checked 2 files: 4 errors, 1 warning
        `mmdev check --fix` mends 2 of them, with `--unsafe-fixes` 2 more
        `mmdev explain CODE` says more about a rule
    "#]],
    );
    project.check(
        &["check", "--statistics", "-q", "--message-format", "json"],
        expect![[r#"
            exit code: 1
            ----- stdout
            {"format":1,"reason":"rule-count","code":"MM209","name":"unknown-operator","count":2,"fixable":2}
            {"format":1,"reason":"rule-count","code":"MM210","name":"missing-version","count":2,"fixable":2}
            {"format":1,"reason":"rule-count","code":"MM611","name":"bad-name","count":1,"fixable":0}
            {"format":1,"reason":"check-finished","files":2,"errors":4,"warnings":1,"remarks":0,"safe_fixes":2,"unsafe_fixes":2,"fixed":0}
        "#]],
    );
}

#[test]
fn formats_are_for_what_they_can_hold() {
    let project = Project::new().file("env.yaml", BROKEN);
    for arguments in [
        &["generate", "--message-format", "sarif"][..],
        &["check", "--diff", "--message-format", "sarif"],
        &["check", "--statistics", "--message-format", "github"],
        &["check", "--watch", "--message-format", "sarif"],
        &["check", "--watch", "-"],
    ] {
        let output = project.command(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(output.stdout, b"", "{arguments:?}");
    }
}

#[test]
fn rules() {
    let project = Project::new();
    let output = project.command(&["rules"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find(|line| line.contains("MM305")).unwrap();
    expect!["  MM305 insecure-channel (warning, has an unsafe fix): A channel is read over HTTP."]
        .assert_eq(line);
    let output = project
        .command(&["rules", "--message-format", "json"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find(|line| line.contains("MM305")).unwrap();
    expect![[r#"{"format":1,"reason":"rule","code":"MM305","name":"insecure-channel","group":"Channels","severity":"warning","default":true,"fix":"unsafe","summary":"A channel is read over HTTP.","url":"https://github.com/mmdev-project/mmdev/blob/main/docs/rules/MM305.md"}"#]].assert_eq(line);
}
