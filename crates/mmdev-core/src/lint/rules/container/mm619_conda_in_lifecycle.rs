//! MM619: a lifecycle command does what conda cannot do there, or what the spec is for.

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::lint::container::{ContainerContext, Invocation};
use crate::lint::{Check, Rule};

pub(super) static RULE: Rule = Rule {
    code: Code("MM619"),
    name: "conda-in-lifecycle",
    severity: Severity::Warning,
    summary: "A lifecycle command activates, enters or changes a conda environment.",
    is_default: true,
    fix: None,
    check: Check::Container(check),
    documentation: "\
## What it finds
In the lifecycle commands of devcontainer.json that run in the container: `activate` of conda, mamba or micromamba in \
a shell that has no such function; `install`, `update`, `create` and `env create|update` of them; and any call of \
`conda` or `mamba` in a container that has micromamba alone.

## Why
VS Code and the devcontainer CLI run a command that is a string by `/bin/sh -c`, and one that is an array by no shell. \
`activate` is a function that a shell gets from its own start-up files, which neither of the two reads: conda answers \
\"Run 'conda init' before 'conda activate'\", micromamba \"'micromamba' is running as a subprocess and can't modify the \
parent shell\". What is installed when the container is created is in no image and no lock, is fetched again for each \
container, and is what each day has.

## Example
```json
{
  \"image\": \"mambaorg/micromamba:2.6.1-debian13-slim\",
  \"postCreateCommand\": \"micromamba activate base && pre-commit install\"
}
```

## How to mend it
Leave the activation out: the environment is on the PATH of every command in a container that mmdev made. For another \
environment write `micromamba run -n NAME COMMAND`. Put packages into the spec, which is installed when the image is \
built.
",
};

fn check(context: &ContainerContext<'_>) -> Vec<Diagnostic> {
    let calls = context.invocations.iter();
    calls
        .filter_map(|call| diagnose(call, context.has_micromamba_alone))
        .collect()
}

fn diagnose(call: &Invocation, has_micromamba_alone: bool) -> Option<Diagnostic> {
    let program = call.program();
    if !["conda", "mamba", "micromamba"].contains(&program) {
        return None;
    }
    let property = call.property;
    let command = call.subcommand()?;
    let command = command.as_str();
    let warning = |message| Some(Diagnostic::warning(RULE.code, call.span, message));
    if has_micromamba_alone && program != "micromamba" {
        let found = warning(format!(
            "`{program} {command}` in `{property}`, and the container has micromamba alone"
        ));
        return found.map(|found| {
            found.with_hint(match command {
                "activate" | "run" => {
                    "Leave it out: the environment is on the PATH of every command; another one is entered by \
                     `micromamba run -n NAME COMMAND`"
                }
                _ => "Put the packages into the spec: it is installed when the image is built",
            })
        });
    }
    match command {
        "activate" if !call.has_functions => warning(format!(
            "`{program} activate` fails in `{property}`: no shell function of {program} is there"
        ))
        .map(|found| {
            found.with_hint(format!(
                "Write `{program} run -n NAME COMMAND`, or leave it out where the environment is on the PATH, as \
                 mmdev puts it there"
            ))
        }),
        "install" | "update" | "create" | "env create" | "env update" => warning(format!(
            "`{program} {command}` in `{property}` installs for each container again what is in no image and no lock"
        ))
        .map(|found| {
            found.with_hint("Put the packages into the spec: mmdev installs it when the image is built")
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::testing::check_devcontainer;
    use expect_test::expect;

    #[test]
    fn what_conda_cannot_do_there() {
        check_devcontainer(
            &RULE,
            r#"{
  "postCreateCommand": "conda activate x && make; conda run -n x make; /opt/conda/bin/mamba  env update -f e.yml",
  "postStartCommand": ["micromamba", "activate", "base"],
  "postAttachCommand": {"a": "conda -v install\n-y x", "b": "bash -ic 'conda activate x'"},
  "onCreateCommand": "echo 'conda activate x' >> ~/.bashrc && conda --version",
  "initializeCommand": "conda activate x"
}
"#,
            expect![[r#"
                2:25 `conda activate x` Warning: `conda activate` fails in `postCreateCommand`: no shell function of conda is there
                  hint: Write `conda run -n NAME COMMAND`, or leave it out where the environment is on the PATH, as mmdev puts it there
                2:72 `/opt/conda/bin/mamba  env update -f e.yml` Warning: `mamba env update` in `postCreateCommand` installs for each container again what is in no image and no lock
                  hint: Put the packages into the spec: mmdev installs it when the image is built
                3:23 `["micromamba", "activate", "base"]` Warning: `micromamba activate` fails in `postStartCommand`: no shell function of micromamba is there
                  hint: Write `micromamba run -n NAME COMMAND`, or leave it out where the environment is on the PATH, as mmdev puts it there
                4:31 `conda -v install` Warning: `conda install` in `postAttachCommand` installs for each container again what is in no image and no lock
                  hint: Put the packages into the spec: mmdev installs it when the image is built
            "#]],
        );
    }

    #[test]
    fn a_container_with_micromamba_alone_has_no_conda() {
        check_devcontainer(
            &RULE,
            r#"{
  "image": "mambaorg/micromamba:2", // mmdev: ignore[MM621]
  "onCreateCommand": "conda run make",
  "postCreateCommand": "micromamba run make",
  "postStartCommand": ["mamba", "install", "x"]
}
"#,
            expect![[r#"
                3:23 `conda run make` Warning: `conda run` in `onCreateCommand`, and the container has micromamba alone
                  hint: Leave it out: the environment is on the PATH of every command; another one is entered by `micromamba run -n NAME COMMAND`
                5:23 `["mamba", "install", "x"]` Warning: `mamba install` in `postStartCommand`, and the container has micromamba alone
                  hint: Put the packages into the spec: it is installed when the image is built
            "#]],
        );
    }

    #[test]
    fn a_person_may_know_better() {
        check_devcontainer(
            &RULE,
            "{\n  // mmdev: ignore[MM619]\n  \"postStartCommand\": \"conda install x\"\n}\n",
            expect![[""]],
        );
    }
}
