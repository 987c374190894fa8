//! MM306: a channel is a web page about it.

use super::origin;
use crate::diagnostic::{Applicability, Code, Diagnostic, Severity};
use crate::lint::context::Context;
use crate::lint::{Check, Rule};
use crate::text::{Edit, Span};

pub(super) static RULE: Rule = Rule {
    code: Code("MM306"),
    name: "channel-web-page",
    severity: Severity::Warning,
    summary: "A channel is a web page about it.",
    is_default: true,
    fix: Some(Applicability::Safe),
    check: Check::Spec(check),
    documentation: "\
## What it finds
A channel that is the address of a page for people: `https://anaconda.org/conda-forge`, a page of one package below \
it, `https://prefix.dev/channels/conda-forge`, `https://conda-forge.org`.

## Why
conda, mamba and micromamba look for `linux-64/repodata.json` below a channel's URL, and a page has none. The \
packages of anaconda.org are served by conda.anaconda.org, which is what a bare name means.

## Example
```yaml
channels:
  - https://anaconda.org/conda-forge/numpy
dependencies:
  - numpy
```

## How to mend it
Write the channel's name (the fix does).
",
};

fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let text = context.file.text;
    let channels = context.spec().channels.iter().flatten();
    channels
        .filter_map(|channel| {
            let name = channel_of(&channel.value)?;
            let message = format!("`{}` is a web page, the channel is `{name}`", channel.value);
            let found = Diagnostic::warning(RULE.code, channel.span, message)
                .with_hint(format!("Write `{name}`"));
            Some(match text[channel.span.range()].find(&channel.value) {
                Some(at) => {
                    let start = channel.span.start + at;
                    let span = Span::new(start, start + channel.value.len());
                    found.with_fix(
                        format!("Write `{name}`"),
                        vec![Edit::replace(span, name)],
                        Applicability::Safe,
                    )
                }
                None => found,
            })
        })
        .collect()
}

/// The channel that a web page is about.
fn channel_of(page: &str) -> Option<String> {
    let (host, path) = origin::url(page)?;
    let host = host.strip_prefix("www.").unwrap_or(host);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut parts = path.split('/').filter(|part| !part.is_empty()).peekable();
    match host {
        "anaconda.org" => {
            parts.next_if_eq(&"channels");
            // A token's URL is no page.
            let owner = parts.next().filter(|owner| *owner != "t")?;
            match (parts.next(), parts.next()) {
                (Some("label"), Some(label)) => Some(format!("{owner}/label/{label}")),
                _ => Some(owner.to_owned()),
            }
        }
        "prefix.dev" => {
            parts.next_if_eq(&"channels")?;
            parts
                .next()
                .map(|name| format!("https://prefix.dev/{name}"))
        }
        "conda-forge.org" => Some("conda-forge".to_owned()),
        "bioconda.github.io" => Some("bioconda".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{RULE, channel_of};
    use crate::lint::testing::check;
    use expect_test::expect;

    #[test]
    fn pages_are_told_from_channels() {
        for (page, expected) in [
            ("https://anaconda.org/conda-forge", Some("conda-forge")),
            ("http://www.anaconda.org/conda-forge/", Some("conda-forge")),
            (
                "https://anaconda.org/conda-forge/numpy/files?x=1",
                Some("conda-forge"),
            ),
            (
                "https://anaconda.org/channels/conda-forge/packages/numpy",
                Some("conda-forge"),
            ),
            ("https://anaconda.org/me/label/dev", Some("me/label/dev")),
            ("https://anaconda.org/t/ab-12/me", None),
            ("https://anaconda.org", None),
            ("https://conda.anaconda.org/conda-forge", None),
            (
                "https://prefix.dev/channels/x/packages/y",
                Some("https://prefix.dev/x"),
            ),
            ("https://prefix.dev/conda-forge", None),
            ("https://conda-forge.org/", Some("conda-forge")),
            ("conda-forge", None),
            ("https://example.org/conda-forge", None),
        ] {
            assert_eq!(channel_of(page).as_deref(), expected, "{page}");
        }
    }

    #[test]
    fn the_name_takes_the_place_of_the_page() {
        check(
            &RULE,
            "channels:\n  - 'https://anaconda.org/bioconda' # why\n  - conda-forge\ndependencies: [a]\n",
            expect![[r#"
                2:5 `'https://anaconda.org/bioconda'` Warning: `https://anaconda.org/bioconda` is a web page, the channel is `bioconda`
                  hint: Write `bioconda`
                  Safe fix: Write `bioconda`
                  -   - 'https://anaconda.org/bioconda' # why
                  +   - 'bioconda' # why
            "#]],
        );
    }
}
