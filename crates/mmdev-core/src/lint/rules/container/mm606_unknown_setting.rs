//! MM606: a key is no setting of mmdev.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::settings;

pub(super) static RULE: Rule = Rule {
    code: settings::UNKNOWN_SETTING,
    name: "unknown-setting",
    severity: Severity::Warning,
    summary: "A key is no setting of mmdev.",
    is_default: true,
    fix: Some(Applicability::Safe),
    check: Check::Reading,
    documentation: "\
## What it finds
A key in `customizations.mmdev`, `[tool.mmdev]` or mmdev.toml that is no setting. JSON spells settings in camelCase, \
TOML in kebab-case.

## Why
What nobody reads does nothing: a misspelt `baseImge` gives the default image.

## Example
```toml
[tool.mmdev]
baseImage = \"debian:bookworm-slim\"
```

## How to mend it
Rename the key (the fix does, where a setting is near), or remove it.
",
};
