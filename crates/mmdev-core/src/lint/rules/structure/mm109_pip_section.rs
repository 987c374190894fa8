//! MM109: a pip section without a list of requirements.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::PIP_SECTION,
    name: "pip-section",
    severity: Severity::Error,
    summary: "A pip section without a list of requirements.",
    is_default: true,
    fix: Some(Applicability::Safe),
    check: Check::Reading,
    documentation: "\
## What it finds
A `- pip:` with nothing, a text or a mapping behind it. A second pip section is a warning.

## Why
micromamba stops at a `pip:` that is no list; conda drops an empty one and reads a text letter by letter. \
Entries with the same indentation as `- pip:` are conda packages. Of two sections conda takes the last, \
micromamba both.

## Example
```yaml
dependencies:
  - pip: requests
```

## How to mend it
Indent the entries deeper than `- pip:`, each behind its own `- `, under one section. The fix makes a list \
of a text, and one section of two that are written alike.
",
};
