//! MM004: the file is empty.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::syntax::yaml::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::EMPTY,
    name: "empty-file",
    severity: Severity::Error,
    summary: "The file is empty.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
A file named like a spec in which nothing stands, or only comments.

## Why
conda refuses it; micromamba makes an empty environment of it.

## Example
```yaml
# name: my-environment
```

## How to mend it
Add `dependencies:` and a list of packages.
",
};
