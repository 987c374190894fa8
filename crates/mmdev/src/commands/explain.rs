//! `mmdev explain`: the documentation of one rule.

use anstyle::Style;
use mmdev_core::lint::{groups, rule, rules};

use super::rules::message;
use crate::error::{Error, Result, Status};
use crate::json::severity;
use crate::printer::Printer;

const HEADING: Style = Style::new().bold();

/// Explains the rule of that code or name.
pub(crate) fn explain(printer: &Printer, code: &str) -> Result {
    let named = || rules().find(|rule| rule.name == code);
    let Some(rule) = rule(code).or_else(named) else {
        let mut error = Error::invocation(format!("there is no rule `{code}`"));
        if let Some(near) = nearest(code) {
            error = error.with_hint(format!("did you mean {near}? mmdev explain {near}"));
        }
        return Err(error.with_hint("list all rules: mmdev rules"));
    };
    if let Some(group) = groups()
        .iter()
        .find(|group| group.rules.iter().any(|own| own.code == rule.code))
    {
        printer.message(&message(group, rule, Some(rule.documentation)));
    }
    printer.result(&format!(
        "{HEADING}{} {}{HEADING:#} ({})\n\n{}\n\n",
        rule.code,
        rule.name,
        severity(rule.severity),
        rule.summary
    ));
    for line in rule.documentation.trim().lines() {
        match line.strip_prefix("## ") {
            Some(title) => printer.result(&format!("{HEADING}{title}{HEADING:#}\n")),
            None => printer.result(&format!("{line}\n")),
        }
    }
    Ok(Status::Done)
}

fn nearest(code: &str) -> Option<&'static str> {
    let code = code.to_lowercase();
    rules()
        .flat_map(|rule| [rule.code.0, rule.name])
        .map(|candidate| {
            let similarity = strsim::jaro_winkler(&candidate.to_lowercase(), &code);
            (similarity, candidate)
        })
        .filter(|(similarity, _)| *similarity > 0.8)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, candidate)| candidate)
}
