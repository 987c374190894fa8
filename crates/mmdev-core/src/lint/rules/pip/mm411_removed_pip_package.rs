//! MM411: a package of PyPI that only says what to install instead.

use super::requirement;
use crate::diagnostic::{Applicability, Code, Diagnostic, Severity};
use crate::lint::context::Context;
use crate::lint::{Check, Rule, entries};
use crate::text::Edit;

pub(super) static RULE: Rule = Rule {
    code: Code("MM411"),
    name: "removed-pip-package",
    severity: Severity::Error,
    summary: "A package of PyPI that only says what to install instead.",
    is_default: true,
    fix: Some(Applicability::Safe),
    check: Check::Spec(check),
    documentation: "\
## What it finds
An entry of the pip section for `skimage`, for `sklearn` other than its old `==0.0`, or for `tensorflow-gpu` without a \
version.

## Why
Their releases on PyPI hold nothing but an error: building them stops, and with it pip, after the conda packages were \
installed. They stand there so that nobody else takes the name, by which people know `scikit-learn`, `scikit-image` \
and `tensorflow`.

## Example
```yaml
dependencies:
  - python
  - pip
  - pip:
    - sklearn
```

## How to mend it
Write the package's own name (the fix does; it is unsafe where a version is written, which goes, and \
where that name has an entry already, so that this one goes).
",
};

/// The names, and what they stand for.
const REMOVED: [(&str, &str); 3] = [
    ("skimage", "scikit-image"),
    ("sklearn", "scikit-learn"),
    ("tensorflow-gpu", "tensorflow"),
];

fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let entries = context.spec().pip.iter();
    entries
        .filter_map(|entry| {
            let name = requirement::name(entry)?;
            let (_, instead) = REMOVED.iter().find(|(removed, _)| *removed == name)?;
            let text = entry.text.value.as_str();
            let is_bare = requirement::normalized(text) == name;
            let is_old_release = match name {
                "sklearn" => requirement::exact_version(entry) == Some("0"),
                "tensorflow-gpu" => !is_bare,
                _ => false,
            };
            if is_old_release {
                return None;
            }
            let message = format!("`{name}` on PyPI is `{instead}` and cannot be installed itself");
            let found = Diagnostic::error(RULE.code, entry.text.span, message)
                .with_hint(format!("Write `{instead}`"));
            let is_there = context.spec().pip.iter();
            if is_there
                .filter_map(requirement::name)
                .any(|other| other == *instead)
            {
                return Some(match entries::removal(context.file.text, entry.text.span) {
                    Some(edit) => found.with_fix("Remove it", vec![edit], Applicability::Unsafe),
                    None => found,
                });
            }
            let is_plain = context.file.text[entry.text.span.range()] == *text;
            let is_simple = !text.contains([';', '[', '#']) && !text.contains(" -");
            let applicability = match is_bare {
                true => Applicability::Safe,
                false => Applicability::Unsafe,
            };
            Some(match is_plain && is_simple {
                true => found.with_fix(
                    format!("Write `{instead}`"),
                    vec![Edit::replace(entry.text.span, *instead)],
                    applicability,
                ),
                false => found,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::testing::check;
    use expect_test::expect;

    #[test]
    fn names_that_cannot_be_installed() {
        check(
            &RULE,
            "dependencies:\n  - sklearn\n  - pip:\n    - sklearn\n    - sklearn==0.0\n    - sklearn==0.0.post9 # why\n    - 'skimage'\n    - tensorflow_gpu\n    - tensorflow-gpu==2.4\n",
            expect![[r#"
                4:7 `sklearn` Error: `sklearn` on PyPI is `scikit-learn` and cannot be installed itself
                  hint: Write `scikit-learn`
                  Safe fix: Write `scikit-learn`
                  -     - sklearn
                  +     - scikit-learn
                6:7 `sklearn==0.0.post9` Error: `sklearn` on PyPI is `scikit-learn` and cannot be installed itself
                  hint: Write `scikit-learn`
                  Unsafe fix: Write `scikit-learn`
                  -     - sklearn==0.0.post9 # why
                  +     - scikit-learn # why
                7:7 `'skimage'` Error: `skimage` on PyPI is `scikit-image` and cannot be installed itself
                  hint: Write `scikit-image`
                8:7 `tensorflow_gpu` Error: `tensorflow-gpu` on PyPI is `tensorflow` and cannot be installed itself
                  hint: Write `tensorflow`
                  Safe fix: Write `tensorflow`
                  -     - tensorflow_gpu
                  +     - tensorflow
            "#]],
        );
    }

    #[test]
    fn what_is_there_already_is_not_written_again() {
        check(
            &RULE,
            "dependencies:\n  - pip:\n    - sklearn\n    - scikit-learn>1\n",
            expect![[r#"
                3:7 `sklearn` Error: `sklearn` on PyPI is `scikit-learn` and cannot be installed itself
                  hint: Write `scikit-learn`
                  Unsafe fix: Remove it
                  -     - sklearn
            "#]],
        );
    }
}
