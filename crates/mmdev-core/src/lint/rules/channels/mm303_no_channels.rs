//! MM303: a spec names no channels.

use crate::diagnostic::{Applicability, Code, Diagnostic, Severity};
use crate::lint::context::Context;
use crate::lint::{Check, Rule, entries};
use crate::syntax::yaml::{Entry, Kind};
use crate::text::{Edit, Span};

pub(super) static RULE: Rule = Rule {
    code: Code("MM303"),
    name: "no-channels",
    severity: Severity::Warning,
    summary: "A spec names no channels.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Spec(check),
    documentation: "\
## What it finds
A spec without `channels:`, where no other spec of the same environment has it either; an empty list, which is a \
warning.

## Why
Every tool then takes other ones: conda those of the person's .condarc, and `defaults` where it names none; \
micromamba those of its configuration, which can be none at all. mmdev takes conda-forge, which nearly every spec that \
works in both means.

## Example
```yaml
dependencies:
  - python
```

## How to mend it
Name them. The fix writes `conda-forge`; it is unsafe, because the author may have had other ones.
",
};

fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let others = context.around.merged_with.iter().map(|(_, spec)| spec);
    let mut others = others.filter_map(|spec| spec.channels.as_ref());
    if others.any(|channels| !channels.is_empty()) {
        return Vec::new();
    }
    if let Some(channels) = context.top_level("channels") {
        // What is no list has its own diagnostic.
        return match &channels.value.kind {
            Kind::Sequence(items) if items.is_empty() => vec![empty(channels)],
            _ => Vec::new(),
        };
    }
    let Some(dependencies) = context.top_level("dependencies") else {
        return Vec::new();
    };
    let key = dependencies.key.span;
    let found = Diagnostic::information(
        RULE.code,
        key,
        "the spec names no channels: conda and micromamba take those of each person's configuration, mmdev conda-forge",
    )
    .with_hint("Add `channels:` above");
    vec![match insertion(context, key) {
        Some(edit) => found.with_fix("Add `conda-forge`", vec![edit], Applicability::Unsafe),
        None => found,
    }]
}

fn empty(channels: &Entry) -> Diagnostic {
    Diagnostic::warning(
        RULE.code,
        channels.key.span,
        "`channels:` is empty: conda takes those of each person's configuration, mmdev none",
    )
    .with_hint("Name the channels")
    .with_fix(
        "Name `conda-forge`",
        vec![Edit::replace(channels.value.span, "[conda-forge]")],
        Applicability::Unsafe,
    )
}

/// `channels:` behind the name, else before the dependencies, whose entries say how it is indented.
fn insertion(context: &Context<'_>, key: Span) -> Option<Edit> {
    let text = context.file.text;
    let line_of = |offset: usize| text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let name = context.top_level("name").filter(|name| {
        name.key.span.start == line_of(name.key.span.start) && name.value.span.end < key.start
    });
    let after_name = name.and_then(|name| {
        let end = name.value.span.end;
        text[end..].find('\n').map(|length| end + length + 1)
    });
    if line_of(key.start) != key.start {
        return None;
    }
    let first = context.spec().dependencies.first();
    let indent = first.map_or("  ", |first| {
        let before = &text[line_of(first.text.span.start)..first.text.span.start];
        before
            .strip_suffix("- ")
            .filter(|indent| indent.trim().is_empty())
            .unwrap_or("  ")
    });
    let line_break = entries::line_break(text);
    Some(Edit::insert(
        after_name.unwrap_or(key.start),
        format!("channels:{line_break}{indent}- conda-forge{line_break}"),
    ))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::Surroundings;
    use crate::lint::testing::{check, check_in, everything};
    use crate::spec::read;
    use expect_test::expect;

    #[test]
    fn specs_without_channels() {
        check(
            &RULE,
            "# what\nname: x # why\n\n# below\ndependencies:\n- a\n",
            expect![[r#"
                5:1 `dependencies` Information: the spec names no channels: conda and micromamba take those of each person's configuration, mmdev conda-forge
                  hint: Add `channels:` above
                  Unsafe fix: Add `conda-forge`
                  + channels:
                  + - conda-forge
            "#]],
        );
        check(
            &RULE,
            "dependencies:\r\n    - a\r\n",
            expect![[r#"
                1:1 `dependencies` Information: the spec names no channels: conda and micromamba take those of each person's configuration, mmdev conda-forge
                  hint: Add `channels:` above
                  Unsafe fix: Add `conda-forge`
                  + channels:
                  +     - conda-forge
            "#]],
        );
        check(
            &RULE,
            "{name: x, dependencies: [a]}\n",
            expect![[r#"
                1:11 `dependencies` Information: the spec names no channels: conda and micromamba take those of each person's configuration, mmdev conda-forge
                  hint: Add `channels:` above
            "#]],
        );
        check(&RULE, "channels:\ndependencies: [a]\n", expect![[""]]);
        check(
            &RULE,
            "channels: []\ndependencies: [a]\n",
            expect![[r#"
            1:1 `channels` Warning: `channels:` is empty: conda takes those of each person's configuration, mmdev none
              hint: Name the channels
              Unsafe fix: Name `conda-forge`
              - channels: []
              + channels: [conda-forge]
        "#]],
        );
    }

    #[test]
    fn another_spec_of_the_environment_may_name_them() {
        let other = read("b.yaml", "channels: [conda-forge]\ndependencies: [b]\n").spec;
        let around = Surroundings {
            merged_with: vec![("b.yaml".to_owned(), other)],
            ..everything()
        };
        check_in(&RULE, "dependencies: [a]\n", &around, expect![[""]]);
    }
}
