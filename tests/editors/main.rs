//! Real editors, with mmdev in them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod neovim;
#[path = "../containers/support.rs"]
#[allow(dead_code, reason = "the tests of containers need more of it")]
mod support;
mod vscode;
