//! MM114: a platform that conda does not know.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::UNKNOWN_PLATFORM,
    name: "unknown-platform",
    severity: Severity::Warning,
    summary: "A platform that conda does not know.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
An entry of `platforms:` that is no subdir that packages are built for. `noarch` is none.

## Why
conda-lock stops at it; conda and micromamba do not read `platforms:`.

## Example
```yaml
platforms:
  - linux-arm64
```

## How to mend it
Use conda's names: `linux-64`, `linux-aarch64`, `osx-64`, `osx-arm64`, `win-64`.
",
};
