//! MM217: an option of pip stands among the conda dependencies.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::match_spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::PIP_OPTION,
    name: "pip-option",
    severity: Severity::Error,
    summary: "An option of pip stands among the conda dependencies.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
An entry that starts with an option, such as `-r`, `-e` or `--pre`, outside the pip section.

## Why
conda refuses the name. micromamba and rattler look for a package named `-r`.

## Example
```yaml
dependencies:
  - -r requirements.txt
```

## How to mend it
Move the entry under `pip:`.
",
};
