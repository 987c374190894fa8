//! MM110: a section for an installer that no tool has.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::UNKNOWN_SECTION,
    name: "unknown-section",
    severity: Severity::Error,
    summary: "A section for an installer that no tool has.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Reading,
    documentation: "\
## What it finds
A mapping in `dependencies:` whose key is neither `pip` nor `sel(…)`: `npm:`, `conda:`, or a package with `:` \
where `=` belongs.

## Why
CEP 24 says that a tool must refuse what it cannot install, and conda does; micromamba drops it in silence. A \
`conda:` section makes conda forget the dependencies before it.

## Example
```yaml
dependencies:
  - python: 3.11
```

## How to mend it
Write packages as `name=version`, and install with other tools in a step of their own.
",
};
