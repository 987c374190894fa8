//! MM002: a tab stands where only spaces may.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::syntax::yaml::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::TAB,
    name: "tab",
    severity: Severity::Error,
    summary: "A tab stands where only spaces may.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Reading,
    documentation: "\
## What it finds
A tab among the white space that a line begins with, and any other tab outside quotes, block texts and comments.

## Why
YAML takes only spaces for indentation. conda's and conda-lock's readers refuse a tab between words as well. An \
editor shows a tab like spaces, so the mistake cannot be seen.

## Example
```yaml
dependencies:
\t- python
```

## How to mend it
Replace the tabs by spaces (the fix does), and set your editor to insert spaces in .yaml files.
",
};
