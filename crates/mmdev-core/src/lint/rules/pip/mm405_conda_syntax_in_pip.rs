//! MM405: a requirement of pip is written in conda's language.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::spec::pip::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::CONDA_SYNTAX,
    name: "conda-syntax-in-pip",
    severity: Severity::Error,
    summary: "A requirement of pip is written in conda's language.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Reading,
    documentation: "\
## What it finds
`name=version`, `name version`, a build string, a channel or a space between comparisons in the pip section.

## Why
pip compares with `==`, joins comparisons with commas, and knows neither build strings nor channels. It \
refuses the line.

## Example
```yaml
dependencies:
  - pip:
    - multiqc=1.6
    - fiona=~1.9
```

## How to mend it
Write it as pip does (the fix does; it is unsafe, because other versions may be meant), or move the entry to the conda \
dependencies.
",
};
