//! MM102: a value has a type that its key does not take.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::WRONG_TYPE,
    name: "wrong-type",
    severity: Severity::Error,
    summary: "A value has a type that its key does not take.",
    is_default: true,
    fix: Some(Applicability::Safe),
    check: Check::Reading,
    documentation: "\
## What it finds
A text where a list belongs, a list where a mapping belongs, a key without a value. It is a warning where conda \
and micromamba go on (`platforms`, `category`, `prefix`, an empty `name:`).

## Why
conda and micromamba stop with a message about types, or read a text letter by letter.

## Example
```yaml
channels: conda-forge
```

## How to mend it
Write lists as lines that begin with `- `, and `variables:` as `NAME: value` lines.
",
};
