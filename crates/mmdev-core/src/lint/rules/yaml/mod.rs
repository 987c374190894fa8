//! MM0: what no YAML reader takes, or reads otherwise than its author meant.

mod mm001_yaml_syntax;
mod mm002_tab;
mod mm003_several_documents;
mod mm004_empty_file;
mod mm005_duplicate_key;
mod mm006_conflict_marker;
mod mm007_unknown_tag;
mod mm008_unresolved_alias;

use crate::lint::Rule;

/// The rules, by code.
pub(super) static RULES: &[&Rule] = &[
    &mm001_yaml_syntax::RULE,
    &mm002_tab::RULE,
    &mm003_several_documents::RULE,
    &mm004_empty_file::RULE,
    &mm005_duplicate_key::RULE,
    &mm006_conflict_marker::RULE,
    &mm007_unknown_tag::RULE,
    &mm008_unresolved_alias::RULE,
];
