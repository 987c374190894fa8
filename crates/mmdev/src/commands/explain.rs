//! `mmdev explain`: the documentation of one rule, or the list of all.

use anstyle::Style;
use mmdev_core::lint::{Rule, rule, rules};

use crate::error::{Error, Result, Status};
use crate::json::{Message, severity};
use crate::printer::{LITERAL, Printer};

const HEADING: Style = Style::new().bold();

/// Explains the rule of that code or name; lists all rules without one.
pub(crate) fn explain(printer: &Printer, code: Option<&str>) -> Result {
    let Some(code) = code else {
        for rule in rules() {
            printer.message(&message(rule));
            printer.result(&format!(
                "{LITERAL}{}{LITERAL:#} {}: {}\n",
                rule.code, rule.name, rule.summary
            ));
        }
        return Ok(Status::Done);
    };
    let named = || rules().find(|rule| rule.name == code);
    let Some(rule) = rule(code).or_else(named) else {
        let mut error = Error::invocation(format!("there is no rule `{code}`"));
        if let Some(near) = nearest(code) {
            error = error.with_hint(format!("did you mean {near}? mmdev explain {near}"));
        }
        return Err(error.with_hint("list all rules: mmdev explain"));
    };
    printer.message(&message(rule));
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

fn message(rule: &Rule) -> Message<'_> {
    Message::Rule {
        code: rule.code.0,
        name: rule.name,
        severity: severity(rule.severity),
        summary: rule.summary,
        documentation: rule.documentation,
    }
}
