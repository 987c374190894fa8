//! MM226: a package stands twice among the dependencies.

use crate::diagnostic::{Applicability, Code, Diagnostic, Severity};
use crate::lint::context::Context;
use crate::lint::entries::removal;
use crate::lint::range::contradiction;
use crate::lint::{Check, Rule};
use crate::match_spec::MatchSpec;
use crate::spec::{Dependency, PLATFORMS};
use crate::text::Spanned;

pub(super) static RULE: Rule = Rule {
    code: Code("MM226"),
    name: "duplicate-dependency",
    severity: Severity::Error,
    summary: "A package stands twice among the dependencies.",
    is_default: true,
    fix: Some(Applicability::Safe),
    check: Check::Spec(check),
    documentation: "\
## What it finds
A second entry for a package on a platform that the first one is for as well: an error where no version fits both, a \
warning where they ask for different things, information where one of them says nothing that the other does not.

## Why
conda, mamba and micromamba take both, so that both must hold. A reader sees one of them, changes it, and nothing \
changes.

## Example
```yaml
dependencies:
  - numpy>=1.26
  - python=3.12
  - numpy
```

## How to mend it
Keep one entry, with both constraints joined by a comma. The fix takes away an entry that adds nothing, where no comment \
stands behind it.
",
};

fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let dependencies = &context.spec().dependencies;
    let mut found = Vec::new();
    for (index, later) in dependencies.iter().enumerate() {
        let Some(later_spec) = &later.match_spec else {
            continue;
        };
        // The nearest one above is the one that a reader compares it with.
        let earlier = dependencies[..index].iter().rev().find_map(|earlier| {
            let spec = earlier.match_spec.as_ref()?;
            // An entry that an alias repeats stands there once.
            let is_other = earlier.text.span != later.text.span;
            (is_other && spec.name.value == later_spec.name.value && do_meet(earlier, later))
                .then_some((earlier, spec))
        });
        if let Some((earlier, spec)) = earlier {
            found.push(diagnostic(context, (earlier, spec), (later, later_spec)));
        }
    }
    found
}

/// Whether there is a platform that both entries are for.
pub(super) fn do_meet(left: &Dependency, right: &Dependency) -> bool {
    let applies = |dependency: &Dependency, platform: &str| {
        let selector = dependency.selector.as_ref();
        selector.is_none_or(|selector| selector.applies_to(platform) == Some(true))
    };
    PLATFORMS
        .iter()
        .any(|platform| applies(left, platform) && applies(right, platform))
}

/// The two comparisons of both entries that exclude each other.
pub(super) fn clash(left: &MatchSpec, right: &MatchSpec) -> Option<String> {
    let constraints = [left.constraint.as_ref()?, right.constraint.as_ref()?];
    let [one, other] = contradiction(&constraints)?;
    Some(format!("no version is both `{one}` and `{other}`"))
}

fn diagnostic(
    context: &Context<'_>,
    (earlier, earlier_spec): (&Dependency, &MatchSpec),
    (later, later_spec): (&Dependency, &MatchSpec),
) -> Diagnostic {
    let name = &later_spec.name.value;
    let place = later.text.span;
    if let Some(clash) = clash(earlier_spec, later_spec) {
        let message = format!("`{name}` stands above already, and {clash}");
        return Diagnostic::error(RULE.code, place, message)
            .with_hint("Keep one of the two entries");
    }
    let selector = |of: &Dependency| of.selector.as_ref().map(|one| one.text.value.clone());
    let superfluous = if selector(earlier) != selector(later) {
        None
    } else if asks(later_spec) == asks(earlier_spec) || asks(later_spec) == Asked::default() {
        Some((later, "stands above already, and this entry adds nothing"))
    } else {
        let adds_nothing = asks(earlier_spec) == Asked::default();
        adds_nothing.then_some((earlier, "stands above already, and that entry adds nothing"))
    };
    let Some((entry, what)) = superfluous else {
        let message = format!(
            "`{}` stands above already: both entries must hold",
            shown(earlier)
        );
        return Diagnostic::warning(RULE.code, place, message)
            .with_hint("Write one entry, with a comma between the constraints");
    };
    let found = Diagnostic::information(RULE.code, place, format!("`{}` {what}", shown(earlier)));
    match removal(context.file.text, entry.text.span) {
        Some(edit) => found.with_fix("Remove it", vec![edit], Applicability::Safe),
        None => found.with_hint("Remove it"),
    }
}

/// What an entry asks of its package: channel, version, build, and what stands in brackets.
#[derive(Default, PartialEq, Eq)]
pub(super) struct Asked {
    parts: [Option<String>; 4],
    attributes: Vec<(String, String)>,
}

pub(super) fn asks(spec: &MatchSpec) -> Asked {
    let value = |part: &Option<Spanned<String>>| part.as_ref().map(|part| part.value.clone());
    let version = spec.constraint.as_ref().map(ToString::to_string);
    let attributes = spec.attributes.iter();
    Asked {
        parts: [
            value(&spec.channel),
            value(&spec.subdir),
            version.filter(|version| version != "*"),
            value(&spec.build).filter(|build| build != "*"),
        ],
        attributes: attributes
            .map(|(key, value)| (key.value.clone(), value.value.clone()))
            .collect(),
    }
}

/// A dependency without its channel, whose URL may hold a token.
pub(super) fn shown(dependency: &Dependency) -> &str {
    let text = dependency.text.value.as_str();
    text.rsplit("::").next().unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::testing::check;
    use expect_test::expect;

    #[test]
    fn what_adds_nothing_is_removed() {
        check(
            &RULE,
            "dependencies:\n  - numpy\n  - numpy>=1.2 # why\n  - scipy=1\n  - 'scipy=1'\n  - a\n  - a  # why\n",
            expect![[r#"
                3:5 `numpy>=1.2` Information: `numpy` stands above already, and that entry adds nothing
                  Safe fix: Remove it
                  -   - numpy
                5:5 `'scipy=1'` Information: `scipy=1` stands above already, and this entry adds nothing
                  Safe fix: Remove it
                  -   - 'scipy=1'
                7:5 `a` Information: `a` stands above already, and this entry adds nothing
                  hint: Remove it
            "#]],
        );
    }

    #[test]
    fn both_constraints_hold() {
        check(
            &RULE,
            "dependencies:\n  - numpy>=2\n  - numpy<1.26\n  - conda-forge::scipy>1\n  - scipy<2\n  - blas=*=mkl\n  - blas\n  - A=1\n  - a=1\n",
            expect![[r#"
                3:5 `numpy<1.26` Error: `numpy` stands above already, and no version is both `>=2` and `<1.26`
                  hint: Keep one of the two entries
                5:5 `scipy<2` Warning: `scipy>1` stands above already: both entries must hold
                  hint: Write one entry, with a comma between the constraints
                7:5 `blas` Information: `blas=*=mkl` stands above already, and this entry adds nothing
                  Safe fix: Remove it
                  -   - blas
                9:5 `a=1` Information: `A=1` stands above already, and this entry adds nothing
                  Safe fix: Remove it
                  -   - a=1
            "#]],
        );
    }

    #[test]
    fn other_platforms_have_their_own() {
        check(
            &RULE,
            "dependencies:\n  - sel(linux): numpy=1\n  - sel(osx): numpy=2\n  - a=1  # [win]\n  - a=2  # [unix]\n  - sel(unix): numpy=2\n",
            expect![[r#"
                6:16 `numpy=2` Warning: `numpy=2` stands above already: both entries must hold
                  hint: Write one entry, with a comma between the constraints
            "#]],
        );
    }
}
