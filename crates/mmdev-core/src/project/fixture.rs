//! Specs for tests, built by hand: what a parser would make of a few lines.

use std::collections::BTreeMap;

use super::{Inputs, LockTexts, Problem, Project, plan};
use crate::settings::Settings;
use crate::spec::{Dependency, EnvSpec, PipEntry, PipLine, Selector, SelectorStyle, Variable};
use crate::text::{Span, Spanned};

pub(crate) fn spanned(text: &str) -> Spanned<String> {
    Spanned::new(text.to_owned(), Span::empty(0))
}

/// A spec on conda-forge with these dependencies; `entry # [linux]` has a selector.
pub(crate) fn spec(name: Option<&str>, dependencies: &[&str]) -> EnvSpec {
    EnvSpec {
        name: name.map(spanned),
        channels: Some(vec![spanned("conda-forge")]),
        dependencies: dependencies.iter().map(|text| dependency(text)).collect(),
        ..EnvSpec::default()
    }
}

fn dependency(text: &str) -> Dependency {
    let (text, selector) = split_selector(text);
    Dependency {
        text,
        match_spec: None,
        differently: None,
        selector,
        text_start: None,
    }
}

fn split_selector(text: &str) -> (Spanned<String>, Option<Selector>) {
    match text.split_once(" # [") {
        None => (spanned(text), None),
        Some((text, selector)) => (
            spanned(text),
            Some(Selector {
                text: spanned(selector.trim_end_matches(']')),
                style: SelectorStyle::Comment,
            }),
        ),
    }
}

pub(crate) fn pip(line: PipLine, text: &str) -> PipEntry {
    let (text, selector) = split_selector(text);
    PipEntry {
        text,
        line,
        selector,
    }
}

pub(crate) fn package(text: &str) -> PipEntry {
    let name = super::check::package_name(text).to_owned();
    pip(PipLine::Package { name }, text)
}

pub(crate) fn variable(name: &str, value: &str) -> Variable {
    Variable {
        name: spanned(name),
        value: spanned(value),
    }
}

/// The project of `specs` with files and settings.
pub(crate) fn project_with(
    specs: &[(&str, EnvSpec)],
    settings: &Settings,
    files: &[(&str, &str)],
) -> (Project, Vec<Problem>) {
    locked_project(specs, settings, files, &BTreeMap::new())
}

/// The same with locks, by their paths.
pub(crate) fn locked_project(
    specs: &[(&str, EnvSpec)],
    settings: &Settings,
    files: &[(&str, &str)],
    locks: &BTreeMap<String, LockTexts>,
) -> (Project, Vec<Problem>) {
    let specs: Vec<(String, EnvSpec)> = specs
        .iter()
        .map(|(path, spec)| ((*path).to_owned(), spec.clone()))
        .collect();
    let files: BTreeMap<String, String> = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    plan(Inputs {
        specs: &specs,
        settings,
        files: &files,
        locks,
    })
}

/// The project of `specs` with default settings, free of problems.
#[track_caller]
pub(crate) fn project(specs: &[(&str, EnvSpec)]) -> Project {
    let (project, problems) = project_with(specs, &Settings::default(), &[]);
    assert_eq!(problems, []);
    project
}
