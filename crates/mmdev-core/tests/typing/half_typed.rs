//! Specs as they stand in an editor while somebody types.

use crate::corpus;

use mmdev_core::diagnostic::Diagnostic;
use mmdev_core::lint::{self, Selection, SpecFile, Surroundings};
use mmdev_core::spec;
use mmdev_core::syntax::yaml;

/// Of how many real specs every prefix is tried.
const PREFIXES_OF: usize = 50;

/// Of how many real specs each is tried that lacks one character.
const DELETIONS_OF: usize = 10;

/// One text on its way to a real spec.
pub(crate) struct HalfTyped {
    /// The real spec's name in the corpus.
    pub(crate) name: String,
    /// What was done to it.
    pub(crate) what: String,
    /// The text.
    pub(crate) text: String,
}

/// Every prefix of some real specs, and some others without one of their characters, each in turn.
pub(crate) fn texts() -> impl Iterator<Item = HalfTyped> {
    let specs = corpus::specs();
    let some = |count: usize, first: usize| {
        let step = (specs.len() / count).max(1);
        let some = specs.iter().skip(first).step_by(step).take(count);
        some.cloned().collect::<Vec<_>>()
    };
    let prefixes = some(PREFIXES_OF, 0).into_iter().flat_map(|(name, text)| {
        let ends: Vec<usize> = places(&text).chain([text.len()]).collect();
        ends.into_iter().map(move |end| HalfTyped {
            name: name.clone(),
            what: format!("the first {end} bytes"),
            text: text[..end].to_owned(),
        })
    });
    let deletions = some(DELETIONS_OF, 7).into_iter().flat_map(|(name, text)| {
        let starts: Vec<usize> = places(&text).collect();
        starts.into_iter().map(move |start| {
            let mut left = text.clone();
            let taken = left.remove(start);
            HalfTyped {
                name: name.clone(),
                what: format!("without the {taken:?} at {start}"),
                text: left,
            }
        })
    });
    prefixes.chain(deletions)
}

fn places(text: &str) -> impl Iterator<Item = usize> {
    text.char_indices().map(|(at, _)| at)
}

/// Surroundings in which every rule speaks.
pub(crate) fn everything() -> Surroundings {
    Surroundings {
        selection: Selection::new(&["ALL".to_owned()], &[]).unwrap_or_default(),
        ..Surroundings::default()
    }
}

/// What an editor shows of a text, from its bytes on.
pub(crate) fn diagnose(name: &str, text: &str, around: &Surroundings) -> Vec<Diagnostic> {
    let path = corpus::own_name(name);
    let tree = yaml::parse(text);
    let read = spec::read_parsed(path, text, &tree);
    let file = SpecFile {
        path,
        text,
        tree: &tree,
        read: &read,
    };
    lint::spec(&file, around, None)
}
