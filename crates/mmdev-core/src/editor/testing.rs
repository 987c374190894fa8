//! A text with a cursor, and an index with a few packages, for the tests of the editor's features.

use super::Document;
use crate::index::{Answer, Candidate, PackageIndex};

/// The document and the place of `$0` in it.
pub(super) fn at_cursor(text: &str) -> (Document, usize) {
    let offset = text.find("$0").unwrap();
    (Document::new("env.yaml", text.replace("$0", "")), offset)
}

/// An index that knows its packages and nothing else.
pub(super) struct Packages {
    names: Vec<String>,
    candidates: Vec<(String, Vec<Candidate>)>,
}

impl Packages {
    /// Packages with their versions, newest first, sorted by name.
    pub(super) fn new(packages: &[(&str, &[&str])]) -> Self {
        let candidate = |version: &&str| Candidate {
            version: (*version).to_owned(),
            build: "h1_0".to_owned(),
            build_number: 0,
            channel: "conda-forge".to_owned(),
            subdir: "linux-64".to_owned(),
        };
        Packages {
            names: packages
                .iter()
                .map(|(name, _)| (*name).to_owned())
                .collect(),
            candidates: packages
                .iter()
                .map(|(name, versions)| {
                    ((*name).to_owned(), versions.iter().map(candidate).collect())
                })
                .collect(),
        }
    }

    /// Those that the tests mostly ask for.
    pub(super) fn some() -> Self {
        Packages::new(&[
            ("numba", &["0.60.0"]),
            ("numpy", &["2.1.0", "2.0.1", "1.26.4", "1.26.3", "1.25.0"]),
            ("numpydoc", &["1.8.0"]),
            ("pip", &["24.0"]),
            ("python", &["3.12.1", "3.11.9"]),
            ("xnumpy", &["1.0"]),
        ])
    }
}

impl PackageIndex for Packages {
    fn names(&self) -> Answer<&[String]> {
        Answer::Known(&self.names)
    }

    fn candidates(&self, name: &str) -> Answer<&[Candidate]> {
        match self.candidates.iter().find(|(own, _)| own == name) {
            Some((_, candidates)) => Answer::Known(candidates),
            None => Answer::Absent,
        }
    }
}
