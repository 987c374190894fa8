//! MM617: a setting that no image can be made with.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::project;

pub(super) static RULE: Rule = Rule {
    code: project::BAD_SETTING,
    name: "bad-setting",
    severity: Severity::Error,
    summary: "A setting that no image can be made with.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
A base image that is no reference; a digest that is none; a system package that is no Debian package's name; a \
platform without a micromamba image; system packages for an image without apt.

## Why
These settings stand in the Dockerfile's `FROM` and `RUN` lines.

## Example
```yaml
# customizations.mmdev: { \"baseImage\": \"Debian:12\" }
```

## How to mend it
Name an image as for `docker pull`, packages as for `apt-get install`, and conda's own names of \
platforms (`linux-64`).
",
};
