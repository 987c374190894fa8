//! MM805: a lock was changed by hand.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::lock::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::EDITED,
    name: "edited-lock",
    severity: Severity::Warning,
    summary: "A lock was changed by hand.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
A `conda-lock.yml` whose first line holds the hash of another text than the one below it.

## Why
A lock is a solution: a version that was changed in it may fit nothing else, its hash is of another file, and the next
`mmdev lock` overwrites the change.

## Example
```yaml
# mmdev: 0123456789abcdef
version: 1
```

## How to mend it
Edit the spec instead, and run `mmdev lock`.
",
};
