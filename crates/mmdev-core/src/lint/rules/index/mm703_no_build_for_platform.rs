//! MM703: the package, or the pinned version, does not exist for every platform.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule, channels};

pub(super) static RULE: Rule = Rule {
    code: channels::NO_BUILD_FOR_PLATFORM,
    name: "no-build-for-platform",
    severity: Severity::Error,
    summary: "The package or the pinned version exists, but not for every platform of the environment.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Index,
    documentation: "\
## What it finds
An entry that some platform of the environment cannot have, although another one can: the package is not built for it,
or not in a version that the pin takes. The platforms are those of the settings, else of `platforms:`, else linux-64 and
linux-aarch64. It is an error where none of the platforms has it that its selector names, a warning where the spec or
the settings name the platforms, and information where nobody does; then build strings are left alone too, since
`conda env export` writes those of one platform.

## Why
A channel has a folder for each platform, and `noarch` for all. conda, mamba and micromamba see one platform at a time:
what installs on the machine of whoever wrote the spec stops the build on an ARM machine, a Mac's Linux container for
one. conda-lock stops for all platforms when one of them has no candidate.

## Example
```yaml
channels:
  - conda-forge
platforms:
  - linux-64
  - linux-aarch64
dependencies:
  - mkl
```

## How to mend it
Name the platforms that are wanted in `platforms:`, take a version that all of them have (the fix takes the nearest), or
take another package.
",
};
