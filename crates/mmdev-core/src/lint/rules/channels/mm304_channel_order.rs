//! MM304: bioconda stands before conda-forge.

use super::origin;
use crate::diagnostic::{Applicability, Code, Diagnostic, Severity};
use crate::lint::context::Context;
use crate::lint::{Check, Rule, entries};

pub(super) static RULE: Rule = Rule {
    code: Code("MM304"),
    name: "channel-order",
    severity: Severity::Warning,
    summary: "bioconda stands before conda-forge.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Spec(check),
    documentation: "\
## What it finds
The channel `bioconda` above `conda-forge`.

## Why
conda, mamba and micromamba prefer a channel to those below it. bioconda builds its packages on conda-forge's and \
documents the order conda-forge, bioconda: the few packages that both have, old ones of bioconda, would otherwise \
win over those that the others were built with.

## Example
```yaml
channels:
  - bioconda
  - conda-forge
dependencies:
  - samtools
```

## How to mend it
Put conda-forge first (the fix exchanges them with the comments behind them; it is unsafe, because other builds may \
be solved). Where a comment stands above one of them, there is no fix.
",
};

fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let channels = context.spec().channels.as_deref().unwrap_or_default();
    let place = |name: &str| {
        channels
            .iter()
            .position(|channel| origin::name(&channel.value) == name)
    };
    let (Some(bioconda), Some(conda_forge)) = (place("bioconda"), place("conda-forge")) else {
        return Vec::new();
    };
    if bioconda > conda_forge {
        return Vec::new();
    }
    let (first, second) = (channels[bioconda].span, channels[conda_forge].span);
    let found = Diagnostic::warning(
        RULE.code,
        first,
        "`bioconda` stands before `conda-forge`, on whose packages its own are built",
    )
    .with_hint("Put `conda-forge` first, as bioconda's documentation asks");
    vec![match entries::exchange(context.file.text, first, second) {
        Some(edits) => found.with_fix("Put `conda-forge` first", edits, Applicability::Unsafe),
        None => found,
    }]
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::testing::check;
    use expect_test::expect;

    #[test]
    fn bioconda_is_below_conda_forge() {
        check(
            &RULE,
            "channels:\n  - bioconda # tools\n  - x\n  - 'conda-forge'\n  - r\ndependencies: [a]\n",
            expect![[r#"
                2:5 `bioconda` Warning: `bioconda` stands before `conda-forge`, on whose packages its own are built
                  hint: Put `conda-forge` first, as bioconda's documentation asks
                  Unsafe fix: Put `conda-forge` first
            "#]],
        );
        check(
            &RULE,
            "channels: [conda-forge, bioconda]\ndependencies: [a]\n",
            expect![[""]],
        );
        check(
            &RULE,
            "channels: [bioconda]\ndependencies: [a]\n",
            expect![[""]],
        );
    }
}
