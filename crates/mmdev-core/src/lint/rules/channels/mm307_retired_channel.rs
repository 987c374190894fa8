//! MM307: a channel gets no new packages.

use super::origin;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::lint::context::Context;
use crate::lint::{Check, Rule};

pub(super) static RULE: Rule = Rule {
    code: Code("MM307"),
    name: "retired-channel",
    severity: Severity::Information,
    summary: "A channel gets no new packages.",
    is_default: true,
    fix: None,
    check: Check::Spec(check),
    documentation: "\
## What it finds
The channels `pytorch` and `pytorch-nightly`, which end with PyTorch 2.5, and `free`, Anaconda's packages from before \
September 2017; in `channels:` or before `::`.

## Why
Their owners say so: PyTorch announced in October 2024 that it publishes no conda packages any more \
(pytorch/pytorch#138506), and conda 4.7 took `free` out of `defaults`. Nothing fails: the solver goes on to choose \
what the channel had at its end, and holds Python, CUDA and all that belongs to it back.

## Example
```yaml
channels:
  - pytorch
  - conda-forge
dependencies:
  - pytorch
```

## How to mend it
Take the package from conda-forge, which builds `pytorch` with and without CUDA. Where the old version is meant, leave \
the channel.
",
};

/// The channels, and where each of them ends.
const RETIRED: [(&str, &str); 3] = [
    ("pytorch", "PyTorch 2.5"),
    ("pytorch-nightly", "PyTorch 2.5"),
    ("free", "September 2017"),
];

fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut said = Vec::new();
    origin::mentions(context.spec())
        .filter_map(|(channel, span)| {
            let name = origin::name(channel);
            let (_, end) = RETIRED.iter().find(|(retired, _)| *retired == name)?;
            if said.contains(&name) {
                return None;
            }
            said.push(name);
            let message =
                format!("the channel `{channel}` gets no new packages: it ends with {end}");
            Some(
                Diagnostic::information(RULE.code, span, message)
                    .with_hint("conda-forge has the later ones"),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::testing::check;
    use expect_test::expect;

    #[test]
    fn each_channel_is_named_once() {
        check(
            &RULE,
            "channels: [pytorch, https://repo.anaconda.com/pkgs/free, conda-forge]\ndependencies: [pytorch::pytorch, pytorch-nightly::torchvision, conda-forge::pytorch]\n",
            expect![[r#"
                1:12 `pytorch` Information: the channel `pytorch` gets no new packages: it ends with PyTorch 2.5
                  hint: conda-forge has the later ones
                1:21 `https://repo.anaconda.com/pkgs/free` Information: the channel `https://repo.anaconda.com/pkgs/free` gets no new packages: it ends with September 2017
                  hint: conda-forge has the later ones
                2:34 `pytorch-nightly` Information: the channel `pytorch-nightly` gets no new packages: it ends with PyTorch 2.5
                  hint: conda-forge has the later ones
            "#]],
        );
    }
}
