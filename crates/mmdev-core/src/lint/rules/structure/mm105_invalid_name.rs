//! MM105: the environment's name contains a character that it must not.

use crate::diagnostic::Severity;
use crate::lint::{Check, Rule};
use crate::spec::codes;

pub(super) static RULE: Rule = Rule {
    code: codes::INVALID_NAME,
    name: "invalid-name",
    severity: Severity::Error,
    summary: "The environment's name contains a character that it must not.",
    is_default: true,
    fix: None,
    check: Check::Reading,
    documentation: "\
## What it finds
A name with `/`, `:`, `#`, a space or a control character, an empty one, `.` and `..`.

## Why
The name becomes a folder, and stands in PATH. CEP 24 forbids these characters and conda refuses them. A path \
comes from exporting an environment that has no name.

## Example
```yaml
name: /home/me/envs/project
```

## How to mend it
Use a plain name (`project`). `base` is fine: mmdev installs one spec into the root prefix whatever its name.
",
};

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::testing::check;
    use expect_test::expect;

    #[test]
    fn a_template_is_to_be_rendered_first() {
        check(
            &RULE,
            "name: '{{ a }}'\ndependencies: [a]\n",
            expect![[r#"
            1:10 ` ` Error: the name `{{ a }}` contains a space
              hint: Render the template first, and name the file that comes out of it
        "#]],
        );
    }
}
