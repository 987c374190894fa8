//! What an editor asks for: diagnostics, code actions, hover, completion, symbols, folding and formatting of one
//! document. Places are bytes of its text; nothing here knows of a protocol.

mod actions;
mod completion;
mod folding;
mod formatting;
mod hover;
mod key;
mod pin;
mod place;
mod symbols;
#[cfg(test)]
mod testing;

pub use actions::{Action, ActionKind};
pub use completion::{Completion, CompletionKind, Completions};
pub use folding::{Fold, FoldKind};
pub use hover::Hover;
pub use symbols::{Symbol, SymbolKind};

use crate::diagnostic::Diagnostic;
use crate::index::{PackageIndex, Scope};
use crate::lint::{self, SpecFile, Surroundings, channels};
use crate::lock;
use crate::match_spec;
use crate::spec::{self, ReadSpec, SpecKind};
use crate::syntax::yaml;

/// One version of a document, read once.
#[derive(Debug)]
pub struct Document {
    file_name: String,
    text: String,
    tree: yaml::Parsed,
    read: ReadSpec,
}

impl Document {
    /// Reads `text`. `file_name` is the file's name or path, which counts where the content alone does not tell a spec
    /// from other files.
    pub fn new(file_name: &str, text: String) -> Self {
        let tree = yaml::parse(&text);
        let read = spec::read_parsed(file_name, &text, &tree);
        Document {
            file_name: file_name.to_owned(),
            text,
            tree,
            read,
        }
    }

    /// Its text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is a spec. Of another file nothing is said.
    pub fn is_spec(&self) -> bool {
        self.read.kind == SpecKind::Spec
    }

    /// Whether anything is said of it: of a spec or a lock.
    pub fn is_judged(&self) -> bool {
        self.is_spec() || self.is_lock()
    }

    fn is_lock(&self) -> bool {
        !self.is_spec() && lock::has_lock_name(&self.file_name)
    }

    /// What an index must be about to answer for this document: its channels, its platforms, and every package that it
    /// names, half-typed ones as well.
    pub fn scope(&self, around: &Surroundings) -> Scope {
        let spec = &self.read.spec;
        let mut scope = channels::scope(spec, around);
        let half_typed = spec
            .dependencies
            .iter()
            .filter(|dependency| dependency.match_spec.is_none())
            .filter_map(|dependency| match_spec::normalized_name(&dependency.text.value));
        for name in half_typed {
            if !scope.names.contains(&name) {
                scope.names.push(name);
            }
        }
        scope
    }

    /// What is wrong, in the order of the text; with an index also what its channels do not have.
    pub fn diagnostics(
        &self,
        around: &Surroundings,
        index: Option<&dyn PackageIndex>,
    ) -> Vec<Diagnostic> {
        if self.is_lock() {
            return lint::lock(&self.text, &around.selection);
        }
        let file = SpecFile {
            path: &self.file_name,
            text: &self.text,
            tree: &self.tree,
            read: &self.read,
        };
        lint::spec(&file, around, index)
    }
}
