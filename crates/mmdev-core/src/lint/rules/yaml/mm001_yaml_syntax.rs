//! MM001: the file is not valid YAML.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule};
use crate::syntax::yaml::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::SYNTAX,
    name: "yaml-syntax",
    severity: Severity::Error,
    summary: "The file is not valid YAML.",
    is_default: true,
    fix: Some(Applicability::Safe),
    check: Check::Reading,
    documentation: "\
## What it finds
A place where the text stops being YAML: an indentation that fits no list, a quote or bracket that is never \
closed, a `:` without a space, a text that begins with `>`, `*` or `@`, a template (`{{ … }}`) that was never \
rendered.

## Why
conda, micromamba and conda-lock read the file with a YAML library and stop at the first such place. mmdev \
blanks the guilty line and reads on, so that one mistake does not hide the others.

## Example
```yaml
dependencies:
  - python=3.11
 - pip
```

## How to mend it
Give all entries of one list the same indentation, close every quote and bracket, put a space behind each `:`, \
and quote what begins with a special character. Where a dash is doubled or lacks its space, and where an entry can \
belong to one list only, the fix does.
",
};
