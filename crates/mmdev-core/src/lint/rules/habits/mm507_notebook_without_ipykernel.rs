//! MM507: the project has a notebook, and the environment no kernel for it.

use crate::diagnostic::{Applicability, Code, Diagnostic, Severity};
use crate::lint::context::Context;
use crate::lint::{Check, Rule, entries};
use crate::spec::{EnvSpec, PipLine};

pub(super) static RULE: Rule = Rule {
    code: Code("MM507"),
    name: "notebook-without-ipykernel",
    severity: Severity::Warning,
    summary: "The project has a notebook, and the environment no kernel for it.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Spec(check),
    documentation: "\
## What it finds
A project with an .ipynb file whose environment has `python`, but neither `ipykernel` nor a package that brings it \
(`jupyter`, `jupyterlab`, `notebook` …), nor a kernel of another language.

## Why
VS Code runs a notebook's cells in the container with the environment's own ipykernel. Without it, it offers to \
install one by hand, into a container that the next rebuild takes away.

## Example
```yaml
dependencies:
  - python=3.12
  - pandas
```

## How to mend it
Add `ipykernel` (the fix does; it is unsafe, because it adds a package).
",
};

/// Packages that are kernels, or that no one installs without getting one.
const KERNELS: [&str; 19] = [
    "anaconda",
    "bash-kernel",
    "ipykernel",
    "ipyparallel",
    "jupyter",
    "jupyter-book",
    "jupyter-console",
    "jupyterlab",
    "marimo",
    "metakernel",
    "nb-conda",
    "nbclassic",
    "notebook",
    "qtconsole",
    "r-irkernel",
    "sagemath",
    "spyder",
    "spyder-kernels",
    "voila",
];

fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let Some(notebook) = &context.around.notebook else {
        return Vec::new();
    };
    let others = context.around.merged_with.iter().map(|(_, spec)| spec);
    let mut has_python = false;
    for name in others.chain([context.spec()]).flat_map(names) {
        if KERNELS.contains(&name.as_str()) || name.starts_with("xeus") {
            return Vec::new();
        }
        has_python |= name == "python";
    }
    let Some(dependencies) = context.top_level("dependencies").filter(|_| has_python) else {
        return Vec::new();
    };
    let message = format!("`{notebook}` needs a kernel, and the environment has no `ipykernel`");
    let found = Diagnostic::warning(RULE.code, dependencies.key.span, message)
        .with_hint("Add `- ipykernel`");
    let last = context.spec().dependencies.last();
    let insertion = last
        .and_then(|last| entries::insertion_after(context.file.text, last.text.span, "ipykernel"));
    vec![match insertion {
        Some(edit) => found.with_fix("Add `ipykernel`", vec![edit], Applicability::Unsafe),
        None => found,
    }]
}

/// The names of all packages of a spec, with `-` for `_`.
fn names(spec: &EnvSpec) -> impl Iterator<Item = String> {
    let conda = spec.dependencies.iter();
    let conda = conda.filter_map(|dependency| Some(&dependency.match_spec.as_ref()?.name.value));
    let pip = spec.pip.iter().filter_map(|entry| match &entry.line {
        PipLine::Package { name } => Some(name),
        _ => None,
    });
    conda.chain(pip).map(|name| name.replace('_', "-"))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::testing::{check, check_in, of_examples};
    use expect_test::{Expect, expect};

    fn with_notebook(text: &str, expected: Expect) {
        check_in(&RULE, text, &of_examples(), expected);
    }

    #[test]
    fn the_kernel_is_added_behind_the_last_dependency() {
        with_notebook(
            "dependencies:\r\n- python=3.12\r\n- a # why\r\n- pip:\r\n  - b\r\n",
            expect![[r#"
                1:1 `dependencies` Warning: `analysis.ipynb` needs a kernel, and the environment has no `ipykernel`
                  hint: Add `- ipykernel`
                  Unsafe fix: Add `ipykernel`
                  + - ipykernel
            "#]],
        );
        with_notebook(
            "dependencies: [python, a]\n",
            expect![[r#"
            1:1 `dependencies` Warning: `analysis.ipynb` needs a kernel, and the environment has no `ipykernel`
              hint: Add `- ipykernel`
              Unsafe fix: Add `ipykernel`
              - dependencies: [python, a]
              + dependencies: [python, a, ipykernel]
        "#]],
        );
    }

    #[test]
    fn where_there_is_a_kernel_or_no_notebook_nothing_is_said() {
        with_notebook("dependencies: [python, jupyterlab]\n", expect![[""]]);
        with_notebook("dependencies: [python, pip: [ipykernel]]\n", expect![[""]]);
        with_notebook("dependencies: [python, xeus-python]\n", expect![[""]]);
        with_notebook("dependencies: [r-base]\n", expect![[""]]);
        check(&RULE, "dependencies: [python]\n", expect![[""]]);
    }
}
