//! MM219: a package name is written in upper case.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::match_spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::UPPER_CASE_NAME,
    name: "upper-case-name",
    severity: Severity::Information,
    summary: "A package name is written in upper case.",
    is_default: true,
    fix: Some(Applicability::Safe),
    check: Check::Reading,
    documentation: "\
## What it finds
A package name with capital letters.

## Why
Names of conda packages are in lower case; every tool reads the name so. Written as it is read, it is found \
by searching.

## Example
```yaml
dependencies:
  - NumPy
```

## How to mend it
Apply the fix, or leave it.
",
};
