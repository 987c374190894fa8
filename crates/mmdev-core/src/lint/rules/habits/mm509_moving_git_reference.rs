//! MM509: pip installs what a branch of a repository holds on that day.

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::lint::context::Context;
use crate::lint::{Check, Rule};

pub(super) static RULE: Rule = Rule {
    code: Code("MM509"),
    name: "moving-git-reference",
    severity: Severity::Information,
    summary: "pip installs what a branch of a repository holds on that day.",
    is_default: true,
    fix: None,
    check: Check::Spec(check),
    documentation: "\
## What it finds
A `git+…` URL in the pip section that names no commit or tag, or a branch by one of its usual names (`@main`, \
`@master`, `@develop` …).

## Why
pip takes the commit that the branch points to when it runs. Docker does not run it again while the text of the entry \
stays: the image keeps the commit of its first build until something else changes, and a colleague's image has \
another one.

## Example
```yaml
dependencies:
  - python
  - pip
  - pip:
    - git+https://github.com/owner/project.git@main
```

## How to mend it
Name a tag or a commit behind `@`: `git+https://github.com/owner/project.git@v1.2`. \
A lock holds the commit as well, until `mmdev update`.
",
};

/// What branches are called whose tip one wants.
const BRANCHES: [&str; 7] = ["main", "master", "develop", "dev", "devel", "trunk", "HEAD"];

fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let entries = context.spec().pip.iter();
    entries
        .filter_map(|entry| {
            let message = match reference(&entry.text.value)? {
                None => "without a lock, pip installs the newest commit of that day".to_owned(),
                Some(branch) if BRANCHES.contains(&branch) => {
                    format!(
                        "without a lock, pip installs the commit that `{branch}` has on that day"
                    )
                }
                Some(_) => return None,
            };
            Some(
                Diagnostic::information(RULE.code, entry.text.span, message)
                    .with_hint("Name a tag or a commit behind `@`"),
            )
        })
        .collect()
}

/// What a requirement from a git repository names behind `@`; `None` where it is none.
fn reference(requirement: &str) -> Option<Option<&str>> {
    let (_, url) = requirement.split_once("git+")?;
    let (_, url) = url.split_once("://")?;
    let end = url.find(|char: char| char.is_whitespace() || "#;".contains(char));
    let url = &url[..end.unwrap_or(url.len())];
    // An `@` before the first `/` stands behind a user.
    let (_, path) = url.split_once('/')?;
    Some(path.rsplit_once('@').map(|(_, reference)| reference))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::testing::check;
    use expect_test::expect;

    #[test]
    fn branches_and_nothing_at_all() {
        check(
            &RULE,
            "dependencies:\n  - pip:\n    - git+https://h.org/o/a.git\n    - b[x] @ git+ssh://git@h.org/o/b@main\n    - -e git+https://h.org/o/c.git@master#egg=c\n    - git+https://h.org/o/d@v1.0\n    - git+https://h.org/o/e@9a4eb15e\n    - https://h.org/o/f.zip\n    - git+https://h.org/o/g; os_name == 'nt'\n    - git\n",
            expect![[r#"
                3:7 `git+https://h.org/o/a.git` Information: without a lock, pip installs the newest commit of that day
                  hint: Name a tag or a commit behind `@`
                4:7 `b[x] @ git+ssh://git@h.org/o/b@main` Information: without a lock, pip installs the commit that `main` has on that day
                  hint: Name a tag or a commit behind `@`
                5:7 `-e git+https://h.org/o/c.git@master#egg=c` Information: without a lock, pip installs the commit that `master` has on that day
                  hint: Name a tag or a commit behind `@`
                9:7 `git+https://h.org/o/g; os_name == 'nt'` Information: without a lock, pip installs the newest commit of that day
                  hint: Name a tag or a commit behind `@`
            "#]],
        );
    }
}
