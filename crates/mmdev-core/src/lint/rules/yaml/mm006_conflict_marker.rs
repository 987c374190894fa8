//! MM006: a merge conflict is not resolved.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::syntax::yaml::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::CONFLICT_MARKER,
    name: "conflict-marker",
    severity: Severity::Error,
    summary: "A merge conflict is not resolved.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
Lines that begin with `<<<<<<<` or `>>>>>>>`, as git leaves them.

## Why
No tool reads such a file. mmdev reads both sides, so that what else is wrong can be seen.

## Example
```yaml
dependencies:
<<<<<<< HEAD
  - python=3.11
=======
  - python=3.12
>>>>>>> other
```

## How to mend it
Keep one side, and remove the marker lines.
",
};
