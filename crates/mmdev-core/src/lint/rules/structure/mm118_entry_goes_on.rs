//! MM118: a line is read as the rest of the entry above it.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::ENTRY_GOES_ON,
    name: "entry-goes-on",
    severity: Severity::Error,
    summary: "A line is read as the rest of the entry above it.",
    is_default: true,
    fix: Some(Applicability::Safe),
    check: Check::Reading,
    documentation: "\
## What it finds
A line that begins with `- `, but is indented deeper than the entry above it.

## Why
For YAML it is no new entry: the text `numpy - pandas` is one dependency, and no tool finds such a package.

## Example
```yaml
dependencies:
  - numpy
   - pandas
```

## How to mend it
Give the line the indentation of the other entries; the fix does.
",
};
