//! MM609: the file is not TOML.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::settings;

pub(super) static RULE: Rule = Rule {
    code: settings::TOML_SYNTAX,
    name: "toml-syntax",
    severity: Severity::Error,
    summary: "The file with the settings is not TOML.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
A place where pyproject.toml or mmdev.toml stops being TOML: an array that is never closed, a key that stands twice.

## Why
Python's tools stop at such a file altogether. mmdev reads what it can and says every place.

## Example
```toml
[tool.mmdev]
files = [\"env.yaml\"
```

## How to mend it
Close what is open, and give every key once.
",
};
