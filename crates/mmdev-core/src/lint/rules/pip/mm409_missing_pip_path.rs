//! MM409: a file or folder that pip is to install is not there.

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::lint::context::Context;
use crate::lint::{Check, Rule};
use crate::spec::PipLine;

pub(super) static RULE: Rule = Rule {
    code: Code("MM409"),
    name: "missing-pip-path",
    severity: Severity::Error,
    summary: "A file or folder that pip is to install is not there.",
    is_default: true,
    fix: None,
    check: Check::Spec(check),
    documentation: "\
## What it finds
An entry of the pip section such as `-e ./lib`, `./lib` or `wheels/x.whl` whose path does not exist. (MM615 says the \
same of files behind `-r` and `-c`, and MM614 names paths outside the project.)

## Why
pip stops at it, after the conda packages were installed. conda and micromamba start pip in the spec's folder, so that \
is what paths are relative to.

## Example
```yaml
dependencies:
  - pip:
    - -e ./no-such-folder
```

## How to mend it
Mend the path, or create what it names.
",
};

fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let missing = &context.around.missing_paths;
    let entries = context.spec().pip.iter();
    entries
        .filter_map(|entry| match &entry.line {
            PipLine::Path { path, .. }
                if missing.contains(path) && !is_outside(context.file.path, path) =>
            {
                Some(
                    Diagnostic::error(
                        RULE.code,
                        entry.text.span,
                        format!("`{path}` is not there; pip stops at it"),
                    )
                    .with_hint("Mend the path, which starts in this file's folder, or create it"),
                )
            }
            _ => None,
        })
        .collect()
}

/// Whether `path` in the folder of the spec at `spec` leaves the project.
fn is_outside(spec: &str, path: &str) -> bool {
    let mut depth = spec.matches('/').count();
    path.split(['/', '\\']).any(|part| {
        match part {
            ".." if depth == 0 => return true,
            ".." => depth -= 1,
            "" | "." => {}
            _ => depth += 1,
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::{RULE, is_outside};
    use crate::lint::Surroundings;
    use crate::lint::testing::{check_in, everything};
    use expect_test::expect;

    #[test]
    fn paths_that_are_not_there() {
        let around = Surroundings {
            missing_paths: ["./lib", "x.whl", "../a", "b/../../c"]
                .map(str::to_owned)
                .into(),
            ..everything()
        };
        check_in(
            &RULE,
            "dependencies:\n  - pip:\n    - -e './lib[dev]'\n    - ./lib2\n    - x.whl\n    - -r x.whl\n    - ../a\n    - b/../../c\n",
            &around,
            expect![[r#"
                3:7 `-e './lib[dev]'` Error: `./lib` is not there; pip stops at it
                  hint: Mend the path, which starts in this file's folder, or create it
                5:7 `x.whl` Error: `x.whl` is not there; pip stops at it
                  hint: Mend the path, which starts in this file's folder, or create it
            "#]],
        );
    }

    #[test]
    fn a_spec_in_a_folder_may_go_up() {
        assert!(!is_outside("a/env.yaml", "../b"));
        assert!(is_outside("a/env.yaml", "../../b"));
        assert!(!is_outside("env.yaml", "./b/../c"));
    }
}
