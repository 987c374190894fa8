//! MM302: Anaconda's packages and conda-forge's are mixed.

use super::origin;
use crate::diagnostic::{Applicability, Code, Diagnostic, Severity};
use crate::lint::context::Context;
use crate::lint::{Check, Rule, entries};
use crate::text::{Edit, Span};

pub(super) static RULE: Rule = Rule {
    code: Code("MM302"),
    name: "defaults-and-conda-forge",
    severity: Severity::Warning,
    summary: "Anaconda's packages and conda-forge's are mixed.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Spec(check),
    documentation: "\
## What it finds
One of Anaconda's channels (`defaults`, `main`, `anaconda`, mirrors of them) in an environment that also takes \
packages of conda-forge; also where two specs make one environment.

## Why
The two build the same libraries with other compilers, options and names, and conda's documentation (\"Managing \
channels\") advises against mixing channels in one environment. With conda's and micromamba's `flexible` channel \
priority a package comes from the second channel as soon as the first one's does not fit, so that a solve of another \
day mixes them otherwise, or finds nothing at all. Where conda-forge stands first, little comes from Anaconda's \
channels, and this is information; it is a warning where theirs come first, or one is asked for by name.

## Example
```yaml
channels:
  - conda-forge
  - defaults
dependencies:
  - python
```

## How to mend it
Keep one of them. The fix keeps conda-forge; it is unsafe, because a package may be in the other alone. \
`nodefaults` behind it keeps conda from adding `defaults` again. Where a comment stands by a channel of Anaconda's, \
there is no fix.
",
};

fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let others = context.around.merged_with.iter().map(|(_, spec)| spec);
    let mut all = others
        .chain([context.spec()])
        .flat_map(origin::mentions)
        .map(|(channel, _)| channel);
    let Some(conda_forge) = all.find(|channel| origin::is_conda_forge(channel)) else {
        return Vec::new();
    };
    let Some((channel, span)) =
        origin::mentions(context.spec()).find(|(channel, _)| origin::is_anaconda(channel))
    else {
        return Vec::new();
    };
    let message =
        format!("packages of `{channel}` and of `{conda_forge}` are not built to be mixed");
    let found = if is_last_resort(context) {
        Diagnostic::information(RULE.code, span, message)
    } else {
        Diagnostic::warning(RULE.code, span, message)
    };
    let found = found.with_hint("Keep one of the two");
    vec![match removals(context) {
        Some(edits) => found.with_fix("Keep conda-forge alone", edits, Applicability::Unsafe),
        None => found,
    }]
}

/// Whether conda-forge stands before Anaconda's channels, so that they give only what it lacks, unless a solve finds no
/// other way.
fn is_last_resort(context: &Context<'_>) -> bool {
    let channels = context.spec().channels.iter().flatten();
    let first = channels
        .map(|channel| channel.value.as_str())
        .find(|channel| origin::is_conda_forge(channel) || origin::is_anaconda(channel));
    let mut named = context.spec().dependencies.iter().filter_map(|dependency| {
        let channel = dependency.match_spec.as_ref()?.channel.as_ref()?;
        Some(channel.value.as_str())
    });
    first.is_some_and(origin::is_conda_forge) && !named.any(origin::is_anaconda)
}

/// Anaconda's channels away, where conda-forge stays.
fn removals(context: &Context<'_>) -> Option<Vec<Edit>> {
    let channels = context.spec().channels.as_deref()?;
    channels
        .iter()
        .find(|channel| origin::is_conda_forge(&channel.value))?;
    let text = context.file.text;
    let anaconda: Vec<Span> = channels
        .iter()
        .filter(|channel| origin::is_anaconda(&channel.value))
        .map(|channel| channel.span)
        .collect();
    // It would be read as one about the channel below.
    let has_comment = anaconda
        .iter()
        .any(|&channel| entries::has_comment_above(text, channel));
    entries::removals(text, anaconda).filter(|edits| !edits.is_empty() && !has_comment)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::Surroundings;
    use crate::lint::testing::{check, check_in, everything};
    use crate::spec::read;
    use expect_test::expect;

    #[test]
    fn mixed_channels() {
        check(
            &RULE,
            "channels:\n  - defaults\n  - conda-forge\n  - r\ndependencies: [a]\n",
            expect![[r#"
                2:5 `defaults` Warning: packages of `defaults` and of `conda-forge` are not built to be mixed
                  hint: Keep one of the two
                  Unsafe fix: Keep conda-forge alone
                  -   - defaults
                  -   - r
            "#]],
        );
        check(
            &RULE,
            "channels: [conda-forge, bioconda, defaults]\ndependencies: [a]\n",
            expect![[r#"
                1:35 `defaults` Information: packages of `defaults` and of `conda-forge` are not built to be mixed
                  hint: Keep one of the two
                  Unsafe fix: Keep conda-forge alone
                  - channels: [conda-forge, bioconda, defaults]
                  + channels: [conda-forge, bioconda]
            "#]],
        );
        check(
            &RULE,
            "channels:\n  - conda-forge\n  - defaults # for x\ndependencies: [a]\n",
            expect![[r#"
                3:5 `defaults` Information: packages of `defaults` and of `conda-forge` are not built to be mixed
                  hint: Keep one of the two
            "#]],
        );
        check(
            &RULE,
            "channels:\n  - conda-forge\n  # for x\n  - defaults\ndependencies: [a]\n",
            expect![[r#"
                4:5 `defaults` Information: packages of `defaults` and of `conda-forge` are not built to be mixed
                  hint: Keep one of the two
            "#]],
        );
        check(
            &RULE,
            "channels: [conda-forge]\ndependencies: [anaconda::a]\n",
            expect![[r#"
                2:16 `anaconda` Warning: packages of `anaconda` and of `conda-forge` are not built to be mixed
                  hint: Keep one of the two
            "#]],
        );
        check(
            &RULE,
            "channels: [conda-forge, nodefaults]\ndependencies: [bioconda::a]\n",
            expect![[""]],
        );
    }

    #[test]
    fn a_spec_that_is_merged_with_it_counts() {
        let other = read("b.yaml", "channels: [conda-forge]\ndependencies: [b]\n").spec;
        let around = Surroundings {
            merged_with: vec![("b.yaml".to_owned(), other)],
            ..everything()
        };
        check_in(
            &RULE,
            "channels: [defaults]\ndependencies: [a]\n",
            &around,
            expect![[r#"
                1:12 `defaults` Warning: packages of `defaults` and of `conda-forge` are not built to be mixed
                  hint: Keep one of the two
            "#]],
        );
    }
}
