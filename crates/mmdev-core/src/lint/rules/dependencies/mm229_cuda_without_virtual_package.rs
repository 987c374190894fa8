//! MM229: CUDA is asked for, and the image is built without `__cuda`.

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::lint::context::Context;
use crate::lint::{Check, Rule};
use crate::match_spec::MatchSpec;
use crate::spec::EnvSpec;

pub(super) static RULE: Rule = Rule {
    code: Code("MM229"),
    name: "cuda-without-virtual-package",
    severity: Severity::Information,
    summary: "CUDA is asked for, and nothing gives the solver a `__cuda` while the image is built.",
    is_default: true,
    fix: None,
    check: Check::Spec(check),
    documentation: "\
## What it finds
A dependency on a build for CUDA, on `pytorch-gpu` or `tensorflow-gpu`, or on `cuda-version` or `cudatoolkit` beside a \
package that conda-forge builds for CUDA and without, where `variables:` has no `CONDA_OVERRIDE_CUDA`. Only where all \
channels are conda-forge's kind: builds of the `pytorch` channel and of defaults do not ask for `__cuda`.

## Why
conda-forge's CUDA builds of pytorch, tensorflow, jaxlib and xgboost depend on the virtual package `__cuda`, which the \
solver makes of the driver that it finds. While an image is built there is none, and the micromamba images set \
`CONDA_OVERRIDE_CUDA` to nothing where they have no CUDA, so that there is none with `--gpus` either. A build that was \
asked for is then not found; where none was asked for, the one without CUDA is taken and nobody says so.

## Example
```yaml
channels:
  - conda-forge
dependencies:
  - pytorch=2.7.*=*cuda*
```

## How to mend it
Say which version of CUDA the driver of the host has, so that the solver believes in it:
```yaml
variables:
  CONDA_OVERRIDE_CUDA: \"12.6\"
```
The generated Dockerfile sets it before it installs. An image of micromamba's with CUDA as base image sets it itself.
",
};

/// Channels whose builds for CUDA depend on `__cuda`, or that have none.
const CHANNELS: [&str; 6] = [
    "conda-forge",
    "nodefaults",
    "nvidia",
    "rapidsai",
    "bioconda",
    "https://conda.anaconda.org/conda-forge",
];

/// Packages that conda-forge builds for CUDA, with `__cuda` among their dependencies, and without.
const BOTH: [&str; 10] = [
    "jaxlib",
    "libtorch",
    "libxgboost",
    "py-xgboost",
    "pytorch",
    "tensorflow",
    "tensorflow-base",
    "torchaudio",
    "torchvision",
    "xgboost",
];

fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let spec = context.spec();
    let channels = spec.channels.as_deref().unwrap_or_default();
    let are_known = channels
        .iter()
        .all(|channel| CHANNELS.contains(&channel.value.as_str()));
    let is_for_linux = context
        .around
        .platforms_of(spec)
        .iter()
        .any(|platform| platform.starts_with("linux"));
    let has_override = |spec: &EnvSpec| {
        let mut variables = spec.variables.iter();
        variables.any(|variable| variable.name.value == "CONDA_OVERRIDE_CUDA")
    };
    let others = context.around.merged_with.iter().map(|(_, spec)| spec);
    let is_given = has_override(spec) || others.into_iter().any(has_override);
    if channels.is_empty() || !are_known || !is_for_linux || is_given {
        return Vec::new();
    }
    let parsed = || {
        let dependencies = spec.dependencies.iter();
        dependencies.filter_map(|one| Some((one, one.match_spec.as_ref()?)))
    };
    let either =
        parsed().find(|(_, spec)| BOTH.contains(&spec.name.value.as_str()) && spec.build.is_none());
    parsed()
        .find_map(|(dependency, spec)| {
            let what = match asks_for(spec)? {
                Asked::Build => "no such build is found".to_owned(),
                Asked::Version => {
                    let (_, either) = either?;
                    format!("`{}` is taken without CUDA", either.name.value)
                }
            };
            let message = format!(
                "`{}` asks for CUDA, and the image is built without `__cuda`: {what}",
                spec.name.value
            );
            let hint = "Set `CONDA_OVERRIDE_CUDA` to the version of CUDA under `variables:`, unless the base image has CUDA";
            Some(Diagnostic::information(RULE.code, dependency.text.span, message).with_hint(hint))
        })
        .into_iter()
        .collect()
}

/// What is asked of CUDA.
enum Asked {
    /// A build for it.
    Build,
    /// Its version, where there is a build for it.
    Version,
}

fn asks_for(spec: &MatchSpec) -> Option<Asked> {
    let name = spec.name.value.as_str();
    let build = spec.build.as_ref().map(|build| build.value.to_lowercase());
    let is_build = build.is_some_and(|build| build.contains("cuda") && !build.contains("nocuda"));
    match name {
        "pytorch-gpu" | "tensorflow-gpu" => Some(Asked::Build),
        "cuda-version" | "cudatoolkit" => Some(Asked::Version),
        name if BOTH.contains(&name) && is_build => Some(Asked::Build),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::testing::check;
    use expect_test::expect;

    #[test]
    fn a_build_that_is_not_found() {
        check(
            &RULE,
            "channels: [conda-forge]\ndependencies:\n  - python\n  - jaxlib>=0.4.31=cuda12*\n  - pytorch-gpu\n",
            expect![[r#"
                4:5 `jaxlib>=0.4.31=cuda12*` Information: `jaxlib` asks for CUDA, and the image is built without `__cuda`: no such build is found
                  hint: Set `CONDA_OVERRIDE_CUDA` to the version of CUDA under `variables:`, unless the base image has CUDA
            "#]],
        );
        check(
            &RULE,
            "channels: [conda-forge]\ndependencies: [pytorch-gpu]\n",
            expect![[r#"
                2:16 `pytorch-gpu` Information: `pytorch-gpu` asks for CUDA, and the image is built without `__cuda`: no such build is found
                  hint: Set `CONDA_OVERRIDE_CUDA` to the version of CUDA under `variables:`, unless the base image has CUDA
            "#]],
        );
    }

    #[test]
    fn a_build_that_is_taken_instead() {
        check(
            &RULE,
            "channels: [conda-forge]\ndependencies: [cuda-version=12.6, pytorch]\n",
            expect![[r#"
                2:16 `cuda-version=12.6` Information: `cuda-version` asks for CUDA, and the image is built without `__cuda`: `pytorch` is taken without CUDA
                  hint: Set `CONDA_OVERRIDE_CUDA` to the version of CUDA under `variables:`, unless the base image has CUDA
            "#]],
        );
        check(
            &RULE,
            "channels: [conda-forge]\ndependencies: [cuda-version=12.6]\n",
            expect![[""]],
        );
    }

    #[test]
    fn who_gives_it_or_does_not_need_it() {
        for text in [
            "channels: [conda-forge]\ndependencies: [pytorch-gpu]\nvariables: {CONDA_OVERRIDE_CUDA: '12.6'}\n",
            "channels: [conda-forge]\ndependencies: [pytorch-gpu]\nplatforms: [win-64]\n",
            "channels: [pytorch, nvidia]\ndependencies: [pytorch-cuda=11.8, pytorch]\n",
            "channels: [conda-forge]\ndependencies: ['xgboost=2.0=*nocuda*', 'pytorch=2.*=cpu*']\n",
        ] {
            check(&RULE, text, expect![[""]]);
        }
    }
}
