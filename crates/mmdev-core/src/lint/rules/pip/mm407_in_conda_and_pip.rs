//! MM407: conda and pip both install a package.

use std::collections::HashMap;

use super::requirement;
use crate::diagnostic::{Applicability, Code, Diagnostic, Severity};
use crate::lint::context::Context;
use crate::lint::{Check, Rule, entries};
use crate::spec::{Dependency, PipEntry};
use crate::text::Edit;

pub(super) static RULE: Rule = Rule {
    code: Code("MM407"),
    name: "in-conda-and-pip",
    severity: Severity::Warning,
    summary: "conda and pip both install a package.",
    is_default: true,
    check: Check::Spec(check),
    documentation: "\
## What it finds
A package of the pip section that is a conda dependency as well, in this spec or in one that is merged with it. Names \
are compared as PyPI compares them, and by the public mapping from PyPI's names to conda's where it is known; a few \
conda packages that only share a name with one of PyPI's (`graphviz`, `ninja`) are left alone.

## Why
pip runs after conda. `conda env create` starts it with `--upgrade`, so that it takes out conda's files and writes \
PyPI's newest in their place, which conda's other packages were not built with; micromamba starts it without, so that \
the same line does nothing where the version fits. conda still lists its own record, and a later `conda install` \
repairs what pip wrote.

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
    let twice = |entry: &PipEntry| {
        let name = requirement::name(entry)?;
        let known = context.around.conda_names.get(name);
        let wanted = match known {
            Some(known) => requirement::normalized(known),
            None if NAMESAKES.contains(&name) => return None,
            None => name.to_owned(),
        };
        let (path, dependency) = conda.get(&wanted)?.iter().find(|(_, dependency)| {
            let other = dependency.selector.as_ref();
            !(requirement::has_marker(entry) && other.is_some())
                && context.meet(entry.selector.as_ref(), other)
        })?;
        Some(diagnostic(context, entry, *path, dependency))
    };
    spec.pip.iter().filter_map(twice).collect()
}

fn diagnostic(
    context: &Context<'_>,
    entry: &PipEntry,
    path: Option<&str>,
    dependency: &Dependency,
) -> Diagnostic {
    let file = path.map_or_else(String::new, |path| format!(" of `{path}`"));
    let message = format!(
        "pip installs `{}` over conda's `{}`{file}",
        entry.text.value, dependency.text.value
    );
    let found = Diagnostic::warning(RULE.code, entry.text.span, message)
        .with_hint("Remove one of the two; conda's other packages are built for conda's");
    let is_bare = requirement::name(entry)
        .is_some_and(|name| requirement::normalized(&entry.text.value) == *name);
    // Without entries `pip:` would be a mistake of its own.
    let removal = (is_bare && context.spec().pip.len() > 1)
        .then(|| entries::removal(context.file.text, entry.text.span))
        .flatten();
    match removal {
        Some(edit) => fixed(found, edit),
        None => found,
    }
}

fn fixed(found: Diagnostic, edit: Edit) -> Diagnostic {
    found.with_fix("Remove pip's", vec![edit], Applicability::Unsafe)
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
            "dependencies:\n  - ruamel.yaml>=0.17\n  - graphviz\n  - pip:\n    - ruamel-yaml\n    - Ruamel_YAML[x]==1\n    - graphviz\n    - other\n",
            expect![[r#"
                5:7 `ruamel-yaml` Warning: pip installs `ruamel-yaml` over conda's `ruamel.yaml>=0.17`
                  hint: Remove one of the two; conda's other packages are built for conda's
                  Unsafe fix: Remove pip's
                  -     - ruamel-yaml
                6:7 `Ruamel_YAML[x]==1` Warning: pip installs `Ruamel_YAML[x]==1` over conda's `ruamel.yaml>=0.17`
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
