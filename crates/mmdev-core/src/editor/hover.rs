//! What stands at a place, in words: the entry and its pin, the key, and the rule of a finding.

use std::fmt::Write;

use super::{Document, key, pin};
use crate::diagnostic::Diagnostic;
use crate::index::{Answer, Candidate, PackageIndex};
use crate::lint::{self, Surroundings};
use crate::lock::Manager;
use crate::match_spec::{self, MatchSpec};
use crate::spec::{Dependency, PipEntry, PipLine, Selector, SelectorStyle};
use crate::syntax::yaml::Kind;
use crate::text::{Span, Spanned};

/// How many of the newest versions are named.
const NEWEST: usize = 5;

/// What is said about a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hover {
    /// The text that it is about.
    pub span: Span,
    /// What it says, in Markdown.
    pub markdown: String,
}

impl Document {
    /// What stands at `offset`. `diagnostics` are the document's own: those at the place are explained as well.
    pub fn hover(
        &self,
        offset: usize,
        diagnostics: &[Diagnostic],
        around: &Surroundings,
        index: Option<&dyn PackageIndex>,
    ) -> Option<Hover> {
        if !self.is_spec() {
            return None;
        }
        let holds = |span: Span| span.start <= offset && offset <= span.end;
        let entry = self
            .entry_at(&holds, around, index)
            .or_else(|| self.key_at(&holds));
        let findings: Vec<&Diagnostic> = diagnostics
            .iter()
            .filter(|diagnostic| holds(diagnostic.span))
            .collect();
        let span = match (&entry, findings.first()) {
            (Some((span, _)), _) => *span,
            (None, Some(finding)) => finding.span,
            (None, None) => return None,
        };
        let mut parts: Vec<String> = entry.map(|(_, text)| text).into_iter().collect();
        let mut explained = Vec::new();
        for finding in findings {
            if !explained.contains(&finding.code) {
                explained.push(finding.code);
                parts.extend(lint::rule(finding.code.0).map(rule));
            }
        }
        (!parts.is_empty()).then(|| Hover {
            span,
            markdown: parts.join("\n\n---\n\n"),
        })
    }

    fn entry_at(
        &self,
        holds: &impl Fn(Span) -> bool,
        around: &Surroundings,
        index: Option<&dyn PackageIndex>,
    ) -> Option<(Span, String)> {
        let spec = &self.read.spec;
        let dependencies = spec.dependencies.iter();
        if let Some(entry) = dependencies
            .into_iter()
            .find(|entry| holds(entry.text.span))
        {
            return Some((entry.text.span, dependency(entry, around, index)?));
        }
        if let Some(entry) = spec.pip.iter().find(|entry| holds(entry.text.span)) {
            return Some((entry.text.span, requirement(entry, around)?));
        }
        let at = |list: &[Spanned<String>]| list.iter().find(|item| holds(item.span)).cloned();
        if let Some(item) = at(spec.channels.as_deref().unwrap_or_default()) {
            return Some((item.span, channel(&item.value)));
        }
        if let Some(item) = at(&spec.platforms) {
            let text = format!(
                "**{}** — a platform (a subdir of conda's channels)",
                item.value
            );
            return Some((item.span, text));
        }
        let variable = spec
            .variables
            .iter()
            .find(|variable| holds(variable.name.span) || holds(variable.value.span))?;
        let text = format!(
            "**{}** — an environment variable, set to `{}` wherever the environment is active",
            variable.name.value, variable.value.value
        );
        Some((variable.name.span.cover(variable.value.span), text))
    }

    fn key_at(&self, holds: &impl Fn(Span) -> bool) -> Option<(Span, String)> {
        let Kind::Mapping(entries) = &self.tree.root.as_ref()?.kind else {
            return None;
        };
        let entry = entries.iter().find(|entry| holds(entry.key.span))?;
        let key = key::find(entry.name()?)?;
        let text = format!("**{}** — {}", key.name, key.documentation);
        Some((entry.key.span, text))
    }
}

/// A rule's summary and documentation, its headings small.
fn rule(rule: &lint::Rule) -> String {
    format!(
        "[{}]({}) **{}** — {}\n\n{}",
        rule.code,
        rule.url(),
        rule.name,
        rule.summary,
        rule.documentation.trim_end().replace("## ", "#### ")
    )
}

fn dependency(
    entry: &Dependency,
    around: &Surroundings,
    index: Option<&dyn PackageIndex>,
) -> Option<String> {
    let Some(spec) = &entry.match_spec else {
        let name = match_spec::normalized_name(&entry.text.value)?;
        return Some(format!(
            "**{name}** — a package; the rest of the entry is not understood"
        ));
    };
    let from = match (&spec.channel, &spec.subdir) {
        (None, None) => "a package from the first channel that has it".to_owned(),
        (Some(channel), None) => format!("a package from `{}`", channel.value),
        (None, Some(subdir)) => format!("a package for `{}`", subdir.value),
        (Some(channel), Some(subdir)) => {
            format!("a package from `{}` for `{}`", channel.value, subdir.value)
        }
    };
    let mut text = format!("**{}** — {from}\n", spec.name.value);
    match (&spec.version, &spec.constraint) {
        (Some(written), Some(constraint)) => {
            let _ = write!(
                text,
                "\n- version `{}`: {}",
                written.value.trim(),
                pin::version(constraint)
            );
        }
        _ => text.push_str("\n- any version"),
    }
    if let Some(build) = &spec.build {
        let _ = write!(text, "\n- build strings: {}", pin::build(&build.value));
    }
    for (key, value) in &spec.attributes {
        let _ = write!(text, "\n- {}: `{}`", key.value, value.value);
    }
    if let Some(selector) = &entry.selector {
        let _ = write!(text, "\n- {}", self::selector(selector));
    }
    if let Some(locked) = locked(around, Manager::Conda, &spec.name.value) {
        let _ = write!(text, "\n- {locked}");
    }
    if let Some(known) = index.and_then(|index| known(spec, index)) {
        text.push_str(&known);
    }
    Some(text)
}

/// The versions that are locked of a package.
fn locked(around: &Surroundings, manager: Manager, name: &str) -> Option<String> {
    let lock = around.lock.there()?;
    let versions = lock.versions(manager, name);
    let shown: Vec<String> = match versions.as_slice() {
        [] => return None,
        [(version, platforms)] if platforms.len() == lock.lock.metadata.platforms.len() => {
            vec![(*version).to_owned()]
        }
        versions => versions
            .iter()
            .map(|(version, platforms)| format!("{version} for {}", platforms.join(", ")))
            .collect(),
    };
    Some(format!("locked: {}", shown.join("; ")))
}

fn selector(selector: &Selector) -> String {
    let by = match selector.style {
        SelectorStyle::Key => "micromamba and mamba",
        SelectorStyle::Comment => "conda-lock and mmdev",
    };
    format!("only for `{}`, to {by}", selector.text.value)
}

/// What the channels have: the newest versions, and the newest that fits.
fn known(spec: &MatchSpec, index: &dyn PackageIndex) -> Option<String> {
    let candidates = match index.candidates(&spec.name.value) {
        Answer::Known(candidates) => candidates,
        Answer::Absent => return Some("\n- no channel of this spec has it".to_owned()),
        Answer::Unknown => return None,
    };
    let mut versions: Vec<&str> = candidates
        .iter()
        .map(|candidate| candidate.version.as_str())
        .collect();
    versions.dedup();
    let mut text = format!(
        "\n- newest: {}{}",
        versions[..versions.len().min(NEWEST)].join(", "),
        if versions.len() > NEWEST { ", …" } else { "" }
    );
    if spec.constraint.is_some() || spec.build.is_some() {
        let fitting = |candidate: &&Candidate| lint::channels::fits(spec, candidate);
        match candidates.iter().find(fitting) {
            Some(candidate) => {
                let _ = write!(
                    text,
                    "\n- newest that fits: {} from `{}`",
                    candidate.version, candidate.channel
                );
            }
            None => text.push_str("\n- none of them fits"),
        }
    }
    Some(text)
}

fn requirement(entry: &PipEntry, around: &Surroundings) -> Option<String> {
    let mut text = match &entry.line {
        PipLine::Package { name } => {
            format!("**{name}** — a package that pip installs, after the others")
        }
        PipLine::Url => "A package that pip installs from a URL".to_owned(),
        PipLine::Path { path, editable } => format!(
            "`{path}` of the project, which pip installs{}",
            if *editable {
                " in place: what changes there is seen at once"
            } else {
                ""
            }
        ),
        PipLine::RequirementsFile { path } => {
            format!("The requirements in `{path}`, which pip installs")
        }
        PipLine::ConstraintsFile { path } => {
            format!("Versions that pip keeps to, out of `{path}`")
        }
        PipLine::Option => "An option for pip as a whole".to_owned(),
        PipLine::Malformed => return None,
    };
    let locked = match &entry.line {
        PipLine::Package { name } => locked(around, Manager::Pip, name),
        _ => None,
    };
    let selector = entry.selector.as_ref().map(self::selector);
    for (index, fact) in selector.into_iter().chain(locked).enumerate() {
        text.push_str(if index == 0 { "\n\n- " } else { "\n- " });
        text.push_str(&fact);
    }
    Some(text)
}

fn channel(name: &str) -> String {
    match name {
        "nodefaults" => {
            "**nodefaults** — no channel: it keeps conda from adding `defaults`".to_owned()
        }
        "defaults" => {
            "**defaults** — Anaconda's own channels (`main`, `r`); mind their terms of use"
                .to_owned()
        }
        // A URL may hold a token.
        _ if name.contains("://") => "A channel by its URL".to_owned(),
        _ => format!("**{name}** — a channel: <https://anaconda.org/{name}>"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Packages, at_cursor};
    use crate::lint::Surroundings;
    use crate::lint::testing::locked;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(text: &str, expected: Expect) {
        check_in(&Surroundings::default(), text, expected);
    }

    #[track_caller]
    fn check_in(around: &Surroundings, text: &str, expected: Expect) {
        let (document, offset) = at_cursor(text);
        let diagnostics = document.diagnostics(around, None);
        let hover = document.hover(offset, &diagnostics, around, Some(&Packages::some()));
        let shown = hover.map_or("nothing\n".to_owned(), |hover| {
            let text = &document.text()[hover.span.range()];
            format!("{text:?}\n{}\n", hover.markdown)
        });
        expected.assert_eq(&shown);
    }

    #[test]
    fn what_is_locked() {
        let around = locked(
            "",
            &[
                "numpy 1.26.4 py_0",
                "osx-64:numpy 1.26.4 py_0",
                "scipy 1.11 py_0",
                "pip:Ruamel.yaml 3.0.2",
                "osx-64:pip:ruamel.yaml 3.0.1",
            ],
        );
        let check = |text, expected| check_in(&around, text, expected);
        check(
            "dependencies: [nu$0mpy]\n",
            expect![[r#"
            "numpy"
            **numpy** — a package from the first channel that has it

            - any version
            - locked: 1.26.4
            - newest: 2.1.0, 2.0.1, 1.26.4, 1.26.3, 1.25.0

            ---

            [MM506](https://github.com/mmdev-project/mmdev/blob/main/docs/rules/MM506.md) **unpinned-dependency** — A dependency may be any version.

            #### What it finds
            A dependency without a version, of conda or of pip (`python` has a rule of its own, MM503). The rule is off unless it is selected: with a lock, a spec without versions is a good one.

            #### Why
            conda, mamba, micromamba and pip take the newest version that fits the others. Without a lock, the same file is another environment next month.

            #### Example
            ```yaml
            dependencies:
              - numpy
            ```

            #### How to mend it
            Write the version that the project was tested with (`numpy=1.26`), or at least its bounds (`numpy >=1.26,<3`).
        "#]],
        );
        check(
            "dependencies: [sci$0py >=1]\n",
            expect![[r#"
            "scipy >=1"
            **scipy** — a package from the first channel that has it

            - version `>=1`: 1 or newer
            - locked: 1.11 for linux-64
            - no channel of this spec has it

            ---

            [MM808](https://github.com/mmdev-project/mmdev/blob/main/docs/rules/MM808.md) **locked-otherwise** — An entry does not take what is locked.

            #### What it finds
            A dependency or an entry of the pip section whose package the lock does not have, or has in a version or build that the entry does not take.

            #### Why
            The image is installed from the lock, so that the container has the locked version, or nothing, in place of what the spec asks for.

            #### Example
            ```yaml
            channels:
              - conda-forge
            dependencies:
              - numpy>=2  # conda-lock.yml has numpy 1.26.4
            ```

            #### How to mend it
            Run `mmdev lock`: it changes what it must, and keeps the rest.
        "#]],
        );
        check(
            "dependencies: [pip, pip: [rua$0mel-yaml]]\n",
            expect![[r#"
                "ruamel-yaml"
                **ruamel-yaml** — a package that pip installs, after the others

                - locked: 3.0.2 for linux-64; 3.0.1 for osx-64

                ---

                [MM503](https://github.com/mmdev-project/mmdev/blob/main/docs/rules/MM503.md) **python-unpinned** — Any version of Python will do.

                #### What it finds
                A dependency `python` without a version, or a pip section in an environment without `python`.

                #### Why
                conda, mamba and micromamba then take the newest Python that the other packages allow, which changes once a year, and earlier or later with each of them. pip's packages are no part of that: the ones without a wheel for the new version are built from source, or not found. A lock holds it still until it is renewed.

                #### Example
                ```yaml
                dependencies:
                  - python
                  - numpy
                ```

                #### How to mend it
                Name the minor version that the project is tested with: `python=3.12`.

                ---

                [MM506](https://github.com/mmdev-project/mmdev/blob/main/docs/rules/MM506.md) **unpinned-dependency** — A dependency may be any version.

                #### What it finds
                A dependency without a version, of conda or of pip (`python` has a rule of its own, MM503). The rule is off unless it is selected: with a lock, a spec without versions is a good one.

                #### Why
                conda, mamba, micromamba and pip take the newest version that fits the others. Without a lock, the same file is another environment next month.

                #### Example
                ```yaml
                dependencies:
                  - numpy
                ```

                #### How to mend it
                Write the version that the project was tested with (`numpy=1.26`), or at least its bounds (`numpy >=1.26,<3`).
            "#]],
        );
    }

    #[test]
    fn entries_and_their_pins() {
        check(
            "dependencies:\n  - nu$0mpy >=1.25,<2 # c\n",
            expect![[r#"
            "numpy >=1.25,<2"
            **numpy** — a package from the first channel that has it

            - version `>=1.25,<2`: 1.25 or newer and older than 2
            - newest: 2.1.0, 2.0.1, 1.26.4, 1.26.3, 1.25.0
            - newest that fits: 1.26.4 from `conda-forge`
        "#]],
        );
        check(
            "dependencies:\n  - conda-forge/linux-64::python=3.12=*_cpython$0 # [linux]\n",
            expect![[r#"
                "conda-forge/linux-64::python=3.12=*_cpython"
                **python** — a package from `conda-forge` for `linux-64`

                - version `=3.12`: exactly 3.12
                - build strings: those that end with `_cpython`
                - only for `linux`, to conda-lock and mmdev
                - newest: 3.12.1, 3.11.9
                - none of them fits

                ---

                [MM221](https://github.com/mmdev-project/mmdev/blob/main/docs/rules/MM221.md) **understood-differently** — conda, micromamba and rattler understand a dependency differently.

                #### What it finds
                A dependency that all three tools take, and for which they do not take the same packages. The message says which tool takes what. Of entries such as an export has (`name=version=build`) only the first is marked, as information.

                #### Why
                Each tool reads a MatchSpec with a parser of its own. Recorded of conda's `MatchSpec`, micromamba 2.8 and rattler's lenient mode:

                | written | conda | micromamba | rattler |
                |---|---|---|---|
                | `numpy=1.26=*_0` | 1.26 | every 1.26 | 1.26 |
                | `numpy=1.26.` | every 1.26 | every 1.26 | 1.26 with the build `.` |
                | `numpy=1.* <2` | a version that nothing has | any version with the build `1.* <2` | every 1 with the build `<2` |
                | `numpy>1.26.*` | above 1.26 | 1.26 itself as well | 1.26 itself as well |
                | `numpy[version='==1.26.*']` | every 1.26 | every 1.26 | 1.26 |
                | `numpy=1.26[version='2.*']` | every 2 | every 1.26 | every 2 |

                (`numpy 1.26` is no such case: it is 1.26.0 alone to all three, which MM223 says.)

                So a lock, an image and a teammate's own environment differ, or one of them cannot be solved.

                #### Example
                ```yaml
                dependencies:
                  - pytorch=2.0=*cuda*
                ```

                #### How to mend it
                Write the spelling that all understand alike: `pytorch=2.0.*=*cuda*` for every 2.0, `==1.26.4` before a build string for one version, a comma between comparisons. The fix does; it is unsafe, because one of the tools will take other packages than before.
            "#]],
        );
        check(
            "dependencies:\n  - numpy=$07\n",
            expect![[r#"
            "numpy=7"
            **numpy** — a package from the first channel that has it

            - version `=7`: 7 or any 7.*
            - newest: 2.1.0, 2.0.1, 1.26.4, 1.26.3, 1.25.0
            - none of them fits
        "#]],
        );
        check(
            "dependencies:\n  - $0qq\n",
            expect![[r#"
            "qq"
            **qq** — a package from the first channel that has it

            - any version
            - no channel of this spec has it
        "#]],
        );
        check(
            "dependencies:\n  - sel(linux): pi$0p\n",
            expect![[r#"
            "pip"
            **pip** — a package from the first channel that has it

            - any version
            - only for `linux`, to micromamba and mamba
            - newest: 24.0
        "#]],
        );
    }

    #[test]
    fn other_entries() {
        check(
            "dependencies:\n  - python>=3\n  - pip\n  - pip:\n    - re$0quests>2\n",
            expect![[r#"
            "requests>2"
            **requests** — a package that pip installs, after the others
        "#]],
        );
        check(
            "dependencies:\n  - python>=3\n  - pip\n  - pip:\n    - -e $0.\n",
            expect![[r#"
            "-e ."
            `.` of the project, which pip installs in place: what changes there is seen at once
        "#]],
        );
        check(
            "channels:\n  - conda$0-forge\ndependencies: [pip]\n",
            expect![[r#"
            "conda-forge"
            **conda-forge** — a channel: <https://anaconda.org/conda-forge>
        "#]],
        );
        check(
            "channels:\n  - https://u:secret$0@x.org/c\ndependencies: [pip]\n",
            expect![[r#"
                "https://u:secret@x.org/c"
                A channel by its URL

                ---

                [MM613](https://github.com/mmdev-project/mmdev/blob/main/docs/rules/MM613.md) **secret-in-url** — A channel or package URL holds a secret.

                #### What it finds
                A user and password before `@`, a token there, or conda's `/t/TOKEN/`, in a channel, a dependency, a pip entry or a requirements file.

                #### Why
                The normalised spec is committed and hashed into the image: whoever has one of them has the secret. The message never shows it.

                #### Example
                ```yaml
                channels:
                  - https://conda.anaconda.org/t/ab-1234/team
                ```

                #### How to mend it
                Remove the secret, and make it invalid where it was issued if the file was ever shared.
            "#]],
        );
        check(
            "platforms: [linux-6$04]\ndependencies: [pip]\n",
            expect![[r#"
            "linux-64"
            **linux-64** — a platform (a subdir of conda's channels)
        "#]],
        );
        check(
            "variables:\n  A$0: b\ndependencies: [pip]\n",
            expect![[r#"
            "A: b"
            **A** — an environment variable, set to `b` wherever the environment is active
        "#]],
        );
    }

    #[test]
    fn keys() {
        check(
            "na$0me: x\ndependencies: [pip]\n",
            expect![[r#"
            "name"
            **name** — The environment's name. It becomes a folder, so it holds no `/`, `:`, `#` and no space. Nothing depends on it in the container: the environment of the image is active under any name.
        "#]],
        );
        check(
            "name: $0x\ndependencies: [pip]\n",
            expect![[r#"
            nothing
        "#]],
        );
        check(
            "dependencies: [pip]\n$0\n",
            expect![[r#"
            nothing
        "#]],
        );
    }

    #[test]
    fn rules_of_findings() {
        check(
            "dependencies:\n  - numpy=$0>1.2\n",
            expect![[r#"
                "numpy=>1.2"
                **numpy** — a package; the rest of the entry is not understood

                ---

                [MM209](https://github.com/mmdev-project/mmdev/blob/main/docs/rules/MM209.md) **unknown-operator** — A comparison uses an operator that a tool does not know.

                #### What it finds
                `=>`, `===`, `<>`, a single `~`, an operator with a space in it, and the like.

                #### Why
                The operators are `=`, `==`, `!=`, `>=`, `<=`, `>`, `<` and `~=`. conda takes `=>1.2` as `>1.2*` and `===1.2` as `==1.2`, micromamba takes spaces between; rattler refuses all of them.

                #### Example
                ```yaml
                dependencies:
                  - numpy=>1.26
                  - numpy = = 1.26
                ```

                #### How to mend it
                Write one of the eight operators. The fix does where one is near; it is unsafe for a single `~`, of which nobody knows what it was to mean.
            "#]],
        );
    }
}
