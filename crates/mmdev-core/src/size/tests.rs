//! Images whose bytes are counted.

use expect_test::{Expect, expect};

use super::*;

/// An image of such files: path, bytes, and the text of those that are read.
fn image(files: &[(&str, u64, &str)]) -> Vec<ImageFile> {
    let files = files.iter();
    files
        .map(|(path, bytes, text)| ImageFile {
            path: (*path).to_owned(),
            bytes: *bytes,
            text: is_read(path).then(|| (*text).to_owned()),
        })
        .collect()
}

fn check(files: &[(&str, u64, &str)], expected: Expect) {
    let files = image(files);
    let sizes = Sizes::of(&files);
    let mut text = format!("unowned {} system {}\n", sizes.unowned, sizes.system);
    for package in &sizes.packages {
        text += &format!(
            "{} {} {} [{}] {} in {}\n",
            package.manager.name(),
            package.name,
            package.version,
            package.prefix,
            package.bytes,
            package.files
        );
    }
    for file in &sizes.files {
        let package = file.package.map(|package| &sizes.packages[package].name);
        text += &format!(
            "{:>4} {} {}\n",
            file.bytes,
            file.path,
            package.map_or("-", String::as_str)
        );
    }
    for (what, (bytes, files)) in &sizes.left_out {
        text += &format!("without {what}: {bytes} in {files}\n");
    }
    expected.assert_eq(&text);
}

const PYTHON: &str =
    r#"{"name": "python", "version": "3.12.1", "files": ["bin/python", "lib/python3.12/os.py"]}"#;

#[test]
fn files_are_their_packages() {
    check(
        &[
            ("usr/bin/bash", 50, ""),
            ("opt/conda/bin/python", 900, ""),
            ("opt/conda/lib/python3.12/os.py", 20, ""),
            (
                "opt/conda/lib/python3.12/__pycache__/os.cpython-312.pyc",
                21,
                "",
            ),
            ("opt/conda/conda-meta/python-3.12.1-0.json", 5, PYTHON),
            ("opt/conda/conda-meta/history", 3, ""),
            ("opt/conda/pkgs/cache/x.json", 7, ""),
            ("opt/condah", 1, ""),
        ],
        expect![[r#"
            unowned 10 system 51
            conda python 3.12.1 [opt/conda] 946 in 4
             900 opt/conda/bin/python python
              50 usr/bin/bash -
              21 opt/conda/lib/python3.12/__pycache__/os.cpython-312.pyc python
              20 opt/conda/lib/python3.12/os.py python
               7 opt/conda/pkgs/cache/x.json -
               5 opt/conda/conda-meta/python-3.12.1-0.json python
               3 opt/conda/conda-meta/history -
               1 opt/condah -
            without compiled copies of Python files: 21 in 1
            without package cache: 7 in 1
        "#]],
    );
}

#[test]
fn wheels_of_pip_are_told_from_those_in_conda_packages() {
    let rich = r#"{"name": "rich", "version": "14.0", "files": ["lib/site-packages/rich-14.0.dist-info/RECORD",
        "lib/site-packages/rich/a.py"]}"#;
    check(
        &[
            ("opt/conda/envs/a/conda-meta/rich-14.0-0.json", 1, rich),
            (
                "opt/conda/envs/a/lib/site-packages/rich-14.0.dist-info/RECORD",
                1,
                "rich/a.py,,\n",
            ),
            ("opt/conda/envs/a/lib/site-packages/rich/a.py", 10, ""),
            (
                "opt/conda/conda-meta/none-1-0.json",
                1,
                r#"{"name": "none", "version": "1"}"#,
            ),
            (
                "opt/conda/envs/a/lib/site-packages/tool-2.0.dist-info/RECORD",
                4,
                "../../bin/tool,sha256=0,9\r\n\"tool/a,\"\"b.py\",,\ntool-2.0.dist-info/RECORD,,\nrich/a.py,,\n",
            ),
            ("opt/conda/envs/a/bin/tool", 100, ""),
            ("opt/conda/envs/a/lib/site-packages/tool/a,\"b.py", 20, ""),
            ("usr/lib/python3/x-1.dist-info/RECORD", 2, "/usr/bin/x,,"),
            ("usr/bin/x", 8, ""),
        ],
        expect![[r#"
            unowned 0 system 0
            pip tool 2.0 [opt/conda/envs/a] 124 in 3
            conda rich 14.0 [opt/conda/envs/a] 12 in 3
            pip x 1 [] 10 in 2
            conda none 1 [opt/conda] 1 in 1
             100 opt/conda/envs/a/bin/tool tool
              20 opt/conda/envs/a/lib/site-packages/tool/a,"b.py tool
              10 opt/conda/envs/a/lib/site-packages/rich/a.py rich
               8 usr/bin/x x
               4 opt/conda/envs/a/lib/site-packages/tool-2.0.dist-info/RECORD tool
               2 usr/lib/python3/x-1.dist-info/RECORD x
               1 opt/conda/conda-meta/none-1-0.json none
               1 opt/conda/envs/a/conda-meta/rich-14.0-0.json rich
               1 opt/conda/envs/a/lib/site-packages/rich-14.0.dist-info/RECORD rich
        "#]],
    );
}

#[test]
fn what_cannot_be_read_is_nobodys() {
    check(
        &[("opt/conda/conda-meta/broken-1-0.json", 9, "{")],
        expect![[r#"
            unowned 9 system 0
               9 opt/conda/conda-meta/broken-1-0.json -
        "#]],
    );
}
