//! Workflow commands of GitHub Actions, which become annotations beside the lines that they are about.

use mmdev_core::diagnostic::Severity;
use mmdev_core::text::LineIndex;

use super::super::examine::Found;
use super::{Region, path_from, root};

/// The commands for everything that was found.
pub(super) fn text(found: &Found) -> String {
    let root = root(found);
    let mut text = String::new();
    for findings in &found.files {
        let lines = LineIndex::new(&findings.text);
        let file = property(&path_from(&root, found, &findings.file));
        for diagnostic in findings.sorted() {
            let Region { start, end } = Region::of(&lines, diagnostic);
            // An annotation of several lines has no columns.
            let place = match start.line == end.line {
                true => format!(
                    "line={},col={},endLine={},endColumn={}",
                    start.line, start.column, end.line, end.column
                ),
                false => format!("line={},endLine={}", start.line, end.line),
            };
            text.push_str(&format!(
                "::{} file={file},{place},title={}::{}\n",
                level(diagnostic.severity),
                diagnostic.code,
                message(&diagnostic.message, diagnostic.hint.as_deref())
            ));
        }
    }
    for problem in &found.problems {
        text.push_str(&format!(
            "::{} title={}::{}\n",
            level(problem.severity),
            problem.code,
            message(&problem.message, problem.hint.as_deref())
        ));
    }
    text
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information => "notice",
    }
}

fn message(message: &str, hint: Option<&str>) -> String {
    match hint {
        Some(hint) => escaped(&format!("{message}\nhint: {hint}")),
        None => escaped(message),
    }
}

fn escaped(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_command_is_escaped() {
        assert_eq!(property("a,b:c%\n\r"), "a%2Cb%3Ac%25%0A%0D");
        assert_eq!(message("50%: a,b", Some("c")), "50%25: a,b%0Ahint: c");
    }
}
