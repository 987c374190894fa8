//! MM007: a YAML tag that conda does not know.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::syntax::yaml::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::UNKNOWN_TAG,
    name: "unknown-tag",
    severity: Severity::Error,
    summary: "A YAML tag that conda does not know.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
A `!tag` before a value that is none of YAML's own (`!!str` is).

## Why
conda and conda-lock load files without custom tags and stop at one.

## Example
```yaml
variables:
  TOKEN: !secret token
```

## How to mend it
Remove the tag, or quote the text if the `!` belongs to it.
",
};
