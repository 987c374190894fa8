//! MM401: pip cannot read a requirement.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::spec::pip::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::REQUIREMENT,
    name: "pip-requirement",
    severity: Severity::Error,
    summary: "pip cannot read a requirement.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Reading,
    documentation: "\
## What it finds
An entry of the pip section that is no requirement (PEP 508), URL or path.

## Why
conda and micromamba write the section into a requirements file; pip stops at the first line that it cannot \
read, after the conda packages were installed.

## Example
```yaml
dependencies:
  - pip:
    - numpy==
    - git@github.com:owner/project.git
```

## How to mend it
Write `name`, `name==version`, `name[extra]>=version`, `name @ URL`, or a path that starts with `./`. The fix \
mends the usual slips (a comparison too much, `~1.2`, a version without quotes behind `;`); it is unsafe, because it \
guesses what was meant.
",
};
