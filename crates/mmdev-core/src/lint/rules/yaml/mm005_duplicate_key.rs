//! MM005: a key stands twice in one mapping.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::syntax::yaml::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::DUPLICATE_KEY,
    name: "duplicate-key",
    severity: Severity::Error,
    summary: "A key stands twice in one mapping.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
The second key of the same name in one mapping, on any level.

## Why
conda's reader refuses it. PyYAML, and so conda-lock, takes the last one, micromamba the first: half of the file \
is lost, and which half depends on the tool.

## Example
```yaml
dependencies:
  - python
dependencies:
  - numpy
```

## How to mend it
Put everything under one of the keys.
",
};
