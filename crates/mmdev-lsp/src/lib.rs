//! The language server: converts between the Language Server Protocol and what the core says in bytes, and holds open
//! documents. It decides nothing about specs.
//!
//! No handler waits or does I/O. The framework starts handlers in the order of their messages but runs them
//! concurrently, so each changes the state before its first await, or answers from a snapshot. What takes longer than
//! that, publishing, is a task of its own that drops what is stale.

mod documents;
mod from_lsp;
mod host;
mod protocol;
mod publisher;
mod server;
mod session;
mod text;
mod to_lsp;

pub use host::Host;
pub use server::{Ending, serve};
