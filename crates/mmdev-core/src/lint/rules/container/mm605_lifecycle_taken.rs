//! MM605: both lifecycle commands that mmdev could use are taken.

use crate::artifact::devcontainer;
use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};

pub(super) static RULE: Rule = Rule {
    code: devcontainer::LIFECYCLE_TAKEN,
    name: "lifecycle-taken",
    severity: Severity::Warning,
    summary: "Both lifecycle commands that mmdev could use are taken.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
A spec whose packages come from the project itself (`-e .`), in a devcontainer.json that has both `onCreateCommand` \
and `updateContentCommand`.

## Why
Such packages are installed when the container is created, because the image build does not see the project. mmdev \
puts the command into a free property, and never rewrites a command of a person.

## Example
```json
\"onCreateCommand\": \"make deps\",
\"updateContentCommand\": \"make data\"
```

## How to mend it
Add the command that the hint names to one of the two: `make deps && pip install -e .`
",
};
