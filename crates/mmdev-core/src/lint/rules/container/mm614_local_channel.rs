//! MM614: a channel or package that only this machine has.

use super::entries;
use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::project;

pub(super) static RULE: Rule = Rule {
    code: project::LOCAL_CHANNEL,
    name: "local-channel",
    severity: Severity::Error,
    summary: "A channel or package that only this machine has.",
    is_default: true,
    fix: None,
    check: Check::Spec(|context| entries::found(context, RULE.code)),
    documentation: "\
## What it finds
A channel that is a folder or `file:` URL, or that takes an environment variable, in `channels:` or in a \
dependency; a dependency that is a package file of this machine; a pip path outside the project.

## Why
The image is built from a few generated files, on any machine: it sees no folder and no variable of yours. \
The workspace is in the container, so a pip path inside the project is installed when the container is \
created.

## Example
```yaml
channels:
  - file:///home/me/channel
```

## How to mend it
Serve the channel over HTTP and name its URL; move the package into the project's folder.
",
};
