//! MM3: where packages come from.

mod mm301_defaults_channel;
mod mm302_defaults_and_conda_forge;
mod mm303_no_channels;
mod mm304_channel_order;
mod mm305_insecure_channel;
mod mm306_channel_web_page;
mod mm307_retired_channel;
mod origin;

use crate::lint::Rule;

/// The rules, by code.
pub(super) static RULES: &[&Rule] = &[
    &mm301_defaults_channel::RULE,
    &mm302_defaults_and_conda_forge::RULE,
    &mm303_no_channels::RULE,
    &mm304_channel_order::RULE,
    &mm305_insecure_channel::RULE,
    &mm306_channel_web_page::RULE,
    &mm307_retired_channel::RULE,
];
