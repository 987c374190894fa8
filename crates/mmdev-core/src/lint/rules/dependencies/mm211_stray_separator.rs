//! MM211: a comma or `|` of a version joins nothing.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::match_spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::STRAY_SEPARATOR,
    name: "stray-separator",
    severity: Severity::Error,
    summary: "A comma or `|` of a version joins nothing.",
    is_default: true,
    fix: Some(Applicability::Safe),
    check: Check::Reading,
    documentation: "\
## What it finds
A comma or `|` at the start or end of a version, two in a row, or one with a space and `=` behind it.

## Why
All three tools want a comparison on both sides of each `,` and `|`. Behind a space, conda takes what follows \
a `=` for the build string: `>=1.2, =1.3` is the version `>=1.2,` to it.

## Example
```yaml
dependencies:
  - numpy>=1.26,
  - numpy>=1.26,,<2
```

## How to mend it
Take the separator away (the fix does), or write the comparison that is missing.
",
};
