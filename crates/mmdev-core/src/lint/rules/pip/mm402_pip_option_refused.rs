//! MM402: pip does not take an option in a requirements file.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::spec::pip::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::OPTION,
    name: "pip-option-refused",
    severity: Severity::Error,
    summary: "pip does not take an option in a requirements file.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
An option that pip knows on its command line only, such as `--no-deps`, or not at all.

## Why
A requirements file may hold index, link, binary and editable options (pip's \"Requirements File Format\"). \
pip stops at any other.

## Example
```yaml
dependencies:
  - pip:
    - --no-deps
```

## How to mend it
Take the option away.
",
};
