//! The codes of what the YAML reader finds; their documentation stands in `lint`.

use crate::diagnostic::Code;

/// The text is not YAML.
pub(crate) const SYNTAX: Code = Code("MM001");
/// A tab indents.
pub(crate) const TAB: Code = Code("MM002");
/// More than one document in the file.
pub(crate) const SEVERAL_DOCUMENTS: Code = Code("MM003");
/// Nothing in the file.
pub(crate) const EMPTY: Code = Code("MM004");
/// One key twice in one mapping.
pub(crate) const DUPLICATE_KEY: Code = Code("MM005");
/// A merge that git could not make.
pub(crate) const CONFLICT_MARKER: Code = Code("MM006");
/// A tag that no tool knows.
pub(crate) const UNKNOWN_TAG: Code = Code("MM007");
/// An alias or merge key that cannot be resolved.
pub(crate) const ALIAS: Code = Code("MM008");
