//! How rules are tested: a spec in, findings and the mended spec out.

use std::collections::BTreeMap;
use std::sync::Arc;

use expect_test::Expect;

use super::{
    ContainerFile, Date, Locked, Rule, Selection, SpecFile, SpecLock, Surroundings, container, spec,
};
use crate::diagnostic::Diagnostic;
use crate::index::{Answer, Candidate, PackageIndex};
use crate::lock::{self, MEANING, fixture};
use crate::spec::{read, read_parsed};
use crate::syntax::yaml;
use crate::text::{LineIndex, apply};

/// Surroundings in which every rule speaks.
pub(crate) fn everything() -> Surroundings {
    Surroundings {
        selection: Selection::new(&["ALL".to_owned()], &[]).unwrap(),
        ..Surroundings::default()
    }
}

/// The same on a day, with a notebook and a second spec, and without the path that an example names.
pub(crate) fn of_examples() -> Surroundings {
    let other = "dependencies: [numpy>=2]";
    Surroundings {
        merged_with: vec![("dev.yaml".to_owned(), read("dev.yaml", other).spec)],
        notebook: Some("analysis.ipynb".to_owned()),
        missing_paths: ["./no-such-folder".to_owned()].into(),
        today: Some(Date {
            year: 2026,
            month: 11,
            day: 25,
        }),
        ..everything()
    }
}

/// The first YAML block of a rule's example, where it has one.
pub(crate) fn example(rule: &Rule) -> Option<&'static str> {
    let (_, example) = rule.documentation.split_once("## Example")?;
    let (_, block) = example.split_once("```yaml\n")?;
    block.split("```").next()
}

/// What is found in a spec called env.yaml.
pub(crate) fn found(text: &str, around: &Surroundings) -> Vec<Diagnostic> {
    found_before(text, around, None)
}

/// The same before what channels have.
pub(crate) fn found_before(
    text: &str,
    around: &Surroundings,
    index: Option<&dyn PackageIndex>,
) -> Vec<Diagnostic> {
    let tree = yaml::parse(text);
    let read = read_parsed("env.yaml", text, &tree);
    let file = SpecFile {
        path: "env.yaml",
        text,
        tree: &tree,
        read: &read,
    };
    spec(&file, around, index)
}

/// Surroundings with a lock of these packages, as [`fixture::lock`] takes them, that was made from `spec`.
pub(crate) fn locked(spec: &str, packages: &[&str]) -> Surroundings {
    let mut lock = fixture::lock(packages);
    let meaning = lock::meaning(&read("env.yaml", spec).spec, &BTreeMap::new());
    lock.metadata.custom.insert(MEANING.to_owned(), meaning);
    Surroundings {
        lock: Locked::There(SpecLock {
            path: "conda-lock.yml".to_owned(),
            lock: Arc::new(lock),
            is_whole: true,
            others: BTreeMap::new(),
            before: 0,
        }),
        ..everything()
    }
}

/// The mapping from PyPI's names to conda's.
pub(crate) fn conda_names(names: &[(&str, &str)]) -> Arc<BTreeMap<String, String>> {
    let names = names.iter();
    let owned = names.map(|(pypi, conda)| ((*pypi).to_owned(), (*conda).to_owned()));
    Arc::new(owned.collect())
}

/// An index that holds these files, and knows nothing of the package `secret`.
pub(crate) struct Files {
    names: Vec<String>,
    files: BTreeMap<String, Vec<Candidate>>,
    removed: BTreeMap<String, Vec<Candidate>>,
    platforms: Vec<String>,
}

impl Files {
    /// Each line is name, version, build, build number, channel and subdir of a file, newest first; behind the word
    /// `removed` of one that was taken back.
    pub(crate) fn new(platforms: &[&str], lines: &str) -> Self {
        let mut index = Files {
            names: Vec::new(),
            files: BTreeMap::new(),
            removed: BTreeMap::new(),
            platforms: platforms.iter().map(|&name| name.to_owned()).collect(),
        };
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (files, rest) = match line.strip_prefix("removed ") {
                Some(rest) => (&mut index.removed, rest),
                None => (&mut index.files, line),
            };
            let parts: Vec<&str> = rest.split(' ').collect();
            let [name, version, build, number, channel, subdir] = parts[..] else {
                panic!("{line}");
            };
            files.entry(name.to_owned()).or_default().push(Candidate {
                version: version.to_owned(),
                build: build.to_owned(),
                build_number: number.parse().unwrap(),
                channel: channel.to_owned(),
                subdir: subdir.to_owned(),
            });
        }
        index.names = index.files.keys().cloned().collect();
        index
    }
}

impl PackageIndex for Files {
    fn names(&self) -> Answer<&[String]> {
        Answer::Known(&self.names)
    }

    fn candidates(&self, name: &str) -> Answer<&[Candidate]> {
        match self.files.get(name) {
            _ if name == "secret" => Answer::Unknown,
            Some(files) => Answer::Known(files),
            None => Answer::Absent,
        }
    }

    fn removed(&self, name: &str) -> &[Candidate] {
        self.removed.get(name).map_or(&[], Vec::as_slice)
    }

    fn platforms(&self) -> &[String] {
        &self.platforms
    }
}

/// What `rule` finds in `text` in surroundings where every rule speaks: place, severity, message, hint, and what its
/// fixes would change.
#[track_caller]
pub(crate) fn check(rule: &Rule, text: &str, expected: Expect) {
    check_in(rule, text, &everything(), expected);
}

/// The same in these surroundings.
#[track_caller]
pub(crate) fn check_in(rule: &Rule, text: &str, around: &Surroundings, expected: Expect) {
    expected.assert_eq(&show(rule, text, &found(text, around)));
}

/// The same before what channels have.
#[track_caller]
pub(crate) fn check_before(
    rule: &Rule,
    text: &str,
    around: &Surroundings,
    index: &dyn PackageIndex,
    expected: Expect,
) {
    expected.assert_eq(&show(rule, text, &found_before(text, around, Some(index))));
}

/// The same in a file that says what the container is.
#[track_caller]
pub(crate) fn check_container(rule: &Rule, file: ContainerFile<'_>, expected: Expect) {
    let found = container(file, Vec::new(), &everything().selection);
    expected.assert_eq(&show(rule, file.text(), &found));
}

/// The same in a devcontainer.json.
#[track_caller]
pub(crate) fn check_devcontainer(rule: &Rule, text: &str, expected: Expect) {
    check_container(rule, ContainerFile::Devcontainer(text), expected);
}

fn show(rule: &Rule, text: &str, found: &[Diagnostic]) -> String {
    let lines = LineIndex::new(text);
    let mut shown = String::new();
    for diagnostic in found.iter().filter(|found| found.code == rule.code) {
        let place = lines.line_column(diagnostic.span.start);
        shown.push_str(&format!(
            "{}:{} `{}` {:?}: {}\n",
            place.line,
            place.column,
            &text[diagnostic.span.range()],
            diagnostic.severity,
            diagnostic.message
        ));
        if let Some(hint) = &diagnostic.hint {
            shown.push_str(&format!("  hint: {hint}\n"));
        }
        if let Some(fix) = &diagnostic.fix {
            shown.push_str(&format!("  {:?} fix: {}\n", fix.applicability, fix.title));
            shown.push_str(&changed(text, &apply(text, &fix.edits)));
        }
    }
    shown
}

/// The lines that only one of two texts has.
fn changed(before: &str, after: &str) -> String {
    let count = |text: &str| {
        let mut lines: BTreeMap<String, usize> = BTreeMap::new();
        for line in text.lines() {
            *lines.entry(line.to_owned()).or_default() += 1;
        }
        lines
    };
    let (old, new) = (count(before), count(after));
    let mut shown = String::new();
    for (sign, lines, others, text) in [("-", &old, &new, before), ("+", &new, &old, after)] {
        for line in text.lines() {
            if lines[line] > others.get(line).copied().unwrap_or(0) {
                shown.push_str(&format!("  {sign} {line}\n"));
            }
        }
    }
    shown
}
