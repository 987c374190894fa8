//! Adding a dependency and removing it again gives back the bytes.

use std::collections::BTreeSet;

use mmdev_core::amend::{self, Addition, Section};
use mmdev_core::diagnostic::Severity;
use mmdev_core::spec::{self, SpecKind};
use mmdev_core::syntax::yaml;

/// What is added. Nobody has a package of that name; the pin needs quotes in a list on one line.
const NAME: &str = "mmdev-test-package";
const PIN: &str = " >=1.2,<2";

/// What became of one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// A dependency could be added and removed.
    Amended,
    /// A person has to do it.
    ByHand,
    /// Nobody would try: it is no spec, or has errors.
    Unsound,
}

/// Adds a dependency to a section, and removes it again.
///
/// # Errors
/// What is not as it was.
pub(crate) fn there_and_back(path: &str, text: &str, section: Section) -> Result<Outcome, String> {
    let read = spec::read(path, text);
    let is_error = |found: &mmdev_core::diagnostic::Diagnostic| found.severity == Severity::Error;
    if read.kind != SpecKind::Spec || read.diagnostics.iter().any(is_error) {
        return Ok(Outcome::Unsound);
    }
    let addition = Addition {
        section,
        text: format!("{NAME}{PIN}"),
        platform: None,
    };
    let Some(added) = amend::add(path, text, &addition) else {
        return Ok(Outcome::ByHand);
    };
    let after = spec::read(path, &added).spec;
    let found: Vec<String> = amend::called(&after, section, NAME)
        .map(|listed| listed.text.value.clone())
        .collect();
    if found != [addition.text.clone()] {
        return Err(format!("{path}: {found:?} was added"));
    }
    let [before, with] = [text, &added].map(comments);
    if before != with {
        return Err(format!("{path}: comments changed"));
    }
    let lines = added.lines().count() - text.lines().count();
    if lines > 3 {
        return Err(format!("{path}: {lines} lines were added"));
    }
    let Some(removed) = amend::remove(path, &added, section, NAME) else {
        return Err(format!("{path}: what was added cannot be removed"));
    };
    // `pip` and the lists that were missing stay.
    let had_pip = amend::called(&read.spec, Section::Conda, "pip")
        .next()
        .is_some();
    let had_list = !read.spec.dependencies.is_empty() || !read.spec.pip.is_empty();
    let is_exact = had_list && (section == Section::Conda || had_pip);
    if is_exact && removed != text {
        return Err(format!("{path}: the bytes differ:\n{removed}"));
    }
    Ok(Outcome::Amended)
}

fn comments(text: &str) -> Vec<String> {
    let comments = yaml::parse(text).comments.into_iter();
    comments.map(|comment| comment.text).collect()
}

/// Removes the first dependency, the last one, and one between, each alone.
///
/// # Errors
/// What is lost besides.
pub(crate) fn some_removed(path: &str, text: &str) -> Result<(), String> {
    let read = spec::read(path, text);
    let all: Vec<_> = amend::listed(&read.spec).collect();
    let indexes = BTreeSet::from([0, all.len() / 2, all.len().saturating_sub(1)]);
    for listed in indexes.into_iter().filter_map(|index| all.get(index)) {
        let name = listed.name();
        let Some(removed) = amend::remove(path, text, listed.section, &name) else {
            continue;
        };
        let after = spec::read(path, &removed).spec;
        let changes = amend::changes(&read.spec, &after);
        let is_it = |change: &amend::Change<'_>| {
            let gone = change.before.filter(|_| change.after.is_none());
            gone.is_some_and(|gone| gone.section == listed.section && gone.name() == name)
        };
        if changes.is_empty() || !changes.iter().all(is_it) {
            return Err(format!("{path}: without {name}: {changes:?}"));
        }
    }
    Ok(())
}
