//! MM7: what the channels say, where somebody asked them.

mod mm701_unknown_package;
mod mm702_no_version;
mod mm703_no_build_for_platform;
mod mm704_removed_or_broken;
mod mm705_newer_exists;
mod mm706_pip_has_conda_package;

use crate::lint::Rule;

/// The rules, by code.
pub(super) static RULES: &[&Rule] = &[
    &mm701_unknown_package::RULE,
    &mm702_no_version::RULE,
    &mm703_no_build_for_platform::RULE,
    &mm704_removed_or_broken::RULE,
    &mm705_newer_exists::RULE,
    &mm706_pip_has_conda_package::RULE,
];
