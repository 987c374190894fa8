//! `mmdev rules`: the list of all rules.

use anstyle::Style;
use mmdev_core::diagnostic::Applicability;
use mmdev_core::lint::{Group, Rule, groups};

use crate::error::{Result, Status};
use crate::json::{Message, severity};
use crate::printer::{LITERAL, Printer};

const HEADING: Style = Style::new().bold();

/// Lists every rule, by code.
pub(crate) fn rules(printer: &Printer) -> Result {
    for group in groups() {
        printer.result(&format!("{HEADING}{}{HEADING:#}\n", group.title));
        for rule in group.rules {
            printer.message(&message(group, rule, None));
            let mut remarks = vec![severity(rule.severity)];
            remarks.extend((!rule.is_default).then_some("only where selected"));
            remarks.extend(fix(rule).map(|fix| match fix {
                "safe" => "has a fix",
                _ => "has an unsafe fix",
            }));
            printer.result(&format!(
                "  {LITERAL}{}{LITERAL:#} {} ({}): {}\n",
                rule.code,
                rule.name,
                remarks.join(", "),
                rule.summary
            ));
        }
    }
    Ok(Status::Done)
}

/// A rule as a program reads of it.
pub(crate) fn message(
    group: &Group,
    rule: &'static Rule,
    documentation: Option<&'static str>,
) -> Message<'static> {
    Message::Rule {
        code: rule.code.0,
        name: rule.name,
        group: group.title,
        severity: severity(rule.severity),
        default: rule.is_default,
        fix: fix(rule),
        summary: rule.summary,
        url: rule.url(),
        documentation,
    }
}

fn fix(rule: &Rule) -> Option<&'static str> {
    rule.fix.map(|applicability| match applicability {
        Applicability::Safe => "safe",
        Applicability::Unsafe => "unsafe",
    })
}
