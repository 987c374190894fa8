//! MM803: a merge conflict in a lock is not resolved.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::lock::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::CONFLICT,
    name: "lock-conflict",
    severity: Severity::Error,
    summary: "A merge conflict in a lock is not resolved.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
Lines in a `conda-lock.yml` that begin with `<<<<<<<` or `>>>>>>>`, as git leaves them.

## Why
No tool reads such a file, and a lock that is half of one side and half of the other is no solution.

## Example
```yaml
<<<<<<< HEAD
  version: 1.3.0
=======
  version: 1.3.1
>>>>>>> other
```

## How to mend it
Resolve the conflict in the spec, if there is one, and run `mmdev lock`: it locks anew, and keeps what both sides have.
",
};
