//! Tables of what is known of packages without asking anybody.

pub(super) mod python;
