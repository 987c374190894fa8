//! MM209: a comparison uses an operator that a tool does not know.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::match_spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::UNKNOWN_OPERATOR,
    name: "unknown-operator",
    severity: Severity::Error,
    summary: "A comparison uses an operator that a tool does not know.",
    is_default: true,
    fix: Some(Applicability::Safe),
    check: Check::Reading,
    documentation: "\
## What it finds
`=>`, `===`, `<>`, a single `~`, an operator with a space in it, and the like.

## Why
The operators are `=`, `==`, `!=`, `>=`, `<=`, `>`, `<` and `~=`. conda takes `=>1.2` as `>1.2*` and \
`===1.2` as `==1.2`, micromamba takes spaces between; rattler refuses all of them.

## Example
```yaml
dependencies:
  - numpy=>1.26
  - numpy = = 1.26
```

## How to mend it
Write one of the eight operators. The fix does where one is near; it is unsafe for a single `~`, of which nobody knows \
what it was to mean.
",
};
