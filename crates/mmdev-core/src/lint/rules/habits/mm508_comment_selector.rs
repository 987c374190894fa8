//! MM508: a platform selector that most tools read as a comment.

use crate::diagnostic::{Applicability, Code, Diagnostic, Severity};
use crate::lint::context::Context;
use crate::lint::{Check, Rule};
use crate::spec::{Dependency, PLATFORMS, PipEntry, PipLine, Selector, SelectorStyle};
use crate::text::Edit;

pub(super) static RULE: Rule = Rule {
    code: Code("MM508"),
    name: "comment-selector",
    severity: Severity::Warning,
    summary: "A platform selector that most tools read as a comment.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Spec(check),
    documentation: "\
## What it finds
A `# [linux]` behind an entry, in a spec that does not use conda-lock's other keys (`platforms:`, `category:`).

## Why
conda-lock and mmdev install such an entry on the platforms of its selector. For conda, mamba and micromamba it is a \
comment: they want the package on every platform, and stop where it does not exist. conda-build's recipes have the \
same selectors, which is where people know them from. micromamba and mamba 2 know `sel(linux):` instead, which conda \
refuses; there is no way that all of them understand, but for pip's own markers.

## Example
```yaml
dependencies:
  - python
  - pywin32  # [win]
```

## How to mend it
With micromamba or mamba write `- sel(win): pywin32` (the fix does; it is unsafe, because conda refuses it). In the \
pip section write pip's marker (the fix does). With conda alone keep one spec for each platform.
",
};

fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let spec = context.spec();
    if !spec.platforms.is_empty() || spec.category.is_some() {
        return Vec::new();
    }
    let text = context.file.text;
    let conda = spec.dependencies.iter().filter_map(|dependency| {
        let selector = comment(dependency.selector.as_ref())?;
        let found = diagnostic(selector, "conda, mamba and micromamba");
        Some(match key(text, dependency, selector) {
            Some((title, edit)) => found.with_fix(title, vec![edit], Applicability::Unsafe),
            None => found,
        })
    });
    let pip = spec.pip.iter().filter_map(|entry| {
        // pip honours a marker, whatever the comment behind it says.
        let selector =
            comment(entry.selector.as_ref()).filter(|_| !entry.text.value.contains(';'))?;
        let found = diagnostic(selector, "conda, mamba, micromamba and pip");
        Some(match marker(text, entry, selector) {
            Some((title, edit)) => found.with_fix(title, vec![edit], Applicability::Safe),
            None => found,
        })
    });
    conda.chain(pip).collect()
}

/// A comment that is understood; one that is not has its own diagnostic.
fn comment(selector: Option<&Selector>) -> Option<&Selector> {
    selector.filter(|selector| {
        selector.style == SelectorStyle::Comment && selector.applies_to("linux-64").is_some()
    })
}

fn diagnostic(selector: &Selector, who: &str) -> Diagnostic {
    let message = format!(
        "`# [{}]` is a comment to {who}, which install the entry everywhere",
        selector.text.value
    );
    Diagnostic::warning(RULE.code, selector.text.span, message)
        .with_hint("conda-lock and mmdev honour it")
}

/// The word of micromamba's that means what `selector` does on every platform.
fn word(selector: &Selector) -> Option<&'static str> {
    ["linux", "osx", "win", "unix"].into_iter().find(|word| {
        let key = Selector {
            style: SelectorStyle::Key,
            text: crate::text::Spanned::new((*word).to_owned(), selector.text.span),
        };
        PLATFORMS
            .iter()
            .all(|platform| key.applies_to(platform) == selector.applies_to(platform))
    })
}

fn key(text: &str, dependency: &Dependency, selector: &Selector) -> Option<(String, Edit)> {
    let word = word(selector)?;
    let start = dependency.text.span.start;
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    (text[line_start..start].trim() == "-").then(|| {
        let key = format!("sel({word}): ");
        (
            format!("Write `{}`", key.trim_end()),
            Edit::insert(start, key),
        )
    })
}

/// pip's own way to say it, behind a requirement that is not quoted.
fn marker(text: &str, entry: &PipEntry, selector: &Selector) -> Option<(String, Edit)> {
    let marker = match word(selector)? {
        "linux" => "sys_platform == 'linux'",
        "osx" => "sys_platform == 'darwin'",
        "win" => "sys_platform == 'win32'",
        _ => "sys_platform != 'win32'",
    };
    let is_plain = text[entry.text.span.range()] == entry.text.value;
    let is_bare = matches!(entry.line, PipLine::Package { .. })
        && !entry.text.value.contains(['@', '#'])
        && !entry.text.value.contains(" -");
    (is_plain && is_bare).then(|| {
        let edit = Edit::insert(entry.text.span.end, format!("; {marker}"));
        (format!("Write `; {marker}`"), edit)
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::testing::check;
    use expect_test::expect;

    #[test]
    fn each_selector_is_rewritten_where_there_is_a_word_for_it() {
        check(
            &RULE,
            "dependencies:\n  - a  # [win]\n  - 'b' # [not win]\n  - c # [linux64]\n  - sel(osx): d\n  - e # [windows]\n  - f # see [win]\n",
            expect![[r#"
                2:11 `win` Warning: `# [win]` is a comment to conda, mamba and micromamba, which install the entry everywhere
                  hint: conda-lock and mmdev honour it
                  Unsafe fix: Write `sel(win):`
                  -   - a  # [win]
                  +   - sel(win): a  # [win]
                3:12 `not win` Warning: `# [not win]` is a comment to conda, mamba and micromamba, which install the entry everywhere
                  hint: conda-lock and mmdev honour it
                  Unsafe fix: Write `sel(unix):`
                  -   - 'b' # [not win]
                  +   - sel(unix): 'b' # [not win]
                4:10 `linux64` Warning: `# [linux64]` is a comment to conda, mamba and micromamba, which install the entry everywhere
                  hint: conda-lock and mmdev honour it
            "#]],
        );
    }

    #[test]
    fn pip_has_markers() {
        check(
            &RULE,
            "dependencies:\n  - pip:\n    - a>1  # [osx]\n    - 'b' # [win]\n    - c; os_name == 'nt' # [win]\n    - -e . # [linux]\n",
            expect![[r#"
                3:15 `osx` Warning: `# [osx]` is a comment to conda, mamba, micromamba and pip, which install the entry everywhere
                  hint: conda-lock and mmdev honour it
                  Safe fix: Write `; sys_platform == 'darwin'`
                  -     - a>1  # [osx]
                  +     - a>1; sys_platform == 'darwin'  # [osx]
                4:14 `win` Warning: `# [win]` is a comment to conda, mamba, micromamba and pip, which install the entry everywhere
                  hint: conda-lock and mmdev honour it
                6:15 `linux` Warning: `# [linux]` is a comment to conda, mamba, micromamba and pip, which install the entry everywhere
                  hint: conda-lock and mmdev honour it
            "#]],
        );
    }

    #[test]
    fn what_is_written_for_conda_lock_is_left_alone() {
        check(
            &RULE,
            "platforms: [linux-64]\ndependencies:\n  - a # [linux]\n",
            expect![[""]],
        );
    }
}
