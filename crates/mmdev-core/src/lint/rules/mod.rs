//! One file per rule, holding its documentation. The finding itself is made where the text is read.

mod mm001_yaml_syntax;
mod mm002_tab;
mod mm003_several_documents;
mod mm004_empty_file;
mod mm005_duplicate_key;
mod mm006_conflict_marker;
mod mm007_unknown_tag;
mod mm008_unresolved_alias;
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
mod mm201_package_name;
mod mm202_look_alike_character;
mod mm203_stray_quote;
mod mm204_environment_marker;
mod mm205_unbalanced_bracket;
mod mm206_extras;
mod mm207_bracket_attribute;
mod mm208_package_url;
mod mm209_unknown_operator;
mod mm210_missing_version;
mod mm211_stray_separator;
mod mm212_missing_comma;
mod mm213_empty_version_part;
mod mm214_inner_glob;
mod mm215_malformed_version;
mod mm216_malformed_build;
mod mm217_pip_option;
mod mm218_single_colon;
mod mm219_upper_case_name;
mod mm220_refused_dependency;
mod mm401_pip_requirement;
mod mm402_pip_option_refused;
mod mm403_pip_option_value;
mod mm404_pip_ignored_text;
mod mm405_conda_syntax_in_pip;
mod mm406_pip_several_lines;
mod mm601_json_syntax;
mod mm602_duplicate_json_key;
mod mm603_devcontainer_type;
mod mm604_changed_by_hand;
mod mm605_lifecycle_taken;
mod mm606_unknown_setting;
mod mm607_setting_type;
mod mm608_setting_value;
mod mm609_toml_syntax;
mod mm611_bad_name;
mod mm612_environment_clash;
mod mm613_secret_in_url;
mod mm614_local_channel;
mod mm615_missing_file;
mod mm616_merge_conflict;
mod mm617_bad_setting;
mod mm701_unknown_package;
mod mm702_no_version;

use super::Rule;

/// Every rule, by code.
pub(super) static ALL: &[&Rule] = &[
    &mm001_yaml_syntax::RULE,
    &mm002_tab::RULE,
    &mm003_several_documents::RULE,
    &mm004_empty_file::RULE,
    &mm005_duplicate_key::RULE,
    &mm006_conflict_marker::RULE,
    &mm007_unknown_tag::RULE,
    &mm008_unresolved_alias::RULE,
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
    &mm201_package_name::RULE,
    &mm202_look_alike_character::RULE,
    &mm203_stray_quote::RULE,
    &mm204_environment_marker::RULE,
    &mm205_unbalanced_bracket::RULE,
    &mm206_extras::RULE,
    &mm207_bracket_attribute::RULE,
    &mm208_package_url::RULE,
    &mm209_unknown_operator::RULE,
    &mm210_missing_version::RULE,
    &mm211_stray_separator::RULE,
    &mm212_missing_comma::RULE,
    &mm213_empty_version_part::RULE,
    &mm214_inner_glob::RULE,
    &mm215_malformed_version::RULE,
    &mm216_malformed_build::RULE,
    &mm217_pip_option::RULE,
    &mm218_single_colon::RULE,
    &mm219_upper_case_name::RULE,
    &mm220_refused_dependency::RULE,
    &mm401_pip_requirement::RULE,
    &mm402_pip_option_refused::RULE,
    &mm403_pip_option_value::RULE,
    &mm404_pip_ignored_text::RULE,
    &mm405_conda_syntax_in_pip::RULE,
    &mm406_pip_several_lines::RULE,
    &mm601_json_syntax::RULE,
    &mm602_duplicate_json_key::RULE,
    &mm603_devcontainer_type::RULE,
    &mm604_changed_by_hand::RULE,
    &mm605_lifecycle_taken::RULE,
    &mm606_unknown_setting::RULE,
    &mm607_setting_type::RULE,
    &mm608_setting_value::RULE,
    &mm609_toml_syntax::RULE,
    &mm611_bad_name::RULE,
    &mm612_environment_clash::RULE,
    &mm613_secret_in_url::RULE,
    &mm614_local_channel::RULE,
    &mm615_missing_file::RULE,
    &mm616_merge_conflict::RULE,
    &mm617_bad_setting::RULE,
    &mm701_unknown_package::RULE,
    &mm702_no_version::RULE,
];
