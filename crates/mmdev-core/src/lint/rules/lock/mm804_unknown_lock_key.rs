//! MM804: a lock has a key that conda-lock does not know.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::lock::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::UNKNOWN_KEY,
    name: "unknown-lock-key",
    severity: Severity::Warning,
    summary: "A lock has a key that conda-lock does not know.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
A key in a `conda-lock.yml` that is none of the format.

## Why
conda-lock refuses the whole file; mmdev and micromamba pass over the key.

## Example
```yaml
version: 1
metadata: {}
package: []
extra: true
```

## How to mend it
Remove the key. What other programs want to keep in a lock belongs into `custom_metadata`.
",
};
