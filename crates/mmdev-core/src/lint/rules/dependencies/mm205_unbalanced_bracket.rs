//! MM205: a bracket or parenthesis of a dependency has no partner.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::match_spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::UNBALANCED_BRACKET,
    name: "unbalanced-bracket",
    severity: Severity::Error,
    summary: "A bracket or parenthesis of a dependency has no partner.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Reading,
    documentation: "\
## What it finds
`[`, `]`, `(` or `)` without the one that belongs to it.

## Why
micromamba refuses every such text. conda and rattler refuse nearly all of them; what is left is read with \
the bracket as part of a name or version.

## Example
```yaml
dependencies:
  - numpy[version=1.26
  - numpy=1.26]
```

## How to mend it
Close the bracket, or take the lonely one away.
",
};
