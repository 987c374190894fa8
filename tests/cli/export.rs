//! `mmdev export`: what is locked, for other programs.

use std::path::Path;
use std::process::Command;

use expect_test::expect;
use serde_json::{Value, json};

use crate::query::locked;

#[test]
fn an_explicit_list() {
    let world = locked();
    world.check(
        &["export", "--explicit"],
        expect![[r#"
        exit code: 0
        ----- stdout
        # The conda packages of env.yaml on linux-64, as they are locked.
        # platform: linux-64
        @EXPLICIT
        HOST/main/linux-64/zlib-1.3.1-h1_0.conda#0123456789abcdef0123456789abcdef
        HOST/main/linux-64/python-3.13.0-h1_0.conda#0123456789abcdef0123456789abcdef
        HOST/main/noarch/pip-25.0-py_0.conda#0123456789abcdef0123456789abcdef
        HOST/main/noarch/six-1.16.0-py_0.conda#0123456789abcdef0123456789abcdef
    "#]],
    );
    world.check(
        &["export", "--explicit", "--output", "conda-{platform}.lock"],
        expect![[r#"
            exit code: 0
            ----- stderr
                 Created conda-linux-64.lock
                 Created conda-linux-aarch64.lock
        "#]],
    );
    world.check(
        &[
            "export",
            "--explicit",
            "--output",
            "one.lock",
            "--platform",
            "linux-aarch64",
            "--message-format",
            "json",
        ],
        expect![[r#"
            exit code: 0
            ----- stdout
            {"format":1,"reason":"generated-file","path":"one.lock","change":"created","written":true}
            ----- stderr
                 Created one.lock
        "#]],
    );
    let one = world.project.read("one.lock");
    assert_eq!(one, world.project.read("conda-linux-aarch64.lock"));
    world.check(
        &["export", "--explicit", "--platform", "win-64"],
        expect![[r#"
            exit code: 1
            ----- stderr
            error: conda-lock.yml holds nothing for win-64
            hint: it has linux-64, linux-aarch64
        "#]],
    );
    world.check(
        &["export"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: the following required arguments were not provided:
          <--explicit|--spec|--sbom>

        Usage: mmdev export <--explicit|--spec|--sbom>

        For more information, try '--help'.
    "#]],
    );
    world.check(
        &["export", "--pin", "--spec"],
        expect![[r#"
            exit code: 2
            ----- stderr
            error: the argument '--pin' cannot be used with '--spec'

            Usage: mmdev export --pin <--explicit|--spec|--sbom>

            For more information, try '--help'.
        "#]],
    );
}

#[test]
fn pins_are_where_snakemake_looks() {
    let world = locked();
    world.check(
        &["export", "--explicit", "--pin"],
        expect![[r#"
        exit code: 0
        ----- stderr
             Created env.linux-64.pin.txt
             Created env.linux-aarch64.pin.txt
    "#]],
    );
    world.check(
        &["export", "--explicit", "--pin"],
        expect![[r#"
        exit code: 0
        ----- stderr
               Fresh env.linux-64.pin.txt
               Fresh env.linux-aarch64.pin.txt
    "#]],
    );
    world.project.write("b.yaml", "dependencies:\n  - zlib\n");
    world.check(
        &[
            "export",
            "--explicit",
            "--pin",
            "-f",
            "env.yaml",
            "-f",
            "b.yaml",
        ],
        expect![[r#"
            exit code: 2
            ----- stderr
            error: pins are of one spec, and the environment is made of env.yaml and b.yaml
            hint: --output FILE writes them where you want them
        "#]],
    );
}

/// What was exported is locked again, and gives the same packages.
#[test]
fn a_spec_of_exact_versions() {
    let world = locked();
    world.check(
        &["export", "--spec"],
        expect![[r#"
        exit code: 0
        ----- stdout
        # The exact packages on linux-64, as they are locked.
        name: it
        channels:
          - HOST/main
        dependencies:
          - pip=25.0=py_0
          - python=3.13.0=h1_0
          - six=1.16.0=py_0
          - zlib=1.3.1=h1_0
    "#]],
    );
    // A build is of one platform.
    world.spec("dependencies:\n  - six\nplatforms: [linux-64]\n");
    std::fs::remove_file(world.project.root().join("conda-lock.yml")).unwrap();
    world.check(
        &["lock", "-q"],
        expect![[r#"
        exit code: 0
    "#]],
    );
    let before = world.lock();
    let output = ["export", "-q", "--spec", "--output", "env.yaml"];
    world.check(
        &output,
        expect![[r#"
        exit code: 0
    "#]],
    );
    world.check(
        &["tree", "-q", "--depth", "0"],
        expect![[r#"
        exit code: 0
        ----- stdout
        pip 25.0
        python 3.13.0
        six 1.17.0
        zlib 1.3.1
        ----- stderr
        warning: conda-lock.yml is not the lock of env.yaml: this is what it holds
        hint: mmdev lock makes it anew
    "#]],
    );
    world.check(
        &["lock", "-q"],
        expect![[r#"
        exit code: 0
    "#]],
    );
    let packages = |text: &str| text[text.find("package:").unwrap()..].to_owned();
    assert_eq!(packages(&before), packages(&world.lock()));
}

/// What pip installs has no place in an explicit list, and neither has what a variable stands for.
#[test]
fn what_a_list_cannot_say_is_told() {
    let world = locked();
    let text = world.project.read("conda-lock.yml");
    let (_, text) = text.split_once('\n').unwrap();
    let text = text.replace(
        "  platforms:\n",
        "  - url: https://host/t/${TOKEN}/c\n    used_env_vars:\n    - TOKEN\n  platforms:\n",
    );
    let pip = "- name: requests\n  version: 2.0\n  manager: pip\n  platform: linux-64\n  dependencies: {}\n  \
               url: https://files.example.org/requests-2.0-py3-none-any.whl\n  hash:\n    sha256: \
               0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n  category: main\n  optional: false\n";
    world
        .project
        .write("conda-lock.yml", &format!("{text}{pip}"));
    let output = world
        .project
        .command(&["export", "--explicit"])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    expect![[r#"
        warning: ${TOKEN} stays in the URLs, where conda does not put its value in
        hint: envsubst puts it in, where the list is used
        warning: an explicit list has no place for 1 pip package: left out for linux-64
        hint: mmdev export --spec names what pip installs as well
    "#]]
    .assert_eq(&said);
    let list = String::from_utf8(output.stdout).unwrap();
    assert!(
        !list.contains("requests") && list.contains("six-1.16.0"),
        "{list}"
    );
}

/// The schema that OWASP publishes, as the crate serde-cyclonedx carries it. What it says of licences and signatures
/// stands in other files: no list of names binds us, and nothing is signed.
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
        .find(|package| package["name"] == "serde-cyclonedx")
        .unwrap();
    let manifest = Path::new(package["manifest_path"].as_str().unwrap());
    let path = manifest.with_file_name("schemas/cyclonedx_1_6.json");
    let text = std::fs::read_to_string(path).unwrap();
    let text = text
        .replace("\"spdx.schema.json\"", "\"#/definitions/refType\"")
        .replace(
            "\"jsf-0.82.schema.json#/definitions/signature\"",
            "\"#/definitions/refType\"",
        );
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_bill_of_materials() {
    let world = locked();
    let validator = jsonschema::validator_for(&schema()).unwrap();
    assert!(!validator.is_valid(&json!({ "bomFormat": "CycloneDX", "specVersion": 1.6 })));
    let output = world
        .project
        .command(&["export", "--sbom", "--message-format", "json"])
        .output()
        .unwrap();
    let message: Value = serde_json::from_slice(&output.stdout).unwrap();
    let bill: Value = serde_json::from_str(message["text"].as_str().unwrap()).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&bill)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(errors, [""; 0], "{bill:#}");
    type Bill = serde_cyclonedx::cyclonedx::v_1_6::CycloneDx;
    let read: Bill = serde_json::from_value(bill.clone()).unwrap();
    assert_eq!(read.components.unwrap().len(), 4);
    let of_six = bill["components"]
        .as_array()
        .unwrap()
        .iter()
        .find(|component| component["name"] == "six")
        .unwrap();
    let shown = format!("{of_six:#}").replace(&world.url(), "HOST");
    expect![[r#"
        {
          "type": "library",
          "bom-ref": "pkg:conda/six@1.16.0?build=py_0&channel=main&subdir=noarch&type=conda",
          "name": "six",
          "version": "1.16.0",
          "scope": "required",
          "hashes": [
            {
              "alg": "MD5",
              "content": "0123456789abcdef0123456789abcdef"
            },
            {
              "alg": "SHA-256",
              "content": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
            }
          ],
          "licenses": [
            {
              "expression": "MIT"
            }
          ],
          "purl": "pkg:conda/six@1.16.0?build=py_0&channel=main&subdir=noarch&type=conda",
          "externalReferences": [
            {
              "type": "distribution",
              "url": "HOST/main/noarch/six-1.16.0-py_0.conda"
            }
          ],
          "properties": [
            {
              "name": "mmdev:size",
              "value": "900000"
            }
          ]
        }"#]]
    .assert_eq(&shown);
    // Licences are known from the channels that were read, and of others nothing is said.
    std::fs::remove_dir_all(world.project.root().join("../home/.cache")).unwrap();
    let output = world
        .project
        .command(&["export", "--sbom"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains("licenses"), "{text}");
    assert!(validator.is_valid(&serde_json::from_str(&text).unwrap()));
}
