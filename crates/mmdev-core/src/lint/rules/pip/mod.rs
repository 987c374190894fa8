//! MM4: what pip is given.

mod mm401_pip_requirement;
mod mm402_pip_option_refused;
mod mm403_pip_option_value;
mod mm404_pip_ignored_text;
mod mm405_conda_syntax_in_pip;
mod mm406_pip_several_lines;
mod mm407_in_conda_and_pip;
mod mm408_duplicate_pip;
mod mm409_missing_pip_path;
mod mm411_removed_pip_package;
mod requirement;

use crate::lint::Rule;

/// The rules, by code.
pub(super) static RULES: &[&Rule] = &[
    &mm401_pip_requirement::RULE,
    &mm402_pip_option_refused::RULE,
    &mm403_pip_option_value::RULE,
    &mm404_pip_ignored_text::RULE,
    &mm405_conda_syntax_in_pip::RULE,
    &mm406_pip_several_lines::RULE,
    &mm407_in_conda_and_pip::RULE,
    &mm408_duplicate_pip::RULE,
    &mm409_missing_pip_path::RULE,
    &mm411_removed_pip_package::RULE,
];
