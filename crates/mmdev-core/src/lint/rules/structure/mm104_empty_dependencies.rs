//! MM104: `dependencies:` has no entries.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::EMPTY_DEPENDENCIES,
    name: "empty-dependencies",
    severity: Severity::Warning,
    summary: "`dependencies:` has no entries.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
`dependencies:` with nothing or an empty list behind it.

## Why
micromamba makes an empty environment of it. It is seldom what was meant: often all entries are commented out.

## Example
```yaml
dependencies:
  # - python
```

## How to mend it
Add a package, or remove the file.
",
};
