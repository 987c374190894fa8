//! MM208: a URL or path among the dependencies is no package file.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::match_spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::PACKAGE_URL,
    name: "package-url",
    severity: Severity::Error,
    summary: "A URL or path among the dependencies is no package file.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
A URL or path that does not end in `name-version-build.conda` or `.tar.bz2`.

## Why
rattler and micromamba read name, version and build from the file's name and refuse another. conda takes any \
package file by URL. Repositories and wheels are pip's.

## Example
```yaml
dependencies:
  - https://github.com/owner/project
  - git+https://github.com/owner/project.git
```

## How to mend it
Move what pip installs under `pip:`. For a package of a channel write `channel::name`.
",
};
