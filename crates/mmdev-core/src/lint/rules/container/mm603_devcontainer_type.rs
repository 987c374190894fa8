//! MM603: a value of devcontainer.json is none that its key takes.

use crate::artifact::devcontainer;
use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};

pub(super) static RULE: Rule = Rule {
    code: devcontainer::WRONG_TYPE,
    name: "devcontainer-type",
    severity: Severity::Error,
    summary: "A value of devcontainer.json is none that its key takes.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
A text or a list where devcontainer.json has an object, such as `\"build\": \"Dockerfile\"` or `\"customizations\": []`, \
an `image` that is no text, a `waitFor` or a port that cannot be, or a record in `customizations.mmdev.generated` \
that mmdev did not write.

## Why
Tools stop at it, or take the key for missing. mmdev cannot put its keys into something that is no object, and does \
not replace what a person wrote.

## Example
```json
{ \"build\": \"Dockerfile\" }
```

## How to mend it
Write the object: `\"build\": { \"dockerfile\": \"Dockerfile\" }`. Restore a record from version control.
",
};
