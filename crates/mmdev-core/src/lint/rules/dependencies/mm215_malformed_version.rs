//! MM215: a version is malformed.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::match_spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::MALFORMED_VERSION,
    name: "malformed-version",
    severity: Severity::Error,
    summary: "A version is malformed.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Reading,
    documentation: "\
## What it finds
A version with characters other than letters, digits, `.`, `_`, `-`, `+`, `!` and `*`, with both `-` and \
`_`, with an epoch that is no number, or a regular expression.

## Why
The tools compare versions part by part (CEP 33) and refuse what they cannot take apart. rattler refuses \
regular expressions, which conda takes.

## Example
```yaml
dependencies:
  - numpy=1.26/2
  - numpy=1-2_3
```

## How to mend it
Write the version as the channel has it.
",
};
