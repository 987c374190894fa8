//! MM201: a dependency has no package name, or one that a tool refuses.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::match_spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::PACKAGE_NAME,
    name: "package-name",
    severity: Severity::Error,
    summary: "A dependency has no package name, or one that a tool refuses.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Reading,
    documentation: "\
## What it finds
A dependency that starts with its version, and a name with characters other than letters, digits, `.`, `_` \
and `-`, with two of the last three in a row, or with a `*`.

## Why
conda checks names as CEP 26 says and refuses what it does not allow. rattler refuses other characters, and \
patterns such as `py*`, in names. micromamba takes every name, looks for it, and finds nothing.

## Example
```yaml
dependencies:
  - >=1.2
  - ruamel..yaml>=0.17
  - py*
```

## How to mend it
Write the package's name as the channel has it, before the version.
",
};
