//! One SARIF 2.1.0 log, for code scanning.

use std::collections::BTreeSet;

use mmdev_core::diagnostic::{Applicability, Code, Fix, Severity};
use mmdev_core::lint::{self, Rule, groups};
use mmdev_core::text::LineIndex;
use serde_json::{Value, json};

use super::super::examine::Found;
use super::{Region, path_from, root};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// The name of the folder from which paths are, as SARIF's own examples call it.
const ROOT: &str = "%SRCROOT%";

/// The log of everything that was found.
pub(super) fn text(found: &Found) -> String {
    let codes: BTreeSet<Code> = {
        let of_files = found
            .files
            .iter()
            .flat_map(|findings| &findings.diagnostics);
        let codes = of_files.map(|diagnostic| diagnostic.code);
        codes
            .chain(found.problems.iter().map(|problem| problem.code))
            .collect()
    };
    let rules: Vec<&Rule> = lint::rules()
        .filter(|rule| codes.contains(&rule.code))
        .collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "mmdev",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules.iter().map(|rule| describe(rule)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {
                ROOT: { "description": { "text": "The root of the work tree" } },
            },
            "results": results(found, &rules),
        }],
    });
    format!("{log:#}\n")
}

fn describe(rule: &Rule) -> Value {
    let group = groups()
        .iter()
        .find(|group| rule.code.0[2..].starts_with(group.digit));
    json!({
        "id": rule.code.0,
        "name": rule.name,
        "shortDescription": { "text": rule.summary },
        "help": {
            "text": format!("{}\n\n{}", rule.summary, rule.documentation.trim()),
            "markdown": rule.documentation.trim(),
        },
        "helpUri": rule.url(),
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": { "tags": group.map(|group| group.title).into_iter().collect::<Vec<_>>() },
    })
}

fn results(found: &Found, rules: &[&Rule]) -> Vec<Value> {
    let root = root(found);
    let mut results = Vec::new();
    for findings in &found.files {
        let lines = LineIndex::new(&findings.text);
        let artifact = artifact(&path_from(&root, found, &findings.file));
        for diagnostic in findings.sorted() {
            let mut result = result(
                rules,
                diagnostic.code,
                diagnostic.severity,
                &diagnostic.message,
                diagnostic.hint.as_deref(),
            );
            result["locations"] = json!([{ "physicalLocation": {
                "artifactLocation": artifact,
                "region": region(&Region::of(&lines, diagnostic)),
            } }]);
            if let Some(fix) = &diagnostic.fix {
                result["fixes"] = json!([repair(fix, &artifact, &lines)]);
            }
            results.push(result);
        }
    }
    for problem in &found.problems {
        let mut result = result(
            rules,
            problem.code,
            problem.severity,
            &problem.message,
            problem.hint.as_deref(),
        );
        // Code scanning shows nothing that has no file: the project's first one stands for it.
        if let Some(findings) = found.files.first() {
            result["locations"] = json!([{ "physicalLocation": {
                "artifactLocation": artifact(&path_from(&root, found, &findings.file)),
            } }]);
        }
        results.push(result);
    }
    results
}

fn result(
    rules: &[&Rule],
    code: Code,
    severity: Severity,
    message: &str,
    hint: Option<&str>,
) -> Value {
    let text = match hint {
        Some(hint) => format!("{message}\n{hint}"),
        None => message.to_owned(),
    };
    let mut result = json!({
        "ruleId": code.0,
        "level": level(severity),
        "message": { "text": text },
    });
    if let Some(index) = rules.iter().position(|rule| rule.code == code) {
        result["ruleIndex"] = index.into();
    }
    result
}

fn repair(fix: &Fix, artifact: &Value, lines: &LineIndex<'_>) -> Value {
    let replacements: Vec<Value> = fix
        .edits
        .iter()
        .map(|edit| {
            let deleted = Region {
                start: lines.line_column(edit.span.start),
                end: lines.line_column(edit.span.end),
            };
            json!({
                "deletedRegion": region(&deleted),
                "insertedContent": { "text": edit.text },
            })
        })
        .collect();
    json!({
        "description": { "text": fix.title },
        "artifactChanges": [{ "artifactLocation": artifact, "replacements": replacements }],
        "properties": { "safe": fix.applicability == Applicability::Safe },
    })
}

fn region(Region { start, end }: &Region) -> Value {
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information => "note",
    }
}

/// A path from the root; one that is elsewhere has no base.
fn artifact(path: &str) -> Value {
    match path.strip_prefix('/') {
        Some(_) => json!({ "uri": format!("file://{}", percent_encoded(path)) }),
        None => json!({ "uri": percent_encoded(path), "uriBaseId": ROOT }),
    }
}

/// A path in a URI (RFC 3986): all but what needs no escape there, byte by byte.
fn percent_encoded(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_uris() {
        assert_eq!(percent_encoded("a b/é:1.yaml"), "a%20b/%C3%A9%3A1.yaml");
        assert_eq!(artifact("/x")["uri"], "file:///x");
    }
}
