//! MM616: specs that are merged say different things.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::project;

pub(super) static RULE: Rule = Rule {
    code: project::MERGE_CONFLICT,
    name: "merge-conflict",
    severity: Severity::Warning,
    summary: "Specs that are merged say different things.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
Several specs for one environment with different names, values of one variable, or orders of channels.

## Why
conda-lock and micromamba decide such cases differently from one another. mmdev takes what the first spec \
says.

## Example
```yaml
name: first  # env.yaml; dev.yaml says `name: second`
```

## How to mend it
Say it in one of the specs only.
",
};
