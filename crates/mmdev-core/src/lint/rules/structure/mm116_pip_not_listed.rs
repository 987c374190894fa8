//! MM116: there is a pip section, but pip is no dependency.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::PIP_NOT_LISTED,
    name: "pip-not-listed",
    severity: Severity::Information,
    summary: "There is a pip section, but pip is no dependency.",
    is_default: true,
    fix: Some(Applicability::Safe),
    check: Check::Reading,
    documentation: "\
## What it finds
A `- pip:` section with entries in a spec whose dependencies do not have `pip`.

## Why
conda and micromamba add pip themselves, at any version; conda says so each time.

## Example
```yaml
dependencies:
  - python
  - pip:
    - requests
```

## How to mend it
Add `- pip` before the section (the fix does).
",
};
