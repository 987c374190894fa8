//! MM117: a channel that cannot be one, or that is there twice.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::CHANNEL,
    name: "channel",
    severity: Severity::Error,
    summary: "A channel that cannot be one, or that is there twice.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
A channel with white space in it, which is an error; one that stands there a second time, which is information.

## Why
A channel is a name, a URL or a path. The place of the first mention decides its priority, the second changes \
nothing.

## Example
```yaml
channels:
  - conda-forge defaults
```

## How to mend it
Write one channel an entry, each once.
",
};
