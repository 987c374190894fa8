//! MM623: the remote user is written with a group, and tools take both for a name.

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::lint::container::ContainerContext;
use crate::lint::{Check, Rule};

pub(super) static RULE: Rule = Rule {
    code: Code("MM623"),
    name: "remote-user-group",
    severity: Severity::Warning,
    summary: "The remote user is written with a group, and keeps the ids of the image.",
    is_default: true,
    fix: None,
    check: Check::Container(check),
    documentation: "\
## What it finds
`NAME:GROUP` in `remoteUser` of devcontainer.json, or in `containerUser` where there is no `remoteUser`. Numbers and \
`root` are left alone: their ids do not change.

## Why
VS Code and the devcontainer CLI look in /etc/passwd for a user who is called that, group and all, find none, and say \
nothing (`updateRemoteUserUID`): the user keeps the ids of the image and cannot write the files of the workspace. \
`mmdev up` gives the host user's ids to NAME, so the project is another one for whoever has no mmdev.

## Example
```json
{ \"remoteUser\": \"mambauser:mambauser\" }
```

## How to mend it
Write the name alone: the user's primary group gets the host user's group id as well.
",
};

fn check(context: &ContainerContext<'_>) -> Vec<Diagnostic> {
    let Some((property, user)) = &context.remote_user else {
        return Vec::new();
    };
    let Some((name, _)) = user.value.split_once(':') else {
        return Vec::new();
    };
    let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
    if is_number || name == "root" || name.contains("${") {
        return Vec::new();
    }
    let message = format!(
        "dev container tools take `{}` in `{property}` for a name, and do not give it the ids of the host's user",
        user.value
    );
    let found = Diagnostic::warning(RULE.code, user.span, message);
    vec![found.with_hint(format!("Write `{name}` alone"))]
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::testing::check_devcontainer;
    use expect_test::expect;

    #[test]
    fn a_name_with_a_group() {
        check_devcontainer(
            &RULE,
            r#"{"remoteUser": "mambauser:mambauser"}"#,
            expect![[r#"
                1:16 `"mambauser:mambauser"` Warning: dev container tools take `mambauser:mambauser` in `remoteUser` for a name, and do not give it the ids of the host's user
                  hint: Write `mambauser` alone
            "#]],
        );
        check_devcontainer(
            &RULE,
            r#"{"containerUser": "dev:users"}"#,
            expect![[r#"
            1:19 `"dev:users"` Warning: dev container tools take `dev:users` in `containerUser` for a name, and do not give it the ids of the host's user
              hint: Write `dev` alone
        "#]],
        );
        for nothing in [
            r#"{"remoteUser": "dev", "containerUser": "dev:users"}"#,
            r#"{"remoteUser": "1234:1234"}"#,
            r#"{"remoteUser": "root:root"}"#,
            r#"{"remoteUser": "${localEnv:USER}:users"}"#,
            r#"{"remoteUser": ["a:b"]}"#,
        ] {
            check_devcontainer(&RULE, nothing, expect![[""]]);
        }
    }
}
