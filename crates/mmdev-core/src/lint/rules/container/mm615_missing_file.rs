//! MM615: a file that is named is not there.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::project;

pub(super) static RULE: Rule = Rule {
    code: project::MISSING_FILE,
    name: "missing-file",
    severity: Severity::Error,
    summary: "A file that is named is not there.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
A spec of `customizations.mmdev.environments`, or a file behind `-r` or `-c` in a pip section or \
requirements file, that does not exist or lies outside the project.

## Why
Requirements files are read when the files are generated, and their lines travel with the build.

## Example
```yaml
dependencies:
  - pip:
      - -r requirements-dev.txt
```

## How to mend it
Create the file, or mend the path: it is relative to the file that names it.
",
};
