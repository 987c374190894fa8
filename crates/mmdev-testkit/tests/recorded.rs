//! Holds the stand-in micromamba against recorded sessions of the real 2.8.1:
//! each session's channel is built again, its commands are run, and exit codes,
//! output, conda-meta, history and files are compared. `MMDEV_TEST_MICROMAMBA`
//! names another program to replay with, such as the real one.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml's leave for tests does not reach their helpers"
)]

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use support::{Channel, Package, Sandbox, micromamba};

/// One recorded session.
struct Session {
    files: Vec<(String, String)>,
    commands: Vec<Command>,
    left: Vec<(String, String)>,
}

struct Command {
    line: String,
    answer: String,
}

#[test]
#[ignore = "needs MMDEV_CORPUS"]
fn recorded_sessions_are_replayed() {
    let mut sessions: Vec<PathBuf> = fs::read_dir(mmdev_testkit::corpus("micromamba"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    sessions.sort();
    assert!(sessions.len() >= 9, "the corpus holds nine sessions");
    let texts: Vec<String> = sessions
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let channel = Channel::new(&packages());
    let hashes = recorded_hashes(&texts, &channel);
    let mut failures = String::new();
    for (path, text) in sessions.iter().zip(&texts) {
        let (expected, actual) = replay(&parse(text), &channel, &hashes);
        if expected != actual {
            let _ = writeln!(
                failures,
                "==== {}\n{}",
                path.display(),
                difference(&expected, &actual)
            );
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

/// The packages of the sessions' channel, as the sessions show them.
fn packages() -> Vec<Package> {
    let plain =
        |name, version| Package::new(name, version).file(&format!("share/{name}/v"), version);
    vec![
        plain("base", "1.0"),
        plain("base", "2.0").file("share/base/new", "new"),
        // The channel's repodata is patched: the package itself says less.
        plain("mid", "1.0")
            .depends(&["base >=1"])
            .patched(&["base >=1,<2"])
            .file("share/common", "mid"),
        Package::new("clob", "1.0").file("share/common", "clob"),
        Package::new("top", "1.0")
            .depends(&["mid"])
            .file("bin/top", "#!/bin/sh\necho top\n"),
        Package::new("act", "1.0")
            .file("etc/conda/activate.d/act.sh", "export ACT=on\n")
            .file("etc/conda/deactivate.d/act.sh", "unset ACT\n"),
        Package::new("needs-cuda", "1.0")
            .depends(&["__cuda"])
            .file("share/c", "cuda"),
    ]
}

/// From each hash in the recordings' lock files to that of the package as it is built here:
/// an archive's bytes depend on the library that made it.
fn recorded_hashes(texts: &[String], channel: &Channel) -> BTreeMap<String, String> {
    let mut hashes = BTreeMap::new();
    for text in texts {
        let mut stem = "";
        for line in text.lines() {
            if let Some(url) = line.trim().strip_prefix("url: CHANNEL/linux-64/") {
                stem = url.trim_end_matches(".tar.bz2");
            }
            let Some(hash) = line.trim().strip_prefix("hash: {md5: ") else {
                continue;
            };
            let (md5, sha256) = hash.trim_end_matches('}').split_once(", sha256: ").unwrap();
            let built = &channel.hashes[stem];
            hashes.insert(md5.to_owned(), built.md5.clone());
            hashes.insert(sha256.to_owned(), built.sha256.clone());
        }
    }
    hashes
}

fn parse(text: &str) -> Session {
    let mut session = Session {
        files: Vec::new(),
        commands: Vec::new(),
        left: Vec::new(),
    };
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let mut block = String::new();
        if let Some(command) = line.strip_prefix("$ ") {
            for line in lines.by_ref() {
                let _ = writeln!(block, "{line}");
                if line.starts_with("[exit ") {
                    break;
                }
            }
            session.commands.push(Command {
                line: command.to_owned(),
                answer: block,
            });
        } else if let Some(title) = line.strip_prefix("== ") {
            while let Some(line) = lines.next_if(|line| !line.is_empty()) {
                let _ = writeln!(block, "{line}");
            }
            match title.strip_prefix("left in ") {
                Some(place) => session.left.push((place.to_owned(), block)),
                None => session.files.push((title.to_owned(), block)),
            }
        }
    }
    session
}

fn replay(
    session: &Session,
    channel: &Channel,
    hashes: &BTreeMap<String, String>,
) -> (String, String) {
    let sandbox = Sandbox::new(&micromamba());
    for (name, text) in &session.files {
        let mut text = text.replace("CHANNEL", &channel.url);
        for (recorded, built) in hashes {
            text = text.replace(recorded, built);
        }
        fs::write(sandbox.folder().join(name), text).unwrap();
    }
    let (mut expected, mut actual) = (String::new(), String::new());
    for command in &session.commands {
        let line = command.line.replace("http://127.0.0.1:18501", &channel.url);
        let (output, code) = sandbox.run(&line);
        let _ = write!(
            expected,
            "$ {}\n{}",
            command.line,
            normalised(&command.answer)
        );
        let output = placed(&output, &sandbox, channel, hashes);
        let _ = write!(
            actual,
            "$ {}\n{}[exit {code}]\n",
            command.line,
            normalised(&output)
        );
    }
    for (place, block) in &session.left {
        let prefix = place.replace("ROOT", &sandbox.root().display().to_string());
        let found = placed(&left_in(Path::new(&prefix)), &sandbox, channel, hashes);
        let _ = write!(expected, "== left in {place}\n{}", in_one_order(block));
        let _ = write!(actual, "== left in {place}\n{}", in_one_order(&found));
    }
    (expected, actual)
}

/// Addresses, folders and hashes of this run as the recordings call them.
fn placed(
    text: &str,
    sandbox: &Sandbox,
    channel: &Channel,
    hashes: &BTreeMap<String, String>,
) -> String {
    let mut text = text
        .replace(&channel.url, "CHANNEL")
        .replace(&channel.url["http://".len()..].replace(':', "_"), "CHANNEL")
        .replace(&channel.url["http://".len()..], "CHANNEL")
        .replace(&sandbox.root().display().to_string(), "ROOT")
        .replace(&sandbox.folder().display().to_string(), "DIR");
    for (recorded, built) in hashes {
        text = text.replace(built, recorded);
    }
    text
}

/// What cannot be the same for reasons that no user sees; applied to both sides.
fn normalised(text: &str) -> String {
    let mut kept = String::new();
    for line in text.lines() {
        // The recordings are without blank lines and rules.
        let is_rule = line.chars().all(|character| character == '─');
        // libmamba pours out its log buffer on an error: where it looked for rc files.
        let is_log = ["info ", "debug ", "trace "]
            .iter()
            .any(|level| line.starts_with(level) && line.contains(" libmamba "));
        // Progress depends on the speed of the machine, and the recordings are without most of it.
        let is_progress = line.starts_with("[+] ")
            || line.contains("B @ ")
            || line.contains("✔ Done")
            || line.contains("✔ Starting")
            || line.contains("⧖ Starting")
            || line.trim_end().ends_with("Using cache")
            || line.trim_end().ends_with("No change");
        // Builds after 2.8.1 warn of packages' scripts in each transaction, 2.8.1 did not.
        let is_script_warning = line.contains("libmamba Security Warning: ");
        if line.trim().is_empty() || is_rule || is_log || is_progress || is_script_warning {
            continue;
        }
        // Another YAML library explains an error in other words.
        let line = match line.split_once("yaml-cpp: ") {
            Some((before, _)) => format!("{before}yaml-cpp: ERROR"),
            None => line.to_owned(),
        };
        // Another release of the command line parser names the subcommand before its complaint.
        let line = match line.split_once(": The following argument") {
            Some((_, rest)) => format!("The following argument{rest}"),
            None => line,
        };
        // Which of two packages with one file comes second depends on the order of linking.
        let line = match line.split_once("] The following files were already") {
            Some(_) => "[PACKAGE] The following files were already".to_owned(),
            None => line,
        };
        kept.push_str(&without_widths(&line));
        kept.push('\n');
    }
    in_one_order(&kept)
}

/// Packages of a lock file are linked in an order that differs from run to run: each run of lines about them is
/// sorted.
fn in_one_order(text: &str) -> String {
    let is_linked = |line: &str| line.starts_with("Linking ") || line.starts_with("    +CHANNEL");
    let lines: Vec<&str> = text.lines().collect();
    let mut ordered = String::new();
    for group in lines.chunk_by(|one, next| is_linked(one) && is_linked(next)) {
        let mut group = group.to_vec();
        group.sort_unstable();
        for line in group {
            ordered.push_str(line);
            ordered.push('\n');
        }
    }
    ordered
}

/// An archive's size depends on the library that made it; that there is none does not.
fn without_widths(line: &str) -> String {
    let trimmed = line.trim_end();
    // A column of paths is as wide as the temporary folder's name is long.
    if trimmed.ends_with(" Path") {
        return trimmed.to_owned();
    }
    if let Some(before) = trimmed.strip_suffix(" Size") {
        return format!("{} Size", before.trim_end());
    }
    let number = trimmed
        .strip_suffix(" B")
        .or_else(|| trimmed.strip_suffix("kB"));
    let Some(number) = number else {
        return line.to_owned();
    };
    let before = number.trim_end_matches(|character: char| character.is_ascii_digit());
    match &number[before.len()..] {
        "" | "0" => line.to_owned(),
        _ => format!("{} SIZE", before.trim_end()),
    }
}

/// conda-meta, the files that it lists and history, in the recordings' form.
fn left_in(prefix: &Path) -> String {
    let mut records: Vec<PathBuf> = fs::read_dir(prefix.join("conda-meta"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    records.sort();
    let mut text = String::new();
    for path in records {
        let record: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let list = |key: &str| -> Vec<String> {
            let items = record[key].as_array().unwrap();
            items
                .iter()
                .map(|item| item.as_str().unwrap().to_owned())
                .collect()
        };
        let depends: Vec<String> = list("depends")
            .iter()
            .map(|text| format!("'{text}'"))
            .collect();
        let _ = writeln!(
            text,
            "conda-meta/{}: depends=[{}] requested_spec='{}'",
            path.file_name().unwrap().to_string_lossy(),
            depends.join(", "),
            record["requested_spec"].as_str().unwrap(),
        );
        for file in list("files") {
            let state = if prefix.join(&file).exists() {
                "there"
            } else {
                "missing"
            };
            let _ = writeln!(text, "    {file}: {state}");
        }
    }
    text.push_str("conda-meta/history:\n");
    for line in fs::read_to_string(prefix.join("conda-meta/history"))
        .unwrap()
        .lines()
    {
        let is_time = line.starts_with("==> ") && line.ends_with(" <==");
        let _ = writeln!(text, "    {}", if is_time { "==> TIME <==" } else { line });
    }
    text
}

/// The lines that differ, each with its side.
fn difference(expected: &str, actual: &str) -> String {
    let expected: Vec<&str> = expected.lines().collect();
    let actual: Vec<&str> = actual.lines().collect();
    let mut text = String::new();
    let mut rest = actual.iter().peekable();
    for line in &expected {
        if rest.peek() == Some(&line) {
            rest.next();
            let _ = writeln!(text, "  {line}");
        } else if let Some(ahead) = rest.clone().position(|other| other == line) {
            for extra in rest.by_ref().take(ahead) {
                let _ = writeln!(text, "+ {extra}");
            }
            rest.next();
            let _ = writeln!(text, "  {line}");
        } else {
            let _ = writeln!(text, "- {line}");
        }
    }
    for extra in rest {
        let _ = writeln!(text, "+ {extra}");
    }
    text
}
