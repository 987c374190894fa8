//! Real editors, with mmdev in them.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod vscode;
