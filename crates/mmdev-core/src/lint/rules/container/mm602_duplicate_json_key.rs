//! MM602: a key stands twice in one object.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::syntax::jsonc;

pub(super) static RULE: Rule = Rule {
    code: jsonc::DUPLICATE_KEY,
    name: "duplicate-json-key",
    severity: Severity::Warning,
    summary: "A key stands twice in one JSON object.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
Two members of one object with the same name.

## Why
Every reader of devcontainer.json takes the last one and passes over the others without a word, so an edit of the \
first does nothing.

## Example
```json
{
    \"remoteUser\": \"dev\",
    \"remoteUser\": \"root\"
}
```

## How to mend it
Keep one of them.
",
};
