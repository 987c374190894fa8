//! MM407: conda and pip both install a package.

use std::collections::HashMap;

use super::requirement;
use crate::diagnostic::{Applicability, Code, Diagnostic, Severity};
use crate::lint::context::Context;
use crate::lint::known::pypi;
use crate::lint::{Check, Rule, entries};
use crate::spec::{Dependency, PipEntry};

pub(super) static RULE: Rule = Rule {
    code: Code("MM407"),
    name: "in-conda-and-pip",
    severity: Severity::Warning,
    summary: "conda and pip both install a package.",
    is_default: true,
    fix: Some(Applicability::Unsafe),
    check: Check::Spec(check),
    documentation: "\
## What it finds
A package of the pip section that is a conda dependency as well, in this spec or in one that is merged with it. Names \
are compared as PyPI compares them, and by the public mapping from PyPI's names to conda's where it is known, else by a \
small table (`torch` is conda's `pytorch`). A few conda packages that only share a name with one of PyPI's (`graphviz`, \
`ninja`) are left alone.

## Why
pip runs after conda. `conda env create` starts it with `--upgrade`, so that it takes out conda's files and writes \
PyPI's newest in their place, which conda's other packages were not built with; micromamba starts it without, so that \
the same line does nothing where the version fits. conda goes on to list the version that it installed itself, \
whatever is there.

## Example
```yaml
dependencies:
  - python
  - numpy
  - pip
  - pip:
    - numpy
    - rich
```

## How to mend it
Remove one of the two: usually pip's, because conda's other packages need conda's. The fix removes a bare name from \
the pip section; it is unsafe, because PyPI may have a newer version.
",
};

/// Conda packages that are programs or libraries, where PyPI's package of the same name is something else.
const NAMESAKES: [&str; 31] = [
    "blosc",
    "brotli",
    "cdo",
    "docker",
    "eccodes",
    "ffmpeg",
    "flatbuffers",
    "ghostscript",
    "git",
    "glpk",
    "graphviz",
    "h3",
    "igraph",
    "ipopt",
    "jq",
    "julia",
    "kubernetes",
    "leveldb",
    "lmdb",
    "metis",
    "ninja",
    "nodejs",
    "openexr",
    "openvino",
    "pandoc",
    "pdal",
    "playwright",
    "podman",
    "redis",
    "snappy",
    "tesseract",
];

fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let spec = context.spec();
    if spec.pip.is_empty() {
        return Vec::new();
    }
    let others = context.around.merged_with.iter();
    let others = others.flat_map(|(path, spec)| {
        let dependencies = spec.dependencies.iter();
        dependencies.map(move |dependency| (Some(path.as_str()), dependency))
    });
    let own = spec
        .dependencies
        .iter()
        .map(|dependency| (None, dependency));
    let mut conda: HashMap<String, Vec<(Option<&str>, &Dependency)>> = HashMap::new();
    for (path, dependency) in own.chain(others) {
        if let Some(spec) = &dependency.match_spec {
            let same = conda.entry(requirement::normalized(&spec.name.value));
            same.or_default().push((path, dependency));
        }
    }
    let conda_twin = |entry: &PipEntry| {
        let name = requirement::name(entry)?;
        let known = context.around.conda_names.get(name).map(String::as_str);
        let wanted = match known.or_else(|| pypi::conda_name(name)) {
            Some(known) => requirement::normalized(known),
            None if NAMESAKES.contains(&name) => return None,
            None => name.to_owned(),
        };
        conda.get(&wanted)?.iter().copied().find(|(_, dependency)| {
            let other = dependency.selector.as_ref();
            !(requirement::has_marker(entry) && other.is_some())
                && context.meet(entry.selector.as_ref(), other)
        })
    };
    let twice: Vec<_> = spec
        .pip
        .iter()
        .filter_map(|entry| Some((entry, conda_twin(entry)?)))
        .collect();
    // Without entries `pip:` would be a mistake of its own.
    let is_rest_left = twice.len() < spec.pip.len();
    twice
        .into_iter()
        .map(|(entry, (path, dependency))| {
            let file = path.map_or_else(String::new, |path| format!(" of `{path}`"));
            let message = format!(
                "pip installs `{}` over conda's `{}`{file}",
                entry.text.value, dependency.text.value
            );
            let found = Diagnostic::warning(RULE.code, entry.text.span, message)
                .with_hint("Remove one of the two; conda's other packages are built for conda's");
            let is_bare = requirement::name(entry)
                .is_some_and(|name| requirement::normalized(&entry.text.value) == *name);
            match entries::removal(context.file.text, entry.text.span) {
                Some(edit) if is_bare && is_rest_left => {
                    found.with_fix("Remove pip's", vec![edit], Applicability::Unsafe)
                }
                _ => found,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::Surroundings;
    use crate::lint::testing::{check, check_in, conda_names, everything};
    use crate::spec::read;
    use expect_test::expect;

    #[test]
    fn names_are_compared_as_pypi_does() {
        check(
            &RULE,
            "dependencies:\n  - ruamel.yaml>=0.17\n  - graphviz\n  - opencv\n  - pip:\n    - opencv-python==4.6.0.66\n    - ruamel-yaml\n    - Ruamel_YAML[x]==1\n    - graphviz\n    - other\n",
            expect![[r#"
                6:7 `opencv-python==4.6.0.66` Warning: pip installs `opencv-python==4.6.0.66` over conda's `opencv`
                  hint: Remove one of the two; conda's other packages are built for conda's
                7:7 `ruamel-yaml` Warning: pip installs `ruamel-yaml` over conda's `ruamel.yaml>=0.17`
                  hint: Remove one of the two; conda's other packages are built for conda's
                  Unsafe fix: Remove pip's
                  -     - ruamel-yaml
                8:7 `Ruamel_YAML[x]==1` Warning: pip installs `Ruamel_YAML[x]==1` over conda's `ruamel.yaml>=0.17`
                  hint: Remove one of the two; conda's other packages are built for conda's
            "#]],
        );
    }

    #[test]
    fn the_pip_section_keeps_an_entry() {
        check(
            &RULE,
            "dependencies:\n  - a\n  - b\n  - pip:\n    - a\n    - b\n",
            expect![[r#"
                5:7 `a` Warning: pip installs `a` over conda's `a`
                  hint: Remove one of the two; conda's other packages are built for conda's
                6:7 `b` Warning: pip installs `b` over conda's `b`
                  hint: Remove one of the two; conda's other packages are built for conda's
            "#]],
        );
    }

    #[test]
    fn entries_for_other_platforms_do_not_meet() {
        check(
            &RULE,
            "platforms: [linux-64, osx-64]\ndependencies:\n  - a # [linux]\n  - b # [linux]\n  - sel(osx): c\n  - pip:\n    - a # [osx]\n    - b\n    - c; sys_platform == 'linux'\n",
            expect![[r#"
                8:7 `b` Warning: pip installs `b` over conda's `b`
                  hint: Remove one of the two; conda's other packages are built for conda's
                  Unsafe fix: Remove pip's
                  -     - b
            "#]],
        );
    }

    #[test]
    fn the_mapping_and_merged_specs_count() {
        let other = read("b.yaml", "dependencies: [pytorch, graphviz]\n").spec;
        let names = [("torch", "pytorch"), ("graphviz", "python-graphviz")];
        let around = Surroundings {
            merged_with: vec![("b.yaml".to_owned(), other)],
            conda_names: conda_names(&names),
            ..everything()
        };
        check_in(
            &RULE,
            "dependencies:\n  - pip:\n    - torch\n    - graphviz\n",
            &around,
            expect![[r#"
                3:7 `torch` Warning: pip installs `torch` over conda's `pytorch` of `b.yaml`
                  hint: Remove one of the two; conda's other packages are built for conda's
                  Unsafe fix: Remove pip's
                  -     - torch
            "#]],
        );
    }
}
