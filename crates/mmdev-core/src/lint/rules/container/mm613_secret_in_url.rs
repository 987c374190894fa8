//! MM613: a channel or package URL holds a secret.

use super::entries;
use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::project;

pub(super) static RULE: Rule = Rule {
    code: project::SECRET_IN_URL,
    name: "secret-in-url",
    severity: Severity::Error,
    summary: "A channel or package URL holds a secret.",
    is_default: true,
    fix: None,
    check: Check::Spec(|context| entries::found(context, RULE.code)),
    documentation: "\
## What it finds
A user and password before `@`, a token there, or conda's `/t/TOKEN/`, in a channel, a dependency, a pip \
entry or a requirements file.

## Why
The normalised spec is committed and hashed into the image: whoever has one of them has the secret. The \
message never shows it.

## Example
```yaml
channels:
  - https://conda.anaconda.org/t/ab-1234/team
```

## How to mend it
Remove the secret, and make it invalid where it was issued if the file was ever shared.
",
};
