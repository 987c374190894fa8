//! MM618: a generated file is not as the spec says.

use crate::artifact;
use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};

pub(super) static RULE: Rule = Rule {
    code: artifact::OUT_OF_DATE,
    name: "generated-out-of-date",
    severity: Severity::Warning,
    summary: "A generated file is not as the spec says.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
A file of `.devcontainer/mmdev`, or a key of devcontainer.json that mmdev keeps, that `mmdev generate` would write \
otherwise; a file that is missing there, or is left over. Nothing is said in a project without generated files.

## Why
VS Code and the devcontainer CLI build what is committed and know nothing of the spec. When the spec changes and the \
files do not, teammates get the old environment.

## Example
```
warning: .devcontainer/mmdev/env.yaml is not as the spec says
hint: mmdev generate
```

## How to mend it
`mmdev generate` writes the files, `mmdev generate --diff` shows what would change. `mmdev watch` keeps them true \
while you edit. In CI `mmdev generate --check` fails where they are out of date.
",
};
