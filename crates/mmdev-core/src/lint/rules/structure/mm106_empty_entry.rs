//! MM106: an entry of a list is empty.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::EMPTY_ENTRY,
    name: "empty-entry",
    severity: Severity::Error,
    summary: "An entry of a list is empty.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
A `-` with nothing behind it, or only a comment, or an empty text; a `sel(…):` without a package.

## Why
conda refuses an empty dependency, micromamba skips it, and in a pip section both hand pip something that is no \
requirement.

## Example
```yaml
dependencies:
  - python
  - # numpy
```

## How to mend it
Write something behind the `-`, or put the `#` before it.
",
};
