//! Rules of the house that no compiler checks.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Which of our crates a crate may depend on, besides the testkit in tests.
const EDGES: &[(&str, &[&str])] = &[
    ("mmdev-core", &[]),
    ("mmdev-conda", &["mmdev-core"]),
    ("mmdev-docker", &["mmdev-core"]),
    ("mmdev-lsp", &["mmdev-core"]),
    (
        "mmdev",
        &["mmdev-core", "mmdev-conda", "mmdev-docker", "mmdev-lsp"],
    ),
    ("mmdev-testkit", &[]),
    ("xtask", &[]),
];

/// All that the core may depend on. An addition needs a strong reason: each is
/// compiled by everybody who changes a line of the core, and must be pure.
const CORE_MAY_USE: &[&str] = &[
    "granit-parser",
    "jsonc-parser",
    "line-index",
    "pep508_rs",
    "rattler_conda_version",
    "serde_json",
    "sha2",
    "strsim",
    "toml",
];

/// The modules of the core from the ground up. A module uses those of the lines before its own and of its own line;
/// `lint` holds the documentation of every code, so it names them all and nobody but `editor` and the outer crates uses it.
const CORE_ORDER: &[&[&str]] = &[
    &[
        "hash",
        "stamp",
        "subdir",
        "text",
        "diagnostic",
        "index",
        "virtual_packages",
    ],
    &["syntax"],
    &["match_spec"],
    &["spec"],
    &["amend", "settings"],
    &["lock"],
    &["project"],
    &["artifact", "base_image"],
    &["container", "size"],
    &["change", "reconcile"],
    &["lint"],
    &["editor"],
];

/// Code lines that a file may have, tests aside: those are data.
const LONGEST_FILE: usize = 500;

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .unwrap()
}

/// The files that git knows or would add, with one of these endings.
fn files(endings: &[&str]) -> Vec<PathBuf> {
    let output = Command::new("git")
        .args(["-c", "safe.directory=*", "ls-files", "-z"])
        .args(["--cached", "--others", "--exclude-standard"])
        .current_dir(workspace())
        .output()
        .unwrap();
    assert!(output.status.success(), "git ls-files failed");
    let mut files: Vec<PathBuf> = String::from_utf8(output.stdout)
        .unwrap()
        .split('\0')
        .filter(|path| endings.iter().any(|ending| path.ends_with(ending)))
        .map(PathBuf::from)
        .filter(|path| workspace().join(path).is_file())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no {endings:?} found");
    files
}

fn read(path: &Path) -> String {
    fs::read_to_string(workspace().join(path)).unwrap_or_default()
}

/// Fails with all problems at once, one a line.
#[track_caller]
fn none(problems: Vec<String>) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

fn metadata() -> serde_json::Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps"])
        .current_dir(workspace())
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn crates_depend_only_where_the_architecture_says() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    let ours: BTreeSet<&str> = packages
        .iter()
        .map(|package| package["name"].as_str().unwrap())
        .collect();
    let allowed: BTreeMap<_, _> = EDGES.iter().copied().collect();
    let mut problems = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let Some(allowed) = allowed.get(name) else {
            problems.push(format!("{name}: say in EDGES which crates it may use"));
            continue;
        };
        for dependency in package["dependencies"].as_array().unwrap() {
            let on = dependency["name"].as_str().unwrap();
            let in_tests = dependency["kind"] == "dev";
            if ours.contains(on) && !allowed.contains(&on) && !(in_tests && on == "mmdev-testkit") {
                problems.push(format!("{name} must not depend on {on}"));
            }
            if name == "mmdev-core" && !in_tests && !CORE_MAY_USE.contains(&on) {
                problems.push(format!("the core must not depend on {on}"));
            }
        }
    }
    none(problems);
}

/// The modules that a line of the core names, comments aside.
fn modules_named(line: &str) -> impl Iterator<Item = &str> {
    let code = line.split("//").next().unwrap_or_default();
    code.split("crate::").skip(1).map(|rest| {
        let end = rest.find(|char: char| !(char.is_ascii_lowercase() || char == '_'));
        &rest[..end.unwrap_or(rest.len())]
    })
}

#[test]
fn inside_the_core_nothing_flows_back() {
    let rank = |module: &str| CORE_ORDER.iter().position(|line| line.contains(&module));
    let mut problems = Vec::new();
    for file in files(&[".rs"]) {
        let Ok(inside) = file.strip_prefix("crates/mmdev-core/src") else {
            continue;
        };
        let module = inside.iter().next().unwrap().to_str().unwrap();
        let module = module.trim_end_matches(".rs");
        if module == "lib" {
            continue;
        }
        let Some(own) = rank(module) else {
            problems.push(format!("{}: say its place in CORE_ORDER", file.display()));
            continue;
        };
        let text = read(&file);
        let is_tests = file
            .iter()
            .any(|part| part == "tests" || part == "tests.rs");
        let lines = text
            .lines()
            .take_while(|line| !is_tests && !line.starts_with("mod tests {"));
        for (index, line) in lines.enumerate() {
            for used in modules_named(line) {
                if rank(used).is_some_and(|used| used > own) {
                    problems.push(format!(
                        "{}:{}: {module} stands below {used}",
                        file.display(),
                        index + 1
                    ));
                }
            }
        }
    }
    none(problems);
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    let mut problems = Vec::new();
    for file in files(&["/Cargo.toml"]) {
        let manifest: toml::Table = toml::from_str(&read(&file)).unwrap();
        let takes = manifest
            .get("lints")
            .and_then(|lints| lints.get("workspace"));
        if takes != Some(&toml::Value::Boolean(true)) {
            problems.push(format!("{}: no `lints.workspace = true`", file.display()));
        }
    }
    none(problems);
}

#[test]
fn every_file_says_what_it_is_for() {
    let mut problems = Vec::new();
    for (endings, begin) in [(&[".rs"][..], "//! "), (&[".ts", ".mjs"], "/**")] {
        for file in files(endings) {
            if !read(&file).starts_with(begin) {
                let file = file.display();
                problems.push(format!("{file}:1: begin with `{begin}` and what it is for"));
            }
        }
    }
    none(problems);
}

/// `cargo xtask test` runs ignored tests where there is a corpus: another reason would hide a test.
#[test]
fn a_test_is_left_out_only_where_there_is_no_real_data() {
    let mut problems = Vec::new();
    for file in files(&[".rs"]) {
        for (index, line) in read(&file).lines().enumerate() {
            let line = line.trim();
            if line.starts_with("#[ignore") && line != "#[ignore = \"needs MMDEV_CORPUS\"]" {
                problems.push(format!("{}:{}: {line}", file.display(), index + 1));
            }
        }
    }
    none(problems);
}

#[test]
fn hooks_install_the_wheel_of_this_version() {
    let manifest: toml::Table = toml::from_str(&read(Path::new("pyproject.toml"))).unwrap();
    let wanted = format!("mmdev=={}", env!("CARGO_PKG_VERSION"));
    assert_eq!(
        manifest["project"]["dependencies"].as_array().unwrap(),
        &[toml::Value::from(wanted)]
    );
}

/// Lines of code: neither blank nor comments, and without the unit tests at a
/// file's end.
fn code_lines(text: &str) -> usize {
    text.lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("mod tests {"))
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .count()
}

#[test]
fn no_file_is_long_without_a_reason() {
    let problems = files(&[".rs"])
        .into_iter()
        .filter(|file| {
            let mut parts = file.iter();
            !parts.any(|part| part == "tests" || part == "tests.rs")
        })
        .map(|file| (code_lines(&read(&file)), file))
        .filter(|(lines, file)| {
            *lines > LONGEST_FILE && !read(file).contains("\n// tidy: long because ")
        })
        .map(|(lines, file)| {
            format!(
                "{}: {lines} lines of code; split it by concept, or write `// tidy: long because …`",
                file.display()
            )
        })
        .collect();
    none(problems);
}

#[test]
fn nothing_of_one_machine_is_written_down() {
    let here = workspace().display().to_string();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let target = target.parent().unwrap().display().to_string();
    let mut problems = Vec::new();
    for file in files(&[
        ".rs", ".toml", ".md", ".yml", ".json", ".ts", ".mjs", ".ci/run",
    ]) {
        if file.starts_with("tests/fixtures") || file.ends_with("package-lock.json") {
            continue;
        }
        for (index, line) in read(&file).lines().enumerate() {
            if let Some(path) = [&here, &target]
                .into_iter()
                .find(|path| line.contains(*path))
            {
                problems.push(format!("{}:{}: names {path}", file.display(), index + 1));
            }
        }
    }
    none(problems);
}

/// The targets of the links `[text](target)` of a Markdown text, with their
/// line numbers; not those in code.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        // Every second part stands between backticks.
        for part in line.split('`').step_by(2) {
            for rest in part.split("](").skip(1) {
                if let Some((target, _)) = rest.split_once(')') {
                    found.push((index + 1, target.to_owned()));
                }
            }
        }
    }
    found
}

#[test]
fn every_link_in_the_docs_leads_somewhere() {
    let mut problems = Vec::new();
    for file in files(&[".md"]) {
        let folder = workspace().join(&file);
        let folder = folder.parent().unwrap();
        for (line, target) in links(&read(&file)) {
            let path = target.split('#').next().unwrap_or_default();
            if path.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            if !folder.join(path).exists() {
                problems.push(format!("{}:{line}: no {path}", file.display()));
            }
        }
    }
    none(problems);
}

#[test]
fn the_checks_see_what_they_look_for() {
    assert_eq!(
        code_lines("//! a\n\nfn a() {\n    // b\n}\nmod tests {\nx\n"),
        2
    );
    assert_eq!(
        modules_named("use crate::text::Span; // crate::lint").collect::<Vec<_>>(),
        ["text"]
    );
    assert_eq!(
        links("see [a](b.md#c) and `[x](y)`\n```\n[no](no.md)\n```\n[d](e)"),
        [(1, "b.md#c".to_owned()), (5, "e".to_owned())]
    );
}
