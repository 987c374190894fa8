//! Real editors, with mmdev in them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod neovim;
mod vscode;
