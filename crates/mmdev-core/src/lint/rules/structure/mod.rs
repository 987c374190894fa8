//! MM1: keys, types and names of a spec (CEP 24, and what mamba and conda-lock add).

mod mm101_unknown_key;
mod mm102_wrong_type;
mod mm103_missing_dependencies;
mod mm104_empty_dependencies;
mod mm105_invalid_name;
mod mm106_empty_entry;
mod mm107_not_a_string;
mod mm108_top_level_pip;
mod mm109_pip_section;
mod mm110_unknown_section;
mod mm111_selector;
mod mm112_variable_name;
mod mm113_variable_value;
mod mm114_unknown_platform;
mod mm115_prefix_ignored;
mod mm116_pip_not_listed;
mod mm117_channel;
mod mm118_entry_goes_on;

use crate::lint::Rule;

/// The rules, by code.
pub(super) static RULES: &[&Rule] = &[
    &mm101_unknown_key::RULE,
    &mm102_wrong_type::RULE,
    &mm103_missing_dependencies::RULE,
    &mm104_empty_dependencies::RULE,
    &mm105_invalid_name::RULE,
    &mm106_empty_entry::RULE,
    &mm107_not_a_string::RULE,
    &mm108_top_level_pip::RULE,
    &mm109_pip_section::RULE,
    &mm110_unknown_section::RULE,
    &mm111_selector::RULE,
    &mm112_variable_name::RULE,
    &mm113_variable_value::RULE,
    &mm114_unknown_platform::RULE,
    &mm115_prefix_ignored::RULE,
    &mm116_pip_not_listed::RULE,
    &mm117_channel::RULE,
    &mm118_entry_goes_on::RULE,
];
