//! MM101: a top-level key that no tool knows.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::UNKNOWN_KEY,
    name: "unknown-key",
    severity: Severity::Error,
    summary: "A top-level key that no tool knows.",
    is_default: true,
    fix: Some(Applicability::Safe),
    check: Check::Reading,
    documentation: "\
## What it finds
A top-level key other than `name`, `channels`, `dependencies`, `variables`, `prefix`, `platforms` and `category` \
(CEP 24), and conda-lock's `pip-repositories` and `allow-pypi-requests`. It is a warning; a misspelt \
`dependencies` is an error.

## Why
conda says a line about it and goes on; micromamba and conda-lock say nothing. Everything below the key is \
ignored, so a misspelt `dependecies:` gives an empty environment.

## Example
```yaml
dependecies:
  - python
```

## How to mend it
Rename the key (the fix does, where a known one is near), or remove it.
",
};
