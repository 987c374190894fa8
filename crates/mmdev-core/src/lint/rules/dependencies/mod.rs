//! MM2: MatchSpecs, and what they ask for.

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
mod mm221_understood_differently;
mod mm222_contradictory_range;
mod mm223_exact_pin_surprise;
mod mm224_platform_build;
mod mm225_pypi_name;
mod mm226_duplicate_dependency;
mod mm227_dependency_in_two_files;
mod mm228_other_platform_package;
mod mm229_cuda_without_virtual_package;

use crate::lint::Rule;

/// The rules, by code.
pub(super) static RULES: &[&Rule] = &[
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
    &mm221_understood_differently::RULE,
    &mm222_contradictory_range::RULE,
    &mm223_exact_pin_surprise::RULE,
    &mm224_platform_build::RULE,
    &mm225_pypi_name::RULE,
    &mm226_duplicate_dependency::RULE,
    &mm227_dependency_in_two_files::RULE,
    &mm228_other_platform_package::RULE,
    &mm229_cuda_without_virtual_package::RULE,
];
