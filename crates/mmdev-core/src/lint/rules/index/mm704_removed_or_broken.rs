//! MM704: what the pin asks for was taken back by its channel.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule, channels};

pub(super) static RULE: Rule = Rule {
    code: channels::REMOVED_OR_BROKEN,
    name: "removed-or-broken",
    severity: Severity::Error,
    summary: "The channel has taken back what the entry asks for, or calls it broken.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Index,
    documentation: "\
## What it finds
A pin that only files fit which the channel has taken back (an error), or that stand on a label `broken` which the spec
names as a channel (a warning).

## Why
conda-forge moves files that do not work to its label `broken`, and lists them as `removed` in the repodata of the
channel itself; other channels list them too when they withdraw a file. No tool installs what is listed there, so that
an exported spec that worked yesterday does not today. With `conda-forge/label/broken` below `channels:` it installs
again, and does what it was taken back for.

## Example
```yaml
channels:
  - conda-forge
dependencies:
  - pandas=2.2.9
```

## How to mend it
Take a version that the channel stands by (the fix takes the nearest), and leave out the label `broken`.
",
};
