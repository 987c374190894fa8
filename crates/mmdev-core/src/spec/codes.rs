//! The codes of what the lowering finds; their documentation stands in `lint`.

use crate::diagnostic::Code;

/// A top-level key that no tool knows.
pub(crate) const UNKNOWN_KEY: Code = Code("MM101");
/// A value of another type than the key takes.
pub(crate) const WRONG_TYPE: Code = Code("MM102");
/// No `dependencies:`.
pub const MISSING_DEPENDENCIES: Code = Code("MM103");
/// `dependencies:` without an entry.
pub(crate) const EMPTY_DEPENDENCIES: Code = Code("MM104");
/// A name that cannot name an environment.
pub(crate) const INVALID_NAME: Code = Code("MM105");
/// A list entry without a value.
pub(crate) const EMPTY_ENTRY: Code = Code("MM106");
/// A number, truth value or date where text belongs.
pub(crate) const NOT_A_STRING: Code = Code("MM107");
/// `pip:` at the top level.
pub(crate) const TOP_LEVEL_PIP: Code = Code("MM108");
/// A `- pip:` whose entries are missing or no list.
pub(crate) const PIP_SECTION: Code = Code("MM109");
/// A section for an installer that no tool has.
pub(crate) const UNKNOWN_SECTION: Code = Code("MM110");
/// A selector that is not understood.
pub(crate) const SELECTOR: Code = Code("MM111");
/// A name that cannot name an environment variable.
pub(crate) const VARIABLE_NAME: Code = Code("MM112");
/// A variable that conda and micromamba set to different texts.
pub(crate) const VARIABLE_VALUE: Code = Code("MM113");
/// A platform that is no conda subdir.
pub(crate) const UNKNOWN_PLATFORM: Code = Code("MM114");
/// `prefix:`.
pub(crate) const PREFIX: Code = Code("MM115");
/// A pip section without pip in the dependencies.
pub(crate) const PIP_NOT_LISTED: Code = Code("MM116");
/// A channel that cannot be one, or stands there twice.
pub(crate) const CHANNEL: Code = Code("MM117");
/// An entry that goes on in the next line.
pub(crate) const ENTRY_GOES_ON: Code = Code("MM118");
