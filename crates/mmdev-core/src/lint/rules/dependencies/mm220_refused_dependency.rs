//! MM220: a tool refuses the dependency for a reason of its own.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::match_spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::REFUSED,
    name: "refused-dependency",
    severity: Severity::Error,
    summary: "A tool refuses the dependency for a reason of its own.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Reading,
    documentation: "\
## What it finds
A dependency that conda, micromamba or rattler refuses and that is none of the other mistakes. The message \
has the tool's reason.

## Why
mmdev takes a dependency when all three tools take it, so that the lock, the image and a teammate's own \
conda agree on what it means.

## Example
```yaml
dependencies:
  - numpy(>=1.26)
```

## How to mend it
Write `name`, `name=version`, `name>=version,<version` or `name=version=build`.
",
};
