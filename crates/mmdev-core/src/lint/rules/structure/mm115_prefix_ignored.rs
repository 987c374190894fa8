//! MM115: `prefix:` is not used.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::PREFIX,
    name: "prefix-ignored",
    severity: Severity::Information,
    summary: "`prefix:` is not used.",
    is_default: true,
    fix: Some(Applicability::Safe),
    check: Check::Reading,
    documentation: "\
## What it finds
The key that `conda env export` writes at the end of a file.

## Why
It is a path on the machine of the person who exported the environment. In a container the environment has its \
own place.

## Example
```yaml
dependencies:
  - python
prefix: /home/me/miniconda3/envs/project
```

## How to mend it
Remove the line; the fix does.
",
};
