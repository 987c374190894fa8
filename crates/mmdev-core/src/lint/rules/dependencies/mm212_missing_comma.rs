//! MM212: a space stands where a comma must join two comparisons.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::match_spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::MISSING_COMMA,
    name: "missing-comma",
    severity: Severity::Error,
    summary: "A space stands where a comma must join two comparisons.",
    is_default: true,
    fix: Some(Applicability::Safe),
    check: Check::Reading,
    documentation: "\
## What it finds
Two comparisons with a space, or with nothing, between them; also two entries on one line \
(`dask~=2.9.1  - zarr~=2.1.0`), where the line break got lost.

## Why
To conda the two are one malformed version. micromamba and rattler take what follows a space as a build \
string, which no package has, so that the solver finds nothing.

## Example
```yaml
dependencies:
  - numpy >=1.26 <2
```

## How to mend it
Write a comma between comparisons: `numpy >=1.26,<2`.
",
};
