//! The pure core of mmdev: from the text of a conda environment spec to a project, and from the project to files.
//!
//! Nothing here reads a file, a clock, an environment variable or the network. Data flows one way:
//! `text ← syntax ← spec ← lock ← project ← artifact`, with `container`, `change`, `reconcile`, `lint`, which documents the
//! codes of all, and `editor` on top. A tidy test holds the order.

pub mod amend;
pub mod artifact;
pub mod base_image;
pub mod change;
pub mod container;
#[cfg(test)]
#[path = "../tests/support/corpus.rs"]
mod corpus;
pub mod diagnostic;
pub mod editor;
pub mod hash;
pub mod index;
pub mod lint;
pub mod lock;
pub mod match_spec;
pub mod project;
pub mod reconcile;
pub mod settings;
pub mod size;
pub mod spec;
pub mod stamp;
mod subdir;
pub mod syntax;
pub mod text;
pub mod virtual_packages;
