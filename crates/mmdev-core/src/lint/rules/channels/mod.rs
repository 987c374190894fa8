//! MM3: where packages come from.

mod mm305_insecure_channel;

use crate::lint::Rule;

/// The rules, by code.
pub(super) static RULES: &[&Rule] = &[&mm305_insecure_channel::RULE];
