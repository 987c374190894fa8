//! Tables of what is known of packages without asking anybody.

pub(super) mod platform;
pub(super) mod pypi;
pub(super) mod python;
pub(super) mod versions;
