//! The codes of what is wrong with a lock; their documentation stands in `lint`.

use crate::diagnostic::Code;

/// Something that a lock needs is missing, or is of another type.
pub(crate) const MALFORMED: Code = Code("MM801");
/// A format that is not conda-lock's version 1.
pub(crate) const VERSION: Code = Code("MM802");
/// A merge that git could not make.
pub(crate) const CONFLICT: Code = Code("MM803");
/// A key that conda-lock does not know, and refuses.
pub(crate) const UNKNOWN_KEY: Code = Code("MM804");
/// mmdev wrote it, and somebody changed it since.
pub(crate) const EDITED: Code = Code("MM805");
