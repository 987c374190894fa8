//! The binary in a project in a temporary folder: what it prints, compared whole, and what it leaves.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod add;
mod check;
mod committed;
mod container;
#[cfg(unix)]
mod delta;
mod engine;
mod everyday;
mod export;
mod external;
mod faults;
mod generate;
mod hostile;
mod lock;
mod lock_all;
#[cfg(unix)]
mod lock_git;
mod project;
#[cfg(unix)]
mod push;
mod query;
mod readme;
mod runtime;
mod secrets;
mod terminal;
mod unasked;
#[cfg(unix)]
mod watch;
mod which;
