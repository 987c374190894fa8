//! MM604: a person changed what mmdev wrote.

use crate::artifact::devcontainer;
use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};

pub(super) static RULE: Rule = Rule {
    code: devcontainer::CHANGED_BY_HAND,
    name: "changed-by-hand",
    severity: Severity::Warning,
    summary: "A person changed a key of devcontainer.json, or a file, that mmdev wrote.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
A key that `customizations.mmdev.generated` names, whose value is neither what mmdev wrote last nor what it would \
write now; the same for a key or a list member that a person removed. Also a file of `.devcontainer/mmdev` that does \
not have the hash in its first line, or that mmdev did not write and needs the name of.

## Why
mmdev keeps those keys true while the spec changes, and never overwrites what a person wrote. So the value stays, \
and is said, because the container may not be what the spec says.

## Example
```json
\"remoteUser\": \"root\"
```
where mmdev wrote `\"mambauser\"`.

## How to mend it
Take mmdev's value with `mmdev generate --force`. To keep yours for good, write `false` for the key into the record: \
`\"generated\": { \"/remoteUser\": false }`. Lines of your own for the Dockerfile belong into the settings \
`dockerfile.before` and `dockerfile.after`.
",
};
