//! MM404: pip passes over a part of an entry.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::spec::pip::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::IGNORED_TEXT,
    name: "pip-ignored-text",
    severity: Severity::Warning,
    summary: "pip passes over a part of an entry.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
Words behind an option, an option of the whole file behind a requirement, and entries without a requirement.

## Why
pip takes from a line what it knows and passes over the rest, without a word.

## Example
```yaml
dependencies:
  - pip:
    - numpy --pre
    - --pre numpy
```

## How to mend it
Give each option and each requirement an entry of its own.
",
};
