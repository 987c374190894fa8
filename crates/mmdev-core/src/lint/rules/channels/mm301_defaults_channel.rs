//! MM301: a channel is Anaconda's.

use super::origin;
use crate::diagnostic::{Applicability, Code, Diagnostic, Severity};
use crate::lint::context::Context;
use crate::lint::{Check, Rule, entries};
use crate::text::{Edit, Span};

pub(super) static RULE: Rule = Rule {
    code: Code("MM301"),
    name: "defaults-channel",
    severity: Severity::Information,
    summary: "A channel is Anaconda's, whose terms of service it has.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Spec(check),
    documentation: "\
## What it finds
The first of the channels `defaults`, `main`, `r`, `msys2`, `free` and `anaconda`, and of those below \
`https://repo.anaconda.com/pkgs/`, in `channels:` or before `::`.

## Why
Anaconda asks everybody who uses them to accept its terms of service: conda has a plugin, conda-anaconda-tos, that \
stops until somebody has. The terms stand at <https://www.anaconda.com/legal>; whether they matter to you is for you \
to know. conda-forge, a channel of the community, has most of the same packages.

## Example
```yaml
channels:
  - defaults
dependencies:
  - python
```

## How to mend it
Leave it, if you know the terms: `# mmdev: ignore[MM301]`. Or write `conda-forge` (the fix does; it is unsafe, because \
other builds are solved). Where conda-forge stands there already, see MM302.
",
};

fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let spec = context.spec();
    let Some((channel, span)) =
        origin::mentions(spec).find(|(channel, _)| origin::is_served_by_anaconda(channel))
    else {
        return Vec::new();
    };
    let message = format!("the channel `{channel}` is Anaconda's, whose terms of service it has");
    let found = Diagnostic::information(RULE.code, span, message)
        .with_hint("They stand at https://www.anaconda.com/legal");
    vec![match replacement(context) {
        Some(edits) => found.with_fix("Use `conda-forge`", edits, Applicability::Unsafe),
        None => found,
    }]
}

/// conda-forge in the place of the first, and the others away.
fn replacement(context: &Context<'_>) -> Option<Vec<Edit>> {
    let text = context.file.text;
    let channels = context.spec().channels.as_deref()?;
    if channels
        .iter()
        .any(|channel| origin::is_conda_forge(&channel.value))
    {
        return None;
    }
    let mut own = channels
        .iter()
        .filter(|channel| origin::is_served_by_anaconda(&channel.value));
    let first = own.next()?;
    let at = first.span.start + text[first.span.range()].find(&first.value)?;
    let first = Edit::replace(Span::new(at, at + first.value.len()), "conda-forge");
    let mut edits = entries::removals(text, own.map(|channel| channel.span))?;
    edits.push(first);
    Some(edits)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::testing::check;
    use expect_test::expect;

    #[test]
    fn each_spec_is_told_once() {
        check(
            &RULE,
            "channels:\n  - bioconda\n  - 'https://repo.anaconda.com/pkgs/main' # why\n  - r\ndependencies: [a]\n",
            expect![[r#"
                3:5 `'https://repo.anaconda.com/pkgs/main'` Information: the channel `https://repo.anaconda.com/pkgs/main` is Anaconda's, whose terms of service it has
                  hint: They stand at https://www.anaconda.com/legal
                  Unsafe fix: Use `conda-forge`
                  -   - 'https://repo.anaconda.com/pkgs/main' # why
                  -   - r
                  +   - 'conda-forge' # why
            "#]],
        );
        check(
            &RULE,
            "channels: [conda-forge, defaults]\ndependencies: [a]\n",
            expect![[r#"
                1:25 `defaults` Information: the channel `defaults` is Anaconda's, whose terms of service it has
                  hint: They stand at https://www.anaconda.com/legal
            "#]],
        );
        check(
            &RULE,
            "channels: [x]\ndependencies: [anaconda::a, main::b]\n",
            expect![[r#"
                2:16 `anaconda` Information: the channel `anaconda` is Anaconda's, whose terms of service it has
                  hint: They stand at https://www.anaconda.com/legal
            "#]],
        );
        check(
            &RULE,
            "channels: [conda-forge, https://mirror.example/anaconda/pkgs/main, nodefaults]\ndependencies: [a]\n",
            expect![[""]],
        );
    }
}
