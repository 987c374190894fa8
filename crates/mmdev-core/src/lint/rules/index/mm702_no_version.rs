//! MM702: no version of the package fits the pin.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule, channels};

pub(super) static RULE: Rule = Rule {
    code: channels::NO_VERSION,
    name: "no-version",
    severity: Severity::Error,
    summary: "No version of the package fits the pin.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Index,
    documentation: "\
## What it finds
A pin (version, build string, build number) that no file of the package fits, on any channel of the spec, for any
platform that the environment is made for. Where a channel could not be asked and is not in the cache, nothing is said;
nor is an entry judged that asks for a checksum or another thing that only the file tells. The language server asks the
channels; `mmdev check` does with `--channels`.

## Why
conda, mamba and micromamba stop when they solve: that is minutes later, in the middle of a build. Build strings that
`conda env export` wrote belong to one platform, and go when a package is built again.

## Example
```yaml
channels:
  - conda-forge
dependencies:
  - python=3.99
  - numpy=1.26.4=py39_made_up
```

## How to mend it
Take a version that there is (the fix takes the nearest), or leave out the build string.
",
};
