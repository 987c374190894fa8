//! How many findings each rule has.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use mmdev_core::diagnostic::Code;
use mmdev_core::lint;

use super::super::examine::Found;
use crate::json::Message;
use crate::printer::{LITERAL, Printer};

/// Writes a line for each rule, the commonest first.
pub(in super::super) fn print(printer: &Printer, found: &Found) {
    // Of each rule: its findings, and those of them that can be mended.
    let mut counts: BTreeMap<Code, (usize, usize)> = BTreeMap::new();
    for findings in &found.files {
        for diagnostic in &findings.diagnostics {
            let (all, fixable) = counts.entry(diagnostic.code).or_default();
            *all += 1;
            *fixable += usize::from(diagnostic.fix.is_some());
        }
    }
    for problem in &found.problems {
        counts.entry(problem.code).or_default().0 += 1;
    }
    let mut sorted: Vec<_> = counts.into_iter().collect();
    sorted.sort_by_key(|(code, (all, _))| (Reverse(*all), *code));
    for (code, (count, fixable)) in sorted {
        let name = lint::rule(code.0).map_or("", |rule| rule.name);
        printer.message(&Message::RuleCount {
            code: code.0,
            name,
            count,
            fixable,
        });
        let mendable = match fixable {
            0 => String::new(),
            _ => format!(" ({fixable} fixable)"),
        };
        printer.result(&format!(
            "{count:>6} {LITERAL}{code}{LITERAL:#} {name}{mendable}\n"
        ));
    }
}
