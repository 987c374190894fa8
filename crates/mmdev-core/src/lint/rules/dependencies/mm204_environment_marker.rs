//! MM204: a dependency ends in an environment marker of pip.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::match_spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::ENVIRONMENT_MARKER,
    name: "environment-marker",
    severity: Severity::Error,
    summary: "A dependency ends in an environment marker of pip.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Reading,
    documentation: "\
## What it finds
Text after a `;`, as `pip` requirements have it.

## Why
conda and micromamba read the marker as part of the version and refuse it. rattler takes it as a build \
string, which no package has.

## Example
```yaml
dependencies:
  - dataclasses; python_version < \"3.7\"
```

## How to mend it
Drop the marker: a conda package knows its own platforms and Python versions. For one platform write `- \
sel(linux): dataclasses`, or move the entry under `pip:`.
",
};
