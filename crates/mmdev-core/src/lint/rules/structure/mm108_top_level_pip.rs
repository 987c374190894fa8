//! MM108: `pip:` stands at the top level.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::TOP_LEVEL_PIP,
    name: "top-level-pip",
    severity: Severity::Warning,
    summary: "`pip:` stands at the top level.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Reading,
    documentation: "\
## What it finds
A key `pip` beside `dependencies` instead of in it.

## Why
conda says that it ignores it, micromamba and conda-lock ignore it in silence: nothing below it is installed.

## Example
```yaml
dependencies:
  - python
pip:
  - requests
```

## How to mend it
Move it into the list, as `- pip:` with its entries indented deeper. The fix does where `dependencies:` ends right \
above it; it is unsafe, because more will be installed than before.
",
};
