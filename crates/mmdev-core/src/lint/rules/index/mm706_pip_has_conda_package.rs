//! MM706: a package of the pip section is on a channel.

use crate::diagnostic::{Applicability, Severity};
use crate::lint::{Check, Rule, channels};

pub(super) static RULE: Rule = Rule {
    code: channels::PIP_HAS_CONDA_PACKAGE,
    name: "pip-has-conda-package",
    severity: Severity::Information,
    summary: "A package of the pip section is on a channel as a conda package.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Index,
    documentation: "\
## What it finds
An entry of the pip section, by its name alone or with a version, that a channel of the spec has as a conda package, in
a version that fits, for every platform of the environment. What the package is called there is known from the public
mapping of PyPI's names to conda-forge's: `torch` is `pytorch` there, and `docker` is not the `docker` that pip means
but `docker-py`. Without that mapping nothing is said. Entries with extras, markers or URLs are left alone, and whole
specs that name another index or hold build strings, as exports do.

## Why
pip installs after conda is done, and conda does not know what it has installed: pip may replace files of conda
packages, and a later `conda install` may break what pip has put there. conda's own documentation says to take from pip
only what no channel has.

## Example
```yaml
channels:
  - conda-forge
dependencies:
  - python
  - pip
  - pip:
      - torch>=2.0
```

## How to mend it
Move it to `dependencies:` under its conda name. The fix does where the version means the same to both; it is unsafe,
because conda-forge's build may differ from the wheel (other CUDA versions, other libraries).
",
};
