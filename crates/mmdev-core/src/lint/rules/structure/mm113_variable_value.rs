//! MM113: a variable's value is read differently by conda.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::VARIABLE_VALUE,
    name: "variable-value",
    severity: Severity::Warning,
    summary: "A variable's value is read differently by conda.",
    is_default: true,
    fix: Some(Applicability::Safe),
    check: Check::Reading,
    documentation: "\
## What it finds
A value without quotes that conda turns into another text (`true` becomes `True`, `1.10` becomes `1.1`), which \
is information; a variable without a value, which is a warning.

## Why
conda loads the value as a boolean or number and makes a text of that. micromamba and mmdev take what is \
written.

## Example
```yaml
variables:
  DEBUG: true
```

## How to mend it
Quote the value.
",
};
