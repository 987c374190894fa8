//! MM5: what makes an environment another one tomorrow or elsewhere.

mod mm501_unknown_ignore;
mod mm502_unused_ignore;

use crate::lint::Rule;

/// The rules, by code.
pub(super) static RULES: &[&Rule] = &[&mm501_unknown_ignore::RULE, &mm502_unused_ignore::RULE];
