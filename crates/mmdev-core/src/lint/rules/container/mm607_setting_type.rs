//! MM607: a setting has a value of another type than it takes.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::settings;

pub(super) static RULE: Rule = Rule {
    code: settings::WRONG_TYPE,
    name: "setting-type",
    severity: Severity::Error,
    summary: "A setting has a value of another type than it takes.",
    is_default: true,
    fix: Some(Applicability::Safe),
    check: Check::Reading,
    documentation: "\
## What it finds
A text where a setting takes a list, a number where it takes a text, and so on.

## Why
mmdev does not guess: `\"git curl\"` could be one package or two.

## Example
```json
\"systemPackages\": \"git\"
```

## How to mend it
Write the type that the message names: `\"systemPackages\": [\"git\"]` (the fix does, for a list of one).
",
};
