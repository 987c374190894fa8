//! Questions and recorded answers.

use expect_test::{Expect, expect};

use super::*;
use crate::virtual_packages::{self, Image};

fn question(lines: &[&str]) -> Question {
    let image = Image {
        glibc: Some("2.36".to_owned()),
        cuda: None,
    };
    Question {
        lines: lines.iter().map(|&line| line.to_owned()).collect(),
        platform: "linux-64".to_owned(),
        python: "3.12.4".to_owned(),
        virtual_packages: virtual_packages::of("linux-64", &image, None),
        ..Question::default()
    }
}

fn pairs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[test]
fn what_runs_foreign_code_is_not_for_uv() {
    for line in [
        "flask",
        "requests[socks] >=2; python_version > '3'",
        "six==1.16.0 --hash=sha256:00",
        "--extra-index-url https://${TOKEN}@host/simple",
        "--pre --index-url https://host/simple",
        "x @ https://host/x-1-py3-none-any.whl",
        "x@https://me:${TOKEN}@host/x-1-py3-none-any.whl#sha256=00 ; os_name == 'posix'",
        "https://host/x-1-py3-none-any.whl?a=b",
        "x @ https://host/a;b/x-1-py3-none-any.whl",
        "-r https://host/requirements.txt",
    ] {
        assert!(is_for_uv(line), "{line}");
    }
    for line in [
        "git+https://host/x",
        "x @ git+https://host/x@v1",
        "x @ https://host/x-1.tar.gz",
        "https://host/x.zip",
        "-e git+https://host/x#egg=x",
        "--editable git+ssh://git@host/x",
        "x @ file:///x-1-py3-none-any.whl",
    ] {
        assert!(!is_for_uv(line), "{line}");
    }
    let lines = [
        "a[${B}]",
        "--index-url https://${USER}:${P_1}@h/${USER}/${no}$X",
    ]
    .map(str::to_owned);
    assert_eq!(variables(&lines), ["B", "P_1", "USER"]);
}

#[test]
fn options_mean_what_they_mean_to_pip() {
    let question = Question {
        constraints: vec!["click<9 --hash=sha256:00".to_owned()],
        provided: pairs(&[
            ("jax-lib", "0.4.30"),
            ("local", "1.0+cu121"),
            ("numpy", "1.26.04"),
            ("odd", "2024a.x"),
        ]),
        keep: pairs(&[("flask", "3.0.2"), ("numpy", "1.25.0")]),
        ..question(&[
            "Flask>=3 --hash=sha256:00 --hash=sha256:11",
            "--pre --index-url https://first/simple",
            "-f https://${TOKEN}@host/wheels.html",
            "-f ./wheels",
            "-ihttps://host/simple",
            "--extra-index-url=https://host/cu121",
            "--trusted-host host:8080",
            "--no-binary a,b",
            "--use-feature fast-deps",
            "--require-hashes",
            "x @ https://host/x-1-py3-none-any.whl",
        ])
    };
    let mut shown = String::new();
    for (name, text) in question.files() {
        shown.push_str(&format!("== {name}\n{text}"));
    }
    for stub in question.stubs() {
        let (path, text) = &stub.content[0];
        shown.push_str(&format!("== {}: {path}\n{text}", stub.file));
    }
    for arguments in question.arguments().unwrap() {
        shown.push_str(&format!("uv {}\n", arguments.join(" ")));
    }
    expect![[r#"
        == requirements.in
        --index-url https://host/simple
        --extra-index-url https://host/cu121
        --find-links https://${TOKEN}@host/wheels.html
        --no-binary a,b
        Flask>=3
        x @ https://host/x-1-py3-none-any.whl
        == constraints.txt
        click<9
        jax-lib==0.4.30+conda
        local==1.0+cu121
        numpy==1.26.4+conda
        == requirements.txt
        flask==3.0.2
        == no-needs.toml
        [[dependency-metadata]]
        name = "flask"
        requires-dist = []
        [[dependency-metadata]]
        name = "x"
        requires-dist = []
        == jax_lib-0.4.30+conda-py3-none-any.whl: jax_lib-0.4.30+conda.dist-info/METADATA
        Metadata-Version: 2.1
        Name: jax-lib
        Version: 0.4.30+conda
        == local-1.0+cu121-py3-none-any.whl: local-1.0+cu121.dist-info/METADATA
        Metadata-Version: 2.1
        Name: local
        Version: 1.0+cu121
        == numpy-1.26.4+conda-py3-none-any.whl: numpy-1.26.4+conda.dist-info/METADATA
        Metadata-Version: 2.1
        Name: numpy
        Version: 1.26.4+conda
        uv pip compile requirements.in --constraints constraints.txt --find-links provided --python-version 3.12.4 --python-platform x86_64-manylinux_2_36 --index-strategy unsafe-best-match --color never --prerelease allow --allow-insecure-host host:8080 --no-config --no-build --no-progress --no-header --annotation-style split --output-file requirements.txt
        uv pip compile requirements.in --constraints constraints.txt --find-links provided --python-version 3.12.4 --python-platform x86_64-manylinux_2_36 --index-strategy unsafe-best-match --color never --prerelease allow --allow-insecure-host host:8080 --no-config --no-build --no-progress --no-header --constraints requirements.txt --no-annotate --generate-hashes --format pylock.toml --output-file pylock.toml
    "#]].assert_eq(&shown);
}

#[test]
fn platforms_are_called_as_uv_calls_them() {
    let target = |platform: &str, glibc: Option<&str>| {
        let image = Image {
            glibc: glibc.map(str::to_owned),
            cuda: None,
        };
        let question = Question {
            platform: platform.to_owned(),
            virtual_packages: virtual_packages::of(platform, &image, None),
            ..Question::default()
        };
        question.target().unwrap_or_default()
    };
    assert_eq!(target("linux-64", Some("2.36")), "x86_64-manylinux_2_36");
    assert_eq!(
        target("linux-aarch64", Some("2.43")),
        "aarch64-manylinux_2_40"
    );
    assert_eq!(target("linux-64", None), "x86_64-manylinux_2_28");
    assert_eq!(target("linux-64", Some("2.27")), "x86_64-manylinux_2_17");
    assert_eq!(target("osx-arm64", None), "aarch64-apple-darwin");
    assert_eq!(target("win-64", None), "x86_64-pc-windows-msvc");
    assert_eq!(target("linux-ppc64le", None), "");
    assert_eq!(target("linux-32", None), "");
}

/// Shortened from what uv 0.13.9 wrote.
const LIST: &str = "\
numpy==1.26.4+conda
    # via
    #   -c constraints.txt
    #   pandas
pandas==2.2.2
    # via -r requirements.in
python-dateutil==2.9.0
    # via pandas
six==1.16.0
    # via python-dateutil
typing-extensions @ https://files.example/typing_extensions-4.12.2-py3-none-any.whl
    # via
    #   -r requirements.in
    #   Pandas[all]
";

const PYLOCK: &str = r#"
lock-version = "1.0"
created-by = "uv"
requires-python = ">=3.12.4"

[[packages]]
name = "numpy"
version = "1.26.4+conda"
wheels = [{ url = "file:///tmp/x/provided/numpy-1.26.4+conda-py3-none-any.whl", hashes = { sha256 = "00" } }]

[[packages]]
name = "pandas"
version = "2.2.2"
wheels = [
    { url = "https://files.example/pandas-2.2.2-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", upload-time = 2024-04-10T19:45:09Z, size = 12733396, hashes = { sha256 = "aa" } },
    { url = "https://files.example/pandas-2.2.2-cp312-cp312-manylinux_2_28_x86_64.whl", size = 12733396, hashes = { sha256 = "bb" } },
]

[[packages]]
name = "six"
version = "1.16.0"
marker = "os_name == 'posix'"
wheels = [{ url = "https://pypi.corp/t/very-secret/six-1.16.0-py2.py3-none-any.whl", hashes = { sha256 = "cc" } }]

[[packages]]
name = "typing-extensions"
version = "4.12.2"
archive = { url = "https://files.example/typing_extensions-4.12.2-py3-none-any.whl", hashes = { sha256 = "dd" } }
"#;

#[track_caller]
fn check(lines: &[&str], expected: Expect) {
    let question = Question {
        provided: pairs(&[("numpy", "1.26.4")]),
        variables: pairs(&[("TOKEN", "very-secret"), ("USER", "me")]),
        ..question(lines)
    };
    let shown = match packages(&question, LIST, PYLOCK) {
        Ok(packages) => packages
            .iter()
            .map(|package| {
                let needs: Vec<&str> = package.dependencies.keys().map(String::as_str).collect();
                format!(
                    "{} {} {} {:?} {needs:?}{}\n",
                    package.name,
                    package.version,
                    package.url,
                    package.hash.sha256,
                    if package.source.is_some() {
                        " by its URL"
                    } else {
                        ""
                    },
                )
            })
            .collect(),
        Err(problem) => format!("{problem:?}\n"),
    };
    expected.assert_eq(&shown);
}

#[test]
fn answers_are_read() {
    let index = "--extra-index-url https://pypi.corp/t/${TOKEN}/simple";
    check(
        &["pandas", index],
        expect![[r#"
            pandas 2.2.2 https://files.example/pandas-2.2.2-cp312-cp312-manylinux_2_28_x86_64.whl Some("bb") ["numpy", "python-dateutil", "typing-extensions"]
            six 1.16.0 https://pypi.corp/t/${TOKEN}/six-1.16.0-py2.py3-none-any.whl Some("cc") []
            typing-extensions 4.12.2 https://files.example/typing_extensions-4.12.2-py3-none-any.whl Some("dd") [] by its URL
        "#]],
    );
    // Of a server that asks for a name, the files are asked for with that name.
    let index = "--index-url https://${USER}:${TOKEN}@files.example/simple";
    let hash = "pandas==2.2.2 --hash=sha256:AA --hash=sha256:ff";
    check(
        &[hash, index],
        expect![[r#"
            pandas 2.2.2 https://${USER}:${TOKEN}@files.example/pandas-2.2.2-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl Some("aa") ["numpy", "python-dateutil", "typing-extensions"]
            six 1.16.0 https://pypi.corp/t/${TOKEN}/six-1.16.0-py2.py3-none-any.whl Some("cc") []
            typing-extensions 4.12.2 https://${USER}:${TOKEN}@files.example/typing_extensions-4.12.2-py3-none-any.whl Some("dd") [] by its URL
        "#]],
    );
    check(
        &["pandas==2.2.2 --hash=sha256:ff"],
        expect![[r#"
        Hash { name: "pandas", version: "2.2.2" }
    "#]],
    );
}

#[test]
fn the_most_specific_wheel_is_taken() {
    // The order of pip's `pip debug --verbose` for CPython 3.12 on glibc 2.36.
    let sorted = [
        "x-1-2b-cp312-cp312-manylinux_2_36_x86_64.whl",
        "x-1-1-cp312-cp312-manylinux_2_36_x86_64.whl",
        "x-1-cp312-cp312-manylinux_2_36_x86_64.whl",
        "x-1-cp312-cp312-manylinux_2_5_x86_64.manylinux1_x86_64.whl",
        "x-1-cp312-cp312-manylinux1_x86_64.whl",
        "x-1-cp312-cp312-linux_x86_64.whl",
        "x-1-cp312-abi3-linux_x86_64.whl",
        "x-1-cp312-none-linux_x86_64.whl",
        "x-1-cp311-abi3-manylinux_2_17_x86_64.whl",
        "x-1-cp39-abi3-manylinux_2_36_x86_64.whl",
        "x-1-py312-none-linux_x86_64.whl",
        "x-1-py3-none-linux_x86_64.whl",
        "x-1-py311-none-linux_x86_64.whl",
        "x-1-cp312-none-any.whl",
        "x-1-py2.py3-none-any.whl",
        "x-1-py30-none-any.whl",
    ];
    for pair in sorted.windows(2) {
        assert!(
            wheel::rank(pair[0], "3.12.4") < wheel::rank(pair[1], "3.12.4"),
            "{pair:?}"
        );
    }
    let macos = [
        "x-1-py3-none-macosx_11_0_arm64.whl",
        "x-1-py3-none-macosx_11_0_universal2.whl",
    ];
    assert!(wheel::rank(macos[0], "3.12.4") < wheel::rank(macos[1], "3.12.4"));
}

#[test]
fn failures_are_told_apart() {
    let check = |stderr: &str, expected: Expect| {
        let question = Question {
            variables: pairs(&[("TOKEN", "very-secret")]),
            ..question(&[])
        };
        expected.assert_eq(&format!("{:?}", failure(&question, stderr)));
    };
    check(
        "error: No solution found when resolving dependencies
  cause: Because all versions of sklearn have no usable wheels and you require sklearn, we can conclude that your requirements are unsatisfiable.

hint: Wheels are required for `sklearn` because building from source is disabled for all packages (i.e., with `--no-build`)
",
        expect![[r#"NeedsBuild { name: "sklearn" }"#]],
    );
    check(
        "  × No solution found when resolving dependencies:
  ╰─▶ Because nvidia-nccl==2.18.1 has no wheels with a matching platform tag (e.g.,
      `manylinux_2_36_aarch64`) and you require nvidia-nccl==2.18.1, we can conclude that your requirements are unsatisfiable.

      hint: Wheels are available for `nvidia-nccl` (v2.18.1) on the
      following platform: `manylinux1_x86_64`
",
        expect![[r#"NoWheel { name: "nvidia-nccl", version: "2.18.1" }"#]],
    );
    check(
        "error: No solution found when resolving dependencies
  cause: Because tensorflow==2.15.0 has no wheels with a matching Python ABI tag (e.g., `cp312`) and you require tensorflow==2.15.0, we can conclude that your requirements are unsatisfiable.

hint: You require CPython 3.12 (`cp312`), but we only found wheels for `tensorflow` (v2.15.0) with the following Python ABI tags: `cp39`
",
        expect![[r#"NoWheel { name: "tensorflow", version: "2.15.0" }"#]],
    );
    check(
        "warning: The requested Python version 3.12.4 is not available; 3.11.2 will be used to build dependencies instead.
error: No solution found when resolving dependencies
  cause: Because pandas==3.0 depends on numpy>=2 and you require pandas==3.0, we can conclude that you require numpy>=2.
         And because you require numpy==1.26.4+conda, we can conclude that your requirements are unsatisfiable.
",
        expect![[r#"Unsolvable { why: ["Because pandas==3.0 depends on numpy>=2 and you require pandas==3.0, we can conclude that you require numpy>=2.", "And because you require numpy==1.26.4 (conda's), we can conclude that your requirements are unsatisfiable."] }"#]],
    );
    check(
        "error: Request failed after 3 retries in 4.2s
  cause: Failed to fetch: https://me:very-secret@pypi.corp/simple/six/ https://you:else@host/x
  cause: Connection refused (os error 111)
",
        expect![[
            r#"Failed { why: ["Request failed after 3 retries in 4.2s", "Failed to fetch: https://me:${TOKEN}@pypi.corp/simple/six/ https://host/x", "Connection refused (os error 111)"] }"#
        ]],
    );
}

/// Short names and tokens stand in many words.
#[test]
fn what_variables_hold_does_not_hide_what_uv_says() {
    let check = |stderr: &str, expected: Expect| {
        let question = Question {
            variables: pairs(&[
                ("PIN", "on"),
                ("TOKEN", "very-secret"),
                ("USER", "me"),
                ("VERY", "very-s"),
            ]),
            ..question(&[])
        };
        expected.assert_eq(&format!("{:?}", failure(&question, stderr)));
    };
    check(
        "error: No solution found when resolving dependencies
  cause: Because jmespath==1 depends on me and you require https://me:on@host/very-secret/some-1.whl, none fits.
",
        expect![[r#"Unsolvable { why: ["Because jmespath==1 depends on me and you require https://${USER}:${PIN}@host/${TOKEN}/so${USER}-1.whl, none fits."] }"#]],
    );
    check(
        "hint: Wheels are required for `some-name` because building from source is disabled
",
        expect![[r#"NeedsBuild { name: "some-name" }"#]],
    );
}

#[test]
fn extras_of_what_conda_provides_are_named() {
    let stderr =
        "warning: The package `uvicorn==0.30.1+conda` does not have an extra named `standard`
warning: The package `dask==2.0` does not have an extra named `x`
";
    let lost = ("uvicorn".to_owned(), "standard".to_owned());
    assert_eq!(lost_extras(stderr), [lost]);
}
