//! MM225: a name that conda channels call otherwise.

use crate::diagnostic::{Applicability, Code, Diagnostic, Severity};
use crate::index::Answer;
use crate::lint::context::Context;
use crate::lint::known::pypi;
use crate::lint::{Check, Rule};
use crate::match_spec::MatchSpec;
use crate::text::Edit;

pub(super) static RULE: Rule = Rule {
    code: Code("MM225"),
    name: "pypi-name",
    severity: Severity::Warning,
    summary: "A package is called as on PyPI, and conda channels call it otherwise.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Spec(check),
    documentation: "\
## What it finds
Among the conda dependencies a name that PyPI has, or that programs import, and that conda-forge calls otherwise: one \
of the commonest, by a table in mmdev. Where the channels were asked, MM701 says it of all names that they do not have, \
and takes the conda name from the public mapping.

## Why
conda channels have names of their own: PyPI's `torch` is `pytorch`, `opencv-python` is `opencv`. conda, mamba and \
micromamba look for the name as it is written, and report that no channel has it.

## Example
```yaml
channels:
  - conda-forge
dependencies:
  - opencv-python
  - torch>=2
```

## How to mend it
Write the conda name (the fix does; it is unsafe, because versions may be counted otherwise), or move the entry under \
`pip:`.
",
};

/// The channels that the table was made for. Others may have any name.
const CHANNELS: [&str; 8] = [
    "conda-forge",
    "defaults",
    "nodefaults",
    "bioconda",
    "pytorch",
    "nvidia",
    "anaconda",
    "main",
];

fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let dependencies = context.spec().dependencies.iter();
    dependencies
        .filter_map(|dependency| {
            let spec = dependency.match_spec.as_ref()?;
            let conda = conda_name(context, spec)?;
            let place = dependency.place(spec.name.span);
            let message = format!(
                "`{}` is a name of PyPI; conda channels call the package `{conda}`",
                spec.name.value
            );
            let found =
                Diagnostic::warning(RULE.code, place.unwrap_or(dependency.text.span), message);
            Some(match place {
                Some(place) => found.with_fix(
                    format!("Write `{conda}`"),
                    vec![Edit::replace(place, conda)],
                    Applicability::Unsafe,
                ),
                None => found.with_hint(format!("Write `{conda}`")),
            })
        })
        .collect()
}

/// What conda channels call the package, where they do not have it as it is written.
fn conda_name(context: &Context<'_>, spec: &MatchSpec) -> Option<&'static str> {
    // Who asked the channels is told by MM701, which knows more.
    let is_asked = context
        .index
        .is_some_and(|index| matches!(index.names(), Answer::Known(_)));
    let mut channels = context.spec().channels.iter().flatten();
    let is_usual = channels.all(|channel| CHANNELS.contains(&channel.value.as_str()));
    let may_know = spec.channel.is_none() && is_usual && !is_asked;
    may_know
        .then(|| pypi::conda_name(&spec.name.value))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::testing::check;
    use expect_test::expect;

    #[test]
    fn the_commonest_are_known() {
        check(
            &RULE,
            "channels: [conda-forge, nodefaults]\ndependencies:\n  - opencv-python  # cv2\n  - 'Torch>=2'\n  - pytorch\n  - redis\n  - conda-forge::torch\n  - attrs\n",
            expect![[r#"
                3:5 `opencv-python` Warning: `opencv-python` is a name of PyPI; conda channels call the package `opencv`
                  Unsafe fix: Write `opencv`
                  -   - opencv-python  # cv2
                  +   - opencv  # cv2
                4:6 `Torch` Warning: `torch` is a name of PyPI; conda channels call the package `pytorch`
                  Unsafe fix: Write `pytorch`
                  -   - 'Torch>=2'
                  +   - 'pytorch>=2'
            "#]],
        );
    }

    #[test]
    fn another_channel_may_have_it() {
        check(
            &RULE,
            "channels: [fastchan, conda-forge]\ndependencies: [opencv-python]\n",
            expect![[""]],
        );
    }
}
