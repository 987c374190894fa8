//! MM801: a lock lacks what a lock must have.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::lock::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::MALFORMED,
    name: "malformed-lock",
    severity: Severity::Error,
    summary: "A lock lacks what a lock must have.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
A `conda-lock.yml` in which something is missing, is of another type, or stands there twice: `metadata`, a package's
name, URL or hash, a platform that is no conda subdir.

## Why
conda-lock stops at it (its models take nothing else), and micromamba installs what it understood.

## Example
```yaml
version: 1
package:
- name: zlib
  manager: conda
```

## How to mend it
Run `mmdev lock`, which writes the lock anew.
",
};
