//! MM216: a build string is refused.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::match_spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::MALFORMED_BUILD,
    name: "malformed-build",
    severity: Severity::Error,
    summary: "A build string is refused.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Reading,
    documentation: "\
## What it finds
What follows the version after a second `=` or a space, when a tool does not take it as a build string.

## Why
conda's build strings have no `-`, `,`, `|` or operators: it reads such a text as part of the version and \
refuses that.

## Example
```yaml
dependencies:
  - numpy=1.26=py312-0
```

## How to mend it
Write the build string as the channel has it, with `*` for what may differ: `numpy=1.26=py312*`.
",
};
