//! MM7: what the channels say, where somebody asked them.

mod mm701_unknown_package;
mod mm702_no_version;

use crate::lint::Rule;

/// The rules, by code.
pub(super) static RULES: &[&Rule] = &[&mm701_unknown_package::RULE, &mm702_no_version::RULE];
