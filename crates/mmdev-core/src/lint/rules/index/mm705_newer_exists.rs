//! MM705: a pin keeps the newest version out.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule, channels};

pub(super) static RULE: Rule = Rule {
    code: channels::NEWER_EXISTS,
    name: "newer-exists",
    severity: Severity::Information,
    summary: "A pin keeps the newest version out.",
    is_default: false,
    fix: Some(Applicability::Unsafe),
    check: Check::Index,
    documentation: "\
## What it finds
A pin on a version that the newest version does not fit, although every platform of the environment has it. Versions to
try out (`2.0rc1`) do not count, and pins on a build string are left alone: they are meant to be exact. It is
information, and off by default: every third pin in real specs is one, and most are meant as they are.

## Why
No tool says it: conda, mamba and micromamba take what the pin says for as long as the channel has it.

## Example
```yaml
channels:
  - conda-forge
dependencies:
  - numpy=1.26
```

## How to mend it
Nothing has to be mended. `mmdev check --channels --select MM705` lists what could be newer, and with
`--fix --unsafe-fixes` writes it: whether all of it fits together only solving tells.
",
};
