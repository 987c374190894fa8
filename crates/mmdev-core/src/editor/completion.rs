//! What could be typed next: keys, channels, platforms, package names and versions.

use super::Document;
use super::key::KEYS;
use super::place::{self, List, Place, Within};
use crate::index::{Answer, PackageIndex};
use crate::spec::PLATFORMS;
use crate::text::{Edit, Span};

/// How many items are given at once. A channel has tens of thousands of names; whoever types on asks again.
const MOST: usize = 200;

/// Channels that people use, besides those that the document names.
const CHANNELS: [(&str, &str); 6] = [
    ("conda-forge", "packages of the community"),
    ("bioconda", "bioinformatics, on top of conda-forge"),
    ("nvidia", "CUDA, by NVIDIA"),
    ("pytorch", "PyTorch up to 2.5, by its makers"),
    ("defaults", "Anaconda's own; mind its terms of use"),
    ("nodefaults", "keeps conda from adding `defaults`"),
];

/// One thing that could be typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// What is shown.
    pub label: String,
    /// What it is.
    pub kind: CompletionKind,
    /// A word more on it.
    pub detail: Option<String>,
    /// What it is for, in Markdown.
    pub documentation: Option<String>,
    /// What choosing it does.
    pub edit: Edit,
}

/// The kinds of things that could be typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompletionKind {
    /// A top-level key.
    Key,
    /// A channel.
    Channel,
    /// A platform.
    Platform,
    /// A package's name.
    Package,
    /// A version.
    Version,
}

/// What could be typed at one place, the most likely first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completions {
    /// The items.
    pub items: Vec<Completion>,
    /// Whether there are no more: an editor may then filter these itself while one types on.
    pub is_complete: bool,
}

impl Document {
    /// What could be typed at `offset`. Without an index, or where it knows nothing yet, names and versions are left
    /// out.
    pub fn completion(&self, offset: usize, index: Option<&dyn PackageIndex>) -> Completions {
        let none = Completions {
            items: Vec::new(),
            is_complete: true,
        };
        let Some(place) = place::at(&self.text, offset).filter(|_| self.may_become_a_spec()) else {
            return none;
        };
        match place.within {
            Within::Key => self.keys(&place),
            Within::Entry(List::Channels) => self.channels(&place),
            Within::Entry(List::Platforms) => self.platforms(&place),
            Within::Entry(List::Dependencies) => dependency(&place, offset, index),
            Within::Entry(List::Pip) => none,
        }
    }

    /// Whether this is a spec, or an empty file that may become one.
    fn may_become_a_spec(&self) -> bool {
        self.is_spec() || self.text.trim().is_empty()
    }

    fn keys(&self, place: &Place) -> Completions {
        let line_break = if self.text.contains("\r\n") {
            "\r\n"
        } else {
            "\n"
        };
        let has = |name: &str| {
            self.text.lines().any(|line| {
                line.strip_prefix(name)
                    .is_some_and(|rest| rest.starts_with(':'))
            })
        };
        // Behind a key that is whole, only its name is replaced.
        let end = place.start + place.content.len();
        let is_bare = !self.text[end..].starts_with(':');
        complete(
            KEYS.iter()
                .filter(|key| key.is_offered && !has(key.name))
                .map(|key| {
                    let begin = if is_bare { key.begin } else { "" };
                    Completion {
                        label: key.name.to_owned(),
                        kind: CompletionKind::Key,
                        detail: None,
                        documentation: Some(key.documentation.to_owned()),
                        edit: replace(
                            place,
                            format!("{}{}", key.name, begin.replace('\n', line_break)),
                        ),
                    }
                }),
        )
    }

    fn channels(&self, place: &Place) -> Completions {
        let spec = &self.read.spec;
        let listed = spec.channels.iter().flatten().map(|channel| &channel.value);
        let listed: Vec<&String> = listed.filter(|channel| *channel != place.content).collect();
        let named = spec.dependencies.iter().filter_map(|dependency| {
            let channel = dependency.match_spec.as_ref()?.channel.as_ref()?;
            Some((channel.value.as_str(), "a dependency names it"))
        });
        let mut offered: Vec<&str> = Vec::new();
        complete(
            named
                .chain(CHANNELS)
                .filter(|(channel, _)| {
                    let is_new = !listed.iter().any(|listed| listed == channel)
                        && !offered.contains(channel);
                    offered.push(channel);
                    is_new
                })
                .map(|(channel, detail)| {
                    simple(place, channel, CompletionKind::Channel, Some(detail))
                }),
        )
    }

    fn platforms(&self, place: &Place) -> Completions {
        let listed: Vec<&String> = self
            .read
            .spec
            .platforms
            .iter()
            .map(|platform| &platform.value)
            .filter(|platform| *platform != place.content)
            .collect();
        // Those that people mean nearly always.
        let usual = ["linux-64", "linux-aarch64", "osx-arm64", "osx-64", "win-64"];
        let others = PLATFORMS
            .iter()
            .filter(|platform| !usual.contains(platform));
        complete(
            usual
                .iter()
                .chain(others)
                .filter(|platform| !listed.iter().any(|listed| listed == *platform))
                .map(|platform| simple(place, platform, CompletionKind::Platform, None)),
        )
    }
}

fn complete(items: impl Iterator<Item = Completion>) -> Completions {
    Completions {
        items: items.collect(),
        is_complete: true,
    }
}

fn replace(place: &Place, text: String) -> Edit {
    Edit::replace(
        Span::new(place.start, place.start + place.content.len()),
        text,
    )
}

fn simple(place: &Place, label: &str, kind: CompletionKind, detail: Option<&str>) -> Completion {
    Completion {
        label: label.to_owned(),
        kind,
        detail: detail.map(str::to_owned),
        documentation: None,
        edit: replace(place, label.to_owned()),
    }
}

/// A package's name, or a version where one stands behind the name.
fn dependency(place: &Place, offset: usize, index: Option<&dyn PackageIndex>) -> Completions {
    let Some(index) = index else {
        return unknown();
    };
    let content = place.content;
    let cursor = offset.saturating_sub(place.start).min(content.len());
    let name_start = content.find("::").map_or(0, |colons| colons + 2);
    let name_start =
        name_start + (content.len() - name_start) - content[name_start..].trim_start().len();
    let is_name = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.');
    let name_end = content[name_start..]
        .find(|char| !is_name(char))
        .map_or(content.len(), |length| name_start + length);
    if cursor < name_start {
        return complete(std::iter::empty());
    }
    if cursor <= name_end {
        let span = Span::new(place.start + name_start, place.start + name_end);
        let typed = content[name_start..cursor].to_ascii_lowercase();
        return names(index, &typed, span);
    }
    let Some(word) = version_at(content, name_end, cursor) else {
        return complete(std::iter::empty());
    };
    let name = content[name_start..name_end].to_ascii_lowercase();
    let typed = &content[word.start..cursor];
    versions(index, &name, typed, word.shifted(place.start))
}

/// Nothing is known yet: the editor is to ask again.
fn unknown() -> Completions {
    Completions {
        items: Vec::new(),
        is_complete: false,
    }
}

/// Names that begin with what was typed, then those that hold it elsewhere.
fn names(index: &dyn PackageIndex, typed: &str, span: Span) -> Completions {
    let names = match index.names() {
        Answer::Known(names) => names,
        Answer::Absent => &[],
        Answer::Unknown => return unknown(),
    };
    let first = names.partition_point(|name| name.as_str() < typed);
    let beginning = names[first..]
        .iter()
        .take_while(|name| name.starts_with(typed));
    let holding = names
        .iter()
        .filter(|name| !typed.is_empty() && !name.starts_with(typed) && name.contains(typed));
    let mut found: Vec<&String> = beginning.chain(holding).take(MOST + 1).collect();
    let is_complete = found.len() <= MOST;
    found.truncate(MOST);
    Completions {
        items: found
            .into_iter()
            .map(|name| Completion {
                label: name.clone(),
                kind: CompletionKind::Package,
                detail: None,
                documentation: None,
                edit: Edit::replace(span, name.clone()),
            })
            .collect(),
        is_complete,
    }
}

/// The version around `cursor` in a MatchSpec whose name ends at `name_end`; `None` where something else belongs
/// there: a build string, or a bracket's content.
fn version_at(content: &str, name_end: usize, cursor: usize) -> Option<Span> {
    let is_word =
        |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '_' | '*' | '+' | '!');
    let before = &content[name_end..cursor];
    if before.contains(['[', ';']) {
        return None;
    }
    let start = name_end + before.trim_end_matches(is_word).len();
    // `!=` is an operator, `1!2` an epoch.
    let start = start + usize::from(content[start..cursor].starts_with('!'));
    let end = content[cursor..]
        .find(|char| !is_word(char))
        .map_or(content.len(), |length| cursor + length);
    // Since the last `,` or `|` there may be an operator, but no version: what follows one is a build string.
    let part = content[name_end..start].rsplit([',', '|']).next()?;
    (!part.contains(is_word) || part.contains("!=")).then_some(Span::new(start, end))
}

/// The versions that begin with what was typed, newest first.
fn versions(index: &dyn PackageIndex, name: &str, typed: &str, span: Span) -> Completions {
    let candidates = match index.candidates(name) {
        Answer::Known(candidates) => candidates,
        Answer::Absent => &[],
        Answer::Unknown => return unknown(),
    };
    let mut found: Vec<Completion> = Vec::new();
    for candidate in candidates {
        let is_new = found
            .last()
            .is_none_or(|last| last.label != candidate.version);
        if is_new && candidate.version.starts_with(typed) {
            found.push(Completion {
                label: candidate.version.clone(),
                kind: CompletionKind::Version,
                detail: Some(candidate.channel.clone()),
                documentation: None,
                edit: Edit::replace(span, candidate.version.clone()),
            });
        }
    }
    let is_complete = found.len() <= MOST;
    found.truncate(MOST);
    Completions {
        items: found,
        is_complete,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Packages, at_cursor};
    use super::*;
    use crate::index::Candidate;
    use crate::text::apply;
    use expect_test::{Expect, expect};

    fn show(text: &str, index: Option<&dyn PackageIndex>) -> String {
        let (document, offset) = at_cursor(text);
        let completions = document.completion(offset, index);
        let mut shown = String::new();
        for item in &completions.items {
            let after = apply(document.text(), std::slice::from_ref(&item.edit));
            let line = after[..item.edit.span.start].matches('\n').count();
            let line = after.lines().nth(line).unwrap_or_default();
            shown += &format!("{}: {line:?}", item.label);
            if let Some(detail) = &item.detail {
                shown += &format!(" ({detail})");
            }
            shown += "\n";
        }
        if !completions.is_complete {
            shown += "…\n";
        }
        shown
    }

    #[track_caller]
    fn check(text: &str, expected: Expect) {
        expected.assert_eq(&show(text, Some(&Packages::some())));
    }

    #[test]
    fn keys_that_are_missing() {
        check(
            "$0",
            expect![[r#"
            name: "name: "
            channels: "channels:"
            dependencies: "dependencies:"
            variables: "variables:"
            platforms: "platforms:"
            category: "category: "
        "#]],
        );
        check(
            "name: x\nde$0",
            expect![[r#"
            channels: "channels:"
            dependencies: "dependencies:"
            variables: "variables:"
            platforms: "platforms:"
            category: "category: "
        "#]],
        );
        check(
            "name: x\ndependencies:\n  - a\nch$0: [a]\n",
            expect![[r#"
            channels: "channels: [a]"
            variables: "variables: [a]"
            platforms: "platforms: [a]"
            category: "category: [a]"
        "#]],
        );
    }

    #[test]
    fn channels_common_and_in_use() {
        check(
            "channels:\n  - conda-forge\n  - bio$0\ndependencies:\n  - my-own::x\n  - bioconda::y\n",
            expect![[r#"
                my-own: "  - my-own" (a dependency names it)
                bioconda: "  - bioconda" (a dependency names it)
                nvidia: "  - nvidia" (CUDA, by NVIDIA)
                pytorch: "  - pytorch" (PyTorch up to 2.5, by its makers)
                defaults: "  - defaults" (Anaconda's own; mind its terms of use)
                nodefaults: "  - nodefaults" (keeps conda from adding `defaults`)
            "#]],
        );
    }

    #[test]
    fn platforms_that_are_missing() {
        check(
            "platforms:\n  - linux-64\n  - wi$0\ndependencies: [a]\n",
            expect![[r#"
            linux-aarch64: "  - linux-aarch64"
            osx-arm64: "  - osx-arm64"
            osx-64: "  - osx-64"
            win-64: "  - win-64"
            emscripten-wasm32: "  - emscripten-wasm32"
            freebsd-64: "  - freebsd-64"
            linux-32: "  - linux-32"
            linux-armv6l: "  - linux-armv6l"
            linux-armv7l: "  - linux-armv7l"
            linux-ppc64: "  - linux-ppc64"
            linux-ppc64le: "  - linux-ppc64le"
            linux-riscv32: "  - linux-riscv32"
            linux-riscv64: "  - linux-riscv64"
            linux-s390x: "  - linux-s390x"
            wasi-wasm32: "  - wasi-wasm32"
            win-32: "  - win-32"
            win-arm64: "  - win-arm64"
            zos-z: "  - zos-z"
        "#]],
        );
    }

    #[test]
    fn names_of_packages() {
        check(
            "dependencies:\n  - NUM$0",
            expect![[r#"
            numba: "  - numba"
            numpy: "  - numpy"
            numpydoc: "  - numpydoc"
            xnumpy: "  - xnumpy"
        "#]],
        );
        check(
            "dependencies:\n  - conda-forge::py$0thon=3\n",
            expect![[r#"
            python: "  - conda-forge::python=3"
            numpy: "  - conda-forge::numpy=3"
            numpydoc: "  - conda-forge::numpydoc=3"
            xnumpy: "  - conda-forge::xnumpy=3"
        "#]],
        );
        check(
            "dependencies: [numpyd$0]\n",
            expect![[r#"
            numpydoc: "dependencies: [numpydoc]"
        "#]],
        );
        check("dependencies:\n  - pip:\n    - num$0\n", expect![]);
        check("dependencies:\n  - qq$0\n", expect![]);
        check(
            "{{ x }}: [\ndependencies:\n  - numb$0\n",
            expect![[r#"
            numba: "  - numba"
        "#]],
        );
    }

    #[test]
    fn versions_behind_an_operator() {
        check(
            "dependencies:\n  - numpy=1.2$0\n",
            expect![[r#"
            1.26.4: "  - numpy=1.26.4" (conda-forge)
            1.26.3: "  - numpy=1.26.3" (conda-forge)
            1.25.0: "  - numpy=1.25.0" (conda-forge)
        "#]],
        );
        check(
            "dependencies:\n  - numpy >=1.25,<$0 # c\n",
            expect![[r#"
            2.1.0: "  - numpy >=1.25,<2.1.0 # c" (conda-forge)
            2.0.1: "  - numpy >=1.25,<2.0.1 # c" (conda-forge)
            1.26.4: "  - numpy >=1.25,<1.26.4 # c" (conda-forge)
            1.26.3: "  - numpy >=1.25,<1.26.3 # c" (conda-forge)
            1.25.0: "  - numpy >=1.25,<1.25.0 # c" (conda-forge)
        "#]],
        );
        check(
            "dependencies:\n  - numpy !=2$0.0.1\n",
            expect![[r#"
            2.1.0: "  - numpy !=2.1.0" (conda-forge)
            2.0.1: "  - numpy !=2.0.1" (conda-forge)
        "#]],
        );
        check(
            "dependencies:\n  - \"python $0\"\n",
            expect![[r#"
            3.12.1: "  - \"python 3.12.1\"" (conda-forge)
            3.11.9: "  - \"python 3.11.9\"" (conda-forge)
        "#]],
        );
        check("dependencies:\n  - numpy=1.26=$0\n", expect![]);
        check("dependencies:\n  - numpy 1.26 $0\n", expect![]);
        check(
            "dependencies:\n  - python $0\n",
            expect![[r#"
            3.12.1: "  - python 3.12.1" (conda-forge)
            3.11.9: "  - python 3.11.9" (conda-forge)
        "#]],
        );
        check("dependencies:\n  - numpy[version=$0\n", expect![]);
        check("dependencies:\n  - qq=$0\n", expect![]);
    }

    #[test]
    fn without_an_index_the_editor_asks_again() {
        let shown = show("dependencies:\n  - num$0\n", None);
        assert_eq!(shown, "…\n");
    }

    /// A channel of a hundred thousand names.
    struct Many(Vec<String>);

    impl PackageIndex for Many {
        fn names(&self) -> Answer<&[String]> {
            Answer::Known(&self.0)
        }

        fn candidates(&self, _: &str) -> Answer<&[Candidate]> {
            Answer::Unknown
        }
    }

    #[test]
    fn long_lists_are_cut_until_more_is_typed() {
        let many = Many((0..100_000).map(|number| format!("p{number:05}")).collect());
        let count = |text: &str| show(text, Some(&many)).lines().count();
        assert_eq!(count("dependencies:\n  - p$0\n"), MOST + 1);
        assert_eq!(count("dependencies:\n  - p9999$0\n"), 10);
        assert_eq!(show("dependencies:\n  - p99999=$0\n", Some(&many)), "…\n");
    }

    #[test]
    fn other_files_get_nothing() {
        let text = "services:\n  web:\n    image: x\n";
        let document = Document::new("compose.yaml", text.to_owned());
        let completions = document.completion(text.len(), Some(&Packages::some()));
        assert_eq!(completions.items, []);
    }
}
