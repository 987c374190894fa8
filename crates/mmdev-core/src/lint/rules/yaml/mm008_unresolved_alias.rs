//! MM008: an alias or merge key cannot be resolved.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::syntax::yaml::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::ALIAS,
    name: "unresolved-alias",
    severity: Severity::Error,
    summary: "An alias or merge key cannot be resolved.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
An alias (`*name`) without an anchor (`&name`) before it or inside the value that it stands for, a merge key \
(`<<`) that is given no mapping, and aliases that would make the file too big or too deep.

## Why
No reader can say what stands there. The limit on size keeps a file of a few lines from filling the memory.

## Example
```yaml
dependencies:
  - *python
```

## How to mend it
Put the anchor before its aliases, or write the value itself. A glob such as `*=1.0` needs quotes.
",
};
