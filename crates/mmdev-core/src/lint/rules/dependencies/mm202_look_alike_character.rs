//! MM202: a character only looks like one that conda knows.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::match_spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::LOOK_ALIKE,
    name: "look-alike-character",
    severity: Severity::Error,
    summary: "A character only looks like one that conda knows.",
    is_default: true,
    fix: Some(Applicability::Safe),
    check: Check::Reading,
    documentation: "\
## What it finds
`≥`, `≤`, `≠`, dashes, curly quotes, wide characters, Cyrillic letters, tabs and invisible spaces, which editors, \
word processors and web pages put in the place of ASCII. In a channel's name, where every tool takes it, it is a warning.

## Why
conda and rattler refuse the text. micromamba drops `≥` before a version and then wants exactly that \
version, which is worse.

## Example
```yaml
dependencies:
  - numpy ≥1.26
  - scikit—learn
```

## How to mend it
Apply the fix, or type the ASCII character: `>=`, `-`, or nothing for a quote.
",
};
