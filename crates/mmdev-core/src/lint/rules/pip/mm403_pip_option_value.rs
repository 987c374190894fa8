//! MM403: an option of pip lacks its value.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::spec::pip::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::OPTION_VALUE,
    name: "pip-option-value",
    severity: Severity::Error,
    summary: "An option of pip lacks its value.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
An option such as `-r`, `-e` or `--index-url` with nothing behind it.

## Why
pip stops at the line.

## Example
```yaml
dependencies:
  - pip:
    - --index-url
```

## How to mend it
Write the value in the same entry: `--index-url https://host/simple`.
",
};
