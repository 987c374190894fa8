//! MM107: a number, boolean or date stands where text belongs.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::NOT_A_STRING,
    name: "not-a-string",
    severity: Severity::Error,
    summary: "A number, boolean or date stands where text belongs.",
    is_default: true,
    fix: Some(Applicability::Safe),
    check: Check::Reading,
    documentation: "\
## What it finds
A value without quotes that YAML loads as another type: `3.10`, `true`, `2024-01-31`. As the environment's name \
it is a warning.

## Why
YAML loads `3.10` as the number 3.1: conda refuses it in a list, and names the environment 3.1. micromamba takes \
the text as written.

## Example
```yaml
name: 3.10
```

## How to mend it
Quote the text (`\"3.10\"`); in `dependencies:` write the package's name before its version.
",
};
