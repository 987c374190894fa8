//! MM8: what is wrong with a lock.

mod mm801_malformed_lock;
mod mm802_lock_version;
mod mm803_lock_conflict;
mod mm804_unknown_lock_key;
mod mm805_edited_lock;
mod mm806_lock_missing;
mod mm807_lock_out_of_date;
mod mm808_locked_otherwise;

use crate::lint::Rule;

/// The rules, by code.
pub(super) static RULES: &[&Rule] = &[
    &mm801_malformed_lock::RULE,
    &mm802_lock_version::RULE,
    &mm803_lock_conflict::RULE,
    &mm804_unknown_lock_key::RULE,
    &mm805_edited_lock::RULE,
    &mm806_lock_missing::RULE,
    &mm807_lock_out_of_date::RULE,
    &mm808_locked_otherwise::RULE,
];
