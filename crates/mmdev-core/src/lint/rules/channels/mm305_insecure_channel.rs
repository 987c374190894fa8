//! MM305: a channel is read over HTTP.

use crate::diagnostic::{Applicability, Code, Diagnostic, Severity};
use crate::lint::context::Context;
use crate::lint::{Check, Rule};
use crate::text::Edit;

pub(super) static RULE: Rule = Rule {
    code: Code("MM305"),
    name: "insecure-channel",
    severity: Severity::Warning,
    summary: "A channel is read over HTTP.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Spec(check),
    documentation: "\
## What it finds
A channel whose URL begins with `http:`, other than one of this machine.

## Why
Repodata holds the checksums of the packages. Over HTTP anybody on the way can change both, and conda, mamba and \
micromamba install what they are given.

## Example
```yaml
channels:
  - http://conda.example.org/team
dependencies:
  - python
```

## How to mend it
Write `https:` (the fix does; it is unsafe, because the server may not know HTTPS).
",
};

fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let channels = context.spec().channels.iter().flatten();
    channels
        .filter(|channel| {
            let host = channel.value.strip_prefix("http://").unwrap_or_default();
            !host.is_empty()
                && !["localhost", "127.", "[::1]"]
                    .iter()
                    .any(|own| host.starts_with(own))
        })
        .map(|channel| {
            let found = Diagnostic::warning(
                RULE.code,
                channel.span,
                format!(
                    "the channel `{}` is read over HTTP, where anybody can change it",
                    channel.value
                ),
            );
            let text = &context.file.text[channel.span.range()];
            match text.find("http:") {
                Some(at) => found.with_fix(
                    "Write `https:`",
                    vec![Edit::insert(channel.span.start + at + 4, "s")],
                    Applicability::Unsafe,
                ),
                None => found,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::testing::check;
    use expect_test::expect;

    #[test]
    fn channels_of_other_machines() {
        check(
            &RULE,
            "channels:\n  - 'http://a/b'\n  - https://a/b\n  - http://localhost:80/x\n  - conda-forge\ndependencies: [a]\n",
            expect![[r#"
                2:5 `'http://a/b'` Warning: the channel `http://a/b` is read over HTTP, where anybody can change it
                  Unsafe fix: Write `https:`
                  -   - 'http://a/b'
                  +   - 'https://a/b'
            "#]],
        );
    }
}
