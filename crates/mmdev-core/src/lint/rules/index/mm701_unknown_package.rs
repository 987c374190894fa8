//! MM701: no channel of the spec has the package.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule, channels};

pub(super) static RULE: Rule = Rule {
    code: channels::UNKNOWN_PACKAGE,
    name: "unknown-package",
    severity: Severity::Error,
    summary: "No channel of the spec has the package.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Index,
    documentation: "\
## What it finds
A package that is on no channel of the spec, for none of the platforms that the environment is made for. The channels'
own lists say so. Where one of them could not be asked and is not in the cache, nothing is said; `__cuda` and its like,
entries that are URLs, and entries for other platforms (`# [win]`) are left alone. The language server asks the
channels; `mmdev check` does with `--channels`.

## Why
conda, mamba and micromamba stop when they solve: that is minutes later, in the middle of a build. A package that is on
PyPI often has another name on a channel (`torch` is `pytorch`), or is on another channel.

## Example
```yaml
channels:
  - conda-forge
dependencies:
  - nunpy
  - torch
```

## How to mend it
Write the name that the channel has (the fix takes the nearest), add the channel that has the package, or put it below
`pip:`. `mmdev` judges by lists that are refreshed at most every half hour: a package that was published a moment ago
may need one more look.
",
};
