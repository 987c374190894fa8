//! MM112: a name that cannot name an environment variable everywhere.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::VARIABLE_NAME,
    name: "variable-name",
    severity: Severity::Error,
    summary: "A name that cannot name an environment variable everywhere.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
A name in `variables:` with other characters than letters, digits and `_`, or beginning with a digit. It is an \
error where no system takes it: an empty name, or one with `=`.

## Why
CEP 24 asks for names that work on every system. A shell cannot set or read `MY-NAME`, and mmdev makes the \
container without it.

## Example
```yaml
variables:
  MY-NAME: value
```

## How to mend it
Use letters, digits and `_`.
",
};
