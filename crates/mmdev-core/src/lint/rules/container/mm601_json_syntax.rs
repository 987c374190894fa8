//! MM601: the file is not JSON with comments.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::syntax::jsonc;

pub(super) static RULE: Rule = Rule {
    code: jsonc::SYNTAX,
    name: "json-syntax",
    severity: Severity::Error,
    summary: "The file is not JSON with comments.",
    is_default: true,
    fix: Some(Applicability::Safe),
    check: Check::Reading,
    documentation: "\
## What it finds
A place where a devcontainer.json stops being JSON: a missing comma, a bracket or quote that is never closed, single \
quotes, a name without quotes, a merge that git could not make. Comments (`//`, `/* */`) and trailing commas are taken.

## Why
VS Code and the devcontainer CLI read on after a mistake and guess what was meant; other tools stop. mmdev edits the \
file by its structure, and touches no file whose structure it does not know.

## Example
```json
{
    \"image\": \"debian\"
    \"remoteUser\": \"dev\"
}
```

## How to mend it
Insert the comma (the fix does), close what is open, and put names and texts in double quotes.
",
};
