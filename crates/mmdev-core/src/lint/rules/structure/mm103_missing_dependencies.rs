//! MM103: `dependencies:` is missing.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::MISSING_DEPENDENCIES,
    name: "missing-dependencies",
    severity: Severity::Error,
    summary: "`dependencies:` is missing.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
A spec without the one key that it must have.

## Why
CEP 24 requires it and conda refuses the file; micromamba makes an empty environment.

## Example
```yaml
name: my-environment
channels:
  - conda-forge
```

## How to mend it
Add `dependencies:` and a list of packages.
",
};
