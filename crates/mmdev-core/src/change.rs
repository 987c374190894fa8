//! What a change of a project's files asks for, judged by what the project means and not by its bytes.
//!
//! There is one notion of meaning: the plan hash says what the image depends on, the generated files say what is on
//! the disk. What is added here is which keys of devcontainer.json make another image or another container.

use serde_json::{Map, Value};

/// What a change asks for. Each asks for those before it as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Nothing: it was a comment, an order, white space.
    Nothing,
    /// Generated files are to be written. The image is as it was.
    Regenerate,
    /// A container that is made now is another one than before, of the same image.
    Recreate,
    /// The image is another one.
    Rebuild,
}

/// What a project meant at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Meaning {
    /// The hash of all that the image depends on: [`plan_hash`](crate::artifact::plan_hash), or that of another source.
    pub plan_hash: String,
    /// The properties of the devcontainer.json as it should be, which has no comments and no order.
    pub devcontainer: Map<String, Value>,
}

/// The properties of devcontainer.json from which an image comes. Those of `build` are part of the plan hash where
/// mmdev builds; the `devcontainer` program builds Features and Compose projects.
const OF_THE_IMAGE: [&str; 8] = [
    "build",
    "context",
    "dockerComposeFile",
    "dockerFile",
    "features",
    "image",
    "overrideFeatureInstallOrder",
    "service",
];

/// Those that only an editor reads, or that are read anew whenever they are needed.
const OF_EDITORS: [&str; 7] = [
    "$schema",
    "customizations",
    "name",
    "otherPortsAttributes",
    "portsAttributes",
    "shutdownAction",
    "waitFor",
];

impl Meaning {
    /// What it asks for that the project now means `now`. `drift` says whether generated files, devcontainer.json among
    /// them, differ from what they should be.
    pub fn change_to(&self, now: &Meaning, drift: bool) -> Change {
        let differs = |name: &str| self.devcontainer.get(name) != now.devcontainer.get(name);
        if self.plan_hash != now.plan_hash || OF_THE_IMAGE.into_iter().any(differs) {
            return Change::Rebuild;
        }
        let is_of_container = |name: &str| !OF_EDITORS.contains(&name);
        let mut names = self.devcontainer.keys().chain(now.devcontainer.keys());
        if names.any(|name| is_of_container(name) && differs(name)) {
            return Change::Recreate;
        }
        if drift {
            Change::Regenerate
        } else {
            Change::Nothing
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::artifact::{self, devcontainer};
    use crate::container::config;
    use crate::project::{self, Inputs};
    use crate::{settings, spec};

    /// The files that a person edits.
    #[derive(Clone, Copy)]
    struct Files {
        spec: &'static str,
        settings: &'static str,
        requirements: &'static str,
        devcontainer: &'static str,
    }

    const BEFORE: Files = Files {
        spec: "name: a\nchannels: [conda-forge, bioconda]\nvariables: {A: '1', B: '2'}\n\
               dependencies:\n  - python=3.12\n  - numpy >=1.26\n  - pip\n  - pip:\n    - -r requirements.txt\n",
        settings: "system-packages = ['graphviz']\n",
        requirements: "rich\nclick\n",
        devcontainer: "{ \"remoteEnv\": {\"A\": \"1\", \"B\": \"2\"} }\n",
    };

    /// What the files mean, and what is generated from them.
    fn read(files: Files) -> (Meaning, Vec<(String, String)>) {
        let specs = [(
            "env.yaml".to_owned(),
            spec::read("env.yaml", files.spec).spec,
        )];
        let (settings, _) = settings::from_toml(files.settings, &[]);
        let requirements =
            BTreeMap::from([("requirements.txt".to_owned(), files.requirements.to_owned())]);
        let (project, problems) = project::plan(Inputs {
            locks: &BTreeMap::new(),
            specs: &specs,
            settings: &settings.unwrap(),
            files: &requirements,
        });
        assert_eq!(problems, []);
        // The person's file is one that mmdev keeps.
        let path = devcontainer::DEFAULT_PATH;
        let record =
            r#"{ "customizations": {"mmdev": {"generated": {"/build/dockerfile": false}}}, "#;
        let text = files.devcontainer.replacen("{ ", record, 1);
        let desired = artifact::desired(&project);
        let mode = devcontainer::Mode::Merge;
        let text = match devcontainer::plan(path, Some(&text), &desired, mode).outcome {
            devcontainer::Outcome::Update(change) => change.text,
            devcontainer::Outcome::Unchanged => text,
            other => panic!("{other:?}"),
        };
        let meaning = Meaning {
            plan_hash: artifact::plan_hash(&project),
            devcontainer: config::read(&text).0.properties,
        };
        let written = artifact::files(&project)
            .into_iter()
            .map(|file| (file.path, file.text))
            .chain([(path.to_owned(), text)])
            .collect();
        (meaning, written)
    }

    #[track_caller]
    fn check(now: Files, expected: Change) {
        let (before, on_disk) = read(BEFORE);
        let (now, wanted) = read(now);
        let drift = on_disk != wanted;
        assert_eq!(before.change_to(&now, drift), expected);
    }

    fn spec(text: &'static str) -> Files {
        Files {
            spec: text,
            ..BEFORE
        }
    }

    fn devcontainer(text: &'static str) -> Files {
        Files {
            devcontainer: text,
            ..BEFORE
        }
    }

    #[test]
    fn what_means_the_same_asks_for_nothing() {
        // Comments and white space.
        check(
            spec(
                "# why\nname: a\n\nchannels:\n- conda-forge # first\n- bioconda\nvariables:\n  A: \"1\"\n  B: '2'\n\
                 dependencies:\n- 'python=3.12'\n- numpy >=1.26 # fast\n- pip\n- pip:\n  - -r requirements.txt\n",
            ),
            Change::Nothing,
        );
        // The order of dependencies, variables and keys, and a dependency that is said twice.
        check(
            spec(
                "variables: {B: '2', A: '1'}\ndependencies:\n  - pip:\n    - -r requirements.txt\n  - pip\n  - numpy >=1.26\n\
                 \x20 - python=3.12\n  - python=3.12\nchannels: [conda-forge, bioconda]\nname: a\n",
            ),
            Change::Nothing,
        );
        check(
            Files {
                requirements: "# ours\r\nrich\r\n\r\nclick  # theirs\r\n",
                settings: "# ours\nsystem-packages = [\n  'graphviz',\n]\n",
                ..BEFORE
            },
            Change::Nothing,
        );
    }

    #[test]
    fn another_image_is_rebuilt() {
        let python = "name: a\nchannels: [conda-forge, bioconda]\nvariables: {A: '1', B: '2'}\ndependencies:\n  - python=3.12\n";
        check(spec(python), Change::Rebuild);
        let cases = [
            (BEFORE.spec.replace("numpy >=1.26", "numpy >=1.27"), "a pin"),
            (
                BEFORE.spec.replace("- pip\n", "- pip\n  - scipy\n"),
                "a dependency",
            ),
            (
                BEFORE
                    .spec
                    .replace("conda-forge, bioconda", "bioconda, conda-forge"),
                "the order of channels",
            ),
            (BEFORE.spec.replace("A: '1'", "A: '2'"), "a variable"),
        ];
        for (text, what) in cases {
            assert_ne!(text, BEFORE.spec, "{what}");
            check(spec(text.leak()), Change::Rebuild);
        }
        check(
            Files {
                requirements: "rich\n",
                ..BEFORE
            },
            Change::Rebuild,
        );
        for settings in [
            "system-packages = ['graphviz', 'make']\n",
            "system-packages = ['graphviz']\nbase-image = 'debian:13'\n",
            "system-packages = ['graphviz']\n[dockerfile]\nafter = ['RUN true']\n",
        ] {
            check(Files { settings, ..BEFORE }, Change::Rebuild);
        }
        check(
            devcontainer(
                r#"{ "features": {"ghcr.io/devcontainers/features/go:1": {}}, "remoteEnv": {"A": "1", "B": "2"} }"#,
            ),
            Change::Rebuild,
        );
    }

    #[test]
    fn files_alone_are_written() {
        check(
            Files {
                settings: "system-packages = ['graphviz']\nextensions = ['charliermarsh.ruff']\n",
                ..BEFORE
            },
            Change::Regenerate,
        );
    }

    #[test]
    fn keys_of_devcontainer_json() {
        let (before, _) = read(BEFORE);
        let judge = |text| before.change_to(&read(devcontainer(text)).0, false);
        for (text, expected) in [
            (
                "{ // why\n \"remoteEnv\": {\"B\": \"2\", \"A\": \"1\",}, }",
                Change::Nothing,
            ),
            (
                r#"{ "name": "x", "portsAttributes": {"1": {}}, "remoteEnv": {"A": "1", "B": "2"} }"#,
                Change::Nothing,
            ),
            (
                r#"{ "mounts": ["source=a,target=/a"], "remoteEnv": {"A": "1", "B": "2"} }"#,
                Change::Recreate,
            ),
            (
                r#"{ "postCreateCommand": "true", "remoteEnv": {"A": "1", "B": "2"} }"#,
                Change::Recreate,
            ),
            ("{ }", Change::Recreate),
            (
                r#"{ "build": {"args": {"A": "1"}}, "remoteEnv": {"A": "1", "B": "2"} }"#,
                Change::Rebuild,
            ),
        ] {
            assert_eq!(judge(text), expected, "{text}");
        }
    }
}
