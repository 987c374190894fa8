//! MM6: devcontainer.json, the generated files, the base image, the settings.

mod entries;
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
mod mm618_generated_out_of_date;
mod mm619_conda_in_lifecycle;
mod mm620_retired_base_image;
mod mm621_unpinned_base_image;
mod mm622_musl_base_image;
mod mm623_remote_user_group;

use crate::lint::Rule;

/// The rules, by code.
pub(super) static RULES: &[&Rule] = &[
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
    &mm618_generated_out_of_date::RULE,
    &mm619_conda_in_lifecycle::RULE,
    &mm620_retired_base_image::RULE,
    &mm621_unpinned_base_image::RULE,
    &mm622_musl_base_image::RULE,
    &mm623_remote_user_group::RULE,
];
