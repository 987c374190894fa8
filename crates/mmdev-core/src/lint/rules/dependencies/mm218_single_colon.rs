//! MM218: what stands before a single colon is passed over.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::match_spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::COLON,
    name: "single-colon",
    severity: Severity::Warning,
    summary: "What stands before a single colon is passed over.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Reading,
    documentation: "\
## What it finds
`name:version` and `channel:name` with one colon.

## Why
Between two colons stands a namespace, which no tool uses yet. So `numpy:1.26` asks for a package named \
`1.26`, and `conda-forge:numpy` takes numpy from any channel.

## Example
```yaml
dependencies:
  - numpy:1.26
  - conda-forge:numpy
```

## How to mend it
Write `numpy=1.26` for a version, `conda-forge::numpy` for a channel.
",
};
