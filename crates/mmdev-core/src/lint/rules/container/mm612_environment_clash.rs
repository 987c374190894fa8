//! MM612: two environments have one name, or the active one does not exist.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::project;

pub(super) static RULE: Rule = Rule {
    code: project::ENVIRONMENT_CLASH,
    name: "environment-clash",
    severity: Severity::Error,
    summary: "Two environments have one name, or the active one does not exist.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
Two entries of `customizations.mmdev.environments` with one name, which may come from a spec's `name:` or \
its file's name; an `activeEnvironment` that is none of them.

## Why
Each environment is a folder of that name in `/opt/conda/envs`.

## Example
```yaml
channels: [conda-forge]
name: tools  # and another spec is called tools as well
```

## How to mend it
Give each environment a name of its own: `--env NAME=FILE`.
",
};
