//! MM214: a `*` stands inside a version.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::match_spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::INNER_GLOB,
    name: "inner-glob",
    severity: Severity::Error,
    summary: "A `*` stands inside a version.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Reading,
    documentation: "\
## What it finds
A `*` that more of the version follows.

## Why
conda and micromamba make a pattern of it; rattler, and with it pixi and mmdev's own solver, refuses \
patterns in versions.

## Example
```yaml
dependencies:
  - numpy=1.*.4
```

## How to mend it
Write a range such as `>=1.26,<1.27`, or end the version with `.*`.
",
};
