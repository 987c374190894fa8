//! MM611: a name or value that cannot stand in an image.

use super::entries;
use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::project;

pub(super) static RULE: Rule = Rule {
    code: project::BAD_NAME,
    name: "bad-name",
    severity: Severity::Error,
    summary: "A name or value that cannot stand in an image.",
    is_default: true,
    fix: None,
    check: Check::Spec(|context| entries::found(context, RULE.code)),
    documentation: "\
## What it finds
An environment's name with other characters than letters, digits, `_`, `-` and `.`; a variable that belongs \
to the image (`PATH`, `HOME`, `CONDA_PREFIX`); a line break or control character in a dependency, a channel or \
a value.

## Why
Names become folders and words of the Dockerfile, variables its `ENV` lines. What cannot be written there \
literally is refused, so that nothing of a spec is ever run.

## Example
```yaml
variables:
  PATH: /opt/tools/bin
```

## How to mend it
Choose a plain name, and write values on one line. Where only an environment's second name is left out, it is a \
warning.
",
};
