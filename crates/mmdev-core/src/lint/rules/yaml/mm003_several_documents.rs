//! MM003: the file holds more than one YAML document.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::syntax::yaml::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::SEVERAL_DOCUMENTS,
    name: "several-documents",
    severity: Severity::Error,
    summary: "The file holds more than one YAML document.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
A `---` behind which a second document begins. One at the head of the file is right.

## Why
conda and conda-lock refuse such a file, micromamba reads the first document and drops the others without a \
word. mmdev reads the first one.

## Example
```yaml
dependencies:
  - python
---
dependencies:
  - numpy
```

## How to mend it
Put each environment in a file of its own.
",
};
