//! MM206: a dependency names extras, which conda packages do not have.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::match_spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::EXTRAS,
    name: "extras",
    severity: Severity::Error,
    summary: "A dependency names extras, which conda packages do not have.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Reading,
    documentation: "\
## What it finds
Names in brackets behind a package, as pip writes optional dependencies.

## Why
rattler refuses brackets that hold no `key=value`. conda and micromamba install the package without the \
extras and say nothing.

## Example
```yaml
dependencies:
  - psycopg[binary]
```

## How to mend it
Name the conda packages that the extra stands for (`psycopg-c`), or move the entry under `pip:`.
",
};
