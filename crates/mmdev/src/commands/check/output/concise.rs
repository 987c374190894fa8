//! `file:line:column: severity[CODE] message`, a line for each finding: what editors, `grep` and `sort` understand.

use mmdev_core::text::LineIndex;

use super::super::examine::Found;
use super::Region;
use crate::json::severity;
use crate::printer::visible;

/// The lines of everything that was found.
pub(super) fn text(found: &Found) -> String {
    let mut text = String::new();
    for findings in &found.files {
        let lines = LineIndex::new(&findings.text);
        let file = one_line(&findings.file);
        for diagnostic in findings.sorted() {
            let place = Region::of(&lines, diagnostic).start;
            text.push_str(&format!(
                "{file}:{}:{}: {}[{}] {}\n",
                place.line,
                place.column,
                severity(diagnostic.severity),
                diagnostic.code,
                one_line(&diagnostic.message)
            ));
        }
    }
    for problem in &found.problems {
        text.push_str(&format!(
            "{}[{}] {}\n",
            severity(problem.severity),
            problem.code,
            one_line(&problem.message)
        ));
    }
    text
}

fn one_line(text: &str) -> String {
    visible(text).replace('\n', "\\n")
}
