//! MM5: what makes an environment another one tomorrow or elsewhere.

mod mm501_unknown_ignore;
mod mm502_unused_ignore;
mod mm503_python_unpinned;
mod mm504_python_end_of_life;
mod mm505_exported_builds;
mod mm506_unpinned_dependency;
mod mm507_notebook_without_ipykernel;
mod mm508_comment_selector;
mod mm509_moving_git_reference;

use crate::lint::Rule;

/// The rules, by code.
pub(super) static RULES: &[&Rule] = &[
    &mm501_unknown_ignore::RULE,
    &mm502_unused_ignore::RULE,
    &mm503_python_unpinned::RULE,
    &mm504_python_end_of_life::RULE,
    &mm505_exported_builds::RULE,
    &mm506_unpinned_dependency::RULE,
    &mm507_notebook_without_ipykernel::RULE,
    &mm508_comment_selector::RULE,
    &mm509_moving_git_reference::RULE,
];
