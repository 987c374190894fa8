//! MM608: the value of a setting is refused.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::settings;

pub(super) static RULE: Rule = Rule {
    code: settings::REFUSED_VALUE,
    name: "setting-value",
    severity: Severity::Error,
    summary: "The value of a setting is refused.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
A text that is no Debian package, image, digest, platform, name of an environment, extension or file of the project, \
where a setting takes one.

## Why
Settings end in a Dockerfile. What could be more than a name there, such as `git; curl …` or a text with a line \
break, is refused before it gets there.

## Example
```toml
[tool.mmdev]
system-packages = [\"git vim\"]
```

## How to mend it
Write one name an item: `[\"git\", \"vim\"]`. Commands of your own belong in `dockerfile.before` and `dockerfile.after`.
",
};
