//! MM213: a version has an empty part.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::match_spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::EMPTY_VERSION_PART,
    name: "empty-version-part",
    severity: Severity::Error,
    summary: "A version has an empty part.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Reading,
    documentation: "\
## What it finds
Two dots in a row, and a dot at the start or end of a version.

## Why
conda and rattler refuse a version with an empty part; micromamba takes a single dot at the end away and \
refuses the others.

## Example
```yaml
dependencies:
  - numpy=1..26
  - numpy>=1.26.
```

## How to mend it
Write the part that is missing, or take the dot away.
",
};
