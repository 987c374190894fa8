//! MM111: a platform selector is not understood.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::SELECTOR,
    name: "selector",
    severity: Severity::Error,
    summary: "A platform selector is not understood.",
    is_default: true,
    fix: Some(Applicability::Safe),
    check: Check::Reading,
    documentation: "\
## What it finds
A `sel(…)` key other than `sel(linux)`, `sel(osx)`, `sel(unix)` and `sel(win)`; a `# [word]` comment behind an \
entry whose words are no platforms (a warning).

## Why
micromamba stops at a `sel(…)` that it does not know. conda-lock drops an entry with an unknown `# [word]` on \
every platform, while conda and micromamba read the comment as a comment and install the entry.

## Example
```yaml
dependencies:
  - pywin32  # [windows]
```

## How to mend it
Use micromamba's four keys, or CEP 24's words in comments: `linux`, `osx`, `win`, `unix`, `linux64`, `osx64`, \
`win64`, `aarch64`, `arm64`, joined by `and`, `or`, `not`.
",
};
