//! MM406: one entry of the pip section holds several lines.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::spec::pip::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::SEVERAL_LINES,
    name: "pip-several-lines",
    severity: Severity::Error,
    summary: "One entry of the pip section holds several lines.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
An entry written as a YAML block (`|`) with more than one line in it.

## Why
Each entry is one line of a requirements file. A line that ends in `\\` goes on in the next one and is fine.

## Example
```yaml
dependencies:
  - pip:
    - |
      numpy
      pandas
```

## How to mend it
Write one entry for each line.
",
};
