//! MM210: an operator has no version after it.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::match_spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::MISSING_VERSION,
    name: "missing-version",
    severity: Severity::Error,
    summary: "An operator has no version after it.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Reading,
    documentation: "\
## What it finds
`==`, `>=`, `<` and so on before a comma or at the end, and a `=` at the end that waits for a build string.

## Why
conda and rattler refuse `numpy==`; micromamba takes it as any version. rattler takes `python<3.9>` with a \
build string `>`, which no package has.

## Example
```yaml
dependencies:
  - numpy==
  - python<3.9>
```

## How to mend it
Write the version, or take the operator away.
",
};
