//! MM802: a lock has a format that is not known.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::lock::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::VERSION,
    name: "lock-version",
    severity: Severity::Error,
    summary: "A lock has a format that is not known.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
A `conda-lock.yml` whose `version` is missing, or is not 1.

## Why
Version 1 of the unified format is the one that conda-lock, micromamba and mamba read; they stop at any other.

## Example
```yaml
version: 4
```

## How to mend it
Run `mmdev lock`, which writes the lock anew, or a newer mmdev, if it was one that wrote the lock.
",
};
