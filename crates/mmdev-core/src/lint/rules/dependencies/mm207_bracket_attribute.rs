//! MM207: what stands in a dependency's brackets is refused.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::match_spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::BRACKET_ATTRIBUTE,
    name: "bracket-attribute",
    severity: Severity::Error,
    summary: "What stands in a dependency's brackets is refused.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Reading,
    documentation: "\
## What it finds
A key that is not known, a key without a value, a digest of the wrong length, a build number that is none.

## Why
conda and rattler refuse keys that they do not know; micromamba passes over them, so that a misspelt key \
restricts nothing. Values of `version`, `build`, `build_number`, `md5`, `sha256`, `url` and `channel` are \
read as such.

## Example
```yaml
dependencies:
  - numpy[verison=\">=1.26\"]
  - numpy[build_number=one]
```

## How to mend it
Write `[key=\"value\", …]` with `version`, `build`, `build_number`, `channel`, `subdir`, `fn`, `url`, `md5`, \
`sha256`, `license` or `track_features`.
",
};
